/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_BATCH_H
#define CIP_NFT_BATCH_H

#include "backend.h"
#include "nft-rule.h"
#include "wire-nfnl.h"

/* What stands where a step of the plan writes. */
struct nft_step {
	enum entry entries[NFT_ENTRY_MAPS], arp;
	/* slots that somebody left where those of the step will be, such as those of a record removed by hand */
	struct bucketset let, own;
	int fresh; /* nobody had its class before the plan */
};

/* What becomes of that which the cluster IPs of a family share. */
enum nft_shared_op {
	SHARED_STAYS,
	SHARED_FITS,   /* base chains become those that the members need */
	SHARED_ANEW,   /* tables, sets and base chains are written again */
	SHARED_REMOVE, /* tables go, and all that is in them */
};

/* A chain of a class that has no cluster IP any more once the plan is done. */
struct nft_going {
	uint8_t family;
	char chain[NFT_CHAIN_NAME_MAX];
	int held; /* by an entry that stays */
};

/* What a commit has found out before it builds its batch. */
struct nft_job {
	const struct plan *plan;
	const struct snapshot *snapshot;
	uint32_t generation;	/* which the batch builds upon */
	struct nft_step *steps; /* [plan->count] */
	struct {
		enum nft_shared_op op;
		struct nft_shared before, after;
		int has_defragment, has_late; /* the chains are there, whoever they were for */
	} family[2];			      /* of IPv4, of IPv6 */
	/* those that will be in MAC mode unicast, on devices that there are; NULL: nothing is changed of them */
	struct cip_cluster **unicast;
	uint32_t unicast_count;
	uint32_t going_count;
	struct nft_going *going;
};

/* Build the batch that carries out a plan. 0, -ENOMEM, or -ENOSPC (a record does not fit). */
int nft_batch_build(struct nfnl *nfnl, const struct nft_job *job);
/* The same for a plan that only moves buckets, of which nothing else need be known. */
int nft_batch_moves(struct nfnl *nfnl, const struct plan *plan, uint32_t generation);
/*
 * Build the batch that has to be committed before: the chains of classes that a rehash is the first to use. *ret_count is
 * how many classes these are. 0 or -ENOMEM.
 */
int nft_batch_classes(struct nfnl *nfnl, const struct nft_job *job, uint32_t *ret_count);
/* Remove them again, each that nothing leads to. */
void nft_batch_remove_classes(struct nfnl *nfnl, const struct nft_job *job);
/* Add to a batch the chains of all classes that steps for a family (4 or 6) lead packets to. 0 or -ENOMEM. */
int nft_batch_put_classes(struct nfnl *nfnl, const struct plan *plan, uint8_t addr_family);
/* Read what there is of some slots; the sets are added to. */
int nft_batch_find(struct nfnl *nfnl, const struct retired *slots, struct bucketset *let,
		   struct bucketset *own);
/* Remove retired slots, which no packet can see any more. */
int nft_batch_sweep(struct nfnl *nfnl, const struct retired *retired);

#endif
