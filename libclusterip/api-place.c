/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "api-run.h"
#include "error.h"
#include "refused.h"

/* What is wrong with what a part has: of one cluster IP, or of all. */
static int find_faults(struct run *run, struct part *part, const struct addr *only)
{
	const struct opened *opened = &part->opened;
	struct cip_list *elsewhere;
	int rc;

	rc = report_new(run->ctx, &part->faults);
	if (rc == 0)
		rc = parts_elsewhere(run->ctx, &run->parts, part, &elsewhere);
	if (rc < 0)
		return rc;
	rc = opened->backend->verify(run->ctx, opened->priv, only, elsewhere, part->faults);
	list_unref(elsewhere);
	return rc == -ENOENT ? 0 : rc;
}

/* Is it something that the cluster IP shares? */
static int is_shared(const struct fault *fault, const struct addr *addr, const struct cip_cluster *have)
{
	if (fault->addr.family)
		return 0;
	return fault->family ? fault->family == addr->family : have && have->mac_mode == CIP_MAC_UNICAST;
}

/* Is anything wrong with it, or with what it shares, that can be repaired? */
static int has_fault(const struct part *part, const struct addr *addr, const struct cip_cluster *have)
{
	const struct cip_report *report = part->faults;
	uint32_t i;

	for (i = 0; report && i < report->count; i++)
		if (!report->faults[i].outside &&
		    (!addr_compare(&report->faults[i].addr, addr) || is_shared(&report->faults[i], addr, have)))
			return 1;
	return 0;
}

static int is_able(struct cip_ctx *ctx, const struct opened *opened, const struct plan_step *step)
{
	/* buckets that fit into total nodes can always move */
	if (!step->want || step->op == PLAN_BUCKETS)
		return 0;
	return opened->backend->can(ctx, opened->priv, step->want);
}

int run_plan_in(struct run *run, struct part *part, const struct change *change, int *ret_refused)
{
	struct cip_cluster *have = list_find_sorted(part->snapshot.list, &change->addr);
	uint32_t i, before = part->plan->count;
	int rc = 0;

	*ret_refused = 0;
	if ((change->verb == VERB_CREATE || change->verb == VERB_MODIFY) && have)
		rc = find_faults(run, part, &change->addr);
	if (rc == 0)
		rc = change_plan(run->ctx, change, have, has_fault(part, &change->addr, have), part->plan);
	if (rc < 0)
		return rc;
	for (i = before; rc == 0 && i < part->plan->count; i++)
		rc = is_able(run->ctx, &part->opened, &part->plan->steps[i]);
	if (rc < 0) {
		plan_truncate(part->plan, before);
		*ret_refused = rc == -EOPNOTSUPP || rc == -EINVAL;
	}
	return rc;
}

/* The first backend that can have it. */
static int choose(struct run *run, const struct change *change)
{
	struct reasons reasons = run->parts.missing;
	int rc = -EOPNOTSUPP, refused = 1;
	uint32_t i;

	for (i = 0; refused && i < run->parts.count; i++) {
		struct part *part = &run->parts.items[i];

		rc = run_plan_in(run, part, change, &refused);
		if (refused)
			reasons_add(&reasons, part->opened.backend, run->ctx->error);
	}
	if (refused && reasons.count > 1)
		return cip_error(run->ctx, -EOPNOTSUPP, CIP_ATTR_BACKEND, "no backend can do it: %s",
				 reasons.text);
	return rc;
}

int run_lives_elsewhere(struct cip_ctx *ctx, const struct addr *addr, const char *home, int rc)
{
	char address[ADDR_TEXT_MAX];

	addr_format(addr, address);
	if (rc == -ENOENT)
		return cip_error(ctx, rc, CIP_ATTR_BACKEND,
				 "no such cluster IP in backend %s: %s is in backend %s", ctx->backend_name,
				 address, home);
	return cip_error(ctx, rc, CIP_ATTR_BACKEND, "%s exists in backend %s, not in backend %s", address, home,
			 ctx->backend_name);
}

static int in_two(struct run *run, const struct change *change)
{
	char address[ADDR_TEXT_MAX];

	addr_format(&change->addr, address);
	return cip_error(run->ctx, -ENOTUNIQ, CIP_ATTR_BACKEND,
			 "%s is in backend %s and in backend %s: migrate it or destroy it first", address,
			 run->parts.items[0].opened.backend->name, run->parts.items[1].opened.backend->name);
}

static int is_creation(const struct change *change)
{
	return change->verb == VERB_CREATE || change->verb == VERB_APPLY;
}

