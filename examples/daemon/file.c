/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the file of cluster IPs: read as a whole, or not at all */
#include "cipd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ text */

/* up to the end, so that it has no NUL byte; to be freed */
static char *read_file(const char *path, FILE *file)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t length = getdelim(&text, &size, '\0', file);

	if (length < 0 && !feof(file))
		say(LOG_ERR, "%s: %s", path, strerror(errno));
	else if (length < 0)
		return text ? memset(text, 0, 1) : calloc(1, 1);
	else if (strlen(text) != (size_t)length)
		say(LOG_ERR, "%s: a NUL byte", path);
	else
		return text;
	free(text);
	return NULL;
}

static char *read_path(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text;

	if (!file) {
		say(LOG_ERR, "%s: %s", path, strerror(errno));
		return NULL;
	}
	text = read_file(path, file);
	fclose(file);
	return text;
}

/* ------------------------------------------------------------------ entries */

void free_entries(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		cip_cluster_unref(entries->items[i].cluster);
		cip_cluster_unref(entries->items[i].seen);
	}
	free(entries->items);
	*entries = (struct entries){ 0 };
}

/* After a flush there is nothing to take from the kernel what the line leaves out, so it stands for the defaults. */
static int complete(struct cip_cluster *cluster)
{
	bool buckets = cip_cluster_is_set(cluster, CIP_ATTR_BUCKETS);
	int err;

	err = cip_cluster_complete(cluster);
	/* those that others give the node */
	if (!err && !buckets)
		err = cip_cluster_unset(cluster, CIP_ATTR_BUCKETS);
	return err;
}

static bool fill_entry(struct keeper *keeper, struct entry *entry, struct cip_cluster *cluster, uint32_t line)
{
	entry->cluster = cip_cluster_ref(cluster);
	entry->line = line;
	if (cip_cluster_validate(cluster) == 0 &&
	    cip_cluster_get_address(cluster, entry->address, sizeof(entry->address)) == 0 &&
	    cip_cluster_get_ifname(cluster, entry->ifname, sizeof(entry->ifname)) == 0 &&
	    complete(cluster) == 0) {
		entry->followed = !cip_cluster_is_set(cluster, CIP_ATTR_BUCKETS);
		return true;
	}
	say(LOG_ERR, "%s:%u: %s", keeper->path, line, cip_get_error(keeper->ctx));
	return false;
}

static bool fill_entries(struct keeper *keeper, struct entries *entries, struct cip_list *list)
{
	size_t count = cip_list_count(list);

	entries->items = calloc(count ? count : 1, sizeof(*entries->items));
	if (!entries->items) {
		say(LOG_ERR, "%s", strerror(ENOMEM));
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		entries->count++;
		if (!fill_entry(keeper, &entries->items[i], cip_list_get(list, i), cip_list_get_line(list, i)))
			return false;
	}
	return true;
}

struct entry *find_entry(const struct entries *entries, const char *address)
{
	for (size_t i = 0; i < entries->count; i++)
		if (!strcmp(entries->items[i].address, address))
			return &entries->items[i];
	return NULL;
}

/* What is known of the old ones that are still there; what is not is left as it is. */
static void inherit(struct keeper *keeper, struct entries *entries)
{
	for (size_t i = 0; i < keeper->entries.count; i++) {
		struct entry *old = &keeper->entries.items[i], *new = find_entry(entries, old->address);

		if (!new) {
			say(LOG_NOTICE, "%s is not in %s any more, and stays as it is", old->address,
			    keeper->path);
		} else {
			new->seen = old->seen;
			old->seen = NULL;
		}
	}
}

static void refuse(struct keeper *keeper)
{
	const char *text = cip_get_error(keeper->ctx);

	if (!strncmp(text, "line ", 5))
		say(LOG_ERR, "%s:%s", keeper->path, text + 5);
	else
		say(LOG_ERR, "%s: %s", keeper->path, text);
}

static bool parse(struct keeper *keeper, const char *text, struct entries *ret_entries)
{
	struct cip_list *list = NULL;
	bool good = false;

	if (cip_list_new(keeper->ctx, &list) < 0 || cip_list_parse(list, text) < 0)
		refuse(keeper);
	else
		good = fill_entries(keeper, ret_entries, list);
	cip_list_unref(list);
	return good;
}

bool load(struct keeper *keeper)
{
	struct entries entries = { 0 };
	char *text = read_path(keeper->path);
	bool good = text && parse(keeper, text, &entries);

	free(text);
	if (good) {
		inherit(keeper, &entries);
		free_entries(&keeper->entries);
		keeper->entries = entries;
	} else {
		free_entries(&entries);
	}
	return good;
}
