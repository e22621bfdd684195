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
	struct nft_shared shared[2]; /* of IPv4, of IPv6 */
	/* those that will be in MAC mode unicast, on devices that there are; NULL: nothing is changed of them */
	struct cip_cluster **unicast;
	uint32_t unicast_count;
	struct nft_handles *handles; /* [plan->count] */
};

/* Rules that are in the kernel for a step's cluster IP. */
struct nft_handles {
	uint32_t count;
	struct nft_handle {
		uint64_t number;
		char chain[NFT_CHAIN_NAME_MAX];
	} * items;
};

/* Build the one batch that carries out a plan. 0, -ENOMEM, or -ENOSPC (a record does not fit). */
int nft_batch_build(struct nfnl *nfnl, const struct nft_job *job);
/* Remove the slots of a retired range, which no packet can see any more. */
int nft_batch_sweep(struct nfnl *nfnl, const struct addr *addr, const struct retired *retired);

#endif
