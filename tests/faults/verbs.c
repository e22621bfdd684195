/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "verbs-list.h"

static char answer[ANSWER_MAX];
static size_t answer_len;

const char *verb_answer(void)
{
	return answer;
}

void verb_begin(void)
{
	answer[0] = '\0';
	answer_len = 0;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(answer + answer_len, sizeof(answer) - answer_len, format, args);
	va_end(args);
	answer_len += len > 0 && (size_t)len < sizeof(answer) - answer_len ? (size_t)len : 0;
}

static int is_touched(int rc, const void *result)
{
	return rc < 0 && result != UNTOUCHED ? TOUCHED : rc;
}

static int say_cluster(struct cip_cluster *cluster)
{
	char line[4352];
	int rc = cip_cluster_format(cluster, line, sizeof(line));

	say("%s\n", rc < 0 ? "?" : line);
	return rc;
}

static int say_list(struct cip_list *list)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < cip_list_count(list); i++)
		rc = say_cluster(cip_list_get(list, i));
	return rc;
}

/* ------------------------------------------------------------------ values */

static int new_cluster(struct cip_ctx *ctx, const char *line, struct cip_cluster **ret_cluster)
{
	struct cip_cluster *cluster = UNTOUCHED;
	int rc = is_touched(cip_cluster_new(ctx, &cluster), cluster);

	if (rc < 0)
		return rc;
	rc = cip_cluster_parse(cluster, line);
	if (rc < 0)
		cip_cluster_unref(cluster);
	else
		*ret_cluster = cluster;
	return rc;
}

static int new_list(struct cip_ctx *ctx, const char *lines, struct cip_list **ret_list)
{
	struct cip_list *list = UNTOUCHED;
	int rc = is_touched(cip_list_new(ctx, &list), list);

	if (rc < 0)
		return rc;
	rc = cip_list_parse(list, lines);
	if (rc < 0 && cip_list_count(list))
		rc = TOUCHED;
	if (rc < 0)
		cip_list_unref(list);
	else
		*ret_list = list;
	return rc;
}

int verb_new(struct cip_ctx *ctx, const struct scenario *scenario)
{
	struct cip_ctx *other = UNTOUCHED;
	int rc = is_touched(cip_new(&other), other);

	(void)ctx;
	(void)scenario;
	if (rc == 0)
		cip_unref(other);
	return rc;
}

int verb_parse(struct cip_ctx *ctx, const struct scenario *scenario)
{
	struct cip_cluster *cluster, *copy = UNTOUCHED;
	int rc = new_cluster(ctx, scenario->a, &cluster);
	uint32_t bucket;

	if (rc < 0)
		return rc;
	rc = is_touched(cip_cluster_copy(cluster, &copy), copy);
	if (rc == 0)
		rc = cip_cluster_complete(copy);
	if (rc == 0)
		rc = cip_cluster_validate(copy);
	if (rc == 0)
		rc = cip_cluster_hash(copy, scenario->b, 6, 1, 2, &bucket);
	if (rc == 0)
		rc = say_cluster(copy);
	if (rc == 0)
		say("%x %u\n", cip_cluster_compare(cluster, copy), bucket);
	if (copy != UNTOUCHED)
		cip_cluster_unref(copy);
	cip_cluster_unref(cluster);
	return rc;
}

int verb_list(struct cip_ctx *ctx, const struct scenario *scenario)
{
	struct cip_cluster *cluster;
	struct cip_list *list;
	int rc = new_list(ctx, scenario->a, &list);

	if (rc < 0)
		return rc;
	rc = new_cluster(ctx, scenario->b, &cluster);
	if (rc == 0) {
		rc = cip_list_add(list, cluster);
		cip_cluster_unref(cluster);
	}
	if (rc == 0)
		rc = say_list(list);
	cip_list_unref(list);
	return rc;
}

int verb_import(struct cip_ctx *ctx, const struct scenario *scenario)
{
	struct cip_list *list = UNTOUCHED;
	int rc = is_touched(cip_list_new(ctx, &list), list);

	if (rc < 0)
		return rc;
	rc = cip_list_import(list, scenario->a);
	if (rc < 0 && cip_list_count(list))
		rc = TOUCHED;
	if (rc == 0)
		rc = say_list(list);
	cip_list_unref(list);
	return rc;
}

/* ------------------------------------------------------------------ verbs that read */

