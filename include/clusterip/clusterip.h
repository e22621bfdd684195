/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLUSTERIP_CLUSTERIP_H
#define CLUSTERIP_CLUSTERIP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * libclusterip: several Linux nodes share one IP address without a director.
 *
 *     cipadm, agents, daemons  ->  libclusterip  ->  netlink  ->  kernel
 *
 * Every node holds the cluster IP and answers ARP for it with one shared multicast cluster MAC, so every
 * node receives every frame. Each node hashes the flow of a packet to a bucket 1..N and lets in only the
 * buckets it owns. The library programs that into the kernel, reads it back, proves it, and moves buckets
 * atomically. It does not decide who owns what: membership, election and fencing belong to the caller.
 *
 * The kernel is the only state: no file and no daemon is needed. docs/footprint.md says what is left there.
 *
 * Conventions
 *   - Functions that can fail return 0 or a negative errno. Results come last, are named ret_*, and are
 *     untouched on failure. cip_get_error() then holds a sentence; cip_get_error_attr() the field at fault. Both are
 *     those of the context that the function was given; if it was given an object alone, of the one that was made from.
 *     After cip_apply() cip_get_refused_address() has the members of the list that are at fault.
 *   - -EINVAL bad input; -ENODEV no such device; -ENOENT no such cluster IP; -EEXIST exists and differs;
 *     -EPERM CAP_NET_ADMIN is missing; -EOPNOTSUPP the kernel or this version cannot do it, the sentence says
 *     what is missing; -EPROTONOSUPPORT a newer version of the library wrote what is in the kernel; -EBADMSG the
 *     record of the cluster IP is damaged, cip_create() makes it anew; -ENOTUNIQ a table of somebody else has our
 *     name, or two backends have the cluster IP; -EBUSY other processes kept changing the ruleset; -ENOSPC a buffer
 *     or a kernel table is too small; -EMSGSIZE a change is larger than a socket may send in a user namespace, the
 *     sentence says what net.core.wmem_max it takes; -ENOMEM. Other values are what the kernel answered.
 *   - Strings passed in are copied. Strings returned as const char * are borrowed until the next call on the
 *     same object, unless said otherwise. Strings written out go to the caller's buffer, with a final NUL.
 *   - Contexts and the objects made from them may be used by one thread at a time; different contexts are
 *     independent of each other. Only _ref() and _unref() of any object may be called in any thread, also while another
 *     one uses the object or its context, so that a garbage collector may drop what it finds. Sockets stay open in the
 *     context and belong to the network namespace of the thread that first used it for a verb.
 *   - After fork() parent and child may both go on with a context: the first verb in the child opens sockets of its
 *     own, in the same network namespace. A monitor stays the parent's; both may let go of everything.
 *   - "address" arguments are IPv4 or IPv6 text without prefix. "ifname" may be NULL where an address alone
 *     says enough; when given, the cluster IP must be on that device, else it counts as not found.
 */

/* opaque handles; _unref() accepts NULL and always returns NULL */
struct cip_ctx;
struct cip_cluster;
struct cip_list;
struct cip_report;
struct cip_monitor;

/* ------------------------------------------------------------------ constants */

/*
 * Hash modes: what of a packet chooses its bucket. Numbers and names are those of the kernel's CLUSTERIP
 * target; only the last one it does not have. Ports are those of TCP, UDP, UDPLITE, SCTP and DCCP, and for ESP and AH the two 16-bit halves of
 * the SPI; every other protocol counts as port 0.
 */
#define CIP_HASH_SOURCEIP		      1 /* "sourceip": the client's address */
#define CIP_HASH_SOURCEIP_SOURCEPORT	      2 /* "sourceip-sourceport" */
#define CIP_HASH_SOURCEIP_SOURCEPORT_DESTPORT 3 /* "sourceip-sourceport-destport" */
#define CIP_HASH_XT_CLUSTER		      4 /* "xt_cluster": the client's address, as iptables -m cluster does */

/*
 * MAC modes: how frames to the cluster MAC reach every node.
 */
#define CIP_MAC_MULTICAST 1 /* "multicast": switches flood a multicast MAC that nobody asks for */
#define CIP_MAC_IGMP	  2 /* "igmp": that of a group; switches that snoop deliver it to members */
#define CIP_MAC_UNICAST	  3 /* "unicast": one that no node sends from, so that switches flood it */

/* Attributes of a cluster IP: to test and clear presence, and as bits (1 << attr) of a comparison. */
#define CIP_ATTR_NONE	       0
#define CIP_ATTR_ADDRESS       1 /* the cluster IP; identity */
#define CIP_ATTR_PREFIX	       2 /* prefix length of the address on the device */
#define CIP_ATTR_IFNAME	       3 /* device */
#define CIP_ATTR_MAC	       4 /* cluster MAC */
#define CIP_ATTR_HASH_MODE     5
#define CIP_ATTR_TOTAL	       6  /* total nodes: N */
#define CIP_ATTR_SEED	       7  /* hash seed, iptables' --hash-init */
#define CIP_ATTR_BUCKETS       8  /* local buckets */
#define CIP_ATTR_NOADDR	       9  /* the address is put on the device by somebody else */
#define CIP_ATTR_PROTOCOL      10 /* names a field of cip_hash(), never part of a cluster IP */
#define CIP_ATTR_SPORT	       11 /* names a field of cip_hash() */
#define CIP_ATTR_DPORT	       12 /* names a field of cip_hash() */
#define CIP_ATTR_SADDR	       13 /* names a field of cip_hash() */
#define CIP_ATTR_BACKEND       14
#define CIP_ATTR_SOURCE_PREFIX 15 /* bits of the client's address that are hashed */
#define CIP_ATTR_MAC_MODE      16
#define CIP_ATTR_OUTGOING      17 /* replies to connections that a node opens reach it */

/* The most total nodes a cluster IP can have. */
#define CIP_TOTAL_NODES_MAX 1024

/* Flags of cip_apply() */
#define CIP_APPLY_PRUNE	       1 /* destroy every cluster IP that the list does not name */
#define CIP_APPLY_KEEP_BUCKETS 2 /* leave the local buckets of those that exist as they are */

/* What cip_verify() finds wrong. */
#define CIP_FAULT_TABLE	   1  /* the nftables table, or a set, map or chain shared by all cluster IPs */
#define CIP_FAULT_ARP	   2  /* the ARP table, its rule, or the cluster IP's entry in it */
#define CIP_FAULT_RULE	   3  /* a rule is missing, changed, or does not belong there */
#define CIP_FAULT_BUCKET   4  /* a bucket is let in but not assigned to this node, or the other way round */
#define CIP_FAULT_MAC	   5  /* the device does not receive the cluster MAC, or has it for its own */
#define CIP_FAULT_ADDRESS  6  /* the address is not on the device */
#define CIP_FAULT_DEVICE   7  /* the device is gone, renamed, re-created, or down */
#define CIP_FAULT_DISPATCH 8  /* packets to the cluster IP are not sent to its rules */
#define CIP_FAULT_RECORD   9  /* the record of the cluster IP is missing or unreadable */
#define CIP_FAULT_BACKEND  10 /* two backends have the cluster IP */

