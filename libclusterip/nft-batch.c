/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <string.h>

#include "nft-batch.h"
#include "nft-class.h"
#include "nft-elem.h"
#include "nft-record.h"
#include "nft-table.h"

static int put_record(struct nfnl *nfnl, const struct cip_cluster *want, const struct cip_cluster *have)
{
	uint8_t family = nft_family(&want->addr);
	struct nft_elem elem = { .drops = 1 };
	int rc;

	nft_elem_key_addr(&elem, &want->addr);
	rc = nft_record_format(want, elem.comment);
	if (rc == 0 && have && have->observed.recorded)
		rc = nft_elem_put(nfnl, 0, family, NFT_CLUSTERS, &elem, "removing the old record", want);
	return rc < 0 ? rc : nft_elem_put(nfnl, 1, family, NFT_CLUSTERS, &elem, "adding the record", want);
}

/* An entry that leads elsewhere cannot be changed, only removed and added. */
static int put_entry(struct nfnl *nfnl, uint8_t family, const char *map, const struct nft_elem *elem,
		     enum entry is, const void *about)
{
	int rc = 0;

	if (is == ENTRY_WRONG)
		rc = nft_elem_put(nfnl, 0, family, map, elem, "removing a wrong entry", about);
	if (rc == 0 && is != ENTRY_RIGHT)
		rc = nft_elem_put(nfnl, 1, family, map, elem, "adding an entry", about);
	return rc;
}

/* To its rules from the maps that it belongs into, and from no other. */
static int put_entries(struct nfnl *nfnl, const struct cip_cluster *want, const struct nft_step *found)
{
	uint8_t family = nft_family(&want->addr);
	struct nft_elem elem = { 0 };
	int i, rc = 0;

	nft_elem_key_addr(&elem, &want->addr);
	for (i = 0; rc == 0 && i < NFT_ENTRY_MAPS; i++) {
		const struct nft_entry_map *map = &nft_entry_maps[i];

		nft_entry_chain(map, want->observed.class, elem.chain);
		if (nft_entry_belongs(map, want))
			rc = put_entry(nfnl, family, map->name, &elem, found->entries[i], want);
		else if (found->entries[i] != ENTRY_ABSENT)
			rc = nft_elem_put(nfnl, 0, family, map->name, &elem, "removing a wrong entry", want);
	}
	return rc;
}

static int put_mac(struct nfnl *nfnl, const struct cip_cluster *want, const struct nft_step *found)
{
	struct nft_elem elem = { 0 };

	nft_elem_key_dev(&elem, want->ifname, &want->addr);
	elem.data_len = sizeof(want->mac);
	memcpy(elem.data, want->mac, sizeof(want->mac));
	return put_entry(nfnl, nft_mac_family(&want->addr), NFT_MACS, &elem, found->arp, want);
}

static int put_slots(struct nfnl *nfnl, int adding, const char *set, const struct cip_cluster *cluster,
		     const struct bucketset *buckets)
{
	return nft_elem_put_slots(nfnl, adding, set, &cluster->addr, cluster->observed.class, buckets,
				  adding ? "adding buckets" : "removing buckets", cluster);
}

static int put_moves(struct nfnl *nfnl, const struct plan_step *step)
{
	const struct cip_cluster *want = step->want;
	int rc;

	rc = put_slots(nfnl, 0, NFT_BUCKETS, want, &step->let_del);
	if (rc == 0)
		rc = put_slots(nfnl, 0, NFT_ASSIGNED, want, &step->own_del);
	if (rc == 0)
		rc = put_slots(nfnl, 1, NFT_BUCKETS, want, &step->let_add);
	if (rc == 0)
		rc = put_slots(nfnl, 1, NFT_ASSIGNED, want, &step->own_add);
	return rc;
}

static int put_all_buckets(struct nfnl *nfnl, const struct cip_cluster *want)
{
	int rc = put_slots(nfnl, 1, NFT_BUCKETS, want, &want->buckets);

	return rc < 0 ? rc : put_slots(nfnl, 1, NFT_ASSIGNED, want, &want->buckets);
}

static int put_left_removal(struct nfnl *nfnl, const struct cip_cluster *want, const struct nft_step *found)
{
	int rc = put_slots(nfnl, 0, NFT_BUCKETS, want, &found->let);

	return rc < 0 ? rc : put_slots(nfnl, 0, NFT_ASSIGNED, want, &found->own);
}

