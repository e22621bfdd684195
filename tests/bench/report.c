/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <stdbool.h>
#include <stdio.h>

#include "change.h"
#include "create.h"
#include "ruleset.h"
#include "series.h"
#include "util.h"

#define LABEL "%-40s"

/* ------------------------------------------------------------------ packets */

static const struct series *generator(void)
{
	return series_get(PACKET_GENERATOR);
}

static double packet_ns(const struct series *series)
{
	return series_above(series, generator());
}

static double packet_ratio(const struct series *a, const struct series *b)
{
	return series_ratio(a, b, generator());
}

static void print_counts(const char *title)
{
	printf("\n" LABEL, title);
	for (size_t i = 0; i < CLUSTER_COUNTS; i++)
		printf("%14u", cluster_counts[i]);
	putchar('\n');
}

static void print_packet(const struct series *series, const struct series *base)
{
	printf("%8.0f %5.2f", packet_ns(series), packet_ratio(series, base));
}

static struct series *match_series(size_t count, enum traffic traffic)
{
	return packet_series(&rulesets[RULESET_MATCH], cluster_counts[count], traffic);
}

static void print_drop_floor(void)
{
	printf(LABEL, "floor: frame for another host");
	print_packet(series_get(PACKET_OTHER), match_series(0, TRAFFIC_FOREIGN));
	putchar('\n');
}

static void print_accept_floor(void)
{
	printf(LABEL, "floor: no rules");
	for (size_t i = 0; i < CLUSTER_COUNTS; i++)
		print_packet(series_get(PACKET_OPEN, cluster_counts[i]), match_series(i, TRAFFIC_LOCAL));
	putchar('\n');
}

static void print_ruleset(const struct ruleset *ruleset, enum traffic traffic)
{
	size_t counts = traffic == TRAFFIC_MIXED ? 1 : CLUSTER_COUNTS;

	printf(LABEL, ruleset->label);
	for (size_t i = 0; i < counts; i++)
		print_packet(packet_series(ruleset, cluster_counts[i], traffic), match_series(i, traffic));
	putchar('\n');
}

static void print_traffic(enum traffic traffic)
{
	char title[64];

	snprintf(title, sizeof(title), "%s packet, cluster IPs:", traffic_names[traffic]);
	print_counts(title);
	if (traffic == TRAFFIC_FOREIGN)
		print_drop_floor();
	if (traffic == TRAFFIC_LOCAL)
		print_accept_floor();
	for (size_t i = 0; i < RULESET_COUNT; i++)
		print_ruleset(&rulesets[i], traffic);
}

static void print_packets(void)
{
	printf("Cost of a packet: ns of CPU time without the generator's %.0f ns, and the same as a share of\n"
	       "what iptables -m cluster in INPUT takes. Hash mode sourceip, %d buckets, local "
	       "are " LOCAL_BUCKETS ".\n",
	       series_median(generator()), TOTAL_NODES);
	print_traffic(TRAFFIC_FOREIGN);
	print_traffic(TRAFFIC_LOCAL);
	print_traffic(TRAFFIC_MIXED);
}

/* ------------------------------------------------------------------ verbs */

static struct series *change_series(const char *way, uint32_t cluster_ips)
{
	return series_get("%s %u", way, cluster_ips);
}

static void print_change(const char *label, const char *way)
{
	static const uint32_t counts[] = { 1, MANY_CLUSTER_IPS };
	struct series *series;

	printf(LABEL, label);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		series = change_series(way, counts[i]);
		printf("%10.1f %8.2f", series_median(series),
		       series_ratio(series, change_series(CHANGE_LIBRARY, counts[i]), NULL));
	}
	putchar('\n');
}

