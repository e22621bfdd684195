/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

struct flow {
	uint32_t mode, total, seed;
	const char *saddr;
	uint32_t protocol, sport, dport, bucket;
};

/*
 * Computed by another implementation of lookup3, which agrees with every recorded bucket: larger totals than
 * the recorded ones, and the ends of every range.
 */
/* clang-format off */
static const struct flow known[] = {
	{1, 1024, 0x00000000, "165.77.202.24", 6, 47931, 7602, 605},
	{1, 1024, 0x00000000, "109.19.44.222", 51, 0, 0, 857},
	{1, 1024, 0x00000001, "63.114.31.203", 1, 6105, 65535, 895},
	{2, 1024, 0x00000001, "214.73.60.157", 6, 13507, 65535, 224},
	{2, 1024, 0xffffffff, "49.32.30.105", 51, 65535, 65535, 51},
	{2, 1024, 0x14f4733f, "153.127.92.124", 1, 65535, 65535, 967},
	{3, 1024, 0xc1d3fcff, "37.60.214.84", 6, 65535, 0, 19},
	{3, 1024, 0xffffffff, "39.160.174.179", 51, 0, 65535, 199},
	{3, 1024, 0xffffffff, "242.33.31.158", 1, 37302, 50566, 451},
	{1, 1000, 0x00000000, "177.11.236.181", 6, 0, 65535, 595},
	{1, 1000, 0xffffffff, "66.126.203.200", 51, 0, 65535, 725},
	{1, 1000, 0xffffffff, "142.70.220.142", 1, 47024, 0, 424},
	{2, 1000, 0x00000001, "77.42.90.77", 6, 65535, 65535, 347},
	{2, 1000, 0x88daf401, "144.2.74.214", 51, 0, 65535, 768},
	{2, 1000, 0xffffffff, "200.203.204.201", 1, 0, 0, 149},
	{3, 1000, 0x00000000, "106.225.83.56", 6, 0, 19826, 635},
	{3, 1000, 0x00000001, "51.186.13.36", 51, 0, 65535, 32},
	{3, 1000, 0xffffffff, "186.242.62.59", 1, 65535, 65535, 471},
	{1, 999, 0xbd87a865, "43.73.52.175", 6, 62733, 21160, 231},
	{1, 999, 0x00000000, "11.105.185.75", 51, 39071, 11928, 22},
	{1, 999, 0x00000001, "133.187.85.182", 1, 43209, 29234, 164},
	{2, 999, 0xffffffff, "99.122.205.116", 6, 46604, 0, 534},
	{2, 999, 0xb1491e24, "143.241.132.99", 51, 58619, 65535, 906},
	{2, 999, 0x00000001, "41.112.52.116", 1, 0, 63262, 619},
	{3, 999, 0x00000000, "0.245.176.43", 6, 50926, 65535, 8},
	{3, 999, 0xffffffff, "91.222.170.44", 51, 65535, 11130, 317},
	{3, 999, 0xffffffff, "81.87.65.14", 1, 19159, 62174, 745},
	{1, 511, 0x00000000, "179.79.67.10", 6, 65535, 0, 406},
	{1, 511, 0x00000001, "14.128.108.149", 51, 65535, 0, 88},
	{1, 511, 0x00000001, "31.181.234.215", 1, 19901, 65535, 286},
	{2, 511, 0xffffffff, "93.2.76.88", 6, 15772, 65535, 399},
	{2, 511, 0x30f97058, "247.54.29.127", 51, 0, 59267, 222},
	{2, 511, 0x00000001, "14.32.226.166", 1, 65535, 62657, 36},
	{3, 511, 0xffffffff, "126.132.103.229", 6, 65535, 65535, 108},
	{3, 511, 0x3672d6ae, "37.123.219.37", 51, 0, 0, 356},
	{3, 511, 0x00000000, "129.70.239.112", 1, 65535, 21337, 234},
	{1, 1024, 0xffffffff, "114.82.220.206", 6, 65535, 0, 997},
	{1, 1024, 0x00000000, "187.9.173.234", 51, 65535, 38725, 200},
	{1, 1024, 0x15850a03, "32.57.117.53", 1, 0, 65535, 172},
	{2, 1024, 0xffffffff, "66.216.132.207", 6, 0, 0, 1022},
	{2, 1024, 0x00000000, "93.217.37.137", 51, 65535, 10976, 185},
	{2, 1024, 0x00000000, "113.34.135.62", 1, 44453, 65535, 938},
	{3, 1024, 0x00000001, "66.22.122.56", 6, 0, 0, 638},
	{3, 1024, 0x00000001, "159.156.105.148", 51, 65535, 65535, 62},
	{3, 1024, 0xffffffff, "18.7.9.97", 1, 65535, 13930, 614},
	{1, 1024, 0x00000000, "0.0.0.0", 6, 0, 0, 19},
	{2, 1024, 0x00000000, "0.0.0.0", 6, 0, 0, 356},
	{3, 1024, 0x00000000, "0.0.0.0", 6, 0, 0, 110},
	{1, 1024, 0x00000000, "255.255.255.255", 6, 0, 0, 621},
	{2, 1024, 0x00000000, "255.255.255.255", 6, 0, 0, 24},
	{3, 1024, 0x00000000, "255.255.255.255", 6, 0, 0, 383},
	{1, 1, 0x00000000, "10.0.0.1", 6, 1, 2, 1},
	{3, 1, 0xffffffff, "192.0.2.255", 17, 65535, 65535, 1},
};
/* clang-format on */

