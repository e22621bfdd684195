/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster-text.h"
#include "error.h"
#include "plan.h"

#define HASH_ATTRS                                                                                             \
	(1u << CIP_ATTR_HASH_MODE | 1u << CIP_ATTR_TOTAL | 1u << CIP_ATTR_SEED | 1u << CIP_ATTR_SOURCE_PREFIX)

int plan_new(struct cip_ctx *ctx, struct plan **ret_plan)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		return cip_error_nomem(ctx);
	*ret_plan = plan;
	return 0;
}

void plan_truncate(struct plan *plan, uint32_t count)
{
	while (plan->count > count) {
		plan->count--;
		cluster_unref(plan->steps[plan->count].want);
		cluster_unref(plan->steps[plan->count].have);
	}
}

struct plan *plan_free(struct plan *plan)
{
	if (!plan)
		return NULL;
	plan_truncate(plan, 0);
	free(plan->steps);
	free(plan);
	return NULL;
}

static int append(struct cip_ctx *ctx, struct plan *plan, const struct plan_step *step)
{
	uint32_t space = plan->space ? plan->space * 2 : 1;
	struct plan_step *steps;

	if (plan->count == plan->space) {
		steps = realloc(plan->steps, space * sizeof(*steps));
		if (!steps)
			return cip_error_nomem(ctx);
		plan->steps = steps;
		plan->space = space;
	}
	plan->steps[plan->count] = *step;
	if (step->want)
		cluster_ref(step->want);
	if (step->have)
		cluster_ref(step->have);
	plan->count++;
	return 0;
}

int plan_append(struct cip_ctx *ctx, struct plan *plan, const struct plan *other)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < other->count; i++)
		rc = append(ctx, plan, &other->steps[i]);
	return rc;
}

int plan_leave(struct cip_ctx *ctx, struct plan *plan, struct cip_cluster *have)
{
	struct plan_step step = { .op = PLAN_LEAVE, .have = have };

	return append(ctx, plan, &step);
}

static void diff_buckets(struct plan_step *step, const struct bucketset *scope)
{
	const struct bucketset *want = &step->want->buckets, *let = &step->have->buckets;
	const struct bucketset *own = &step->have->observed.assigned;

	step->let_add = bucketset_minus(want, let);
	step->let_del = bucketset_minus(let, want);
	step->own_add = bucketset_minus(want, own);
	step->own_del = bucketset_minus(own, want);
	if (!scope)
		return;
	step->let_add = bucketset_and(&step->let_add, scope);
	step->let_del = bucketset_and(&step->let_del, scope);
	step->own_add = bucketset_and(&step->own_add, scope);
	step->own_del = bucketset_and(&step->own_del, scope);
}

static int moves_buckets(const struct plan_step *step)
{
	return !bucketset_empty(&step->let_add) || !bucketset_empty(&step->let_del) ||
	       !bucketset_empty(&step->own_add) || !bucketset_empty(&step->own_del);
}

int plan_append_moves(struct cip_ctx *ctx, struct plan *plan, const struct plan_step *step)
{
	return moves_buckets(step) ? append(ctx, plan, step) : 0;
}

int plan_hashes_alike(const struct cip_cluster *a, const struct cip_cluster *b)
{
	return !(cluster_compare(a, b) & HASH_ATTRS);
}

int plan_diff(struct cip_ctx *ctx, struct plan *plan, struct cip_cluster *want, struct cip_cluster *have,
	      const struct bucketset *scope, int repair)
{
	struct plan_step step = { .want = want, .have = have };

	if (!want && !have)
		return 0;
	if (!have) {
		step.op = PLAN_CREATE;
	} else if (!want) {
		step.op = PLAN_DESTROY;
	} else if (have->observed.recorded && !plan_hashes_alike(want, have)) {
		step.op = PLAN_REHASH;
		step.repair = repair;
	} else {
		diff_buckets(&step, scope);
		if (repair)
			step.op = PLAN_REPAIR;
		else if (moves_buckets(&step))
			step.op = PLAN_BUCKETS;
		else
			return 0;
	}
	return append(ctx, plan, &step);
}

void plan_detach(struct plan *plan)
{
	uint32_t i;

	for (i = 0; i < plan->count; i++) {
		if (plan->steps[i].want)
			cluster_detach(plan->steps[i].want);
		if (plan->steps[i].have)
			cluster_detach(plan->steps[i].have);
	}
}

const struct addr *plan_step_addr(const struct plan_step *step)
{
	return &(step->want ? step->want : step->have)->addr;
}

uint8_t plan_step_family(const struct plan_step *step)
{
	return plan_step_addr(step)->family;
}

