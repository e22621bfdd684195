/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static struct cip_cluster *cluster_of(uint32_t total)
{
	struct cip_cluster *cluster = unit_cluster();

	if (total)
		ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, total), 0);
	return cluster;
}

/* total 0: not set */
static const struct {
	uint32_t total;
	const char *text, *canonical;
} good[] = {
	{ 16, "none", "none" },
	{ 0, "none", "none" },
	{ 16, "all", "1-16" },
	{ 1, "all", "1" },
	{ 1024, "all", "1-1024" },
	{ 16, "1,3,5-8", "1,3,5-8" },
	{ 16, "16", "16" },
	{ 16, "1-16", "1-16" },
	{ 16, "5-5", "5" },
	{ 16, "8,7,6", "6-8" },
	{ 16, "1-3,2,2-4", "1-4" },
	{ 16, "1,3,5,7,9,11,13,15", "1,3,5,7,9,11,13,15" },
	{ 0, "1,1024", "1,1024" },
	{ 0, "1-1024", "1-1024" },
	{ 1024, "63-65,127-129,1022-1024", "63-65,127-129,1022-1024" },
};

START_TEST(lists)
{
	struct cip_cluster *cluster = cluster_of(good[_i].total);

	ck_assert_int_eq(cip_cluster_set_buckets(cluster, good[_i].text), 0);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_BUCKETS), 1);
	unit_assert_text(cip_cluster_get_buckets, cluster, good[_i].canonical);
	cip_cluster_unref(cluster);
}
END_TEST

static const char *const bad[] = {
	NULL,	"",	 " ",	  ",",	   "-",	   "-1",    "1-",     "1,",    ",1",	   "1,,2",
	"1-,2", "1--2",	 "1-2-3", "1, 2",  "1 ,2", " 1",    "1 ",     "1\n",   "1;2",	   "1.5",
	"+1",	"0x1",	 "one",	  "ALL",   "None", "all,1", "none,1", "1,all", "1,none",   "all ",
	" all", "1-all", "a",	  "1-3,x", "1:2",  "*",	    "1/2",    "1\t2",  "\xd9\xa1", "allnone",
};

static const char *const out_of_range[] = {
	"0",
	"0-3",
	"5-3",
	"17",
	"16-17",
	"1-17",
	"1,17",
	"1-1024",
	"65537",
	"4294967297",
	"1-4294967298",
	"4294967297-4294967299",
	"18446744073709551617",
	"1-18446744073709551618",
	"99999999999999999999999999999999999999999",
	"1-2,4294967299",
	"340282366920938463463374607431768211457",
	"00",
};

/* A refused list leaves the one that was there, whatever part of it was good. */
static void assert_refused(const char *list)
{
	struct cip_cluster *cluster = cluster_of(16);

	ck_assert_int_eq(cip_cluster_set_buckets(cluster, list), -EINVAL);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_BUCKETS), 0);
	ck_assert_int_eq(cip_cluster_set_buckets(cluster, "2,4"), 0);
	ck_assert_int_eq(cip_cluster_set_buckets(cluster, list), -EINVAL);
	unit_assert_buckets(cluster, "2,4");
	cip_cluster_unref(cluster);
}

START_TEST(not_lists)
{
	assert_refused(bad[_i]);
	unit_assert_error(CIP_ATTR_BUCKETS, "bucket", NULL);
}
END_TEST

START_TEST(lists_out_of_range)
{
	assert_refused(out_of_range[_i]);
	unit_assert_error(CIP_ATTR_BUCKETS, "bucket", "1..16");
}
END_TEST

START_TEST(lists_without_total)
{
	struct cip_cluster *cluster = cluster_of(0);

	ck_assert_int_eq(cip_cluster_set_buckets(cluster, "all"), -EINVAL);
	unit_assert_error(CIP_ATTR_BUCKETS, "bucket", "total");
	ck_assert_int_eq(cip_cluster_set_buckets(cluster, "1025"), -EINVAL);
	unit_assert_error(CIP_ATTR_BUCKETS, "bucket", "1..1024");
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_BUCKETS), 0);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(very_long_list)
{
	struct cip_cluster *cluster = cluster_of(16);
	size_t size = 1 << 20;
	char *list = malloc(size + 1);

	for (size_t i = 0; i < size; i += 2)
		memcpy(list + i, "1,", 2);
	list[size - 1] = '\0';
	ck_assert_int_eq(cip_cluster_set_buckets(cluster, list), 0);
	unit_assert_buckets(cluster, "1");
	list[size - 1] = ',';
	list[size] = '\0';
	ck_assert_int_eq(cip_cluster_set_buckets(cluster, list), -EINVAL);
	free(list);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(one_by_one)
{
	struct cip_cluster *cluster = cluster_of(16);

	ck_assert_int_eq(cip_cluster_add_bucket(cluster, 16), 0);
	ck_assert_int_eq(cip_cluster_add_bucket(cluster, 1), 0);
	ck_assert_int_eq(cip_cluster_add_bucket(cluster, 16), 0);
	unit_assert_buckets(cluster, "1,16");
	ck_assert_int_eq(cip_cluster_remove_bucket(cluster, 1), 0);
	ck_assert_int_eq(cip_cluster_remove_bucket(cluster, 2), 0);
	unit_assert_buckets(cluster, "16");
	ck_assert_int_eq(cip_cluster_remove_bucket(cluster, 16), 0);
	unit_assert_buckets(cluster, "none");
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_BUCKETS), 1);
	cip_cluster_unref(cluster);
}
END_TEST

