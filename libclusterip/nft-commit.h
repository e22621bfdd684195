/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_COMMIT_H
#define CIP_NFT_COMMIT_H

#include "backend-nft.h"
#include "nft-batch.h"

/* What was done on the device for one step, to be undone if a later part fails. */
struct done {
	int mac_added, mac_removed, group_joined, group_left, addr_added, addr_removed;
};

/* A commit while it runs. */
struct commit {
	struct cip_ctx *ctx;
	struct nft_priv *nft;
	struct plan *plan;
	const struct snapshot *snapshot;
	struct cip_cluster **after; /* what there will be, sorted */
	uint32_t after_count;
	struct nft_job job;
	int made_classes;  /* the batch before was committed */
	uint32_t *ifindex; /* [plan->count], of the step's device, 0: there is none */
	struct done *done; /* [plan->count] */
};

/* The sentence for what a kernel answered, about a cluster IP (NULL: none in particular). */
int commit_failed(struct commit *commit, const struct nl *nl, int rc, const struct cip_cluster *about,
		  const char *what);

/* What must be known before anything is touched: devices, what is shared, and what was left. */
int commit_prepare(struct commit *commit);
int commit_find_devices(struct commit *commit);

/* On the devices, before the rules change (frames may come, addresses may not outlive their rules) and after. */
int commit_before_rules(struct commit *commit);
int commit_after_rules(struct commit *commit);
/* Undo what was done on the devices. Failures here leave a rest that check names. */
void commit_undo_devices(struct commit *commit);

#endif
