/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines without buckets. Agents and people move buckets with the library, and cipd must not move them back; but when
 * somebody has torn down the rules, it has to know what was there. A change through the library leaves the kernel in
 * order; damage does not, and is told from it by that.
 */
#include "cipd.h"

#include <string.h>

static bool is_doubtful(struct cip_report *report, const char *address)
{
	for (uint32_t i = 0; i < cip_report_count(report); i++) {
		const char *about = cip_report_get_address(report, i);

		if (*about && strcmp(about, address))
			continue;
		switch (cip_report_get_fault(report, i)) {
		case CIP_FAULT_BUCKET:
		case CIP_FAULT_RECORD:
		case CIP_FAULT_TABLE:
		case CIP_FAULT_BACKEND:
			return true;
		}
	}
	return false;
}

/* Asks for the buckets that were seen last. */
static int ask(struct entry *entry)
{
	uint32_t bucket, total = cip_cluster_get_total_nodes(entry->cluster);
	int err;

	if (!entry->seen)
		return 0;
	err = cip_cluster_set_buckets(entry->cluster, "none");
	for (bucket = 0; !err && (bucket = cip_cluster_next_bucket(entry->seen, bucket)) != 0;)
		if (bucket <= total)
			err = cip_cluster_add_bucket(entry->cluster, bucket);
	return err;
}

static bool is_any_found(const struct entries *entries, struct cip_list *list)
{
	for (size_t i = 0; i < entries->count; i++)
		if (entries->items[i].followed && cip_list_find(list, entries->items[i].address))
			return true;
	return false;
}

static int follow_all(struct keeper *keeper, struct cip_list *list, struct cip_report *report)
{
	int err = 0;

	for (size_t i = 0; !err && i < keeper->entries.count; i++) {
		struct entry *entry = &keeper->entries.items[i];
		struct cip_cluster *found = entry->followed ? cip_list_find(list, entry->address) : NULL;

		entry->in_order = found && !is_doubtful(report, entry->address);
		if (entry->in_order) {
			cip_cluster_unref(entry->seen);
			entry->seen = cip_cluster_ref(found);
		}
		if (entry->followed)
			err = ask(entry);
	}
	return err;
}

static bool is_any_followed(const struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		if (entries->items[i].followed)
			return true;
	return false;
}

int follow(struct keeper *keeper)
{
	struct cip_report *report = NULL;
	struct cip_list *list;
	int err;

	if (!is_any_followed(&keeper->entries))
		return 0;
	err = cip_query(keeper->ctx, &list);
	tell_alive();
	if (err)
		return err;
	/* after the query: what was then in order was so when it was read, or there is another event */
	if (is_any_found(&keeper->entries, list))
		err = cip_verify(keeper->ctx, NULL, NULL, &report);
	tell_alive();
	if (!err)
		err = follow_all(keeper, list, report);
	cip_report_unref(report);
	cip_list_unref(list);
	return err;
}
