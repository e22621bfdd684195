/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <string.h>

#include "macro.h"
#include "nft-batch.h"
#include "nft-elem.h"
#include "nft-record.h"
#include "nft-rule.h"
#include "nft-table.h"

typedef const char *chain_name(uint32_t range, char buf[NFT_CHAIN_NAME_MAX]);

/* In place of what there is, if anything. */
static int put_rules(struct nfnl *nfnl, const struct cip_cluster *want, const struct nft_handles *old)
{
	uint8_t family = nft_family(&want->addr);
	struct nftnl_rule *rules[NFT_RULES_MAX];
	char chain[NFT_CHAIN_NAME_MAX];
	uint32_t i;
	int rc;

	rc = nft_table_put_chain(nfnl, family, nft_chain_name(want->observed.range, chain), want);
	if (rc == 0)
		rc = nft_table_put_chain(nfnl, family, nft_error_chain_name(want->observed.range, chain), want);
	for (i = 0; rc == 0 && i < old->count; i++)
		rc = nft_table_put_rule_removal(nfnl, family, old->items[i].chain, old->items[i].number, want);
	if (rc == 0)
		rc = nft_table_put_rules(nfnl, family, rules, nft_rules_cluster(want, rules), want);
	return rc < 0 ? rc : nft_table_put_rules(nfnl, family, rules, nft_rules_errors(want, rules), want);
}

static int put_record(struct nfnl *nfnl, const struct cip_cluster *want, const struct cip_cluster *have)
{
	uint8_t family = nft_family(&want->addr);
	struct nft_elem elem = { 0 };
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

static int put_dispatch(struct nfnl *nfnl, const struct cip_cluster *want, const struct cip_cluster *have)
{
	const struct observed *is = &(have ? have : want)->observed;
	uint8_t family = nft_family(&want->addr);
	struct nft_elem elem = { 0 };
	int rc;

	nft_elem_key_addr(&elem, &want->addr);
	nft_chain_name(want->observed.range, elem.chain);
	rc = put_entry(nfnl, family, nft_addresses_map(want), &elem, is->dispatch, want);
	if (rc < 0)
		return rc;
	nft_error_chain_name(want->observed.range, elem.chain);
	return put_entry(nfnl, family, nft_errors_map(want), &elem, is->errors, want);
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

static int put_moves(struct nfnl *nfnl, const struct plan_step *step)
{
	const struct cip_cluster *want = step->want;
	uint32_t range = want->observed.range;
	int rc;

	rc = nft_elem_put_slots(nfnl, 0, NFT_BUCKETS, want, range, &step->let_del, "removing buckets");
	if (rc == 0)
		rc = nft_elem_put_slots(nfnl, 0, NFT_ASSIGNED, want, range, &step->own_del, "removing buckets");
	if (rc == 0)
		rc = nft_elem_put_slots(nfnl, 1, NFT_BUCKETS, want, range, &step->let_add, "adding buckets");
	if (rc == 0)
		rc = nft_elem_put_slots(nfnl, 1, NFT_ASSIGNED, want, range, &step->own_add, "adding buckets");
	return rc;
}

static int put_all_buckets(struct nfnl *nfnl, const struct cip_cluster *want)
{
	uint32_t range = want->observed.range;
	int rc;

	rc = nft_elem_put_slots(nfnl, 1, NFT_BUCKETS, want, range, &want->buckets, "adding buckets");
	return rc < 0 ? rc
		      : nft_elem_put_slots(nfnl, 1, NFT_ASSIGNED, want, range, &want->buckets,
					   "adding buckets");
}

static int put_creation(struct nfnl *nfnl, const struct plan_step *step, const struct nft_handles *old)
{
	int rc;

	rc = put_rules(nfnl, step->want, old);
	if (rc == 0)
		rc = put_dispatch(nfnl, step->want, step->have);
	if (rc == 0)
		rc = put_mac(nfnl, step->want, step->have);
	if (rc == 0)
		rc = put_record(nfnl, step->want, step->have);
	if (rc == 0)
		rc = step->op == PLAN_REPAIR ? put_moves(nfnl, step) : put_all_buckets(nfnl, step->want);
	return rc;
}

static int put_rehash(struct nfnl *nfnl, const struct plan_step *step, const struct nft_handles *old)
{
	struct nft_elem note = { 0 };
	int rc;

	nft_elem_key_slot(&note, NFT_SLOT(step->have->observed.range, 1));
	addr_format(&step->want->addr, note.comment);
	rc = put_all_buckets(nfnl, step->want);
	if (rc == 0)
		rc = put_rules(nfnl, step->want, old);
	if (rc == 0)
		rc = put_record(nfnl, step->want, step->have);
	if (rc == 0)
		rc = nft_elem_put(nfnl, 1, nft_family(&step->want->addr), NFT_RETIRED, &note,
				  "retiring the old range", step->want);
	return rc;
}

static int put_slots_removal(struct nfnl *nfnl, const struct cip_cluster *have)
{
	uint32_t range = have->observed.range;
	int rc;

	rc = nft_elem_put_slots(nfnl, 0, NFT_BUCKETS, have, range, &have->buckets, "removing buckets");
	return rc < 0 ? rc
		      : nft_elem_put_slots(nfnl, 0, NFT_ASSIGNED, have, range, &have->observed.assigned,
					   "removing buckets");
}

static int in_chain(const struct cip_cluster *cluster, const struct cip_cluster *other, const char *chain,
		    chain_name *name)
{
	char its[NFT_CHAIN_NAME_MAX];

	return cluster->addr.family == other->addr.family && cluster->observed.range &&
	       !strcmp(name(cluster->observed.range, its), chain);
}

/* Is a chain of a cluster IP that goes needed by another one, if only until a later step? */
static int chain_is_shared(const struct nft_job *job, const struct plan_step *going, const char *chain,
			   chain_name *name)
{
	const struct cip_list *list = job->snapshot->list;
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		const struct plan_step *step;

		if (!in_chain(list->items[i], going->have, chain, name))
			continue;
		step = plan_find(job->plan, &list->items[i]->addr);
		if (!step || step->want || step > going)
			return 1;
	}
	for (i = 0; i < job->plan->count; i++) {
		const struct cip_cluster *want = job->plan->steps[i].want;

		if (want && in_chain(want, going->have, chain, name))
			return 1;
	}
	return 0;
}

/* The rules go first: what else is in the chain goes with it. */
static int put_rules_removal(struct nfnl *nfnl, const struct nft_job *job, const struct plan_step *step,
			     const struct nft_handles *old)
{
	static chain_name *const names[] = { nft_chain_name, nft_error_chain_name };
	const struct cip_cluster *have = step->have;
	uint8_t family = nft_family(&have->addr);
	char chain[NFT_CHAIN_NAME_MAX];
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < old->count; i++)
		rc = nft_table_put_rule_removal(nfnl, family, old->items[i].chain, old->items[i].number, have);
	for (i = 0; rc == 0 && have->observed.range && i < ARRAY_SIZE(names); i++)
		if (!chain_is_shared(job, step, names[i](have->observed.range, chain), names[i]))
			rc = nft_table_put_chain_removal(nfnl, family, chain, have);
	return rc;
}

