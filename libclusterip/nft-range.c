/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>

#include "nft-elem.h"
#include "nft-range.h"

/* What is known of the ranges of one chain. */
struct block {
	uint8_t family; /* 4 or 6 */
	uint32_t number;
	uint32_t used; /* bit for each of its ranges */
	uint32_t members;
};

static void note(struct block *block, uint8_t family, uint32_t range, int member)
{
	if (family != block->family || !range || NFT_CHAIN_NUMBER(range) != block->number)
		return;
	block->used |= 1u << range % NFT_RANGES_PER_CHAIN;
	block->members += (uint32_t)member;
}

/* planned: steps before this one have their ranges already */
static struct block look_at(uint32_t number, const struct plan *plan, uint32_t planned,
			    const struct snapshot *snapshot)
{
	uint8_t family = plan->steps[planned].want->addr.family;
	struct block block = { .family = family,
			       .number = number,
			       .used = number == 0 }; /* there is no range 0 */
	uint32_t i;

	for (i = 0; i < snapshot->list->count; i++)
		note(&block, snapshot->list->items[i]->addr.family, snapshot->list->items[i]->observed.range,
		     1);
	for (i = 0; i < snapshot->retired_count; i++)
		note(&block, snapshot->retired[i].family, snapshot->retired[i].range, 0);
	for (i = 0; i < planned; i++)
		if (plan->steps[i].want)
			note(&block, plan->steps[i].want->addr.family, plan->steps[i].want->observed.range,
			     plan->steps[i].op == PLAN_CREATE);
	return block;
}

static int count_elem(const struct nft_elem *elem, void *data)
{
	(void)elem;
	++*(uint32_t *)data;
	return 0;
}

/* Slots that somebody left in a range, such as those of a record removed by hand, would come to life in it. */
static int is_clean(struct nfnl *nfnl, const struct snapshot *snapshot, const struct block *block,
		    uint32_t range, uint32_t total, int *ret_clean)
{
	uint32_t first = NFT_SLOT(range, 1), last = NFT_SLOT(range, total), there = 0;
	uint8_t family = block->family == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	int rc = 0;

	if (snapshot->complete && !snapshot->strays) {
		*ret_clean = 1;
		return 0;
	}
	rc = nft_elem_get_slots(nfnl, family, NFT_BUCKETS, first, last, count_elem, &there);
	if (rc == 0)
		rc = nft_elem_get_slots(nfnl, family, NFT_ASSIGNED, first, last, count_elem, &there);
	*ret_clean = !there;
	return rc;
}

/* A free range of the block: *ret_range, 0 if there is none. */
static int pick(struct nfnl *nfnl, const struct block *block, const struct snapshot *snapshot, uint32_t total,
		uint32_t *ret_range)
{
	uint32_t i, range;
	int rc = 0, clean = 0;

	*ret_range = 0;
	for (i = 0; rc == 0 && !clean && i < NFT_RANGES_PER_CHAIN; i++) {
		range = block->number * NFT_RANGES_PER_CHAIN + i;
		if (block->used >> i & 1 || range > NFT_RANGE_MAX)
			continue;
		rc = is_clean(nfnl, snapshot, block, range, total, &clean);
		if (rc == 0 && clean)
			*ret_range = range;
	}
	return rc;
}

static uint32_t higher(uint32_t highest, uint8_t family, const struct cip_cluster *cluster)
{
	return cluster->addr.family == family && cluster->observed.range > highest ? cluster->observed.range
										   : highest;
}

static uint32_t highest_block(const struct plan *plan, uint32_t planned, const struct snapshot *snapshot)
{
	uint8_t family = plan->steps[planned].want->addr.family;
	uint32_t i, highest = 0;

	for (i = 0; i < snapshot->list->count; i++)
		highest = higher(highest, family, snapshot->list->items[i]);
	for (i = 0; i < planned; i++)
		if (plan->steps[i].want)
			highest = higher(highest, family, plan->steps[i].want);
	return NFT_CHAIN_NUMBER(highest);
}

/* In the highest chain if it has room, else in the next one; from the bottom when the top is reached. */
static int assign_new(struct nfnl *nfnl, struct plan *plan, uint32_t i, const struct snapshot *snapshot)
{
	const uint32_t chains = NFT_CHAIN_NUMBER(NFT_RANGE_MAX) + 1;
	struct cip_cluster *want = plan->steps[i].want;
	uint32_t number = highest_block(plan, i, snapshot), tries;
	struct block block;
	int rc;

	for (tries = 0; tries < chains; tries++, number = (number + 1) % chains) {
		block = look_at(number, plan, i, snapshot);
		if (block.members >= NFT_CLUSTERS_PER_CHAIN)
			continue;
		rc = pick(nfnl, &block, snapshot, want->total, &want->observed.range);
		if (rc < 0 || want->observed.range)
			return rc;
	}
	return -ENOSPC;
}

static int assign_next(struct nfnl *nfnl, struct plan *plan, uint32_t i, const struct snapshot *snapshot)
{
	struct plan_step *step = &plan->steps[i];
	struct block block = look_at(NFT_CHAIN_NUMBER(step->have->observed.range), plan, i, snapshot);
	int rc = pick(nfnl, &block, snapshot, step->want->total, &step->want->observed.range);

	return rc == 0 && !step->want->observed.range ? -ENOSPC : rc;
}

int nft_range_assign(struct nfnl *nfnl, struct plan *plan, const struct snapshot *snapshot)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < plan->count; i++) {
		struct plan_step *step = &plan->steps[i];

		if (!step->want)
			continue;
		if (step->op == PLAN_CREATE || !step->have->observed.range)
			rc = assign_new(nfnl, plan, i, snapshot);
		else if (step->op == PLAN_REHASH)
			rc = assign_next(nfnl, plan, i, snapshot);
		else
			step->want->observed.range = step->have->observed.range;
	}
	return rc;
}
