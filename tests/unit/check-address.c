/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

static const struct {
	const char *text, *address;
	uint32_t family, prefix;
} good[] = {
	{ "10.0.0.100", "10.0.0.100", 4, 0 },
	{ "10.0.0.100/24", "10.0.0.100", 4, 24 },
	{ "10.0.0.100/1", "10.0.0.100", 4, 1 },
	{ "10.0.0.100/32", "10.0.0.100", 4, 32 },
	{ "1.0.0.1", "1.0.0.1", 4, 0 },
	{ "126.255.255.254", "126.255.255.254", 4, 0 },
	{ "128.0.0.1", "128.0.0.1", 4, 0 },
	{ "223.255.255.254/31", "223.255.255.254", 4, 31 },
	{ "2001:db8::100", "2001:db8::100", 6, 0 },
	{ "2001:DB8:0:0::100/64", "2001:db8::100", 6, 64 },
	{ "2001:db8::100/1", "2001:db8::100", 6, 1 },
	{ "2001:db8::100/128", "2001:db8::100", 6, 128 },
	{ "fe80::1", "fe80::1", 6, 0 },
	{ "fd00:1111:2222:3333:4444:5555:6666:7777/127", "fd00:1111:2222:3333:4444:5555:6666:7777", 6, 127 },
};

START_TEST(addresses)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_address(cluster, good[_i].text), 0);
	unit_assert_text(cip_cluster_get_address, cluster, good[_i].address);
	ck_assert_uint_eq(cip_cluster_get_family(cluster), good[_i].family);
	ck_assert_uint_eq(cip_cluster_get_prefix(cluster), good[_i].prefix);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_ADDRESS), 1);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_PREFIX), good[_i].prefix != 0);
	cip_cluster_unref(cluster);
}
END_TEST

static const char *const bad[] = {
	NULL,
	"",
	" ",
	"eth0",
	"10",
	"10.0.0",
	"10.0.0.",
	"10.0.0.100.",
	"10.0.0.100.1",
	"10.0.0.256",
	"10.0.0.-1",
	" 10.0.0.100",
	"10.0.0.100 ",
	"10.0.0.100\n",
	"10.0.0.0x64",
	"0x0a000064",
	"167772260",
	"10.0.0.100,10.0.0.101",
	"2001:db8::1::2",
	"2001:db8::g",
	"2001:db8::100%eth0",
	"[2001:db8::100]",
	/* not unicast */
	"0.0.0.0",
	"127.0.0.1",
	"127.255.255.254",
	"224.0.0.1",
	"239.255.255.255",
	"255.255.255.255",
	"255.255.255.255/32",
	"::",
	"::1",
	"ff02::1",
	"ff02::1/64",
};

/* A refused address leaves the one that was there. */
START_TEST(not_addresses)
{
	struct cip_cluster *cluster = unit_parse("192.0.2.1/28");

	ck_assert_int_eq(cip_cluster_set_address(cluster, bad[_i]), -EINVAL);
	unit_assert_error(CIP_ATTR_ADDRESS, "address", NULL);
	unit_assert_line(cluster, "192.0.2.1/28");
	cip_cluster_unref(cluster);
}
END_TEST

static const char *const bad_prefix[] = {
	"10.0.0.100/",
	"10.0.0.100/0",
	"10.0.0.100/33",
	"10.0.0.100/-1",
	"10.0.0.100/24x",
	"10.0.0.100/ 24",
	"10.0.0.100/24 ",
	"10.0.0.100/24/24",
	"10.0.0.100/255.0.0.0",
	"10.0.0.100/4294967320",
	"10.0.0.100/18446744073709551640",
	"10.0.0.100/+24",
	"2001:db8::100/0",
	"2001:db8::100/129",
	"2001:db8::100/",
	"/24",
};

START_TEST(not_prefixes)
{
	struct cip_cluster *cluster = unit_parse("192.0.2.1/28");

	ck_assert_int_eq(cip_cluster_set_address(cluster, bad_prefix[_i]), -EINVAL);
	ck_assert_str_ne(cip_get_error(unit_ctx), "");
	unit_assert_line(cluster, "192.0.2.1/28");
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(prefix_ranges_are_named)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_address(cluster, "10.0.0.100/33"), -EINVAL);
	unit_assert_error(CIP_ATTR_PREFIX, "prefix", "1..32");
	ck_assert_int_eq(cip_cluster_set_address(cluster, "2001:db8::100/129"), -EINVAL);
	unit_assert_error(CIP_ATTR_PREFIX, "prefix", "1..128");
	cip_cluster_unref(cluster);
}
END_TEST

static void check_prefixes(const char *address, uint32_t longest, const char *range)
{
	struct cip_cluster *cluster = unit_parse(address);

	for (uint32_t prefix = 1; prefix <= longest; prefix++) {
		ck_assert_int_eq(cip_cluster_set_prefix(cluster, prefix), 0);
		ck_assert_uint_eq(cip_cluster_get_prefix(cluster), prefix);
	}
	ck_assert_int_eq(cip_cluster_set_prefix(cluster, 0), -EINVAL);
	unit_assert_error(CIP_ATTR_PREFIX, "prefix", range);
	ck_assert_int_eq(cip_cluster_set_prefix(cluster, longest + 1), -EINVAL);
	unit_assert_error(CIP_ATTR_PREFIX, "prefix", range);
	ck_assert_int_eq(cip_cluster_set_prefix(cluster, UINT32_MAX), -EINVAL);
	ck_assert_uint_eq(cip_cluster_get_prefix(cluster), longest);
	cip_cluster_unref(cluster);
}

START_TEST(prefixes)
{
	check_prefixes("10.0.0.100", 32, "1..32");
	check_prefixes("2001:db8::100", 128, "1..128");
}
END_TEST

START_TEST(prefix_before_the_address)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_prefix(cluster, 0), -EINVAL);
	ck_assert_int_eq(cip_cluster_set_prefix(cluster, 129), -EINVAL);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_PREFIX), 0);
	ck_assert_int_eq(cip_cluster_set_prefix(cluster, 24), 0);
	ck_assert_int_eq(cip_cluster_set_address(cluster, "10.0.0.100"), 0);
	unit_assert_line(cluster, "10.0.0.100/24");
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(longest_address)
{
	static const char longest[] = "fd00:1111:2222:3333:4444:5555:6666:7777";
	struct cip_cluster *cluster = unit_parse(longest);
	char buf[46];

	ck_assert_int_eq(cip_cluster_get_address(cluster, buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, longest);
	cip_cluster_unref(cluster);
}
END_TEST

Suite *address_suite(void)
{
	Suite *suite = suite_create("address");
	TCase *tcase = unit_tcase(suite, "address");

	tcase_add_loop_test(tcase, addresses, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(tcase, not_addresses, 0, ARRAY_SIZE(bad));
	tcase_add_loop_test(tcase, not_prefixes, 0, ARRAY_SIZE(bad_prefix));
	tcase_add_test(tcase, prefix_ranges_are_named);
	tcase_add_test(tcase, prefixes);
	tcase_add_test(tcase, prefix_before_the_address);
	tcase_add_test(tcase, longest_address);
	return suite;
}
