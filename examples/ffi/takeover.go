// SPDX-License-Identifier: GPL-2.0-or-later

// takeover ADDRESS/PREFIX DEVICE BUCKET: makes a cluster IP of 6 buckets, of which this node has 1 and 2, takes over one
// more, and prints what the kernel then has. cgo reads the header itself, so prototypes need not be repeated.
package main

// #cgo pkg-config: libclusterip
// #include <clusterip/clusterip.h>
// #include <stdlib.h>
import "C"

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"
)

type clusterIP struct {
	Address string   `json:"address"`
	Total   uint32   `json:"total"`
	Buckets []uint32 `json:"buckets"`
}

// check makes an error of a negative result: a failure has a sentence.
func check(ctx *C.struct_cip_ctx, result C.int) error {
	if result < 0 {
		return errors.New(C.GoString(C.cip_get_error(ctx)))
	}
	return nil
}

func addressOf(cluster *C.struct_cip_cluster) string {
	var buf [46]C.char
	if C.cip_cluster_get_address(cluster, &buf[0], C.size_t(len(buf))) < 0 {
		return ""
	}
	return C.GoString(&buf[0])
}

func create(ctx *C.struct_cip_ctx, line string) (string, error) {
	var cluster *C.struct_cip_cluster
	if err := check(ctx, C.cip_cluster_new(ctx, &cluster)); err != nil {
		return "", err
	}
	defer C.cip_cluster_unref(cluster)
	text := C.CString(line)
	defer C.free(unsafe.Pointer(text))
	if err := check(ctx, C.cip_cluster_parse(cluster, text)); err != nil {
		return "", err
	}
	return addressOf(cluster), check(ctx, C.cip_create(ctx, cluster))
}

func addBuckets(ctx *C.struct_cip_ctx, address, buckets string) error {
	caddress, cbuckets := C.CString(address), C.CString(buckets)
	defer C.free(unsafe.Pointer(caddress))
	defer C.free(unsafe.Pointer(cbuckets))
	return check(ctx, C.cip_add_buckets(ctx, caddress, nil, cbuckets))
}

func query(ctx *C.struct_cip_ctx, address string) (*clusterIP, error) {
	var cluster *C.struct_cip_cluster
	caddress := C.CString(address)
	defer C.free(unsafe.Pointer(caddress))
	if err := check(ctx, C.cip_query_one(ctx, caddress, nil, &cluster)); err != nil {
		return nil, err
	}
	defer C.cip_cluster_unref(cluster)
	found := &clusterIP{addressOf(cluster), uint32(C.cip_cluster_get_total_nodes(cluster)), []uint32{}}
	for bucket := C.cip_cluster_next_bucket(cluster, 0); bucket > 0; bucket = C.cip_cluster_next_bucket(cluster, bucket) {
		found.Buckets = append(found.Buckets, uint32(bucket))
	}
	return found, nil
}

func takeOver(args []string) error {
	// the sockets of a context are in the network namespace of the thread that used it first
	runtime.LockOSThread()
	if len(args) != 4 {
		return fmt.Errorf("usage: %s ADDRESS/PREFIX DEVICE BUCKET", args[0])
	}
	var ctx *C.struct_cip_ctx
	if C.cip_new(&ctx) < 0 {
		return errors.New("no memory")
	}
	defer C.cip_unref(ctx)
	address, err := create(ctx, args[1]+" dev "+args[2]+" total 6 buckets 1,2")
	if err != nil {
		return err
	}
	if err := addBuckets(ctx, address, args[3]); err != nil {
		return err
	}
	found, err := query(ctx, address)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func main() {
	if err := takeOver(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
