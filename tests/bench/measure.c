/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * measure GENERATOR PREFIX CIPADM RULES: measures in the namespaces that run.sh has made, and reports. Every round
 * visits everything there is in the same order, so that what is compared was measured at the same time. RULES-4 and
 * RULES-6 are files for iptables-restore.
 */
#include <clusterip/clusterip.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "change.h"
#include "create.h"
#include "packets.h"
#include "report.h"
#include "ruleset.h"
#include "scale.h"
#include "util.h"

#define ROUNDS	      60
#define ROUNDS_MIN    9
#define CREATE_EVERY  6 /* rounds: creating takes long */
#define SECONDS	      340
#define STREAMS_MAX   64
#define FLOOR_PACKETS 16384

static struct stream streams[STREAMS_MAX];
static size_t stream_count;

static struct stream *stream_new(int netns, enum target target, uint32_t packets, struct series *series)
{
	struct stream *stream = &streams[stream_count++];

	errno = 0;
	if (stream_count > STREAMS_MAX)
		die("too many streams");
	*stream = (struct stream){ .netns = netns, .target = target, .packets = packets, .series = series };
	return stream;
}

/* The flows of one kind are made once, whoever they are for. */
static const struct flows *get_flows(enum family family, size_t count, uint32_t hash_mode, enum traffic traffic)
{
	static struct flows *made[FAMILIES][CLUSTER_COUNTS][CIP_HASH_XT_CLUSTER + 1][TRAFFICS];
	struct flows **flows = &made[family][count][hash_mode][traffic];

	if (!*flows)
		*flows = flows_new(family, cluster_counts[count], hash_mode, traffic);
	return *flows;
}

static void add_floor(int netns, enum family family, enum target target, size_t count, struct series *series)
{
	stream_new(netns, target, FLOOR_PACKETS, series)->flows =
		get_flows(family, count, CIP_HASH_SOURCEIP, TRAFFIC_MIXED);
}

/* What a packet costs without any rules; to be accepted, it has to be looked up among all addresses. */
static void add_floors(const char *prefix, enum family family)
{
	unsigned int number = families[family].number;
	int netns;

	for (size_t count = 0; count < CLUSTER_COUNTS; count++) {
		netns = open_netns(prefix, "open", family, cluster_counts[count]);
		packets_sink(netns, family);
		if (count == 0) {
			add_floor(netns, family, TARGET_NOWHERE, count, series_get(PACKET_GENERATOR, number));
			add_floor(netns, family, TARGET_OTHER, count, series_get(PACKET_OTHER, number));
		}
		add_floor(netns, family, TARGET_ALL, count,
			  series_get(PACKET_OPEN, number, cluster_counts[count]));
	}
}

static void add_ruleset(const char *prefix, const struct ruleset *ruleset, enum family family, size_t count)
{
	uint32_t cluster_ips = cluster_counts[count];
	int netns = open_netns(prefix, ruleset->name, family, cluster_ips);
	enum traffic last = cluster_ips == 1 ? TRAFFIC_MIXED : TRAFFIC_LOCAL;

	packets_sink(netns, family);
	for (enum traffic traffic = TRAFFIC_FOREIGN; traffic <= last; traffic++)
		stream_new(netns, TARGET_LOCAL, ruleset->packets[count],
			   packet_series(ruleset, family, cluster_ips, traffic))
			->flows = get_flows(family, count, ruleset->hash_mode, traffic);
}

static void add_family(const char *prefix, enum family family)
{
	add_floors(prefix, family);
	for (size_t count = 0; count < CLUSTER_COUNTS; count++)
		for (size_t i = 0; i < RULESET_COUNT; i++)
			if (rulesets[i].labels[family])
				add_ruleset(prefix, &rulesets[i], family, count);
}

static void add_streams(const char *prefix)
{
	for (enum family family = 0; family < FAMILIES; family++)
		add_family(prefix, family);
	for (size_t i = 0; i < stream_count; i++)
		packets_prepare(&streams[i]);
}

/* The first visit fills caches and connection tracking: it does not count. */
static void measure_streams(bool counts)
{
	double ns;

	for (size_t i = 0; i < stream_count; i++) {
		ns = packets_measure(&streams[i]);
		if (counts)
			series_add(streams[i].series, ns);
	}
}

/* On the last CPU: the first one has the interrupts of most machines. */
static void choose_cpu(void)
{
	cpu_set_t set;
	int cpu;

	if (sched_getaffinity(0, sizeof(set), &set))
		die("no affinity");
	for (cpu = CPU_SETSIZE - 1; cpu > 0 && !CPU_ISSET(cpu, &set); cpu--)
		;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("cannot stay on CPU %d", cpu);
}

static void show_progress(unsigned int round, unsigned int rounds)
{
	if (round % 10 == 0)
		fprintf(stderr, "round %u of %u\n", round, rounds);
}

struct verbs {
	struct change *one, *many;
	struct create *create;
};

static struct verbs verbs_new(const char *prefix, enum family family, const char *cipadm, const char *rules)
{
	return (struct verbs){
		.one = change_new(prefix, family, 1, cipadm),
		.many = change_new(prefix, family, MANY_CLUSTER_IPS, cipadm),
		.create = create_new(prefix, family, MANY_CLUSTER_IPS, rules),
	};
}

static void measure_verbs(const struct verbs *verbs, unsigned int round)
{
	change_measure(verbs->one);
	change_measure(verbs->many);
	if (round % CREATE_EVERY == 0)
		create_measure(verbs->create);
}

static unsigned int measure(const char *prefix, const char *cipadm, const char *rules, unsigned int rounds)
{
	struct verbs verbs[FAMILIES];
	double begin = wall_us();
	unsigned int round;

	for (enum family family = 0; family < FAMILIES; family++)
		verbs[family] = verbs_new(prefix, family, cipadm, rules);
	measure_streams(false);
	for (round = 0; round < rounds; round++) {
		if (round >= ROUNDS_MIN && wall_us() - begin > SECONDS * 1e6)
			break;
		show_progress(round, rounds);
		measure_streams(true);
		for (enum family family = 0; family < FAMILIES; family++)
			measure_verbs(&verbs[family], round);
	}
	return round;
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	errno = 0;
	if (end == text || *end || value < 1 || value > SERIES_ROUNDS_MAX)
		die("BENCH_ROUNDS is a number of 1..%d", SERIES_ROUNDS_MAX);
	return (unsigned int)value;
}

int main(int argc, char **argv)
{
	const char *rounds = getenv("BENCH_ROUNDS"), *samples = getenv("BENCH_SAMPLES");
	struct scale *scales[FAMILIES];
	unsigned int done;

	if (argc != 5)
		die("usage: measure GENERATOR PREFIX CIPADM RULES");
	choose_cpu();
	for (enum family family = 0; family < FAMILIES; family++)
		scales[family] = scale_measure(argv[2], family, argv[3]);
	packets_open(argv[1]);
	add_streams(argv[2]);
	done = measure(argv[2], argv[3], argv[4], rounds ? number(rounds) : ROUNDS);
	if (samples)
		series_dump(samples);
	return report(done, scales) ? EXIT_FAILURE : EXIT_SUCCESS;
}
