/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdio.h>

START_TEST(versions)
{
	uint32_t version = cip_version();
	char text[32];

	snprintf(text, sizeof(text), "%u.%u.%u", (unsigned)(version >> 16), (unsigned)(version >> 8 & 0xff),
		 (unsigned)(version & 0xff));
	ck_assert_str_eq(cip_version_string(), text);
	ck_assert_str_eq(cip_version_string(), PACKAGE_VERSION);
}
END_TEST

static const char *const modes[] = {
	NULL, "sourceip", "sourceip-sourceport", "sourceip-sourceport-destport", "xt_cluster", NULL
};

START_TEST(hash_modes)
{
	for (uint32_t mode = 0; mode < (uint32_t)ARRAY_SIZE(modes); mode++) {
		ck_assert_pstr_eq(cip_hash_mode_get_name(mode), modes[mode]);
		if (modes[mode])
			ck_assert_uint_eq(cip_hash_mode_from_name(modes[mode]), mode);
	}
	ck_assert_ptr_null(cip_hash_mode_get_name(UINT32_MAX));
}
END_TEST

START_TEST(not_hash_modes)
{
	static const char *const wrong[] = {
		"",
		" ",
		"1",
		"source",
		"sourceip-",
		"sourceip-s",
		"SOURCEIP",
		" sourceip",
		"sourceip ",
		"sourceport",
		"sourcei",
		"sourceip\n",
		NULL,
		"sourceip-destport",
		"sourceip-sourceport-destport-",
	};

	ck_assert_uint_eq(cip_hash_mode_from_name(wrong[_i]), 0);
}
END_TEST

START_TEST(mac_modes)
{
	static const char *const words[] = { NULL, "multicast", "igmp", "unicast", NULL };

	for (uint32_t mode = 0; mode < (uint32_t)ARRAY_SIZE(words); mode++) {
		ck_assert_pstr_eq(cip_mac_mode_get_name(mode), words[mode]);
		if (words[mode])
			ck_assert_uint_eq(cip_mac_mode_from_name(words[mode]), mode);
	}
	ck_assert_uint_eq(cip_mac_mode_from_name("IGMP"), 0);
	ck_assert_uint_eq(cip_mac_mode_from_name(NULL), 0);
}
END_TEST

START_TEST(attributes)
{
	for (uint32_t a = CIP_ATTR_ADDRESS; a <= CIP_ATTR_OUTGOING; a++) {
		ck_assert_ptr_nonnull(cip_attr_get_name(a));
		ck_assert_str_ne(cip_attr_get_name(a), "");
		for (uint32_t b = CIP_ATTR_ADDRESS; b < a; b++)
			ck_assert_str_ne(cip_attr_get_name(a), cip_attr_get_name(b));
	}
	ck_assert_str_eq(cip_attr_get_name(CIP_ATTR_TOTAL), "total");
	ck_assert_str_eq(cip_attr_get_name(CIP_ATTR_MAC), "mac");
	ck_assert_str_eq(cip_attr_get_name(CIP_ATTR_NOADDR), "noaddr");
	ck_assert_ptr_null(cip_attr_get_name(CIP_ATTR_NONE));
	ck_assert_ptr_null(cip_attr_get_name(CIP_ATTR_OUTGOING + 1));
	ck_assert_ptr_null(cip_attr_get_name(UINT32_MAX));
}
END_TEST

/* The attributes that a line can have are called as in the line. */
START_TEST(attributes_are_words_of_a_line)
{
	static const struct {
		uint32_t attr;
		const char *value;
	} words[] = {
		{ CIP_ATTR_IFNAME, "eth0" }, { CIP_ATTR_MAC, "03:bf:0a:00:00:64" },
		{ CIP_ATTR_TOTAL, "16" },    { CIP_ATTR_HASH_MODE, "sourceip" },
		{ CIP_ATTR_SEED, "0x7" },    { CIP_ATTR_BUCKETS, "1-5" },
		{ CIP_ATTR_NOADDR, "" },
	};
	struct cip_cluster *cluster;
	char line[128];

	snprintf(line, sizeof(line), "10.0.0.100 %s %s", cip_attr_get_name(words[_i].attr), words[_i].value);
	cluster = unit_parse(line);
	for (uint32_t attr = CIP_ATTR_PREFIX; attr <= CIP_ATTR_NOADDR; attr++)
		ck_assert_int_eq(cip_cluster_is_set(cluster, attr), attr == words[_i].attr);
	cip_cluster_unref(cluster);
}
END_TEST

