/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend-nft.h"
#include "error.h"
#include "log.h"
#include "nft-batch.h"
#include "nft.h"
#include "wire-rtnl.h"

/* What was done on the device for one step, to be undone if a later part fails. */
struct done {
	int mac_added, mac_removed, addr_added, addr_removed;
};

/* A commit while it runs. */
struct commit {
	struct cip_ctx *ctx;
	struct nft_priv *nft;
	struct plan *plan;
	const struct snapshot *snapshot;
	struct nft_shortcut shortcuts[NFT_SHORTCUTS_MAX];
	uint32_t *ifindex; /* [plan->count], 0: no such device */
	struct done *done; /* [plan->count] */
};

static int failed_on(struct commit *commit, const struct nl *nl, int rc, const struct cip_cluster *about,
		     const char *what)
{
	char label[CLUSTER_LABEL_MAX], text[CLUSTER_LABEL_MAX + 64];

	if (!about)
		return nft_failed(commit->ctx, nl, rc, what);
	snprintf(text, sizeof(text), "%s: %s", cluster_label(about, label), what);
	return nft_failed(commit->ctx, nl, rc, text);
}

static int rtnl_failed(struct commit *commit, int rc, const struct cip_cluster *about, const char *what)
{
	rc = failed_on(commit, &commit->nft->rtnl, rc, about, what);
	commit->ctx->error_attr = CIP_ATTR_IFNAME;
	return rc;
}

/* Only creating needs the device: the rest must work while it is away. */
static int find_devices(struct commit *commit)
{
	struct rtnl_link link;
	uint32_t i;
	int rc;

	for (i = 0; i < commit->plan->count; i++) {
		const struct plan_step *step = &commit->plan->steps[i];
		const struct cip_cluster *cluster = step->want ? step->want : step->have;

		if (!CLUSTER_HAS(cluster, CIP_ATTR_IFNAME))
			continue;
		rc = rtnl_link_get(&commit->nft->rtnl, cluster->ifname, &link);
		if (rc == 0)
			commit->ifindex[i] = link.index;
		else if (rc == -ENODEV && (step->op == PLAN_CREATE || step->op == PLAN_REPAIR))
			return cip_error(commit->ctx, -ENODEV, CIP_ATTR_IFNAME, "dev %s: no such device", cluster->ifname);
		else if (rc != -ENODEV)
			return rtnl_failed(commit, rc, cluster, "looking for the device");
	}
	return 0;
}

/* The step of the plan that is about a cluster IP, or NULL. */
static const struct plan_step *step_about(const struct plan *plan, const struct cip_cluster *cluster)
{
	uint32_t i;

	for (i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];

		if (!addr_compare(&(step->want ? step->want : step->have)->addr, &cluster->addr))
			return step;
	}
	return NULL;
}

/* What there will be once the plan is done, while it is few; the number in any case. */
static uint32_t list_after(const struct commit *commit, const struct cip_cluster *after[NFT_SHORTCUTS_MAX])
{
	const struct cip_list *list = commit->snapshot->list;
	uint32_t i, count = 0;

	if (list->count > NFT_SHORTCUTS_MAX + commit->plan->count)
		return list->count;
	for (i = 0; i < list->count; i++) {
		if (step_about(commit->plan, list->items[i]))
			continue;
		if (count < NFT_SHORTCUTS_MAX)
			after[count] = list->items[i];
		count++;
	}
	for (i = 0; i < commit->plan->count; i++) {
		const struct plan_step *step = &commit->plan->steps[i];

		if (!step->want)
			continue;
		if (count < NFT_SHORTCUTS_MAX)
			after[count] = step->op == PLAN_BUCKETS ? step->have : step->want;
		count++;
	}
	return count;
}

static int choose_shortcuts(struct commit *commit)
{
	const struct cip_cluster *after[NFT_SHORTCUTS_MAX] = { NULL };
	uint32_t count = list_after(commit, after);

	memset(commit->shortcuts, 0, sizeof(commit->shortcuts));
	if (count > NFT_SHORTCUTS_MAX)
		return 0;
	if (count == 2 && addr_compare(&after[0]->addr, &after[1]->addr) > 0) {
		const struct cip_cluster *first = after[1];

		after[1] = after[0];
		after[0] = first;
	}
	return nft_shortcuts(commit->nft, after, count, commit->shortcuts);
}

