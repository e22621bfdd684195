/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(nowhere_to_put_it)
{
	struct cip_cluster *cluster = NULL;
	struct cip_list *list = NULL;

	ck_assert_int_eq(cip_new(NULL), -EINVAL);
	ck_assert_int_eq(cip_cluster_new(unit_ctx, NULL), -EINVAL);
	ck_assert_int_eq(cip_cluster_new(NULL, &cluster), -EINVAL);
	ck_assert_ptr_null(cluster);
	ck_assert_int_eq(cip_list_new(unit_ctx, NULL), -EINVAL);
	ck_assert_int_eq(cip_list_new(NULL, &list), -EINVAL);
	ck_assert_ptr_null(list);
}
END_TEST

START_TEST(unref_of_nothing)
{
	ck_assert_ptr_null(cip_unref(NULL));
	ck_assert_ptr_null(cip_cluster_unref(NULL));
	ck_assert_ptr_null(cip_list_unref(NULL));
	ck_assert_ptr_null(cip_report_unref(NULL));
}
END_TEST

START_TEST(references)
{
	ck_assert_ptr_eq(cip_ref(unit_ctx), unit_ctx);
	ck_assert_ptr_null(cip_unref(unit_ctx));
	ck_assert_str_eq(cip_get_error(unit_ctx), "");
}
END_TEST

/* Objects keep the context they were made from. */
START_TEST(objects_hold_the_context)
{
	struct cip_ctx *ctx = NULL;
	struct cip_cluster *cluster = NULL, *copy = NULL;
	struct cip_list *list = NULL;

	ck_assert_int_eq(cip_new(&ctx), 0);
	ck_assert_int_eq(cip_cluster_new(ctx, &cluster), 0);
	ck_assert_int_eq(cip_list_new(ctx, &list), 0);
	ck_assert_int_eq(cip_cluster_copy(cluster, &copy), 0);
	cip_unref(ctx);
	cip_cluster_unref(cluster);
	ck_assert_int_eq(cip_cluster_set_prefix(copy, 0), -EINVAL);
	ck_assert_int_eq(cip_list_add(list, copy), -EINVAL);
	cip_list_unref(list);
	cip_cluster_unref(copy);
}
END_TEST

START_TEST(nothing_failed_yet)
{
	ck_assert_str_eq(cip_get_error(unit_ctx), "");
	ck_assert_uint_eq(cip_get_error_attr(unit_ctx), CIP_ATTR_NONE);
	ck_assert_ptr_null(cip_get_refused_address(unit_ctx, 0));
	ck_assert_int_eq(cip_get_refused_error(unit_ctx, 0), 0);
	ck_assert_ptr_null(cip_get_refused_text(unit_ctx, 0));
}
END_TEST

/* A sentence stays until the next failure, and no other context hears of it. */
START_TEST(errors_belong_to_a_context)
{
	struct cip_ctx *other = NULL;
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_new(&other), 0);
	ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, 0), -EINVAL);
	ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, 16), 0);
	unit_assert_error(CIP_ATTR_TOTAL, "total", "1..1024");
	ck_assert_str_eq(cip_get_error(other), "");
	ck_assert_uint_eq(cip_get_error_attr(other), CIP_ATTR_NONE);
	ck_assert_int_eq(cip_cluster_set_noaddr(cluster, 2), -EINVAL);
	unit_assert_error(CIP_ATTR_NOADDR, "noaddr", NULL);
	cip_cluster_unref(cluster);
	cip_unref(other);
}
END_TEST

/* A failure that is about no attribute does not keep the attribute of the one before. */
START_TEST(attribute_is_forgotten)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_set_total_nodes(cluster, 0), -EINVAL);
	ck_assert_int_eq(cip_set_dry_run(unit_ctx, 7), -EINVAL);
	ck_assert_uint_eq(cip_get_error_attr(unit_ctx), CIP_ATTR_NONE);
	ck_assert_str_ne(cip_get_error(unit_ctx), "");
	cip_cluster_unref(cluster);
}
END_TEST

static void assert_utf8(const char *text)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	ck_assert_msg(mbstowcs(NULL, text, 0) != (size_t)-1, "\"%s\" is not UTF-8", text);
	setlocale(LC_CTYPE, "C");
}

/* each refuses a word, which its sentence quotes, cut */
static int refuse_backend(const char *word)
{
	return cip_set_backend(unit_ctx, word);
}

static int refuse_address(const char *word)
{
	return cip_destroy(unit_ctx, word, NULL);
}

