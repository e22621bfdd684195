/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "cluster-text.h"
#include "error.h"
#include "names.h"
#include "validate.h"

CIP_EXPORT int cip_cluster_new(struct cip_ctx *ctx, struct cip_cluster **ret_cluster)
{
	if (!ctx || !ret_cluster)
		return api_null(ctx, "ret_cluster");
	return cluster_new(ctx, ret_cluster);
}

CIP_EXPORT int cip_cluster_copy(struct cip_cluster *cluster, struct cip_cluster **ret_cluster)
{
	if (!cluster || !ret_cluster)
		return cluster ? api_null(cluster->ctx, "ret_cluster") : -EINVAL;
	return cluster_copy(cluster->ctx, cluster, ret_cluster);
}

CIP_EXPORT struct cip_cluster *cip_cluster_ref(struct cip_cluster *cluster)
{
	return cluster_ref(cluster);
}

CIP_EXPORT struct cip_cluster *cip_cluster_unref(struct cip_cluster *cluster)
{
	return cluster_unref(cluster);
}

static int attr_exists(uint32_t attr)
{
	return (attr >= CIP_ATTR_ADDRESS && attr <= CIP_ATTR_NOADDR) ||
	       (attr >= CIP_ATTR_SOURCE_PREFIX && attr <= CIP_ATTR_LAST);
}

CIP_EXPORT int cip_cluster_is_set(struct cip_cluster *cluster, uint32_t attr)
{
	return attr_exists(attr) && CLUSTER_HAS(cluster, attr);
}

CIP_EXPORT int cip_cluster_unset(struct cip_cluster *cluster, uint32_t attr)
{
	if (!attr_exists(attr))
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_NONE, "attribute %u is none of a cluster IP",
				 attr);
	cluster->set &= ~(1u << attr);
	return 0;
}

static int not_set(struct cip_cluster *cluster, uint32_t attr)
{
	return cip_error(cluster->ctx, -ENODATA, attr, "%s is not set", names_attr(attr));
}

static int too_small(struct cip_cluster *cluster, uint32_t attr, size_t size)
{
	return cip_error(cluster->ctx, -ENOSPC, attr, "%s does not fit into %zu bytes",
			 attr ? names_attr(attr) : "the cluster IP", size);
}

static int give_text(struct cip_cluster *cluster, uint32_t attr, const char *text, char *buf, size_t size)
{
	size_t len = strlen(text);

	if (len >= size)
		return too_small(cluster, attr, size);
	memcpy(buf, text, len + 1);
	return 0;
}

static int missing_argument(struct cip_cluster *cluster, uint32_t attr, const char *name)
{
	return cip_error(cluster->ctx, -EINVAL, attr, "%s is NULL", name);
}

CIP_EXPORT int cip_cluster_set_address(struct cip_cluster *cluster, const char *address)
{
	return address ? cluster_set_address(cluster, address)
		       : missing_argument(cluster, CIP_ATTR_ADDRESS, "address");
}

CIP_EXPORT int cip_cluster_get_address(struct cip_cluster *cluster, char *buf, size_t size)
{
	char text[ADDR_TEXT_MAX];

	if (!CLUSTER_HAS(cluster, CIP_ATTR_ADDRESS))
		return not_set(cluster, CIP_ATTR_ADDRESS);
	addr_format(&cluster->addr, text);
	return give_text(cluster, CIP_ATTR_ADDRESS, text, buf, size);
}

CIP_EXPORT uint32_t cip_cluster_get_family(struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_ADDRESS) ? cluster->addr.family : 0;
}

CIP_EXPORT int cip_cluster_set_prefix(struct cip_cluster *cluster, uint32_t prefix)
{
	return cluster_set_prefix(cluster, prefix);
}

CIP_EXPORT uint32_t cip_cluster_get_prefix(struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_PREFIX) ? cluster->prefix : 0;
}

CIP_EXPORT int cip_cluster_set_ifname(struct cip_cluster *cluster, const char *ifname)
{
	return ifname ? cluster_set_ifname(cluster, ifname) : missing_argument(cluster, CIP_ATTR_IFNAME, "dev");
}