int plan_step_writes(const struct plan_step *step)
{
	return step->op == PLAN_CREATE || step->op == PLAN_REPAIR || step->repair;
}

static int by_address(const void *a, const void *b)
{
	const struct plan_step *const *x = a, *const *y = b;
	int order = addr_compare(plan_step_addr(*x), plan_step_addr(*y));

	return order ? order : (*x > *y) - (*x < *y);
}

int plan_index(const struct plan *plan, struct plan_index *ret_index)
{
	const struct plan_step **steps = malloc((plan->count + 1) * sizeof(*steps));
	uint32_t i;

	if (!steps)
		return -ENOMEM;
	for (i = 0; i < plan->count; i++)
		steps[i] = &plan->steps[i];
	qsort(steps, plan->count, sizeof(*steps), by_address);
	*ret_index = (struct plan_index){ plan->count, steps };
	return 0;
}

const struct plan_step *plan_index_find(const struct plan_index *index, const struct addr *addr)
{
	uint32_t low = 0, high = index->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (addr_compare(plan_step_addr(index->steps[middle]), addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < index->count && !addr_compare(plan_step_addr(index->steps[low]), addr))
		return index->steps[low];
	return NULL;
}

int plan_has_family(const struct plan *plan, uint8_t family)
{
	uint32_t i;

	for (i = 0; i < plan->count; i++)
		if (plan_step_family(&plan->steps[i]) == family)
			return 1;
	return 0;
}

int plan_is_buckets(const struct plan *plan)
{
	uint32_t i;

	for (i = 0; i < plan->count; i++)
		if (plan->steps[i].op != PLAN_BUCKETS)
			return 0;
	return 1;
}

static struct bucketset apply_sets(const struct bucketset *set, const struct bucketset *add,
				   const struct bucketset *del)
{
	struct bucketset kept = bucketset_minus(set, del);

	return bucketset_or(&kept, add);
}

int plan_step_result(const struct plan_step *step, struct cip_cluster **ret_cluster)
{
	const struct cip_cluster *have = step->have;
	struct cip_cluster *result;
	int rc;

	rc = cluster_copy(NULL, have, &result);
	if (rc < 0)
		return rc;
	result->buckets = apply_sets(&have->buckets, &step->let_add, &step->let_del);
	result->observed.assigned = apply_sets(&have->observed.assigned, &step->own_add, &step->own_del);
	*ret_cluster = result;
	return 0;
}

static void format_moves(const struct plan_step *step, char *buf, size_t size)
{
	struct bucketset add = bucketset_or(&step->let_add, &step->own_add);
	struct bucketset del = bucketset_or(&step->let_del, &step->own_del);
	char text[BUCKETSET_TEXT_MAX];
	size_t len = 0;

	buf[0] = '\0';
	del = bucketset_minus(&del, &add);
	if (!bucketset_empty(&add)) {
		(void)bucketset_format(&add, text, sizeof(text));
		len = (size_t)snprintf(buf, size, "add buckets %s", text);
	}
	if (!bucketset_empty(&del) && len < size) {
		(void)bucketset_format(&del, text, sizeof(text));
		snprintf(buf + len, size - len, "%sremove buckets %s", len ? ", " : "", text);
	}
}

int plan_step_format(const struct plan_step *step, char *buf, size_t size)
{
	char label[CLUSTER_LABEL_MAX], text[CLUSTER_TEXT_MAX] = "";
	int len = 0;

	cluster_label(step->want ? step->want : step->have, label);
	switch (step->op) {
	case PLAN_CREATE:
		(void)cluster_format(step->want, text, sizeof(text));
		len = snprintf(buf, size, "create %s", text);
		break;
	case PLAN_DESTROY:
		len = snprintf(buf, size, "destroy %s", label);
		break;
	case PLAN_REHASH:
		(void)cluster_format_words(step->want, HASH_ATTRS | 1u << CIP_ATTR_BUCKETS, text, sizeof(text));
		len = snprintf(buf, size, "%s: %srehash %s", label, step->repair ? "repair, " : "", text);
		break;
	case PLAN_BUCKETS:
		format_moves(step, text, sizeof(text));
		len = snprintf(buf, size, "%s: %s", label, text);
		break;
	case PLAN_REPAIR:
		format_moves(step, text, sizeof(text));
		len = snprintf(buf, size, "%s: repair%s%s", label, *text ? ", " : "", text);
		break;
	case PLAN_LEAVE:
		len = snprintf(buf, size, "%s: leave backend %s", label, step->have->observed.backend);
		break;
	}
	return len >= 0 && (size_t)len < size ? 0 : -ENOSPC;
}
