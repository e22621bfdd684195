/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <unistd.h>

#include "try.h"

#define HANGS_AFTER 60
/* Where there are so many allocations, one in two of those that would fail does, and so on. */
#define ALLOCATIONS_MAX 4000
#define LASTING_EVERY	8
static unsigned long at; /* runs so far, also those that another process has done */

static uint32_t random_below(uint32_t *random, uint32_t limit)
{
	*random = *random * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)*random * limit >> 32);
}

/* One run, if no earlier process has died of it. */
static struct verdict attempt(const struct script *script, int first, unsigned int *count)
{
	struct verdict verdict = { 0 };

	if (at++ < progress->next || progress->wrong >= WRONG_MAX)
		return verdict;
	progress->next = at;
	script_format(script, progress->script);
	alarm(HANGS_AFTER);
	verdict = judge(script, first, !!options.script);
	if (verdict.met) {
		occasions[script->faults[script->count - 1].kind] = 1;
		(*count)++;
		progress->done += verdict.rc == 0;
		progress->refused += verdict.rc < 0;
	}
	progress->wrong += verdict.wrong;
	return verdict;
}

/* ------------------------------------------------------------------ one fault */

/*
 * Kinds that are tried from a moment on, too, and there at one moment in so many: until it gives up a verb tries again for
 * long. Of the others a few are among the pairs.
 */
static int is_lasting(unsigned int kind, unsigned int nth)
{
	return (kind == SEND_NOMEM || kind == REFUSE_NOMEM || kind == RESTART || kind == DUMP_INTR) &&
	       (options.all || (nth + options.seed) % LASTING_EVERY == 0);
}

/* Where there are very many they are much alike. */
static unsigned int nth_allocation(void)
{
	return options.all ? 1 : options.every * (judge_count() / ALLOCATIONS_MAX + 1);
}

static void single_faults(void)
{
	struct script script = { .count = 1 };
	struct fault *fault = &script.faults[0];
	unsigned int nth = 0;

	for (fault->kind = 1; fault->kind < KINDS; fault->kind++)
		for (fault->at = 1; fault->at <= judge_count(); fault->at++) {
			if (!kind_fits(fault->kind, judge_trace()[fault->at]) ||
			    (fault->kind == NO_MEMORY && (fault->at + options.seed) % nth_allocation()))
				continue;
			fault->on = 0;
			(void)attempt(&script, 0, &progress->singles);
			fault->on = 1;
			if (is_lasting(fault->kind, nth++))
				(void)attempt(&script, 0, &progress->singles);
		}
}

/* ------------------------------------------------------------------ two faults */

/* Moments of a trace, from one on, that fit. */
static unsigned int count_fitting(unsigned int kind, const uint8_t *trace, unsigned int from,
				  unsigned int count)
{
	unsigned int i, fitting = 0;

	for (i = from; i <= count; i++)
		fitting += kind_fits(kind, trace[i]);
	return fitting;
}

static unsigned int nth_fitting(unsigned int kind, const uint8_t *trace, unsigned int from, unsigned int nth)
{
	for (;; from++)
		if (kind_fits(kind, trace[from]) && nth-- == 0)
			return from;
}

/* A fault at a moment from one on; false if none of the kind fits. Half of them are near the end, where a verb writes. */
static int choose(uint32_t *random, const uint8_t *trace, unsigned int from, unsigned int count,
		  struct fault *ret_fault)
{
	unsigned int kind = 1 + random_below(random, KINDS - 1), late = from + (count - from) * 2 / 3, fitting;

	if (count > from && random_below(random, 2))
		from = late;
	fitting = count_fitting(kind, trace, from, count);
	if (!fitting)
		return 0;
	*ret_fault = (struct fault){ .kind = kind,
				     .at = nth_fitting(kind, trace, from, random_below(random, fitting)),
				     .on = random_below(random, 8) == 0 };
	return 1;
}

/* The verb under the first fault alone says what moments there are then; false if an earlier process has died of it. */
static int try_first(const struct fault *fault, struct verdict *ret_verdict)
{
	struct script script = { .faults = { *fault }, .count = 1 };
	unsigned long run = at++;

	if (run + 1 == progress->next || progress->wrong >= WRONG_MAX)
		return 0;
	if (run >= progress->next)
		progress->next = at;
	script_format(&script, progress->script);
	alarm(HANGS_AFTER);
	*ret_verdict = judge(&script, 0, 0);
	progress->wrong += ret_verdict->wrong;
	return 1;
}

/* The same until there is one; false: there is no later moment. */
static int choose_any(uint32_t *random, const uint8_t *trace, unsigned int from, unsigned int count,
		      struct fault *ret_fault)
{
	if (from > count)
		return 0;
	while (!choose(random, trace, from, count, ret_fault))
		continue;
	return 1;
}

static void one_pair(uint32_t random)
{
	struct script script = { .count = 2 };
	struct verdict first;

	(void)choose_any(&random, judge_trace(), 1, judge_count(), &script.faults[0]);
	script.faults[0].on = 0;
	if (try_first(&script.faults[0], &first) &&
	    choose_any(&random, judge_last_trace(), script.faults[0].at + 1, judge_last_count(),
		       &script.faults[1]))
		(void)attempt(&script, first.rc, &progress->pairs);
}

static void sample_pairs(const char *name)
{
	uint32_t random = options.seed;
	unsigned int i;

	for (; *name; name++)
		random = random * 31 + (uint8_t)*name;
	for (i = 0; i < options.pairs; i++)
		one_pair(random_below(&random, UINT32_MAX));
}

static void pairs_with(const struct fault *fault)
{
	struct script script = { .faults = { *fault }, .count = 2 };
	struct fault *second = &script.faults[1];
	static uint8_t trace[TRACE_MAX + 1];
	struct verdict first;
	unsigned int count;

	if (!try_first(fault, &first))
		return;
	count = judge_last_count();
	memcpy(trace, judge_last_trace(), count + 1);
	for (second->kind = 1; second->kind < KINDS; second->kind++)
		for (second->at = fault->at + 1; second->at <= count; second->at++)
			if (kind_fits(second->kind, trace[second->at]))
				(void)attempt(&script, first.rc, &progress->pairs);
}

static void all_pairs(void)
{
	struct fault fault = { 0 };

	for (fault.kind = 1; fault.kind < KINDS; fault.kind++)
		for (fault.at = 1; fault.at <= judge_count(); fault.at++)
			if (kind_fits(fault.kind, judge_trace()[fault.at]))
				pairs_with(&fault);
}

/* ------------------------------------------------------------------ */

void try_script(const struct script *script)
{
	struct verdict first = { 0 };

	if (script->count == 1 || try_first(&script->faults[0], &first))
		(void)attempt(script, first.rc, script->count == 1 ? &progress->singles : &progress->pairs);
}

void try_all(const char *name)
{
	if (!options.pairs_alone)
		single_faults();
	if (options.all)
		all_pairs();
	else
		sample_pairs(name);
}
