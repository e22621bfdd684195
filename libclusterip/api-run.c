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
	part->opened = backend_opened(run->ctx, recent->observed.backend);
	part->snapshot.generation = run->ctx->recent_generation;
	run->parts.count = 1;
	rc = list_new(NULL, &part->snapshot.list);
	if (rc == 0)
		rc = list_append(part->snapshot.list, recent);
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

int run_keep_plan(struct cip_ctx *ctx, struct parts *parts)
{
	struct plan *plan = NULL;
	uint32_t i;
	int rc = 0;

	for (i = parts->count; rc == 0 && i-- > 0;) {
		if (plan && parts->items[i].done) {
			rc = plan_append(ctx, plan, parts->items[i].done);
		} else if (parts->items[i].done) {
			plan = parts->items[i].done;
			parts->items[i].done = NULL;
		}
	}
	if (rc == 0 && !plan)
		rc = plan_new(ctx, &plan);
	if (rc < 0) {
		plan_free(plan);
		return rc;
	}
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
		remember(ctx, result, part->snapshot.generation + 1);
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

static int undo_once(struct cip_ctx *ctx, const struct opened *opened, struct plan *back)
{
	struct snapshot snapshot;
	int rc;

	rc = opened->backend->query(ctx, opened->priv, NULL, QUERY_PLAN, &snapshot);
	if (rc < 0)
		return rc;
	plan_refresh(back, snapshot.list);
	rc = opened->backend->commit(ctx, opened->priv, back, &snapshot);
	snapshot_clear(&snapshot);
	return rc;
}

static void undo_part(struct cip_ctx *ctx, struct part *part)
{
	struct plan *back;
	int rc, tries;

	if (!part->done || plan_reverse(ctx, part->done, &back) < 0)
		return;
	rc = back->count ? -ERESTART : 0;
	for (tries = 0; tries < RUN_TRIES && (rc == -ERESTART || rc == -ENOBUFS); tries++) {
		backend_wait(tries);
		rc = undo_once(ctx, &part->opened, back);
	}
	plan_free(back);
}

void run_undo(struct cip_ctx *ctx, struct parts *parts)
{
	struct kept_error kept;
	uint32_t i;

	kept_error_save(ctx, &kept);
	for (i = 0; i < parts->count && !ctx->dry_run; i++)
		undo_part(ctx, &parts->items[i]);
	kept_error_restore(ctx, &kept);
}

/* Plan from what is known and carry it out. -EAGAIN: what was recalled is too old to say "nothing to do". */
static int try_once(struct run *run, int may_recall)
{
	int rc = may_recall ? recall(run) : -ENODATA, recalled = rc == 0;

	if (rc == -ENODATA)
		rc = read_kernel(run);
	if (rc == 0)
		rc = run_place(run);
	if (rc == 0 && recalled && !count_steps(&run->parts))
		rc = -EAGAIN;
	if (rc == 0)
		rc = commit_parts(run);
	if (rc == 0 && !run->ctx->dry_run)
		announce_created(run->ctx, &run->parts);
	if (rc == 0) {
		remember_result(run->ctx, &run->parts);
		rc = run_keep_plan(run->ctx, &run->parts);
	}
	if (recalled)
		parts_clear(&run->parts);
	else
		parts_drop(&run->parts);
	return rc;
}

/* Has an earlier try removed what is to be destroyed, or may it have? */
static int was_destroyed(const struct run *run, int lost)
{
	const struct change *change = run->request->change;
	uint32_t i;

	for (i = 0; i < run->parts.count; i++)
		lost |= !!run->parts.items[i].done;
	return change && change->verb == VERB_DESTROY && lost;
}

static int try_often(struct run *run)
{
	int rc, tries, lost = 0;

	for (tries = 0; tries < RUN_TRIES; tries++) {
		rc = try_once(run, tries == 0);
		if (rc == -ENOENT && was_destroyed(run, lost))
			return run_keep_plan(run->ctx, &run->parts);
		lost |= rc == -ENOBUFS;
		/* -ENOBUFS: the answer was lost; reading again shows whether it was done */
		if (rc != -ERESTART && rc != -EAGAIN && rc != -ENOBUFS)
			return rc;
		cip_log(run->ctx, LOG_DEBUG, "the ruleset has changed meanwhile, beginning again (%d)",
			tries + 1);
		api_forget(run->ctx);
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
