/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_BATCH_H
#define CIP_NFT_BATCH_H

#include "backend.h"
#include "nft-rule.h"
#include "wire-nfnl.h"

/*
 * Build the one batch that carries out a plan. ifindex[i] is the index of the device of step i, 0 if it is gone.
 * 0, -ENOMEM, or -ENOSPC (a record does not fit).
 */
int nft_batch_build(struct nfnl *nfnl, const struct plan *plan, const struct snapshot *snapshot,
		    const uint32_t *ifindex, const struct nft_shortcut *shortcuts);
/* Give every step that needs one a range of slots. 0 or -ENOSPC. */
int nft_batch_ranges(struct plan *plan, const struct snapshot *snapshot);
/* Remove the slots of a retired range, which no packet can see any more. */
int nft_batch_sweep(struct nfnl *nfnl, const struct addr *addr, const struct retired *retired);

#endif
