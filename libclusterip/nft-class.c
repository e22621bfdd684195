/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "nft-class.h"
#include "nft-rule.h"

int nft_class_moves(const struct plan_step *step)
{
	return step->want &&
	       (step->op == PLAN_CREATE || step->op == PLAN_REHASH || !step->have->observed.class);
}

/* The class that others like it have, or that steps before this one have got; 0: none. */
static uint32_t find(const struct plan *plan, uint32_t at, const struct snapshot *snapshot)
{
	const struct cip_cluster *want = plan->steps[at].want, *other;
	uint32_t i;

	for (i = at; i-- > 0;) {
		other = plan->steps[i].want;
		if (other && nft_class_same(other, want))
			return other->observed.class;
	}
	for (i = 0; i < snapshot->list->count; i++) {
		other = snapshot->list->items[i];
		if (other->observed.class && nft_class_same(other, want))
			return other->observed.class;
	}
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Neither a cluster IP has it, nor slots that wait to be swept, nor a step before this one. */
static int find_free(const struct plan *plan, uint32_t at, const struct snapshot *snapshot, uint32_t *ret_class)
{
	const struct cip_list *list = snapshot->list;
	uint32_t *used = malloc((list->count + snapshot->retired_count + at + 1) * sizeof(*used));
	uint8_t family = plan->steps[at].want->addr.family;
	uint32_t i, count = 0, class = 1;

	if (!used)
		return -ENOMEM;
	for (i = 0; i < list->count; i++)
		if (list->items[i]->addr.family == family)
			used[count++] = list->items[i]->observed.class;
	for (i = 0; i < snapshot->retired_count; i++)
		if (snapshot->retired[i].addr.family == family)
			used[count++] = snapshot->retired[i].class;
	for (i = 0; i < at; i++)
		if (plan->steps[i].want && plan->steps[i].want->addr.family == family)
			used[count++] = plan->steps[i].want->observed.class;
	qsort(used, count, sizeof(*used), by_number);
	for (i = 0; i < count; i++)
		class += used[i] == class;
	free(used);
	*ret_class = class;
	return class > NFT_CLASS_MAX ? -ENOSPC : 0;
}

int nft_class_assign(struct plan *plan, const struct snapshot *snapshot)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < plan->count; i++) {
		struct plan_step *step = &plan->steps[i];

		if (!step->want)
			continue;
		if (!nft_class_moves(step)) {
			step->want->observed.class = step->have->observed.class;
			continue;
		}
		step->want->observed.class = find(plan, i, snapshot);
		if (!step->want->observed.class)
			rc = find_free(plan, i, snapshot, &step->want->observed.class);
	}
	return rc;
}

int nft_class_is_retired(const struct plan *plan, const struct snapshot *snapshot)
{
	const struct retired *retired = snapshot->retired;
	const struct plan_step *step;
	uint32_t i;

	for (i = 0; i < snapshot->retired_count; i++) {
		step = plan_find(plan, &retired[i].addr);
		if (step && nft_class_moves(step) && step->want->observed.class == retired[i].class)
			return 1;
	}
	return 0;
}

int nft_class_has_member(uint8_t family, uint32_t class, struct cip_cluster *const *clusters, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (clusters[i]->addr.family == family && clusters[i]->observed.class == class)
			return 1;
	return 0;
}