START_TEST(faults)
{
	for (uint32_t a = CIP_FAULT_TABLE; a <= CIP_FAULT_BACKEND; a++) {
		ck_assert_ptr_nonnull(cip_fault_get_name(a));
		ck_assert_str_ne(cip_fault_get_name(a), "");
		for (uint32_t b = CIP_FAULT_TABLE; b < a; b++)
			ck_assert_str_ne(cip_fault_get_name(a), cip_fault_get_name(b));
	}
	ck_assert_str_eq(cip_fault_get_name(CIP_FAULT_BUCKET), "bucket");
	ck_assert_ptr_null(cip_fault_get_name(0));
	ck_assert_ptr_null(cip_fault_get_name(CIP_FAULT_BACKEND + 1));
	ck_assert_ptr_null(cip_fault_get_name(UINT32_MAX));
}
END_TEST

static int default_mac(const char *address, char *buf, size_t size)
{
	memset(buf, '#', 32);
	return cip_default_mac(address, buf, size);
}

START_TEST(default_macs)
{
	char buf[32];

	ck_assert_int_eq(default_mac("10.0.0.100", buf, 18), 0);
	ck_assert_str_eq(buf, "03:bf:0a:00:00:64");
	ck_assert_int_eq(buf[18], '#');
	ck_assert_int_eq(default_mac("203.0.113.255", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "03:bf:cb:00:71:ff");
	ck_assert_int_eq(default_mac("2001:db8::a00:64", buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "03:bf:0a:00:00:64");
}
END_TEST

static const struct {
	const char *address;
	size_t size;
	int error;
} no_default_mac[] = {
	{ NULL, 18, -EINVAL },	       { "", 18, -EINVAL },
	{ "10.0.0", 18, -EINVAL },     { "10.0.0.100/24", 18, -EINVAL },
	{ "10.0.0.1x", 18, -EINVAL },  { "2001:db8::1/64", 18, -EINVAL },
	{ "10.0.0.100", 17, -ENOSPC }, { "10.0.0.100", 1, -ENOSPC },
	{ "10.0.0.100", 0, -ENOSPC },
};

START_TEST(no_default_macs)
{
	char buf[32];

	ck_assert_int_eq(default_mac(no_default_mac[_i].address, buf, no_default_mac[_i].size),
			 no_default_mac[_i].error);
	for (size_t i = 0; i < sizeof(buf); i++)
		ck_assert_int_eq(buf[i], '#');
}
END_TEST

/* What the library chooses by default, it accepts. */
START_TEST(default_mac_is_a_cluster_mac)
{
	struct cip_cluster *cluster = unit_cluster();
	char buf[32];

	ck_assert_int_eq(cip_default_mac("255.255.255.254", buf, sizeof(buf)), 0);
	ck_assert_int_eq(cip_cluster_set_mac(cluster, buf), 0);
	unit_assert_text(cip_cluster_get_mac, cluster, buf);
	cip_cluster_unref(cluster);
}
END_TEST

Suite *names_suite(void)
{
	Suite *suite = suite_create("names");
	TCase *tcase = unit_tcase(suite, "names");

	tcase_add_test(tcase, versions);
	tcase_add_test(tcase, hash_modes);
	tcase_add_loop_test(tcase, not_hash_modes, 0, 15);
	tcase_add_test(tcase, attributes);
	tcase_add_test(tcase, mac_modes);
	tcase_add_loop_test(tcase, attributes_are_words_of_a_line, 0, 7);
	tcase_add_test(tcase, faults);
	tcase_add_test(tcase, default_macs);
	tcase_add_loop_test(tcase, no_default_macs, 0, ARRAY_SIZE(no_default_mac));
	tcase_add_test(tcase, default_mac_is_a_cluster_mac);
	return suite;
}