/* What cip_monitor_next() tells of. */
#define CIP_EVENT_RULES	  1 /* the nftables tables of cluster IPs were changed, or are gone */
#define CIP_EVENT_ADDRESS 2 /* an address was put on a device, or removed */
#define CIP_EVENT_DEVICE  3 /* a device came, went, was renamed, or went up or down */
#define CIP_EVENT_MAC	  4 /* a multicast MAC was put on a device's list of received addresses, or removed */
#define CIP_EVENT_LOST	  5 /* there were more changes than the kernel could tell of: look at everything */

/* ------------------------------------------------------------------ library */

/**
 * cip_version - version of the library at run time.
 *
 * Returns: 0xMMmmpp, one byte each for major, minor and patch.
 * Since: 0.1
 */
uint32_t cip_version(void);

/**
 * cip_version_string - version of the library as text, such as "0.1.0".
 *
 * Returns: a string that lives as long as the library.
 * Since: 0.1
 */
const char *cip_version_string(void);

/* ------------------------------------------------------------------ context */

/**
 * cip_new - make a context. Opens nothing; sockets are opened by the first verb and then kept.
 * @ret_ctx: the new context, one reference, released with cip_unref()
 *
 * Returns: 0, or -EINVAL (@ret_ctx is NULL), -ENOMEM.
 * Since: 0.1
 */
int cip_new(struct cip_ctx **ret_ctx);

/**
 * cip_ref - take a reference.
 * @ctx: context
 *
 * Returns: @ctx.
 * Since: 0.1
 */
struct cip_ctx *cip_ref(struct cip_ctx *ctx);

/**
 * cip_unref - drop a reference; the last one closes the sockets and frees the context.
 * @ctx: context, or NULL
 *
 * Returns: NULL.
 * Since: 0.1
 */
struct cip_ctx *cip_unref(struct cip_ctx *ctx);

/**
 * cip_get_error - one sentence about the last call on this context that failed.
 * @ctx: context
 *
 * It names the field and its allowed range for bad input, and carries the kernel's own extended
 * acknowledgement where there is one. It is one line of UTF-8, whatever it quotes: what is not stands there as '?'.
 *
 * Returns: the sentence, "" if nothing failed yet; borrowed until the next failure in this context.
 * Since: 0.1
 */
const char *cip_get_error(struct cip_ctx *ctx);

/**
 * cip_get_error_attr - the attribute that the last failure was about.
 * @ctx: context
 *
 * Returns: CIP_ATTR_*, CIP_ATTR_NONE if it was about none in particular.
 * Since: 0.1
 */
uint32_t cip_get_error_attr(struct cip_ctx *ctx);

/**
 * cip_get_refused_address - which cluster IPs of its list the last cip_apply() could not have.
 * @ctx: context
 * @index: 0 for the first
 *
 * That verb brings about none if one cannot be had. These are the ones it knows of by then; without them the rest of the
 * list can be tried again, and others may come to light. There are none where a failure is about no cluster IP in
 * particular, such as -EPERM, -ENOMEM and -EBUSY, and after success.
 *
 * Returns: the address; borrowed until the next cip_apply() in this context. NULL behind the last one.
 * Since: 0.1
 */
const char *cip_get_refused_address(struct cip_ctx *ctx, uint32_t index);

/**
 * cip_get_refused_error - what that cluster IP failed with.
 * @ctx: context
 * @index: as for cip_get_refused_address()
 *
 * That of the first is what cip_apply() returned.
 *
 * Returns: a negative errno; 0 behind the last one.
 * Since: 0.1
 */
int cip_get_refused_error(struct cip_ctx *ctx, uint32_t index);

/**
 * cip_get_refused_text - the sentence about that cluster IP, as cip_get_error() would have it.
 * @ctx: context
 * @index: as for cip_get_refused_address()
 *
 * Returns: the sentence; borrowed until the next cip_apply() in this context. NULL behind the last one.
 * Since: 0.1
 */
const char *cip_get_refused_text(struct cip_ctx *ctx, uint32_t index);

/**
 * cip_set_log_fd - where log lines go. The library is silent unless a descriptor is set.
 * @ctx: context
 * @fd: descriptor to write lines to, borrowed; -1 switches the log off
 *
 * Returns: 0, or -EINVAL (@fd below -1).
 * Since: 0.1
 */
int cip_set_log_fd(struct cip_ctx *ctx, int fd);

/**
 * cip_set_log_priority - the least important priority that is still logged.
 * @ctx: context
 * @priority: as in syslog(3): 3 error, 4 warning, 6 info, 7 debug; 6 unless set
 *
 * Returns: 0, or -EINVAL (outside 0..7).
 * Since: 0.1
 */
int cip_set_log_priority(struct cip_ctx *ctx, int priority);

/**
 * cip_set_backend - choose how the kernel is programmed.
 * @ctx: context
 * @name: "nft" for nftables, "clusterip" for the kernel's CLUSTERIP target; NULL or "auto" for both
 *
 * With "auto", verbs go to the backend where the cluster IP is; a new one goes to nftables if the kernel says that
 * it can do what is asked, else to the CLUSTERIP target. With a name, verbs see that backend alone, and a cluster IP
 * that is in another one is not found (-ENOENT) or in the way (-EEXIST); the sentence says where it is.
 *
 * Returns: 0, or -EINVAL (no backend of that name).
 * Since: 0.1
 */
int cip_set_backend(struct cip_ctx *ctx, const char *name);

/**
 * cip_get_backend - the name set with cip_set_backend().
 * @ctx: context
 *
 * Returns: a name that lives as long as the library; "auto" unless set.
 * Since: 0.1
 */
const char *cip_get_backend(struct cip_ctx *ctx);

/**
 * cip_set_dry_run - make changing verbs stop when they have planned, before they touch the kernel.
 * @ctx: context
 * @on: 0 off, 1 on
 *
 * What would be done is read with cip_plan_count() and cip_plan_format().
 *
 * Returns: 0, or -EINVAL (neither 0 nor 1).
 * Since: 0.1
 */
int cip_set_dry_run(struct cip_ctx *ctx, int on);

/**
 * cip_set_announce - how often cip_create() and cip_apply() announce what they create, as cip_announce().
 * @ctx: context
 * @count: how often, 0..1000; 1 unless set, 0 switches it off
 * @interval_ms: pause between, 0..60000 milliseconds; the verbs take that much longer
 *
 * A cluster IP whose address somebody else puts on the device is not announced. That an announcement fails is logged
 * and does not concern the verb.
 *
 * Returns: 0, or -EINVAL (out of range).
 * Since: 0.1
 */
int cip_set_announce(struct cip_ctx *ctx, uint32_t count, uint32_t interval_ms);

/* ------------------------------------------------------------------ one cluster IP */

/**
 * cip_cluster_new - make an empty cluster IP: a value, nothing in the kernel.
 * @ctx: context; the object keeps a reference
 * @ret_cluster: the new object, one reference, released with cip_cluster_unref()
 *
 * Returns: 0, or -EINVAL (an argument is NULL), -ENOMEM.
 * Since: 0.1
 */
int cip_cluster_new(struct cip_ctx *ctx, struct cip_cluster **ret_cluster);

/**
 * cip_cluster_copy - copy a cluster IP with every attribute that is set, and its counters.
 * @cluster: what to copy
 * @ret_cluster: the copy, one reference, released with cip_cluster_unref()
 *
 * Returns: 0, or -EINVAL (an argument is NULL), -ENOMEM.
 * Since: 0.1
 */
int cip_cluster_copy(struct cip_cluster *cluster, struct cip_cluster **ret_cluster);

