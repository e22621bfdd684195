/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#define FULL                                                                                                   \
	"10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip-sourceport total 16 seed 0x7 buckets "     \
	"1,3,5-8 noaddr"

static int attributes_set(struct cip_cluster *cluster)
{
	int count = 0;

	for (uint32_t attr = CIP_ATTR_ADDRESS; attr <= CIP_ATTR_NOADDR; attr++)
		count += cip_cluster_is_set(cluster, attr);
	return count;
}

START_TEST(empty)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(attributes_set(cluster), 0);
	unit_assert_no_text(cip_cluster_get_address, cluster);
	unit_assert_no_text(cip_cluster_get_ifname, cluster);
	unit_assert_no_text(cip_cluster_get_mac, cluster);
	unit_assert_no_text(cip_cluster_get_buckets, cluster);
	unit_assert_no_text(cip_cluster_format, cluster);
	ck_assert_uint_eq(cip_cluster_get_family(cluster), 0);
	ck_assert_uint_eq(cip_cluster_get_prefix(cluster), 0);
	ck_assert_uint_eq(cip_cluster_get_hash_mode(cluster), 0);
	ck_assert_uint_eq(cip_cluster_get_total_nodes(cluster), 0);
	ck_assert_uint_eq(cip_cluster_get_hash_seed(cluster), 0);
	ck_assert_int_eq(cip_cluster_get_noaddr(cluster), 0);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, 0), 0);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(not_queried)
{
	struct cip_cluster *cluster = unit_parse(FULL);
	uint64_t packets = UNTOUCHED, bytes = UNTOUCHED;

	ck_assert_int_eq(cip_cluster_get_bucket_counters(cluster, 1, &packets, &bytes), -ENODATA);
	ck_assert_int_eq(cip_cluster_get_bucket_counters(cluster, 2, &packets, &bytes), -ENODATA);
	ck_assert_int_eq(cip_cluster_get_bucket_counters(cluster, 0, &packets, &bytes), -ENODATA);
	ck_assert_int_eq(cip_cluster_get_bucket_counters(cluster, UINT32_MAX, &packets, &bytes), -ENODATA);
	unit_assert_error(CIP_ATTR_NONE, "counters", "not queried");
	ck_assert_int_eq(cip_set_dry_run(unit_ctx, 2), -EINVAL);
	ck_assert_int_eq(cip_cluster_get_foreign_counters(cluster, &packets, &bytes), -ENODATA);
	unit_assert_error(CIP_ATTR_NONE, "counters", "not queried");
	ck_assert_uint_eq(packets, UNTOUCHED);
	ck_assert_uint_eq(bytes, UNTOUCHED);
	ck_assert_str_eq(cip_cluster_get_backend(cluster), "");
	cip_cluster_unref(cluster);
}
END_TEST

/* Every attribute can be forgotten alone, and the others stay. */
START_TEST(unset)
{
	uint32_t attr = (uint32_t)_i;
	struct cip_cluster *cluster = unit_parse(FULL);

	ck_assert_int_eq(attributes_set(cluster), CIP_ATTR_NOADDR);
	ck_assert_int_eq(cip_cluster_is_set(cluster, attr), 1);
	ck_assert_int_eq(cip_cluster_unset(cluster, attr), 0);
	ck_assert_int_eq(cip_cluster_is_set(cluster, attr), 0);
	ck_assert_int_eq(attributes_set(cluster), CIP_ATTR_NOADDR - 1);
	ck_assert_int_eq(cip_cluster_unset(cluster, attr), 0);
	cip_cluster_unref(cluster);
}
END_TEST

/* A getter does not return what was unset. */
START_TEST(unset_reads_as_not_set)
{
	struct cip_cluster *cluster = unit_parse(FULL);

	for (uint32_t attr = CIP_ATTR_ADDRESS; attr <= CIP_ATTR_NOADDR; attr++)
		ck_assert_int_eq(cip_cluster_unset(cluster, attr), 0);
	unit_assert_no_text(cip_cluster_get_address, cluster);
	unit_assert_no_text(cip_cluster_get_ifname, cluster);
	unit_assert_no_text(cip_cluster_get_mac, cluster);
	unit_assert_no_text(cip_cluster_get_buckets, cluster);
	ck_assert_uint_eq(cip_cluster_get_family(cluster), 0);
	ck_assert_uint_eq(cip_cluster_get_prefix(cluster), 0);
	ck_assert_uint_eq(cip_cluster_get_hash_mode(cluster), 0);
	ck_assert_uint_eq(cip_cluster_get_total_nodes(cluster), 0);
	ck_assert_uint_eq(cip_cluster_get_hash_seed(cluster), 0);
	ck_assert_int_eq(cip_cluster_get_noaddr(cluster), 0);
	ck_assert_int_eq(cip_cluster_has_bucket(cluster, 1), 0);
	ck_assert_uint_eq(cip_cluster_next_bucket(cluster, 0), 0);
	cip_cluster_unref(cluster);
}
END_TEST

