/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

/* lines, and how the library writes them itself */
static const char *const good[][2] = {
	{ "10.0.0.100", "10.0.0.100" },
	{ "10.0.0.100/24", "10.0.0.100/24" },
	{ "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-5",
	  "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-5" },
	{ "10.0.0.100 noaddr buckets none seed 4294967295 hash sourceip-sourceport-destport dev e",
	  "10.0.0.100 dev e hash sourceip-sourceport-destport seed 0xffffffff buckets none noaddr" },
	{ "  10.0.0.100\tdev  eth0 \t total   4 ", "10.0.0.100 dev eth0 total 4" },
	{ "10.0.0.100 total 4\n", "10.0.0.100 total 4" },
	/* the order of words does not matter, not even where one needs the other */
	{ "10.0.0.100 buckets all total 4", "10.0.0.100 total 4 buckets 1-4" },
	{ "10.0.0.100 total 4 buckets all", "10.0.0.100 total 4 buckets 1-4" },
	{ "10.0.0.100 seed 16", "10.0.0.100 seed 0x10" },
	{ "10.0.0.100 seed 0xDeadBeef", "10.0.0.100 seed 0xdeadbeef" },
	/* a device may be called as a word is */
	{ "10.0.0.100 dev total total 2", "10.0.0.100 dev total total 2" },
	{ "10.0.0.100 dev noaddr", "10.0.0.100 dev noaddr" },
	{ "10.0.0.100 mac 03-BF-0A-00-00-64", "10.0.0.100 mac 03:bf:0a:00:00:64" },
	{ "2001:DB8::100/64 dev br0", "2001:db8::100/64 dev br0" },
};

START_TEST(lines)
{
	struct cip_cluster *cluster = unit_parse(good[_i][0]), *again = unit_parse(good[_i][1]);

	unit_assert_text(cip_cluster_format, cluster, good[_i][1]);
	unit_assert_line(again, good[_i][1]);
	for (uint32_t attr = CIP_ATTR_ADDRESS; attr <= CIP_ATTR_NOADDR; attr++)
		ck_assert_int_eq(cip_cluster_is_set(cluster, attr), cip_cluster_is_set(again, attr));
	ck_assert_uint_eq(cip_cluster_compare(cluster, again), 0);
	cip_cluster_unref(again);
	cip_cluster_unref(cluster);
}
END_TEST

