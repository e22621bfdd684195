/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_BATCH_H
#define CIP_NFT_BATCH_H

#include "backend.h"
#include "nft-rule.h"
#include "wire-nfnl.h"

/* What a commit has found out before it builds its batch. */
struct nft_job {
	const struct plan *plan;
	const struct snapshot *snapshot;
	uint32_t generation;	     /* which the batch builds upon */
	struct nft_shared shared[2]; /* of IPv4, of IPv6 */
	/* those that will be in MAC mode unicast, on devices that there are; NULL: nothing is changed of them */
	struct cip_cluster **unicast;
	uint32_t unicast_count;
	struct nft_left *left; /* [plan->count]; NULL: nothing was left anywhere */
	uint32_t going_count;
	struct nft_going *going;
};

/* Slots that somebody left where those of a step will be, such as those of a record removed by hand. */
struct nft_left {
	struct bucketset let, own;
};

/* A chain of a class that has no cluster IP any more once the plan is done. */
struct nft_going {
	uint8_t family;
	char chain[NFT_CHAIN_NAME_MAX];
};

/* Build the batch that carries out a plan. 0, -ENOMEM, or -ENOSPC (a record does not fit). */
int nft_batch_build(struct nfnl *nfnl, const struct nft_job *job);
/*
 * Build the batch that has to be committed before: the chains of classes that a rehash is the first to use. Returns how
 * many classes these are, or -ENOMEM.
 */
int nft_batch_classes(struct nfnl *nfnl, const struct nft_job *job);
/* Build the batch that removes them, if nothing leads to them. */
int nft_batch_classes_removal(struct nfnl *nfnl, const struct nft_job *job);
/* Add to a batch the chains of all classes that steps for a family (4 or 6) lead packets to. 0 or -ENOMEM. */
int nft_batch_put_classes(struct nfnl *nfnl, const struct plan *plan, uint8_t addr_family);
/* Read what there is of some slots; the sets are added to. */
int nft_batch_find(struct nfnl *nfnl, const struct retired *slots, struct nft_left *left);
/* Remove retired slots, which no packet can see any more. */
int nft_batch_sweep(struct nfnl *nfnl, const struct retired *retired);

#endif