int verb_query(struct cip_ctx *ctx, const struct scenario *scenario)
{
	struct cip_list *list = UNTOUCHED;
	int rc = is_touched(cip_query(ctx, &list), list);

	(void)scenario;
	if (rc < 0)
		return rc;
	rc = say_list(list);
	cip_list_unref(list);
	return rc;
}

int verb_query_one(struct cip_ctx *ctx, const struct scenario *scenario)
{
	struct cip_cluster *cluster = UNTOUCHED;
	int rc = is_touched(cip_query_one(ctx, scenario->a, scenario->b, &cluster), cluster);

	if (rc < 0)
		return rc;
	rc = say_cluster(cluster);
	cip_cluster_unref(cluster);
	return rc;
}

int verb_verify(struct cip_ctx *ctx, const struct scenario *scenario)
{
	struct cip_report *report = UNTOUCHED;
	int rc = is_touched(cip_verify(ctx, scenario ? scenario->a : NULL, NULL, &report), report);
	uint32_t i;

	if (rc < 0)
		return rc;
	for (i = 0; i < cip_report_count(report); i++)
		say("%s: %s\n", cip_report_get_address(report, i), cip_report_get_text(report, i));
	cip_report_unref(report);
	return 0;
}

int verb_announce(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return cip_announce(ctx, scenario->a, scenario->b, scenario->n, 1);
}

/* ------------------------------------------------------------------ verbs that change */

static int with_cluster(struct cip_ctx *ctx, const char *line,
			int (*verb)(struct cip_ctx *ctx, struct cip_cluster *cluster))
{
	struct cip_cluster *cluster;
	int rc = new_cluster(ctx, line, &cluster);

	if (rc < 0)
		return rc;
	rc = verb(ctx, cluster);
	cip_cluster_unref(cluster);
	return rc;
}

int verb_create(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return with_cluster(ctx, scenario->a, cip_create);
}

int verb_modify(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return with_cluster(ctx, scenario->a, cip_modify);
}

int verb_destroy(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return cip_destroy(ctx, scenario->a, scenario->b);
}

int verb_add(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return cip_add_buckets(ctx, scenario->a, NULL, scenario->b);
}

int verb_remove(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return cip_remove_buckets(ctx, scenario->a, NULL, scenario->b);
}

int verb_set(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return cip_set_buckets(ctx, scenario->a, NULL, scenario->b);
}

int verb_hash_mode(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return cip_set_hash_mode(ctx, scenario->a, NULL, scenario->n);
}

int verb_total(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return cip_set_total_nodes(ctx, scenario->a, NULL, scenario->n);
}

int verb_seed(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return cip_set_hash_seed(ctx, scenario->a, NULL, scenario->n);
}

int verb_apply(struct cip_ctx *ctx, const struct scenario *scenario)
{
	struct cip_list *list;
	int rc = new_list(ctx, scenario->a, &list);

	if (rc < 0)
		return rc;
	rc = cip_apply(ctx, list, scenario->n);
	cip_list_unref(list);
	return rc;
}

int verb_migrate(struct cip_ctx *ctx, const struct scenario *scenario)
{
	return cip_migrate(ctx, scenario->a, scenario->b);
}

/* ------------------------------------------------------------------ the monitor */

/* Somebody else moves a bucket there and back; either that is told, or that something was lost. */
static int watch_change(struct cip_monitor *monitor, const struct scenario *scenario)
{
	struct cip_ctx *other;
	int rc, seen = 0;

	inject_pause(1);
	if (cip_new(&other) || cip_set_backend(other, "nft") ||
	    cip_add_buckets(other, scenario->a, NULL, scenario->b) ||
	    cip_remove_buckets(other, scenario->a, NULL, scenario->b))
		return TOUCHED;
	cip_unref(other);
	inject_pause(0);
	while ((rc = cip_monitor_next(monitor)) > 0) {
		uint32_t event = cip_monitor_get_event(monitor);

		seen |= event == CIP_EVENT_RULES || event == CIP_EVENT_LOST;
	}
	if (rc == 0)
		say("%s\n", seen ? "seen" : "missed");
	return rc;
}

int verb_monitor(struct cip_ctx *ctx, const struct scenario *scenario)
{
	struct cip_monitor *monitor = UNTOUCHED;
	int rc = is_touched(cip_monitor_new(ctx, &monitor), monitor);

	if (rc < 0)
		return rc;
	rc = watch_change(monitor, scenario);
	cip_monitor_unref(monitor);
	return rc;
}
