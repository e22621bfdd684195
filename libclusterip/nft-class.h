/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_CLASS_H
#define CIP_NFT_CLASS_H

#include "backend.h"

/*
 * Give every step of a plan its class: that of others like it, or one with a free number, for what is created or rehashed;
 * the old one for the rest. 0, -ENOSPC (no number is free) or -ENOMEM.
 */
int nft_class_assign(struct plan *plan, const struct snapshot *snapshot);
/* Does a step go to a class of which the same cluster IP has slots that nobody has swept yet? */
int nft_class_is_retired(const struct plan *plan, const struct snapshot *snapshot);
/* Does the step bring a cluster IP to a class that it was not of? */
int nft_class_moves(const struct plan_step *step);
/* Is one of these cluster IPs of that class? family: 4 or 6 */
int nft_class_has_member(uint8_t family, uint32_t class, struct cip_cluster *const *clusters, uint32_t count);

#endif