/**
 * cip_cluster_ref - take a reference.
 * @cluster: cluster IP
 *
 * Returns: @cluster.
 * Since: 0.1
 */
struct cip_cluster *cip_cluster_ref(struct cip_cluster *cluster);

/**
 * cip_cluster_unref - drop a reference; the last one frees the object, never the cluster IP in the kernel.
 * @cluster: cluster IP, or NULL
 *
 * Returns: NULL.
 * Since: 0.1
 */
struct cip_cluster *cip_cluster_unref(struct cip_cluster *cluster);

/**
 * cip_cluster_is_set - has an attribute been given?
 * @cluster: cluster IP
 * @attr: CIP_ATTR_ADDRESS..CIP_ATTR_NOADDR or CIP_ATTR_SOURCE_PREFIX..CIP_ATTR_OUTGOING
 *
 * Returns: 1 or 0; 0 for an attribute that does not exist.
 * Since: 0.1
 */
int cip_cluster_is_set(struct cip_cluster *cluster, uint32_t attr);

/**
 * cip_cluster_unset - forget an attribute.
 * @cluster: cluster IP
 * @attr: CIP_ATTR_ADDRESS..CIP_ATTR_NOADDR or CIP_ATTR_SOURCE_PREFIX..CIP_ATTR_OUTGOING
 *
 * Returns: 0, or -EINVAL (no such attribute).
 * Since: 0.1
 */
int cip_cluster_unset(struct cip_cluster *cluster, uint32_t attr);

/**
 * cip_cluster_set_address - the cluster IP itself, optionally with its prefix length.
 * @cluster: cluster IP
 * @address: "10.0.0.100", "10.0.0.100/24", "2001:db8::100/64"; a prefix sets CIP_ATTR_PREFIX too
 *
 * Unicast addresses only.
 *
 * Returns: 0, or -EINVAL (not an address; multicast, unspecified, loopback or broadcast; prefix length out
 * of 1..32 or 1..128).
 * Since: 0.1
 */
int cip_cluster_set_address(struct cip_cluster *cluster, const char *address);

/**
 * cip_cluster_get_address - the cluster IP as text, without prefix.
 * @cluster: cluster IP
 * @buf: where to write; 46 bytes are always enough
 * @size: size of @buf in bytes
 *
 * Returns: 0, or -ENODATA (not set), -ENOSPC (@size is too small).
 * Since: 0.1
 */
int cip_cluster_get_address(struct cip_cluster *cluster, char *buf, size_t size);

/**
 * cip_cluster_get_family - address family of the cluster IP.
 * @cluster: cluster IP
 *
 * Returns: 4 or 6; 0 if no address is set.
 * Since: 0.1
 */
uint32_t cip_cluster_get_family(struct cip_cluster *cluster);

/**
 * cip_cluster_set_prefix - prefix length of the address on the device, in bits.
 * @cluster: cluster IP
 * @prefix: 1..32 for IPv4, 1..128 for IPv6; a cluster IP without one gets 32 or 128 when it is created
 *
 * Returns: 0, or -EINVAL (out of range).
 * Since: 0.1
 */
int cip_cluster_set_prefix(struct cip_cluster *cluster, uint32_t prefix);

/**
 * cip_cluster_get_prefix - prefix length of the address, in bits.
 * @cluster: cluster IP
 *
 * Returns: the prefix length, 0 if not set.
 * Since: 0.1
 */
uint32_t cip_cluster_get_prefix(struct cip_cluster *cluster);

/**
 * cip_cluster_set_ifname - the device that receives the cluster IP's packets.
 * @cluster: cluster IP
 * @ifname: name of 1..15 characters, without blanks, '/', '"' or ':'
 *
 * Returns: 0, or -EINVAL (not a device name).
 * Since: 0.1
 */
int cip_cluster_set_ifname(struct cip_cluster *cluster, const char *ifname);

/**
 * cip_cluster_get_ifname - the device.
 * @cluster: cluster IP
 * @buf: where to write; 16 bytes are always enough
 * @size: size of @buf in bytes
 *
 * Returns: 0, or -ENODATA (not set), -ENOSPC (@size is too small).
 * Since: 0.1
 */
int cip_cluster_get_ifname(struct cip_cluster *cluster, char *buf, size_t size);

/**
 * cip_cluster_set_mac - the cluster MAC, the same on every node.
 * @cluster: cluster IP
 * @mac: six hexadecimal octets, "03:bf:0a:00:00:64" or "03-bf-0a-00-00-64"; must be one of its mode, a multicast address
 * unless cip_cluster_set_mac_mode() was called before
 *
 * A cluster IP without one gets the MAC of cip_default_mac() when it is created, or that of its mode.
 *
 * Returns: 0, or -EINVAL (not a MAC, or none of the mode).
 * Since: 0.1
 */
int cip_cluster_set_mac(struct cip_cluster *cluster, const char *mac);

/**
 * cip_cluster_get_mac - the cluster MAC as six lower-case octets with colons.
 * @cluster: cluster IP
 * @buf: where to write; 18 bytes are always enough
 * @size: size of @buf in bytes
 *
 * Returns: 0, or -ENODATA (not set), -ENOSPC (@size is too small).
 * Since: 0.1
 */
int cip_cluster_get_mac(struct cip_cluster *cluster, char *buf, size_t size);

/**
 * cip_cluster_set_mac_mode - how frames to the cluster MAC reach every node.
 * @cluster: cluster IP; its cluster MAC, if set, must fit
 * @mac_mode: CIP_MAC_*; a cluster IP without one gets CIP_MAC_MULTICAST when it is created
 *
 * CIP_MAC_MULTICAST: any multicast MAC. Unless set it is that of cip_default_mac().
 * CIP_MAC_IGMP: 01:00:5e:A:B:C with A up to 7f, of the IPv4 group 239.(A + 128).B.C; or, for IPv6, 33:33:W:X:Y:Z of the
 * group ff15::WX:YZ. The device joins the group, and stays in it when the process ends. Unless set it is 01:00:5e:7f
 * and the last two octets of the cluster IP, as in Windows NLB, or 33:33 and the last four.
 * CIP_MAC_UNICAST: any locally administered unicast MAC that no device has. Unless set it is 02:bf and the last four
 * octets of the cluster IP.
 *
 * Frames are sent from the device's own MAC in every mode.
 *
 * Returns: 0, or -EINVAL (no such mode, or the cluster MAC is none of that mode).
 * Since: 0.1
 */
int cip_cluster_set_mac_mode(struct cip_cluster *cluster, uint32_t mac_mode);

/**
 * cip_cluster_get_mac_mode - how frames to the cluster MAC reach every node.
 * @cluster: cluster IP
 *
 * Returns: CIP_MAC_*, 0 if not set.
 * Since: 0.1
 */
uint32_t cip_cluster_get_mac_mode(struct cip_cluster *cluster);

/**
 * cip_cluster_set_hash_mode - what of a packet chooses its bucket.
 * @cluster: cluster IP
 * @hash_mode: CIP_HASH_*; a cluster IP without one gets CIP_HASH_SOURCEIP when it is created
 *
 * Returns: 0, or -EINVAL (no such mode).
 * Since: 0.1
 */
int cip_cluster_set_hash_mode(struct cip_cluster *cluster, uint32_t hash_mode);