static void assert_no_bucket(struct cip_cluster *cluster, uint32_t bucket, const char *range)
{
	ck_assert_int_eq(cip_cluster_add_bucket(cluster, bucket), -EINVAL);
	unit_assert_error(CIP_ATTR_BUCKETS, "bucket", range);
	ck_assert_int_eq(cip_cluster_remove_bucket(cluster, bucket), -EINVAL);
	unit_assert_error(CIP_ATTR_BUCKETS, "bucket", range);
	ck_assert_int_eq(cip_cluster_has_bucket(cluster, bucket), 0);
}

START_TEST(one_out_of_range)
{
	struct cip_cluster *cluster = cluster_of(16), *unknown = cluster_of(0);

	ck_assert_int_eq(cip_cluster_set_buckets(cluster, "all"), 0);
	assert_no_bucket(cluster, 0, "1..16");
	assert_no_bucket(cluster, 17, "1..16");
	assert_no_bucket(cluster, 1024, "1..16");
	assert_no_bucket(cluster, UINT32_MAX, "1..16");
	unit_assert_buckets(cluster, "1-16");
	assert_no_bucket(unknown, 0, "1..1024");
	assert_no_bucket(unknown, 1025, "1..1024");
	assert_no_bucket(unknown, UINT32_MAX, "1..1024");
	cip_cluster_unref(unknown);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(next_at_the_ends)
{
	struct cip_cluster *cluster = cluster_of(1024);

	ck_assert_int_eq(cip_cluster_set_buckets(cluster, "1,64,65,1024"), 0);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, 0), 1);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, 1), 64);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, 63), 64);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, 64), 65);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, 65), 1024);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, 1023), 1024);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, 1024), 0);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, 1025), 0);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, UINT32_MAX), 0);
	cip_cluster_unref(cluster);
}
END_TEST

/* what has_bucket() and next_bucket() say is the model; a model of our own is a table of bytes */
static void assert_model(struct cip_cluster *cluster, const char *model, uint32_t total)
{
	uint32_t next = 0;

	ck_assert_int_eq(cip_cluster_has_bucket(cluster, 0), 0);
	ck_assert_int_eq(cip_cluster_has_bucket(cluster, total + 1), 0);
	for (uint32_t bucket = 1; bucket <= total; bucket++) {
		ck_assert_int_eq(cip_cluster_has_bucket(cluster, bucket), model[bucket]);
		if (!model[bucket])
			continue;
		next = cip_cluster_next_bucket(cluster, next);
		ck_assert_uint_eq(next, bucket);
	}
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, next), 0);
}

static void fill(struct cip_cluster *cluster, char *model, uint32_t total, uint32_t percent, uint32_t *state)
{
	memset(model, 0, CIP_TOTAL_NODES_MAX + 1);
	ck_assert_int_eq(cip_cluster_set_buckets(cluster, "none"), 0);
	for (uint32_t bucket = 1; bucket <= total; bucket++) {
		model[bucket] = unit_random(state) % 100 < percent;
		if (model[bucket])
			ck_assert_int_eq(cip_cluster_add_bucket(cluster, bucket), 0);
	}
}

/* set -> text -> set, for random sets of every density, the emptiest and the fullest included */
START_TEST(round_trip)
{
	static const uint32_t totals[] = { 1, 2, 63, 64, 65, 255, 1000, 1023, 1024 };
	char model[CIP_TOTAL_NODES_MAX + 1], text[4096];
	uint32_t total = totals[_i], state = 0x5eed + (uint32_t)_i;

	for (uint32_t percent = 0; percent <= 100; percent += 4) {
		struct cip_cluster *cluster = cluster_of(total), *other = cluster_of(total);

		fill(cluster, model, total, percent, &state);
		assert_model(cluster, model, total);
		ck_assert_int_eq(cip_cluster_get_buckets(cluster, text, sizeof(text)), 0);
		ck_assert_int_eq(cip_cluster_set_buckets(other, text), 0);
		assert_model(other, model, total);
		ck_assert_uint_eq(cip_cluster_compare(cluster, other), 0);
		cip_cluster_unref(cluster);
		cip_cluster_unref(other);
	}
}
END_TEST

/* The list that takes the most characters has many short ranges; the promised buffer must hold it. */
START_TEST(longest_lists)
{
	struct cip_cluster *cluster = cluster_of(1024), *other = cluster_of(1024);
	uint32_t step = (uint32_t)_i;
	char text[4096];

	for (uint32_t bucket = 1; bucket <= 1024; bucket++)
		if (bucket % step)
			ck_assert_int_eq(cip_cluster_add_bucket(cluster, bucket), 0);
	ck_assert_int_eq(cip_cluster_get_buckets(cluster, text, sizeof(text)), 0);
	unit_assert_text(cip_cluster_get_buckets, cluster, text);
	ck_assert_int_eq(cip_cluster_set_buckets(other, text), 0);
	ck_assert_uint_eq(cip_cluster_compare(cluster, other), 0);
	cip_cluster_unref(other);
	cip_cluster_unref(cluster);
}
END_TEST

Suite *buckets_suite(void)
{
	Suite *suite = suite_create("buckets");
	TCase *tcase = unit_tcase(suite, "buckets");

	tcase_add_loop_test(tcase, lists, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(tcase, not_lists, 0, ARRAY_SIZE(bad));
	tcase_add_loop_test(tcase, lists_out_of_range, 0, ARRAY_SIZE(out_of_range));
	tcase_add_test(tcase, lists_without_total);
	tcase_add_test(tcase, very_long_list);
	tcase_add_test(tcase, one_by_one);
	tcase_add_test(tcase, one_out_of_range);
	tcase_add_test(tcase, next_at_the_ends);
	tcase_add_loop_test(tcase, round_trip, 0, 9);
	tcase_add_loop_test(tcase, longest_lists, 2, 6);
	return suite;
}
