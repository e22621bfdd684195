/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nft-class.h"
#include "nft-rule.h"

/* The numbers that classes of a family have, in order, and how far they have been looked through for a free one. */
struct taken {
	uint32_t count, at, free;
	uint32_t *numbers;
};

/* The classes there are, and those that a plan adds to them. */
struct classes {
	uint32_t count;
	const struct cip_cluster **members; /* of each class one at least, those that hash alike together */
	struct taken taken[2];		    /* of IPv4, of IPv6 */
};

static struct taken *taken_by(struct classes *classes, uint8_t addr_family)
{
	return &classes->taken[addr_family == 6];
}

int nft_class_moves(const struct plan_step *step)
{
	return step->want &&
	       (step->op == PLAN_CREATE || step->op == PLAN_REHASH || !step->have->observed.class);
}

static int by_hashing(const void *a, const void *b)
{
	const struct cip_cluster *const *x = a, *const *y = b;

	return nft_class_compare(*x, *y);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void take(struct classes *classes, uint8_t addr_family, uint32_t number)
{
	struct taken *taken = taken_by(classes, addr_family);

	taken->numbers[taken->count++] = number;
}

static void read_snapshot(struct classes *classes, const struct snapshot *snapshot)
{
	const struct cip_list *list = snapshot->list;
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		if (!list->items[i]->observed.class)
			continue;
		classes->members[classes->count++] = list->items[i];
		take(classes, list->items[i]->addr.family, list->items[i]->observed.class);
	}
	for (i = 0; i < snapshot->retired_count; i++)
		take(classes, snapshot->retired[i].addr.family, snapshot->retired[i].class);
	qsort(classes->members, classes->count, sizeof(*classes->members), by_hashing);
	for (i = 0; i < ARRAY_SIZE(classes->taken); i++)
		qsort(classes->taken[i].numbers, classes->taken[i].count, sizeof(uint32_t), by_number);
}

static void classes_clear(struct classes *classes)
{
	free(classes->members);
	free(classes->taken[0].numbers);
	free(classes->taken[1].numbers);
}

/* With room for one more class for each step. *classes is to be cleared in either case. */
static int classes_read(struct classes *classes, const struct plan *plan, const struct snapshot *snapshot)
{
	uint32_t space = snapshot->list->count + snapshot->retired_count + plan->count + 1, i;

	*classes = (struct classes){ .taken = { { .free = 1 }, { .free = 1 } } };
	classes->members = malloc(space * sizeof(*classes->members));
	for (i = 0; i < ARRAY_SIZE(classes->taken); i++)
		classes->taken[i].numbers = malloc(space * sizeof(uint32_t));
	if (!classes->members || !classes->taken[0].numbers || !classes->taken[1].numbers)
		return -ENOMEM;
	read_snapshot(classes, snapshot);
	return 0;
}

/* The place of the first member that does not come before it. */
static uint32_t find_place(const struct classes *classes, const struct cip_cluster *cluster)
{
	uint32_t low = 0, high = classes->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (nft_class_compare(classes->members[middle], cluster) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The lowest number that nobody has, nor slots that wait to be swept, nor a class given before. */
static uint32_t next_free(struct taken *taken)
{
	for (; taken->at < taken->count && taken->numbers[taken->at] <= taken->free; taken->at++)
		taken->free += taken->numbers[taken->at] == taken->free;
	return taken->free++;
}

static uint32_t find_class(struct classes *classes, struct cip_cluster *want)
{
	uint32_t place = find_place(classes, want);
	const struct cip_cluster **there = &classes->members[place];

	if (place < classes->count && !nft_class_compare(*there, want))
		return (*there)->observed.class;
	memmove(there + 1, there, (classes->count++ - place) * sizeof(*there));
	*there = want;
	return next_free(taken_by(classes, want->addr.family));
}

/* Had nobody the class before the plan? */
static int is_fresh(struct classes *classes, const struct cip_cluster *want)
{
	const struct taken *taken = taken_by(classes, want->addr.family);

	return !bsearch(&want->observed.class, taken->numbers, taken->count, sizeof(uint32_t), by_number);
}

static int assign(struct classes *classes, struct plan *plan, struct nft_step *ret_steps)
{
	uint32_t i;

	for (i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];
		struct cip_cluster *want = step->want;

		if (!want)
			continue;
		want->observed.class =
			nft_class_moves(step) ? find_class(classes, want) : step->have->observed.class;
		if (want->observed.class > NFT_CLASS_MAX)
			return -ENOSPC;
		ret_steps[i].fresh = is_fresh(classes, want);
	}
	return 0;
}

int nft_class_assign(struct plan *plan, const struct snapshot *snapshot, struct nft_step *ret_steps)
{
	struct classes classes;
	int rc = classes_read(&classes, plan, snapshot);

	if (rc == 0)
		rc = assign(&classes, plan, ret_steps);
	classes_clear(&classes);
	return rc;
}

void nft_class_keep(struct plan *plan)
{
	uint32_t i;

	for (i = 0; i < plan->count; i++)
		plan->steps[i].want->observed.class = plan->steps[i].have->observed.class;
}

int nft_class_is_retired(const struct plan_index *index, const struct snapshot *snapshot)
{
	const struct retired *retired = snapshot->retired;
	const struct plan_step *step;
	uint32_t i;

	for (i = 0; i < snapshot->retired_count; i++) {
		step = plan_index_find(index, &retired[i].addr);
		if (step && nft_class_moves(step) && step->want->observed.class == retired[i].class)
			return 1;
	}
	return 0;
}