/**
 * cip_cluster_get_hash_mode - what of a packet chooses its bucket.
 * @cluster: cluster IP
 *
 * Returns: CIP_HASH_*, 0 if not set.
 * Since: 0.1
 */
uint32_t cip_cluster_get_hash_mode(struct cip_cluster *cluster);

/**
 * cip_cluster_set_total_nodes - number of buckets the traffic is divided into (iptables' --total-nodes).
 * @cluster: cluster IP
 * @total_nodes: 1..CIP_TOTAL_NODES_MAX; may be larger than the number of nodes, a node may own several
 *
 * Returns: 0, or -EINVAL (out of range).
 * Since: 0.1
 */
int cip_cluster_set_total_nodes(struct cip_cluster *cluster, uint32_t total_nodes);

/**
 * cip_cluster_get_total_nodes - number of buckets.
 * @cluster: cluster IP
 *
 * Returns: 1..CIP_TOTAL_NODES_MAX, 0 if not set.
 * Since: 0.1
 */
uint32_t cip_cluster_get_total_nodes(struct cip_cluster *cluster);

/**
 * cip_cluster_set_hash_seed - start value of the hash (iptables' --hash-init).
 * @cluster: cluster IP
 * @seed: any 32 bits; a cluster IP without one gets 0 when it is created
 *
 * Returns: 0.
 * Since: 0.1
 */
int cip_cluster_set_hash_seed(struct cip_cluster *cluster, uint32_t seed);

/**
 * cip_cluster_get_hash_seed - start value of the hash.
 * @cluster: cluster IP
 *
 * Returns: the seed, 0 if not set; cip_cluster_is_set() tells the difference.
 * Since: 0.1
 */
uint32_t cip_cluster_get_hash_seed(struct cip_cluster *cluster);

/**
 * cip_cluster_set_source_prefix - hash only the network of the client: all clients of one network share a bucket.
 * @cluster: cluster IP
 * @bits: length of the client's prefix, 1..32 for IPv4, 1..128 for IPv6; a cluster IP without one gets the whole
 * address when it is created
 *
 * For clients that come with several addresses of one network, such as those behind a farm of proxies. Windows NLB calls
 * it network affinity, and takes 24 bits.
 *
 * Returns: 0, or -EINVAL (out of range).
 * Since: 0.1
 */
int cip_cluster_set_source_prefix(struct cip_cluster *cluster, uint32_t bits);

/**
 * cip_cluster_get_source_prefix - how many bits of the client's address are hashed.
 * @cluster: cluster IP
 *
 * Returns: 1..128, 0 if not set.
 * Since: 0.1
 */
uint32_t cip_cluster_get_source_prefix(struct cip_cluster *cluster);

/**
 * cip_cluster_set_outgoing - let connections that a node opens from the cluster IP have their replies.
 * @cluster: cluster IP
 * @outgoing: 1, or 0 as it is unless set
 *
 * Without it a reply goes to the node that owns the bucket which it hashes to. With it the kernel tracks connections in
 * the whole network namespace, and packets to this cluster IP are judged behind that: each packet for another node
 * costs a connection that is looked up, and made and thrown away.
 *
 * Returns: 0, or -EINVAL (neither 0 nor 1).
 * Since: 0.1
 */
int cip_cluster_set_outgoing(struct cip_cluster *cluster, int outgoing);

/**
 * cip_cluster_get_outgoing - do connections that a node opens have their replies?
 * @cluster: cluster IP
 *
 * Returns: 1 or 0.
 * Since: 0.1
 */
int cip_cluster_get_outgoing(struct cip_cluster *cluster);

/**
 * cip_cluster_set_noaddr - who puts the address on the device.
 * @cluster: cluster IP
 * @noaddr: 1: somebody else, the library leaves addresses alone; 0 (as when not set): the library
 *
 * Returns: 0, or -EINVAL (neither 0 nor 1).
 * Since: 0.1
 */
int cip_cluster_set_noaddr(struct cip_cluster *cluster, int noaddr);

/**
 * cip_cluster_get_noaddr - who puts the address on the device.
 * @cluster: cluster IP
 *
 * Returns: 1 somebody else, 0 the library.
 * Since: 0.1
 */
int cip_cluster_get_noaddr(struct cip_cluster *cluster);

/**
 * cip_cluster_set_buckets - replace the local buckets, those this node owns.
 * @cluster: cluster IP
 * @buckets: "1,3,5-8", "all" (needs total nodes), "none"; numbers are 1..total nodes
 *
 * Returns: 0, or -EINVAL (syntax; a number outside 1..total nodes, or 1..CIP_TOTAL_NODES_MAX while total
 * nodes is not set; "all" while total nodes is not set).
 * Since: 0.1
 */
int cip_cluster_set_buckets(struct cip_cluster *cluster, const char *buckets);

/**
 * cip_cluster_get_buckets - the local buckets as a list, "1,3,5-8" or "none".
 * @cluster: cluster IP
 * @buf: where to write; 4096 bytes are always enough
 * @size: size of @buf in bytes
 *
 * Of a queried cluster IP these are the buckets that the kernel lets in.
 *
 * Returns: 0, or -ENODATA (not set), -ENOSPC (@size is too small).
 * Since: 0.1
 */
int cip_cluster_get_buckets(struct cip_cluster *cluster, char *buf, size_t size);

/**
 * cip_cluster_add_bucket - add one local bucket to the value.
 * @cluster: cluster IP
 * @bucket: 1..total nodes
 *
 * Returns: 0, or -EINVAL (out of range).
 * Since: 0.1
 */
int cip_cluster_add_bucket(struct cip_cluster *cluster, uint32_t bucket);

/**
 * cip_cluster_remove_bucket - remove one local bucket from the value.
 * @cluster: cluster IP
 * @bucket: 1..total nodes
 *
 * Returns: 0, or -EINVAL (out of range).
 * Since: 0.1
 */
int cip_cluster_remove_bucket(struct cip_cluster *cluster, uint32_t bucket);

/**
 * cip_cluster_has_bucket - is a bucket local?
 * @cluster: cluster IP
 * @bucket: bucket number
 *
 * Returns: 1 or 0; 0 for numbers out of range.
 * Since: 0.1
 */
int cip_cluster_has_bucket(struct cip_cluster *cluster, uint32_t bucket);

/**
 * cip_cluster_is_assigned - was a bucket given to this node, whether or not the kernel lets it in?
 * @cluster: a queried cluster IP
 * @bucket: bucket number
 *
 * It differs from cip_cluster_has_bucket() only after damage: a bucket that is assigned and not local is dark, it
 * is served by nobody. cip_verify() calls either difference CIP_FAULT_BUCKET.
 *
 * Returns: 1 or 0; 0 for numbers out of range, and if the object was not queried.
 * Since: 0.1
 */
int cip_cluster_is_assigned(struct cip_cluster *cluster, uint32_t bucket);

/**
 * cip_cluster_next_bucket - walk the local buckets in ascending order.
 * @cluster: cluster IP
 * @after: 0 to begin, then the bucket returned last
 *
 * Returns: the next local bucket above @after, 0 if there is none.
 * Since: 0.1
 */
uint32_t cip_cluster_next_bucket(struct cip_cluster *cluster, uint32_t after);

/**
 * cip_cluster_get_bucket_counters - traffic let in for one local bucket since it was added.
 * @cluster: a queried cluster IP
 * @bucket: a local bucket
 * @ret_packets: packets
 * @ret_bytes: bytes, IP header included
 *
 * Returns: 0, or -ENODATA (not a local bucket, or the object was not queried, or its backend does not count).
 * Since: 0.1
 */