static int hash_flow(const struct flow *f, uint32_t *ret_bucket)
{
	return cip_hash(f->mode, f->total, f->seed, f->saddr, f->protocol, f->sport, f->dport, ret_bucket);
}

START_TEST(known_bucket)
{
	uint32_t bucket = 0;

	ck_assert_int_eq(hash_flow(&known[_i], &bucket), 0);
	ck_assert_uint_eq(bucket, known[_i].bucket);
}
END_TEST

struct refused {
	struct flow flow;
	int error;
};

/* one field of a good flow is wrong in each; .bucket is not used */
static const struct refused refused[] = {
	{ { 0, 16, 0, "10.0.0.1", 6, 1, 2, 0 }, -EINVAL },
	{ { 5, 16, 0, "10.0.0.1", 6, 1, 2, 0 }, -EINVAL },
	{ { UINT32_MAX, 16, 0, "10.0.0.1", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 0, 0, "10.0.0.1", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 1025, 0, "10.0.0.1", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, UINT32_MAX, 0, "10.0.0.1", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, NULL, 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "10.0.0", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "10.0.0.256", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "10.0.0.1/24", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, " 10.0.0.1", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "10.0.0.1 ", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "localhost", 6, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "10.0.0.1", 256, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "10.0.0.1", UINT32_MAX, 1, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "10.0.0.1", 6, 65536, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "10.0.0.1", 6, UINT32_MAX, 2, 0 }, -EINVAL },
	{ { 1, 16, 0, "10.0.0.1", 6, 1, 65536, 0 }, -EINVAL },
	{ { 1, 16, 0, "10.0.0.1", 6, 1, UINT32_MAX, 0 }, -EINVAL },
	{ { 3, 16, 0, "10.0.0.1", 1, 65536, 2, 0 }, -EINVAL },
	{ { 3, 16, 0, "10.0.0.1", 1, 1, 65536, 0 }, -EINVAL },
	{ { 1, 16, 0, "2001:db8::1/64", 6, 1, 2, 0 }, -EINVAL },
	{ { 3, 16, 7, "2001:db8:::1", 6, 1, 2, 0 }, -EINVAL },
};

START_TEST(refused_and_untouched)
{
	uint32_t bucket = UNTOUCHED;

	ck_assert_int_eq(hash_flow(&refused[_i].flow, &bucket), refused[_i].error);
	ck_assert_uint_eq(bucket, UNTOUCHED);
}
END_TEST

START_TEST(no_result_pointer)
{
	ck_assert_int_eq(cip_hash(1, 16, 0, "10.0.0.1", 6, 1, 2, NULL), -EINVAL);
}
END_TEST

