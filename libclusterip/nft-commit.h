/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_COMMIT_H
#define CIP_NFT_COMMIT_H

#include "backend-nft.h"
#include "nft-after.h"
#include "nft-batch.h"
#include "wire-addr.h"

/* What was done on the device for one step, to be undone if a later part fails. */
struct done {
	int mac_added, mac_removed, group_joined, group_left;
	struct addr_done addr;
};

/* One try to carry out a plan. All that it allocates is its own, from commit_begin() to commit_end(). */
struct commit {
	struct cip_ctx *ctx;
	struct nft_priv *nft;
	struct plan *plan;
	const struct snapshot *snapshot;
	struct plan_index index;
	struct nft_after after;
	struct nft_job job;
	uint32_t *ifindex; /* [plan->count], of the step's device, 0: there is none */
	struct done *done; /* [plan->count] */
};

/* -ERESTART: slots had to be swept first. *commit is to be ended in any case. */
int commit_begin(struct commit *commit, struct cip_ctx *ctx, struct nft_priv *nft, struct plan *plan,
		 const struct snapshot *snapshot);
void commit_end(struct commit *commit);

/* The sentence for what a kernel answered, about a cluster IP (NULL: none in particular). */
int commit_failed(struct commit *commit, const struct nl *nl, int rc, const struct cip_cluster *about,
		  const char *what);

/* What must be known before anything is touched: devices, what is shared, and what was left. */
int commit_prepare(struct commit *commit);
int commit_find_devices(struct commit *commit);

/* On the devices, before the rules change (frames may come, addresses may not outlive their rules) and after. */
int commit_before_rules(struct commit *commit);
int commit_after_rules(struct commit *commit);
/*
 * Undo what was done on the devices: addresses that were added, which may not outlive their rules; and, when the rules
 * are as they were, all else. Failures here leave a rest that check names.
 */
void commit_undo_addrs(struct commit *commit);
void commit_undo_devices(struct commit *commit);
/* Before that: the rules of what was destroyed are not back, so it stays off the devices. */
void commit_keep_off(struct commit *commit);

/*
 * Change the ruleset. -ERESTART: nothing was changed, because somebody else has changed it. *ret_changed: it was changed,
 * or may have been, where the kernel's answer was lost.
 */
int commit_rules(struct commit *commit, int *ret_changed);
/* Undo that, as far as nobody else has changed it since. The sentence in the context stays. Negative: it was not possible. */
int commit_undo_rules(struct commit *commit);

/* Remove the slots that rehashes have left, once no packet can look for them: of earlier plans; and of this one, too. */
void commit_sweep_left_behind(struct commit *commit);
void commit_sweep(struct commit *commit);

#endif