int cip_cluster_get_bucket_counters(struct cip_cluster *cluster, uint32_t bucket, uint64_t *ret_packets,
				    uint64_t *ret_bytes);

/**
 * cip_cluster_get_foreign_counters - traffic left to other nodes since the cluster IP's rules were made.
 * @cluster: a queried cluster IP
 * @ret_packets: packets
 * @ret_bytes: bytes, IP header included
 *
 * Returns: 0, or -ENODATA (the object was not queried, or its backend does not count).
 * Since: 0.1
 */
int cip_cluster_get_foreign_counters(struct cip_cluster *cluster, uint64_t *ret_packets, uint64_t *ret_bytes);

/**
 * cip_cluster_get_backend - how a queried cluster IP is programmed.
 * @cluster: cluster IP
 *
 * Returns: "nft" or "clusterip", or "" if the object was not queried; lives as long as the library.
 * Since: 0.1
 */
const char *cip_cluster_get_backend(struct cip_cluster *cluster);

/**
 * cip_cluster_validate - does the value make sense as a whole?
 * @cluster: cluster IP; must have an address, a device and total nodes
 *
 * An IPv4 address that has a prefix length below 31 is neither the first of its network nor its broadcast address.
 *
 * Returns: 0, or -EINVAL (cip_get_error() names the field).
 * Since: 0.1
 */
int cip_cluster_validate(struct cip_cluster *cluster);

/**
 * cip_cluster_complete - give what is unset its default, as cip_create() would.
 * @cluster: cluster IP with an address
 *
 * Device and total nodes have no default, and stay unset. Buckets become none, the prefix length stays unset if somebody
 * else puts the address on the device.
 *
 * Returns: 0, or -EINVAL (the address is missing).
 * Since: 0.1
 */
int cip_cluster_complete(struct cip_cluster *cluster);

/**
 * cip_cluster_compare - in which attributes do two cluster IPs differ?
 * @a: cluster IP
 * @b: cluster IP
 *
 * Only attributes set in both are compared.
 *
 * Returns: a mask of 1 << CIP_ATTR_*, 0 if they agree.
 * Since: 0.1
 */
uint32_t cip_cluster_compare(struct cip_cluster *a, struct cip_cluster *b);

/**
 * cip_cluster_format - the cluster IP as one line in the words of "cipadm create".
 * @cluster: cluster IP
 * @buf: where to write; 4352 bytes are always enough
 * @size: size of @buf in bytes
 *
 * Example: "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-5".
 * Attributes that are not set are left out.
 *
 * Returns: 0, or -ENODATA (no address), -ENOSPC (@size is too small).
 * Since: 0.1
 */
int cip_cluster_format(struct cip_cluster *cluster, char *buf, size_t size);

/**
 * cip_cluster_parse - read a line as cip_cluster_format() writes it.
 * @cluster: cluster IP; gains the attributes that the line has
 * @text: ADDRESS[/PREFIX] followed by words: dev IF, total N, hash MODE, seed SEED, mac LLADDR,
 * buckets LIST, noaddr; in any order, each at most once, separated by blanks
 *
 * Returns: 0, or -EINVAL (cip_get_error() names the word; @cluster may have gained earlier attributes).
 * Since: 0.1
 */
int cip_cluster_parse(struct cip_cluster *cluster, const char *text);

/**
 * cip_cluster_hash - the bucket of a flow to this cluster IP.
 * @cluster: cluster IP with total nodes; hash mode, seed and source prefix count as sourceip, 0 and the whole address
 * where not set
 * @saddr: the client's address, of the cluster IP's family
 * @protocol: IP protocol number, 0..255
 * @sport: source port, 0..65535
 * @dport: destination port, 0..65535
 * @ret_bucket: 1..total nodes; cip_cluster_has_bucket() then tells whether it is ours
 *
 * Returns: 0, or -EINVAL as cip_hash().
 * Since: 0.1
 */
int cip_cluster_hash(struct cip_cluster *cluster, const char *saddr, uint32_t protocol, uint32_t sport,
		     uint32_t dport, uint32_t *ret_bucket);

/* ------------------------------------------------------------------ lists */

/**
 * cip_list_new - make an empty list of cluster IPs.
 * @ctx: context; the list keeps a reference
 * @ret_list: the new list, one reference, released with cip_list_unref()
 *
 * Returns: 0, or -EINVAL (an argument is NULL), -ENOMEM.
 * Since: 0.1
 */
int cip_list_new(struct cip_ctx *ctx, struct cip_list **ret_list);

/**
 * cip_list_ref - take a reference.
 * @list: list
 *
 * Returns: @list.
 * Since: 0.1
 */
struct cip_list *cip_list_ref(struct cip_list *list);

/**
 * cip_list_unref - drop a reference; the last one drops the references on the members too.
 * @list: list, or NULL
 *
 * Returns: NULL.
 * Since: 0.1
 */
struct cip_list *cip_list_unref(struct cip_list *list);

/**
 * cip_list_add - append a cluster IP; the list takes a reference, it does not copy.
 * @list: list
 * @cluster: cluster IP with an address
 *
 * Returns: 0, or -EINVAL (no address), -EEXIST (the address is already in the list), -ENOMEM.
 * Since: 0.1
 */
int cip_list_add(struct cip_list *list, struct cip_cluster *cluster);

/**
 * cip_list_import - append the cluster IPs of CLUSTERIP rules, as iptables-save prints them.
 * @list: list
 * @text: lines; those that append or insert a rule with "-j CLUSTERIP" are read, whatever their table and chain,
 * the others are passed over
 *
 * Several rules of one address are one cluster IP with the local buckets of all. A rule holds the buckets with which
 * it was made; those that came and went later are not in the text. Nor is the prefix length: CIP_ATTR_PREFIX is set
 * only where the library made the rule, whose comment then tells it. A rule with further conditions than address
 * and device is refused: a cluster IP has all packets to its address.
 *
 * Returns: 0, or -EINVAL (a malformed rule; the sentence begins with "line N:" and names the option), -EEXIST (an
 * address is in the list already), -ENOMEM; then nothing was appended.
 * Since: 0.1
 */
int cip_list_import(struct cip_list *list, const char *text);

/**
 * cip_list_parse - append the cluster IPs of a file, as "cipadm dump" prints and "cipadm apply" reads them.
 * @list: list
 * @text: lines, each one cluster IP as cip_cluster_parse() reads it; the word "create" may stand before it
 *
 * Empty lines are skipped. A # at the beginning of a word, other than the name of a device, begins a comment that ends
 * with the line.
 *
 * Returns: 0, or -EINVAL (the sentence begins with "line N:" and names the word), -EEXIST (likewise; the address is in
 * the list already), -ENOMEM; then nothing was appended.
 * Since: 0.1
 */
int cip_list_parse(struct cip_list *list, const char *text);

/**
 * cip_list_count - number of cluster IPs in a list.
 * @list: list
 *
 * Returns: the number.
 * Since: 0.1
 */
uint32_t cip_list_count(struct cip_list *list);

/**
 * cip_list_get - one cluster IP of a list.
 * @list: list
 * @index: 0..count - 1; queried lists are sorted by family, then by address
 *
 * Returns: the cluster IP, borrowed from the list; NULL beyond the end.
 * Since: 0.1
 */