/* lines that are refused, with a word that the sentence must contain */
static const struct {
	const char *line;
	uint32_t attr;
	const char *word, *range;
} bad[] = {
	{ "", CIP_ATTR_ADDRESS, "address", NULL },
	{ " \t ", CIP_ATTR_ADDRESS, "address", NULL },
	{ "dev eth0", CIP_ATTR_ADDRESS, "address", NULL },
	{ "10.0.0.256 dev eth0", CIP_ATTR_ADDRESS, "10.0.0.256", NULL },
	{ "10.0.0.100/33 dev eth0", CIP_ATTR_PREFIX, "prefix", "1..32" },
	{ "10.0.0.100 10.0.0.101", CIP_ATTR_NONE, "10.0.0.101", NULL },
	{ "10.0.0.100 frobnicate 1", CIP_ATTR_NONE, "frobnicate", NULL },
	{ "10.0.0.100 DEV eth0", CIP_ATTR_NONE, "DEV", NULL },
	{ "10.0.0.100 dev eth0 eth1", CIP_ATTR_NONE, "eth1", NULL },
	{ "10.0.0.100 noaddr yes", CIP_ATTR_NONE, "yes", NULL },
	{ "10.0.0.100, dev eth0", CIP_ATTR_ADDRESS, "10.0.0.100,", NULL },
	/* a word without its value */
	{ "10.0.0.100 dev", CIP_ATTR_IFNAME, "dev", NULL },
	{ "10.0.0.100 mac", CIP_ATTR_MAC, "mac", NULL },
	{ "10.0.0.100 hash", CIP_ATTR_HASH_MODE, "hash", NULL },
	{ "10.0.0.100 total", CIP_ATTR_TOTAL, "total", NULL },
	{ "10.0.0.100 seed", CIP_ATTR_SEED, "seed", NULL },
	{ "10.0.0.100 dev eth0 buckets", CIP_ATTR_BUCKETS, "buckets", NULL },
	/* a word twice, even with the same value */
	{ "10.0.0.100 dev eth0 dev eth0", CIP_ATTR_IFNAME, "dev", NULL },
	{ "10.0.0.100 dev eth0 total 2 dev eth1", CIP_ATTR_IFNAME, "dev", NULL },
	{ "10.0.0.100 mac 03:bf:0a:00:00:64 mac 03:bf:0a:00:00:64", CIP_ATTR_MAC, "mac", NULL },
	{ "10.0.0.100 hash sourceip hash sourceip", CIP_ATTR_HASH_MODE, "hash", NULL },
	{ "10.0.0.100 total 2 total 2", CIP_ATTR_TOTAL, "total", NULL },
	{ "10.0.0.100 seed 1 seed 1", CIP_ATTR_SEED, "seed", NULL },
	{ "10.0.0.100 buckets 1 buckets 2", CIP_ATTR_BUCKETS, "buckets", NULL },
	{ "10.0.0.100 noaddr noaddr", CIP_ATTR_NOADDR, "noaddr", NULL },
	/* a value that is wrong */
	{ "10.0.0.100 dev et/h0", CIP_ATTR_IFNAME, "dev", NULL },
	{ "10.0.0.100 mac 02:bf:0a:00:00:64", CIP_ATTR_MAC, "mac", "multicast" },
	{ "10.0.0.100 hash sourceport", CIP_ATTR_HASH_MODE, "hash", "sourceip-sourceport-destport" },
	{ "10.0.0.100 hash 1", CIP_ATTR_HASH_MODE, "hash", "sourceip" },
	{ "10.0.0.100 total 0", CIP_ATTR_TOTAL, "total", "1..1024" },
	{ "10.0.0.100 total 1025", CIP_ATTR_TOTAL, "total", "1..1024" },
	{ "10.0.0.100 total 4294967297", CIP_ATTR_TOTAL, "total", "1..1024" },
	{ "10.0.0.100 total -1", CIP_ATTR_TOTAL, "total", "1..1024" },
	{ "10.0.0.100 total +1", CIP_ATTR_TOTAL, "total", "1..1024" },
	{ "10.0.0.100 total 4x", CIP_ATTR_TOTAL, "total", "1..1024" },
	{ "10.0.0.100 total four", CIP_ATTR_TOTAL, "total", "1..1024" },
	{ "10.0.0.100 seed 4294967296", CIP_ATTR_SEED, "seed", "0..4294967295" },
	{ "10.0.0.100 seed 0x100000000", CIP_ATTR_SEED, "seed", "0..4294967295" },
	{ "10.0.0.100 seed 18446744073709551616", CIP_ATTR_SEED, "seed", "0..4294967295" },
	{ "10.0.0.100 seed -1", CIP_ATTR_SEED, "seed", "0..4294967295" },
	{ "10.0.0.100 seed 0x", CIP_ATTR_SEED, "seed", "0..4294967295" },
	{ "10.0.0.100 seed 0xg", CIP_ATTR_SEED, "seed", "0..4294967295" },
	{ "10.0.0.100 seed x", CIP_ATTR_SEED, "seed", "0..4294967295" },
	{ "10.0.0.100 total 4 buckets 5", CIP_ATTR_BUCKETS, "buckets", "1..4" },
	{ "10.0.0.100 buckets 5 total 4", CIP_ATTR_BUCKETS, "buckets", "1..4" },
	{ "10.0.0.100 buckets all", CIP_ATTR_BUCKETS, "buckets", "total" },
	{ "10.0.0.100 buckets 1, 2", CIP_ATTR_NONE, "2", NULL },
};

START_TEST(not_lines)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_parse(cluster, bad[_i].line), -EINVAL);
	unit_assert_error(bad[_i].attr, bad[_i].word, bad[_i].range);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(no_line)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_parse(cluster, NULL), -EINVAL);
	ck_assert_int_eq(cip_cluster_is_set(cluster, CIP_ATTR_ADDRESS), 0);
	cip_cluster_unref(cluster);
}
END_TEST

/* A line adds to what is there. */
START_TEST(line_adds)
{
	struct cip_cluster *cluster = unit_parse("10.0.0.100 dev eth0 total 16");

	ck_assert_int_eq(cip_cluster_parse(cluster, "10.0.0.101 total 4 buckets all"), 0);
	unit_assert_line(cluster, "10.0.0.101 dev eth0 total 4 buckets 1-4");
	cip_cluster_unref(cluster);
}
END_TEST

