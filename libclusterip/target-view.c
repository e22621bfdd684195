/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster-text.h"
#include "error.h"
#include "target-view.h"
#include "wire-addr.h"
#include "wire-procfs.h"
#include "wire-rtnl.h"

struct reading {
	struct cip_ctx *ctx;
	const struct addr *only;
	struct filter filter;
	struct view *view;
};

void view_clear(struct view *view)
{
	uint32_t i;

	for (i = 0; i < view->count; i++) {
		cluster_unref(view->items[i].cluster);
		free(view->items[i].rule);
	}
	free(view->items);
	memset(view, 0, sizeof(*view));
}

static struct found *find(struct view *view, const struct addr *addr)
{
	uint32_t i;

	for (i = 0; i < view->count; i++)
		if (!addr_compare(&view->items[i].cluster->addr, addr))
			return &view->items[i];
	return NULL;
}

const struct found *view_find(const struct view *view, const struct addr *addr)
{
	return find((struct view *)view, addr);
}

static struct found *append(struct view *view, struct cip_cluster *cluster)
{
	struct found *items = realloc(view->items, (view->count + 1) * sizeof(*items));

	if (!items)
		return NULL;
	view->items = items;
	memset(&items[view->count], 0, sizeof(*items));
	items[view->count].cluster = cluster_ref(cluster);
	return &items[view->count++];
}

#define RULE_ATTRS                                                                                             \
	(1u << CIP_ATTR_IFNAME | 1u << CIP_ATTR_MAC | 1u << CIP_ATTR_HASH_MODE | 1u << CIP_ATTR_TOTAL |        \
	 1u << CIP_ATTR_SEED)

/* The real rule takes the place of its holder, but for the buckets that the holder remembers. */
static int take_rule(struct reading *reading, struct found *found, struct cip_cluster *cluster,
		     enum target_record record, const struct ipt_entry *entry)
{
	if (found->rules++) {
		found->differ |= !!(cluster_compare(found->cluster, cluster) & RULE_ATTRS);
		return 0;
	}
	found->record = record;
	if (found->cluster != cluster) {
		cluster->buckets = found->cluster->buckets;
		cluster_unref(found->cluster);
		found->cluster = cluster_ref(cluster);
	}
	return target_rule_copy(entry, &found->rule) < 0 ? cip_error_nomem(reading->ctx) : 0;
}

static int take(struct reading *reading, const struct spot *spot, const struct ipt_entry *entry,
		struct cip_cluster *cluster)
{
	enum target_kind kind;
	enum target_record record;
	struct found *found;

	if (target_rule_read(entry, cluster, &kind, &record) < 0)
		return cip_error(reading->ctx, -EBADMSG, CIP_ATTR_NONE,
				 "the comment of a CLUSTERIP rule in chain %s is of another version of "
				 "libclusterip, or damaged",
				 spot->chain);
	if (kind == TARGET_NONE || (reading->only && addr_compare(reading->only, &cluster->addr)))
		return 0;
	found = find(reading->view, &cluster->addr);
	if (!found) {
		found = append(reading->view, cluster);
		if (!found)
			return cip_error_nomem(reading->ctx);
		found->record = record;
		found->spot = *spot;
		found->is_reached = filter_is_reached(&reading->filter, spot->chain);
	}
	if (kind == TARGET_RULE)
		return take_rule(reading, found, cluster, record, entry);
	found->holders++;
	return 0;
}

static int take_entry(const char *chain, uint32_t number, const struct ipt_entry *entry, void *data)
{
	struct reading *reading = data;
	struct spot spot = { .number = number };
	struct cip_cluster *cluster;
	int rc;

	snprintf(spot.chain, sizeof(spot.chain), "%s", chain);
	rc = cluster_new(NULL, &cluster);
	if (rc < 0)
		return cip_error_nomem(reading->ctx);
	rc = take(reading, &spot, entry, cluster);
	cluster_unref(cluster);
	return rc;
}

static int stop(const struct addr *addr, void *data)
{
	(void)addr;
	(void)data;
	return 1;
}

static int read_rules(struct cip_ctx *ctx, const struct addr *only, struct view *view)
{
	struct reading reading = { .ctx = ctx, .only = only, .view = view };
	int rc;

	if (!procfs_has_target() || !procfs_has_filter())
		return 0;
	rc = filter_open(&reading.filter);
	/* who has CAP_NET_ADMIN, but not the CAP_NET_RAW that libiptc needs, can do without it where there is nothing */
	if (rc == -ENOENT || (rc == -EPERM && procfs_each(stop, NULL) == 0))
		return 0;
	if (rc < 0)
		return target_failed(ctx, rc, NULL, "reading the table filter");
	rc = filter_each(&reading.filter, take_entry, &reading);
	filter_close(&reading.filter);
	return rc;
}

