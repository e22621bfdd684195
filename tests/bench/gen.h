/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_H
#define GEN_H

#include <linux/types.h>

/* What the generator in the kernel and its user share. */

#define FLOW_COUNT 4096 /* a power of two */

/* where they stand in a frame: of IPv6 addresses the words that differ, the source's first and the other's last */
#define FRAME4_CSUM   24
#define FRAME4_SADDR  26
#define FRAME4_DADDR  30
#define FRAME4_HEADER 34 /* its end */
#define FRAME6_SADDR  22
#define FRAME6_DADDR  50
#define FRAME6_HEADER 54

/* network byte order */
struct flow {
	__u32 saddr, daddr;
};

struct gen {
	__u32 next; /* frames made so far */
	__u32 sum;  /* of the IPv4 header without the two addresses */
	struct flow flows[FLOW_COUNT];
};

#endif