struct cip_cluster *cip_list_get(struct cip_list *list, uint32_t index);

/**
 * cip_list_get_line - the line that a member of a list was read from.
 * @list: list
 * @index: 0..count - 1
 *
 * Returns: the number of the line in the text given to cip_list_parse(), from 1; 0 if it came otherwise, or beyond the
 * end.
 * Since: 0.1
 */
uint32_t cip_list_get_line(struct cip_list *list, uint32_t index);

/**
 * cip_list_find - the cluster IP of an address.
 * @list: list
 * @address: address text
 *
 * Returns: the cluster IP, borrowed from the list; NULL if it is not there.
 * Since: 0.1
 */
struct cip_cluster *cip_list_find(struct cip_list *list, const char *address);

/* ------------------------------------------------------------------ verbs that read */

/**
 * cip_query - every cluster IP in this network namespace, with its counters.
 * @ctx: context
 * @ret_list: a new list, released with cip_list_unref(); empty if there is none. An address that two backends have
 * is there twice, that of nftables first.
 *
 * Returns: 0, -EPERM, -EBUSY, -EPROTONOSUPPORT, -ENOMEM or what the kernel answered.
 * Since: 0.1
 */
int cip_query(struct cip_ctx *ctx, struct cip_list **ret_list);

/**
 * cip_query_one - one cluster IP, with its counters; reads nothing that belongs to another one.
 * @ctx: context
 * @address: address text
 * @ifname: device, or NULL
 * @ret_cluster: a new object, released with cip_cluster_unref()
 *
 * Returns: 0, -EINVAL, -ENOENT, -EPERM, -EBUSY, -EPROTONOSUPPORT, -ENOMEM or what the kernel answered.
 * Since: 0.1
 */
int cip_query_one(struct cip_ctx *ctx, const char *address, const char *ifname,
		  struct cip_cluster **ret_cluster);

/**
 * cip_verify - is the kernel exactly as it should be?
 * @ctx: context
 * @address: address text, or NULL for everything
 * @ifname: device, or NULL
 * @ret_report: what is wrong, released with cip_report_unref(); an empty report means nothing is
 *
 * Compares the compiled rules, maps and sets, the buckets let in, the ARP rule, the MAC membership, the
 * device and the address with what was asked for. cip_create() with the same parameters repairs all of it.
 * The report begins with what all cluster IPs share, and goes on by family and address, then by CIP_FAULT_*, then by
 * sentence.
 *
 * Returns: 0 if the comparison was made, whatever it found; -EINVAL, -ENOENT (nothing at all is known of
 * @address), -EPERM, -EBUSY, -EPROTONOSUPPORT, -ENOMEM or what the kernel answered.
 * Since: 0.1
 */
int cip_verify(struct cip_ctx *ctx, const char *address, const char *ifname, struct cip_report **ret_report);

/**
 * cip_report_ref - take a reference.
 * @report: report
 *
 * Returns: @report.
 * Since: 0.1
 */
struct cip_report *cip_report_ref(struct cip_report *report);

/**
 * cip_report_unref - drop a reference; the last one frees the report.
 * @report: report, or NULL
 *
 * Returns: NULL.
 * Since: 0.1
 */
struct cip_report *cip_report_unref(struct cip_report *report);

/**
 * cip_report_count - number of faults found.
 * @report: report
 *
 * Returns: the number; 0 means the kernel is as it should be.
 * Since: 0.1
 */
uint32_t cip_report_count(struct cip_report *report);

/**
 * cip_report_get_fault - the kind of one fault.
 * @report: report
 * @index: 0..count - 1
 *
 * Returns: CIP_FAULT_*, 0 beyond the end.
 * Since: 0.1
 */
uint32_t cip_report_get_fault(struct cip_report *report, uint32_t index);

/**
 * cip_report_get_address - the cluster IP that one fault is about.
 * @report: report
 * @index: 0..count - 1
 *
 * Returns: address text, "" for what all cluster IPs share; borrowed from the report; NULL beyond the end.
 * Since: 0.1
 */
const char *cip_report_get_address(struct cip_report *report, uint32_t index);

/**
 * cip_report_get_text - one fault as a sentence.
 * @report: report
 * @index: 0..count - 1
 *
 * Returns: the sentence, one line of UTF-8 as that of cip_get_error(); borrowed from the report; NULL beyond the end.
 * Since: 0.1
 */
const char *cip_report_get_text(struct cip_report *report, uint32_t index);

/**
 * cip_fault_get_name - a fault's kind as a word, such as "bucket".
 * @fault: CIP_FAULT_*
 *
 * Returns: the word, NULL if there is no such kind; lives as long as the library.
 * Since: 0.1
 */
const char *cip_fault_get_name(uint32_t fault);

/* ------------------------------------------------------------------ verbs that change */

/*
 * Each of these is all or nothing: on failure the kernel is as it was. What a backend holds changes in one
 * kernel transaction, and no packet is judged by a mixture of before and after. When another process changes
 * the ruleset in between, the verb reads again, plans again and retries a bounded number of times, then
 * returns -EBUSY. Each returns -EINVAL for bad input, -EPERM without CAP_NET_ADMIN, -ENOMEM, or what the
 * kernel answered, beside what it lists itself. After a verb, cip_plan_count() tells whether anything
 * had to be changed.
 */

/**
 * cip_create - create a cluster IP, or repair it.
 * @ctx: context
 * @cluster: what is wanted: address, device and total nodes at least; for the others see their defaults
 *
 * If the cluster IP exists with the same parameters, whatever is missing in the kernel is put back; local
 * buckets are those of @cluster, or stay as they were if it has none set.
 * A repair that fails may have put back a part: nothing of that is ever taken away again.
 *
 * Returns: 0, -ENODEV (no such device), -EEXIST (exists with other parameters; the sentence names them),
 * -EOPNOTSUPP (no backend can do it, and the sentence says for each what is missing), -ENOTUNIQ
 * (two backends have it), -ENOSPC (too many cluster IPs or
 * local buckets; in MAC mode igmp, too many groups), -EBUSY.
 * Since: 0.1
 */
int cip_create(struct cip_ctx *ctx, struct cip_cluster *cluster);

/**
 * cip_destroy - remove a cluster IP with everything that was left for it in the kernel.
 * @ctx: context
 * @address: address text
 * @ifname: device, or NULL
 *
 * Succeeds if parts of it are already gone. What two backends have goes from both.
 *
 * Returns: 0, -ENOENT, -EBUSY.
 * Since: 0.1
 */
int cip_destroy(struct cip_ctx *ctx, const char *address, const char *ifname);

/**
 * cip_modify - change hash mode, total nodes, seed and local buckets in one transaction.
 * @ctx: context
 * @cluster: address, and the attributes to change; others that are set must be as they are
 *
 * Local buckets that are not given stay; those above a smaller total nodes go.
 *
 * Returns: 0, -ENOENT, -EEXIST (device, MAC, prefix or noaddr differ: destroy and create), -EOPNOTSUPP (not in the
 * backend where it is), -ENOTUNIQ (two backends have it), -EBUSY.
 * Since: 0.1
 */
int cip_modify(struct cip_ctx *ctx, struct cip_cluster *cluster);

/**
 * cip_set_hash_mode - change what of a packet chooses its bucket, as cip_modify().
 * @ctx: context
 * @address: address text
 * @ifname: device, or NULL
 * @hash_mode: CIP_HASH_*
 *
 * Returns: 0, -ENOENT, -EBUSY.
 * Since: 0.1
 */
