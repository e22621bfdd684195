/* SPDX-License-Identifier: GPL-2.0-or-later */
/* one look at the kernel: all lines in one transaction, or where one cannot be had, each by itself */
#include "cipd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *error_text(struct keeper *keeper, int err)
{
	const char *text = cip_get_error(keeper->ctx);

	return *text ? text : strerror(-err);
}

/* no line's fault: trying each by itself would fail in the same way */
static bool is_common(int err)
{
	return err == -EPERM || err == -ENOMEM || err == -EBUSY || err == -ENOBUFS || err == -EPROTONOSUPPORT;
}

/* once, not at every try */
static void complain(struct keeper *keeper, struct entry *entry, int err)
{
	const char *text = error_text(keeper, err);

	entry->failed = true;
	if (!strcmp(entry->complaint, text))
		return;
	say(LOG_ERR, "%s:%u: %s", keeper->path, entry->line, text);
	snprintf(entry->complaint, sizeof(entry->complaint), "%s", text);
}

static void praise(struct keeper *keeper, struct entry *entry)
{
	if (*entry->complaint)
		say(LOG_NOTICE, "%s:%u: %s is as it should be again", keeper->path, entry->line,
		    entry->address);
	entry->complaint[0] = '\0';
}

static void tell_steps(struct keeper *keeper)
{
	uint32_t count = cip_plan_count(keeper->ctx);
	char step[LINE_SIZE];

	if (count) {
		(void)read_news(keeper, true);
		tell_causes(&keeper->causes);
	}
	for (uint32_t i = 0; i < count; i++)
		if (cip_plan_format(keeper->ctx, i, step, sizeof(step)) == 0)
			say(LOG_NOTICE, "%s: %s", keeper->started ? "put back" : "set up", step);
	if (keeper->started)
		keeper->steps += count;
}

/* one: NULL for all that have not failed */
static int list_entries(struct keeper *keeper, struct entry *one, bool in_order, struct cip_list *list)
{
	int err = 0;

	for (size_t i = 0; !err && i < keeper->entries.count; i++) {
		struct entry *entry = &keeper->entries.items[i];

		if ((one ? entry == one : !entry->failed) && entry->in_order == in_order)
			err = cip_list_add(list, entry->cluster);
	}
	return err;
}

static int apply_some(struct keeper *keeper, struct entry *one, bool in_order)
{
	struct cip_list *list;
	int err = cip_list_new(keeper->ctx, &list);

	if (err)
		return err;
	err = list_entries(keeper, one, in_order, list);
	if (!err && cip_list_count(list)) {
		err = cip_apply(keeper->ctx, list, in_order ? CIP_APPLY_KEEP_BUCKETS : 0);
		/* nobody knows any more what it was: what the line says is all there is */
		if (err == -EBADMSG && one)
			err = cip_create(keeper->ctx, one->cluster);
		if (!err)
			tell_steps(keeper);
	}
	cip_list_unref(list);
	return err;
}

/*
 * The buckets of those that are followed and in order are where others want them, and stay there also if somebody moves
 * one in this moment. If in this moment somebody tears all down, they are as they were seen.
 */
static int apply(struct keeper *keeper, struct entry *one)
{
	int err = apply_some(keeper, one, false);

	return err ? err : apply_some(keeper, one, true);
}

static int apply_each(struct keeper *keeper)
{
	int err = 0;

	for (size_t i = 0; i < keeper->entries.count && !is_common(err); i++) {
		struct entry *entry = &keeper->entries.items[i];

		if (entry->failed)
			continue;
		err = apply(keeper, entry);
		if (err && !is_common(err))
			complain(keeper, entry, err);
	}
	return is_common(err) ? err : 0;
}

/* ------------------------------------------------------------------ */

void retry(struct keeper *keeper)
{
	for (size_t i = 0; i < keeper->entries.count; i++)
		keeper->entries.items[i].failed = false;
}

size_t count_failed(const struct keeper *keeper)
{
	size_t count = 0;

	for (size_t i = 0; i < keeper->entries.count; i++)
		count += keeper->entries.items[i].failed;
	return count;
}

static int keep(struct keeper *keeper)
{
	int err;

	keeper->news = false;
	err = follow(keeper);
	if (!err) {
		/* what has happened meanwhile may be the cause of what is found now; if it cannot be read, the loop ends */
		(void)read_news(keeper, false);
		err = apply(keeper, NULL);
	}
	return err && !is_common(err) ? apply_each(keeper) : err;
}

bool look(struct keeper *keeper)
{
	int err = keep(keeper);
	const char *text = err ? error_text(keeper, err) : "";

	if (err && strcmp(keeper->complaint, text))
		say(LOG_ERR, "%s", text);
	snprintf(keeper->complaint, sizeof(keeper->complaint), "%s", text);
	for (size_t i = 0; !err && i < keeper->entries.count; i++)
		if (!keeper->entries.items[i].failed)
			praise(keeper, &keeper->entries.items[i]);
	/* whatever has not led to a step by now did no damage */
	if (!err)
		keeper->causes.count = 0;
	keeper->started = true;
	return !err && count_failed(keeper) == 0;
}
