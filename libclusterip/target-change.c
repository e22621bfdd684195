/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <net/if.h>	/* these two before linux/if.h and */
#include <netinet/in.h> /* linux/in.h, which bring their own copies otherwise */
#include <linux/netfilter_ipv4/ip_tables.h>
#include <stdlib.h>

#include "target-change.h"
#include "wire-procfs.h"

/* How often somebody who takes no lock may get in between. */
#define TRIES 16

/* One table commit about one address. */
struct edit {
	struct filter filter;
	struct spot *spots;
	uint32_t count;
	const struct spot *home; /* for the first rule, if there is none */
	const struct ipt_entry *entry;
};

typedef int (*edit_fn)(struct edit *edit);

static int edit_once(struct edit *edit, const struct addr *addr, edit_fn fn)
{
	int rc = filter_open(&edit->filter);

	if (rc < 0)
		return rc;
	rc = spots_read(&edit->filter, addr, &edit->spots, &edit->count);
	if (rc == 0)
		rc = fn(edit);
	if (rc == 0)
		rc = filter_commit(&edit->filter);
	filter_close(&edit->filter);
	free(edit->spots);
	edit->spots = NULL;
	return rc;
}

static int edit_table(struct edit *edit, const struct addr *addr, edit_fn fn)
{
	int rc = -EAGAIN, tries;

	for (tries = 0; tries < TRIES && rc == -EAGAIN; tries++)
		rc = edit_once(edit, addr, fn);
	return rc;
}

/* From the last to the first, so that the numbers of the others stay as they are. */
static int delete_behind(struct edit *edit, uint32_t kept)
{
	uint32_t i;
	int rc = 0;

	for (i = edit->count; rc == 0 && i > kept; i--)
		rc = filter_delete(&edit->filter, edit->spots[i - 1].chain, edit->spots[i - 1].number);
	return rc;
}

static int put_holder(struct edit *edit)
{
	int rc;

	if (!edit->count)
		return filter_insert(&edit->filter, edit->home->chain, edit->home->number, edit->entry);
	rc = delete_behind(edit, 1);
	return rc < 0 ? rc
		      : filter_replace(&edit->filter, edit->spots[0].chain, edit->spots[0].number, edit->entry);
}

int change_hold(const struct cip_cluster *cluster, const struct spot *spot)
{
	struct edit edit = { .home = spot };
	struct ipt_entry *holder;
	int rc = target_rule_write_holder(cluster, &holder);

	if (rc < 0)
		return rc;
	edit.entry = holder;
	rc = edit_table(&edit, &cluster->addr, put_holder);
	free(holder);
	return rc;
}

static int put_rule(struct edit *edit)
{
	if (edit->count != 1 || edit->spots[0].kind != TARGET_HOLDER)
		return -ESTALE; /* somebody who takes no lock */
	return filter_insert(&edit->filter, edit->spots[0].chain, edit->spots[0].number + 1, edit->entry);
}

static int drop_holder(struct edit *edit)
{
	if (edit->count != 2 || edit->spots[0].kind != TARGET_HOLDER)
		return -ESTALE;
	return filter_delete(&edit->filter, edit->spots[0].chain, edit->spots[0].number);
}

/* Behind its holder no packet reaches the rule until its buckets are right. */
int change_raise(const struct cip_cluster *cluster, const struct ipt_entry *rule)
{
	struct edit edit = { .entry = rule };
	int rc;

	rc = edit_table(&edit, &cluster->addr, put_rule);
	if (rc == 0)
		rc = change_local(&cluster->addr, &cluster->buckets);
	return rc < 0 ? rc : edit_table(&edit, &cluster->addr, drop_holder);
}

static int delete_all(struct edit *edit)
{
	return delete_behind(edit, 0);
}

int change_lower(const struct addr *addr)
{
	struct edit edit = { 0 };

	return edit_table(&edit, addr, delete_all);
}

static int set_all(const struct addr *addr, const struct bucketset *buckets, int local)
{
	uint32_t bucket;
	int rc = 0;

	for (bucket = bucketset_next(buckets, 0); rc == 0 && bucket; bucket = bucketset_next(buckets, bucket))
		rc = procfs_set(addr, bucket, local);
	return rc;
}

int change_local(const struct addr *addr, const struct bucketset *want)
{
	struct bucketset have, add, del;
	int rc = procfs_read(addr, &have);

	if (rc < 0)
		return rc;
	add = bucketset_minus(want, &have);
	del = bucketset_minus(&have, want);
	rc = set_all(addr, &add, 1);
	return rc < 0 ? rc : set_all(addr, &del, 0);
}
