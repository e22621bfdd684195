/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "nft-commit.h"
#include "nft-range.h"

int commit_failed(struct commit *commit, const struct nl *nl, int rc, const struct cip_cluster *about,
		  const char *what)
{
	char label[CLUSTER_LABEL_MAX], text[CLUSTER_LABEL_MAX + 64];

	if (!about)
		return nft_failed(commit->ctx, nl, rc, what);
	snprintf(text, sizeof(text), "%s: %s", cluster_label(about, label), what);
	return nft_failed(commit->ctx, nl, rc, text);
}

static int commit_rules(struct commit *commit)
{
	struct nfnl *nfnl = &commit->nft->nfnl;
	const struct nfnl_note *refused = NULL;
	int rc;

	rc = nft_batch_build(nfnl, &commit->job);
	if (rc == -ENOMEM)
		return cip_error_nomem(commit->ctx);
	if (rc < 0)
		return cip_error(commit->ctx, rc, CIP_ATTR_NONE, "the record of a cluster IP does not fit");
	rc = nfnl_commit(nfnl, &refused);
	if (rc == 0 || rc == -ERESTART || rc == -ENOBUFS)
		return rc;
	return commit_failed(commit, &nfnl->nl, rc, refused ? refused->about : NULL,
			     refused ? refused->what : "changing the ruleset");
}

/*
 * Wait until no packet can be in the middle of rules that were replaced. membarrier(GLOBAL) waits for an RCU
 * grace period, and packets pass the rules inside RCU read-side sections.
 */
static void wait_for_packets(void)
{
	/* where membarrier is refused (nohz_full): longer than a CPU stays with one packet */
	static const struct timespec long_enough = { 0, 200000000 };

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		(void)nanosleep(&long_enough, NULL);
}

/* What cannot be swept now is swept by a later change: nobody looks at it. */
static void sweep_left_behind(struct commit *commit)
{
	const struct snapshot *snapshot = commit->snapshot;
	uint32_t i;

	for (i = 0; i < snapshot->retired_count; i++) {
		struct addr nobody = { .family = snapshot->retired[i].family };

		(void)nft_batch_sweep(&commit->nft->nfnl, &nobody, &snapshot->retired[i]);
	}
}

static void sweep(struct commit *commit)
{
	uint32_t i, rehashed = 0;

	for (i = 0; i < commit->plan->count; i++)
		rehashed += commit->plan->steps[i].op == PLAN_REHASH;
	if (!rehashed && !commit->snapshot->retired_count)
		return;
	wait_for_packets();
	sweep_left_behind(commit);
	for (i = 0; i < commit->plan->count; i++) {
		const struct cip_cluster *have = commit->plan->steps[i].have;
		struct retired retired;

		if (commit->plan->steps[i].op != PLAN_REHASH)
			continue;
		retired = (struct retired){ have->addr.family, have->observed.range, have->total };
		(void)nft_batch_sweep(&commit->nft->nfnl, &have->addr, &retired);
	}
}

/* No range is free: those that others left behind, killed before they could sweep, may be what is missing. */
static int make_ranges(struct commit *commit)
{
	if (!commit->snapshot->retired_count)
		return cip_error(commit->ctx, -ENOSPC, CIP_ATTR_NONE, "no range of slots is free");
	wait_for_packets();
	sweep_left_behind(commit);
	return -ERESTART;
}

static int begin(struct commit *commit)
{
	int rc;

	rc = nft_range_assign(&commit->nft->nfnl, commit->plan, commit->snapshot);
	if (rc == -ENOSPC)
		return make_ranges(commit);
	if (rc < 0)
		return rc == -ENOBUFS ? -ERESTART
				      : commit_failed(commit, &commit->nft->nfnl.nl, rc, NULL,
						      "looking for a free range");
	commit->job.plan = commit->plan;
	commit->job.snapshot = commit->snapshot;
	if (plan_is_buckets(commit->plan))
		return 0; /* neither a device nor a rule is touched: there is nothing to look up */
	commit->ifindex = calloc(commit->plan->count, sizeof(*commit->ifindex));
	commit->job.handles = calloc(commit->plan->count, sizeof(*commit->job.handles));
	commit->done = calloc(commit->plan->count, sizeof(*commit->done));
	return commit->ifindex && commit->job.handles && commit->done ? 0 : cip_error_nomem(commit->ctx);
}

static void end(struct commit *commit)
{
	uint32_t i;

	for (i = 0; commit->job.handles && i < commit->plan->count; i++)
		free(commit->job.handles[i].items);
	free(commit->job.handles);
	free(commit->job.unicast);
	free(commit->ifindex);
	free(commit->done);
}

static int undo_once(struct commit *back)
{
	struct snapshot snapshot;
	int rc;

	rc = nft_query(back->ctx, back->nft, NULL, QUERY_PLAN, &snapshot);
	if (rc < 0)
		return rc;
	back->snapshot = &snapshot;
	plan_refresh(back->plan, snapshot.list);
	rc = begin(back);
	if (rc == 0)
		rc = commit_prepare(back);
	if (rc == 0)
		rc = commit_rules(back);
	end(back);
	back->snapshot = NULL;
	snapshot_clear(&snapshot);
	return rc;
}

/* Undo the rules of a plan that was committed; the world may move on meanwhile, so try more than once. */
static void undo_rules(struct commit *commit)
{
	struct commit back = { .ctx = commit->ctx, .nft = commit->nft };
	int rc = -ERESTART, tries;

	if (plan_reverse(commit->ctx, commit->plan, &back.plan) < 0)
		return;
	for (tries = 0; tries < NFT_READ_TRIES && rc == -ERESTART; tries++)
		rc = undo_once(&back);
	plan_free(back.plan);
}

static int run(struct commit *commit)
{
	char sentence[sizeof(commit->ctx->error)];
	int rc;

	rc = commit_prepare(commit);
	if (rc < 0 || commit->ctx->dry_run)
		return rc;
	rc = commit_before_rules(commit);
	if (rc == 0)
		rc = commit_rules(commit);
	if (rc < 0) {
		commit_undo_devices(commit);
		return rc;
	}
	rc = commit_after_rules(commit);
	if (rc < 0) {
		memcpy(sentence, commit->ctx->error, sizeof(sentence));
		undo_rules(commit);
		commit_undo_devices(commit);
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

	rc = begin(&commit);
	if (rc == 0 && !plan_is_buckets(plan))
		rc = run(&commit);
	else if (rc == 0 && !ctx->dry_run)
		rc = commit_rules(&commit);
	end(&commit);
	return rc;
}
