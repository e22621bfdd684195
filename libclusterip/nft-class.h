/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_CLASS_H
#define CIP_NFT_CLASS_H

#include "nft-batch.h"

/*
 * Give every step of a plan its class: that of others like it, or one with a free number, for what is created or rehashed;
 * the old one for the rest. Notes which steps get one that nobody had. 0, -ENOSPC (no number is free) or -ENOMEM.
 */
int nft_class_assign(struct plan *plan, const struct snapshot *snapshot, struct nft_step *ret_steps);
/* The same for a plan that only moves buckets. */
void nft_class_keep(struct plan *plan);
/* Does a step go to a class of which the same cluster IP has slots that nobody has swept yet? */
int nft_class_is_retired(const struct plan_index *index, const struct snapshot *snapshot);
/* Does the step bring a cluster IP to a class that it was not of? */
int nft_class_moves(const struct plan_step *step);

#endif
