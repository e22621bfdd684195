/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TRY_H
#define TRY_H

#include "judge.h"

/* Which scripts of faults a scenario is tried with. */

/* A scenario that has gone wrong so often says no more. */
#define WRONG_MAX 100

struct options {
	int pairs_alone, all, worker, workers;
	unsigned int every, pairs;
	uint32_t seed;
	const char *only, *script;
};

extern struct options options;

/* What a process that dies leaves to the one that goes on. */
struct progress {
	unsigned long next; /* runs that were begun */
	unsigned int moments, singles, pairs, done, refused, wrong;
	int finished;
	char script[SCRIPT_TEXT_MAX];
};

extern struct progress *progress;
/* Of each kind, whether some verb has met it; of all scenarios. */
extern uint8_t *occasions;

/* All scripts, or a sample that seed and name choose. */
void try_all(const char *name);
void try_script(const struct script *script);

#endif
