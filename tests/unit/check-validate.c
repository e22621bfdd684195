/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

START_TEST(enough)
{
	static const char *const lines[] = {
		"10.0.0.100 dev eth0 total 16",
		"10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-16",
		"10.0.0.100 dev eth0 total 16 noaddr",
		"10.0.0.100 dev eth0 total 1 buckets none",
		"2001:db8::100/64 dev eth0 total 16",
	};
	struct cip_cluster *cluster = unit_parse(lines[_i]);

	ck_assert_int_eq(cip_cluster_validate(cluster), 0);
	unit_assert_line(cluster, lines[_i]);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(something_is_missing)
{
	static const struct {
		uint32_t attr;
		const char *word;
	} needed[] = { { CIP_ATTR_ADDRESS, "address" },
		       { CIP_ATTR_IFNAME, "dev" },
		       { CIP_ATTR_TOTAL, "total" } };
	struct cip_cluster *cluster = unit_parse("10.0.0.100 dev eth0 total 16");

	ck_assert_int_eq(cip_cluster_unset(cluster, needed[_i].attr), 0);
	ck_assert_int_eq(cip_cluster_validate(cluster), -EINVAL);
	unit_assert_error(needed[_i].attr, needed[_i].word, NULL);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(empty)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_validate(cluster), -EINVAL);
	ck_assert_str_ne(cip_get_error(unit_ctx), "");
	cip_cluster_unref(cluster);
}
END_TEST

static const struct {
	const char *line, *word; /* word NULL: nothing is wrong */
} mac_lines[] = {
	{ "10.0.0.100 dev eth0 total 2 mac-mode unicast", NULL },
	{ "10.0.0.100 dev eth0 total 2 mac 02:bf:0a:00:00:64 mac-mode unicast", NULL },
	{ "10.0.0.100 dev eth0 total 2 mac-mode unicast mac 06:00:00:00:00:01", NULL },
	{ "10.0.0.100 dev eth0 total 2 mac-mode igmp mac 01:00:5e:7f:ff:ff", NULL },
	{ "2001:db8::1 dev eth0 total 2 mac-mode igmp mac 01:00:5e:00:00:01", NULL },
	{ "2001:db8::1 dev eth0 total 2 mac-mode igmp mac 33:33:ff:ff:ff:ff", NULL },
	{ "10.0.0.100 dev eth0 total 2 mac-mode broadcast", "multicast, igmp or unicast" },
	{ "10.0.0.100 dev eth0 total 2 mac-mode", "mac-mode" },
	{ "10.0.0.100 dev eth0 total 2 mac 03:bf:0a:00:00:64 mac-mode unicast", "locally administered" },
	{ "10.0.0.100 dev eth0 total 2 mac 00:1b:21:00:00:64 mac-mode unicast", "locally administered" },
	{ "10.0.0.100 dev eth0 total 2 mac 03:bf:0a:00:00:64 mac-mode igmp", "01:00:5e" },
	{ "10.0.0.100 dev eth0 total 2 mac 01:00:5e:80:00:64 mac-mode igmp", "01:00:5e" },
	{ "10.0.0.100 dev eth0 total 2 mac 33:33:00:00:00:01 mac-mode igmp", "IPv4 group" },
	{ "10.0.0.100 dev eth0 total 2 mac 02:bf:0a:00:00:64", "multicast" },
};

START_TEST(mac_mode_and_mac)
{
	struct cip_cluster *cluster = unit_cluster();
	int rc = cip_cluster_parse(cluster, mac_lines[_i].line);

	if (rc == 0)
		rc = cip_cluster_validate(cluster);
	ck_assert_int_eq(rc, mac_lines[_i].word ? -EINVAL : 0);
	if (mac_lines[_i].word)
		ck_assert_ptr_nonnull(strstr(cip_get_error(unit_ctx), mac_lines[_i].word));
	cip_cluster_unref(cluster);
}
END_TEST

static const struct {
	const char *line, *range; /* range NULL: nothing is wrong */
} host_lines[] = {
	{ "10.0.0.255/24 dev eth0 total 2", "10.0.0.1..10.0.0.254" },
	{ "10.0.0.0/24 dev eth0 total 2", "10.0.0.1..10.0.0.254" },
	{ "10.0.0.7/30 dev eth0 total 2", "10.0.0.5..10.0.0.6" },
	{ "10.0.0.4/30 dev eth0 total 2", "10.0.0.5..10.0.0.6" },
	{ "10.255.255.255/8 dev eth0 total 2", "10.0.0.1..10.255.255.254" },
	{ "10.0.128.0/17 dev eth0 total 2", "10.0.128.1..10.0.255.254" },
	{ "128.0.0.0/1 dev eth0 total 2", "128.0.0.1..255.255.255.254" },
	{ "10.0.0.255/16 dev eth0 total 2", NULL },
	{ "10.0.1.0/16 dev eth0 total 2", NULL },
	{ "10.0.0.1/30 dev eth0 total 2", NULL },
	{ "10.0.0.254/31 dev eth0 total 2", NULL },
	{ "10.0.0.255/31 dev eth0 total 2", NULL },
	{ "10.0.0.255/32 dev eth0 total 2", NULL },
	{ "10.0.0.255 dev eth0 total 2", NULL },
	{ "10.0.0.255 dev eth0 total 2 noaddr", NULL },
	{ "2001:db8::/64 dev eth0 total 2", NULL },
};

