/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOWS_H
#define FLOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "family.h"
#include "gen.h"

/* Packets of buckets of other nodes, of this node, or of both as they come. */
enum traffic { TRAFFIC_FOREIGN, TRAFFIC_LOCAL, TRAFFIC_MIXED };

struct flows {
	enum family family;
	struct flow flows[FLOW_COUNT];
	bool local[FLOW_COUNT];
};

/* Different sources, spread evenly over so many cluster IPs; hash_mode tells which of them are local. */
struct flows *flows_new(enum family family, uint32_t cluster_ips, uint32_t hash_mode, enum traffic traffic);

/* How many of the first packets go to local buckets. */
uint32_t flows_local(const struct flows *flows, uint32_t packets);

#endif
