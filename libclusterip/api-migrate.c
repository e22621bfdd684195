/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "api-run.h"
#include "api.h"
#include "error.h"

/* A migration while it runs: from any other backend to the most preferred one. */
struct migration {
	struct run run;
	struct addr addr;
	const char *ifname;
	struct part *from, *to;
	struct cip_cluster *goal; /* what is to be there */
	int made;		  /* it was not there, and has been put there */
};

static int open_parts(struct migration *migration)
{
	struct cip_ctx *ctx = migration->run.ctx;
	struct parts *parts = &migration->run.parts;
	struct opened to;
	int rc;

	if (strcmp(ctx->backend_name, "auto") && strcmp(ctx->backend_name, backend_at(0)->name))
		return cip_error(ctx, -EINVAL, CIP_ATTR_BACKEND,
				 "backend %s: cluster IPs are migrated to %s, not away from it",
				 ctx->backend_name, backend_at(0)->name);
	rc = backend_open(ctx, backend_at(0), &to);
	if (rc == 0)
		rc = parts_open(ctx, "auto", parts);
	migration->to = &parts->items[0];
	return rc;
}

static int not_found(struct migration *migration)
{
	char address[ADDR_TEXT_MAX];

	addr_format(&migration->addr, address);
	return api_not_found(migration->run.ctx, address, migration->ifname);
}

/* Where is it now? migration->from is NULL if it is at its goal. */
static int find_home(struct migration *migration)
{
	struct parts *parts = &migration->run.parts;
	struct cip_cluster *have = part_find(migration->to, &migration->addr);
	uint32_t i;

	migration->from = NULL;
	for (i = 1; i < parts->count && !migration->from; i++)
		if (part_find(&parts->items[i], &migration->addr))
			migration->from = &parts->items[i];
	if (migration->from)
		have = part_find(migration->from, &migration->addr);
	if (!have || (migration->ifname && strcmp(have->ifname, migration->ifname)))
		return not_found(migration);
	return 0;
}

/* What is to be at the goal: all that there is, and no more. */
static int make_goal(struct migration *migration)
{
	struct cip_cluster *want;
	int rc;

	rc = cluster_copy(migration->run.ctx, part_find(migration->from, &migration->addr), &want);
	if (rc < 0)
		return rc;
	memset(&want->observed, 0, sizeof(want->observed));
	/* an address that is not on the device is not put there now */
	if (!want->noaddr && !CLUSTER_HAS(want, CIP_ATTR_PREFIX)) {
		want->noaddr = 1;
		cluster_mark(want, CIP_ATTR_NOADDR);
	}
	cluster_unref(migration->goal);
	migration->goal = want;
	return 0;
}

static int reach_goal(struct migration *migration)
{
	struct change change = { .verb = VERB_CREATE, .addr = migration->addr, .given = migration->goal };
	struct part *to = migration->to;
	int rc, refused, makes = !part_find(to, &migration->addr);

	/* the address and the MAC on the device are those of a cluster IP that exists, not a trace */
	if (makes)
		list_remove(to->snapshot.list, &migration->addr);
	rc = plan_new(migration->run.ctx, &to->plan);
	if (rc == 0)
		rc = run_plan_in(&migration->run, to, &change, &refused);
	if (rc < 0)
		return rc;
	rc = run_commit_part(migration->run.ctx, to);
	migration->made |= makes && rc == 0;
	return rc;
}

static int leave(struct migration *migration, struct part *part)
{
	struct cip_ctx *ctx = migration->run.ctx;
	int rc;

	plan_free(part->plan);
	part->plan = NULL;
	rc = plan_new(ctx, &part->plan);
	if (rc == 0)
		rc = plan_leave(ctx, part->plan, part_find(part, &migration->addr));
	return rc < 0 ? rc : run_commit_part(ctx, part);
}

/*
 * While both have it, a packet must pass both, and both let in the same. So the goal comes first: at no moment is
 * there less than one that lets in our buckets and no others.
 */
static int try_once(struct migration *migration)
{
	struct cip_ctx *ctx = migration->run.ctx;
	int rc;

	rc = parts_read(ctx, &migration->run.parts, &migration->addr, QUERY_PLAN);
	if (rc == 0)
		rc = find_home(migration);
	if (rc == 0 && migration->from) {
		rc = make_goal(migration);
		if (rc == 0)
			rc = reach_goal(migration);
		if (rc == 0)
			rc = leave(migration, migration->from);
	}
	parts_drop(&migration->run.parts);
	return rc;
}

static int try_often(struct migration *migration)
{
	int rc = -ERESTART, tries;

	for (tries = 0; tries < RUN_TRIES && rc == -ERESTART; tries++) {
		backend_wait(tries);
		rc = try_once(migration);
	}
	if (rc == -ERESTART)
		return cip_error(migration->run.ctx, -EBUSY, CIP_ATTR_NONE,
				 "other processes kept changing the cluster IP, gave up after %d tries", tries);
	return rc;
}

/*
 * What this migration has made at the goal goes again; the address and the MAC stay, for they were there. Another
 * migration may be about to finish what this one has begun: as long as one of both has the cluster IP, all is well.
 * -ERESTART: something was done, look again.
 */
static int undo_from(struct migration *migration)
{
	const struct part *from = migration->from;
	struct part *to = migration->to;
	int left = part_find(from, &migration->addr) != NULL, made = part_find(to, &migration->addr) != NULL,
	    rc;

	if (left != made)
		return 0;
	rc = left ? leave(migration, to) : reach_goal(migration);
	return rc < 0 ? rc : -ERESTART;
}

static int undo_once(struct migration *migration)
{
	struct parts *parts = &migration->run.parts;
	int rc = parts_read(migration->run.ctx, parts, &migration->addr, QUERY_PLAN);

	if (rc == 0)
		rc = undo_from(migration);
	parts_drop(parts);
	return rc;
}

static void undo(struct migration *migration)
{
	struct cip_ctx *ctx = migration->run.ctx;
	struct undoing undoing = { 0 };
	struct kept_error kept;

	if (!migration->from || ctx->dry_run)
		return;
	if (!migration->made) {
		run_undo(ctx, &migration->run.parts);
		return;
	}
	kept_error_save(ctx, &kept);
	while (backend_undo_again(&undoing, undo_once(migration)))
		;
	kept_error_restore(ctx, &kept);
}

static int keep_plan(struct migration *migration)
{
	struct part *to = migration->to, *from = migration->from;
	int rc = 0;

	if (from && to->done && from->done) {
		rc = plan_append(migration->run.ctx, to->done, from->done);
		from->done = plan_free(from->done);
	}
	return rc < 0 ? rc : run_keep_plan(migration->run.ctx, &migration->run.parts);
}

CIP_EXPORT int cip_migrate(struct cip_ctx *ctx, const char *address, const char *ifname)
{
	struct migration migration = { .run.ctx = ctx, .ifname = ifname };
	int rc;

	rc = api_parse_address(ctx, address, &migration.addr);
	if (rc == 0)
		rc = open_parts(&migration);
	if (rc < 0)
		return rc;
	rc = try_often(&migration);
	if (rc == 0)
		rc = keep_plan(&migration);
	else
		undo(&migration);
	api_forget(ctx);
	cluster_unref(migration.goal);
	parts_clear(&migration.run.parts);
	return rc;
}
