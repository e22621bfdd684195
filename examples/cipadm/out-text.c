/* SPDX-License-Identifier: GPL-2.0-or-later */
/* results as text for people, and for cipadm itself to read again */
#include "cipadm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_counters(struct cip_cluster *cluster)
{
	uint64_t packets, bytes;

	for (uint32_t bucket = 0; (bucket = cip_cluster_next_bucket(cluster, bucket));)
		if (cip_cluster_get_bucket_counters(cluster, bucket, &packets, &bytes) == 0)
			printf("    bucket %" PRIu32 ": packets %" PRIu64 " bytes %" PRIu64 "\n", bucket,
			       packets, bytes);
	if (cip_cluster_get_foreign_counters(cluster, &packets, &bytes) == 0)
		printf("    foreign: packets %" PRIu64 " bytes %" PRIu64 "\n", packets, bytes);
}

/* where it is, unless that is where it would be put now */
static void print_backend(struct app *app, struct cip_cluster *cluster)
{
	const char *backend = cip_cluster_get_backend(cluster);

	if (strcmp(app->command->name, "dump") && strcmp(backend, "nft"))
		printf("    backend %s\n", backend);
}

static int text_clusters(struct app *app, struct cip_list *list)
{
	struct cip_cluster *cluster;
	char line[LINE_SIZE];
	int err;

	for (uint32_t i = 0; (cluster = cip_list_get(list, i)); i++) {
		err = cip_cluster_format(cluster, line, sizeof(line));
		if (err)
			return fail_cip(app, err);
		puts(line);
		print_backend(app, cluster);
		if (app->stats)
			print_counters(cluster);
	}
	return 0;
}

static int text_plan(struct app *app)
{
	char line[LINE_SIZE];
	int err;

	if (app->quiet || !(app->verbose || app->dry_run))
		return 0;
	for (uint32_t i = 0; i < cip_plan_count(app->ctx); i++) {
		err = cip_plan_format(app->ctx, i, line, sizeof(line));
		if (err)
			return fail_cip(app, err);
		puts(line);
	}
	return 0;
}

static int text_faults(struct app *app, struct cip_report *report, uint32_t clusters)
{
	const char *address;

	for (uint32_t i = 0; (address = cip_report_get_address(report, i)); i++)
		printf("%s: %s: %s\n", *address ? address : "all",
		       cip_fault_get_name(cip_report_get_fault(report, i)), cip_report_get_text(report, i));
	if (cip_report_count(report) == 0 && !app->quiet)
		printf("%" PRIu32 " cluster IP%s, no fault\n", clusters, clusters == 1 ? "" : "s");
	return 0;
}

static int text_bucket(struct app *app, uint32_t bucket)
{
	(void)app;
	printf("%" PRIu32 "\n", bucket);
	return 0;
}

static int text_owner(struct app *app, uint32_t bucket, bool local)
{
	(void)app;
	printf("bucket %" PRIu32 " %s\n", bucket, local ? "local" : "foreign");
	return 0;
}

static int text_address(struct app *app, const char *address)
{
	(void)app;
	puts(address);
	return 0;
}

const struct output text_output = {
	.clusters = text_clusters,
	.plan = text_plan,
	.faults = text_faults,
	.bucket = text_bucket,
	.owner = text_owner,
	.address = text_address,
};