static int refuse_device(const char *word)
{
	struct cip_cluster *cluster = unit_cluster();
	int rc = cip_cluster_set_ifname(cluster, word);

	cip_cluster_unref(cluster);
	return rc;
}

static int refuse_line(const char *word)
{
	struct cip_list *list = NULL;
	char line[1024];
	int rc;

	snprintf(line, sizeof(line), "10.0.0.100 hash %s", word);
	ck_assert_int_eq(cip_list_new(unit_ctx, &list), 0);
	rc = cip_list_parse(list, line);
	cip_list_unref(list);
	return rc;
}

static int refuse_rule(const char *word)
{
	struct cip_list *list = NULL;
	char line[1024];
	int rc;

	snprintf(line, sizeof(line), "-A INPUT -d 10.0.0.100 -m %s -j CLUSTERIP --new", word);
	ck_assert_int_eq(cip_list_new(unit_ctx, &list), 0);
	rc = cip_list_import(list, line);
	cip_list_unref(list);
	return rc;
}

static int (*const refusals[])(const char *word) = { refuse_backend, refuse_address, refuse_device, refuse_line,
						     refuse_rule };

/* Wherever a sentence cuts what it quotes, it is no character that it cuts in two. */
START_TEST(sentences_are_utf8)
{
	static const char *const characters[] = { "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
	char word[512];

	for (int i = 0; i < ARRAY_SIZE(characters); i++) {
		for (size_t shift = 0; shift < strlen(characters[i]); shift++) {
			memset(word, 'x', shift);
			for (size_t len = shift; len < 400; len += strlen(characters[i]))
				strcpy(word + len, characters[i]);
			ck_assert_int_eq(refusals[_i](word), -EINVAL);
			ck_assert_ptr_nonnull(strstr(cip_get_error(unit_ctx), characters[i]));
			assert_utf8(cip_get_error(unit_ctx));
		}
	}
}
END_TEST

/* words, and how they are quoted */
static const struct {
	const char *word, *quoted;
} quotes[] = {
	{ "caf\xc3\xa9", "\"caf\xc3\xa9\"" },
	{ "\xef\xbf\xbd\xee\x80\x80\xed\x9f\xbf", "\"\xef\xbf\xbd\xee\x80\x80\xed\x9f\xbf\"" },
	{ "\xf4\x8f\xbf\xbf \xc2\xa0", "\"\xf4\x8f\xbf\xbf \xc2\xa0\"" },
	{ "v\xff", "\"v?\"" },
	{ "caf\xe9.", "\"caf?.\"" },
	{ "\xa9\xc3", "\"??\"" },
	{ "\xe2\x82", "\"??\"" },
	{ "\xf0\x9f\x98 ", "\"??? \"" },
	/* too long for what they say, halves of UTF-16, beyond Unicode */
	{ "\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf", "\"?????????\"" },
	{ "\xed\xa0\x80", "\"???\"" },
	{ "\xf4\x90\x80\x80\xf5", "\"?????\"" },
	/* what a terminal takes for commands */
	{ "\x1b[31m\x7f\n\xc2\x9b", "\"?[31m????\"" },
};

START_TEST(sentences_quote)
{
	ck_assert_int_eq(cip_set_backend(unit_ctx, quotes[_i].word), -EINVAL);
	ck_assert_msg(strstr(cip_get_error(unit_ctx), quotes[_i].quoted) != NULL, "\"%s\" does not quote %s",
		      cip_get_error(unit_ctx), quotes[_i].quoted);
}
END_TEST

START_TEST(log_descriptors)
{
	ck_assert_int_eq(cip_set_log_fd(unit_ctx, -1), 0);
	ck_assert_int_eq(cip_set_log_fd(unit_ctx, 2), 0);
	ck_assert_int_eq(cip_set_log_fd(unit_ctx, -2), -EINVAL);
	ck_assert_str_ne(cip_get_error(unit_ctx), "");
	ck_assert_int_eq(cip_set_log_fd(unit_ctx, INT32_MIN), -EINVAL);
}
END_TEST

START_TEST(log_priorities)
{
	for (int priority = 0; priority <= 7; priority++)
		ck_assert_int_eq(cip_set_log_priority(unit_ctx, priority), 0);
	ck_assert_int_eq(cip_set_log_priority(unit_ctx, -1), -EINVAL);
	unit_assert_error(CIP_ATTR_NONE, "priority", "0..7");
	ck_assert_int_eq(cip_set_log_priority(unit_ctx, 8), -EINVAL);
	unit_assert_error(CIP_ATTR_NONE, "priority", "0..7");
}
END_TEST

START_TEST(backends)
{
	ck_assert_str_eq(cip_get_backend(unit_ctx), "auto");
	ck_assert_int_eq(cip_set_backend(unit_ctx, "nft"), 0);
	ck_assert_str_eq(cip_get_backend(unit_ctx), "nft");
	ck_assert_int_eq(cip_set_backend(unit_ctx, "auto"), 0);
	ck_assert_str_eq(cip_get_backend(unit_ctx), "auto");
	ck_assert_int_eq(cip_set_backend(unit_ctx, "nft"), 0);
	ck_assert_int_eq(cip_set_backend(unit_ctx, NULL), 0);
	ck_assert_str_eq(cip_get_backend(unit_ctx), "auto");
}
END_TEST

START_TEST(not_backends)
{
	static const char *const wrong[] = { "", "iptables", "NFT", "nft ", "nf", "nftables" };

	ck_assert_int_eq(cip_set_backend(unit_ctx, "nft"), 0);
	ck_assert_int_eq(cip_set_backend(unit_ctx, wrong[_i]), -EINVAL);
	unit_assert_error(CIP_ATTR_BACKEND, "backend", "nft");
	ck_assert_str_eq(cip_get_backend(unit_ctx), "nft");
}
END_TEST

START_TEST(dry_run)
{
	ck_assert_int_eq(cip_set_dry_run(unit_ctx, 1), 0);
	ck_assert_int_eq(cip_set_dry_run(unit_ctx, 0), 0);
	ck_assert_int_eq(cip_set_dry_run(unit_ctx, 2), -EINVAL);
	ck_assert_int_eq(cip_set_dry_run(unit_ctx, -1), -EINVAL);
}
END_TEST

START_TEST(no_plan_yet)
{
	char buf[8] = "#######";

	ck_assert_uint_eq(cip_plan_count(unit_ctx), 0);
	ck_assert_int_eq(cip_plan_format(unit_ctx, 0, buf, sizeof(buf)), -ENODATA);
	ck_assert_int_eq(cip_set_dry_run(unit_ctx, 2), -EINVAL);
	ck_assert_int_eq(cip_plan_format(unit_ctx, UINT32_MAX, buf, sizeof(buf)), -ENODATA);
	unit_assert_error(CIP_ATTR_NONE, "step", "plan has 0");
	ck_assert_str_eq(buf, "#######");
}
END_TEST

START_TEST(no_place_for_an_object)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_int_eq(cip_cluster_new(unit_ctx, NULL), -EINVAL);
	unit_assert_error(CIP_ATTR_NONE, "ret_cluster", "NULL");
	ck_assert_int_eq(cip_list_new(unit_ctx, NULL), -EINVAL);
	unit_assert_error(CIP_ATTR_NONE, "ret_list", "NULL");
	ck_assert_int_eq(cip_monitor_new(unit_ctx, NULL), -EINVAL);
	unit_assert_error(CIP_ATTR_NONE, "ret_monitor", "NULL");
	ck_assert_int_eq(cip_cluster_copy(cluster, NULL), -EINVAL);
	unit_assert_error(CIP_ATTR_NONE, "ret_cluster", "NULL");
	cip_cluster_unref(cluster);
}
END_TEST

Suite *ctx_suite(void)
{
	Suite *suite = suite_create("ctx");
	TCase *tcase = unit_tcase(suite, "ctx");

	tcase_add_test(tcase, nowhere_to_put_it);
	tcase_add_test(tcase, unref_of_nothing);
	tcase_add_test(tcase, references);
	tcase_add_test(tcase, objects_hold_the_context);
	tcase_add_test(tcase, nothing_failed_yet);
	tcase_add_test(tcase, errors_belong_to_a_context);
	tcase_add_test(tcase, attribute_is_forgotten);
	tcase_add_loop_test(tcase, sentences_are_utf8, 0, ARRAY_SIZE(refusals));
	tcase_add_loop_test(tcase, sentences_quote, 0, ARRAY_SIZE(quotes));
	tcase_add_test(tcase, log_descriptors);
	tcase_add_test(tcase, log_priorities);
	tcase_add_test(tcase, backends);
	tcase_add_loop_test(tcase, not_backends, 0, 6);
	tcase_add_test(tcase, dry_run);
	tcase_add_test(tcase, no_plan_yet);
	tcase_add_test(tcase, no_place_for_an_object);
	return suite;
}
