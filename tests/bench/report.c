/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <stdbool.h>
#include <stdio.h>

#include "change.h"
#include "create.h"
#include "ruleset.h"
#include "scale.h"
#include "series.h"
#include "util.h"

#define LABEL	     "%-44s"
#define FAMILY_LABEL "%-38s" /* behind its name */

/* ------------------------------------------------------------------ packets */

static const struct series *generator(enum family family)
{
	return series_get(PACKET_GENERATOR, families[family].number);
}

static void print_counts(const char *title)
{
	printf("\n" LABEL, title);
	for (size_t i = 0; i < CLUSTER_COUNTS; i++)
		printf("%14u", cluster_counts[i]);
	putchar('\n');
}

static void print_label(enum family family, const char *label)
{
	printf("%s  " FAMILY_LABEL, families[family].label, label);
}

static void print_packet(enum family family, const struct series *series, const struct series *base)
{
	printf("%8.0f %5.2f", series_above(series, generator(family)),
	       series_ratio(series, base, generator(family)));
}

static struct series *match_series(enum family family, size_t count, enum traffic traffic)
{
	return packet_series(&rulesets[RULESET_MATCH], family, cluster_counts[count], traffic);
}

static void print_drop_floor(enum family family)
{
	print_label(family, "floor: frame for another host");
	print_packet(family, series_get(PACKET_OTHER, families[family].number),
		     match_series(family, 0, TRAFFIC_FOREIGN));
	putchar('\n');
}

static void print_accept_floor(enum family family)
{
	print_label(family, "floor: no rules");
	for (size_t i = 0; i < CLUSTER_COUNTS; i++)
		print_packet(family, series_get(PACKET_OPEN, families[family].number, cluster_counts[i]),
			     match_series(family, i, TRAFFIC_LOCAL));
	putchar('\n');
}

static void print_ruleset(const struct ruleset *ruleset, enum family family, enum traffic traffic)
{
	size_t counts = traffic == TRAFFIC_MIXED ? 1 : CLUSTER_COUNTS;

	print_label(family, ruleset->labels[family]);
	for (size_t i = 0; i < counts; i++)
		print_packet(family, packet_series(ruleset, family, cluster_counts[i], traffic),
			     match_series(family, i, traffic));
	putchar('\n');
}

static void print_family(enum family family, enum traffic traffic)
{
	if (traffic == TRAFFIC_FOREIGN)
		print_drop_floor(family);
	if (traffic == TRAFFIC_LOCAL)
		print_accept_floor(family);
	for (size_t i = 0; i < RULESET_COUNT; i++)
		if (rulesets[i].labels[family])
			print_ruleset(&rulesets[i], family, traffic);
}

static void print_traffic(enum traffic traffic)
{
	char title[64];

	snprintf(title, sizeof(title), "%s packet, cluster IPs:", traffic_names[traffic]);
	print_counts(title);
	for (enum family family = 0; family < FAMILIES; family++)
		print_family(family, traffic);
}

static void print_packets(void)
{
	printf("Cost of a packet: ns of CPU time without the generator's (%.0f ns, IPv6 %.0f ns), and the same "
	       "as a\n"
	       "share of what -m cluster in INPUT takes. Hash mode sourceip, %d buckets, local "
	       "are " LOCAL_BUCKETS ".\n",
	       series_median(generator(IPV4)), series_median(generator(IPV6)), TOTAL_NODES);
	print_traffic(TRAFFIC_FOREIGN);
	print_traffic(TRAFFIC_LOCAL);
	print_traffic(TRAFFIC_MIXED);
}

/* ------------------------------------------------------------------ verbs */

static struct series *change_series(const char *way, enum family family, uint32_t cluster_ips)
{
	return series_get("%s %u %u", way, families[family].number, cluster_ips);
}

static void print_change(enum family family, const char *label, const char *way)
{
	static const uint32_t counts[] = { 1, MANY_CLUSTER_IPS };
	struct series *series;

	print_label(family, label);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		series = change_series(way, family, counts[i]);
		printf("%10.1f %8.2f", series_median(series),
		       series_ratio(series, change_series(CHANGE_LIBRARY, family, counts[i]), NULL));
	}
	putchar('\n');
}

static void print_family_changes(enum family family)
{
	char label[64];

	print_change(family, "floor: empty netlink batch and ACK", CHANGE_EMPTY);
	print_change(family, "libclusterip, one call", CHANGE_LIBRARY);
	print_change(family, "cipadm, one process", CHANGE_CIPADM);
	print_change(family, "nft, one process", CHANGE_NFT);
	snprintf(label, sizeof(label), "%s, one process", families[family].iptables);
	print_change(family, label, CHANGE_IPTABLES);
	if (family == IPV4)
		print_change(family, "iptables as IPaddr2, three processes", CHANGE_AGENT);
}

static void print_changes(void)
{
	printf("\nOne bucket more or less: us of real time, and the same in library calls.\n\n" LABEL
	       "%19u%19u\n",
	       "change of a bucket, cluster IPs:", 1, MANY_CLUSTER_IPS);
	for (enum family family = 0; family < FAMILIES; family++)
		print_family_changes(family);
}

static struct series *create_series(const char *way, enum family family)
{
	return series_get("%s %u", way, families[family].number);
}