static int put_removal(struct nfnl *nfnl, const struct nft_job *job, const struct plan_step *step,
		       const struct nft_handles *old)
{
	const struct cip_cluster *have = step->have;
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
		rc = put_rules_removal(nfnl, job, step, old);
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

	switch (step->op) {
	case PLAN_CREATE:
	case PLAN_REPAIR:
		return put_creation(nfnl, step, &job->handles[i]);
	case PLAN_REHASH:
		return put_rehash(nfnl, step, &job->handles[i]);
	case PLAN_DESTROY:
	case PLAN_LEAVE:
		return put_removal(nfnl, job, step, &job->handles[i]);
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

/* Written without need, the counters of its shortcuts would begin again. */
static int put_base_chains(struct nfnl *nfnl, const struct nft_job *job, uint8_t family, int anew)
{
	const struct cip_list *list = job->snapshot->list;
	const struct nft_shared *after = &job->shared[family == NFPROTO_IPV6];
	struct nft_shared before = nft_shared(family, list->items, list->count);
	int rc = 0;

	if (anew || memcmp(&before.shortcuts, &after->shortcuts, sizeof(before.shortcuts)))
		rc = nft_table_put_prerouting(nfnl, family, &after->shortcuts);
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

int nft_batch_build(struct nfnl *nfnl, const struct nft_job *job)
{
	static const uint8_t families[] = { 4, 6 };
	uint32_t f, i;
	int rc, gone;

	rc = nfnl_begin_batch(nfnl, job->snapshot->generation);
	if (rc == 0 && job->unicast)
		rc = nft_table_put_ingress(nfnl, job->unicast, job->unicast_count);
	for (f = 0; rc == 0 && f < ARRAY_SIZE(families); f++) {
		gone = put_shared(nfnl, job, families[f]);
		if (gone < 0)
			return gone;
		for (i = 0; rc == 0 && !gone && i < job->plan->count; i++)
			if (plan_step_family(&job->plan->steps[i]) == families[f])
				rc = put_step(nfnl, job, i);
	}
	return rc;
}

struct sweeping {
	struct bucketset let, own;
};

static int take_let(const struct nft_elem *elem, void *data)
{
	bucketset_add(&((struct sweeping *)data)->let, NFT_SLOT_BUCKET(nft_elem_slot(elem)));
	return 0;
}

static int take_own(const struct nft_elem *elem, void *data)
{
	bucketset_add(&((struct sweeping *)data)->own, NFT_SLOT_BUCKET(nft_elem_slot(elem)));
	return 0;
}

int nft_batch_sweep(struct nfnl *nfnl, const struct addr *addr, const struct retired *retired)
{
	uint32_t first = NFT_SLOT(retired->range, 1), last = NFT_SLOT(retired->range, retired->total);
	uint8_t family = retired->family == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	struct cip_cluster nobody = { .addr = *addr };
	struct sweeping sweeping = { 0 };
	const struct nfnl_note *refused;
	struct nft_elem key = { 0 };
	int rc;

	rc = nft_elem_get_slots(nfnl, family, NFT_BUCKETS, first, last, take_let, &sweeping);
	if (rc == 0)
		rc = nft_elem_get_slots(nfnl, family, NFT_ASSIGNED, first, last, take_own, &sweeping);
	/* generation 0 is any: nobody else has business with these slots but another sweeper */
	if (rc == 0)
		rc = nfnl_begin_batch(nfnl, 0);
	if (rc == 0)
		rc = nft_elem_put_slots(nfnl, 0, NFT_BUCKETS, &nobody, retired->range, &sweeping.let,
					"sweeping");
	if (rc == 0)
		rc = nft_elem_put_slots(nfnl, 0, NFT_ASSIGNED, &nobody, retired->range, &sweeping.own,
					"sweeping");
	nft_elem_key_slot(&key, first);
	if (rc == 0)
		rc = nft_elem_put(nfnl, 0, family, NFT_RETIRED, &key, "sweeping", NULL);
	return rc < 0 ? rc : nfnl_commit(nfnl, &refused);
}