/* There is none yet, or nothing but traces. */
static int place_new(struct run *run, const struct change *change)
{
	const char *home = parts_other_home(run->ctx, &run->parts, &change->addr);
	int rc = 0, refused, traces = 0;
	uint32_t i;

	if (home)
		return run_lives_elsewhere(run->ctx, &change->addr, home,
					   is_creation(change) ? -EEXIST : -ENOENT);
	if (is_creation(change))
		return choose(run, change);
	for (i = 0; rc == 0 && i < run->parts.count; i++) {
		if (!list_find_sorted(run->parts.items[i].snapshot.list, &change->addr))
			continue;
		traces++;
		rc = run_plan_in(run, &run->parts.items[i], change, &refused);
	}
	return traces ? rc : run_plan_in(run, &run->parts.items[0], change, &refused);
}

/* A cluster IP that exists is changed where it is. One that is in two backends can only go, from both. */
static int place(struct run *run, const struct change *change)
{
	uint32_t i, homes = 0;
	int rc = 0, refused;

	for (i = 0; i < run->parts.count; i++)
		homes += !!part_find(&run->parts.items[i], &change->addr);
	if (!homes)
		return place_new(run, change);
	if (homes > 1 && change->verb != VERB_DESTROY)
		return in_two(run, change);
	for (i = 0; rc == 0 && i < run->parts.count; i++)
		if (part_find(&run->parts.items[i], &change->addr))
			rc = run_plan_in(run, &run->parts.items[i], change, &refused);
	return rc;
}

static int prune(struct run *run, struct part *part, const struct cip_list *named)
{
	const struct cip_list *list = part->snapshot.list;
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->count; i++)
		if (!list_find_sorted(named, &list->items[i]->addr))
			rc = plan_diff(run->ctx, part->plan, NULL, list->items[i], NULL, 0);
	return rc;
}

/* What has lost its record is found by its traces alone, and goes, too. */
static int prune_trace(struct run *run, struct part *part, const struct addr *addr)
{
	struct snapshot trace;
	int rc = part->opened.backend->query(run->ctx, part->opened.priv, addr, QUERY_PLAN, &trace);

	if (rc < 0)
		return rc;
	if (trace.generation != part->snapshot.generation)
		rc = -ERESTART;
	else if (trace.list->count)
		rc = plan_diff(run->ctx, part->plan, NULL, list_find_sorted(trace.list, addr), NULL, 0);
	snapshot_clear(&trace);
	return rc;
}

static int prune_traces(struct run *run, struct part *part, const struct cip_list *named)
{
	const struct cip_report *report = part->faults;
	const struct addr *addr, *last = NULL;
	uint32_t i;
	int rc = 0;

	report_sort(part->faults);
	for (i = 0; rc == 0 && i < report->count; i++) {
		addr = &report->faults[i].addr;
		if (!addr->family || (last && !addr_compare(addr, last)) ||
		    list_find_sorted(part->snapshot.list, addr) || list_find_sorted(named, addr))
			continue;
		last = addr;
		rc = prune_trace(run, part, addr);
	}
	return rc;
}

static int prune_all(struct run *run)
{
	struct cip_list *sorted;
	uint32_t i;
	int rc;

	rc = list_new(run->ctx, &sorted);
	if (rc < 0)
		return rc;
	rc = list_merge(sorted, run->request->list);
	for (i = 0; rc == 0 && i < run->parts.count; i++)
		rc = prune(run, &run->parts.items[i], sorted);
	for (i = 0; rc == 0 && i < run->parts.count; i++)
		rc = prune_traces(run, &run->parts.items[i], sorted);
	list_unref(sorted);
	return rc;
}

static int place_list(struct run *run)
{
	struct cip_list *list = run->request->list;
	uint32_t i;
	int rc = 0;

	/* by an earlier try */
	refused_truncate(run->ctx, 0);
	for (i = 0; rc == 0 && i < run->parts.count; i++)
		rc = find_faults(run, &run->parts.items[i], NULL);
	for (i = 0; rc == 0 && i < list->count; i++) {
		struct cip_cluster *given = list->items[i];
		struct change change = { .verb = VERB_APPLY,
					 .addr = given->addr,
					 .given = given,
					 .keep_buckets = !!(run->request->flags & CIP_APPLY_KEEP_BUCKETS) };

		rc = place(run, &change);
		if (rc < 0)
			rc = refused_add(run->ctx, rc, &given->addr);
	}
	if (rc == 0)
		rc = refused_since(run->ctx, 0);
	return rc == 0 && run->request->flags & CIP_APPLY_PRUNE ? prune_all(run) : rc;
}

int run_place(struct run *run)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < run->parts.count; i++)
		rc = plan_new(run->ctx, &run->parts.items[i].plan);
	if (rc < 0)
		return rc;
	return run->request->change ? place(run, run->request->change) : place_list(run);
}
