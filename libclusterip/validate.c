/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "error.h"
#include "names.h"
#include "validate.h"

static int check_buckets(struct cip_ctx *ctx, const struct cip_cluster *cluster)
{
	uint32_t over;

	if (!CLUSTER_HAS(cluster, CIP_ATTR_TOTAL) || !CLUSTER_HAS(cluster, CIP_ATTR_BUCKETS))
		return 0;
	over = bucketset_next(&cluster->buckets, cluster->total);
	if (over)
		return cip_error(ctx, -EINVAL, CIP_ATTR_BUCKETS, "buckets: %u is not in 1..%u (total nodes)",
				 over, cluster->total);
	return 0;
}

static void set_host_bits(struct addr *addr, uint32_t prefix)
{
	uint32_t bit;

	for (bit = prefix; bit < addr_bits(addr); bit++)
		addr->bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

/* What is sent to the first or last address of an IPv4 network goes to all hosts of it, and a host does not connect to it. */
static int check_host(struct cip_ctx *ctx, const struct cip_cluster *cluster)
{
	struct addr first = cluster->addr, last = cluster->addr;
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	int is_first;

	if (!CLUSTER_HAS(cluster, CIP_ATTR_PREFIX) || cluster->noaddr || first.family != 4 ||
	    cluster->prefix > 30)
		return 0;
	addr_mask(&first, cluster->prefix);
	set_host_bits(&last, cluster->prefix);
	is_first = !addr_compare(&first, &cluster->addr);
	if (!is_first && addr_compare(&last, &cluster->addr))
		return 0;
	first.bytes[3]++;
	last.bytes[3]--;
	addr_format(&first, from);
	addr_format(&last, to);
	return cip_error(
		ctx, -EINVAL, CIP_ATTR_ADDRESS,
		"address: it is the %s address of its network: with prefix length %u hosts have %s..%s",
		is_first ? "first" : "broadcast", cluster->prefix, from, to);
}

int validate_cluster(struct cip_ctx *ctx, const struct cip_cluster *cluster)
{
	static const uint32_t needed[] = { CIP_ATTR_ADDRESS, CIP_ATTR_IFNAME, CIP_ATTR_TOTAL };
	char label[CLUSTER_LABEL_MAX];
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (!CLUSTER_HAS(cluster, needed[i]))
			return cip_error(ctx, -EINVAL, needed[i], "%s%s%s is missing",
					 i ? cluster_label(cluster, label) : "", i ? ": " : "",
					 names_attr(needed[i]));
	if (CLUSTER_HAS(cluster, CIP_ATTR_PREFIX) && cluster->prefix > addr_bits(&cluster->addr))
		return cip_error(ctx, -EINVAL, CIP_ATTR_PREFIX, "prefix length %u is not in 1..%u",
				 cluster->prefix, addr_bits(&cluster->addr));
	if (check_host(ctx, cluster) < 0)
		return -EINVAL;
	if (CLUSTER_HAS(cluster, CIP_ATTR_MAC) && CLUSTER_HAS(cluster, CIP_ATTR_MAC_MODE) &&
	    cluster->mac_mode == CIP_MAC_IGMP && cluster->addr.family == 4 && cluster->mac[0] == 0x33)
		return cip_error(
			ctx, -EINVAL, CIP_ATTR_MAC,
			"mac: an IPv4 cluster IP in mac-mode igmp needs a MAC of an IPv4 group, 01:00:5e:...");
	if (CLUSTER_HAS(cluster, CIP_ATTR_SOURCE_PREFIX) && cluster->source_prefix > addr_bits(&cluster->addr))
		return cip_error(ctx, -EINVAL, CIP_ATTR_SOURCE_PREFIX,
				 "source prefix length %u is not in 1..%u", cluster->source_prefix,
				 addr_bits(&cluster->addr));
	return check_buckets(ctx, cluster);
}

int validate_target(struct cip_ctx *ctx, const struct cip_cluster *cluster)
{
	if (!CLUSTER_HAS(cluster, CIP_ATTR_ADDRESS))
		return cip_error(ctx, -EINVAL, CIP_ATTR_ADDRESS, "address is missing");
	return check_buckets(ctx, cluster);
}
