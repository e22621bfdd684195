/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

/* Cluster IPs that were read from a kernel: on a device of a network namespace that nobody else has. */

#define ADDRESS "10.0.0.100"
#define LINE	ADDRESS " dev tap0 total 4 buckets 1,3"

static int create_and_query(const char *line, struct cip_cluster **ret_cluster)
{
	int rc = unit_create(line);

	return rc == 0 ? cip_query_one(unit_ctx, ADDRESS, NULL, ret_cluster) : rc;
}

/* the counters of a bucket, where nothing was sent: 0 and 0, or the error */
static int no_traffic(struct cip_cluster *cluster, uint32_t bucket)
{
	uint64_t packets = UNTOUCHED, bytes = UNTOUCHED;
	int rc = cip_cluster_get_bucket_counters(cluster, bucket, &packets, &bytes);

	if (rc < 0)
		return packets == UNTOUCHED && bytes == UNTOUCHED ? rc : -EBADMSG;
	return packets || bytes ? -EBADMSG : 0;
}

static int check_attributes(void *data)
{
	static const char expected[] =
		ADDRESS "/32 dev tap0 mac 03:bf:0a:00:00:64 hash sourceip total 4 seed 0x0 buckets 1,3";
	struct cip_cluster *cluster = NULL;
	char line[256];

	(void)data;
	if (create_and_query(LINE, &cluster) || cip_cluster_format(cluster, line, sizeof(line)))
		return unit_failed();
	if (strcmp(line, expected) || strcmp(cip_cluster_get_backend(cluster), "nft"))
		return unit_failed();
	cip_cluster_unref(cluster);
	return 0;
}

static int check_counters(void *data)
{
	struct cip_cluster *cluster = NULL;
	uint64_t packets = UNTOUCHED, bytes = UNTOUCHED;

	(void)data;
	if (create_and_query(LINE, &cluster))
		return unit_failed();
	if (no_traffic(cluster, 1) || no_traffic(cluster, 3))
		return unit_failed();
	if (no_traffic(cluster, 0) != -ENODATA || no_traffic(cluster, 2) != -ENODATA)
		return unit_failed();
	if (no_traffic(cluster, 5) != -ENODATA || no_traffic(cluster, UINT32_MAX) != -ENODATA)
		return unit_failed();
	if (cip_cluster_get_foreign_counters(cluster, &packets, &bytes) || packets || bytes)
		return unit_failed();
	cip_cluster_unref(cluster);
	return 0;
}

/* The object may be changed after it was read: there are counters of what was read, and of nothing else. */
static int check_changed(void *data)
{
	struct cip_cluster *cluster = NULL, *copy = NULL;

	(void)data;
	if (create_and_query(LINE, &cluster))
		return unit_failed();
	if (cip_cluster_set_total_nodes(cluster, CIP_TOTAL_NODES_MAX) || cip_cluster_add_bucket(cluster, 1000))
		return unit_failed();
	if (cip_cluster_copy(cluster, &copy))
		return unit_failed();
	if (no_traffic(cluster, 1) || no_traffic(copy, 3))
		return unit_failed();
	if (no_traffic(cluster, 1000) != -ENODATA || no_traffic(copy, 1000) != -ENODATA)
		return unit_failed();
	cip_cluster_unref(cluster);
	cip_cluster_unref(copy);
	return 0;
}

/* What was assigned is what the kernel had, whatever is done to the object. */
static int check_assigned(void *data)
{
	struct cip_cluster *cluster = NULL, *wish = NULL;

	(void)data;
	if (create_and_query(LINE, &cluster) || cip_cluster_add_bucket(cluster, 2) ||
	    cip_cluster_remove_bucket(cluster, 3))
		return unit_failed();
	if (!cip_cluster_is_assigned(cluster, 1) || cip_cluster_is_assigned(cluster, 2) ||
	    !cip_cluster_is_assigned(cluster, 3))
		return unit_failed();
	if (cip_cluster_is_assigned(cluster, 0) || cip_cluster_is_assigned(cluster, 5) ||
	    cip_cluster_is_assigned(cluster, UINT32_MAX))
		return unit_failed();
	if (cip_cluster_new(unit_ctx, &wish) || cip_cluster_parse(wish, LINE) ||
	    cip_cluster_is_assigned(wish, 1))
		return unit_failed();
	cip_cluster_unref(wish);
	cip_cluster_unref(cluster);
	return 0;
}

/* A copy of what was read is written as it is, and the kernel has nothing to change then. */
static int check_repeated(void *data)
{
	struct cip_cluster *cluster = NULL;
	struct cip_report *report = NULL;

	(void)data;
	if (create_and_query(LINE, &cluster) || cip_plan_count(unit_ctx) == 0)
		return unit_failed();
	if (cip_create(unit_ctx, cluster) || cip_plan_count(unit_ctx) != 0)
		return unit_failed();
	if (cip_verify(unit_ctx, NULL, NULL, &report) || cip_report_count(report))
		return unit_failed();
	if (cip_report_get_fault(report, 0) || cip_report_get_text(report, 0) ||
	    cip_report_get_address(report, 0))
		return unit_failed();
	cip_report_unref(report);
	cip_cluster_unref(cluster);
	return 0;
}

static int (*const checks[])(void *data) = { check_attributes, check_counters, check_changed, check_assigned,
					     check_repeated };

static int with_device(void *data)
{
	int (*const *check)(void *data) = data;
	int fd = unit_open_device(), rc;

	if (fd < 0)
		return UNIT_NOT_POSSIBLE;
	rc = unit_set_up() ? unit_failed() : (*check)(NULL);
	close(fd);
	return rc;
}

START_TEST(queried)
{
	int (*check)(void *data) = checks[_i];

	unit_in_namespace(with_device, &check);
}
END_TEST

Suite *queried_suite(void)
{
	Suite *suite = suite_create("queried");
	TCase *tcase = unit_tcase(suite, "queried");

	tcase_add_loop_test(tcase, queried, 0, ARRAY_SIZE(checks));
	return suite;
}
