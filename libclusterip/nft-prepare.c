/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nft-class.h"
#include "nft-commit.h"
#include "nft-elem.h"
#include "nft-table.h"
#include "nft-verify.h"
#include "wire-rtnl.h"

static int changes_unicast(const struct plan *plan)
{
	uint32_t i;

	for (i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];

		if ((plan_step_writes(step) || !step->want) &&
		    (step->want ? step->want : step->have)->mac_mode == CIP_MAC_UNICAST)
			return 1;
	}
	return 0;
}

/* Of those that will be there, the ones in MAC mode unicast: a chain cannot hang on a device that is away. */
static int find_unicast(struct commit *commit)
{
	struct cip_cluster *const *after = commit->after.by_addr;
	struct rtnl_link link;
	uint32_t i;
	int rc;

	if (!changes_unicast(commit->plan))
		return 0;
	commit->job.unicast = malloc((commit->after.count + 1) * sizeof(*after));
	if (!commit->job.unicast)
		return -ENOMEM;
	for (i = 0; i < commit->after.count; i++) {
		if (after[i]->mac_mode != CIP_MAC_UNICAST)
			continue;
		rc = rtnl_link_get(&commit->nft->rtnl, after[i]->ifname, &link);
		if (rc == 0)
			commit->job.unicast[commit->job.unicast_count++] = after[i];
		else if (rc != -ENODEV)
			return rc;
	}
	return 0;
}

/* Does the plan have a step for that family which counts? */
static int has_step(const struct plan *plan, uint8_t addr_family, int (*counts)(const struct plan_step *step))
{
	uint32_t i;

	for (i = 0; i < plan->count; i++)
		if (plan_step_family(&plan->steps[i]) == addr_family && counts(&plan->steps[i]))
			return 1;
	return 0;
}

static int removes(const struct plan_step *step)
{
	return !step->want;
}

/* It leads packets to its rules, which is of no use where what all share does not lead them on. */
static int leads(const struct plan_step *step)
{
	return step->op == PLAN_REHASH || plan_step_writes(step);
}

/* Is anything wrong with what the cluster IPs of a family share? */
static int find_shared_faults(struct commit *commit, uint8_t family, int *ret_found)
{
	struct verify verify = { .ctx = commit->ctx, .nft = commit->nft, .snapshot = *commit->snapshot };
	int rc;

	rc = report_new(commit->ctx, &verify.report);
	if (rc < 0)
		return rc;
	rc = verify_shared(&verify, family);
	if (rc == 0)
		*ret_found = verify.report->count > 0;
	report_unref(verify.report);
	return rc;
}

/* Written without need, the counter of a shortcut would begin again. */
static int decide_shared(struct commit *commit, uint8_t addr_family)
{
	uint8_t family = addr_family == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	int index = addr_family == 6, faults = 0, rc;
	const struct plan *plan = commit->plan;
	const struct cip_list *list = commit->snapshot->list;
	struct nft_job *job = &commit->job;

	job->family[index].before = nft_shared(family, list->items, list->count);
	job->family[index].after = nft_shared(family, commit->after.by_addr, commit->after.count);
	if (has_step(plan, addr_family, removes))
		job->family[index].op = job->family[index].after.members ? SHARED_FITS : SHARED_REMOVE;
	if (!has_step(plan, addr_family, leads))
		return 0;
	rc = find_shared_faults(commit, family, &faults);
	if (!job->family[index].before.members || faults)
		job->family[index].op = SHARED_ANEW;
	else
		job->family[index].op = SHARED_FITS;
	return rc;
}
/* What is read of one table while chains are looked for that nobody needs any more. */
struct chain_search {
	struct commit *commit;
	uint8_t family;
	uint32_t first; /* of the going chains, those of this table */
};

static int take_chain(const char *name, void *data)
{
	struct chain_search *search = data;
	struct nft_job *job = &search->commit->job;
	uint32_t class = nft_chain_class(name);
	struct nft_going *going;

	job->family[search->family == NFPROTO_IPV6].has_defragment |= !strcmp(name, NFT_CHAIN_DEFRAGMENT);
	job->family[search->family == NFPROTO_IPV6].has_late |= !strcmp(name, NFT_CHAIN_LATE);
	if (!class || nft_after_has_class(&search->commit->after, NFT_ADDR_FAMILY(search->family), class))
		return 0;
	/* the array doubles whenever its size is a power of two */
	going = job->going;
	if (!(job->going_count & (job->going_count - 1)))
		going = realloc(going, (job->going_count ? job->going_count * 2 : 1) * sizeof(*going));
	if (!going)
		return -ENOMEM;
	job->going = going;
	going += job->going_count++;
	*going = (struct nft_going){ .family = search->family };
	snprintf(going->chain, sizeof(going->chain), "%s", name);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct nft_going *x = a, *y = b;

	return strcmp(x->chain, y->chain);
}

