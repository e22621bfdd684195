/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_RANGE_H
#define CIP_NFT_RANGE_H

#include "backend.h"
#include "wire-nfnl.h"

/*
 * Give every step of a plan its range of slots: a new one for what is created (in a chain that has room for it) or
 * rehashed (in its own chain), the old one for the rest. 0, -ENOSPC, or what reading answered.
 */
int nft_range_assign(struct nfnl *nfnl, struct plan *plan, const struct snapshot *snapshot);

#endif
