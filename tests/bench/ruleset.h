/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RULESET_H
#define RULESET_H

#include <stdint.h>

#include "flows.h"
#include "series.h"

/* The ways of doing one job that are compared. run.sh makes a namespace NAME-COUNT for each. */
struct ruleset {
	const char *name, *label;
	enum hash_order order;
	uint32_t packets[3]; /* of one measurement, for each of cluster_counts: dear packets, fewer of them */
};

enum { RULESET_LIBRARY, RULESET_MATCH, RULESET_RECIPE, RULESET_AGENT, RULESET_COUNT };
extern const struct ruleset rulesets[RULESET_COUNT];

enum { CLUSTER_COUNTS = 3 };
extern const uint32_t cluster_counts[CLUSTER_COUNTS];
#define MANY_CLUSTER_IPS 1000

enum { TRAFFICS = 3 };
extern const char *const traffic_names[TRAFFICS];

/* Series "packet NAME COUNT TRAFFIC", in ns; there are no mixed packets but to a single cluster IP. */
struct series *packet_series(const struct ruleset *ruleset, uint32_t cluster_ips, enum traffic traffic);

#define PACKET_GENERATOR "packet generator"
#define PACKET_OTHER	 "packet other"
#define PACKET_OPEN	 "packet open %u"

#endif
