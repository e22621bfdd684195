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

/* What leads to the chains of the class that the cluster IP leaves leads to the wrong ones. */
static enum entry entry_after(enum entry is, const struct plan_step *step)
{
	return is == ENTRY_RIGHT && nft_class_moves(step) ? ENTRY_WRONG : is;
}

static int put_dispatch(struct nfnl *nfnl, const struct plan_step *step)
{
	const struct cip_cluster *want = step->want;
	const struct observed *is = &(step->have ? step->have : want)->observed;
	uint8_t family = nft_family(&want->addr);
	struct nft_elem elem = { 0 };
	int rc;

	nft_elem_key_addr(&elem, &want->addr);
	nft_chain_name(want->observed.class, elem.chain);
	rc = put_entry(nfnl, family, nft_addresses_map(want), &elem, entry_after(is->dispatch, step), want);
	if (rc < 0)
		return rc;
	nft_error_chain_name(want->observed.class, elem.chain);
	return put_entry(nfnl, family, nft_errors_map(want), &elem, entry_after(is->errors, step), want);
}

static int put_mac(struct nfnl *nfnl, const struct cip_cluster *want, const struct cip_cluster *have)
{
	struct nft_elem elem = { 0 };

	nft_elem_key_dev(&elem, want->ifname, &want->addr);
	elem.data_len = sizeof(want->mac);
	memcpy(elem.data, want->mac, sizeof(want->mac));
	return put_entry(nfnl, nft_mac_family(&want->addr), NFT_MACS, &elem, (have ? have : want)->observed.arp,
			 want);
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

static int put_left_removal(struct nfnl *nfnl, const struct cip_cluster *want, const struct nft_left *left)
{
	int rc;

	if (!left)
		return 0;
	rc = put_slots(nfnl, 0, NFT_BUCKETS, want, &left->let);
	return rc < 0 ? rc : put_slots(nfnl, 0, NFT_ASSIGNED, want, &left->own);
}

static int put_creation(struct nfnl *nfnl, const struct plan_step *step)
{
	int rc;

	rc = put_dispatch(nfnl, step);
	if (rc == 0)
		rc = put_mac(nfnl, step->want, step->have);
	if (rc == 0)
		rc = put_record(nfnl, step->want, step->have);
	if (rc == 0)
		rc = step->op == PLAN_REPAIR ? put_moves(nfnl, step) : put_all_buckets(nfnl, step->want);
	return rc;
}

static int put_rehash(struct nfnl *nfnl, const struct plan_step *step)
{
	const struct cip_cluster *have = step->have;
	struct nft_elem note = { 0 };
	int rc;

	rc = put_all_buckets(nfnl, step->want);
	if (rc == 0)
		rc = put_dispatch(nfnl, step);
	if (rc == 0)
		rc = put_record(nfnl, step->want, have);
	if (rc < 0)
		return rc;
	nft_elem_key_slot(&note, &have->addr, NFT_SLOT(have->observed.class, 1));
	return nft_elem_put(nfnl, 1, nft_family(&have->addr), NFT_RETIRED, &note, "retiring the old slots",
			    step->want);
}

static int put_slots_removal(struct nfnl *nfnl, const struct cip_cluster *have)
{
	int rc = put_slots(nfnl, 0, NFT_BUCKETS, have, &have->buckets);

	return rc < 0 ? rc : put_slots(nfnl, 0, NFT_ASSIGNED, have, &have->observed.assigned);
}

static int put_removal(struct nfnl *nfnl, const struct cip_cluster *have)
{
	uint8_t family = nft_family(&have->addr);
	struct nft_elem key = { 0 };
	int rc = 0;

	nft_elem_key_addr(&key, &have->addr);
	if (have->observed.recorded)
		rc = nft_elem_put(nfnl, 0, family, NFT_CLUSTERS, &key, "removing the record", have);
	if (rc == 0 && have->observed.dispatch != ENTRY_ABSENT)
		rc = nft_elem_put(nfnl, 0, family, nft_addresses_map(have), &key, "removing an entry", have);
	if (rc == 0 && have->observed.errors != ENTRY_ABSENT)
		rc = nft_elem_put(nfnl, 0, family, nft_errors_map(have), &key, "removing an entry", have);
	if (rc == 0)
		rc = put_slots_removal(nfnl, have);
	if (rc < 0 || have->observed.arp == ENTRY_ABSENT)
		return rc;
	nft_elem_key_dev(&key, have->ifname, &have->addr);
	return nft_elem_put(nfnl, 0, NFT_MAC_FAMILY(family), NFT_MACS, &key, "removing an entry", have);
}

static int put_step(struct nfnl *nfnl, const struct nft_job *job, uint32_t i)
{
	const struct plan_step *step = &job->plan->steps[i];
	int rc = step->want ? put_left_removal(nfnl, step->want, job->left ? &job->left[i] : NULL) : 0;

	if (rc < 0)
		return rc;
	switch (step->op) {
	case PLAN_CREATE:
	case PLAN_REPAIR:
		return put_creation(nfnl, step);
	case PLAN_REHASH:
		return put_rehash(nfnl, step);
	case PLAN_DESTROY:
	case PLAN_LEAVE:
		return put_removal(nfnl, step->have);
	case PLAN_BUCKETS:
		return put_moves(nfnl, step);
	}
	return 0;
}

/* How many steps of the plan are of that kind, for a family? */
static uint32_t count_op(const struct plan *plan, uint8_t family, enum plan_op op)
{
	uint32_t i, count = 0;

	for (i = 0; i < plan->count; i++)
		count += plan->steps[i].op == op && plan_step_family(&plan->steps[i]) == family;
	return count;
}

/* Does a step find rules of a cluster IP whose record is gone? */
static int finds_traces(const struct plan_step *step)
{
	if (step->have)
		return !step->have->observed.recorded;
	return step->want->observed.dispatch != ENTRY_ABSENT;
}

static int finds_any_traces(const struct nft_job *job, uint8_t family)
{
	uint32_t i;

	for (i = 0; i < job->plan->count; i++)
		if (plan_step_family(&job->plan->steps[i]) == family && finds_traces(&job->plan->steps[i]))
			return 1;
	return 0;
}

/* Written without need, the counter of its shortcut would begin again. */
static int put_base_chains(struct nfnl *nfnl, const struct nft_job *job, uint8_t family, int anew)
{
	const struct cip_list *list = job->snapshot->list;
	const struct nft_shared *after = &job->shared[family == NFPROTO_IPV6];
	struct nft_shared before = nft_shared(family, list->items, list->count);
	int rc = 0;

	if (anew || !nft_shortcut_same(&before.shortcut, &after->shortcut))
		rc = nft_table_put_prerouting(nfnl, family, &after->shortcut);
	if (rc == 0 && after->defragment && (anew || !before.defragment))
		rc = nft_table_put_defragment(nfnl, family);
	else if (rc == 0 && !after->defragment && before.defragment)
		rc = nft_table_put_chain_removal(nfnl, family, NFT_CHAIN_DEFRAGMENT, NULL);
	if (rc == 0 && after->late && (anew || !before.late))
		rc = nft_table_put_late(nfnl, family);
	else if (rc == 0 && !after->late && before.late)
		rc = nft_table_put_late_removal(nfnl, family);
	return rc;
}

/* Before the steps: what cluster IPs of a family share. Returns 1 if all of it goes, and its steps with it. */
static int put_shared(struct nfnl *nfnl, const struct nft_job *job, uint8_t addr_family)
{
	uint8_t family = addr_family == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	int has_table = SNAPSHOT_HAS_TABLE(job->snapshot, addr_family), rc = 0;
	int makes =
		count_op(job->plan, addr_family, PLAN_CREATE) || count_op(job->plan, addr_family, PLAN_REPAIR);
	int removes =
		count_op(job->plan, addr_family, PLAN_DESTROY) || count_op(job->plan, addr_family, PLAN_LEAVE);

	if (removes && !job->shared[addr_family == 6].members) {
		if (has_table)
			rc = nft_table_put_removal(nfnl, family);
		if (rc == 0 && family == NFPROTO_IPV4 && job->snapshot->has_arp)
			rc = nft_table_put_removal(nfnl, NFPROTO_ARP);
		return rc < 0 ? rc : 1;
	}
	if (makes)
		rc = nft_table_put(nfnl, family);
	if (rc < 0 || !(makes || removes || count_op(job->plan, addr_family, PLAN_REHASH)))
		return rc;
	return put_base_chains(nfnl, job, family,
			       !has_table || count_op(job->plan, addr_family, PLAN_REPAIR) ||
				       finds_any_traces(job, addr_family));
}

static int put_family(struct nfnl *nfnl, const struct nft_job *job, uint8_t addr_family)
{
	uint32_t i;
	int rc = put_shared(nfnl, job, addr_family);

	if (rc)
		return rc < 0 ? rc : 0;
	rc = nft_batch_put_classes(nfnl, job->plan, addr_family);
	for (i = 0; rc == 0 && i < job->plan->count; i++)
		if (plan_step_family(&job->plan->steps[i]) == addr_family)
			rc = put_step(nfnl, job, i);
	/* when nothing leads to them any more */
	for (i = 0; rc == 0 && i < job->going_count; i++)
		if (NFT_ADDR_FAMILY(job->going[i].family) == addr_family)
			rc = nft_table_put_chain_removal(nfnl, job->going[i].family, job->going[i].chain, NULL);
	return rc;
}

int nft_batch_build(struct nfnl *nfnl, const struct nft_job *job)
{
	int rc;

	rc = nfnl_begin_batch(nfnl, job->generation);
	if (rc == 0 && job->unicast)
		rc = nft_table_put_ingress(nfnl, job->unicast, job->unicast_count);
	if (rc == 0)
		rc = put_family(nfnl, job, 4);
	return rc < 0 ? rc : put_family(nfnl, job, 6);
}

static int take_bucket(const struct nft_elem *elem, void *data)
{
	struct addr addr;

	bucketset_add(data, NFT_SLOT_BUCKET(nft_elem_slot(elem, &addr)));
	return 0;
}

int nft_batch_find(struct nfnl *nfnl, const struct retired *slots, struct nft_left *left)
{
	int rc = nft_elem_get_slots(nfnl, NFT_BUCKETS, &slots->addr, slots->class, slots->total, take_bucket,
				    &left->let);

	return rc < 0 ? rc
		      : nft_elem_get_slots(nfnl, NFT_ASSIGNED, &slots->addr, slots->class, slots->total,
					   take_bucket, &left->own);
}

int nft_batch_sweep(struct nfnl *nfnl, const struct retired *retired)
{
	const struct addr *addr = &retired->addr;
	const struct nfnl_note *refused;
	struct nft_left left = { 0 };
	struct nft_elem key = { 0 };
	int rc;

	rc = nft_batch_find(nfnl, retired, &left);
	/* generation 0 is any: nobody else has business with these slots but another sweeper */
	if (rc == 0)
		rc = nfnl_begin_batch(nfnl, 0);
	if (rc == 0)
		rc = nft_elem_put_slots(nfnl, 0, NFT_BUCKETS, addr, retired->class, &left.let, "sweeping",
					NULL);
	if (rc == 0)
		rc = nft_elem_put_slots(nfnl, 0, NFT_ASSIGNED, addr, retired->class, &left.own, "sweeping",
					NULL);
	nft_elem_key_slot(&key, addr, NFT_SLOT(retired->class, 1));
	if (rc == 0)
		rc = nft_elem_put(nfnl, 0, nft_family(addr), NFT_RETIRED, &key, "sweeping", NULL);
	return rc < 0 ? rc : nfnl_commit(nfnl, &refused);
}
