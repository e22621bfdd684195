/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

/*
 * Verbs without a kernel that listens: what they say about bad input, and that they say -EPERM to a process
 * that has no CAP_NET_ADMIN (see check-main.c). What they do with a kernel is tested in tests/netns.
 */

#define GOOD "10.0.0.100 dev lo total 16"

/* lines that no changing verb takes */
static const struct {
	const char *line;
	int error;
	uint32_t attr;
	const char *word;
} bad_create[] = {
	{ "10.0.0.100 total 16", -EINVAL, CIP_ATTR_IFNAME, "dev" },
	{ "10.0.0.100 dev lo", -EINVAL, CIP_ATTR_TOTAL, "total" },
};

START_TEST(create_refuses)
{
	struct cip_cluster *cluster = unit_parse(bad_create[_i].line);

	ck_assert_int_eq(cip_create(unit_ctx, cluster), bad_create[_i].error);
	unit_assert_error(bad_create[_i].attr, bad_create[_i].word, NULL);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(changes_need_an_address)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_create(unit_ctx, cluster), -EINVAL);
	unit_assert_error(CIP_ATTR_ADDRESS, "address", NULL);
	ck_assert_int_eq(cip_modify(unit_ctx, cluster), -EINVAL);
	unit_assert_error(CIP_ATTR_ADDRESS, "address", NULL);
	ck_assert_int_eq(cip_create(unit_ctx, NULL), -EINVAL);
	ck_assert_int_eq(cip_modify(unit_ctx, NULL), -EINVAL);
	cip_cluster_unref(cluster);
}
END_TEST

/* What a verb refuses is told where the verb was asked, and not where the value was made. */
START_TEST(values_of_others)
{
	struct cip_cluster *cluster = NULL;
	struct cip_list *list = NULL;
	struct cip_ctx *other = NULL;

	ck_assert_int_eq(cip_new(&other), 0);
	ck_assert_int_eq(cip_cluster_new(other, &cluster), 0);
	ck_assert_int_eq(cip_list_new(other, &list), 0);
	ck_assert_int_eq(cip_modify(unit_ctx, cluster), -EINVAL);
	unit_assert_error(CIP_ATTR_ADDRESS, "address", NULL);
	ck_assert_int_eq(cip_cluster_parse(cluster, "10.0.0.100 total 16 buckets 1,9"), 0);
	ck_assert_int_eq(cip_create(unit_ctx, cluster), -EINVAL);
	unit_assert_error(CIP_ATTR_IFNAME, "dev", NULL);
	ck_assert_int_eq(cip_list_add(list, cluster), 0);
	ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, 8), 0);
	ck_assert_int_eq(cip_apply(unit_ctx, list, 0), -EINVAL);
	unit_assert_error(CIP_ATTR_BUCKETS, "buckets", "1..8");
	ck_assert_str_eq(cip_get_error(other), "");
	cip_list_unref(list);
	cip_cluster_unref(cluster);
	cip_unref(other);
}
END_TEST

/* every verb that takes an address, behind one signature */
typedef int (*verb)(const char *address, const char *ifname);

static int verb_destroy(const char *address, const char *ifname)
{
	return cip_destroy(unit_ctx, address, ifname);
}

static int verb_hash_mode(const char *address, const char *ifname)
{
	return cip_set_hash_mode(unit_ctx, address, ifname, CIP_HASH_SOURCEIP);
}

static int verb_total(const char *address, const char *ifname)
{
	return cip_set_total_nodes(unit_ctx, address, ifname, 16);
}

static int verb_seed(const char *address, const char *ifname)
{
	return cip_set_hash_seed(unit_ctx, address, ifname, 0);
}

static int verb_add(const char *address, const char *ifname)
{
	return cip_add_buckets(unit_ctx, address, ifname, "1");
}

static int verb_remove(const char *address, const char *ifname)
{
	return cip_remove_buckets(unit_ctx, address, ifname, "1");
}

static int verb_set(const char *address, const char *ifname)
{
	return cip_set_buckets(unit_ctx, address, ifname, "1");
}

static int verb_query_one(const char *address, const char *ifname)
{
	struct cip_cluster *cluster = NULL;
	int rc = cip_query_one(unit_ctx, address, ifname, &cluster);

	ck_assert_msg(rc == 0 || !cluster, "the result was touched");
	cip_cluster_unref(cluster);
	return rc;
}

static int verb_verify(const char *address, const char *ifname)
{
	struct cip_report *report = NULL;
	int rc = cip_verify(unit_ctx, address, ifname, &report);

	ck_assert_msg(rc == 0 || !report, "the result was touched");
	cip_report_unref(report);
	return rc;
}

static const verb verbs[] = { verb_destroy, verb_hash_mode, verb_total,	    verb_seed,	verb_add,
			      verb_remove,  verb_set,	    verb_query_one, verb_verify };

START_TEST(addresses_are_checked)
{
	static const char *const wrong[] = { "", "nonsense", "10.0.0", "10.0.0.100/24", "10.0.0.100 " };

	for (int i = 0; i < ARRAY_SIZE(wrong); i++) {
		ck_assert_int_eq(verbs[_i](wrong[i], NULL), -EINVAL);
		unit_assert_error(CIP_ATTR_ADDRESS, "address", NULL);
	}
}
END_TEST

START_TEST(no_address)
{
	/* to verify() it means everything */
	if (verbs[_i] == verb_verify)
		ck_assert_int_eq(verbs[_i](NULL, NULL), -EPERM);
	else
		ck_assert_int_eq(verbs[_i](NULL, NULL), -EINVAL);
}
END_TEST