CIP_EXPORT int cip_cluster_get_ifname(struct cip_cluster *cluster, char *buf, size_t size)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_IFNAME)
		       ? give_text(cluster, CIP_ATTR_IFNAME, cluster->ifname, buf, size)
		       : not_set(cluster, CIP_ATTR_IFNAME);
}

CIP_EXPORT int cip_cluster_set_mac(struct cip_cluster *cluster, const char *mac)
{
	return mac ? cluster_set_mac(cluster, mac) : missing_argument(cluster, CIP_ATTR_MAC, "mac");
}

CIP_EXPORT int cip_cluster_get_mac(struct cip_cluster *cluster, char *buf, size_t size)
{
	char text[MAC_TEXT_MAX];

	if (!CLUSTER_HAS(cluster, CIP_ATTR_MAC))
		return not_set(cluster, CIP_ATTR_MAC);
	mac_format(cluster->mac, text);
	return give_text(cluster, CIP_ATTR_MAC, text, buf, size);
}

CIP_EXPORT int cip_cluster_set_mac_mode(struct cip_cluster *cluster, uint32_t mac_mode)
{
	return cluster_set_mac_mode(cluster, mac_mode);
}

CIP_EXPORT uint32_t cip_cluster_get_mac_mode(struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_MAC_MODE) ? cluster->mac_mode : 0;
}

CIP_EXPORT int cip_cluster_set_hash_mode(struct cip_cluster *cluster, uint32_t hash_mode)
{
	return cluster_set_hash_mode(cluster, hash_mode);
}

CIP_EXPORT uint32_t cip_cluster_get_hash_mode(struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_HASH_MODE) ? cluster->hash_mode : 0;
}

CIP_EXPORT int cip_cluster_set_total_nodes(struct cip_cluster *cluster, uint32_t total_nodes)
{
	return cluster_set_total(cluster, total_nodes);
}

CIP_EXPORT uint32_t cip_cluster_get_total_nodes(struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_TOTAL) ? cluster->total : 0;
}

CIP_EXPORT int cip_cluster_set_hash_seed(struct cip_cluster *cluster, uint32_t seed)
{
	cluster->seed = seed;
	cluster_mark(cluster, CIP_ATTR_SEED);
	return 0;
}

CIP_EXPORT uint32_t cip_cluster_get_hash_seed(struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_SEED) ? cluster->seed : 0;
}

CIP_EXPORT int cip_cluster_set_source_prefix(struct cip_cluster *cluster, uint32_t bits)
{
	return cluster_set_source_prefix(cluster, bits);
}

CIP_EXPORT uint32_t cip_cluster_get_source_prefix(struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_SOURCE_PREFIX) ? cluster->source_prefix : 0;
}

CIP_EXPORT int cip_cluster_set_outgoing(struct cip_cluster *cluster, int outgoing)
{
	if (outgoing != 0 && outgoing != 1)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_OUTGOING, "outgoing %d is neither 0 nor 1",
				 outgoing);
	cluster->outgoing = outgoing;
	cluster_mark(cluster, CIP_ATTR_OUTGOING);
	return 0;
}

CIP_EXPORT int cip_cluster_get_outgoing(struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_OUTGOING) && cluster->outgoing;
}

CIP_EXPORT int cip_cluster_set_noaddr(struct cip_cluster *cluster, int noaddr)
{
	if (noaddr != 0 && noaddr != 1)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_NOADDR, "noaddr %d is neither 0 nor 1",
				 noaddr);
	cluster->noaddr = noaddr;
	cluster_mark(cluster, CIP_ATTR_NOADDR);
	return 0;
}

CIP_EXPORT int cip_cluster_get_noaddr(struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_NOADDR) && cluster->noaddr;
}

CIP_EXPORT int cip_cluster_set_buckets(struct cip_cluster *cluster, const char *buckets)
{
	return buckets ? cluster_set_buckets(cluster, buckets)
		       : missing_argument(cluster, CIP_ATTR_BUCKETS, "buckets");
}

CIP_EXPORT int cip_cluster_get_buckets(struct cip_cluster *cluster, char *buf, size_t size)
{
	if (!CLUSTER_HAS(cluster, CIP_ATTR_BUCKETS))
		return not_set(cluster, CIP_ATTR_BUCKETS);
	return bucketset_format(&cluster->buckets, buf, size) < 0 ? too_small(cluster, CIP_ATTR_BUCKETS, size)
								  : 0;
}

