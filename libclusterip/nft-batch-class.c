/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <stdlib.h>

#include "nft-batch.h"
#include "nft-table.h"

/* A removal that failed may have met what passes, such as a lack of memory. */
#define REMOVAL_TRIES 4

/* Does the step lead packets to the chains of its class? */
static int uses_class(const struct plan_step *step)
{
	return step->op == PLAN_CREATE || step->op == PLAN_REPAIR || step->op == PLAN_REHASH;
}

static int by_class(const void *a, const void *b)
{
	const struct plan_step *const *x = a, *const *y = b;
	const struct cip_cluster *one = (*x)->want, *other = (*y)->want;

	if (one->addr.family != other->addr.family)
		return one->addr.family < other->addr.family ? -1 : 1;
	return (one->observed.class > other->observed.class) - (one->observed.class < other->observed.class);
}

/* Of the steps gathered, leave one for each class. */
static uint32_t unite_classes(const struct plan_step **steps, uint32_t count)
{
	uint32_t i, kept = 0;

	qsort(steps, count, sizeof(*steps), by_class);
	for (i = 0; i < count; i++)
		if (i == 0 || by_class(&steps[kept - 1], &steps[i]))
			steps[kept++] = steps[i];
	return kept;
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
	const struct plan_step **steps = malloc((plan->count + 1) * sizeof(*steps));
	uint32_t i, count = 0;
	int rc = 0;

	if (!steps)
		return -ENOMEM;
	for (i = 0; i < plan->count; i++)
		if (plan_step_family(&plan->steps[i]) == addr_family && uses_class(&plan->steps[i]))
			steps[count++] = &plan->steps[i];
	count = unite_classes(steps, count);
	for (i = 0; rc == 0 && i < count; i++)
		rc = put_class(nfnl, steps[i]->want);
	free(steps);
	return rc;
}

/* Rehashes that are the first to use their class, one for each; the caller frees them. */
static int find_first(const struct nft_job *job, const struct plan_step ***ret_steps, uint32_t *ret_count)
{
	const struct plan *plan = job->plan;
	const struct plan_step **steps = malloc((plan->count + 1) * sizeof(*steps));
	uint32_t i, count = 0;

	if (!steps)
		return -ENOMEM;
	for (i = 0; i < plan->count; i++)
		if (plan->steps[i].op == PLAN_REHASH && job->steps[i].fresh)
			steps[count++] = &plan->steps[i];
	*ret_count = unite_classes(steps, count);
	*ret_steps = steps;
	return 0;
}

/* The sets that rules of the classes look into, where they are not as they must be. */
static int put_tables(struct nfnl *nfnl, const struct nft_job *job)
{
	int rc = 0;

	if (job->family[0].op == SHARED_ANEW)
		rc = nft_table_put(nfnl, NFPROTO_IPV4);
	if (rc == 0 && job->family[1].op == SHARED_ANEW)
		rc = nft_table_put(nfnl, NFPROTO_IPV6);
	return rc;
}

int nft_batch_classes(struct nfnl *nfnl, const struct nft_job *job, uint32_t *ret_count)
{
	const struct plan_step **steps;
	uint32_t i, count;
	int rc = find_first(job, &steps, &count);

	if (rc < 0)
		return rc;
	rc = nfnl_begin_batch(nfnl, job->generation);
	if (rc == 0 && count)
		rc = put_tables(nfnl, job);
	for (i = 0; rc == 0 && i < count; i++)
		rc = put_class(nfnl, steps[i]->want);
	free(steps);
	*ret_count = count;
	return rc;
}

static int remove_class(struct nfnl *nfnl, const struct cip_cluster *want)
{
	uint8_t family = nft_family(&want->addr);
	char chain[NFT_CHAIN_NAME_MAX];
	const struct nfnl_note *refused;
	int rc;

	/* generation 0 is any: the kernel keeps a chain that something leads to */
	rc = nfnl_begin_batch(nfnl, 0);
	if (rc == 0)
		rc = nft_table_put_chain_removal(nfnl, family, nft_chain_name(want->observed.class, chain),
						 NULL);
	if (rc == 0)
		rc = nft_table_put_chain_removal(nfnl, family,
						 nft_error_chain_name(want->observed.class, chain), NULL);
	return rc < 0 ? rc : nfnl_commit(nfnl, &refused);
}

/* What stays all the same does no harm, and goes with the next change that looks for chains that nobody needs. */
void nft_batch_remove_classes(struct nfnl *nfnl, const struct nft_job *job)
{
	const struct plan_step **steps;
	uint32_t i, count;
	int tries;

	if (find_first(job, &steps, &count) < 0)
		return;
	for (i = 0; i < count; i++)
		for (tries = 0; tries < REMOVAL_TRIES && remove_class(nfnl, steps[i]->want) < 0; tries++)
			;
	free(steps);
}
