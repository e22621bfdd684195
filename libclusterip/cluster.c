/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "error.h"

/* Where in the object its value begins. */
#define VALUE_AT offsetof(struct cip_cluster, set)

int cluster_new(struct cip_ctx *ctx, struct cip_cluster **ret_cluster)
{
	struct cip_cluster *cluster = calloc(1, sizeof(*cluster));

	if (!cluster)
		return cip_error_nomem(ctx);
	refcount_init(&cluster->refcount);
	cluster->ctx = ctx ? cip_ref(ctx) : NULL;
	*ret_cluster = cluster;
	return 0;
}

int cluster_copy(struct cip_ctx *ctx, const struct cip_cluster *cluster, struct cip_cluster **ret_cluster)
{
	size_t size = cluster->observed.local_count * sizeof(*cluster->observed.local);
	struct cip_cluster *copy = NULL;
	int rc;

	rc = cluster_new(ctx, &copy);
	if (rc < 0)
		return rc;
	/* not the count, which other threads may move meanwhile */
	memcpy((char *)copy + VALUE_AT, (const char *)cluster + VALUE_AT, sizeof(*copy) - VALUE_AT);
	copy->observed.local = NULL;
	if (cluster->observed.local) {
		copy->observed.local = malloc(size);
		if (!copy->observed.local) {
			cluster_unref(copy);
			return cip_error_nomem(ctx);
		}
		memcpy(copy->observed.local, cluster->observed.local, size);
	}
	*ret_cluster = copy;
	return 0;
}

struct cip_cluster *cluster_ref(struct cip_cluster *cluster)
{
	refcount_take(&cluster->refcount);
	return cluster;
}

struct cip_cluster *cluster_unref(struct cip_cluster *cluster)
{
	if (!cluster || !refcount_drop(&cluster->refcount))
		return NULL;
	free(cluster->observed.local);
	cip_unref(cluster->ctx);
	free(cluster);
	return NULL;
}

void cluster_detach(struct cip_cluster *cluster)
{
	cluster->ctx = cip_unref(cluster->ctx);
}