/* Is the cluster MAC of what is destroyed needed by another cluster IP on the same device? */
static int mac_is_shared(const struct commit *commit, const struct cip_cluster *have)
{
	const struct cip_list *list = commit->snapshot->list;
	uint32_t i, j;

	for (i = 0; i < list->count; i++) {
		const struct cip_cluster *other = list->items[i];
		int destroyed = 0;

		if (strcmp(other->ifname, have->ifname) || memcmp(other->mac, have->mac, sizeof(have->mac)))
			continue;
		for (j = 0; j < commit->plan->count && !destroyed; j++)
			destroyed = commit->plan->steps[j].op == PLAN_DESTROY &&
				    !addr_compare(&commit->plan->steps[j].have->addr, &other->addr);
		if (!destroyed)
			return 1;
	}
	return 0;
}

static int add_mac(struct commit *commit, uint32_t i)
{
	const struct cip_cluster *want = commit->plan->steps[i].want;
	int rc = rtnl_mac_add(&commit->nft->rtnl, commit->ifindex[i], want->mac, &commit->done[i].mac_added);

	return rc == 0 ? 0 : rtnl_failed(commit, rc, want, "adding the cluster MAC to the device");
}

static int add_addr(struct commit *commit, uint32_t i)
{
	const struct cip_cluster *want = commit->plan->steps[i].want;
	int rc;

	if (want->noaddr)
		return 0;
	rc = rtnl_addr_add(&commit->nft->rtnl, commit->ifindex[i], &want->addr, want->prefix,
			   &commit->done[i].addr_added);
	return rc == 0 ? 0 : rtnl_failed(commit, rc, want, "adding the address to the device");
}

static int remove_addr(struct commit *commit, uint32_t i)
{
	const struct cip_cluster *have = commit->plan->steps[i].have;
	int rc;

	if (!commit->ifindex[i] || !CLUSTER_HAS(have, CIP_ATTR_PREFIX))
		return 0;
	rc = rtnl_addr_remove(&commit->nft->rtnl, commit->ifindex[i], &have->addr, have->prefix,
			      &commit->done[i].addr_removed);
	return rc == 0 ? 0 : rtnl_failed(commit, rc, have, "removing the address from the device");
}

static int remove_mac(struct commit *commit, uint32_t i)
{
	const struct cip_cluster *have = commit->plan->steps[i].have;
	int rc;

	if (!commit->ifindex[i] || !CLUSTER_HAS(have, CIP_ATTR_MAC) || mac_is_shared(commit, have))
		return 0;
	rc = rtnl_mac_remove(&commit->nft->rtnl, commit->ifindex[i], have->mac, &commit->done[i].mac_removed);
	return rc == 0 ? 0 : rtnl_failed(commit, rc, have, "removing the cluster MAC from the device");
}

/* Before the rules change: frames may come, addresses may not outlive their rules. */
static int before_rules(struct commit *commit)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < commit->plan->count; i++) {
		if (commit->plan->steps[i].op == PLAN_CREATE || commit->plan->steps[i].op == PLAN_REPAIR)
			rc = add_mac(commit, i);
		else if (commit->plan->steps[i].op == PLAN_DESTROY)
			rc = remove_addr(commit, i);
	}
	return rc;
}

static int after_rules(struct commit *commit)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < commit->plan->count; i++) {
		if (commit->plan->steps[i].op == PLAN_CREATE || commit->plan->steps[i].op == PLAN_REPAIR)
			rc = add_addr(commit, i);
		else if (commit->plan->steps[i].op == PLAN_DESTROY)
			rc = remove_mac(commit, i);
	}
	return rc;
}

/* Failures here leave a rest that check names; there is nothing better to do about them. */
static void undo_devices(struct commit *commit)
{
	struct nl *rtnl = &commit->nft->rtnl;
	uint32_t i;
	int changed;

	for (i = 0; i < commit->plan->count; i++) {
		const struct cip_cluster *want = commit->plan->steps[i].want, *have = commit->plan->steps[i].have;

		if (commit->done[i].addr_added)
			(void)rtnl_addr_remove(rtnl, commit->ifindex[i], &want->addr, want->prefix, &changed);
		if (commit->done[i].mac_added)
			(void)rtnl_mac_remove(rtnl, commit->ifindex[i], want->mac, &changed);
		if (commit->done[i].mac_removed)
			(void)rtnl_mac_add(rtnl, commit->ifindex[i], have->mac, &changed);
		if (commit->done[i].addr_removed)
			(void)rtnl_addr_add(rtnl, commit->ifindex[i], &have->addr, have->prefix, &changed);
	}
}