static uint32_t bucket_of(uint32_t mode, uint32_t total, uint32_t protocol, uint32_t sport, uint32_t dport)
{
	uint32_t bucket = 0;

	ck_assert_int_eq(cip_hash(mode, total, 1, "192.0.2.1", protocol, sport, dport, &bucket), 0);
	ck_assert_uint_ge(bucket, 1);
	ck_assert_uint_le(bucket, total);
	return bucket;
}

static int protocol_has_ports(uint32_t protocol)
{
	static const uint32_t with_ports[] = { 6, 17, 33, 50, 51, 132, 136 };

	for (int i = 0; i < ARRAY_SIZE(with_ports); i++)
		if (with_ports[i] == protocol)
			return 1;
	return 0;
}

/* Eight flows that differ in one port: with 1024 buckets they do not all meet by chance. */
static int bucket_follows(uint32_t mode, uint32_t protocol, int which)
{
	uint32_t first = bucket_of(mode, 1024, protocol, 0, 0);

	for (uint32_t port = 1; port <= 8; port++)
		if (bucket_of(mode, 1024, protocol, which ? 0 : port, which ? port : 0) != first)
			return 1;
	return 0;
}

START_TEST(ports_count_where_there_are_any)
{
	uint32_t protocol = (uint32_t)_i;
	int ports = protocol_has_ports(protocol);

	ck_assert_int_eq(bucket_follows(CIP_HASH_SOURCEIP, protocol, 0), 0);
	ck_assert_int_eq(bucket_follows(CIP_HASH_SOURCEIP, protocol, 1), 0);
	ck_assert_int_eq(bucket_follows(CIP_HASH_SOURCEIP_SOURCEPORT, protocol, 0), ports);
	ck_assert_int_eq(bucket_follows(CIP_HASH_SOURCEIP_SOURCEPORT, protocol, 1), 0);
	ck_assert_int_eq(bucket_follows(CIP_HASH_SOURCEIP_SOURCEPORT_DESTPORT, protocol, 0), ports);
	ck_assert_int_eq(bucket_follows(CIP_HASH_SOURCEIP_SOURCEPORT_DESTPORT, protocol, 1), ports);
}
END_TEST

/* The halves of the SPI hash as ports do, and a protocol without ports as ports 0 do. */
START_TEST(spi_and_no_ports)
{
	for (uint32_t i = 0; i < 64; i++) {
		uint32_t high = i * 1021 % 65536, low = i * 509 % 65536;
		uint32_t tcp = bucket_of(3, 1024, 6, high, low);

		ck_assert_uint_eq(bucket_of(3, 1024, 50, high, low), tcp);
		ck_assert_uint_eq(bucket_of(3, 1024, 51, high, low), tcp);
		ck_assert_uint_eq(bucket_of(3, 1024, 1, high, low), bucket_of(3, 1024, 6, 0, 0));
	}
}
END_TEST

/* every total: buckets stay within 1..total and reach both ends */
START_TEST(every_total)
{
	for (uint32_t total = 1; total <= 64; total++) {
		uint32_t lowest = UINT32_MAX, highest = 0;

		for (uint32_t port = 0; port < 2048; port++) {
			uint32_t bucket = bucket_of(2, total, 17, port, 0);

			lowest = bucket < lowest ? bucket : lowest;
			highest = bucket > highest ? bucket : highest;
		}
		ck_assert_uint_eq(lowest, 1);
		ck_assert_uint_eq(highest, total);
	}
	for (uint32_t total = 65; total <= CIP_TOTAL_NODES_MAX; total++)
		bucket_of(3, total, 6, total, total);
}
END_TEST

Suite *hash_suite(void)
{
	Suite *suite = suite_create("hash");
	TCase *tcase = unit_tcase(suite, "hash");

	tcase_add_loop_test(tcase, known_bucket, 0, ARRAY_SIZE(known));
	tcase_add_loop_test(tcase, refused_and_untouched, 0, ARRAY_SIZE(refused));
	tcase_add_loop_test(tcase, ports_count_where_there_are_any, 0, 256);
	tcase_add_test(tcase, no_result_pointer);
	tcase_add_test(tcase, spi_and_no_ports);
	tcase_add_test(tcase, every_total);
	return suite;
}