/* Where the counter of a bucket is, or would be. */
static uint32_t counter_at(const struct observed *observed, uint32_t bucket)
{
	uint32_t low = 0, high = observed->local_count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (observed->local[middle].bucket < bucket)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int cluster_count(struct cip_cluster *cluster, uint32_t bucket, const struct counter *counter)
{
	struct observed *observed = &cluster->observed;
	uint32_t count = observed->local_count, at = counter_at(observed, bucket);
	struct bucket_counter *local = observed->local;

	if (at == count || local[at].bucket != bucket) {
		/* the array doubles whenever its size is a power of two */
		if (!(count & (count - 1)))
			local = realloc(local, (count ? count * 2 : 1) * sizeof(*local));
		if (!local)
			return -ENOMEM;
		memmove(&local[at + 1], &local[at], (count - at) * sizeof(*local));
		observed->local = local;
		observed->local_count++;
	}
	local[at] = (struct bucket_counter){ bucket, *counter };
	return 0;
}

const struct counter *cluster_counter(const struct cip_cluster *cluster, uint32_t bucket)
{
	static const struct counter none;
	const struct observed *observed = &cluster->observed;
	uint32_t at = counter_at(observed, bucket);

	if (bucket > observed->counted)
		return NULL;
	return at < observed->local_count && observed->local[at].bucket == bucket ? &observed->local[at].counter
										  : &none;
}

void cluster_mark(struct cip_cluster *cluster, uint32_t attr)
{
	cluster->set |= 1u << attr;
}

static int same(const struct cip_cluster *a, const struct cip_cluster *b, uint32_t attr)
{
	switch (attr) {
	case CIP_ATTR_ADDRESS:
		return addr_compare(&a->addr, &b->addr) == 0;
	case CIP_ATTR_PREFIX:
		return a->prefix == b->prefix;
	case CIP_ATTR_IFNAME:
		return !strcmp(a->ifname, b->ifname);
	case CIP_ATTR_MAC:
		return !memcmp(a->mac, b->mac, sizeof(a->mac));
	case CIP_ATTR_HASH_MODE:
		return a->hash_mode == b->hash_mode;
	case CIP_ATTR_TOTAL:
		return a->total == b->total;
	case CIP_ATTR_SEED:
		return a->seed == b->seed;
	case CIP_ATTR_BUCKETS:
		return bucketset_equal(&a->buckets, &b->buckets);
	case CIP_ATTR_NOADDR:
		return a->noaddr == b->noaddr;
	case CIP_ATTR_SOURCE_PREFIX:
		return a->source_prefix == b->source_prefix;
	case CIP_ATTR_OUTGOING:
		return a->outgoing == b->outgoing;
	case CIP_ATTR_MAC_MODE:
		return a->mac_mode == b->mac_mode;
	}
	return 1;
}

_Static_assert(CIP_ATTR_LAST == CIP_ATTR_OUTGOING,
	       "a new attribute needs its line in same() and in cluster_merge()");

uint32_t cluster_compare(const struct cip_cluster *a, const struct cip_cluster *b)
{
	uint32_t attr, mask = 0;

	for (attr = CIP_ATTR_ADDRESS; attr <= CIP_ATTR_LAST; attr++)
		if (CLUSTER_HAS(a, attr) && CLUSTER_HAS(b, attr) && !same(a, b, attr))
			mask |= 1u << attr;
	return mask;
}

void cluster_complete(struct cip_cluster *cluster)
{
	if (!CLUSTER_HAS(cluster, CIP_ATTR_NOADDR))
		cluster->noaddr = 0;
	if (!CLUSTER_HAS(cluster, CIP_ATTR_PREFIX))
		cluster->prefix = addr_bits(&cluster->addr);
	if (!CLUSTER_HAS(cluster, CIP_ATTR_OUTGOING))
		cluster->outgoing = 0;
	if (!CLUSTER_HAS(cluster, CIP_ATTR_MAC_MODE))
		cluster->mac_mode = CIP_MAC_MULTICAST;
	if (!CLUSTER_HAS(cluster, CIP_ATTR_MAC))
		mac_default(cluster->mac_mode, &cluster->addr, cluster->mac);
	if (!CLUSTER_HAS(cluster, CIP_ATTR_HASH_MODE))
		cluster->hash_mode = CIP_HASH_SOURCEIP;
	if (!CLUSTER_HAS(cluster, CIP_ATTR_SEED))
		cluster->seed = 0;
	if (!CLUSTER_HAS(cluster, CIP_ATTR_SOURCE_PREFIX))
		cluster->source_prefix = addr_bits(&cluster->addr);
	if (!CLUSTER_HAS(cluster, CIP_ATTR_BUCKETS))
		memset(&cluster->buckets, 0, sizeof(cluster->buckets));
	cluster->set |= 1u << CIP_ATTR_NOADDR | 1u << CIP_ATTR_MAC | 1u << CIP_ATTR_HASH_MODE |
			1u << CIP_ATTR_SEED | 1u << CIP_ATTR_BUCKETS | 1u << CIP_ATTR_SOURCE_PREFIX |
			1u << CIP_ATTR_MAC_MODE | 1u << CIP_ATTR_OUTGOING;
	if (cluster->noaddr)
		cluster->set &= ~(1u << CIP_ATTR_PREFIX);
	else
		cluster_mark(cluster, CIP_ATTR_PREFIX);
}

void cluster_merge(struct cip_cluster *cluster, const struct cip_cluster *from)
{
	if (CLUSTER_HAS(from, CIP_ATTR_PREFIX))
		cluster->prefix = from->prefix;
	if (CLUSTER_HAS(from, CIP_ATTR_IFNAME))
		memcpy(cluster->ifname, from->ifname, sizeof(cluster->ifname));
	if (CLUSTER_HAS(from, CIP_ATTR_MAC))
		memcpy(cluster->mac, from->mac, sizeof(cluster->mac));
	if (CLUSTER_HAS(from, CIP_ATTR_HASH_MODE))
		cluster->hash_mode = from->hash_mode;
	if (CLUSTER_HAS(from, CIP_ATTR_TOTAL))
		cluster->total = from->total;
	if (CLUSTER_HAS(from, CIP_ATTR_SEED))
		cluster->seed = from->seed;
	if (CLUSTER_HAS(from, CIP_ATTR_BUCKETS))
		cluster->buckets = from->buckets;
	if (CLUSTER_HAS(from, CIP_ATTR_NOADDR))
		cluster->noaddr = from->noaddr;
	if (CLUSTER_HAS(from, CIP_ATTR_OUTGOING))
		cluster->outgoing = from->outgoing;
	if (CLUSTER_HAS(from, CIP_ATTR_MAC_MODE))
		cluster->mac_mode = from->mac_mode;
	if (CLUSTER_HAS(from, CIP_ATTR_SOURCE_PREFIX))
		cluster->source_prefix = from->source_prefix;
	cluster->set |= from->set;
}

const char *cluster_label(const struct cip_cluster *cluster, char buf[CLUSTER_LABEL_MAX])
{
	char address[ADDR_TEXT_MAX];

	addr_format(&cluster->addr, address);
	if (CLUSTER_HAS(cluster, CIP_ATTR_IFNAME))
		snprintf(buf, CLUSTER_LABEL_MAX, "%s dev %s", address, cluster->ifname);
	else
		snprintf(buf, CLUSTER_LABEL_MAX, "%s", address);
	return buf;
}