static void print_create(const char *label, const char *way)
{
	struct series *series;

	printf(LABEL, label);
	for (enum family family = 0; family < FAMILIES; family++) {
		series = create_series(way, family);
		printf("%10.1f %8.2f", series_median(series),
		       series_ratio(series, create_series(CREATE_APPLY, family), NULL));
	}
	putchar('\n');
}

static void print_creates(void)
{
	printf("\nCreating cluster IPs: us of real time for each, and the same as a share of the "
	       "first.\n\n" LABEL "%19s%19s\n",
	       "creation, each of:", families[IPV4].label, families[IPV6].label);
	print_create("cip_apply() of 1000", CREATE_APPLY);
	print_create("cip_create() of one, tables and all", CREATE_ALONE);
	print_create("iptables-restore of 1000 rules", CREATE_RESTORE);
}

/* ------------------------------------------------------------------ promises */

/* A promise is about a ratio of two series; packets without the generator. */
struct promise {
	const char *text;
	const struct series *measured, *base;
	bool packets;
	bool at_least; /* the limit is a lower one */
	double limit;
};

static bool print_promise(enum family family, const struct promise *promise)
{
	double ratio =
		series_ratio(promise->measured, promise->base, promise->packets ? generator(family) : NULL);
	bool kept = promise->at_least ? ratio >= promise->limit : ratio <= promise->limit;

	printf("%-6s  %s  %-68s %8.2f  %s %6.2f\n", kept ? "ok" : "NOT OK", families[family].label,
	       promise->text, ratio, promise->at_least ? ">=" : "<=", promise->limit);
	return kept;
}

static struct series *dropped(size_t ruleset, enum family family, uint32_t cluster_ips)
{
	return packet_series(&rulesets[ruleset], family, cluster_ips, TRAFFIC_FOREIGN);
}

/* Those that are kept and those that are not are added. */
static void print_list(enum family family, const struct promise *promises, size_t count, unsigned int *ret_kept,
		       unsigned int *ret_broken)
{
	for (size_t i = 0; i < count; i++)
		if (print_promise(family, &promises[i]))
			++*ret_kept;
		else
			++*ret_broken;
}

static void print_family_promises(enum family family, unsigned int *ret_kept, unsigned int *ret_broken)
{
	struct series *library = change_series(CHANGE_LIBRARY, family, 1);
	struct series *library_many = change_series(CHANGE_LIBRARY, family, MANY_CLUSTER_IPS);
	const struct promise promises[] = {
		{ "bucket change, 1000 cluster IPs : 1", library_many, library, false, false, 1.5 },
		{ "dropped packet, 1000 cluster IPs : 1", dropped(RULESET_LIBRARY, family, MANY_CLUSTER_IPS),
		  dropped(RULESET_LIBRARY, family, 1), true, false, 1.25 },
		{ "bucket change, library : empty netlink batch", library,
		  change_series(CHANGE_EMPTY, family, 1), false, false, 3 },
		{ "bucket change, 1000 cluster IPs, library : empty netlink batch", library_many,
		  change_series(CHANGE_EMPTY, family, MANY_CLUSTER_IPS), false, false, 3 },
	};

	print_list(family, promises, ARRAY_SIZE(promises), ret_kept, ret_broken);
}

/*
 * The cluster match hashes one word of an IPv6 address where the library hashes four, so nothing is promised of what they
 * cost, and IPaddr2 shares the load of IPv4 alone.
 */
static void print_ipv4_promises(unsigned int *ret_kept, unsigned int *ret_broken)
{
	const struct promise promises[] = {
		{ "dropped packet, library : cluster match", dropped(RULESET_LIBRARY, IPV4, 1),
		  dropped(RULESET_MATCH, IPV4, 1), true, false, 0.5 },
		{ "dropped packet, 1000 cluster IPs, library : cluster match",
		  dropped(RULESET_LIBRARY, IPV4, MANY_CLUSTER_IPS),
		  dropped(RULESET_MATCH, IPV4, MANY_CLUSTER_IPS), true, false, 0.2 },
		{ "bucket change, IPaddr2's iptables commands : library", change_series(CHANGE_AGENT, IPV4, 1),
		  change_series(CHANGE_LIBRARY, IPV4, 1), false, true, 100 },
		{ "bucket change, 1000 cluster IPs, IPaddr2's iptables commands : library",
		  change_series(CHANGE_AGENT, IPV4, MANY_CLUSTER_IPS),
		  change_series(CHANGE_LIBRARY, IPV4, MANY_CLUSTER_IPS), false, true, 100 },
	};

	print_list(IPV4, promises, ARRAY_SIZE(promises), ret_kept, ret_broken);
}

static unsigned int print_promises(struct scale *const scales[FAMILIES])
{
	unsigned int kept = 0, broken = 0;

	printf("\n%-12s  %-68s %8s  %9s\n", "", "promise", "measured", "limit");
	print_family_promises(IPV4, &kept, &broken);
	print_ipv4_promises(&kept, &broken);
	print_family_promises(IPV6, &kept, &broken);
	for (enum family family = 0; family < FAMILIES; family++)
		scale_promises(scales[family], &kept, &broken);
	printf("%u passed, %u failed, 0 skipped\n", kept, broken);
	return broken;
}

unsigned int report(unsigned int rounds, struct scale *const scales[FAMILIES])
{
	printf("%u rounds; medians, ratios taken round by round\n\n", rounds);
	print_packets();
	print_changes();
	print_creates();
	for (enum family family = 0; family < FAMILIES; family++)
		scale_print(scales[family]);
	return print_promises(scales);
}
