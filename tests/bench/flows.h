/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOWS_H
#define FLOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "gen.h"

/* Packets of buckets of other nodes, of this node, or of both as they come. */
enum traffic { TRAFFIC_FOREIGN, TRAFFIC_LOCAL, TRAFFIC_MIXED };

/* CLUSTERIP hashes the address as a number, the cluster match and nft's jhash as it lies in the packet. */
enum hash_order { ORDER_NUMBER, ORDER_PACKET };

struct flows {
	struct flow flows[FLOW_COUNT];
	bool local[FLOW_COUNT];
};

/* Different sources, spread evenly over so many cluster IPs. */
struct flows *flows_new(uint32_t cluster_ips, enum hash_order order, enum traffic traffic);

/* How many of the first packets go to local buckets. */
uint32_t flows_local(const struct flows *flows, uint32_t packets);

#endif
