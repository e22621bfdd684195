/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_H
#define GEN_H

#include <linux/types.h>

/* What the generator in the kernel and its user share. */

#define FLOW_COUNT   4096 /* a power of two */
#define FRAME_SIZE   60
#define FRAME_CSUM   24 /* where they stand in a frame */
#define FRAME_SADDR  26
#define FRAME_DADDR  30
#define FRAME_HEADER 34

/* network byte order */
struct flow {
	__u32 saddr, daddr;
};

struct gen {
	__u32 next; /* frames made so far */
	__u32 sum;  /* of the IP header without the two addresses */
	struct flow flows[FLOW_COUNT];
};

#endif
