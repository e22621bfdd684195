/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "nft-class.h"
#include "nft-commit.h"
#include "refused.h"

int commit_failed(struct commit *commit, const struct nl *nl, int rc, const struct cip_cluster *about,
		  const char *what)
{
	char label[CLUSTER_LABEL_MAX], text[CLUSTER_LABEL_MAX + 64];

	if (!about)
		return nft_failed(commit->ctx, nl, rc, what);
	snprintf(text, sizeof(text), "%s: %s", cluster_label(about, label), what);
	return nft_failed(commit->ctx, nl, rc, text);
}

/* ------------------------------------------------------------------ rules */

/*
 * The kernel's answer to the batch was lost. It is all there or not at all; and what somebody else has done to it since
 * is seen when the plan is made again.
 */
static int find_out(struct commit *commit)
{
	struct snapshot now = { 0 };
	int rc = -EBUSY, tries, done;

	for (tries = 0; rc < 0 && tries < NFT_READ_TRIES; tries++)
		rc = nft_query(commit->ctx, commit->nft, NULL, 0, &now);
	if (rc < 0)
		return -EINPROGRESS;
	done = plan_is_done(commit->plan, now.list);
	snapshot_clear(&now);
	return done ? 0 : -ERESTART;
}

/* built: what building the batch came to. -ENOBUFS: the kernel's answer was lost. */
static int commit_batch(struct commit *commit, int built)
{
	struct nfnl *nfnl = &commit->nft->nfnl;
	const struct nfnl_note *refused = NULL;
	const struct cip_cluster *about;
	int rc;

	if (built == -ENOMEM)
		return cip_error_nomem(commit->ctx);
	if (built < 0)
		return cip_error(commit->ctx, built, CIP_ATTR_NONE, "the record of a cluster IP does not fit");
	rc = nft_journal_commit(&commit->nft->journal, nfnl, commit->plan, &commit->job.generation, &refused);
	if (rc == 0 || rc == -ERESTART || rc == -ENOBUFS)
		return rc;
	about = refused ? refused->about : NULL;
	rc = commit_failed(commit, &nfnl->nl, rc, about, refused ? refused->what : "changing the ruleset");
	if (about)
		(void)refused_add(commit->ctx, rc, &about->addr);
	return rc;
}

/*
 * A packet that began before a commit takes no notice of the rules of a chain that came with it, but may be led there:
 * so the chains of a class come before what leads a cluster IP that is already there to them.
 */
static int commit_classes(struct commit *commit)
{
	uint32_t count = 0;
	int rc = nft_batch_classes(&commit->nft->nfnl, &commit->job, &count);

	if (rc == 0 && !count)
		return 0;
	rc = commit_batch(commit, rc);
	if (rc < 0)
		return rc == -ENOBUFS ? -ERESTART : rc;
	commit->job.generation = backend_next_generation(commit->job.generation);
	return 0;
}

static int commit_all(struct commit *commit)
{
	int rc = commit_classes(commit);

	if (rc == 0)
		rc = commit_batch(commit, nft_batch_build(&commit->nft->nfnl, &commit->job));
	if (rc == -ENOBUFS)
		rc = find_out(commit);
	if (rc < 0)
		nft_batch_remove_classes(&commit->nft->nfnl, &commit->job);
	return rc;
}

static int commit_moves(struct commit *commit)
{
	int rc = nft_batch_moves(&commit->nft->nfnl, commit->plan, commit->job.generation);

	rc = commit_batch(commit, rc);
	return rc == -ENOBUFS ? find_out(commit) : rc;
}

int commit_rules(struct commit *commit, int *ret_changed)
{
	int rc = plan_is_buckets(commit->plan) ? commit_moves(commit) : commit_all(commit);

	*ret_changed = rc == 0 || rc == -EINPROGRESS;
	if (rc != -EINPROGRESS)
		return rc;
	return cip_error(commit->ctx, -EBUSY, CIP_ATTR_NONE,
			 "the kernel's answer to a change was lost, and the ruleset cannot be read: it is not "
			 "known what was changed");
}

/* ------------------------------------------------------------------ one try */

static int assign_classes(struct commit *commit)
{
	int rc = nft_class_assign(commit->plan, commit->snapshot, commit->job.steps);

	if (rc == -ENOMEM)
		return cip_error_nomem(commit->ctx);
	if (rc < 0)
		return cip_error(commit->ctx, rc, CIP_ATTR_NONE, "there are too many ways to hash");
	if (commit->ctx->dry_run || !nft_class_is_retired(&commit->index, commit->snapshot))
		return 0;
	/* who retired them was killed before it could sweep, or is about to */
	commit_sweep_left_behind(commit);
	return -ERESTART;
}

int commit_begin(struct commit *commit, struct cip_ctx *ctx, struct nft_priv *nft, struct plan *plan,
		 const struct snapshot *snapshot)
{
	*commit = (struct commit){ .ctx = ctx, .nft = nft, .plan = plan, .snapshot = snapshot };
	commit->job.generation = snapshot->generation;
	if (plan_is_buckets(plan)) {
		nft_class_keep(plan);
		return 0; /* neither a device nor a rule is touched: there is nothing to look up */
	}
	commit->job.plan = plan;
	commit->job.snapshot = snapshot;
	commit->job.steps = calloc(plan->count, sizeof(*commit->job.steps));
	commit->ifindex = calloc(plan->count, sizeof(*commit->ifindex));
	commit->done = calloc(plan->count, sizeof(*commit->done));
	if (!commit->job.steps || !commit->ifindex || !commit->done || plan_index(plan, &commit->index) < 0)
		return cip_error_nomem(ctx);
	return assign_classes(commit);
}

void commit_end(struct commit *commit)
{
	nft_after_clear(&commit->after);
	free(commit->index.steps);
	free(commit->job.steps);
	free(commit->job.going);
	free(commit->job.unicast);
	free(commit->ifindex);
	free(commit->done);
	memset(commit, 0, sizeof(*commit));
}

static int run(struct commit *commit)
{
	int rc = commit_prepare(commit), changed = 0;

	if (rc < 0 || commit->ctx->dry_run)
		return rc;
	rc = commit_before_rules(commit);
	if (rc == 0)
		rc = commit_rules(commit, &changed);
	if (rc == 0)
		rc = commit_after_rules(commit);
	if (rc == 0) {
		commit_sweep(commit);
		return 0;
	}
	commit_undo_addrs(commit);
	if (changed && commit_undo_rules(commit) < 0)
		commit_keep_off(commit);
	commit_undo_devices(commit);
	return rc;
}

static int move_buckets(struct commit *commit)
{
	int changed = 0, rc = commit->ctx->dry_run ? 0 : commit_rules(commit, &changed);

	if (rc < 0 && changed)
		(void)commit_undo_rules(commit);
	return rc;
}

int nft_commit(struct cip_ctx *ctx, void *priv, struct plan *plan, const struct snapshot *snapshot)
{
	struct commit commit;
	int rc = commit_begin(&commit, ctx, priv, plan, snapshot);

	if (rc == 0)
		rc = plan_is_buckets(plan) ? move_buckets(&commit) : run(&commit);
	commit_end(&commit);
	return rc;
}
