/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scale.h"

#include <clusterip/clusterip.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "command.h"
#include "series.h"
#include "util.h"

#define EXPONENT_MAX 1.15
#define PEAK_MAX_MB  64
#define MOVES	     32
#define REPEATS	     5

enum work { CREATE, CHECK, SHOW, MOVE, DESTROY, WORKS };

static const char *const work_names[WORKS] = {
	[CREATE] = "create all by one apply",	[CHECK] = "check", [SHOW] = "show", [MOVE] = "move one bucket",
	[DESTROY] = "destroy all by one apply",
};

static const uint32_t counts[] = { 1000, 4000, 16384 };

struct scale {
	enum family family;
	double ms[WORKS][ARRAY_SIZE(counts)];
	double peak_mb;
};

static void check(struct cip_ctx *ctx, int err, const char *what)
{
	errno = 0;
	if (err)
		die("%s: %s", what, cip_get_error(ctx));
}

/* Without addresses: for each that is added or removed the kernel walks all that the device has. */
static struct cip_list *list_new(struct cip_ctx *ctx, enum family family, uint32_t count)
{
	struct cip_list *list;
	struct cip_cluster *cluster;
	char address[TEXT_SIZE], text[128];

	check(ctx, cip_list_new(ctx, &list), "cip_list_new");
	for (uint32_t i = 0; i < count; i++) {
		cluster_text(family, i, address);
		snprintf(text, sizeof(text), "%s dev " DEVICE " total %d buckets 1,2 noaddr", address,
			 CIP_TOTAL_NODES_MAX);
		check(ctx, cip_cluster_new(ctx, &cluster), "cip_cluster_new");
		check(ctx, cip_cluster_parse(cluster, text), text);
		check(ctx, cip_list_add(list, cluster), "cip_list_add");
		cip_cluster_unref(cluster);
	}
	return list;
}

static double apply(struct cip_ctx *ctx, enum family family, uint32_t count)
{
	struct cip_list *list = list_new(ctx, family, count);
	double ns = thread_ns();

	check(ctx, cip_apply(ctx, list, CIP_APPLY_PRUNE), "cip_apply");
	ns = thread_ns() - ns;
	cip_list_unref(list);
	return ns / 1e6;
}

static double verify(struct cip_ctx *ctx)
{
	struct cip_report *report;
	double ns = thread_ns();

	check(ctx, cip_verify(ctx, NULL, NULL, &report), "cip_verify");
	ns = thread_ns() - ns;
	errno = 0;
	if (cip_report_count(report))
		die("%s", cip_report_get_text(report, 0));
	cip_report_unref(report);
	return ns / 1e6;
}

static double show(struct cip_ctx *ctx)
{
	struct cip_list *list;
	double ns = thread_ns();

	check(ctx, cip_query(ctx, &list), "cip_query");
	cip_list_unref(list);
	return (thread_ns() - ns) / 1e6;
}

/* Caches of a busy machine make much of it, and nothing makes less. */
static double least(double (*work)(struct cip_ctx *ctx), struct cip_ctx *ctx)
{
	double ms = work(ctx);

	for (int i = 1; i < REPEATS; i++)
		ms = fmin(ms, work(ctx));
	return ms;
}

static double move(struct cip_ctx *ctx, enum family family, uint32_t count)
{
	double ms[MOVES], ns;
	char address[TEXT_SIZE];

	cluster_text(family, count / 2, address);
	for (int i = 0; i < MOVES; i++) {
		ns = thread_ns();
		check(ctx,
		      i % 2 ? cip_remove_buckets(ctx, address, NULL, "3")
			    : cip_add_buckets(ctx, address, NULL, "3"),
		      "bucket 3");
		ms[i] = (thread_ns() - ns) / 1e6;
	}
	return median(ms, MOVES);
}

static void measure(struct scale *scale, size_t at, const char *cipadm)
{
	const char *argv[] = { cipadm, "show", NULL };
	struct cip_ctx *ctx;

	errno = 0;
	if (cip_new(&ctx))
		die("no context");
	scale->ms[CREATE][at] = apply(ctx, scale->family, counts[at]);
	scale->ms[CHECK][at] = least(verify, ctx);
	scale->ms[SHOW][at] = least(show, ctx);
	scale->ms[MOVE][at] = move(ctx, scale->family, counts[at]);
	scale->peak_mb = command_peak_mb(argv);
	scale->ms[DESTROY][at] = apply(ctx, scale->family, 0);
	cip_unref(ctx);
}

struct scale *scale_measure(const char *prefix, enum family family, const char *cipadm)
{
	struct scale *scale = allocate(1, sizeof(*scale));

	scale->family = family;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		enter_netns(open_netns(prefix, "scale", family, counts[i]));
		measure(scale, i, cipadm);
	}
	return scale;
}

/* With n cluster IPs it takes n to the power of that. */
static double exponent(const struct scale *scale, enum work work, size_t at)
{
	return log(scale->ms[work][at] / scale->ms[work][at - 1]) / log((double)counts[at] / counts[at - 1]);
}

void scale_print(const struct scale *scale)
{
	printf("\nMany cluster IPs, %s: ms of CPU time, and the power of their number with which that "
	       "grows.\n\n%-30s",
	       families[scale->family].label, "cluster IPs:");
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		printf(i ? "%12u %6s" : "%12u", counts[i], "");
	putchar('\n');
	for (enum work work = 0; work < WORKS; work++) {
		printf("%-30s", work_names[work]);
		for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
			printf("%12.2f", scale->ms[work][i]);
			if (i)
				printf(" %6.2f", exponent(scale, work, i));
		}
		putchar('\n');
	}
}

static void promise(const struct scale *scale, const char *text, double measured, double limit,
		    unsigned int *ret_kept, unsigned int *ret_broken)
{
	bool kept = measured <= limit;

	printf("%-6s  %s  %-68s %8.2f  <= %6.2f\n", kept ? "ok" : "NOT OK", families[scale->family].label, text,
	       measured, limit);
	++*(kept ? ret_kept : ret_broken);
}

void scale_promises(const struct scale *scale, unsigned int *ret_kept, unsigned int *ret_broken)
{
	char text[80];

	for (enum work work = 0; work < WORKS; work++)
		for (size_t i = 1; i < ARRAY_SIZE(counts); i++) {
			snprintf(text, sizeof(text), "%s, growth from %u to %u cluster IPs", work_names[work],
				 counts[i - 1], counts[i]);
			promise(scale, text, exponent(scale, work, i), EXPONENT_MAX, ret_kept, ret_broken);
		}
	promise(scale, "show of 16384 cluster IPs of total 1024, MB", scale->peak_mb, PEAK_MAX_MB, ret_kept,
		ret_broken);
}
