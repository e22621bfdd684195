/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#define FULL "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-5 noaddr"

static uint32_t compare_lines(const char *a, const char *b)
{
	struct cip_cluster *x = unit_parse(a), *y = unit_parse(b);
	uint32_t mask = cip_cluster_compare(x, y);

	ck_assert_uint_eq(cip_cluster_compare(y, x), mask);
	ck_assert_uint_eq(cip_cluster_compare(x, x), 0);
	ck_assert_uint_eq(cip_cluster_compare(y, y), 0);
	cip_cluster_unref(x);
	cip_cluster_unref(y);
	return mask;
}

/* one word of the full line is another in each */
static const struct {
	uint32_t attr;
	const char *line;
} others[] = {
	{ CIP_ATTR_NONE, FULL },
	{ CIP_ATTR_ADDRESS,
	  "10.0.0.101/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-5" },
	{ CIP_ATTR_ADDRESS,
	  "2001:db8::1/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-5" },
	{ CIP_ATTR_PREFIX,
	  "10.0.0.100/25 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-5" },
	{ CIP_ATTR_IFNAME,
	  "10.0.0.100/24 dev eth1 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-5" },
	{ CIP_ATTR_IFNAME,
	  "10.0.0.100/24 dev eth00 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-5" },
	{ CIP_ATTR_MAC,
	  "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:65 hash sourceip total 16 seed 0x0 buckets 1-5" },
	{ CIP_ATTR_HASH_MODE, "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip-sourceport total 16 "
			      "seed 0x0 buckets 1-5" },
	{ CIP_ATTR_TOTAL,
	  "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 17 seed 0x0 buckets 1-5" },
	{ CIP_ATTR_SEED,
	  "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x1 buckets 1-5" },
	{ CIP_ATTR_BUCKETS,
	  "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-4" },
	{ CIP_ATTR_BUCKETS,
	  "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets none" },
};

START_TEST(one_differs)
{
	uint32_t mask = others[_i].attr ? 1u << others[_i].attr : 0;

	ck_assert_uint_eq(compare_lines(FULL, others[_i].line), mask);
}
END_TEST

START_TEST(noaddr_differs)
{
	struct cip_cluster *with = unit_parse(FULL), *without = unit_parse(FULL);

	ck_assert_int_eq(cip_cluster_set_noaddr(without, 0), 0);
	ck_assert_uint_eq(cip_cluster_compare(with, without), 1u << CIP_ATTR_NOADDR);
	ck_assert_int_eq(cip_cluster_unset(without, CIP_ATTR_NOADDR), 0);
	ck_assert_uint_eq(cip_cluster_compare(with, without), 0);
	cip_cluster_unref(without);
	cip_cluster_unref(with);
}
END_TEST

START_TEST(all_differ)
{
	static const char other[] = "10.0.0.101/25 dev eth1 mac 03:bf:0a:00:00:65 hash sourceip-sourceport "
				    "total 17 seed 0x1 buckets 6";
	uint32_t mask = 0;

	for (uint32_t attr = CIP_ATTR_ADDRESS; attr <= CIP_ATTR_BUCKETS; attr++)
		mask |= 1u << attr;
	ck_assert_uint_eq(compare_lines(FULL, other), mask);
}
END_TEST

/* Only what is set in both counts. */
START_TEST(unset_agrees)
{
	struct cip_cluster *full = unit_parse(FULL), *empty = unit_cluster();

	ck_assert_uint_eq(cip_cluster_compare(full, empty), 0);
	ck_assert_uint_eq(cip_cluster_compare(empty, full), 0);
	ck_assert_uint_eq(cip_cluster_compare(empty, empty), 0);
	ck_assert_uint_eq(compare_lines(FULL, "10.0.0.100"), 0);
	ck_assert_uint_eq(compare_lines(FULL, "10.0.0.100 seed 1"), 1u << CIP_ATTR_SEED);
	cip_cluster_unref(empty);
	cip_cluster_unref(full);
}
END_TEST

/* What is unset again does not count, though its value lies about in the object. */
START_TEST(forgotten_agrees)
{
	uint32_t attr = (uint32_t)_i;
	struct cip_cluster *full = unit_parse(FULL);
	struct cip_cluster *other =
		unit_parse("10.0.0.101/25 dev eth1 mac 03:bf:0a:00:00:65 hash sourceip-sourceport "
			   "total 17 seed 0x1 buckets 6");
	uint32_t before = cip_cluster_compare(full, other);

	ck_assert_uint_eq(before >> attr & 1, 1);
	ck_assert_int_eq(cip_cluster_unset(other, attr), 0);
	ck_assert_uint_eq(cip_cluster_compare(full, other), before & ~(1u << attr));
	cip_cluster_unref(other);
	cip_cluster_unref(full);
}
END_TEST

Suite *compare_suite(void)
{
	Suite *suite = suite_create("compare");
	TCase *tcase = unit_tcase(suite, "compare");

	tcase_add_loop_test(tcase, one_differs, 0, ARRAY_SIZE(others));
	tcase_add_test(tcase, noaddr_differs);
	tcase_add_test(tcase, all_differ);
	tcase_add_test(tcase, unset_agrees);
	tcase_add_loop_test(tcase, forgotten_agrees, CIP_ATTR_ADDRESS, CIP_ATTR_BUCKETS + 1);
	return suite;
}
