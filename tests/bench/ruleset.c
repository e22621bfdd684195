/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ruleset.h"

#include <clusterip/clusterip.h>

/* The cluster match hashes of an IPv6 address its first word, libclusterip the four of them. */
const struct ruleset rulesets[RULESET_COUNT] = {
	[RULESET_LIBRARY] = { .name = "library",
			      .labels = { "libclusterip", "libclusterip" },
			      .hash_mode = CIP_HASH_SOURCEIP,
			      .packets = { 16384, 16384, 16384 } },
	[RULESET_MATCH] = { .name = "match",
			    .labels = { "iptables -m cluster, INPUT", "ip6tables -m cluster, INPUT" },
			    .hash_mode = CIP_HASH_XT_CLUSTER,
			    .packets = { 16384, 16384, 4096 } },
	[RULESET_RECIPE] = { .name = "recipe",
			     .labels = { "recipe of libxt_cluster(8)", "recipe of libxt_cluster(8)" },
			     .hash_mode = CIP_HASH_XT_CLUSTER,
			     .packets = { 16384, 8192, 2048 } },
	[RULESET_AGENT] = { .name = "agent",
			    .labels = { [IPV4] = "IPaddr2, nft" },
			    .hash_mode = CIP_HASH_XT_CLUSTER,
			    .packets = { 16384, 4096, 512 } },
};

const uint32_t cluster_counts[CLUSTER_COUNTS] = { 1, 100, MANY_CLUSTER_IPS };

const char *const traffic_names[TRAFFICS] = {
	[TRAFFIC_FOREIGN] = "dropped",
	[TRAFFIC_LOCAL] = "accepted",
	[TRAFFIC_MIXED] = "mixed",
};

struct series *packet_series(const struct ruleset *ruleset, enum family family, uint32_t cluster_ips,
			     enum traffic traffic)
{
	return series_get("packet %s %u %u %s", ruleset->name, families[family].number, cluster_ips,
			  traffic_names[traffic]);
}