/* While a holder is there nothing is let in, and what this node owns is what the holder remembers. */
static void read_local(struct found *found)
{
	struct cip_cluster *cluster = found->cluster;
	struct bucketset all = bucketset_first(cluster->total <= CIP_TOTAL_NODES_MAX ? cluster->total : 0);

	if (found->holders) {
		cluster->observed.assigned = bucketset_and(&cluster->buckets, &all);
		memset(&cluster->buckets, 0, sizeof(cluster->buckets));
	} else {
		found->local_rc = procfs_read(&cluster->addr, &cluster->buckets);
		cluster->observed.assigned = cluster->buckets;
	}
	cluster_mark(cluster, CIP_ATTR_BUCKETS);
	cluster->mac_mode = CIP_MAC_MULTICAST;
	cluster_mark(cluster, CIP_ATTR_MAC_MODE);
	cluster_mark(cluster, CIP_ATTR_OUTGOING);
	(void)cluster_set_source_prefix(cluster, addr_bits(&cluster->addr));
	cluster->observed.backend = "clusterip";
	cluster->observed.recorded = 1;
}

/* A rule of others does not tell how long the prefix is; the device does, if it has the address. */
static int read_prefix(struct cip_ctx *ctx, struct target_priv *priv, struct cip_cluster *cluster)
{
	struct rtnl_link link;
	uint32_t prefix = 0;
	int rc;

	cluster_mark(cluster, CIP_ATTR_NOADDR);
	if (!CLUSTER_HAS(cluster, CIP_ATTR_IFNAME))
		return 0;
	rc = rtnl_link_get(&priv->rtnl, cluster->ifname, &link);
	if (rc == 0)
		rc = addr_find(&priv->rtnl, link.index, &cluster->addr, &prefix);
	if (rc < 0 && rc != -ENODEV)
		return target_rtnl_failed(ctx, priv, rc, cluster, "reading the addresses of the device");
	if (prefix) {
		cluster->prefix = prefix;
		cluster_mark(cluster, CIP_ATTR_PREFIX);
	}
	return 0;
}

int view_read_locked(struct cip_ctx *ctx, struct target_priv *priv, const struct addr *only,
		     struct view *ret_view)
{
	struct view view = { 0 };
	uint32_t i;
	int rc = read_rules(ctx, only, &view);

	for (i = 0; rc == 0 && i < view.count; i++) {
		read_local(&view.items[i]);
		if (view.items[i].record == TARGET_FOREIGN)
			rc = read_prefix(ctx, priv, view.items[i].cluster);
	}
	if (rc < 0)
		view_clear(&view);
	else
		*ret_view = view;
	return rc;
}

/* Could it be a change that is under way? */
static int is_unsettled(const struct view *view)
{
	uint32_t i;

	for (i = 0; i < view->count; i++)
		if (view->items[i].holders || view->items[i].local_rc == -ENOENT)
			return 1;
	return 0;
}

int view_read(struct cip_ctx *ctx, struct target_priv *priv, const struct addr *only, struct view *ret_view)
{
	struct view view;
	int fd, rc;

	rc = view_read_locked(ctx, priv, only, &view);
	if (rc < 0 || !is_unsettled(&view)) {
		if (rc == 0)
			*ret_view = view;
		return rc;
	}
	view_clear(&view);
	rc = xtables_lock_take(&fd);
	if (rc < 0)
		return target_failed(ctx, rc, NULL, "taking iptables' lock, /run/xtables.lock");
	rc = view_read_locked(ctx, priv, only, ret_view);
	(void)close(fd);
	return rc;
}

int view_local_failed(struct cip_ctx *ctx, const struct found *found)
{
	char path[PROCFS_PATH_MAX];

	procfs_path(&found->cluster->addr, path);
	if (found->local_rc == -ENOENT)
		return cip_error(ctx, -EIO, CIP_ATTR_BUCKETS, "%s is missing, although there is a rule", path);
	if (found->local_rc == -EACCES)
		return cip_error(ctx, -EPERM, CIP_ATTR_BUCKETS,
				 "%s is not readable: it belongs to the host's root, not to this one", path);
	return cip_error(ctx, found->local_rc, CIP_ATTR_BUCKETS, "reading %s: %s", path,
			 found->local_rc == -EBADMSG ? "not a list of buckets" : strerror(-found->local_rc));
}

struct spot_reading {
	const struct addr *addr;
	struct spot *spots;
	uint32_t count;
};

static int take_spot(const char *chain, uint32_t number, const struct ipt_entry *entry, void *data)
{
	struct spot_reading *reading = data;
	struct cip_cluster cluster = { 0 };
	enum target_record record;
	enum target_kind kind;
	struct spot *spots;
	int rc = target_rule_read(entry, &cluster, &kind, &record);

	if (rc < 0 || kind == TARGET_NONE || addr_compare(&cluster.addr, reading->addr))
		return rc;
	spots = realloc(reading->spots, (reading->count + 1) * sizeof(*spots));
	if (!spots)
		return -ENOMEM;
	reading->spots = spots;
	snprintf(spots[reading->count].chain, FILTER_CHAIN_MAX, "%s", chain);
	spots[reading->count].number = number;
	spots[reading->count++].kind = kind;
	return 0;
}

int spots_read(struct filter *filter, const struct addr *addr, struct spot **ret_spots, uint32_t *ret_count)
{
	struct spot_reading reading = { .addr = addr };
	int rc = filter_each(filter, take_spot, &reading);

	if (rc < 0) {
		free(reading.spots);
		return rc;
	}
	*ret_spots = reading.spots;
	*ret_count = reading.count;
	return 0;
}
