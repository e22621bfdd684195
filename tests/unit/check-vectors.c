/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * The buckets that the kernel's own CLUSTERIP target chose. The file says how they were recorded; a version of
 * the library that disagrees with one of them breaks clusters that are migrated node by node.
 */
#define VECTORS	     "clusterip-kernel-6.1.tsv"
#define VECTOR_COUNT 2025

struct vector {
	char mode[64];
	unsigned total, seed, protocol, sport, dport, bucket;
	char saddr[64];
};

static FILE *open_vectors(void)
{
	const char *dir = getenv("CIP_TEST_DATA");
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : TEST_DATA, VECTORS);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "cannot read %s", path);
	return file;
}

/* 1 if there was another vector in the file; anything that is no comment and no vector fails */
static int read_vector(FILE *file, struct vector *v)
{
	char line[512];

	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		ck_assert_msg(sscanf(line, "%63s %u %x %u %63s %u %u %*u %u", v->mode, &v->total, &v->seed,
				     &v->protocol, v->saddr, &v->sport, &v->dport, &v->bucket) == 8,
			      "not a vector: %s", line);
		return 1;
	}
	return 0;
}

static uint32_t hash_vector(const struct vector *v)
{
	uint32_t bucket = 0, mode = cip_hash_mode_from_name(v->mode);
	int rc = cip_hash(mode, v->total, v->seed, v->saddr, v->protocol, v->sport, v->dport, &bucket);

	ck_assert_msg(rc == 0, "%s total %u seed %#x %s %u %u %u: %s", v->mode, v->total, v->seed, v->saddr,
		      v->protocol, v->sport, v->dport, strerror(-rc));
	return bucket;
}

START_TEST(every_recorded_bucket)
{
	FILE *file = open_vectors();
	struct vector v;
	int lines = 0;

	while (read_vector(file, &v)) {
		uint32_t bucket = hash_vector(&v);

		ck_assert_msg(bucket == v.bucket, "%s total %u seed %#x %s %u %u %u: bucket %u, not %u", v.mode,
			      v.total, v.seed, v.saddr, v.protocol, v.sport, v.dport, (unsigned)bucket,
			      v.bucket);
		lines++;
	}
	fclose(file);
	ck_assert_int_eq(lines, VECTOR_COUNT);
}
END_TEST

/* one line as cip_cluster_hash() sees it: the parameters come from a cluster IP instead */
static uint32_t cluster_hash_vector(struct cip_cluster *cluster, const struct vector *v)
{
	uint32_t bucket = 0;

	ck_assert_int_eq(cip_cluster_set_hash_mode(cluster, cip_hash_mode_from_name(v->mode)), 0);
	ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, v->total), 0);
	ck_assert_int_eq(cip_cluster_set_hash_seed(cluster, v->seed), 0);
	ck_assert_int_eq(cip_cluster_hash(cluster, v->saddr, v->protocol, v->sport, v->dport, &bucket), 0);
	return bucket;
}

START_TEST(every_recorded_bucket_of_a_cluster)
{
	struct cip_cluster *cluster = unit_cluster();
	FILE *file = open_vectors();
	struct vector v;
	int lines = 0;

	ck_assert_int_eq(cip_cluster_set_address(cluster, "10.0.0.100"), 0);
	while (read_vector(file, &v)) {
		ck_assert_uint_eq(cluster_hash_vector(cluster, &v), v.bucket);
		lines++;
	}
	fclose(file);
	ck_assert_int_eq(lines, VECTOR_COUNT);
	cip_cluster_unref(cluster);
}
END_TEST

Suite *vectors_suite(void)
{
	Suite *suite = suite_create("vectors");
	TCase *tcase = unit_tcase(suite, "vectors");

	tcase_add_test(tcase, every_recorded_bucket);
	tcase_add_test(tcase, every_recorded_bucket_of_a_cluster);
	return suite;
}
