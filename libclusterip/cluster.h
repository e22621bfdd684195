/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_CLUSTER_H
#define CIP_CLUSTER_H

#include <net/if.h>

#include "addr.h"
#include "bucketset.h"
#include "ctx.h"

struct counter {
	uint64_t packets, bytes;
};

struct bucket_counter {
	uint32_t bucket;
	struct counter counter;
};

/* Is an entry that leads to a cluster IP there, and does it lead there? */
enum entry {
	ENTRY_ABSENT,
	ENTRY_RIGHT,
	ENTRY_WRONG,
};

#define OBSERVED_ENTRIES 4

/* What is known of a cluster IP only by reading it from a kernel. */
struct observed {
	const char *backend;	   /* NULL: not read from a kernel */
	int recorded;		   /* it has a record; else there are only traces of it */
	uint32_t class;		   /* the backend's own handle, see docs/footprint.md */
	struct bucketset assigned; /* buckets this node was told to own; "buckets" are those let in */
	enum entry entries[OBSERVED_ENTRIES]; /* that lead to its rules, as the backend counts them */
	enum entry arp;			      /* its cluster MAC in ARP packets */
	struct counter foreign;
	uint32_t counted; /* the total nodes of then, if counters were read; else 0 */
	uint32_t local_count;
	struct bucket_counter *local; /* of the buckets let in, in order */
};

/*
 * One cluster IP: the same type for what is wanted and for what the kernel has. Presence bits (1 << CIP_ATTR_*)
 * tell "unset" from zero.
 */
struct cip_cluster {
	struct refcount refcount;
	struct cip_ctx *ctx;
	uint32_t set;
	struct addr addr;
	uint32_t prefix;
	char ifname[IFNAMSIZ];
	uint8_t mac[6];
	uint32_t hash_mode;
	uint32_t total;
	uint32_t seed;
	int noaddr;
	int outgoing; /* connections that this node opens have their replies */
	uint32_t mac_mode;
	uint32_t source_prefix; /* bits of the client's address that are hashed */
	struct bucketset buckets;
	uint32_t line; /* of the text that it was read from, 0 if from none */
	struct observed observed;
};

/* the last attribute that can be part of a cluster IP */
#define CIP_ATTR_LAST		   CIP_ATTR_OUTGOING
#define CLUSTER_HAS(cluster, attr) ((cluster)->set >> (attr)&1)

int cluster_new(struct cip_ctx *ctx, struct cip_cluster **ret_cluster);
/* ctx, which may be NULL, is the copy's */
int cluster_copy(struct cip_ctx *ctx, const struct cip_cluster *cluster, struct cip_cluster **ret_cluster);
struct cip_cluster *cluster_ref(struct cip_cluster *cluster);
struct cip_cluster *cluster_unref(struct cip_cluster *cluster);
/* Let go of the context: for objects that the context itself keeps. */
void cluster_detach(struct cip_cluster *cluster);
void cluster_mark(struct cip_cluster *cluster, uint32_t attr);

/* Note what was counted of a bucket. 0 or -ENOMEM. */
int cluster_count(struct cip_cluster *cluster, uint32_t bucket, const struct counter *counter);
/* NULL: counters were not read. */
const struct counter *cluster_counter(const struct cip_cluster *cluster, uint32_t bucket);

/* mask of 1 << CIP_ATTR_* of what is set in both and differs */
uint32_t cluster_compare(const struct cip_cluster *a, const struct cip_cluster *b);
/* give what is unset its default */
void cluster_complete(struct cip_cluster *cluster);
/* take over every attribute that is set in "from" */
void cluster_merge(struct cip_cluster *cluster, const struct cip_cluster *from);
/* "10.0.0.100 dev eth0", for sentences */
#define CLUSTER_LABEL_MAX (ADDR_TEXT_MAX + 5 + IFNAMSIZ)
const char *cluster_label(const struct cip_cluster *cluster, char buf[CLUSTER_LABEL_MAX]);

#endif
