#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples in other languages run against an installed tree. Each has a network namespace of its own, and it is the
# kernel that says what came of it.

# shellcheck disable=SC2317 # called by works
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch
install_tree
EXAMPLES=$SRC/examples/ffi
how=(-n)
((!EUID)) || how=(-rn)

# build_go: cgo needs a compiler, but nothing of the network
build_go() {
	HOME=$WORK GOCACHE=$WORK/go-cache GOFLAGS=-p=2 GOTOOLCHAIN=local GOPROXY=off CC=$CC \
		go build -o "$WORK/takeover" "$EXAMPLES/takeover.go"
}

# in_new_namespace COMMAND...: with a device cip0 that is up; $WORK/state is what the kernel has behind it
in_new_namespace() {
	# shellcheck disable=SC2016 # expanded there
	unshare "${how[@]}" sh -c 'state=$0
		ip link add cip0 type veth peer name peer0 && ip link set cip0 up || exit 125
		"$@"
		status=$?
		{ nft list ruleset; ip -4 -o addr show dev cip0; bridge fdb show dev cip0; } >"$state"
		exit $status' "$WORK/state" "$@"
}

# local_buckets: those that the cluster IP, the only one, has in the set of the kernel
local_buckets() {
	grep -oE '10\.0\.0\.100 \. [0-9]+ counter' "$WORK/state" | awk '{print $3 % 1024}' | sort -nu | paste -sd,
}

# as_expected: the JSON on standard input is that of the cluster IP
as_expected() {
	python3 -c 'import json, sys
sys.exit(json.load(sys.stdin) != {"address": "10.0.0.100", "total": 6, "buckets": [1, 2, 5]})'
}

# runs LANGUAGE COMMAND...
runs() {
	local language=$1 status
	shift
	works "$language: the example runs" in_new_namespace "$@" 10.0.0.100/24 cip0 5
	is "$language: the kernel lets in the three buckets" "$(local_buckets)" 1,2,5
	is "$language: and has address, MAC and rule" "$(grep -oE \
		'inet 10\.0\.0\.100/24|03:bf:0a:00:00:64 self|ip daddr 10\.0\.0\.100 ip daddr \. jhash .* mod 6 ' "$WORK/state" |
		sort -u | wc -l)" 3
	in_new_namespace "$@" 10.0.0.100/24 cip0 5 >"$WORK/out" 2>&1
	works "$language: it prints that as JSON" as_expected <"$WORK/out"
	in_new_namespace "$@" 10.0.0.100/24 cip0 7 >"$WORK/out" 2>"$WORK/err"
	status=$?
	is "$language: a bucket that cannot be is refused with the library's sentence" \
		"$status,$(cat "$WORK/out"),$(grep -c . "$WORK/err"),$(grep -cE 'buckets.*1\.\.6' "$WORK/err")" 1,,1,1
	is "$language: and the kernel does not have it" "$(local_buckets)" 1,2
}

runs Lua luajit "$EXAMPLES/takeover.lua"
runs Perl perl "$EXAMPLES/takeover.pl"
works "Go: the example builds with pkg-config's words" build_go
is "Go: in the form of gofmt" "$(gofmt -l "$EXAMPLES")" ""
runs Go "$WORK/takeover"
chmod -R u+w "$WORK"
finish
