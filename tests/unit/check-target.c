/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <errno.h>
#include <net/if.h>	/* these two before linux/if.h and */
#include <netinet/in.h> /* linux/netfilter.h, which bring their own copies otherwise */
#include <linux/netfilter.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv4/ipt_CLUSTERIP.h>
#include <stdlib.h>
#include <string.h>

#include "cluster-text.h"
#include "target-rule.h"
#include "wire-procfs.h"

/* The parts of the CLUSTERIP backend that need no kernel: bytes of rules, comments, lists of local buckets. */

static struct cip_cluster *parse(const char *text)
{
	struct cip_cluster *cluster = NULL;

	ck_assert_int_eq(cluster_new(NULL, &cluster), 0);
	ck_assert_int_eq(cluster_set_address(cluster, "10.0.0.100"), 0);
	ck_assert_int_eq(cluster_parse_words(cluster, text), 0);
	cluster_complete(cluster);
	return cluster;
}

static void assert_words(const struct cip_cluster *cluster, const char *words)
{
	char text[CLUSTER_TEXT_MAX];

	ck_assert_int_eq(cluster_format_words(cluster, ~(1u << CIP_ATTR_PREFIX), text, sizeof(text)), 0);
	ck_assert_str_eq(text, words);
}

static const struct {
	const char *words;
	uint32_t prefix;
	int mode; /* as the rule has it */
} rules[] = {
	{ "dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 1 seed 0x0", 32, 0 },
	{ "dev eth0 mac 81:48:8f:53:39:b3 hash sourceip-sourceport total 16 seed 0xffffffff", 24, 1 },
	{ "dev a23456789012345 mac 01:00:00:00:00:00 hash sourceip-sourceport-destport total 5 seed 0x7", 1,
	  2 },
};

START_TEST(rule_and_back)
{
	struct cip_cluster *cluster = parse(rules[_i].words), *read = NULL;
	const struct ipt_clusterip_tgt_info *info;
	struct ipt_entry *entry = NULL;
	enum target_record record;
	enum target_kind kind;

	cluster->prefix = rules[_i].prefix;
	ck_assert_int_eq(target_rule_write(cluster, &entry), 0);
	ck_assert_int_eq(entry->next_offset % 8, 0);
	ck_assert_uint_eq(entry->ip.dmsk.s_addr, 0xffffffff);
	info = (const void *)((uintptr_t)entry + entry->target_offset + sizeof(struct xt_entry_target));
	ck_assert_int_eq((int)info->hash_mode, rules[_i].mode);
	ck_assert_uint_eq(info->flags, CLUSTERIP_FLAG_NEW);
	ck_assert_int_eq(cluster_new(NULL, &read), 0);
	ck_assert_int_eq(target_rule_read(entry, read, &kind, &record), 0);
	ck_assert_int_eq(kind, TARGET_RULE);
	ck_assert_int_eq(record, TARGET_OWN);
	ck_assert_uint_eq(read->prefix, rules[_i].prefix);
	assert_words(read, rules[_i].words);
	free(entry);
	cluster_unref(read);
	cluster_unref(cluster);
}
END_TEST

/* iptables has room for one local node, and compares all bytes */
START_TEST(one_local_node)
{
	struct cip_cluster *cluster = parse("dev eth0 total 8 buckets 3,5-7"),
			   *none = parse("dev eth0 total 8");
	const struct ipt_clusterip_tgt_info *info;
	struct ipt_entry *entry = NULL, *again = NULL;

	ck_assert_int_eq(target_rule_write(cluster, &entry), 0);
	ck_assert_int_eq(target_rule_write(cluster, &again), 0);
	ck_assert_int_eq(memcmp(entry, again, entry->next_offset), 0);
	info = (const void *)((uintptr_t)entry + entry->target_offset + sizeof(struct xt_entry_target));
	ck_assert_uint_eq(info->num_local_nodes, 1);
	ck_assert_uint_eq(info->local_nodes[0], 3);
	free(again);
	ck_assert_int_eq(target_rule_rewrite(entry, none, &again), 0);
	info = (const void *)((uintptr_t)again + again->target_offset + sizeof(struct xt_entry_target));
	ck_assert_uint_eq(info->num_local_nodes, 1);
	ck_assert_uint_eq(info->local_nodes[0], 1);
	free(again);
	free(entry);
	cluster_unref(none);
	cluster_unref(cluster);
}
END_TEST

