/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VERBS_H
#define VERBS_H

#include <clusterip/clusterip.h>
#include <stdint.h>

#define ANSWER_MAX 65536
/* what a result holds before a call that may fail, and must leave it alone then */
#define UNTOUCHED ((void *)(uintptr_t)0x5eed)
/* a verb returns that if the call has touched it */
#define TOUCHED (-10000)

enum {
	READS = 1,	  /* leaves the kernel alone, and what it answers counts */
	PURE = 2,	  /* does not ask the kernel either */
	REPAIRS = 4,	  /* may have put back a part where it fails */
	AUTO = 8,	  /* with all backends */
	NO_SENTENCE = 16, /* has no context to leave one in */
	DRY = 32,	  /* dry run */
	ANNOUNCES = 64,	  /* what it creates; closing the socket for that takes the kernel milliseconds */
	OUTDATED = 128,	  /* what the context has seen, by a change of somebody else */
};

struct scenario {
	const char *setup, *name;
	int (*verb)(struct cip_ctx *ctx, const struct scenario *scenario);
	const char *a, *b; /* arguments of the verb */
	uint32_t n;
	unsigned int flags;
	const char *warm; /* buckets of "a" that the same context adds before */
};

extern const struct scenario scenarios[];
extern const unsigned int scenario_count;

/* What the verb that ran last has answered; verb_begin() empties it. */
const char *verb_answer(void);
void verb_begin(void);

/* What cip_verify() says of everything, into the answer. */
int verb_verify(struct cip_ctx *ctx, const struct scenario *scenario);

/* The state that a scenario begins with; ctx is one without faults. */
void setup(struct cip_ctx *ctx, const char *name);

#endif