/* Entries that the plan does not remove, such as those of a record removed by hand, hold their chain. */
static int take_holder(const struct nft_elem *elem, void *data)
{
	struct chain_search *search = data;
	struct nft_job *job = &search->commit->job;
	struct addr addr = nft_elem_addr(elem);
	const struct plan_step *step = plan_index_find(&search->commit->index, &addr);
	struct nft_going key = { 0 }, *held;

	if (step && step->op != PLAN_BUCKETS)
		return 0;
	memcpy(key.chain, elem->chain, sizeof(key.chain));
	held = bsearch(&key, job->going + search->first, job->going_count - search->first, sizeof(key),
		       by_name);
	if (held)
		held->held = 1;
	return 0;
}

static int find_holders(struct chain_search *search)
{
	struct nft_job *job = &search->commit->job;
	int i, rc = 0;

	qsort(job->going + search->first, job->going_count - search->first, sizeof(*job->going), by_name);
	for (i = 0; (rc == 0 || rc == -ENOENT) && i < NFT_ENTRY_MAPS; i++)
		rc = nft_elem_dump(&search->commit->nft->nfnl, search->family, nft_entry_maps[i].name,
				   take_holder, search);
	return rc == -ENOENT ? 0 : rc;
}

static int find_going(struct commit *commit, uint8_t family)
{
	struct chain_search search = { .commit = commit, .family = family, .first = commit->job.going_count };
	int rc;

	if (!plan_has_family(commit->plan, NFT_ADDR_FAMILY(family)))
		return 0;
	rc = nft_table_read_chains(&commit->nft->nfnl, family, take_chain, &search);
	if (rc == 0 && commit->job.going_count > search.first)
		rc = find_holders(&search);
	return rc == -ENOENT ? 0 : rc;
}

static int note_orphan(const struct nft_elem *elem, void *data)
{
	(void)elem;
	*(enum entry *)data = ENTRY_WRONG;
	return 0;
}

/* Entries left of a cluster IP whose record was removed by hand, or cannot be read: its successor replaces them. */
static int find_orphans(struct nfnl *nfnl, const struct cip_cluster *about, struct nft_step *found)
{
	struct nft_elem key = { 0 };
	int i, rc = 0;

	nft_elem_key_addr(&key, &about->addr);
	for (i = 0; rc == 0 && i < NFT_ENTRY_MAPS; i++)
		rc = nft_elem_get(nfnl, nft_family(&about->addr), nft_entry_maps[i].name, &key, note_orphan,
				  &found->entries[i]);
	if (rc < 0 || !CLUSTER_HAS(about, CIP_ATTR_IFNAME))
		return rc;
	nft_elem_key_dev(&key, about->ifname, &about->addr);
	return nft_elem_get(nfnl, nft_mac_family(&about->addr), NFT_MACS, &key, note_orphan, &found->arp);
}

/* What leads to the chains of the class that the cluster IP leaves leads to the wrong ones. */
static enum entry entry_after(enum entry is, const struct plan_step *step)
{
	return is == ENTRY_RIGHT && nft_class_moves(step) ? ENTRY_WRONG : is;
}

static int find_entries(struct nfnl *nfnl, const struct plan_step *step, struct nft_step *found)
{
	const struct cip_cluster *have = step->have;
	int i;

	if (!have || !have->observed.recorded || !CLUSTER_HAS(have, CIP_ATTR_TOTAL))
		return find_orphans(nfnl, step->want ? step->want : have, found);
	for (i = 0; i < NFT_ENTRY_MAPS; i++)
		found->entries[i] = entry_after(have->observed.entries[i], step);
	found->arp = have->observed.arp;
	return 0;
}

/* Slots that somebody left would come to life with the cluster IP. */
static int find_left(struct nfnl *nfnl, const struct snapshot *snapshot, const struct plan_step *step,
		     struct nft_step *found)
{
	const struct cip_cluster *want = step->want;

	if (!nft_class_moves(step) || (snapshot->complete && !snapshot->strays))
		return 0;
	return nft_batch_find(nfnl, &(struct retired){ want->addr, want->observed.class, want->total },
			      &found->let, &found->own);
}

static int find_there(struct commit *commit)
{
	struct nfnl *nfnl = &commit->nft->nfnl;
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < commit->plan->count; i++) {
		rc = find_entries(nfnl, &commit->plan->steps[i], &commit->job.steps[i]);
		if (rc == 0)
			rc = find_left(nfnl, commit->snapshot, &commit->plan->steps[i], &commit->job.steps[i]);
	}
	return rc;
}

static int read_ruleset(struct commit *commit)
{
	int rc;

	rc = nft_after_read(&commit->after, commit->plan, &commit->index, commit->snapshot);
	if (rc == 0)
		rc = find_unicast(commit);
	if (rc == 0)
		rc = decide_shared(commit, 4);
	if (rc == 0)
		rc = decide_shared(commit, 6);
	if (rc == 0)
		rc = find_going(commit, NFPROTO_IPV4);
	if (rc == 0)
		rc = find_going(commit, NFPROTO_IPV6);
	return rc < 0 ? rc : find_there(commit);
}

int commit_prepare(struct commit *commit)
{
	int rc = commit_find_devices(commit);

	if (rc < 0)
		return rc;
	rc = read_ruleset(commit);
	if (rc == -EINTR || rc == -ENOBUFS)
		return -ERESTART;
	return rc < 0 ? commit_failed(commit, &commit->nft->nfnl.nl, rc, NULL, "reading the ruleset") : 0;
}
