/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_BUCKETSET_H
#define CIP_BUCKETSET_H

#include <stddef.h>
#include <stdint.h>

#include <clusterip/clusterip.h>

#define BUCKETSET_WORDS	   (CIP_TOTAL_NODES_MAX / 64)
#define BUCKETSET_TEXT_MAX 4096

/* A set of bucket numbers 1..CIP_TOTAL_NODES_MAX; bucket b is bit b - 1. */
struct bucketset {
	uint64_t bits[BUCKETSET_WORDS];
};

void bucketset_add(struct bucketset *set, uint32_t bucket);
void bucketset_remove(struct bucketset *set, uint32_t bucket);
int bucketset_has(const struct bucketset *set, uint32_t bucket);
int bucketset_empty(const struct bucketset *set);
int bucketset_equal(const struct bucketset *a, const struct bucketset *b);
/* the smallest member above "after", 0 if there is none */
uint32_t bucketset_next(const struct bucketset *set, uint32_t after);

struct bucketset bucketset_first(uint32_t n); /* 1..n */

/* inline: they are most of what planning a move of buckets does */
static inline struct bucketset bucketset_or(const struct bucketset *a, const struct bucketset *b)
{
	struct bucketset set;
	uint32_t i;

	for (i = 0; i < BUCKETSET_WORDS; i++)
		set.bits[i] = a->bits[i] | b->bits[i];
	return set;
}

static inline struct bucketset bucketset_and(const struct bucketset *a, const struct bucketset *b)
{
	struct bucketset set;
	uint32_t i;

	for (i = 0; i < BUCKETSET_WORDS; i++)
		set.bits[i] = a->bits[i] & b->bits[i];
	return set;
}

static inline struct bucketset bucketset_minus(const struct bucketset *a, const struct bucketset *b)
{
	struct bucketset set;
	uint32_t i;

	for (i = 0; i < BUCKETSET_WORDS; i++)
		set.bits[i] = a->bits[i] & ~b->bits[i];
	return set;
}

/*
 * "1,3,5-8", "all" (1..total) or "none". total 0 means not known: "all" is refused, numbers go up to
 * CIP_TOTAL_NODES_MAX. Returns 0; -EINVAL: syntax; -ERANGE: a number out of range; -ENODATA: "all" without total.
 */
int bucketset_parse(const char *text, uint32_t total, struct bucketset *ret_set);
/* 0, or -ENOSPC */
int bucketset_format(const struct bucketset *set, char *buf, size_t size);

#endif