static int put_retired(struct nfnl *nfnl, const struct plan_step *step)
{
	const struct cip_cluster *have = step->have;
	struct nft_elem note = { 0 };

	nft_elem_key_slot(&note, &have->addr, NFT_SLOT(have->observed.class, 1));
	return nft_elem_put(nfnl, 1, nft_family(&have->addr), NFT_RETIRED, &note, "retiring the old slots",
			    step->want);
}

/* What the step makes of a cluster IP: its buckets in slots, entries that lead to its rules, its record. */
static int put_cluster(struct nfnl *nfnl, const struct plan_step *step, const struct nft_step *found)
{
	int rc = put_left_removal(nfnl, step->want, found);

	if (rc == 0)
		rc = step->op == PLAN_REPAIR ? put_moves(nfnl, step) : put_all_buckets(nfnl, step->want);
	if (rc == 0)
		rc = put_entries(nfnl, step->want, found);
	if (rc == 0 && plan_step_writes(step))
		rc = put_mac(nfnl, step->want, found);
	if (rc == 0)
		rc = put_record(nfnl, step->want, step->have);
	return rc == 0 && step->op == PLAN_REHASH ? put_retired(nfnl, step) : rc;
}

static int put_slots_removal(struct nfnl *nfnl, const struct cip_cluster *have)
{
	int rc = put_slots(nfnl, 0, NFT_BUCKETS, have, &have->buckets);

	return rc < 0 ? rc : put_slots(nfnl, 0, NFT_ASSIGNED, have, &have->observed.assigned);
}

static int put_removal(struct nfnl *nfnl, const struct cip_cluster *have, const struct nft_step *found)
{
	uint8_t family = nft_family(&have->addr);
	struct nft_elem key = { 0 };
	int i, rc = 0;

	nft_elem_key_addr(&key, &have->addr);
	if (have->observed.recorded)
		rc = nft_elem_put(nfnl, 0, family, NFT_CLUSTERS, &key, "removing the record", have);
	for (i = 0; rc == 0 && i < NFT_ENTRY_MAPS; i++)
		if (found->entries[i] != ENTRY_ABSENT)
			rc = nft_elem_put(nfnl, 0, family, nft_entry_maps[i].name, &key, "removing an entry",
					  have);
	if (rc == 0)
		rc = put_slots_removal(nfnl, have);
	if (rc < 0 || found->arp == ENTRY_ABSENT)
		return rc;
	nft_elem_key_dev(&key, have->ifname, &have->addr);
	return nft_elem_put(nfnl, 0, NFT_MAC_FAMILY(family), NFT_MACS, &key, "removing an entry", have);
}

static int put_step(struct nfnl *nfnl, const struct plan_step *step, const struct nft_step *found)
{
	switch (step->op) {
	case PLAN_CREATE:
	case PLAN_REPAIR:
	case PLAN_REHASH:
		return put_cluster(nfnl, step, found);
	case PLAN_DESTROY:
	case PLAN_LEAVE:
		return put_removal(nfnl, step->have, found);
	case PLAN_BUCKETS:
		return put_moves(nfnl, step);
	}
	return 0;
}

/* The base chains as their members need them. */
static int put_base_chains(struct nfnl *nfnl, const struct nft_job *job, uint8_t family)
{
	int index = family == NFPROTO_IPV6, anew = job->family[index].op == SHARED_ANEW, rc = 0;
	const struct nft_shared *before = &job->family[index].before, *after = &job->family[index].after;

	if (anew || !nft_shortcut_same(&before->shortcut, &after->shortcut))
		rc = nft_table_put_prerouting(nfnl, family, &after->shortcut);
	if (rc == 0 && after->defragment && (anew || !before->defragment))
		rc = nft_table_put_defragment(nfnl, family);
	else if (rc == 0 && !after->defragment && job->family[index].has_defragment)
		rc = nft_table_put_chain_removal(nfnl, family, NFT_CHAIN_DEFRAGMENT, NULL);
	if (rc == 0 && after->late && (anew || !before->late))
		rc = nft_table_put_late(nfnl, family);
	else if (rc == 0 && !after->late && job->family[index].has_late)
		rc = nft_table_put_late_removal(nfnl, family);
	return rc;
}

