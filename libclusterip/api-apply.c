/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "backend.h"
#include "change.h"
#include "error.h"
#include "log.h"
#include "validate.h"

/* How often a verb begins again because another process has changed the ruleset meanwhile. */
#define TRIES 100

/* What a verb is about: one change, or those that a list makes. */
struct request {
	const struct change *change; /* NULL: a list */
	struct cip_list *list;
	uint32_t flags;
};

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
static int recall(struct cip_ctx *ctx, const struct request *request, struct snapshot *snapshot)
{
	struct cip_cluster *recent = copy_of_recent(ctx, request);
	int rc;

	if (!recent)
		return -ENODATA;
	memset(snapshot, 0, sizeof(*snapshot));
	rc = list_new(NULL, &snapshot->list);
	if (rc == 0)
		rc = list_append(snapshot->list, recent);
	snapshot->generation = ctx->recent_generation;
	cluster_unref(recent);
	if (rc < 0)
		snapshot_clear(snapshot);
	return rc;
}

static void remember(struct cip_ctx *ctx, struct cip_cluster *cluster, uint32_t generation)
{
	api_forget(ctx);
	cluster_detach(cluster);
	ctx->recent = cluster;
	ctx->recent_generation = generation;
}

/* After a verb: keep the plan for cip_plan_count(), and what is now in the kernel for the next verb. */
static void keep(struct cip_ctx *ctx, struct plan *plan, const struct snapshot *snapshot)
{
	struct cip_cluster *result;
	int one = plan->count == 1 && plan_is_buckets(plan);

	api_forget(ctx);
	if (one && !ctx->dry_run && plan_step_result(&plan->steps[0], &result) == 0)
		remember(ctx, result, snapshot->generation + 1);
	plan_detach(plan);
	plan_free(ctx->plan);
	ctx->plan = plan;
}

static int read_kernel(struct cip_ctx *ctx, const struct request *request, struct snapshot *snapshot)
{
	const struct change *change = request->change;
	uint32_t flags = change && change_is_buckets(change) ? 0 : QUERY_PLAN;

	return ctx->backend->query(ctx, ctx->backend_priv, change ? &change->addr : NULL, flags, snapshot);
}

/* What is wrong with what exists: of one cluster IP, or of all. */
static int find_faults(struct cip_ctx *ctx, const struct addr *only, struct cip_report **ret_report)
{
	struct cip_report *report;
	int rc;

	rc = report_new(ctx, &report);
	if (rc < 0)
		return rc;
	rc = ctx->backend->verify(ctx, ctx->backend_priv, only, report);
	if (rc < 0 && rc != -ENOENT) {
		report_unref(report);
		return rc;
	}
	*ret_report = report;
	return 0;
}

/* Is anything wrong with it, or with what all share? */
static int has_fault(const struct cip_report *report, const struct addr *addr)
{
	uint32_t i;

	for (i = 0; i < report->count; i++)
		if (!report->faults[i].addr.family || !addr_compare(&report->faults[i].addr, addr))
			return 1;
	return 0;
}

static int plan_change(struct cip_ctx *ctx, const struct change *change, const struct snapshot *snapshot,
		       struct plan *plan)
{
	struct cip_cluster *have = list_find_sorted(snapshot->list, &change->addr);
	struct cip_report *report;
	int repair, rc;

	if (change->verb != VERB_CREATE || !have)
		return change_plan(ctx, change, have, 0, plan);
	rc = find_faults(ctx, &change->addr, &report);
	if (rc < 0)
		return rc;
	repair = report->count > 0;
	report_unref(report);
	return change_plan(ctx, change, have, repair, plan);
}

static int plan_prune(struct cip_ctx *ctx, struct cip_list *list, const struct snapshot *snapshot,
		      struct plan *plan)
{
	struct cip_list *sorted = NULL;
	uint32_t i;
	int rc;

	rc = list_new(NULL, &sorted);
	for (i = 0; rc == 0 && i < list->count; i++)
		rc = list_append(sorted, list->items[i]);
	if (rc == 0)
		list_sort(sorted);
	for (i = 0; rc == 0 && i < snapshot->list->count; i++)
		if (!list_find_sorted(sorted, &snapshot->list->items[i]->addr))
			rc = plan_diff(ctx, plan, NULL, snapshot->list->items[i], NULL, 0);
	list_unref(sorted);
	return rc;
}