START_TEST(hosts)
{
	struct cip_cluster *cluster = unit_parse(host_lines[_i].line);

	ck_assert_int_eq(cip_cluster_validate(cluster), host_lines[_i].range ? -EINVAL : 0);
	if (host_lines[_i].range)
		unit_assert_error(CIP_ATTR_ADDRESS, "address", host_lines[_i].range);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(mac_mode_after_mac)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_mac(cluster, "03:bf:0a:00:00:64"), 0);
	ck_assert_int_eq(cip_cluster_set_mac_mode(cluster, CIP_MAC_UNICAST), -EINVAL);
	unit_assert_error(CIP_ATTR_MAC_MODE, "mac", "locally administered");
	ck_assert_uint_eq(cip_cluster_get_mac_mode(cluster), 0);
	ck_assert_int_eq(cip_cluster_set_mac_mode(cluster, 4), -EINVAL);
	unit_assert_error(CIP_ATTR_MAC_MODE, "mac-mode", "1..3");
	ck_assert_int_eq(cip_cluster_set_mac_mode(cluster, CIP_MAC_MULTICAST), 0);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(outgoing)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_get_outgoing(cluster), 0);
	ck_assert_int_eq(cip_cluster_set_outgoing(cluster, 2), -EINVAL);
	unit_assert_error(CIP_ATTR_OUTGOING, "outgoing", "0 nor 1");
	ck_assert_int_eq(cip_cluster_parse(cluster, "10.0.1.2 dev eth0 total 4 outgoing outgoing"), -EINVAL);
	ck_assert_int_eq(cip_cluster_parse(cluster, "10.0.1.2 outgoing dev eth0 total 4"), 0);
	ck_assert_int_eq(cip_cluster_get_outgoing(cluster), 1);
	unit_assert_line(cluster, "10.0.1.2 dev eth0 total 4 outgoing");
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(complete)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_complete(cluster), -EINVAL);
	unit_assert_error(CIP_ATTR_ADDRESS, "address", NULL);
	ck_assert_int_eq(cip_cluster_parse(cluster, "10.0.1.2 dev eth0 total 4 mac-mode igmp"), 0);
	ck_assert_int_eq(cip_cluster_complete(cluster), 0);
	unit_assert_line(cluster,
			 "10.0.1.2/32 dev eth0 mac-mode igmp mac 01:00:5e:7f:01:02 hash sourceip total 4 "
			 "seed 0x0 buckets none");
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(source_prefix)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_uint_eq(cip_cluster_get_source_prefix(cluster), 0);
	ck_assert_int_eq(cip_cluster_set_source_prefix(cluster, 0), -EINVAL);
	unit_assert_error(CIP_ATTR_SOURCE_PREFIX, "source prefix", "1..128");
	ck_assert_int_eq(cip_cluster_set_source_prefix(cluster, 129), -EINVAL);
	ck_assert_int_eq(cip_cluster_set_source_prefix(cluster, 64), 0);
	ck_assert_uint_eq(cip_cluster_get_source_prefix(cluster), 64);
	ck_assert_int_eq(cip_cluster_parse(cluster, "10.0.0.100 dev eth0 total 16"), 0);
	ck_assert_int_eq(cip_cluster_validate(cluster), -EINVAL);
	unit_assert_error(CIP_ATTR_SOURCE_PREFIX, "source prefix", "1..32");
	ck_assert_int_eq(cip_cluster_parse(cluster, "2001:db8::1 source-prefix 128"), 0);
	ck_assert_int_eq(cip_cluster_validate(cluster), 0);
	cip_cluster_unref(cluster);
}
END_TEST

/* A prefix that was given before the address may turn out to be too long for its family. */
START_TEST(prefix_of_the_other_family)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_prefix(cluster, 64), 0);
	ck_assert_int_eq(cip_cluster_parse(cluster, "10.0.0.100 dev eth0 total 16"), 0);
	ck_assert_int_eq(cip_cluster_validate(cluster), -EINVAL);
	unit_assert_error(CIP_ATTR_PREFIX, "prefix", "1..32");
	ck_assert_int_eq(cip_cluster_set_prefix(cluster, 32), 0);
	ck_assert_int_eq(cip_cluster_validate(cluster), 0);
	cip_cluster_unref(cluster);
}
END_TEST

/* So may buckets, when total nodes shrinks or comes last. */
START_TEST(buckets_above_total)
{
	struct cip_cluster *cluster = unit_parse("10.0.0.100 dev eth0 buckets 4,9");

	ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, 8), 0);
	ck_assert_int_eq(cip_cluster_validate(cluster), -EINVAL);
	unit_assert_error(CIP_ATTR_BUCKETS, "bucket", "1..8");
	ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, 9), 0);
	ck_assert_int_eq(cip_cluster_validate(cluster), 0);
	cip_cluster_unref(cluster);
}
END_TEST

