/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

/* the fields of a cluster IP that are not its address and not its buckets */

static const char *const good_ifname[] = { "e", "lo",  "eth0", "eth0.100", "br-lan_1", "abcdefghijklmno",
					   "-", "...", "a@b" };

START_TEST(ifnames)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_ifname(cluster, good_ifname[_i]), 0);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_IFNAME), 1);
	unit_assert_text(cip_cluster_get_ifname, cluster, good_ifname[_i]);
	cip_cluster_unref(cluster);
}
END_TEST

static const char *const bad_ifname[] = { NULL,	    "",	      "abcdefghijklmnop", "eth 0", " eth0",  "eth0 ",
					  "eth0\t", "eth0\n", "eth0:1",		  "eth/0", "et\"h0", "eth\v0",
					  ".",	    ".." };

START_TEST(not_ifnames)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_ifname(cluster, bad_ifname[_i]), -EINVAL);
	unit_assert_error(CIP_ATTR_IFNAME, "dev", NULL);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_IFNAME), 0);
	ck_assert_int_eq(cip_cluster_set_ifname(cluster, "eth0"), 0);
	ck_assert_int_eq(cip_cluster_set_ifname(cluster, bad_ifname[_i]), -EINVAL);
	unit_assert_text(cip_cluster_get_ifname, cluster, "eth0");
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(ifname_length_is_named)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_ifname(cluster, "abcdefghijklmnop"), -EINVAL);
	unit_assert_error(CIP_ATTR_IFNAME, "dev", "1..15");
	cip_cluster_unref(cluster);
}
END_TEST

static const char *const good_mac[][2] = {
	{ "03:bf:0a:00:00:64", "03:bf:0a:00:00:64" }, { "03-bf-0a-00-00-64", "03:bf:0a:00:00:64" },
	{ "03:BF:0A:00:00:64", "03:bf:0a:00:00:64" }, { "01:00:5e:7f:ff:fa", "01:00:5e:7f:ff:fa" },
	{ "33:33:00:00:00:01", "33:33:00:00:00:01" }, { "ff:ff:ff:ff:ff:fe", "ff:ff:ff:ff:ff:fe" },
	{ "FD-FF-FF-FF-FF-FF", "fd:ff:ff:ff:ff:ff" },
};

START_TEST(macs)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_mac(cluster, good_mac[_i][0]), 0);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_MAC), 1);
	unit_assert_text(cip_cluster_get_mac, cluster, good_mac[_i][1]);
	cip_cluster_unref(cluster);
}
END_TEST

static const char *const bad_mac[] = {
	NULL,
	"",
	"03",
	"03:bf:0a:00:00",
	"03:bf:0a:00:00:",
	"03:bf:0a:00:00:64:",
	"03:bf:0a:00:00:64:00",
	" 03:bf:0a:00:00:64",
	"03:bf:0a:00:00:64 ",
	"03:bf:0a:00:00:6g",
	"03:bf:0a:00:00:6",
	"03:bf:0a:00:00:640",
	"03:bf:0a:00::64",
	"03bf0a000064",
	"03.bf.0a.00.00.64",
	"+3:bf:0a:00:00:64",
	"0x3:bf:0a:00:00:64",
	"eth0",
	"02:bf:0a:00:00:64", /* unicast */
	"00:00:00:00:00:00",
	"fe:ff:ff:ff:ff:ff",
	"ff:ff:ff:ff:ff:ff", /* broadcast */
	"FF-FF-FF-FF-FF-FF",
};