CIP_EXPORT int cip_cluster_add_bucket(struct cip_cluster *cluster, uint32_t bucket)
{
	int rc = cluster_check_bucket(cluster, bucket);

	if (rc < 0)
		return rc;
	if (!CLUSTER_HAS(cluster, CIP_ATTR_BUCKETS))
		memset(&cluster->buckets, 0, sizeof(cluster->buckets));
	bucketset_add(&cluster->buckets, bucket);
	cluster_mark(cluster, CIP_ATTR_BUCKETS);
	return 0;
}

CIP_EXPORT int cip_cluster_remove_bucket(struct cip_cluster *cluster, uint32_t bucket)
{
	int rc = cluster_check_bucket(cluster, bucket);

	if (rc < 0)
		return rc;
	if (!CLUSTER_HAS(cluster, CIP_ATTR_BUCKETS))
		memset(&cluster->buckets, 0, sizeof(cluster->buckets));
	bucketset_remove(&cluster->buckets, bucket);
	cluster_mark(cluster, CIP_ATTR_BUCKETS);
	return 0;
}

CIP_EXPORT int cip_cluster_has_bucket(struct cip_cluster *cluster, uint32_t bucket)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_BUCKETS) && bucketset_has(&cluster->buckets, bucket);
}

CIP_EXPORT int cip_cluster_is_assigned(struct cip_cluster *cluster, uint32_t bucket)
{
	return bucketset_has(&cluster->observed.assigned, bucket);
}

CIP_EXPORT uint32_t cip_cluster_next_bucket(struct cip_cluster *cluster, uint32_t after)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_BUCKETS) ? bucketset_next(&cluster->buckets, after) : 0;
}

static int give_counter(const struct counter *counter, uint64_t *ret_packets, uint64_t *ret_bytes)
{
	*ret_packets = counter->packets;
	*ret_bytes = counter->bytes;
	return 0;
}

static int not_counted(struct cip_cluster *cluster)
{
	return cip_error(cluster->ctx, -ENODATA, CIP_ATTR_NONE,
			 "no counters: the cluster IP was not queried, or its backend does not count");
}

CIP_EXPORT int cip_cluster_get_bucket_counters(struct cip_cluster *cluster, uint32_t bucket,
					       uint64_t *ret_packets, uint64_t *ret_bytes)
{
	const struct counter *counter = cluster_counter(cluster, bucket);

	if (!cluster->observed.counted)
		return not_counted(cluster);
	if (!counter || !bucketset_has(&cluster->buckets, bucket))
		return cip_error(cluster->ctx, -ENODATA, CIP_ATTR_BUCKETS,
				 "buckets: %u is not local, so that it has no counters", bucket);
	return give_counter(counter, ret_packets, ret_bytes);
}

CIP_EXPORT int cip_cluster_get_foreign_counters(struct cip_cluster *cluster, uint64_t *ret_packets,
						uint64_t *ret_bytes)
{
	if (!cluster->observed.counted)
		return not_counted(cluster);
	return give_counter(&cluster->observed.foreign, ret_packets, ret_bytes);
}

CIP_EXPORT const char *cip_cluster_get_backend(struct cip_cluster *cluster)
{
	return cluster->observed.backend ? cluster->observed.backend : "";
}

CIP_EXPORT int cip_cluster_validate(struct cip_cluster *cluster)
{
	return validate_cluster(cluster->ctx, cluster);
}

CIP_EXPORT int cip_cluster_complete(struct cip_cluster *cluster)
{
	if (!CLUSTER_HAS(cluster, CIP_ATTR_ADDRESS))
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_ADDRESS, "address is missing");
	cluster_complete(cluster);
	return 0;
}

CIP_EXPORT uint32_t cip_cluster_compare(struct cip_cluster *a, struct cip_cluster *b)
{
	return cluster_compare(a, b);
}

CIP_EXPORT int cip_cluster_format(struct cip_cluster *cluster, char *buf, size_t size)
{
	int rc = cluster_format(cluster, buf, size);

	if (rc == -ENODATA)
		return not_set(cluster, CIP_ATTR_ADDRESS);
	return rc == -ENOSPC ? too_small(cluster, CIP_ATTR_NONE, size) : rc;
}
