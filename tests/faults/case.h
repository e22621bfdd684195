/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CASE_H
#define CASE_H

#include "inject.h"
#include "state.h"
#include "verbs.h"

/* A scenario, and what is known of it. */

/* a verb that was run: how it ended, and what was there then */
struct outcome {
	int rc;
	struct state state;
	char answer[ANSWER_MAX], verify[ANSWER_MAX];
};

struct moments {
	unsigned int count;
	uint8_t trace[TRACE_MAX + 1];
};

struct judged {
	const struct scenario *scenario;
	const struct script *script; /* that is tried */
	struct outcome before, done,
		again;	    /* without faults: before the verb, behind it, and behind the same again */
	struct outcome now; /* under faults */
	char before_list[ANSWER_MAX];  /* what a query answers before the verb */
	struct moments without, under; /* of the verb without faults; under the last script */
	int wrong;
};

extern struct judged judged;

/* Says so, with the scenario and the script. */
void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Does a scenario without faults. */
void case_begin(const struct scenario *scenario);

/* The state that it begins with, if a verb has changed that. */
void case_reset(void);
/* A context as the scenario wants it, with a sentence in it that a verb which fails must replace. */
struct cip_ctx *case_context(void);
/* The verb; which faults it has met are the bits of *ret_injected. */
int case_run(struct cip_ctx *ctx, const struct script *script, unsigned int *ret_injected);
/* The moments of what ran last. */
void case_moments(struct moments *ret_moments);
/* What is there now; known: an outcome whose state it may be. */
void case_look(struct outcome *outcome, const struct outcome *known);
void case_ask(struct cip_ctx *ctx, int (*verb)(struct cip_ctx *, const struct scenario *), char *ret_answer);
/* The file descriptors that are open, as bits. */
uint64_t case_files(void);

#endif