int cip_set_hash_mode(struct cip_ctx *ctx, const char *address, const char *ifname, uint32_t hash_mode);

/**
 * cip_set_total_nodes - change the number of buckets, as cip_modify().
 * @ctx: context
 * @address: address text
 * @ifname: device, or NULL
 * @total_nodes: 1..CIP_TOTAL_NODES_MAX
 *
 * Returns: 0, -ENOENT, -EBUSY.
 * Since: 0.1
 */
int cip_set_total_nodes(struct cip_ctx *ctx, const char *address, const char *ifname, uint32_t total_nodes);

/**
 * cip_set_hash_seed - change the start value of the hash, as cip_modify().
 * @ctx: context
 * @address: address text
 * @ifname: device, or NULL
 * @seed: any 32 bits
 *
 * Returns: 0, -ENOENT, -EBUSY.
 * Since: 0.1
 */
int cip_set_hash_seed(struct cip_ctx *ctx, const char *address, const char *ifname, uint32_t seed);

/**
 * cip_add_buckets - let in more buckets. Those already local stay as they are, counters included.
 * @ctx: context
 * @address: address text
 * @ifname: device, or NULL
 * @buckets: "1,3,5-8", "all" or "none"
 *
 * Returns: 0, -ENOENT, -EBUSY.
 * Since: 0.1
 */
int cip_add_buckets(struct cip_ctx *ctx, const char *address, const char *ifname, const char *buckets);

/**
 * cip_remove_buckets - stop letting in buckets. Those not local are passed over.
 * @ctx: context
 * @address: address text
 * @ifname: device, or NULL
 * @buckets: "1,3,5-8", "all" or "none"
 *
 * Returns: 0, -ENOENT, -EBUSY.
 * Since: 0.1
 */
int cip_remove_buckets(struct cip_ctx *ctx, const char *address, const char *ifname, const char *buckets);

/**
 * cip_set_buckets - let in exactly these buckets; the old and the new set swap in one instant.
 * @ctx: context
 * @address: address text
 * @ifname: device, or NULL
 * @buckets: "1,3,5-8", "all" or "none"
 *
 * Returns: 0, -ENOENT, -EBUSY.
 * Since: 0.1
 */
int cip_set_buckets(struct cip_ctx *ctx, const char *address, const char *ifname, const char *buckets);

/**
 * cip_apply - bring many cluster IPs to what a list says, in ONE kernel transaction for each backend.
 * @ctx: context
 * @list: wanted cluster IPs; each that exists is changed as by cip_modify() and repaired as by cip_create(), each
 * that does not is created
 * @flags: 0, or any of CIP_APPLY_PRUNE and CIP_APPLY_KEEP_BUCKETS
 *
 * With CIP_APPLY_KEEP_BUCKETS the local buckets in the list are those that a cluster IP begins with if it has to be
 * created, decided in the transaction itself. It is for those who put back what others have torn down, while others
 * still move buckets.
 *
 * Nothing is touched unless every backend can do its part. Should the transaction of the second one fail all the
 * same, the first is undone.
 *
 * Returns: 0, or the error of the first cluster IP that cannot be so; then none is changed.
 * Since: 0.1
 */
int cip_apply(struct cip_ctx *ctx, struct cip_list *list, uint32_t flags);

/**
 * cip_migrate - move a cluster IP from the kernel's CLUSTERIP target to nftables, with all its parameters and
 * local buckets.
 * @ctx: context
 * @address: address text
 * @ifname: device, or NULL
 *
 * The rules of nftables come first, then that of the target goes. In between packets must pass both, which decide
 * the same; the address and the cluster MAC stay on the device throughout. A bucket that moves meanwhile is
 * followed. Does nothing if the cluster IP is with nftables already, and finishes what a migration that was killed
 * half way has left; cip_verify() names that as CIP_FAULT_BACKEND.
 *
 * Returns: 0, -ENOENT, -EINVAL (another backend than these was chosen), -EOPNOTSUPP (nftables cannot have it; the
 * sentence says what is missing), -EEXIST (nftables has it with other parameters), -EBUSY.
 * Since: 0.1
 */
int cip_migrate(struct cip_ctx *ctx, const char *address, const char *ifname);

/**
 * cip_announce - tell the neighbours on its device where a cluster IP is: its cluster MAC.
 * @ctx: context
 * @address: address text
 * @ifname: device, or NULL
 * @count: how often, 0..1000
 * @interval_ms: pause between, 0..60000 milliseconds; the call takes that long
 *
 * For IPv4 a gratuitous ARP request and reply, broadcast (RFC 5227); for IPv6 an unsolicited neighbour advertisement
 * to all nodes, with the override flag (RFC 4861, 7.2.6). The frames come from the device's own MAC, what they say is
 * the cluster MAC. It is looked for before each: what is gone by then, or has another cluster MAC or device, is
 * announced no more.
 *
 * Returns: 0, -ENOENT (also when that ended it), -EINVAL (@count or @interval_ms out of range), -EPERM (CAP_NET_RAW is missing), -ENODEV (the
 * device is gone), -ENETDOWN (it is down).
 * Since: 0.1
 */
int cip_announce(struct cip_ctx *ctx, const char *address, const char *ifname, uint32_t count,
		 uint32_t interval_ms);

/* ------------------------------------------------------------------ what a verb did */

/**
 * cip_plan_count - number of steps of the last changing verb on this context that succeeded.
 * @ctx: context
 *
 * Returns: the number; 0 means the kernel already was as asked.
 * Since: 0.1
 */
uint32_t cip_plan_count(struct cip_ctx *ctx);

/**
 * cip_plan_format - one step in words, such as "10.0.0.100 dev eth0: add buckets 1,3".
 * @ctx: context
 * @index: 0..count - 1
 * @buf: where to write; 4352 bytes are always enough
 * @size: size of @buf in bytes
 *
 * Returns: 0, or -ENODATA (beyond the end), -ENOSPC (@size is too small).
 * Since: 0.1
 */
int cip_plan_format(struct cip_ctx *ctx, uint32_t index, char *buf, size_t size);

/* ------------------------------------------------------------------ what others do */

/**
 * cip_monitor_new - begin to watch what anybody changes in the network namespace of the calling thread.
 * @ctx: context, for sentences about failures; the monitor keeps a reference
 * @ret_monitor: the new monitor, one reference, released with cip_monitor_unref()
 *
 * To miss nothing, make the monitor first, and then look at the kernel with cip_verify() or a verb.
 *
 * The CLUSTERIP target and its files in /proc tell nobody of their changes, and neither does a MAC that is removed with
 * ioctl(2), as "ip maddr del" does: look at these from time to time.
 *
 * Returns: 0, or -EINVAL (an argument is NULL), -EPERM, -ENOMEM or what the kernel answered.
 * Since: 0.1
 */
int cip_monitor_new(struct cip_ctx *ctx, struct cip_monitor **ret_monitor);

/**
 * cip_monitor_ref - take a reference.
 * @monitor: monitor
 *
 * Returns: @monitor.
 * Since: 0.1
 */
struct cip_monitor *cip_monitor_ref(struct cip_monitor *monitor);

/**
 * cip_monitor_unref - drop a reference; the last one closes the sockets and frees the monitor.
 * @monitor: monitor, or NULL
 *
 * Returns: NULL.
 * Since: 0.1
 */