/* Words far longer than anything sensible are refused, with a sentence that is not as long. */
START_TEST(very_long_words)
{
	static const char *const prefixes[] = {
		"",
		"10.0.0.100/",
		"10.0.0.100 ",
		"10.0.0.100 dev ",
		"10.0.0.100 mac ",
		"10.0.0.100 hash ",
		"10.0.0.100 total ",
		"10.0.0.100 seed ",
		"10.0.0.100 buckets ",
	};
	struct cip_cluster *cluster = unit_cluster();
	size_t size = 70000, len = strlen(prefixes[_i]);
	char *line = malloc(size);

	memcpy(line, prefixes[_i], len);
	memset(line + len, '7', size - len - 1);
	line[size - 1] = '\0';
	ck_assert_int_eq(cip_cluster_parse(cluster, line), -EINVAL);
	ck_assert_str_ne(cip_get_error(unit_ctx), "");
	ck_assert_uint_lt(strlen(cip_get_error(unit_ctx)), 4096);
	free(line);
	cip_cluster_unref(cluster);
}
END_TEST

/* every attribute at its longest, and the worst set of buckets */
static struct cip_cluster *longest_cluster(void)
{
	struct cip_cluster *cluster = unit_parse(
		"fd00:1111:2222:3333:4444:5555:6666:7777/128 dev abcdefghijklmno mac ff:ff:ff:ff:ff:fe "
		"hash sourceip-sourceport-destport total 1024 seed 0xffffffff noaddr");

	for (uint32_t bucket = 1; bucket <= 1024; bucket++)
		if (bucket % 3)
			ck_assert_int_eq(cip_cluster_add_bucket(cluster, bucket), 0);
	return cluster;
}

START_TEST(longest_line)
{
	struct cip_cluster *cluster = longest_cluster(), *again;
	char buf[4352];

	ck_assert_int_eq(cip_cluster_format(cluster, buf, sizeof(buf)), 0);
	again = unit_parse(buf);
	ck_assert_uint_eq(cip_cluster_compare(cluster, again), 0);
	unit_assert_text(cip_cluster_format, again, buf);
	cip_cluster_unref(again);
	cip_cluster_unref(cluster);
}
END_TEST

static void random_cluster(struct cip_cluster *cluster, uint32_t *state)
{
	uint32_t total = unit_random(state) % 1024 + 1, bits = unit_random(state);

	if (bits & 1)
		ck_assert_int_eq(cip_cluster_set_prefix(cluster, unit_random(state) % 32 + 1), 0);
	if (bits & 2)
		ck_assert_int_eq(cip_cluster_set_ifname(cluster, bits & 4 ? "eth0" : "br-lan.4094"), 0);
	if (bits & 8)
		ck_assert_int_eq(cip_cluster_set_hash_mode(cluster, unit_random(state) % 3 + 1), 0);
	if (bits & 16)
		ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, total), 0);
	if (bits & 32)
		ck_assert_int_eq(cip_cluster_set_hash_seed(cluster, unit_random(state)), 0);
	if (bits & 64)
		ck_assert_int_eq(cip_cluster_set_noaddr(cluster, 1), 0);
	if (bits & 128)
		ck_assert_int_eq(cip_cluster_set_mac(cluster, "03:bf:00:11:22:33"), 0);
	for (uint32_t i = 0; bits & 256 && i < total; i++)
		ck_assert_int_eq(cip_cluster_add_bucket(cluster, unit_random(state) % total + 1), 0);
}

/* value -> line -> value for 500 random values: the same attributes are set, to the same values */
START_TEST(round_trip)
{
	uint32_t state = 0xc105e7;
	char buf[4352];

	for (int i = 0; i < 500; i++) {
		struct cip_cluster *cluster = unit_parse("192.0.2.77"), *again;

		random_cluster(cluster, &state);
		ck_assert_int_eq(cip_cluster_format(cluster, buf, sizeof(buf)), 0);
		again = unit_parse(buf);
		ck_assert_uint_eq(cip_cluster_compare(cluster, again), 0);
		for (uint32_t attr = CIP_ATTR_ADDRESS; attr <= CIP_ATTR_NOADDR; attr++)
			ck_assert_int_eq(cip_cluster_is_set(cluster, attr), cip_cluster_is_set(again, attr));
		cip_cluster_unref(again);
		cip_cluster_unref(cluster);
	}
}
END_TEST

Suite *text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tcase = unit_tcase(suite, "text");

	tcase_add_loop_test(tcase, lines, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(tcase, not_lines, 0, ARRAY_SIZE(bad));
	tcase_add_test(tcase, no_line);
	tcase_add_test(tcase, line_adds);
	tcase_add_loop_test(tcase, very_long_words, 0, 9);
	tcase_add_test(tcase, longest_line);
	tcase_add_test(tcase, round_trip);
	return suite;
}
