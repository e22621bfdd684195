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
#include "nft-class.h"
#include "nft-commit.h"

int commit_failed(struct commit *commit, const struct nl *nl, int rc, const struct cip_cluster *about,
		  const char *what)
{
	char label[CLUSTER_LABEL_MAX], text[CLUSTER_LABEL_MAX + 64];

	if (!about)
		return nft_failed(commit->ctx, nl, rc, what);
	snprintf(text, sizeof(text), "%s: %s", cluster_label(about, label), what);
	return nft_failed(commit->ctx, nl, rc, text);
}

/* built: what building the batch came to */
static int commit_batch(struct commit *commit, int built)
{
	struct nfnl *nfnl = &commit->nft->nfnl;
	const struct nfnl_note *refused = NULL;
	int rc;

	if (built == -ENOMEM)
		return cip_error_nomem(commit->ctx);
	if (built < 0)
		return cip_error(commit->ctx, built, CIP_ATTR_NONE, "the record of a cluster IP does not fit");
	rc = nfnl_commit(nfnl, &refused);
	if (rc == 0 || rc == -ERESTART || rc == -ENOBUFS)
		return rc;
	return commit_failed(commit, &nfnl->nl, rc, refused ? refused->about : NULL,
			     refused ? refused->what : "changing the ruleset");
}

/*
 * A packet that began before a commit takes no notice of the rules of a chain that came with it, but may be led there:
 * so the chains of a class come before what leads a cluster IP that is already there to them.
 */
static int commit_classes(struct commit *commit)
{
	int count = nft_batch_classes(&commit->nft->nfnl, &commit->job), rc;

	if (count == 0)
		return 0;
	rc = commit_batch(commit, count);
	if (rc < 0)
		return rc;
	commit->made_classes = 1;
	/* the kernel's next one, which is never 0 */
	if (!++commit->job.generation)
		commit->job.generation = 1;
	return 0;
}

/* But for -ERESTART and -ENOBUFS: the next try writes them again. */
static void undo_classes(struct commit *commit, int rc)
{
	const struct nfnl_note *refused;

	if (!commit->made_classes || rc == -ERESTART || rc == -ENOBUFS)
		return;
	if (nft_batch_classes_removal(&commit->nft->nfnl, &commit->job) == 0)
		(void)nfnl_commit(&commit->nft->nfnl, &refused);
}

static int commit_rules(struct commit *commit)
{
	int rc = commit_classes(commit);

	if (rc == 0)
		rc = commit_batch(commit, nft_batch_build(&commit->nft->nfnl, &commit->job));
	if (rc < 0)
		undo_classes(commit, rc);
	return rc;
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

	for (i = 0; i < snapshot->retired_count; i++)
		(void)nft_batch_sweep(&commit->nft->nfnl, &snapshot->retired[i]);
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
		retired = (struct retired){ have->addr, have->observed.class, have->total };
		(void)nft_batch_sweep(&commit->nft->nfnl, &retired);
	}
}

static int assign_classes(struct commit *commit)
{
	int rc = nft_class_assign(commit->plan, commit->snapshot);

	if (rc == -ENOMEM)
		return cip_error_nomem(commit->ctx);
	if (rc < 0)
		return cip_error(commit->ctx, rc, CIP_ATTR_NONE, "there are too many ways to hash");
	if (commit->ctx->dry_run || !nft_class_is_retired(commit->plan, commit->snapshot))
		return 0;
	/* who retired them was killed before it could sweep, or is about to */
	wait_for_packets();
	sweep_left_behind(commit);
	return -ERESTART;
}

static int begin(struct commit *commit)
{
	int rc = assign_classes(commit);

	if (rc < 0)
		return rc;
	commit->job.plan = commit->plan;
	commit->job.snapshot = commit->snapshot;
	commit->job.generation = commit->snapshot->generation;
	if (plan_is_buckets(commit->plan))
		return 0; /* neither a device nor a rule is touched: there is nothing to look up */
	commit->ifindex = calloc(commit->plan->count, sizeof(*commit->ifindex));
	commit->done = calloc(commit->plan->count, sizeof(*commit->done));
	return commit->ifindex && commit->done ? 0 : cip_error_nomem(commit->ctx);
}

static void end(struct commit *commit)
{
	free(commit->after);
	free(commit->job.left);
	free(commit->job.going);
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

/*
 * The answer to the batch was lost, not the batch: what has no record any more was destroyed, and what that has taken off
 * a device must not come back, for then it would be an address that no rule is about.
 */
static void keep_destroyed(struct commit *commit)
{
	const struct plan_step *steps = commit->plan->steps;
	struct snapshot now;
	uint32_t i;

	if (nft_query(commit->ctx, commit->nft, NULL, 0, &now) < 0)
		return;
	for (i = 0; i < commit->plan->count; i++)
		if (!steps[i].want && !list_find_sorted(now.list, &steps[i].have->addr))
			commit->done[i] = (struct done){ 0 };
	snapshot_clear(&now);
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
	if (rc == -ENOBUFS)
		keep_destroyed(commit);
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
	else if (rc == 0 && !ctx->dry_run) /* which makes no class */
		rc = commit_batch(&commit, nft_batch_build(&commit.nft->nfnl, &commit.job));
	end(&commit);
	return rc;
}
