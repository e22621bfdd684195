/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "error.h"
#include "nft-commit.h"

static int undo_as(struct commit *back)
{
	int rc = plan_is_buckets(back->plan) ? 0 : commit_prepare(back), changed;

	if (rc == 0)
		rc = commit_rules(back, &changed);
	if (rc == 0)
		commit_sweep(back);
	return rc;
}

static int undo_from(struct commit *commit, const struct snapshot *now)
{
	struct plan *plan;
	struct commit back;
	int rc = plan_undo(commit->ctx, commit->plan, now->list, &plan);

	if (rc < 0)
		return rc;
	if (plan->count) {
		rc = commit_begin(&back, commit->ctx, commit->nft, plan, now);
		if (rc == 0)
			rc = undo_as(&back);
		commit_end(&back);
	}
	plan_free(plan);
	return rc;
}

static int undo_once(struct commit *commit)
{
	struct snapshot now;
	int rc = nft_query(commit->ctx, commit->nft, NULL, QUERY_PLAN, &now);

	if (rc < 0)
		return rc;
	rc = undo_from(commit, &now);
	snapshot_clear(&now);
	return rc;
}

int commit_undo_rules(struct commit *commit)
{
	struct undoing undoing = { 0 };
	struct kept_error kept;
	int rc;

	kept_error_save(commit->ctx, &kept);
	do
		rc = undo_once(commit);
	while (backend_undo_again(&undoing, rc));
	kept_error_restore(commit->ctx, &kept);
	return rc;
}
