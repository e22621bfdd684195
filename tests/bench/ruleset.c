/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ruleset.h"

#include "util.h"

const struct ruleset rulesets[RULESET_COUNT] = {
	[RULESET_LIBRARY] = { "library", "libclusterip", ORDER_NUMBER, { 16384, 16384, 16384 } },
	[RULESET_MATCH] = { "match", "iptables -m cluster, INPUT", ORDER_PACKET, { 16384, 16384, 4096 } },
	[RULESET_RECIPE] = { "recipe", "recipe of libxt_cluster(8)", ORDER_PACKET, { 16384, 8192, 2048 } },
	[RULESET_AGENT] = { "agent", "IPaddr2, nft", ORDER_PACKET, { 16384, 4096, 512 } },
};

const uint32_t cluster_counts[CLUSTER_COUNTS] = { 1, 100, MANY_CLUSTER_IPS };

const char *const traffic_names[TRAFFICS] = {
	[TRAFFIC_FOREIGN] = "dropped",
	[TRAFFIC_LOCAL] = "accepted",
	[TRAFFIC_MIXED] = "mixed",
};

struct series *packet_series(const struct ruleset *ruleset, uint32_t cluster_ips, enum traffic traffic)
{
	return series_get("packet %s %u %s", ruleset->name, cluster_ips, traffic_names[traffic]);
}
