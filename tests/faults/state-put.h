/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STATE_PUT_H
#define STATE_PUT_H

#include <linux/netlink.h>

#include "state.h"

/* How a state is put together: text of a line, piece by piece, and the end of the line. */
void put_begin(struct state *state);
void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
void put_value(const uint8_t *data, size_t len);
/* The attributes of an object whose types are none of the hidden ones, which are bits. */
void put_object(const struct nlmsghdr *nlh, const char *what, uint32_t hidden);
void end_line(void);

/* All of nftables. */
void put_ruleset(void);

#endif
