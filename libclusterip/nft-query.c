/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/rule.h>

#include "backend-nft.h"
#include "nft-elem.h"
#include "nft-query.h"
#include "nft-record.h"
#include "nft-rule.h"
#include "nft-table.h"

static int wanted(const struct query *query, const struct addr *addr)
{
	return !query->only || !addr_compare(query->only, addr);
}

static int take_record(const struct nft_elem *elem, void *data)
{
	struct query *query = data;
	struct cip_cluster *cluster;
	int rc;

	if (!nft_elem_addr(elem).family)
		return 0;
	rc = cluster_new(query->ctx, &cluster);
	if (rc < 0)
		return rc;
	cluster->addr = nft_elem_addr(elem);
	cluster_mark(cluster, CIP_ATTR_ADDRESS);
	cluster->observed.backend = backend_nft.name;
	cluster->observed.recorded = 1;
	cluster->observed.foreign = elem->counter;
	/* one that does not drop what is foreign is none */
	rc = elem->drops ? nft_record_parse(cluster, elem->comment) : -EBADMSG;
	if (rc == 0)
		cluster_mark(cluster, CIP_ATTR_BUCKETS);
	if (query->flags & QUERY_COUNTERS && wanted(query, &cluster->addr))
		cluster->observed.counted = cluster->total;
	if (rc == 0 || rc == -EBADMSG)
		rc = list_append(query->snapshot.list, cluster);
	cluster_unref(cluster);
	return rc;
}

/* The cluster IP that a key with a slot belongs to, and its bucket there; NULL: of nobody. */
static struct cip_cluster *owner(struct query *query, const struct nft_elem *elem, uint32_t *ret_bucket)
{
	struct addr addr;
	uint32_t slot = nft_elem_slot(elem, &addr);
	struct cip_cluster *found = slot ? list_find_sorted(query->snapshot.list, &addr) : NULL;

	if (!found || found->observed.class != NFT_SLOT_CLASS(slot))
		return NULL;
	*ret_bucket = NFT_SLOT_BUCKET(slot);
	return *ret_bucket <= found->total ? found : NULL;
}

static int take_bucket(const struct nft_elem *elem, void *data)
{
	struct query *query = data;
	uint32_t bucket;
	struct cip_cluster *cluster = owner(query, elem, &bucket);

	if (!cluster) {
		query->snapshot.strays = 1;
		return 0;
	}
	bucketset_add(&cluster->buckets, bucket);
	return cluster->observed.counted ? cluster_count(cluster, bucket, &elem->counter) : 0;
}

static int take_assigned(const struct nft_elem *elem, void *data)
{
	struct query *query = data;
	uint32_t bucket;
	struct cip_cluster *cluster = owner(query, elem, &bucket);

	if (cluster)
		bucketset_add(&cluster->observed.assigned, bucket);
	else
		query->snapshot.strays = 1;
	return 0;
}

static int is_retired(const struct snapshot *snapshot, const struct addr *addr, uint32_t class)
{
	uint32_t i;

	for (i = 0; i < snapshot->retired_count; i++)
		if (snapshot->retired[i].class == class && !addr_compare(&snapshot->retired[i].addr, addr))
			return 1;
	return 0;
}

static int take_retired(const struct nft_elem *elem, void *data)
{
	struct snapshot *snapshot = &((struct query *)data)->snapshot;
	struct retired *retired;
	struct addr addr;
	uint32_t slot = nft_elem_slot(elem, &addr);

	if (!slot || is_retired(snapshot, &addr, NFT_SLOT_CLASS(slot)))
		return 0;
	retired = realloc(snapshot->retired, (snapshot->retired_count + 1) * sizeof(*retired));
	if (!retired)
		return -ENOMEM;
	snapshot->retired = retired;
	retired += snapshot->retired_count++;
	retired->addr = addr;
	retired->class = NFT_SLOT_CLASS(slot);
	retired->total = CIP_TOTAL_NODES_MAX;
	return 0;
}

static int take_entry(const struct nft_elem *elem, void *data)
{
	struct query *query = data;
	const struct nft_entry_map *map = &nft_entry_maps[query->map];
	struct addr addr = nft_elem_addr(elem);
	struct cip_cluster *cluster = list_find_sorted(query->snapshot.list, &addr);
	char chain[NFT_CHAIN_NAME_MAX];

	if (!cluster)
		return 0;
	nft_entry_chain(map, cluster->observed.class, chain);
	cluster->observed.entries[query->map] =
		nft_entry_belongs(map, cluster) && !strcmp(elem->chain, chain) ? ENTRY_RIGHT : ENTRY_WRONG;
	return 0;
}