/* All that the cluster IPs of a family have, and they with it. */
static int put_shared_removal(struct nfnl *nfnl, const struct snapshot *snapshot, uint8_t family)
{
	int rc = 0;

	if (SNAPSHOT_HAS_TABLE(snapshot, NFT_ADDR_FAMILY(family)))
		rc = nft_table_put_removal(nfnl, family);
	if (rc == 0 && family == NFPROTO_IPV4 && snapshot->has_arp)
		rc = nft_table_put_removal(nfnl, NFPROTO_ARP);
	return rc;
}

static int put_steps(struct nfnl *nfnl, const struct nft_job *job, uint8_t family)
{
	uint8_t addr_family = NFT_ADDR_FAMILY(family);
	uint32_t i;
	int rc = nft_batch_put_classes(nfnl, job->plan, addr_family);

	for (i = 0; rc == 0 && i < job->plan->count; i++)
		if (plan_step_family(&job->plan->steps[i]) == addr_family)
			rc = put_step(nfnl, &job->plan->steps[i], &job->steps[i]);
	/* when nothing leads to them any more */
	for (i = 0; rc == 0 && i < job->going_count; i++)
		if (job->going[i].family == family && !job->going[i].held)
			rc = nft_table_put_chain_removal(nfnl, family, job->going[i].chain, NULL);
	return rc;
}

static int put_family(struct nfnl *nfnl, const struct nft_job *job, uint8_t family)
{
	int index = family == NFPROTO_IPV6, rc = 0;
	enum nft_shared_op op = job->family[index].op;

	if (op == SHARED_REMOVE)
		return put_shared_removal(nfnl, job->snapshot, family);
	if (op == SHARED_ANEW)
		rc = nft_table_put(nfnl, family);
	if (rc == 0 && op != SHARED_STAYS)
		rc = put_base_chains(nfnl, job, family);
	return rc < 0 ? rc : put_steps(nfnl, job, family);
}

int nft_batch_build(struct nfnl *nfnl, const struct nft_job *job)
{
	int rc;

	rc = nfnl_begin_batch(nfnl, job->generation);
	if (rc == 0 && job->unicast)
		rc = nft_table_put_ingress(nfnl, job->unicast, job->unicast_count);
	if (rc == 0)
		rc = put_family(nfnl, job, NFPROTO_IPV4);
	return rc < 0 ? rc : put_family(nfnl, job, NFPROTO_IPV6);
}

int nft_batch_moves(struct nfnl *nfnl, const struct plan *plan, uint32_t generation)
{
	uint32_t i;
	int rc = nfnl_begin_batch(nfnl, generation);

	for (i = 0; rc == 0 && i < plan->count; i++)
		rc = put_moves(nfnl, &plan->steps[i]);
	return rc;
}

static int take_bucket(const struct nft_elem *elem, void *data)
{
	struct addr addr;

	bucketset_add(data, NFT_SLOT_BUCKET(nft_elem_slot(elem, &addr)));
	return 0;
}

int nft_batch_find(struct nfnl *nfnl, const struct retired *slots, struct bucketset *let, struct bucketset *own)
{
	int rc = nft_elem_get_slots(nfnl, NFT_BUCKETS, &slots->addr, slots->class, slots->total, take_bucket,
				    let);

	return rc < 0 ? rc
		      : nft_elem_get_slots(nfnl, NFT_ASSIGNED, &slots->addr, slots->class, slots->total,
					   take_bucket, own);
}

int nft_batch_sweep(struct nfnl *nfnl, const struct retired *retired)
{
	const struct addr *addr = &retired->addr;
	const struct nfnl_note *refused;
	struct bucketset let = { 0 }, own = { 0 };
	struct nft_elem key = { 0 };
	int rc;

	rc = nft_batch_find(nfnl, retired, &let, &own);
	/* generation 0 is any: nobody else has business with these slots but another sweeper */
	if (rc == 0)
		rc = nfnl_begin_batch(nfnl, 0);
	if (rc == 0)
		rc = nft_elem_put_slots(nfnl, 0, NFT_BUCKETS, addr, retired->class, &let, "sweeping", NULL);
	if (rc == 0)
		rc = nft_elem_put_slots(nfnl, 0, NFT_ASSIGNED, addr, retired->class, &own, "sweeping", NULL);
	nft_elem_key_slot(&key, addr, NFT_SLOT(retired->class, 1));
	if (rc == 0)
		rc = nft_elem_put(nfnl, 0, nft_family(addr), NFT_RETIRED, &key, "sweeping", NULL);
	return rc < 0 ? rc : nfnl_commit(nfnl, &refused);
}