START_TEST(nothing_is_permitted)
{
	ck_assert_int_eq(verbs[_i]("10.0.0.100", NULL), -EPERM);
	ck_assert_str_ne(cip_get_error(unit_ctx), "");
	ck_assert_int_eq(verbs[_i]("10.0.0.100", "lo"), -EPERM);
}
END_TEST

START_TEST(values_are_checked)
{
	ck_assert_int_eq(cip_set_hash_mode(unit_ctx, "10.0.0.100", NULL, 0), -EINVAL);
	unit_assert_error(CIP_ATTR_HASH_MODE, "hash", "1..4");
	ck_assert_int_eq(cip_set_hash_mode(unit_ctx, "10.0.0.100", NULL, 5), -EINVAL);
	ck_assert_int_eq(cip_set_total_nodes(unit_ctx, "10.0.0.100", NULL, 0), -EINVAL);
	unit_assert_error(CIP_ATTR_TOTAL, "total", "1..1024");
	ck_assert_int_eq(cip_set_total_nodes(unit_ctx, "10.0.0.100", NULL, 1025), -EINVAL);
}
END_TEST

START_TEST(no_bucket_list)
{
	ck_assert_int_eq(cip_add_buckets(unit_ctx, "10.0.0.100", NULL, NULL), -EINVAL);
	unit_assert_error(CIP_ATTR_BUCKETS, "bucket", NULL);
	ck_assert_int_eq(cip_remove_buckets(unit_ctx, "10.0.0.100", NULL, NULL), -EINVAL);
	unit_assert_error(CIP_ATTR_BUCKETS, "bucket", NULL);
	ck_assert_int_eq(cip_set_buckets(unit_ctx, "10.0.0.100", NULL, NULL), -EINVAL);
	unit_assert_error(CIP_ATTR_BUCKETS, "bucket", NULL);
}
END_TEST

START_TEST(query_is_not_permitted)
{
	struct cip_list *list = NULL;

	ck_assert_int_eq(cip_query(unit_ctx, &list), -EPERM);
	ck_assert_ptr_null(list);
	ck_assert_str_ne(cip_get_error(unit_ctx), "");
}
END_TEST

/* A dry run reads the kernel too, so it needs the same privilege. */
START_TEST(changes_are_not_permitted)
{
	struct cip_cluster *cluster = unit_parse(GOOD);

	ck_assert_int_eq(cip_set_dry_run(unit_ctx, _i), 0);
	ck_assert_int_eq(cip_create(unit_ctx, cluster), -EPERM);
	ck_assert_str_ne(cip_get_error(unit_ctx), "");
	ck_assert_int_eq(cip_modify(unit_ctx, cluster), -EPERM);
	ck_assert_uint_eq(cip_plan_count(unit_ctx), 0);
	cip_cluster_unref(cluster);
}
END_TEST

static struct cip_list *list_of(const char *line)
{
	struct cip_cluster *cluster = unit_parse(line);
	struct cip_list *list = NULL;

	ck_assert_int_eq(cip_list_new(unit_ctx, &list), 0);
	ck_assert_int_eq(cip_list_add(list, cluster), 0);
	cip_cluster_unref(cluster);
	return list;
}

START_TEST(apply)
{
	struct cip_list *list = list_of(GOOD), *ipv6 = list_of("2001:db8::1 dev lo total 4");

	ck_assert_int_eq(cip_apply(unit_ctx, list, 0), -EPERM);
	ck_assert_int_eq(cip_apply(unit_ctx, list, CIP_APPLY_PRUNE), -EPERM);
	ck_assert_int_eq(cip_apply(unit_ctx, list, CIP_APPLY_KEEP_BUCKETS), -EPERM);
	ck_assert_int_eq(cip_apply(unit_ctx, list, CIP_APPLY_PRUNE | CIP_APPLY_KEEP_BUCKETS), -EPERM);
	ck_assert_int_eq(cip_apply(unit_ctx, list, 4), -EINVAL);
	ck_assert_int_eq(cip_apply(unit_ctx, list, 5), -EINVAL);
	ck_assert_int_eq(cip_apply(unit_ctx, list, UINT32_MAX), -EINVAL);
	ck_assert_int_eq(cip_apply(unit_ctx, NULL, 0), -EINVAL);
	ck_assert_int_eq(cip_apply(unit_ctx, ipv6, 0), -EPERM);
	cip_list_unref(ipv6);
	cip_list_unref(list);
}
END_TEST

Suite *verbs_suite(void)
{
	Suite *suite = suite_create("verbs");
	TCase *tcase = unit_tcase(suite, "verbs");

	tcase_add_loop_test(tcase, create_refuses, 0, ARRAY_SIZE(bad_create));
	tcase_add_test(tcase, changes_need_an_address);
	tcase_add_test(tcase, values_of_others);
	tcase_add_loop_test(tcase, addresses_are_checked, 0, ARRAY_SIZE(verbs));
	tcase_add_loop_test(tcase, no_address, 0, ARRAY_SIZE(verbs));
	tcase_add_loop_test(tcase, nothing_is_permitted, 0, ARRAY_SIZE(verbs));
	tcase_add_test(tcase, values_are_checked);
	tcase_add_test(tcase, no_bucket_list);
	tcase_add_test(tcase, query_is_not_permitted);
	tcase_add_loop_test(tcase, changes_are_not_permitted, 0, 2);
	tcase_add_test(tcase, apply);
	return suite;
}
