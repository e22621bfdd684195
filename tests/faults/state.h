/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STATE_H
#define STATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * What the kernel has, as lines: tables, chains, rules, sets, elements, addresses and received MACs, without what differs
 * between two runs that do the same: handles, counters, the numbers of classes and so the first slots, slots that were left
 * behind, which address of a network came first. Sorted; the rules of a chain keep their order.
 */
#define STATE_TEXT_MAX	(1 << 19)
#define STATE_LINES_MAX 2048

struct state {
	uint32_t generation;
	size_t len;
	uint32_t count; /* lines */
	const char *lines[STATE_LINES_MAX];
	char text[STATE_TEXT_MAX];
};

/* known: an earlier state whose ruleset need not be read again if the generation is the same; or NULL */
void state_read(struct state *state, const struct state *known);

/* 0 if they are the same. */
int state_compare(const struct state *a, const struct state *b);

/*
 * True if they are the same but for what does no harm: received MACs, groups and chains of classes that only a has, and
 * promote_secondaries.
 */
int state_is_more(const struct state *a, const struct state *b);

/* An address on a device that no record is of: the node answers for all its buckets. NULL: there is none. */
const char *state_bare_address(const struct state *state);

/* Prints what one has and the other has not. */
void state_differ(const struct state *from, const struct state *to);

#endif