static void print_changes(void)
{
	printf("\nOne bucket more or less: us of real time, and the same in library calls.\n\n" LABEL
	       "%19u%19u\n",
	       "change of a bucket, cluster IPs:", 1, MANY_CLUSTER_IPS);
	print_change("floor: empty netlink batch and ACK", CHANGE_EMPTY);
	print_change("libclusterip, one call", CHANGE_LIBRARY);
	print_change("cipadm, one process", CHANGE_CIPADM);
	print_change("nft, one process", CHANGE_NFT);
	print_change("iptables, one process", CHANGE_IPTABLES);
	print_change("iptables as IPaddr2, three processes", CHANGE_AGENT);
}

static void print_create(const char *label, const char *name)
{
	struct series *series = series_get("%s", name);

	printf(LABEL "%10.1f %8.2f\n", label, series_median(series),
	       series_ratio(series, series_get(CREATE_APPLY), NULL));
}

static void print_creates(void)
{
	printf("\nCreating cluster IPs: us of real time for each, and the same as a share of the first.\n\n");
	print_create("cip_apply() of 1000", CREATE_APPLY);
	print_create("cip_create() of one, tables and all", CREATE_ALONE);
	print_create("iptables-legacy-restore of 1000 rules", CREATE_RESTORE);
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

static bool print_promise(const struct promise *promise)
{
	double ratio = series_ratio(promise->measured, promise->base, promise->packets ? generator() : NULL);
	bool kept = promise->at_least ? ratio >= promise->limit : ratio <= promise->limit;

	printf("%-6s  %-68s %8.2f  %s %6.2f\n", kept ? "ok" : "NOT OK", promise->text, ratio,
	       promise->at_least ? ">=" : "<=", promise->limit);
	return kept;
}

static struct series *dropped(size_t ruleset, uint32_t cluster_ips)
{
	return packet_series(&rulesets[ruleset], cluster_ips, TRAFFIC_FOREIGN);
}

static unsigned int print_promises(void)
{
	struct series *library = change_series(CHANGE_LIBRARY, 1);
	struct series *library_many = change_series(CHANGE_LIBRARY, MANY_CLUSTER_IPS);
	const struct promise promises[] = {
		{ "bucket change, 1000 cluster IPs : 1", library_many, library, false, false, 1.5 },
		{ "dropped packet, 1000 cluster IPs : 1", dropped(RULESET_LIBRARY, MANY_CLUSTER_IPS),
		  dropped(RULESET_LIBRARY, 1), true, false, 1.25 },
		{ "dropped packet, 1000 cluster IPs, library : iptables -m cluster",
		  dropped(RULESET_LIBRARY, MANY_CLUSTER_IPS), dropped(RULESET_MATCH, MANY_CLUSTER_IPS), true,
		  false, 0.2 },
		{ "dropped packet, library : iptables -m cluster", dropped(RULESET_LIBRARY, 1),
		  dropped(RULESET_MATCH, 1), true, false, 0.5 },
		{ "bucket change, library : empty netlink batch", library, change_series(CHANGE_EMPTY, 1),
		  false, false, 3 },
		{ "bucket change, 1000 cluster IPs, library : empty netlink batch", library_many,
		  change_series(CHANGE_EMPTY, MANY_CLUSTER_IPS), false, false, 3 },
		{ "bucket change, IPaddr2's iptables commands : library", change_series(CHANGE_AGENT, 1),
		  library, false, true, 100 },
		{ "bucket change, 1000 cluster IPs, IPaddr2's iptables commands : library",
		  change_series(CHANGE_AGENT, MANY_CLUSTER_IPS), library_many, false, true, 100 },
	};
	unsigned int kept = 0;

	printf("\n%-6s  %-68s %8s  %9s\n", "", "promise", "measured", "limit");
	for (size_t i = 0; i < ARRAY_SIZE(promises); i++)
		kept += print_promise(&promises[i]);
	printf("%u passed, %u failed, 0 skipped\n", kept, (unsigned int)ARRAY_SIZE(promises) - kept);
	return (unsigned int)ARRAY_SIZE(promises) - kept;
}

unsigned int report(unsigned int rounds)
{
	printf("%u rounds; medians, ratios taken round by round\n\n", rounds);
	print_packets();
	print_changes();
	print_creates();
	return print_promises();
}
