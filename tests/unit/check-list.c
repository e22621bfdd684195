/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdio.h>

static struct cip_list *new_list(void)
{
	struct cip_list *list = NULL;

	ck_assert_int_eq(cip_list_new(unit_ctx, &list), 0);
	ck_assert_ptr_nonnull(list);
	return list;
}

/* appends the cluster IP of a line; the list alone keeps it */
static int add_line(struct cip_list *list, const char *line)
{
	struct cip_cluster *cluster = unit_parse(line);
	int rc = cip_list_add(list, cluster);

	cip_cluster_unref(cluster);
	return rc;
}

START_TEST(empty)
{
	struct cip_list *list = new_list();

	ck_assert_uint_eq(cip_list_count(list), 0);
	ck_assert_ptr_null(cip_list_get(list, 0));
	ck_assert_ptr_null(cip_list_get(list, UINT32_MAX));
	ck_assert_ptr_null(cip_list_find(list, "10.0.0.100"));
	ck_assert_ptr_null(cip_list_unref(list));
}
END_TEST

START_TEST(order)
{
	static const char *const lines[] = { "10.0.0.102 dev b", "10.0.0.101 dev a", "2001:db8::1 dev c",
					     "10.0.0.100 dev d" };
	struct cip_list *list = new_list();

	for (uint32_t i = 0; i < 4; i++)
		ck_assert_int_eq(add_line(list, lines[i]), 0);
	ck_assert_uint_eq(cip_list_count(list), 4);
	for (uint32_t i = 0; i < 4; i++)
		unit_assert_line(cip_list_get(list, i), lines[i]);
	ck_assert_ptr_null(cip_list_get(list, 4));
	ck_assert_ptr_null(cip_list_get(list, UINT32_MAX));
	cip_list_unref(list);
}
END_TEST

START_TEST(add_does_not_copy)
{
	struct cip_list *list = new_list();
	struct cip_cluster *cluster = unit_parse("10.0.0.100");

	ck_assert_int_eq(cip_list_add(list, cluster), 0);
	ck_assert_ptr_eq(cip_list_get(list, 0), cluster);
	ck_assert_ptr_eq(cip_list_find(list, "10.0.0.100"), cluster);
	ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, 7), 0);
	cip_cluster_unref(cluster);
	ck_assert_uint_eq(cip_cluster_get_total_nodes(cip_list_get(list, 0)), 7);
	cip_list_unref(list);
}
END_TEST

START_TEST(member_outlives_the_list)
{
	struct cip_list *list = new_list();
	struct cip_cluster *cluster = unit_parse("10.0.0.100");

	ck_assert_int_eq(cip_list_add(list, cluster), 0);
	ck_assert_ptr_eq(cip_list_ref(list), list);
	ck_assert_ptr_null(cip_list_unref(list));
	ck_assert_uint_eq(cip_list_count(list), 1);
	ck_assert_ptr_null(cip_list_unref(list));
	unit_assert_line(cluster, "10.0.0.100");
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(no_address)
{
	struct cip_list *list = new_list();
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_ifname(cluster, "eth0"), 0);
	ck_assert_int_eq(cip_list_add(list, cluster), -EINVAL);
	unit_assert_error(CIP_ATTR_ADDRESS, "address", NULL);
	ck_assert_uint_eq(cip_list_count(list), 0);
	cip_cluster_unref(cluster);
	cip_list_unref(list);
}
END_TEST

/* The address is the identity: neither device nor prefix makes a second one of it. */
START_TEST(duplicates)
{
	struct cip_list *list = new_list();

	ck_assert_int_eq(add_line(list, "10.0.0.100/24 dev eth0"), 0);
	ck_assert_int_eq(add_line(list, "2001:db8::1"), 0);
	ck_assert_int_eq(add_line(list, "10.0.0.100"), -EEXIST);
	unit_assert_error(CIP_ATTR_ADDRESS, "10.0.0.100", NULL);
	ck_assert_int_eq(add_line(list, "10.0.0.100/25 dev eth1"), -EEXIST);
	ck_assert_int_eq(add_line(list, "2001:DB8:0::1"), -EEXIST);
	ck_assert_uint_eq(cip_list_count(list), 2);
	unit_assert_line(cip_list_get(list, 0), "10.0.0.100/24 dev eth0");
	cip_list_unref(list);
}
END_TEST

START_TEST(find)
{
	static const char *const nowhere[] = { "10.0.0.10", "10.0.0.1000", "10.0.0.100/24",
					       "",	    "nonsense",	   "2001:db8::2" };
	struct cip_list *list = new_list();

	ck_assert_int_eq(add_line(list, "10.0.0.100/24"), 0);
	ck_assert_int_eq(add_line(list, "2001:db8::1"), 0);
	unit_assert_line(cip_list_find(list, "10.0.0.100"), "10.0.0.100/24");
	unit_assert_line(cip_list_find(list, "2001:DB8:0:0::1"), "2001:db8::1");
	for (int i = 0; i < ARRAY_SIZE(nowhere); i++)
		ck_assert_ptr_null(cip_list_find(list, nowhere[i]));
	ck_assert_ptr_null(cip_list_find(list, NULL));
	cip_list_unref(list);
}
END_TEST

START_TEST(many)
{
	struct cip_list *list = new_list();
	char line[32];

	for (unsigned i = 0; i < 2000; i++) {
		snprintf(line, sizeof(line), "10.%u.%u.1", i * 7 % 2000 / 256, i * 7 % 2000 % 256);
		ck_assert_int_eq(add_line(list, line), 0);
		unit_assert_line(cip_list_get(list, i), line);
	}
	ck_assert_uint_eq(cip_list_count(list), 2000);
	ck_assert_int_eq(add_line(list, line), -EEXIST);
	ck_assert_ptr_eq(cip_list_find(list, line), cip_list_get(list, 1999));
	cip_list_unref(list);
}
END_TEST

Suite *list_suite(void)
{
	Suite *suite = suite_create("list");
	TCase *tcase = unit_tcase(suite, "list");

	tcase_add_test(tcase, empty);
	tcase_add_test(tcase, order);
	tcase_add_test(tcase, add_does_not_copy);
	tcase_add_test(tcase, member_outlives_the_list);
	tcase_add_test(tcase, no_address);
	tcase_add_test(tcase, duplicates);
	tcase_add_test(tcase, find);
	tcase_add_test(tcase, many);
	return suite;
}
