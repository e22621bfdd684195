/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cluster-text.h"
#include "error.h"
#include "iptables-rule.h"
#include "iptables-text.h"

/* A rule without parameters: another one has made the cluster IP. */
struct reference {
	struct addr addr;
	unsigned int line;
};

/* ------------------------------------------------------------------ words */

/* One word, quotes and backslashes taken away in place; returns what is behind it. */
static char *cut_word(char *from, int *ret_broken)
{
	char *to = from, quote = '\0';

	for (; *from && (quote || !strchr(" \t\r", *from)); from++) {
		if (*from == '\\' && quote != '\'' && from[1])
			*to++ = *++from;
		else if (quote ? *from == quote : *from == '"' || *from == '\'')
			quote = quote ? '\0' : *from;
		else
			*to++ = *from;
	}
	*ret_broken |= quote != '\0';
	if (*from)
		from++;
	*to = '\0';
	return from;
}

static int cut_words(struct rule *rule, char *line)
{
	char **words;

	for (line += strspn(line, " \t\r"); *line; line += strspn(line, " \t\r")) {
		words = realloc(rule->words, (rule->count + 1) * sizeof(*words));
		if (!words)
			return cip_error_nomem(rule->list->ctx);
		rule->words = words;
		rule->words[rule->count++] = line;
		line = cut_word(line, &rule->broken);
	}
	return 0;
}

/* ------------------------------------------------------------------ rules */

/* Where the options of a rule begin: behind "-A CHAIN", or "-I CHAIN [NUMBER]". 0: it is no rule. */
static uint32_t find_options(const struct rule *rule)
{
	uint32_t at = rule->count && rule->words[0][0] == '[', number;
	const char *verb = at < rule->count ? rule->words[at] : "";
	int inserts = !strcmp(verb, "-I") || !strcmp(verb, "--insert");

	if (!inserts && strcmp(verb, "-A") && strcmp(verb, "--append"))
		return 0;
	at += 2;
	if (inserts && at < rule->count && number_parse(rule->words[at], UINT32_MAX, &number) == 0)
		at++;
	return at;
}

static int is_clusterip(const struct rule *rule, uint32_t at)
{
	for (; at && at + 1 < rule->count; at++)
		if ((!strcmp(rule->words[at], "-j") || !strcmp(rule->words[at], "--jump")) &&
		    !strcmp(rule->words[at + 1], "CLUSTERIP"))
			return 1;
	return 0;
}

/* Several rules of one address make one cluster IP with the buckets of all. */
static int add_rule(const struct rule *rule)
{
	struct cip_cluster *cluster = rule->cluster, *have = list_find(rule->list, &cluster->addr);
	char label[CLUSTER_LABEL_MAX], text[256];
	uint32_t mask;

	if (!CLUSTER_HAS(cluster, CIP_ATTR_SEED))
		cluster_mark(cluster, CIP_ATTR_SEED);
	if (!have)
		return list_append(rule->list, cluster);
	mask = cluster_compare(have, cluster) & ~(1u << CIP_ATTR_BUCKETS);
	if (!mask) {
		cluster->buckets = bucketset_or(&have->buckets, &cluster->buckets);
		cluster_merge(have, cluster);
		return 0;
	}
	cluster_format_difference(have, cluster, mask, text, sizeof(text));
	return rule_refuse(rule, (uint32_t)__builtin_ctz(mask), "%s has other parameters in a line before: %s",
			   cluster_label(have, label), text);
}

/* ------------------------------------------------------------------ lines */

struct reading {
	struct cip_list *list;
	unsigned int line;
	uint32_t count;
	struct reference *references;
};

static int note_reference(struct reading *reading, const struct addr *addr)
{
	struct reference *references;

	references = realloc(reading->references, (reading->count + 1) * sizeof(*references));
	if (!references)
		return cip_error_nomem(reading->list->ctx);
	references[reading->count++] = (struct reference){ *addr, reading->line };
	reading->references = references;
	return 0;
}

static int take_words(struct reading *reading, struct rule *rule, int mentioned)
{
	uint32_t at = find_options(rule);
	int rc;

	/* an open quote may have swallowed the rest */
	if (!is_clusterip(rule, at) && !(rule->broken && mentioned))
		return 0;
	rc = cluster_new(reading->list->ctx, &rule->cluster);
	if (rc == 0)
		rc = rule_take(rule, at);
	if (rc == 0)
		rc = rule_is_new(rule) ? add_rule(rule) : note_reference(reading, &rule->cluster->addr);
	cluster_unref(rule->cluster);
	return rc;
}

static int take_line(struct reading *reading, const char *text, size_t len)
{
	struct rule rule = { .list = reading->list, .line = ++reading->line };
	char *line = strndup(text, len);
	int rc, mentioned;

	if (!line)
		return cip_error_nomem(reading->list->ctx);
	mentioned = strstr(line, "CLUSTERIP") != NULL;
	rc = mentioned ? cut_words(&rule, line) : 0;
	if (rc == 0)
		rc = take_words(reading, &rule, mentioned);
	free(rule.words);
	free(line);
	return rc;
}

/* The rule that makes a cluster IP may stand behind those that refer to it. */
static int check_references(const struct reading *reading)
{
	uint32_t i;

	for (i = 0; i < reading->count; i++) {
		struct rule rule = { .list = reading->list, .line = reading->references[i].line };

		if (!list_find(reading->list, &reading->references[i].addr))
			return rule_refuse(&rule, CIP_ATTR_NONE, "--new is missing, and no other rule has it");
	}
	return 0;
}

int iptables_text_parse(struct cip_list *list, const char *text)
{
	struct reading reading = { .list = list };
	int rc = 0;

	while (rc == 0 && *text) {
		size_t len = strcspn(text, "\n");

		rc = take_line(&reading, text, len);
		text += len + (text[len] == '\n');
	}
	if (rc == 0)
		rc = check_references(&reading);
	free(reading.references);
	return rc;
}