START_TEST(not_macs)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_mac(cluster, bad_mac[_i]), -EINVAL);
	unit_assert_error(CIP_ATTR_MAC, "mac", NULL);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_MAC), 0);
	ck_assert_int_eq(cip_cluster_set_mac(cluster, "33:33:00:00:00:01"), 0);
	ck_assert_int_eq(cip_cluster_set_mac(cluster, bad_mac[_i]), -EINVAL);
	unit_assert_text(cip_cluster_get_mac, cluster, "33:33:00:00:00:01");
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(unicast_macs_are_told_why)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_mac(cluster, "02:bf:0a:00:00:64"), -EINVAL);
	unit_assert_error(CIP_ATTR_MAC, "mac", "multicast");
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(hash_modes)
{
	static const uint32_t wrong[] = { 0, 5, 255, 257, UINT32_MAX };
	struct cip_cluster *cluster = unit_cluster();

	for (uint32_t mode = 1; mode <= 4; mode++) {
		ck_assert_int_eq(cip_cluster_set_hash_mode(cluster, mode), 0);
		ck_assert_uint_eq(cip_cluster_get_hash_mode(cluster), mode);
	}
	for (int i = 0; i < ARRAY_SIZE(wrong); i++) {
		ck_assert_int_eq(cip_cluster_set_hash_mode(cluster, wrong[i]), -EINVAL);
		unit_assert_error(CIP_ATTR_HASH_MODE, "hash", "1..4");
		ck_assert_uint_eq(cip_cluster_get_hash_mode(cluster), 4);
	}
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(totals)
{
	static const uint32_t wrong[] = { 0, 1025, 65537, UINT32_MAX };
	struct cip_cluster *cluster = unit_cluster();

	for (uint32_t total = 1; total <= CIP_TOTAL_NODES_MAX; total++) {
		ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, total), 0);
		ck_assert_uint_eq(cip_cluster_get_total_nodes(cluster), total);
	}
	for (int i = 0; i < ARRAY_SIZE(wrong); i++) {
		ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, wrong[i]), -EINVAL);
		unit_assert_error(CIP_ATTR_TOTAL, "total", "1..1024");
		ck_assert_uint_eq(cip_cluster_get_total_nodes(cluster), CIP_TOTAL_NODES_MAX);
	}
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(seeds)
{
	static const uint32_t values[] = { 0, 1, 0x7fffffff, 0x80000000, 0xdeadbeef, UINT32_MAX };
	struct cip_cluster *cluster = unit_cluster();

	for (int i = 0; i < ARRAY_SIZE(values); i++) {
		ck_assert_int_eq(cip_cluster_set_hash_seed(cluster, values[i]), 0);
		ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_SEED), 1);
		ck_assert_uint_eq(cip_cluster_get_hash_seed(cluster), values[i]);
	}
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(noaddr)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_noaddr(cluster, 0), 0);
	ck_assert_int_eq(cip_cluster_get_noaddr(cluster), 0);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_NOADDR), 1);
	ck_assert_int_eq(cip_cluster_set_noaddr(cluster, 1), 0);
	ck_assert_int_eq(cip_cluster_get_noaddr(cluster), 1);
	ck_assert_int_eq(cip_cluster_set_noaddr(cluster, 2), -EINVAL);
	unit_assert_error(CIP_ATTR_NOADDR, "noaddr", NULL);
	ck_assert_int_eq(cip_cluster_set_noaddr(cluster, -1), -EINVAL);
	ck_assert_int_eq(cip_cluster_get_noaddr(cluster), 1);
	cip_cluster_unref(cluster);
}
END_TEST

Suite *fields_suite(void)
{
	Suite *suite = suite_create("fields");
	TCase *tcase = unit_tcase(suite, "fields");

	tcase_add_loop_test(tcase, ifnames, 0, ARRAY_SIZE(good_ifname));
	tcase_add_loop_test(tcase, not_ifnames, 0, ARRAY_SIZE(bad_ifname));
	tcase_add_test(tcase, ifname_length_is_named);
	tcase_add_loop_test(tcase, macs, 0, ARRAY_SIZE(good_mac));
	tcase_add_loop_test(tcase, not_macs, 0, ARRAY_SIZE(bad_mac));
	tcase_add_test(tcase, unicast_macs_are_told_why);
	tcase_add_test(tcase, hash_modes);
	tcase_add_test(tcase, totals);
	tcase_add_test(tcase, seeds);
	tcase_add_test(tcase, noaddr);
	return suite;
}