struct cip_monitor *cip_monitor_unref(struct cip_monitor *monitor);

/**
 * cip_monitor_get_fd - the descriptor to wait for.
 * @monitor: monitor
 *
 * It is readable, for poll(2) and its like, when cip_monitor_next() should be called until it returns 0. Do nothing else
 * with it.
 *
 * Returns: the descriptor, the same as long as the monitor lives; it belongs to the monitor.
 * Since: 0.1
 */
int cip_monitor_get_fd(struct cip_monitor *monitor);

/**
 * cip_monitor_next - take the next event. Never waits.
 * @monitor: monitor
 *
 * All that one nftables transaction did to cluster IPs is one event. What concerns other tables, the ARP cache or
 * unicast MACs is passed over; addresses, devices and MACs are told of whether or not a cluster IP has them. The
 * caller's own changes are events like those of others.
 *
 * Returns: 1: there is an event, which cip_monitor_get_event() and the functions behind it describe; 0: there is none
 * now; or -ECHILD (the process is a child of the one that made the monitor: what it read the parent would miss), -ENOMEM
 * or what the kernel answered.
 * Since: 0.1
 */
int cip_monitor_next(struct cip_monitor *monitor);

/**
 * cip_monitor_get_event - the kind of the last event.
 * @monitor: monitor
 *
 * Returns: CIP_EVENT_*, 0 before the first one.
 * Since: 0.1
 */
uint32_t cip_monitor_get_event(struct cip_monitor *monitor);

/**
 * cip_monitor_get_address - the address that the last event is about.
 * @monitor: monitor
 *
 * Returns: address text of CIP_EVENT_ADDRESS, else ""; borrowed until the next call of cip_monitor_next().
 * Since: 0.1
 */
const char *cip_monitor_get_address(struct cip_monitor *monitor);

/**
 * cip_monitor_get_ifname - the device that the last event is about.
 * @monitor: monitor
 *
 * Returns: its name, as the kernel has it; "" if the event is about none, or its name was not to be had any more;
 * borrowed as the address.
 * Since: 0.1
 */
const char *cip_monitor_get_ifname(struct cip_monitor *monitor);

/**
 * cip_monitor_get_pid - who made the last event's change.
 * @monitor: monitor
 *
 * Returns: the process ID in the initial PID namespace; 0 if the kernel does not tell, which it does for
 * CIP_EVENT_RULES alone.
 * Since: 0.1
 */
uint32_t cip_monitor_get_pid(struct cip_monitor *monitor);

/**
 * cip_monitor_get_process - the name of that process.
 * @monitor: monitor
 *
 * Returns: the name that the process has given itself, such as "nft", as one line of UTF-8; "" if the kernel does not tell; borrowed as the
 * address.
 * Since: 0.1
 */
const char *cip_monitor_get_process(struct cip_monitor *monitor);

/**
 * cip_monitor_get_text - the last event in words, such as "nft (pid 4711) deleted a table of cluster IPs".
 * @monitor: monitor
 *
 * Returns: the words, "" before the first event; borrowed as the address. They are one line, in which control characters
 * of names have become '?'.
 * Since: 0.1
 */
const char *cip_monitor_get_text(struct cip_monitor *monitor);

/* ------------------------------------------------------------------ hash and words */

/**
 * cip_hash - the bucket of a flow, exactly as the kernel's CLUSTERIP target computes it. Pure: no kernel,
 * no privilege, no context.
 * @hash_mode: CIP_HASH_*
 * @total_nodes: 1..CIP_TOTAL_NODES_MAX
 * @seed: any 32 bits
 * @saddr: the client's address as text, IPv4 or IPv6
 * @protocol: IP protocol number, 0..255
 * @sport: source port, 0..65535, host order; for ESP (50) and AH (51) the first 16 bits of the SPI
 * @dport: destination port, 0..65535; for ESP and AH the last 16 bits of the SPI
 * @ret_bucket: 1..@total_nodes
 *
 * h = lookup3 of Bob Jenkins (http://burtleburtle.net/bob/c/lookup3.c, 2006) as the kernel's jhash has it,
 * over the 32-bit words address, sport, dport as far as the mode asks, started with @seed;
 * bucket = (h * total_nodes >> 32) + 1. Ports of protocols that have none count as 0. Words are read little-endian from
 * what lies in the packet, but the IPv4 address from its number (not so in mode xt_cluster); an IPv6 address is four words.
 *
 * Returns: 0, or -EINVAL (mode, total nodes, address, protocol or port out of range, or @ret_bucket is
 * NULL).
 * Since: 0.1
 */
int cip_hash(uint32_t hash_mode, uint32_t total_nodes, uint32_t seed, const char *saddr, uint32_t protocol,
	     uint32_t sport, uint32_t dport, uint32_t *ret_bucket);

/**
 * cip_default_mac - the cluster MAC of a cluster IP that was created without one.
 * @address: IPv4 or IPv6 address text
 * @buf: where to write; 18 bytes are always enough
 * @size: size of @buf in bytes
 *
 * 03:bf followed by the last four octets of the address: a locally administered multicast address, computed from
 * the cluster IP alone and so the same on every node. Switches and their administrators know it from
 * Windows NLB's multicast mode.
 *
 * Returns: 0, or -EINVAL (not an address), -ENOSPC (@size is too small).
 * Since: 0.1
 */
int cip_default_mac(const char *address, char *buf, size_t size);

/**
 * cip_hash_mode_get_name - a hash mode as iptables and cipadm write it.
 * @hash_mode: CIP_HASH_*
 *
 * Returns: the word, NULL if there is no such mode; lives as long as the library.
 * Since: 0.1
 */
const char *cip_hash_mode_get_name(uint32_t hash_mode);

/**
 * cip_hash_mode_from_name - the hash mode of a word.
 * @name: "sourceip", "sourceip-sourceport", "sourceip-sourceport-destport" or "xt_cluster"
 *
 * Returns: CIP_HASH_*, 0 if there is no such mode.
 * Since: 0.1
 */
uint32_t cip_hash_mode_from_name(const char *name);

/**
 * cip_mac_mode_get_name - a MAC mode as cipadm writes it.
 * @mac_mode: CIP_MAC_*
 *
 * Returns: the word, NULL if there is no such mode; lives as long as the library.
 * Since: 0.1
 */
const char *cip_mac_mode_get_name(uint32_t mac_mode);

/**
 * cip_mac_mode_from_name - the MAC mode of a word.
 * @name: "multicast", "igmp" or "unicast"
 *
 * Returns: CIP_MAC_*, 0 if there is no such mode.
 * Since: 0.1
 */
uint32_t cip_mac_mode_from_name(const char *name);

/**
 * cip_event_get_name - an event's kind as a word, such as "rules".
 * @event: CIP_EVENT_*
 *
 * Returns: the word, NULL if there is no such kind; lives as long as the library.
 * Since: 0.1
 */
const char *cip_event_get_name(uint32_t event);

/**
 * cip_attr_get_name - an attribute as cipadm writes it, such as "total" or "mac".
 * @attr: CIP_ATTR_*
 *
 * Returns: the word, NULL if there is no such attribute; lives as long as the library.
 * Since: 0.1
 */
const char *cip_attr_get_name(uint32_t attr);

#ifdef __cplusplus
}
#endif

#endif