static int take_mac(const struct nft_elem *elem, void *data)
{
	struct query *query = data;
	struct addr addr = nft_elem_addr(elem);
	struct cip_cluster *cluster = list_find_sorted(query->snapshot.list, &addr);

	if (cluster && !strncmp(cluster->ifname, (const char *)elem->key, IFNAMSIZ))
		cluster->observed.arp =
			elem->data_len == 6 && !memcmp(elem->data, cluster->mac, 6) ? ENTRY_RIGHT : ENTRY_WRONG;
	return 0;
}

/* A single one with a shortcut counts there, too. */
static int take_rule(const struct nftnl_rule *rule, void *data)
{
	struct query *query = data;
	struct cip_cluster *cluster;
	struct addr addr;

	if (nft_rule_daddr(rule, &addr) < 0)
		return 0;
	cluster = list_find_sorted(query->snapshot.list, &addr);
	if (cluster)
		nft_rule_count(rule, &cluster->observed.foreign);
	return 0;
}

static int read_slots_of(struct query *query, struct cip_cluster *cluster)
{
	uint32_t class = cluster->observed.class, total = cluster->total;
	int rc;

	rc = nft_elem_get_slots(query->nfnl, NFT_BUCKETS, &cluster->addr, class, total, take_bucket, query);
	return rc < 0 ? rc
		      : nft_elem_get_slots(query->nfnl, NFT_ASSIGNED, &cluster->addr, class, total,
					   take_assigned, query);
}

static int read_entries_of(struct query *query, struct cip_cluster *cluster)
{
	struct nft_elem key = { 0 };
	int rc = 0;

	nft_elem_key_addr(&key, &cluster->addr);
	for (query->map = 0; rc == 0 && query->map < NFT_ENTRY_MAPS; query->map++)
		rc = nft_elem_get(query->nfnl, query->family, nft_entry_maps[query->map].name, &key, take_entry,
				  query);
	if (rc < 0 || !CLUSTER_HAS(cluster, CIP_ATTR_IFNAME))
		return rc;
	nft_elem_key_dev(&key, cluster->ifname, &cluster->addr);
	return nft_elem_get(query->nfnl, NFT_MAC_FAMILY(query->family), NFT_MACS, &key, take_mac, query);
}

/*
 * The kernel counts how many elements it has told, so that one that is removed meanwhile hides another, whose turn it would
 * have been with the next message. Where that goes on, a set is read so many times that none can have been hidden in all of
 * them; those that are gone by now are in the journal. -ENOENT: no such set.
 */
static int dump_whole(struct query *query, uint8_t family, const char *set, nft_elem_cb cb)
{
	struct nft_journal *journal = &query->nft->journal;
	int rc, tries, torn = 1;

	for (tries = 0; torn > 0 && tries < NFT_DUMP_TRIES; tries++) {
		uint32_t from = journal->count;

		backend_wait(tries);
		rc = nft_elem_dump(query->nfnl, family, set, cb, query);
		if (rc < 0)
			return rc;
		torn = nft_journal_took(journal, query->nfnl, from, family, set);
	}
	return torn < 0 ? torn : 0;
}

/* A set that somebody removed reads as empty; verify names it. */
static int dump(struct query *query, uint8_t family, const char *set, nft_elem_cb cb)
{
	int rc = dump_whole(query, family, set, cb);

	return rc == -ENOENT ? 0 : rc;
}

static int dump_entries(struct query *query)
{
	int rc = 0;

	for (query->map = 0; rc == 0 && query->map < NFT_ENTRY_MAPS; query->map++)
		rc = dump(query, query->family, nft_entry_maps[query->map].name, take_entry);
	return rc;
}

static int is_readable(const struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_TOTAL);
}

/* Of those whose records cannot be read, what else there is of them. */
static int fill_unreadable(struct query *query)
{
	struct cip_list *list = query->snapshot.list;
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->count; i++)
		if (!is_readable(list->items[i]) &&
		    list->items[i]->addr.family == NFT_ADDR_FAMILY(query->family))
			rc = nft_trace_fill(query->nft, list, list->items[i]);
	return rc;
}

