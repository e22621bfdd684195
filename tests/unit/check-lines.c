/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static struct cip_list *new_list(void)
{
	struct cip_list *list = NULL;

	ck_assert_int_eq(cip_list_new(unit_ctx, &list), 0);
	return list;
}

static const struct {
	const char *text;
	struct {
		uint32_t line;
		const char *words;
	} members[3];
} good[] = {
	{ "", { { 0 } } },
	{ "\n\n \t\n# nothing\n   # nothing\n\r\n", { { 0 } } },
	{ "10.0.0.100/24 dev eth0 total 4 buckets 1", { { 1, "10.0.0.100/24 dev eth0 total 4 buckets 1" } } },
	{ "# x\ncreate 10.0.0.100 # web\r\n\n\t create\t10.0.0.99 dev #1 seed 3 # 4\n10.0.0.1",
	  { { 2, "10.0.0.100" }, { 4, "10.0.0.99 dev #1 seed 0x3" }, { 5, "10.0.0.1" } } },
	{ "10.0.0.100 dev a#b\n10.0.0.101 dev \t #\n10.0.0.102 dev eth0 #dev eth1",
	  { { 1, "10.0.0.100 dev a#b" }, { 2, "10.0.0.101 dev #" }, { 3, "10.0.0.102 dev eth0" } } },
	{ "2001:db8::1/64 noaddr\n10.0.0.100 mac 03:00:00:00:00:01",
	  { { 1, "2001:db8::1/64 noaddr" }, { 2, "10.0.0.100 mac 03:00:00:00:00:01" } } },
};

static uint32_t count_members(int i)
{
	uint32_t count = 0;

	while (count < 3 && good[i].members[count].words)
		count++;
	return count;
}

START_TEST(lines)
{
	struct cip_list *list = new_list();
	uint32_t count = count_members(_i);

	ck_assert_int_eq(cip_list_parse(list, good[_i].text), 0);
	ck_assert_uint_eq(cip_list_count(list), count);
	for (uint32_t i = 0; i < count; i++) {
		unit_assert_line(cip_list_get(list, i), good[_i].members[i].words);
		ck_assert_uint_eq(cip_list_get_line(list, i), good[_i].members[i].line);
	}
	ck_assert_uint_eq(cip_list_get_line(list, count), 0);
	cip_list_unref(list);
}
END_TEST

static const struct {
	const char *text;
	int rc;
	uint32_t attr;
	const char *start, *part;
} bad[] = {
	{ "10.0.0.100\n\n\n10.0.0.101 frob", -EINVAL, CIP_ATTR_NONE, "line 4: ", "frob" },
	{ "create", -EINVAL, CIP_ATTR_ADDRESS, "line 1: ", "address" },
	{ "createx 10.0.0.100", -EINVAL, CIP_ATTR_ADDRESS, "line 1: ", "createx" },
	{ "# x\n10.0.0.100 total 0\n", -EINVAL, CIP_ATTR_TOTAL, "line 2: ", "1..1024" },
	{ "10.0.0.100 total 2#3", -EINVAL, CIP_ATTR_TOTAL, "line 1: ", "2#3" },
	{ "10.0.0.100 total 4 buckets 5", -EINVAL, CIP_ATTR_BUCKETS, "line 1: ", "1..4" },
	{ "10.0.0.100\n10.0.0.101\n\n10.0.0.100 dev eth0", -EEXIST, CIP_ATTR_ADDRESS,
	  "line 4: ", "10.0.0.100" },
	{ "10.0.0.1\n10.0.0.7", -EEXIST, CIP_ATTR_ADDRESS, "line 2: ", "10.0.0.7" },
};

/* All or nothing: one wrong line, and the list is as it was. */
START_TEST(wrong_lines)
{
	struct cip_list *list = new_list();
	struct cip_cluster *cluster = unit_parse("10.0.0.7");

	ck_assert_int_eq(cip_list_add(list, cluster), 0);
	ck_assert_uint_eq(cip_list_get_line(list, 0), 0);
	ck_assert_int_eq(cip_list_parse(list, bad[_i].text), bad[_i].rc);
	unit_assert_error(bad[_i].attr, bad[_i].start, bad[_i].part);
	ck_assert_ptr_eq(strstr(cip_get_error(unit_ctx), bad[_i].start), cip_get_error(unit_ctx));
	ck_assert_uint_eq(cip_list_count(list), 1);
	ck_assert_ptr_eq(cip_list_get(list, 0), cluster);
	cip_cluster_unref(cluster);
	cip_list_unref(list);
}
END_TEST

START_TEST(no_text)
{
	struct cip_list *list = new_list();

	ck_assert_int_eq(cip_list_parse(list, NULL), -EINVAL);
	unit_assert_error(CIP_ATTR_NONE, "text", "NULL");
	cip_list_unref(list);
}
END_TEST

/* What cip_cluster_format() writes is read back, and stands behind what was there. */
START_TEST(what_was_written)
{
	static const char *const words[] = {
		"10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 1024 seed 0x5eed buckets "
		"1-9,11",
		"10.0.0.101 dev # mac 03:bf:0a:00:00:65 hash sourceip-sourceport-destport total 1 seed 0x0 "
		"buckets none noaddr",
	};
	struct cip_list *list = new_list();
	char text[512];

	ck_assert_int_eq(cip_list_parse(list, "10.0.0.1"), 0);
	snprintf(text, sizeof(text), "%s\n%s\n", words[0], words[1]);
	ck_assert_int_eq(cip_list_parse(list, text), 0);
	ck_assert_uint_eq(cip_list_count(list), 3);
	unit_assert_line(cip_list_get(list, 1), words[0]);
	unit_assert_line(cip_list_get(list, 2), words[1]);
	ck_assert_uint_eq(cip_list_get_line(list, 2), 2);
	cip_list_unref(list);
}
END_TEST

Suite *lines_suite(void)
{
	Suite *suite = suite_create("lines");
	TCase *tcase = unit_tcase(suite, "lines");

	tcase_add_loop_test(tcase, lines, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(tcase, wrong_lines, 0, ARRAY_SIZE(bad));
	tcase_add_test(tcase, no_text);
	tcase_add_test(tcase, what_was_written);
	return suite;
}