START_TEST(holder_and_back)
{
	const char *words = "dev eth0 mac 03:bf:0a:00:00:64 hash sourceip-sourceport-destport total 16 "
			    "seed 0xffffffff buckets 1,3,5,7,9,11,13,15";
	struct cip_cluster *cluster = parse(words), *read = NULL;
	struct ipt_entry *entry = NULL;
	enum target_record record;
	enum target_kind kind;

	ck_assert_int_eq(target_rule_write_holder(cluster, &entry), 0);
	ck_assert_int_eq(cluster_new(NULL, &read), 0);
	ck_assert_int_eq(target_rule_read(entry, read, &kind, &record), 0);
	ck_assert_int_eq(kind, TARGET_HOLDER);
	ck_assert_int_eq(record, TARGET_HOLD);
	assert_words(read, words);
	free(entry);
	cluster_unref(read);
	cluster_unref(cluster);
}
END_TEST

static const struct {
	const char *text;
	int rc;
	enum target_record record;
	uint32_t prefix; /* 0: noaddr */
} records[] = {
	{ "libclusterip v1 /24", 0, TARGET_OWN, 24 },
	{ "libclusterip v1 /32", 0, TARGET_OWN, 32 },
	{ "libclusterip v1 noaddr", 0, TARGET_OWN, 0 },
	{ "libclusterip v1 hold noaddr mac 03:bf:0a:00:00:64 hash sourceip total 4 seed 0x0 buckets none", 0,
	  TARGET_HOLD, 0 },
	{ "", 0, TARGET_FOREIGN, 0 },
	{ "libclusterip", 0, TARGET_FOREIGN, 0 },
	{ "office web", 0, TARGET_FOREIGN, 0 },
	{ "libclusterip v2 /24", -EBADMSG, TARGET_FOREIGN, 0 },
	{ "libclusterip v1 ", -EBADMSG, TARGET_FOREIGN, 0 },
	{ "libclusterip v1 /33", -EBADMSG, TARGET_FOREIGN, 0 },
	{ "libclusterip v1 /", -EBADMSG, TARGET_FOREIGN, 0 },
	{ "libclusterip v1 24", -EBADMSG, TARGET_FOREIGN, 0 },
	{ "libclusterip v1 /24 more", -EBADMSG, TARGET_FOREIGN, 0 },
	{ "libclusterip v1 noaddress", -EBADMSG, TARGET_FOREIGN, 0 },
	{ "libclusterip v1 hold /24", -EBADMSG, TARGET_FOREIGN, 0 },
	{ "libclusterip v1 hold /24 total 4", -EBADMSG, TARGET_FOREIGN, 0 },
};

START_TEST(record_texts)
{
	enum target_record record = TARGET_FOREIGN;
	struct cip_cluster *cluster = NULL;

	ck_assert_int_eq(cluster_new(NULL, &cluster), 0);
	ck_assert_int_eq(cluster_set_address(cluster, "10.0.0.100"), 0);
	ck_assert_int_eq(target_record_parse(cluster, records[_i].text, &record), records[_i].rc);
	ck_assert_int_eq(record, records[_i].record);
	if (records[_i].rc == 0 && record != TARGET_FOREIGN) {
		ck_assert_int_eq(cluster->noaddr, !records[_i].prefix);
		ck_assert_uint_eq(cluster->prefix, records[_i].prefix);
	}
	cluster_unref(cluster);
}
END_TEST

static const struct {
	const char *text, *buckets;
} lists[] = {
	{ "", "none" },	    { "1\n", "1" },    { "1,3,5\n", "1,3,5" }, { "1,2,3,16\n", "1-3,16" },
	{ "1-3\n", NULL },  { "all\n", NULL }, { "1,\n", NULL },       { "0\n", NULL },
	{ "1\n2\n", NULL }, { " 1\n", NULL },  { "\n", "none" },       { "1025\n", NULL },
	{ "none\n", NULL },
};

START_TEST(local_lists)
{
	char text[BUCKETSET_TEXT_MAX];
	struct bucketset set;
	int rc = procfs_parse(lists[_i].text, &set);

	ck_assert_int_eq(rc, lists[_i].buckets ? 0 : -EBADMSG);
	if (rc < 0)
		return;
	ck_assert_int_eq(bucketset_format(&set, text, sizeof(text)), 0);
	ck_assert_str_eq(text, lists[_i].buckets);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("target");
	TCase *tcase = tcase_create("pure");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, rule_and_back, 0, (int)ARRAY_SIZE(rules));
	tcase_add_test(tcase, one_local_node);
	tcase_add_test(tcase, holder_and_back);
	tcase_add_loop_test(tcase, record_texts, 0, (int)ARRAY_SIZE(records));
	tcase_add_loop_test(tcase, local_lists, 0, (int)ARRAY_SIZE(lists));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
