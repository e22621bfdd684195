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

#include "kernel.h"
#include "try.h"

struct options options = { .workers = 1, .every = 1, .pairs = 100 };
struct progress *progress;
uint8_t *occasions;

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
		try_all(name);
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