static int plan_list(struct cip_ctx *ctx, const struct request *request, const struct snapshot *snapshot,
		     struct plan *plan)
{
	struct cip_list *list = request->list;
	struct cip_report *report;
	uint32_t i;
	int rc;

	rc = find_faults(ctx, NULL, &report);
	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < list->count; i++) {
		struct cip_cluster *given = list->items[i];
		struct change change = { .verb = VERB_APPLY, .addr = given->addr, .given = given };

		rc = change_plan(ctx, &change, list_find_sorted(snapshot->list, &given->addr),
				 has_fault(report, &given->addr), plan);
	}
	if (rc == 0 && request->flags & CIP_APPLY_PRUNE)
		rc = plan_prune(ctx, list, snapshot, plan);
	report_unref(report);
	return rc;
}

static int make_plan(struct cip_ctx *ctx, const struct request *request, const struct snapshot *snapshot,
		     struct plan **ret_plan)
{
	struct plan *plan;
	int rc;

	rc = plan_new(ctx, &plan);
	if (rc < 0)
		return rc;
	rc = request->change ? plan_change(ctx, request->change, snapshot, plan)
			     : plan_list(ctx, request, snapshot, plan);
	if (rc < 0)
		plan_free(plan);
	else
		*ret_plan = plan;
	return rc;
}

/* Plan from what is known and carry it out. -EAGAIN: what was recalled is too old to say "nothing to do". */
static int try_once(struct cip_ctx *ctx, const struct request *request, int may_recall)
{
	struct snapshot snapshot;
	struct plan *plan;
	int rc, recalled = 0;

	rc = may_recall ? recall(ctx, request, &snapshot) : -ENODATA;
	recalled = rc == 0;
	if (rc < 0)
		rc = read_kernel(ctx, request, &snapshot);
	if (rc < 0)
		return rc;
	rc = make_plan(ctx, request, &snapshot, &plan);
	if (rc == 0) {
		if (recalled && !plan->count)
			rc = -EAGAIN;
		else if (plan->count)
			rc = ctx->backend->commit(ctx, ctx->backend_priv, plan, &snapshot);
		if (rc == 0)
			keep(ctx, plan, &snapshot);
		else
			plan_free(plan);
	}
	snapshot_clear(&snapshot);
	return rc;
}

static int run(struct cip_ctx *ctx, const struct request *request)
{
	int rc, tries, lost = 0;

	rc = backend_get(ctx);
	if (rc < 0)
		return rc;
	for (tries = 0; tries < TRIES; tries++) {
		rc = try_once(ctx, request, tries == 0);
		if (rc == -ENOENT && lost && request->change->verb == VERB_DESTROY)
			return 0; /* it was this verb that removed it */
		lost |= rc == -ENOBUFS;
		/* -ENOBUFS: the answer was lost; reading again shows whether it was done */
		if (rc != -ERESTART && rc != -EAGAIN && rc != -ENOBUFS)
			return rc;
		cip_log(ctx, LOG_DEBUG, "the ruleset has changed meanwhile, beginning again (%d)", tries + 1);
		api_forget(ctx);
		backend_wait(tries);
	}
	return cip_error(ctx, -EBUSY, CIP_ATTR_NONE,
			 "other processes kept changing the ruleset, gave up after %d tries", tries);
}

static int run_change(struct cip_ctx *ctx, const struct change *change)
{
	struct request request = { .change = change };

	if (change->addr.family != 4)
		return cip_error(ctx, -EOPNOTSUPP, CIP_ATTR_ADDRESS,
				 "IPv6 cluster IPs are not supported by this version");
	return run(ctx, &request);
}

static int run_given(struct cip_ctx *ctx, enum verb verb, struct cip_cluster *cluster)
{
	struct change change = { .verb = verb, .given = cluster };
	int rc;

	if (!cluster)
		return cip_error(ctx, -EINVAL, CIP_ATTR_NONE, "cluster is NULL");
	rc = verb == VERB_CREATE ? validate_cluster(cluster) : 0;
	if (rc == 0)
		rc = validate_target(cluster);
	if (rc < 0)
		return rc;
	change.addr = cluster->addr;
	return run_change(ctx, &change);
}