static int commit_rules(struct commit *commit)
{
	struct nfnl *nfnl = &commit->nft->nfnl;
	const struct nfnl_note *refused = NULL;
	int rc;

	rc = nft_batch_build(nfnl, commit->plan, commit->snapshot, commit->ifindex, commit->shortcuts);
	if (rc == -ENOMEM)
		return cip_error_nomem(commit->ctx);
	if (rc < 0)
		return cip_error(commit->ctx, rc, CIP_ATTR_NONE, "the record of a cluster IP does not fit");
	rc = nfnl_commit(nfnl, &refused);
	if (rc == 0 || rc == -ERESTART || rc == -ENOBUFS)
		return rc;
	return failed_on(commit, &nfnl->nl, rc, refused ? refused->about : NULL,
			 refused ? refused->what : "changing the ruleset");
}

/*
 * Wait until no packet can be in the middle of rules that were replaced. membarrier(GLOBAL) waits for an RCU
 * grace period, and packets pass the rules inside RCU read-side sections.
 */
static int wait_for_packets(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0 ? -errno : 0;
}

/* What cannot be swept now is swept by a later change: nobody looks at it. */
static void sweep(struct commit *commit)
{
	const struct snapshot *snapshot = commit->snapshot;
	static const struct addr nobody = { .family = 4 };
	uint32_t i, rehashed = 0;

	for (i = 0; i < commit->plan->count; i++)
		rehashed += commit->plan->steps[i].op == PLAN_REHASH;
	if ((!rehashed && !snapshot->retired_count) || wait_for_packets() < 0)
		return;
	for (i = 0; i < snapshot->retired_count; i++)
		(void)nft_batch_sweep(&commit->nft->nfnl, &nobody, &snapshot->retired[i]);
	for (i = 0; i < commit->plan->count; i++) {
		const struct cip_cluster *have = commit->plan->steps[i].have;
		struct retired retired;

		if (commit->plan->steps[i].op != PLAN_REHASH)
			continue;
		retired = (struct retired){ have->observed.range, have->total };
		(void)nft_batch_sweep(&commit->nft->nfnl, &have->addr, &retired);
	}
}

/* Undo the rules of a plan that was committed; the world may move on meanwhile, so try more than once. */
static void undo_rules(struct commit *commit)
{
	struct commit back = *commit;
	struct snapshot snapshot;
	int rc, tries;

	if (plan_reverse(commit->ctx, commit->plan, &back.plan) < 0)
		return;
	rc = -ERESTART;
	for (tries = 0; tries < NFT_READ_TRIES && rc == -ERESTART; tries++) {
		rc = nft_query(commit->ctx, commit->nft, NULL, QUERY_PLAN, &snapshot);
		if (rc < 0)
			break;
		back.snapshot = &snapshot;
		rc = nft_batch_ranges(back.plan, &snapshot);
		if (rc == 0)
			rc = choose_shortcuts(&back);
		if (rc == 0)
			rc = commit_rules(&back);
		snapshot_clear(&snapshot);
	}
	plan_free(back.plan);
}

static int run(struct commit *commit)
{
	char sentence[sizeof(commit->ctx->error)];
	int rc;

	rc = find_devices(commit);
	if (rc == 0)
		rc = choose_shortcuts(commit);
	if (rc < 0)
		return rc;
	rc = before_rules(commit);
	if (rc == 0)
		rc = commit_rules(commit);
	if (rc < 0) {
		undo_devices(commit);
		return rc;
	}
	rc = after_rules(commit);
	if (rc < 0) {
		memcpy(sentence, commit->ctx->error, sizeof(sentence));
		undo_rules(commit);
		undo_devices(commit);
		memcpy(commit->ctx->error, sentence, sizeof(sentence));
		return rc;
	}
	sweep(commit);
	return 0;
}

int nft_commit(struct cip_ctx *ctx, void *priv, struct plan *plan, const struct snapshot *snapshot)
{
	struct commit commit = { .ctx = ctx, .nft = priv, .plan = plan, .snapshot = snapshot };
	int rc;

	if (nft_batch_ranges(plan, snapshot) < 0)
		return cip_error(ctx, -ENOSPC, CIP_ATTR_NONE, "no range of slots is free");
	commit.ifindex = calloc(plan->count, sizeof(*commit.ifindex));
	commit.done = calloc(plan->count, sizeof(*commit.done));
	if (!commit.ifindex || !commit.done)
		rc = cip_error_nomem(ctx);
	else if (plan_is_buckets(plan))
		rc = commit_rules(&commit); /* no device is touched, none needs to be looked up */
	else
		rc = run(&commit);
	free(commit.ifindex);
	free(commit.done);
	return rc;
}
