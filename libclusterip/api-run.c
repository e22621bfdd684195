/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "api-announce.h"
#include "api-run.h"
#include "api.h"
#include "error.h"
#include "log.h"

static struct cip_cluster *copy_of_recent(struct cip_ctx *ctx, const struct request *request)
{
	const struct change *change = request->change;

	if (!ctx->recent || !change || !change_is_buckets(change) ||
	    addr_compare(&ctx->recent->addr, &change->addr))
		return NULL;
	return cluster_ref(ctx->recent);
}

/* A list of that one alone. */
static int list_of(struct cip_cluster *cluster, struct cip_list **ret_list)
{
	struct cip_list *list;
	int rc = list_new(NULL, &list);

	if (rc < 0)
		return rc;
	rc = list_append(list, cluster);
	if (rc < 0)
		list_unref(list);
	else
		*ret_list = list;
	return rc;
}

/*
 * What was read last is still true if the generation has not moved, and the commit checks that: then a bucket
 * moves with one message to the kernel.
 */
static int recall(struct run *run)
{
	struct cip_cluster *recent = copy_of_recent(run->ctx, run->request);
	struct part *part = &run->parts.items[0];
	int rc;

	if (!recent)
		return -ENODATA;
	rc = list_of(recent, &part->snapshot.list);
	if (rc == 0) {
		part->opened = backend_opened(run->ctx, recent->observed.backend);
		part->snapshot.generation = run->ctx->recent_generation;
		run->parts.count = 1;
	}
	cluster_unref(recent);
	return rc;
}

static int read_kernel(struct run *run)
{
	const struct change *change = run->request->change;
	uint32_t flags = change && change_is_buckets(change) ? 0 : QUERY_PLAN;
	int rc = 0;

	if (!run->parts.count)
		rc = parts_open(run->ctx, run->ctx->backend_name, &run->parts);
	return rc < 0 ? rc : parts_read(run->ctx, &run->parts, change ? &change->addr : NULL, flags);
}

static uint32_t count_steps(const struct parts *parts)
{
	uint32_t i, count = 0;

	for (i = 0; i < parts->count; i++)
		count += parts->items[i].plan->count;
	return count;
}

static void remember(struct cip_ctx *ctx, struct cip_cluster *cluster, uint32_t generation)
{
	cluster_detach(cluster);
	ctx->recent = cluster;
	ctx->recent_generation = generation;
}

/* What parts have done, the least preferred first, in one plan; they keep theirs if that fails. */
static int unite(struct cip_ctx *ctx, struct parts *parts, struct plan **ret_plan)
{
	struct plan *plan = NULL;
	uint32_t i;
	int rc = plan_new(ctx, &plan);

	for (i = parts->count; rc == 0 && i-- > 0;)
		if (parts->items[i].done)
			rc = plan_append(ctx, plan, parts->items[i].done);
	if (rc < 0)
		plan_free(plan);
	else
		*ret_plan = plan;
	return rc;
}

int run_keep_plan(struct cip_ctx *ctx, struct parts *parts)
{
	struct part *only = NULL;
	struct plan *plan;
	uint32_t i, count = 0;
	int rc = 0;

	for (i = 0; i < parts->count; i++) {
		if (!parts->items[i].done)
			continue;
		only = &parts->items[i];
		count++;
	}
	if (count == 1) {
		plan = only->done;
		only->done = NULL;
	} else {
		rc = unite(ctx, parts, &plan);
	}
	if (rc < 0)
		return rc;
	plan_detach(plan);
	plan_free(ctx->plan);
	ctx->plan = plan;
	return 0;
}

/* After a verb: what is now in the kernel, for the next one. */
static void remember_result(struct cip_ctx *ctx, const struct parts *parts)
{
	const struct part *part = NULL;
	struct cip_cluster *result;
	uint32_t i, steps = 0;

	api_forget(ctx);
	for (i = 0; i < parts->count; i++) {
		if (!parts->items[i].done)
			continue;
		part = &parts->items[i];
		steps += part->done->count;
	}
	if (steps == 1 && plan_is_buckets(part->done) && !ctx->dry_run &&
	    plan_step_result(&part->done->steps[0], &result) == 0)
		remember(ctx, result, backend_next_generation(part->snapshot.generation));
}

int run_commit_part(struct cip_ctx *ctx, struct part *part)
{
	const struct opened *opened = &part->opened;
	int rc;

	if (!part->plan->count)
		return 0;
	rc = opened->backend->commit(ctx, opened->priv, part->plan, &part->snapshot);
	if (rc == 0 && part->done)
		return plan_append(ctx, part->done, part->plan);
	if (rc == 0) {
		part->done = part->plan;
		part->plan = NULL;
	}
	return rc;
}

