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
#include "wire-rtnl.h"

static int by_address(const void *a, const void *b)
{
	const struct cip_cluster *const *x = a, *const *y = b;

	return addr_compare(&(*x)->addr, &(*y)->addr);
}

static int changes_unicast(const struct plan *plan)
{
	uint32_t i;

	for (i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];

		if (step->op != PLAN_REHASH && step->op != PLAN_BUCKETS &&
		    (step->want ? step->want : step->have)->mac_mode == CIP_MAC_UNICAST)
			return 1;
	}
	return 0;
}

/* Of those that will be there, the ones in MAC mode unicast: a chain cannot hang on a device that is away. */
static int find_unicast(struct commit *commit)
{
	struct cip_cluster **after = commit->after;
	struct rtnl_link link;
	uint32_t i;
	int rc;

	if (!changes_unicast(commit->plan))
		return 0;
	commit->job.unicast = malloc((commit->after_count + 1) * sizeof(*after));
	if (!commit->job.unicast)
		return -ENOMEM;
	for (i = 0; i < commit->after_count; i++) {
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

/* The cluster IPs that there will be once the plan is done, in order. */
static int find_after(struct commit *commit)
{
	const struct cip_list *list = commit->snapshot->list;
	const struct plan *plan = commit->plan;
	struct cip_cluster **after = malloc((list->count + plan->count + 1) * sizeof(*after));
	uint32_t i, count = 0;

	if (!after)
		return -ENOMEM;
	for (i = 0; i < list->count; i++)
		if (!plan_find(plan, &list->items[i]->addr))
			after[count++] = list->items[i];
	for (i = 0; i < plan->count; i++)
		if (plan->steps[i].want)
			after[count++] = plan->steps[i].want;
	qsort(after, count, sizeof(after[0]), by_address);
	commit->after = after;
	commit->after_count = count;
	commit->job.shared[0] = nft_shared(NFPROTO_IPV4, after, count);
	commit->job.shared[1] = nft_shared(NFPROTO_IPV6, after, count);
	return 0;
}

/* What is read of one table while chains are looked for that nobody needs any more. */
struct chain_search {
	struct commit *commit;
	uint8_t family;
	int late; /* the map being read is one of outgoing cluster IPs */
};

static int take_chain(const char *name, void *data)
{
	struct chain_search *search = data;
	const struct commit *commit = search->commit;
	struct nft_job *job = &search->commit->job;
	uint32_t class = nft_chain_class(name);
	struct nft_going *going;

	if (!class ||
	    nft_class_has_member(NFT_ADDR_FAMILY(search->family), class, commit->after, commit->after_count))
		return 0;
	going = realloc(job->going, (job->going_count + 1) * sizeof(*going));
	if (!going)
		return -ENOMEM;
	job->going = going;
	going += job->going_count++;
	going->family = search->family;
	snprintf(going->chain, sizeof(going->chain), "%s", name);
	return 0;
}

/* Entries that the plan does not remove, such as those of a record removed by hand, hold their chain. */
static int take_holder(const struct nft_elem *elem, void *data)
{
	struct chain_search *search = data;
	struct nft_job *job = &search->commit->job;
	struct addr addr = nft_elem_addr(elem);
	const struct plan_step *step = plan_find(search->commit->plan, &addr);
	uint32_t i, kept = 0;

	if (step && (step->have ? step->have : step->want)->outgoing == search->late)
		return 0;
	for (i = 0; i < job->going_count; i++)
		if (job->going[i].family != search->family || strcmp(job->going[i].chain, elem->chain))
			job->going[kept++] = job->going[i];
	job->going_count = kept;
	return 0;
}

static int find_holders(struct chain_search *search)
{
	int i, rc = 0;

	for (i = 0; (rc == 0 || rc == -ENOENT) && i < NFT_ENTRY_MAPS; i++) {
		search->late = nft_entry_maps[i].late;
		rc = nft_elem_dump(&search->commit->nft->nfnl, search->family, nft_entry_maps[i].name,
				   take_holder, search);
	}
	return rc == -ENOENT ? 0 : rc;
}

static int find_going(struct commit *commit, uint8_t family)
{
	struct chain_search search = { commit, family, 0 };
	uint32_t before = commit->job.going_count;
	int rc;

	if (!plan_has_family(commit->plan, NFT_ADDR_FAMILY(family)))
		return 0;
	rc = nft_table_read_chains(&commit->nft->nfnl, family, take_chain, &search);
	if (rc == 0 && commit->job.going_count > before)
		rc = find_holders(&search);
	return rc == -ENOENT ? 0 : rc;
}

/* They would come to life with the cluster IP. */
static int find_left(struct commit *commit)
{
	const struct snapshot *snapshot = commit->snapshot;
	uint32_t i;
	int rc = 0;

	if (snapshot->complete && !snapshot->strays)
		return 0;
	commit->job.left = calloc(commit->plan->count, sizeof(*commit->job.left));
	if (!commit->job.left)
		return -ENOMEM;
	for (i = 0; rc == 0 && i < commit->plan->count; i++) {
		const struct plan_step *step = &commit->plan->steps[i];
		const struct cip_cluster *want = step->want;

		if (nft_class_moves(step))
			rc = nft_batch_find(&commit->nft->nfnl,
					    &(struct retired){ want->addr, want->observed.class, want->total },
					    &commit->job.left[i]);
	}
	return rc;
}

static int note_orphan(const struct nft_elem *elem, void *data)
{
	(void)elem;
	*(enum entry *)data = ENTRY_WRONG;
	return 0;
}

/* Entries left of a cluster IP whose record was removed by hand: its successor replaces them. */
static int find_orphans(struct commit *commit)
{
	struct nfnl *nfnl = &commit->nft->nfnl;
	struct nft_elem key = { 0 };
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < commit->plan->count; i++) {
		struct cip_cluster *want = commit->plan->steps[i].want;

		if (commit->plan->steps[i].op != PLAN_CREATE)
			continue;
		want->observed.dispatch = ENTRY_ABSENT;
		want->observed.errors = ENTRY_ABSENT;
		want->observed.arp = ENTRY_ABSENT;
		nft_elem_key_addr(&key, &want->addr);
		rc = nft_elem_get(nfnl, nft_family(&want->addr), nft_addresses_map(want), &key, note_orphan,
				  &want->observed.dispatch);
		if (rc == 0)
			rc = nft_elem_get(nfnl, nft_family(&want->addr), nft_errors_map(want), &key,
					  note_orphan, &want->observed.errors);
		if (rc < 0)
			break;
		nft_elem_key_dev(&key, want->ifname, &want->addr);
		rc = nft_elem_get(nfnl, nft_mac_family(&want->addr), NFT_MACS, &key, note_orphan,
				  &want->observed.arp);
	}
	return rc;
}

int commit_prepare(struct commit *commit)
{
	int rc;

	rc = commit_find_devices(commit);
	if (rc < 0)
		return rc;
	rc = find_after(commit);
	if (rc == 0)
		rc = find_unicast(commit);
	if (rc == 0)
		rc = find_going(commit, NFPROTO_IPV4);
	if (rc == 0)
		rc = find_going(commit, NFPROTO_IPV6);
	if (rc == 0)
		rc = find_left(commit);
	if (rc == 0)
		rc = find_orphans(commit);
	if (rc == -EINTR || rc == -ENOBUFS)
		return -ERESTART;
	return rc < 0 ? commit_failed(commit, &commit->nft->nfnl.nl, rc, NULL, "reading the ruleset") : 0;
}
