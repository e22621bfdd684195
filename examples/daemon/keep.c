/* SPDX-License-Identifier: GPL-2.0-or-later */
/* one look at the kernel: all lines that can be had, in one transaction */
#include "cipd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *error_text(struct keeper *keeper, int err)
{
	const char *text = cip_get_error(keeper->ctx);

	return *text ? text : strerror(-err);
}

/* no line's fault: a part of the lines would fail in the same way */
static bool is_common(int err)
{
	return err == -EPERM || err == -ENOMEM || err == -EBUSY || err == -ENOBUFS || err == -EPROTONOSUPPORT;
}

/* once, not at every try */
static void complain(struct keeper *keeper, struct entry *entry, const char *text)
{
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
		read_news(keeper, true);
		tell_causes(&keeper->causes);
	}
	for (uint32_t i = 0; i < count; i++)
		if (cip_plan_format(keeper->ctx, i, step, sizeof(step)) == 0)
			say(LOG_NOTICE, "%s: %s", keeper->started ? "put back" : "set up", step);
	if (keeper->started)
		keeper->steps += count;
}

/* some of the lines: those from first on and before last that have not failed, and are in order or not */
struct range {
	size_t first, last;
	bool in_order;
};

static int list_entries(struct keeper *keeper, const struct range *range, struct cip_list *list)
{
	int err = 0;

	for (size_t i = range->first; !err && i < range->last; i++) {
		struct entry *entry = &keeper->entries.items[i];

		if (!entry->failed && entry->in_order == range->in_order)
			err = cip_list_add(list, entry->cluster);
	}
	return err;
}

/* one transaction; *ret_count: of how many */
static int apply_list(struct keeper *keeper, const struct range *range, uint32_t *ret_count)
{
	struct cip_list *list;
	int err = cip_list_new(keeper->ctx, &list);

	*ret_count = 0;
	if (err)
		return err;
	err = list_entries(keeper, range, list);
	*ret_count = cip_list_count(list);
	if (!err && *ret_count) {
		err = cip_apply(keeper->ctx, list, range->in_order ? CIP_APPLY_KEEP_BUCKETS : 0);
		if (!err)
			tell_steps(keeper);
	}
	cip_list_unref(list);
	tell_alive();
	return err;
}

/* Nobody knows any more what it was: what the line says is all there is. */
static bool make_anew(struct keeper *keeper, struct entry *entry)
{
	if (entry->anew)
		return false;
	entry->anew = true;
	if (cip_create(keeper->ctx, entry->cluster) < 0)
		return false;
	tell_steps(keeper);
	return true;
}

/* Leaves out the lines that the library names. False: it names none. */
static bool leave_out_named(struct keeper *keeper)
{
	const char *address;
	bool any = false;

	for (uint32_t i = 0; (address = cip_get_refused_address(keeper->ctx, i)); i++) {
		struct entry *entry = find_entry(&keeper->entries, address);

		if (!entry || entry->failed)
			continue;
		any = true;
		if (cip_get_refused_error(keeper->ctx, i) != -EBADMSG || !make_anew(keeper, entry))
			complain(keeper, entry, cip_get_refused_text(keeper->ctx, i));
	}
	return any;
}

/* the only line that a range has */
static void leave_out_one(struct keeper *keeper, const struct range *range, int err)
{
	for (size_t i = range->first; i < range->last; i++) {
		struct entry *entry = &keeper->entries.items[i];

		if (!entry->failed && entry->in_order == range->in_order)
			complain(keeper, entry, error_text(keeper, err));
	}
}

/*
 * Brings about what can be had: one transaction where all can, and another one without those that the library names
 * otherwise. Where it names none the half that has one is looked for.
 */
static int apply_range(struct keeper *keeper, struct range range)
{
	struct range low = range, high = range;
	uint32_t count;
	int err;

	do
		err = apply_list(keeper, &range, &count);
	while (err && !is_common(err) && leave_out_named(keeper));
	if (!err || is_common(err))
		return err;
	if (count < 2) {
		leave_out_one(keeper, &range, err);
		return 0;
	}
	low.last = high.first = range.first + (range.last - range.first) / 2;
	err = apply_range(keeper, low);
	return err ? err : apply_range(keeper, high);
}

/*
 * The buckets of those that are followed and in order are where others want them, and stay there also if somebody moves
 * one in this moment. If in this moment somebody tears all down, they are as they were seen.
 */
static int apply(struct keeper *keeper)
{
	struct range range = { .last = keeper->entries.count };
	int err;

	err = apply_range(keeper, range);
	range.in_order = true;
	return err ? err : apply_range(keeper, range);
}

/* ------------------------------------------------------------------ */

/* What has failed is tried again if there is a reason; one that comes in the middle of a look is for the next. */
static void begin_look(struct keeper *keeper)
{
	for (size_t i = 0; i < keeper->entries.count; i++) {
		struct entry *entry = &keeper->entries.items[i];

		entry->failed &= !keeper->retry;
		entry->anew = false;
	}
	keeper->news = keeper->retry = false;
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

	begin_look(keeper);
	err = follow(keeper);
	if (!err) {
		/* what has happened meanwhile may be the cause of what is found now */
		read_news(keeper, false);
		err = apply(keeper);
	}
	return err;
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
