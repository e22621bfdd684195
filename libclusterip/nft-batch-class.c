/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nft-batch.h"
#include "nft-class.h"
#include "nft-table.h"

/* Does the step lead packets to the chains of its class? */
static int uses_class(const struct plan_step *step)
{
	return step->op == PLAN_CREATE || step->op == PLAN_REPAIR || step->op == PLAN_REHASH;
}

static int is_rehash(const struct plan_step *step)
{
	return step->op == PLAN_REHASH;
}

/* Is the step the first one of its class among those that count? */
static int is_first(const struct plan *plan, uint32_t at, int (*counts)(const struct plan_step *step))
{
	const struct plan_step *step = &plan->steps[at], *before;

	if (!counts(step))
		return 0;
	for (before = plan->steps; before < step; before++)
		if (counts(before) && before->want->addr.family == step->want->addr.family &&
		    before->want->observed.class == step->want->observed.class)
			return 0;
	return 1;
}

/* Its chains, in place of what there is, if anything. */
static int put_class(struct nfnl *nfnl, const struct cip_cluster *want)
{
	uint8_t family = nft_family(&want->addr);
	struct nftnl_rule *rules[NFT_RULES_MAX];
	char chain[NFT_CHAIN_NAME_MAX];
	int rc;

	rc = nft_table_put_chain(nfnl, family, nft_chain_name(want->observed.class, chain), rules,
				 nft_rules_cluster(want, rules), want);
	return rc < 0 ? rc
		      : nft_table_put_chain(nfnl, family, nft_error_chain_name(want->observed.class, chain),
					    rules, nft_rules_errors(want, rules), want);
}

int nft_batch_put_classes(struct nfnl *nfnl, const struct plan *plan, uint8_t addr_family)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < plan->count; i++)
		if (plan_step_family(&plan->steps[i]) == addr_family && is_first(plan, i, uses_class))
			rc = put_class(nfnl, plan->steps[i].want);
	return rc;
}

/* Is the step a rehash that is the first to use its class? */
static int makes_class(const struct nft_job *job, uint32_t i)
{
	const struct cip_cluster *want = job->plan->steps[i].want;
	const struct cip_list *list = job->snapshot->list;

	return is_first(job->plan, i, is_rehash) &&
	       !nft_class_has_member(want->addr.family, want->observed.class, list->items, list->count);
}

int nft_batch_classes(struct nfnl *nfnl, const struct nft_job *job)
{
	uint32_t i;
	int count = 0, rc;

	rc = nfnl_begin_batch(nfnl, job->generation);
	for (i = 0; rc == 0 && i < job->plan->count; i++) {
		if (!makes_class(job, i))
			continue;
		rc = put_class(nfnl, job->plan->steps[i].want);
		count++;
	}
	return rc < 0 ? rc : count;
}

int nft_batch_classes_removal(struct nfnl *nfnl, const struct nft_job *job)
{
	char chain[NFT_CHAIN_NAME_MAX];
	uint32_t i;
	int rc;

	/* generation 0 is any: the kernel keeps a chain that something leads to */
	rc = nfnl_begin_batch(nfnl, 0);
	for (i = 0; rc == 0 && i < job->plan->count; i++) {
		const struct cip_cluster *want = job->plan->steps[i].want;

		if (!makes_class(job, i))
			continue;
		rc = nft_table_put_chain_removal(nfnl, nft_family(&want->addr),
						 nft_chain_name(want->observed.class, chain), NULL);
		if (rc == 0)
			rc = nft_table_put_chain_removal(nfnl, nft_family(&want->addr),
							 nft_error_chain_name(want->observed.class, chain),
							 NULL);
	}
	return rc;
}
