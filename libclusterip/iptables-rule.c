/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cluster-text.h"
#include "error.h"
#include "iptables-rule.h"
#include "names.h"

/* What our own rules say in a comment: the record of the clusterip backend, see docs/footprint.md. */
#define RECORD "libclusterip v1 "

int rule_refuse(const struct rule *rule, uint32_t attr, const char *fmt, ...)
{
	char text[384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return cip_error(rule->list->ctx, -EINVAL, attr, "line %u: %s", rule->line, text);
}

static int take_address(struct rule *rule, const char *value)
{
	const char *slash = strchr(value, '/');
	char address[64];
	struct addr addr;

	snprintf(address, sizeof(address), "%.*s", (int)(slash ? slash - value : 32), value);
	if (addr_parse(address, &addr) < 0 || addr.family != 4 ||
	    (slash && strcmp(slash, "/32") && strcmp(slash, "/255.255.255.255")))
		return rule_refuse(rule, CIP_ATTR_ADDRESS, "-d \"%.64s\" is not one IPv4 address", value);
	return cluster_set_address(rule->cluster, address);
}

static int take_device(struct rule *rule, const char *value)
{
	size_t len = strlen(value);

	if (len && value[len - 1] == '+')
		return rule_refuse(rule, CIP_ATTR_IFNAME, "-i \"%.32s\" is not one device", value);
	return cluster_set_ifname(rule->cluster, value);
}

static int take_mode(struct rule *rule, const char *value)
{
	uint32_t mode = names_hash_mode_from(value);

	if (!mode)
		return rule_refuse(rule, CIP_ATTR_HASH_MODE,
				   "--hashmode \"%.64s\" is not sourceip, sourceip-sourceport or "
				   "sourceip-sourceport-destport",
				   value);
	return cluster_set_hash_mode(rule->cluster, mode);
}

static int take_mac(struct rule *rule, const char *value)
{
	return cluster_set_mac(rule->cluster, value);
}

static int take_total(struct rule *rule, const char *value)
{
	uint32_t total;

	if (number_parse(value, CIP_TOTAL_NODES_MAX, &total) < 0 || !total)
		return rule_refuse(rule, CIP_ATTR_TOTAL, "--total-nodes \"%.32s\" is not in 1..%u", value,
				   CIP_TOTAL_NODES_MAX);
	return cluster_set_total(rule->cluster, total);
}

static int take_bucket(struct rule *rule, const char *value)
{
	uint32_t bucket;

	if (number_parse(value, CIP_TOTAL_NODES_MAX, &bucket) < 0)
		return rule_refuse(rule, CIP_ATTR_BUCKETS, "--local-node \"%.32s\" is not a number", value);
	/* a rule that was made without any is printed with 0, which is no bucket */
	bucketset_add(&rule->cluster->buckets, bucket);
	cluster_mark(rule->cluster, CIP_ATTR_BUCKETS);
	return 0;
}

static int take_seed(struct rule *rule, const char *value)
{
	if (number_parse(value, UINT32_MAX, &rule->cluster->seed) < 0)
		return rule_refuse(rule, CIP_ATTR_SEED, "--hash-init \"%.32s\" is not a number of 32 bits",
				   value);
	cluster_mark(rule->cluster, CIP_ATTR_SEED);
	return 0;
}

static int take_comment(struct rule *rule, const char *value)
{
	uint32_t prefix;

	if (strncmp(value, RECORD, sizeof(RECORD) - 1))
		return 0;
	value += sizeof(RECORD) - 1;
	if (!strcmp(value, names_attr(CIP_ATTR_NOADDR))) {
		rule->cluster->noaddr = 1;
		cluster_mark(rule->cluster, CIP_ATTR_NOADDR);
		return 0;
	}
	if (*value != '/' || number_parse(value + 1, 32, &prefix) < 0 || !prefix)
		return rule_refuse(rule, CIP_ATTR_PREFIX,
				   "--comment \"" RECORD "%.32s\" is not a prefix length", value);
	return cluster_set_prefix(rule->cluster, prefix);
}

static int pass_over(struct rule *rule, const char *value)
{
	(void)rule;
	(void)value;
	return 0;
}

static int take_match(struct rule *rule, const char *value)
{
	if (!strcmp(value, "comment"))
		return 0;
	return rule_refuse(rule, CIP_ATTR_NONE, "-m %.32s: a cluster IP has all packets to its address", value);
}

/* When an option has to be there, and that it goes with --new only. */
enum need { OPTIONAL, ALWAYS, WITH_NEW, OPTIONAL_WITH_NEW };

static const struct option {
	const char *name, *other;
	uint32_t attr;
	int values;
	enum need need;
	int (*take)(struct rule *rule, const char *value);
} options[] = {
	{ "-d", "--destination", CIP_ATTR_ADDRESS, 1, ALWAYS, take_address },
	{ "-i", "--in-interface", CIP_ATTR_IFNAME, 1, ALWAYS, take_device },
	{ "-j", "--jump", CIP_ATTR_NONE, 1, OPTIONAL, pass_over },
	{ "--new", NULL, CIP_ATTR_NONE, 0, OPTIONAL, pass_over },
	{ "--hashmode", NULL, CIP_ATTR_HASH_MODE, 1, WITH_NEW, take_mode },
	{ "--clustermac", NULL, CIP_ATTR_MAC, 1, WITH_NEW, take_mac },
	{ "--total-nodes", NULL, CIP_ATTR_TOTAL, 1, WITH_NEW, take_total },
	{ "--local-node", NULL, CIP_ATTR_BUCKETS, 1, WITH_NEW, take_bucket },
	{ "--hash-init", NULL, CIP_ATTR_SEED, 1, OPTIONAL_WITH_NEW, take_seed },
	{ "-m", "--match", CIP_ATTR_NONE, 1, OPTIONAL, take_match },
	{ "--comment", NULL, CIP_ATTR_NONE, 1, OPTIONAL, take_comment },
	{ "-c", "--set-counters", CIP_ATTR_NONE, 2, OPTIONAL, pass_over },
};

static uint32_t find_option(const char *word)
{
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (!strcmp(options[i].name, word) || (options[i].other && !strcmp(options[i].other, word)))
			break;
	return i;
}

/* What a setter of the model said, with the place where it was found. */
static int with_place(const struct rule *rule, const struct option *option)
{
	struct cip_ctx *ctx = rule->list->ctx;
	char text[sizeof(ctx->error)];

	if (!strncmp(ctx->error, "line ", 5))
		return -EINVAL;
	snprintf(text, sizeof(text), "%s", ctx->error);
	return rule_refuse(rule, option->attr, "%s: %s", option->name, text);
}

static int take_option(struct rule *rule, uint32_t *at)
{
	const char *word = rule->words[(*at)++];
	uint32_t index = find_option(word);
	const struct option *option = &options[index];
	int rc;

	if (index == ARRAY_SIZE(options))
		return rule_refuse(rule, CIP_ATTR_NONE, "\"%.64s\": a cluster IP cannot be told this", word);
	if (rule->seen >> index & 1 && option->take != take_match && option->take != take_comment)
		return rule_refuse(rule, option->attr, "%s is given twice", option->name);
	rule->seen |= 1u << index;
	if (rule->count - *at < (uint32_t)option->values)
		return rule_refuse(rule, option->attr, "%s has no value behind it", option->name);
	rc = option->take(rule, option->values ? rule->words[*at] : "");
	*at += (uint32_t)option->values;
	return rc == -EINVAL ? with_place(rule, option) : rc;
}

int rule_is_new(const struct rule *rule)
{
	return rule->seen >> find_option("--new") & 1;
}

static int check_options(const struct rule *rule)
{
	int is_new = rule_is_new(rule);
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		const struct option *option = &options[i];
		int seen = rule->seen >> i & 1;

		if (!seen && (option->need == ALWAYS || (option->need == WITH_NEW && is_new)))
			return rule_refuse(rule, option->attr, "%s is missing", option->name);
		if (seen && option->need >= WITH_NEW && !is_new)
			return rule_refuse(rule, option->attr, "%s stands without --new", option->name);
	}
	return 0;
}

static int check_bucket(const struct rule *rule)
{
	const struct cip_cluster *cluster = rule->cluster;
	uint32_t over = bucketset_next(&cluster->buckets, cluster->total);

	if (!over)
		return 0;
	return rule_refuse(rule, CIP_ATTR_BUCKETS, "--local-node %u is not in 1..%u (--total-nodes)", over,
			   cluster->total);
}

int rule_take(struct rule *rule, uint32_t at)
{
	int rc = 0;

	if (rule->broken)
		return rule_refuse(rule, CIP_ATTR_NONE, "a quote is not closed");
	while (rc == 0 && at < rule->count)
		rc = take_option(rule, &at);
	if (rc == 0)
		rc = check_options(rule);
	if (rc == 0 && rule_is_new(rule))
		rc = check_bucket(rule);
	return rc;
}