CIP_EXPORT int cip_create(struct cip_ctx *ctx, struct cip_cluster *cluster)
{
	return run_given(ctx, VERB_CREATE, cluster);
}

CIP_EXPORT int cip_modify(struct cip_ctx *ctx, struct cip_cluster *cluster)
{
	return run_given(ctx, VERB_MODIFY, cluster);
}

CIP_EXPORT int cip_destroy(struct cip_ctx *ctx, const char *address, const char *ifname)
{
	struct change change = { .verb = VERB_DESTROY, .ifname = ifname };
	int rc = api_parse_address(ctx, address, &change.addr);

	return rc < 0 ? rc : run_change(ctx, &change);
}

static int run_buckets(struct cip_ctx *ctx, enum verb verb, const char *address, const char *ifname,
		       const char *buckets)
{
	struct change change = { .verb = verb, .ifname = ifname, .buckets = buckets };
	int rc = api_parse_address(ctx, address, &change.addr);

	if (rc == 0 && !buckets)
		rc = cip_error(ctx, -EINVAL, CIP_ATTR_BUCKETS, "buckets is NULL");
	return rc < 0 ? rc : run_change(ctx, &change);
}

CIP_EXPORT int cip_add_buckets(struct cip_ctx *ctx, const char *address, const char *ifname,
			       const char *buckets)
{
	return run_buckets(ctx, VERB_ADD, address, ifname, buckets);
}

CIP_EXPORT int cip_remove_buckets(struct cip_ctx *ctx, const char *address, const char *ifname,
				  const char *buckets)
{
	return run_buckets(ctx, VERB_REMOVE, address, ifname, buckets);
}

CIP_EXPORT int cip_set_buckets(struct cip_ctx *ctx, const char *address, const char *ifname,
			       const char *buckets)
{
	return run_buckets(ctx, VERB_SET, address, ifname, buckets);
}

/* A change of one attribute, which "set" gives to an empty cluster IP. */
static int run_attribute(struct cip_ctx *ctx, const char *address, const char *ifname, uint32_t value,
			 int (*set)(struct cip_cluster *cluster, uint32_t value))
{
	struct change change = { .verb = VERB_MODIFY, .ifname = ifname };
	int rc = api_parse_address(ctx, address, &change.addr);

	if (rc == 0)
		rc = cluster_new(ctx, &change.given);
	if (rc < 0)
		return rc;
	rc = set(change.given, value);
	if (rc == 0)
		rc = run_change(ctx, &change);
	cluster_unref(change.given);
	return rc;
}

CIP_EXPORT int cip_set_hash_mode(struct cip_ctx *ctx, const char *address, const char *ifname,
				 uint32_t hash_mode)
{
	return run_attribute(ctx, address, ifname, hash_mode, cip_cluster_set_hash_mode);
}

CIP_EXPORT int cip_set_total_nodes(struct cip_ctx *ctx, const char *address, const char *ifname,
				   uint32_t total_nodes)
{
	return run_attribute(ctx, address, ifname, total_nodes, cip_cluster_set_total_nodes);
}

CIP_EXPORT int cip_set_hash_seed(struct cip_ctx *ctx, const char *address, const char *ifname, uint32_t seed)
{
	return run_attribute(ctx, address, ifname, seed, cip_cluster_set_hash_seed);
}

CIP_EXPORT int cip_apply(struct cip_ctx *ctx, struct cip_list *list, uint32_t flags)
{
	struct request request = { .list = list, .flags = flags };
	uint32_t i;
	int rc = 0;

	if (!list || flags & ~(uint32_t)CIP_APPLY_PRUNE)
		return cip_error(ctx, -EINVAL, CIP_ATTR_NONE, "%s",
				 list ? "flags has unknown bits" : "list is NULL");
	for (i = 0; rc == 0 && i < list->count; i++)
		rc = validate_target(list->items[i]);
	return rc < 0 ? rc : run(ctx, &request);
}