/* Buckets given again after an unset begin from none. */
START_TEST(unset_buckets_are_gone)
{
	struct cip_cluster *cluster = unit_parse(FULL);

	ck_assert_int_eq(cip_cluster_unset(cluster, CIP_ATTR_BUCKETS), 0);
	ck_assert_int_eq(cip_cluster_add_bucket(cluster, 2), 0);
	unit_assert_buckets(cluster, "2");
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(no_such_attribute)
{
	static const uint32_t wrong[] = { CIP_ATTR_NONE,
					  CIP_ATTR_PROTOCOL,
					  CIP_ATTR_SPORT,
					  CIP_ATTR_DPORT,
					  CIP_ATTR_SADDR,
					  CIP_ATTR_BACKEND,
					  18,
					  31,
					  32,
					  33,
					  64,
					  UINT32_MAX };
	struct cip_cluster *cluster = unit_parse(FULL);

	ck_assert_int_eq(cip_cluster_is_set(cluster, wrong[_i]), 0);
	ck_assert_int_eq(cip_cluster_unset(cluster, wrong[_i]), -EINVAL);
	unit_assert_line(cluster, FULL);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(references)
{
	struct cip_cluster *cluster = unit_parse(FULL);

	ck_assert_ptr_eq(cip_cluster_ref(cluster), cluster);
	ck_assert_ptr_null(cip_cluster_unref(cluster));
	unit_assert_line(cluster, FULL);
	ck_assert_ptr_null(cip_cluster_unref(cluster));
}
END_TEST

START_TEST(copies_are_equal)
{
	struct cip_cluster *cluster = unit_parse(FULL), *copy = NULL;

	ck_assert_int_eq(cip_cluster_copy(cluster, &copy), 0);
	ck_assert_ptr_ne(copy, cluster);
	unit_assert_line(copy, FULL);
	ck_assert_uint_eq(cip_cluster_compare(cluster, copy), 0);
	for (uint32_t attr = CIP_ATTR_ADDRESS; attr <= CIP_ATTR_NOADDR; attr++)
		ck_assert_int_eq(cip_cluster_is_set(copy, attr), 1);
	cip_cluster_unref(cluster);
	cip_cluster_unref(copy);
}
END_TEST

START_TEST(copies_are_independent)
{
	static const char changed[] =
		"192.0.2.1/32 dev br0 mac 01:00:5e:00:00:01 hash sourceip total 1024 seed 0x0";
	struct cip_cluster *cluster = unit_parse(FULL), *copy = NULL;

	ck_assert_int_eq(cip_cluster_copy(cluster, &copy), 0);
	for (uint32_t attr = CIP_ATTR_ADDRESS; attr <= CIP_ATTR_NOADDR; attr++)
		ck_assert_int_eq(cip_cluster_unset(cluster, attr), 0);
	ck_assert_int_eq(cip_cluster_parse(cluster, changed), 0);
	unit_assert_line(cluster, changed);
	unit_assert_line(copy, FULL);
	ck_assert_int_eq(cip_cluster_remove_bucket(copy, 3), 0);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_BUCKETS), 0);
	cip_cluster_unref(cluster);
	unit_assert_buckets(copy, "1,5-8");
	cip_cluster_unref(copy);
}
END_TEST

START_TEST(copy_of_nothing)
{
	struct cip_cluster *cluster = unit_cluster(), *copy = NULL;

	ck_assert_int_eq(cip_cluster_copy(cluster, NULL), -EINVAL);
	ck_assert_int_eq(cip_cluster_copy(NULL, &copy), -EINVAL);
	ck_assert_ptr_null(copy);
	ck_assert_int_eq(cip_cluster_copy(cluster, &copy), 0);
	ck_assert_int_eq(attributes_set(copy), 0);
	cip_cluster_unref(copy);
	cip_cluster_unref(cluster);
}
END_TEST

Suite *cluster_suite(void)
{
	Suite *suite = suite_create("cluster");
	TCase *tcase = unit_tcase(suite, "cluster");

	tcase_add_test(tcase, empty);
	tcase_add_test(tcase, not_queried);
	tcase_add_loop_test(tcase, unset, CIP_ATTR_ADDRESS, CIP_ATTR_NOADDR + 1);
	tcase_add_test(tcase, unset_reads_as_not_set);
	tcase_add_test(tcase, unset_buckets_are_gone);
	tcase_add_loop_test(tcase, no_such_attribute, 0, 12);
	tcase_add_test(tcase, references);
	tcase_add_test(tcase, copies_are_equal);
	tcase_add_test(tcase, copies_are_independent);
	tcase_add_test(tcase, copy_of_nothing);
	return suite;
}
