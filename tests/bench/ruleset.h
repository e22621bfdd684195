/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RULESET_H
#define RULESET_H

#include <stdint.h>

#include "flows.h"
#include "series.h"

/* The ways of doing one job that are compared. run.sh makes a namespace NAME-FAMILY-COUNT for each. */
struct ruleset {
	const char *name;
	const char *labels[FAMILIES]; /* NULL: there is no such way */
	uint32_t hash_mode;	      /* that of cip_hash() which the rules have */
	uint32_t packets[3]; /* of one measurement, for each of cluster_counts: dear packets, fewer of them */
};

enum { RULESET_LIBRARY, RULESET_MATCH, RULESET_RECIPE, RULESET_AGENT, RULESET_COUNT };
extern const struct ruleset rulesets[RULESET_COUNT];

enum { CLUSTER_COUNTS = 3 };
extern const uint32_t cluster_counts[CLUSTER_COUNTS];
#define MANY_CLUSTER_IPS 1000

enum { TRAFFICS = 3 };
extern const char *const traffic_names[TRAFFICS];

/* Series "packet NAME FAMILY COUNT TRAFFIC", in ns; there are no mixed packets but to a single cluster IP. */
struct series *packet_series(const struct ruleset *ruleset, enum family family, uint32_t cluster_ips,
			     enum traffic traffic);

/* with the number of the family */
#define PACKET_GENERATOR "packet generator %u"
#define PACKET_OTHER	 "packet other %u"
#define PACKET_OPEN	 "packet open %u %u"

#endif