static const struct {
	const char *saddr;
	uint32_t protocol, sport, dport, attr;
	const char *word, *range;
} bad_flow[] = {
	{ NULL, 6, 1, 2, CIP_ATTR_SADDR, "addr", NULL },
	{ "", 6, 1, 2, CIP_ATTR_SADDR, "addr", NULL },
	{ "10.0.0", 6, 1, 2, CIP_ATTR_SADDR, "10.0.0", NULL },
	{ "10.0.0.1/8", 6, 1, 2, CIP_ATTR_SADDR, "10.0.0.1/8", NULL },
	{ "10.0.0.1", 256, 1, 2, CIP_ATTR_PROTOCOL, "protocol", "0..255" },
	{ "10.0.0.1", 6, 65536, 2, CIP_ATTR_SPORT, "port", "0..65535" },
	{ "10.0.0.1", 6, UINT32_MAX, 2, CIP_ATTR_SPORT, "port", "0..65535" },
	{ "10.0.0.1", 6, 1, 65536, CIP_ATTR_DPORT, "port", "0..65535" },
	{ "10.0.0.1", 1, 65536, 0, CIP_ATTR_SPORT, "port", "0..65535" },
};

START_TEST(not_flows)
{
	struct cip_cluster *cluster = unit_parse("10.0.0.100 total 16");
	uint32_t bucket = UNTOUCHED;

	ck_assert_int_eq(cip_cluster_hash(cluster, bad_flow[_i].saddr, bad_flow[_i].protocol,
					  bad_flow[_i].sport, bad_flow[_i].dport, &bucket),
			 -EINVAL);
	unit_assert_error(bad_flow[_i].attr, bad_flow[_i].word, bad_flow[_i].range);
	ck_assert_uint_eq(bucket, UNTOUCHED);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(hash_needs_total)
{
	struct cip_cluster *cluster = unit_parse("10.0.0.100");
	uint32_t bucket = UNTOUCHED;

	ck_assert_int_eq(cip_cluster_hash(cluster, "10.0.0.1", 6, 1, 2, &bucket), -EINVAL);
	unit_assert_error(CIP_ATTR_TOTAL, "total", NULL);
	ck_assert_uint_eq(bucket, UNTOUCHED);
	ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, 16), 0);
	ck_assert_int_eq(cip_cluster_hash(cluster, "10.0.0.1", 6, 1, 2, NULL), -EINVAL);
	cip_cluster_unref(cluster);
}
END_TEST

/* Hash mode and seed have their defaults where they are not set. */
START_TEST(hash_defaults)
{
	struct cip_cluster *cluster = unit_parse("10.0.0.100 total 1000");
	uint32_t of_cluster = 0, of_words = 0;

	for (uint32_t port = 0; port < 32; port++) {
		ck_assert_int_eq(cip_cluster_hash(cluster, "192.0.2.9", 6, port, port, &of_cluster), 0);
		ck_assert_int_eq(cip_hash(CIP_HASH_SOURCEIP, 1000, 0, "192.0.2.9", 6, port, port, &of_words),
				 0);
		ck_assert_uint_eq(of_cluster, of_words);
	}
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(hash_of_the_other_family)
{
	struct cip_cluster *cluster = unit_parse("10.0.0.100 total 16");
	uint32_t bucket = UNTOUCHED;
	int rc = cip_cluster_hash(cluster, "2001:db8::1", 6, 1, 2, &bucket);

	ck_assert_msg(rc == -EINVAL || rc == -EOPNOTSUPP, "%d", rc);
	ck_assert_str_ne(cip_get_error(unit_ctx), "");
	ck_assert_uint_eq(bucket, UNTOUCHED);
	cip_cluster_unref(cluster);
}
END_TEST

Suite *validate_suite(void)
{
	Suite *suite = suite_create("validate");
	TCase *tcase = unit_tcase(suite, "validate");

	tcase_add_loop_test(tcase, enough, 0, 5);
	tcase_add_loop_test(tcase, something_is_missing, 0, 3);
	tcase_add_test(tcase, empty);
	tcase_add_test(tcase, prefix_of_the_other_family);
	tcase_add_test(tcase, source_prefix);
	tcase_add_test(tcase, complete);
	tcase_add_test(tcase, outgoing);
	tcase_add_loop_test(tcase, hosts, 0, ARRAY_SIZE(host_lines));
	tcase_add_loop_test(tcase, mac_mode_and_mac, 0, ARRAY_SIZE(mac_lines));
	tcase_add_test(tcase, mac_mode_after_mac);
	tcase_add_test(tcase, buckets_above_total);
	tcase_add_loop_test(tcase, not_flows, 0, ARRAY_SIZE(bad_flow));
	tcase_add_test(tcase, hash_needs_total);
	tcase_add_test(tcase, hash_defaults);
	tcase_add_test(tcase, hash_of_the_other_family);
	return suite;
}