static int read_all(struct query *query)
{
	int rc = dump(query, query->family, NFT_BUCKETS, take_bucket);

	if (rc == 0)
		rc = dump(query, query->family, NFT_ASSIGNED, take_assigned);
	if (rc == 0 && query->flags & QUERY_PLAN)
		rc = dump_entries(query);
	if (rc == 0 && query->flags & QUERY_PLAN)
		rc = dump(query, NFT_MAC_FAMILY(query->family), NFT_MACS, take_mac);
	return rc == 0 && query->flags & QUERY_PLAN ? fill_unreadable(query) : rc;
}

static int add_trace(struct query *query, const struct addr *addr)
{
	struct cip_cluster *cluster;
	int rc = nft_trace(query->ctx, query->nft, addr, query->snapshot.list, &cluster);

	if (rc < 0 || !cluster)
		return rc;
	rc = list_append(query->snapshot.list, cluster);
	cluster_unref(cluster);
	list_sort(query->snapshot.list);
	return rc;
}

static int read_one(struct query *query, const struct addr *addr)
{
	struct cip_cluster *cluster = list_find_sorted(query->snapshot.list, addr);
	int rc = 0;

	if (!cluster && query->only && query->flags & QUERY_PLAN && !(query->flags & QUERY_RECORDED)) {
		rc = add_trace(query, addr);
		cluster = list_find_sorted(query->snapshot.list, addr);
	}
	if (rc < 0 || !cluster)
		return rc;
	if (!is_readable(cluster))
		return query->flags & QUERY_PLAN ? fill_unreadable(query) : 0;
	rc = read_slots_of(query, cluster);
	return rc == 0 && query->flags & QUERY_PLAN ? read_entries_of(query, cluster) : rc;
}

static int get_record(struct query *query, const struct addr *addr)
{
	struct nft_elem key = { 0 };

	nft_elem_key_addr(&key, addr);
	query->family = nft_family(addr);
	return nft_elem_get(query->nfnl, query->family, NFT_CLUSTERS, &key, take_record, query);
}

static int dump_records(struct query *query)
{
	struct snapshot *snapshot = &query->snapshot;
	int rc = dump_whole(query, query->family, NFT_CLUSTERS, take_record);

	SNAPSHOT_HAS_TABLE(snapshot, NFT_ADDR_FAMILY(query->family)) = rc == 0;
	if (rc == 0)
		rc = dump(query, query->family, NFT_RETIRED, take_retired);
	if ((rc < 0 && rc != -ENOENT) || query->family != NFPROTO_IPV4)
		return rc == -ENOENT ? 0 : rc;
	return nft_table_has_set(query->nfnl, NFPROTO_ARP, NFT_MACS, &snapshot->has_arp);
}

static int each_table(struct query *query, int (*read)(struct query *query))
{
	int rc;

	query->family = NFPROTO_IPV4;
	rc = read(query);
	query->family = NFPROTO_IPV6;
	return rc < 0 ? rc : read(query);
}

int query_records(struct query *query)
{
	/* cluster IPs of the other family may have the same MAC */
	int rc = query->only && !(query->flags & QUERY_PLAN) ? get_record(query, query->only)
							     : each_table(query, dump_records);

	list_sort_unique(query->snapshot.list);
	return rc;
}

int query_rest(struct query *query)
{
	if (!query->only)
		return each_table(query, read_all);
	query->family = nft_family(query->only);
	return read_one(query, query->only);
}

int query_anew(struct query *query, const struct addr *addr)
{
	struct cip_list *list = query->snapshot.list, *one;
	int rc = list_new(query->ctx, &one);

	if (rc < 0)
		return rc;
	list_remove(list, addr);
	query->snapshot.list = one;
	rc = get_record(query, addr);
	query->snapshot.list = list;
	if (rc == 0)
		rc = list_merge(list, one);
	list_unref(one);
	return rc == 0 && wanted(query, addr) ? read_one(query, addr) : rc;
}

static int read_foreign(struct query *query)
{
	int rc = nft_table_read_rules(query->nfnl, query->family, NFT_CHAIN_PREROUTING, take_rule, query);

	return rc == -ENOENT ? 0 : rc; /* a chain removed by hand has counted nothing */
}

int query_foreign(struct query *query)
{
	if (!query->only)
		return each_table(query, read_foreign);
	query->family = nft_family(query->only);
	return read_foreign(query);
}
