/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "cluster-text.h"
#include "error.h"
#include "hash.h"
#include "names.h"

/* ctx may be NULL: the pure function has none. */
static int parse_flow(struct cip_ctx *ctx, const char *saddr, uint32_t protocol, uint32_t sport, uint32_t dport,
		      struct flow *ret_flow)
{
	struct flow flow = { .protocol = protocol, .sport = sport, .dport = dport };

	if (!saddr || addr_parse(saddr, &flow.saddr) < 0)
		return cip_error(ctx, -EINVAL, CIP_ATTR_SADDR, "saddr \"%.64s\" is not an IPv4 or IPv6 address",
				 saddr ? saddr : "");
	if (protocol > 255)
		return cip_error(ctx, -EINVAL, CIP_ATTR_PROTOCOL, "protocol %u is not in 0..255", protocol);
	if (sport > 65535)
		return cip_error(ctx, -EINVAL, CIP_ATTR_SPORT, "sport %u is not in 0..65535", sport);
	if (dport > 65535)
		return cip_error(ctx, -EINVAL, CIP_ATTR_DPORT, "dport %u is not in 0..65535", dport);
	*ret_flow = flow;
	return 0;
}

CIP_EXPORT int cip_hash(uint32_t hash_mode, uint32_t total_nodes, uint32_t seed, const char *saddr,
			uint32_t protocol, uint32_t sport, uint32_t dport, uint32_t *ret_bucket)
{
	struct hash_how how = { hash_mode, total_nodes, seed, 128 };
	struct flow flow;
	int rc;

	if (!names_hash_mode(hash_mode) || total_nodes < 1 || total_nodes > CIP_TOTAL_NODES_MAX || !ret_bucket)
		return -EINVAL;
	rc = parse_flow(NULL, saddr, protocol, sport, dport, &flow);
	if (rc == 0)
		*ret_bucket = hash_bucket(&how, &flow);
	return rc;
}

CIP_EXPORT int cip_cluster_hash(struct cip_cluster *cluster, const char *saddr, uint32_t protocol,
				uint32_t sport, uint32_t dport, uint32_t *ret_bucket)
{
	struct hash_how how = { CIP_HASH_SOURCEIP, cluster->total, 0, 128 };
	struct flow flow;
	int rc;

	if (!ret_bucket)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_NONE, "ret_bucket is NULL");
	if (!CLUSTER_HAS(cluster, CIP_ATTR_TOTAL))
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_TOTAL, "total is missing");
	if (CLUSTER_HAS(cluster, CIP_ATTR_HASH_MODE))
		how.mode = cluster->hash_mode;
	if (CLUSTER_HAS(cluster, CIP_ATTR_SEED))
		how.seed = cluster->seed;
	if (CLUSTER_HAS(cluster, CIP_ATTR_SOURCE_PREFIX))
		how.source_prefix = cluster->source_prefix;
	rc = parse_flow(cluster->ctx, saddr, protocol, sport, dport, &flow);
	if (rc == 0 && CLUSTER_HAS(cluster, CIP_ATTR_ADDRESS) && flow.saddr.family != cluster->addr.family)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_SADDR,
				 "saddr %.64s is not an IPv%u address as the cluster IP is", saddr,
				 cluster->addr.family);
	if (rc == 0)
		*ret_bucket = hash_bucket(&how, &flow);
	return rc;
}

CIP_EXPORT int cip_default_mac(const char *address, char *buf, size_t size)
{
	char text[MAC_TEXT_MAX];
	struct addr addr;
	uint8_t mac[6];
	int rc;

	rc = address ? addr_parse(address, &addr) : -EINVAL;
	if (rc < 0)
		return rc;
	mac_default(CIP_MAC_MULTICAST, &addr, mac);
	mac_format(mac, text);
	if (size < sizeof(text))
		return -ENOSPC;
	memcpy(buf, text, sizeof(text));
	return 0;
}

CIP_EXPORT int cip_cluster_parse(struct cip_cluster *cluster, const char *text)
{
	if (!text)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_NONE, "the line is NULL");
	return cluster_parse(cluster, text);
}
