/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_ADDR_H
#define CIP_WIRE_ADDR_H

#include "addr.h"
#include "wire-nl.h"

/* Larger than what the kernel says of an address. */
#define ADDR_MESSAGE_MAX 128

/* An address on a device, in the kernel's own words, which it takes again: with label, lifetimes and all else. */
struct addr_message {
	_Alignas(4) char bytes[ADDR_MESSAGE_MAX];
};

/* The same, read. An IPv4 address can be on a device several times, with other prefix lengths or peers. */
struct addr_entry {
	uint32_t index;
	struct addr addr;
	uint32_t prefix; /* 0 where one is asked for: any */
	uint32_t flags;	 /* IFA_F_* */
	int has_peer;
	struct addr_message message;
};

/* Where an address is to be. */
struct addr_place {
	uint32_t index;
	const struct addr *addr;
	uint32_t prefix;
};

/* What was done there, to be undone if a later part fails. */
#define ADDR_REMOVED_MAX 4
struct addr_done {
	int added;
	uint32_t removed_count;
	struct addr_message removed[ADDR_REMOVED_MAX];
};

/* The device whose first addresses may be removed without the later ones of their network; 0: none yet. */
struct addr_promotion {
	uint32_t index;
	int ours; /* it promotes them because of us */
};

/* All return 0 or a negative errno; nl->text may hold words about it. */

/* Call back for every address of every device. family: 4 or 6. -EINTR: it changed while it was read. */
typedef int (*addr_cb)(const struct addr_entry *entry, void *data);
int addr_each(struct nl *nl, uint8_t family, addr_cb cb, void *data);

/* The prefix length with which the device has the address, 0 if it has not. */
int addr_find(struct nl *nl, uint32_t index, const struct addr *addr, uint32_t *ret_prefix);

/* Is it as a cluster IP has to be there, and does the kernel use it? */
int addr_is_right(const struct addr_entry *entry, uint32_t prefix);
/* Does it go with the first address of its network, unless the device promotes it? Those are quicker to remove first. */
int addr_is_secondary(const struct addr_entry *entry);
/* Does the kernel keep the group joined that it is the address of? */
int addr_is_joined(const struct addr_entry *entry);
/*
 * Have the address there once and right. entries: those that there are of it on the device. -ERESTART: they have changed
 * since they were read, -E2BIG: there are more of them than can be undone, and nothing was done.
 */
int addr_put(struct nl *nl, const struct addr_place *place, const struct addr_entry *entries, uint32_t count,
	     struct addr_promotion *promotion, struct addr_done *done);
/* Have it there no more, with whatever prefix length. */
int addr_take(struct nl *nl, const struct addr_entry *entries, uint32_t count, struct addr_promotion *promotion,
	      struct addr_done *done);
/* Undo both, as far as it is possible. */
int addr_undo(struct nl *nl, const struct addr_place *place, struct addr_promotion *promotion,
	      const struct addr_done *done);
/* When the last address is removed that is to be. */
void addr_promotion_end(struct nl *nl, struct addr_promotion *promotion);

#endif
