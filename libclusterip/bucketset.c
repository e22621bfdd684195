/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bucketset.h"

static int in_range(uint32_t bucket)
{
	return bucket >= 1 && bucket <= CIP_TOTAL_NODES_MAX;
}

void bucketset_add(struct bucketset *set, uint32_t bucket)
{
	if (in_range(bucket))
		set->bits[(bucket - 1) / 64] |= UINT64_C(1) << (bucket - 1) % 64;
}

void bucketset_remove(struct bucketset *set, uint32_t bucket)
{
	if (in_range(bucket))
		set->bits[(bucket - 1) / 64] &= ~(UINT64_C(1) << (bucket - 1) % 64);
}

int bucketset_has(const struct bucketset *set, uint32_t bucket)
{
	return in_range(bucket) && (set->bits[(bucket - 1) / 64] >> (bucket - 1) % 64 & 1);
}

int bucketset_empty(const struct bucketset *set)
{
	return bucketset_next(set, 0) == 0;
}

int bucketset_equal(const struct bucketset *a, const struct bucketset *b)
{
	return !memcmp(a->bits, b->bits, sizeof(a->bits));
}

uint32_t bucketset_next(const struct bucketset *set, uint32_t after)
{
	uint32_t word = after / 64;
	uint64_t bits;

	if (after >= CIP_TOTAL_NODES_MAX)
		return 0;
	bits = set->bits[word] & ~UINT64_C(0) << after % 64;
	while (!bits) {
		if (++word == BUCKETSET_WORDS)
			return 0;
		bits = set->bits[word];
	}
	return word * 64 + (uint32_t)__builtin_ctzll(bits) + 1;
}

struct bucketset bucketset_first(uint32_t n)
{
	struct bucketset set = { 0 };
	uint32_t bucket;

	for (bucket = 1; bucket <= n; bucket++)
		bucketset_add(&set, bucket);
	return set;
}

/* A decimal number at *text, which moves behind it. Numbers too long to matter become 0, out of range. */
static int parse_number(const char **text, uint32_t *ret_number)
{
	uint32_t number = 0, digits = 0;

	for (; isdigit((unsigned char)**text); (*text)++, digits++)
		number = number > CIP_TOTAL_NODES_MAX ? number : number * 10 + (uint32_t)(**text - '0');
	*ret_number = number;
	return digits ? 0 : -EINVAL;
}

static int parse_item(const char **text, uint32_t max, struct bucketset *set)
{
	uint32_t first, last;

	if (parse_number(text, &first) < 0)
		return -EINVAL;
	last = first;
	if (**text == '-') {
		(*text)++;
		if (parse_number(text, &last) < 0)
			return -EINVAL;
	}
	if (first < 1 || last < first || last > max)
		return -ERANGE;
	for (; first <= last; first++)
		bucketset_add(set, first);
	return 0;
}

int bucketset_parse(const char *text, uint32_t total, struct bucketset *ret_set)
{
	struct bucketset set = { 0 };
	int rc;

	if (!strcmp(text, "all")) {
		if (!total)
			return -ENODATA;
		*ret_set = bucketset_first(total);
		return 0;
	}
	if (strcmp(text, "none")) {
		for (;; text++) {
			rc = parse_item(&text, total ? total : CIP_TOTAL_NODES_MAX, &set);
			if (rc < 0)
				return rc;
			if (!*text)
				break;
			if (*text != ',')
				return -EINVAL;
		}
	}
	*ret_set = set;
	return 0;
}

int bucketset_format(const struct bucketset *set, char *buf, size_t size)
{
	char text[BUCKETSET_TEXT_MAX];
	uint32_t first, last;
	size_t len = 0;

	for (first = bucketset_next(set, 0); first; first = bucketset_next(set, last)) {
		for (last = first; bucketset_has(set, last + 1);)
			last++;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u", len ? "," : "", first);
		if (last > first)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%c%u",
						last > first + 1 ? '-' : ',', last);
	}
	if (!len)
		len = (size_t)snprintf(text, sizeof(text), "none");
	if (len >= size)
		return -ENOSPC;
	memcpy(buf, text, len + 1);
	return 0;
}
