/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faults [-2a] [-s SEED] [-e EVERY] [-n PAIRS] [-w WORKER/WORKERS] [-o PART] [-r SCRIPT]
 *
 * Every verb of the library, in a network namespace that must be its own, while calls of libc fail: each call once, in
 * each way that it can, and then again. inject.h says what a script is, judge.h what is right.
 *
 *     -2  pairs of faults alone; -a  all pairs, in place of a sample: days
 *     -s  seed of the sample
 *     -e  of the allocations that fail alone one in so many, with the seed as first
 *     -n  pairs of faults of each verb
 *     -w  does the share of one of several workers
 *     -o  only scenarios whose "SETUP: VERB" has this part
 *     -r  one script, in place of all
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "judge.h"
#include "kernel.h"

#define HANGS_AFTER 60
/* Of so many allocations all fail in turn; of more, one in two, and so on. */
#define ALLOCATIONS_MAX 8000
#define LASTING_EVERY	8
/* A scenario that has gone wrong so often says no more. */
#define WRONG_MAX 100

static struct {
	int pairs_alone, all, worker, workers;
	unsigned int every, pairs;
	uint32_t seed;
	const char *only, *script;
} options = { .workers = 1, .every = 1, .pairs = 100 };

/* What a process that dies leaves to the one that goes on. */
struct progress {
	unsigned long next; /* runs that were begun */
	unsigned int moments, singles, pairs, done, refused, wrong;
	int finished;
	char script[SCRIPT_TEXT_MAX];
};

static struct progress *progress;
/* Of each kind, whether some verb has met it; of all scenarios. */
static uint8_t *occasions;
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
	unsigned int fewer = judge_count() / ALLOCATIONS_MAX + 1;

	return options.all || options.every > fewer ? options.every : fewer;
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

/* ------------------------------------------------------------------ scenarios */

static void try_script(const struct script *script)
{
	struct verdict first = { 0 };

	if (script->count == 1 || try_first(&script->faults[0], &first))
		(void)attempt(script, first.rc, script->count == 1 ? &progress->singles : &progress->pairs);
}

static _Noreturn void work(const struct scenario *scenario, const char *name)
{
	struct script script;

	kernel_open();
	progress->wrong += !judge_begin(scenario);
	progress->moments = judge_count();
	if (options.script) {
		if (!script_parse(options.script, &script))
			die("no script: %s", options.script);
		inject_tell();
		try_script(&script);
	} else {
		if (!options.pairs_alone)
			single_faults();
		if (options.all)
			all_pairs();
		else
			sample_pairs(name);
	}
	progress->finished = 1;
	if (options.script)
		exit(0); /* a sanitizer tells where leaks come from */
	_exit(0);
}

/* A process for each scenario, and another one when it dies. */
static void watch(const struct scenario *scenario, const char *name)
{
	int status = 0;
	pid_t child;

	while (!progress->finished && progress->wrong < WRONG_MAX) {
		child = fork();
		if (child == 0)
			work(scenario, name);
		if (child < 0 || waitpid(child, &status, 0) < 0)
			die("cannot fork");
		if (progress->finished && !options.script)
			break;
		if (!status)
			continue;
		progress->wrong++;
		printf("  %s: %s: %s %d\n", name, progress->script,
		       WIFSIGNALED(status) ? WTERMSIG(status) == SIGALRM ? "hangs" : "dies of signal"
					   : "exits with",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		if (options.script)
			break;
	}
}

/* 1 if all was well. */
static int try_scenario(const struct scenario *scenario, const char *name)
{
	memset(progress, 0, sizeof(*progress));
	watch(scenario, name);
	if (progress->wrong)
		printf("not ok - %s: %u times wrong with seed %u\n", name, progress->wrong, options.seed);
	else
		printf("ok - %s: %u moments, %u faults, %u pairs, %u times done, %u times refused\n", name,
		       progress->moments, progress->singles, progress->pairs, progress->done,
		       progress->refused);
	return !progress->wrong;
}

/* A kind that nothing meets any more would be one that is not tested. */
static int all_kinds_met(void)
{
	unsigned int kind, missing = 0;

	for (kind = 1; kind < KINDS; kind++) {
		if (!occasions[kind])
			printf("not ok - there was no occasion for %s\n", kinds[kind].name);
		missing += !occasions[kind];
	}
	return !missing;
}

static void read_options(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "2as:e:n:w:o:r:")) >= 0) {
		switch (option) {
		case '2':
			options.pairs_alone = 1;
			break;
		case 'a':
			options.all = 1;
			break;
		case 's':
			options.seed = (uint32_t)strtoul(optarg, NULL, 0);
			break;
		case 'e':
			if (!(options.every = (unsigned int)strtoul(optarg, NULL, 0)))
				die("no number: %s", optarg);
			break;
		case 'n':
			options.pairs = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		case 'w':
			if (sscanf(optarg, "%d/%d", &options.worker, &options.workers) != 2 ||
			    options.workers < 1)
				die("no worker: %s", optarg);
			break;
		case 'o':
			options.only = optarg;
			break;
		case 'r':
			options.script = optarg;
			break;
		default:
			die("usage: faults [-2a] [-s SEED] [-n PAIRS] [-w WORKER/WORKERS] [-o PART] [-r "
			    "SCRIPT]");
		}
	}
}

static void *shared(size_t size)
{
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		die("no memory");
	return data;
}

int main(int argc, char **argv)
{
	unsigned int i, turn = 0, passed = 0, tried = 0;
	static char buffer[BUFSIZ];
	char name[96];

	read_options(argc, argv);
	setvbuf(stdout, buffer, _IOLBF, sizeof(buffer));
	progress = shared(sizeof(*progress));
	occasions = shared(KINDS);
	kernel_begin();
	for (i = 0; i < scenario_count; i++) {
		snprintf(name, sizeof(name), "%s: %s", scenarios[i].setup, scenarios[i].name);
		if ((options.only && !strstr(name, options.only)) ||
		    (int)(turn++ % (unsigned int)options.workers) != options.worker)
			continue;
		tried++;
		passed += (unsigned int)try_scenario(&scenarios[i], name);
	}
	if (!options.only && !options.script) {
		tried++;
		passed += (unsigned int)all_kinds_met();
	}
	printf("%u passed, %u failed, 0 skipped\n", passed, tried - passed);
	return tried > passed;
}
