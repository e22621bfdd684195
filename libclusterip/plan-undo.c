/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "error.h"
#include "plan.h"

static struct cip_cluster *recorded(const struct cip_list *now, const struct addr *addr)
{
	struct cip_cluster *found = list_find_sorted(now, addr);

	return found && found->observed.recorded ? found : NULL;
}

/* Those of the buckets that the step has moved which are still where it moved them to. */
static int undo_buckets(struct cip_ctx *ctx, const struct plan_step *step, struct cip_cluster *now,
			struct plan *plan)
{
	struct plan_step back = { .op = PLAN_BUCKETS, .want = now, .have = now };

	back.let_add = bucketset_minus(&step->let_del, &now->buckets);
	back.let_del = bucketset_and(&step->let_add, &now->buckets);
	back.own_add = bucketset_minus(&step->own_del, &now->observed.assigned);
	back.own_del = bucketset_and(&step->own_add, &now->observed.assigned);
	return plan_append_moves(ctx, plan, &back);
}

/* What there was, which is not to be told of classes that it may come to now. */
static int undo_to(struct cip_ctx *ctx, struct cip_cluster *was, struct cip_cluster *now, struct plan *plan)
{
	struct cip_cluster *want;
	int rc;

	rc = cluster_copy(NULL, was, &want);
	if (rc < 0)
		return cip_error_nomem(ctx);
	rc = plan_diff(ctx, plan, want, now, NULL, 0);
	cluster_unref(want);
	return rc;
}

/* A repair is not undone: what it put back was asked for before. Nor is leaving, the last step of a migration. */
static int undo_step(struct cip_ctx *ctx, const struct plan_step *step, const struct cip_list *list,
		     struct plan *plan)
{
	struct cip_cluster *now = recorded(list, plan_step_addr(step));

	switch (step->op) {
	case PLAN_CREATE:
		return plan_diff(ctx, plan, NULL, now, NULL, 0);
	case PLAN_DESTROY:
		return now ? 0 : undo_to(ctx, step->have, NULL, plan);
	case PLAN_BUCKETS:
		return now ? undo_buckets(ctx, step, now, plan) : 0;
	case PLAN_REHASH:
		return now && plan_hashes_alike(step->want, now) ? undo_to(ctx, step->have, now, plan) : 0;
	case PLAN_REPAIR:
	case PLAN_LEAVE:
		break;
	}
	return 0;
}

int plan_undo(struct cip_ctx *ctx, const struct plan *done, const struct cip_list *now, struct plan **ret_plan)
{
	struct plan_index index = { 0 };
	struct plan *back = NULL;
	uint32_t i;
	int rc;

	rc = plan_new(ctx, &back);
	if (rc == 0 && plan_index(done, &index) < 0)
		rc = cip_error_nomem(ctx);
	for (i = 0; rc == 0 && i < index.count; i++)
		/* of several steps the first says what there was */
		if (plan_index_find(&index, plan_step_addr(index.steps[i])) == index.steps[i])
			rc = undo_step(ctx, index.steps[i], now, back);
	free(index.steps);
	if (rc < 0) {
		plan_free(back);
		return rc;
	}
	*ret_plan = back;
	return 0;
}

static int moves_are_done(const struct plan_step *step, const struct cip_cluster *now)
{
	struct bucketset missing = bucketset_minus(&step->let_add, &now->buckets);
	struct bucketset left = bucketset_and(&step->let_del, &now->buckets);
	struct bucketset own_missing = bucketset_minus(&step->own_add, &now->observed.assigned);
	struct bucketset own_left = bucketset_and(&step->own_del, &now->observed.assigned);

	return bucketset_empty(&missing) && bucketset_empty(&left) && bucketset_empty(&own_missing) &&
	       bucketset_empty(&own_left);
}

static int step_is_done(const struct plan_step *step, const struct cip_list *list)
{
	const struct cip_cluster *now = recorded(list, plan_step_addr(step));

	switch (step->op) {
	case PLAN_CREATE:
	case PLAN_REHASH:
		return now && !cluster_compare(step->want, now);
	case PLAN_DESTROY:
	case PLAN_LEAVE:
		return !now;
	case PLAN_BUCKETS:
		return now && moves_are_done(step, now);
	case PLAN_REPAIR:
		break;
	}
	return 0;
}

int plan_is_done(const struct plan *plan, const struct cip_list *now)
{
	uint32_t i, done = 0;

	for (i = 0; i < plan->count; i++) {
		if (plan->steps[i].op == PLAN_REPAIR)
			continue;
		if (!step_is_done(&plan->steps[i], now))
			return 0;
		done++;
	}
	return done > 0;
}