/* The least preferred first: it holds a lock, and is the more likely one to fail. */
static int commit_parts(struct run *run)
{
	uint32_t i;
	int rc = 0;

	for (i = run->parts.count; rc == 0 && i-- > 0;)
		rc = run_commit_part(run->ctx, &run->parts.items[i]);
	return rc;
}

static int undo_from(struct cip_ctx *ctx, struct part *part, const struct snapshot *now)
{
	const struct opened *opened = &part->opened;
	struct plan *back;
	int rc = plan_undo(ctx, part->done, now->list, &back);

	if (rc < 0)
		return rc;
	if (back->count)
		rc = opened->backend->commit(ctx, opened->priv, back, now);
	plan_free(back);
	return rc;
}

static int undo_once(struct cip_ctx *ctx, struct part *part)
{
	const struct opened *opened = &part->opened;
	struct snapshot now;
	int rc = opened->backend->query(ctx, opened->priv, NULL, QUERY_PLAN, &now);

	if (rc < 0)
		return rc;
	rc = undo_from(ctx, part, &now);
	snapshot_clear(&now);
	return rc;
}

void run_undo(struct cip_ctx *ctx, struct parts *parts)
{
	struct kept_error kept;
	uint32_t i;

	kept_error_save(ctx, &kept);
	for (i = 0; i < parts->count && !ctx->dry_run; i++) {
		struct undoing undoing = { 0 };

		while (parts->items[i].done && backend_undo_again(&undoing, undo_once(ctx, &parts->items[i])))
			;
	}
	kept_error_restore(ctx, &kept);
}

/*
 * Plan from what is known. What was recalled is right if a commit that follows is taken; an error of the plan, and that
 * there is nothing to do, may be of yesterday.
 */
static int plan_from(struct run *run, int recalled)
{
	int rc = recalled ? 0 : read_kernel(run);

	if (rc == 0)
		rc = run_place(run);
	if (recalled && (rc < 0 || !count_steps(&run->parts)))
		return -ERESTART;
	return rc;
}

/* What follows when it is done. */
static int conclude(struct run *run)
{
	if (!run->ctx->dry_run)
		announce_created(run->ctx, &run->parts);
	remember_result(run->ctx, &run->parts);
	return run_keep_plan(run->ctx, &run->parts);
}

/* -ERESTART: this try has done nothing, and the next one has to read anew. What is committed stays in part->done. */
static int try_once(struct run *run, int may_recall)
{
	int recalled = may_recall && recall(run) == 0;
	int rc = plan_from(run, recalled);

	if (rc == 0)
		rc = commit_parts(run);
	if (rc == 0)
		rc = conclude(run);
	if (recalled)
		parts_clear(&run->parts); /* it is not known which backends there are */
	else
		parts_drop(&run->parts);
	return rc;
}

/* An earlier try has removed from one backend what another one lost to somebody else meanwhile. */
static int was_destroyed(const struct run *run)
{
	const struct change *change = run->request->change;
	uint32_t i, done = 0;

	for (i = 0; i < run->parts.count; i++)
		done += run->parts.items[i].done != NULL;
	return change && change->verb == VERB_DESTROY && done;
}

static int try_often(struct run *run)
{
	/* on a dry run no commit tells whether what was recalled is true */
	int rc, tries, may_recall = !run->ctx->dry_run;

	for (tries = 0; tries < RUN_TRIES; tries++) {
		rc = try_once(run, may_recall);
		if (rc == -ENOENT && was_destroyed(run))
			return run_keep_plan(run->ctx, &run->parts);
		if (rc != -ERESTART)
			return rc;
		cip_log(run->ctx, LOG_DEBUG, "the ruleset has changed meanwhile, beginning again (%d)",
			tries + 1);
		api_forget(run->ctx);
		may_recall = 0;
		backend_wait(tries);
	}
	return cip_error(run->ctx, -EBUSY, CIP_ATTR_NONE,
			 "other processes kept changing the ruleset, gave up after %d tries", tries);
}

int run_request(struct cip_ctx *ctx, const struct request *request)
{
	struct run run = { .ctx = ctx, .request = request };
	int rc = try_often(&run);

	if (rc < 0)
		run_undo(ctx, &run.parts);
	parts_clear(&run.parts);
	return rc;
}
