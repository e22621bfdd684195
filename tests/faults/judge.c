/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"
#include "kernel.h"
#include "state.h"
#include "verbs-list.h"

#define FILES_MAX 64
/* Of verbs that fail and leave all as it was, so many are asked for something cheaper next. */
#define FULL_EVERY 16

/* a verb that was run: how it ended, and what was there then */
struct outcome {
	int rc;
	struct state state;
	char answer[ANSWER_MAX], verify[ANSWER_MAX];
};

static const struct scenario *scenario;
static struct cip_ctx *helper;			/* one that meets no faults */
static struct outcome before, done, again, now; /* without faults; under them */
static struct state swept;
static char before_list[ANSWER_MAX];
static struct moments {
	unsigned int count;
	uint8_t trace[TRACE_MAX + 1];
} without, under;
static unsigned int dirty, turn;
static const struct script none = { .count = 0 }, *running;
static struct verdict verdict;

__attribute__((format(printf, 1, 2))) static void wrong(const char *format, ...)
{
	char script[SCRIPT_TEXT_MAX];
	va_list args;

	script_format(running, script);
	printf("  %s: %s: %s: ", scenario->setup, scenario->name, *script ? script : "without faults");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	verdict.wrong = 1;
}

/* ------------------------------------------------------------------ asking */

static void ask(struct cip_ctx *ctx, int (*verb)(struct cip_ctx *, const struct scenario *), char *ret_answer)
{
	verb_begin();
	if (verb(ctx, NULL) < 0)
		wrong("then, without faults: %s", cip_get_error(ctx));
	snprintf(ret_answer, ANSWER_MAX, "%s", verb_answer());
}

/* What the helper keeps is no leak. */
static void look(struct outcome *outcome, const struct state *known)
{
	alloc_uncounted(1);
	state_read(&outcome->state, known);
	if (known && !state_compare(&outcome->state, known))
		memcpy(outcome->verify, known == &before.state ? before.verify : done.verify, ANSWER_MAX);
	else
		ask(helper, verb_verify, outcome->verify);
	alloc_uncounted(0);
}

/* Slots that were left behind go with the next change of anything. */
static const struct state *sweep(const struct state *state)
{
	struct cip_cluster *cluster;

	if (!state->retired)
		return state;
	alloc_uncounted(1);
	if (cip_cluster_new(helper, &cluster) ||
	    cip_cluster_parse(cluster, "10.0.0.250 dev " DEVICE " total 2 noaddr") ||
	    cip_create(helper, cluster) || cip_destroy(helper, "10.0.0.250", NULL))
		wrong("then the next change fails: %s", cip_get_error(helper));
	cip_cluster_unref(cluster);
	alloc_uncounted(0);
	state_read(&swept, NULL);
	dirty = 1;
	return &swept;
}

static int is_as(const struct state *state, const struct state *other)
{
	return !state_compare(state, other) || !state_compare(sweep(state), other);
}

/* The state that every run begins with. */
static void reset(void)
{
	if (!dirty)
		return;
	setup(helper, scenario->setup);
	dirty = 0;
}

static struct cip_ctx *open_context(void)
{
	struct cip_ctx *ctx;

	if (cip_new(&ctx) || cip_set_backend(ctx, scenario->flags & AUTO ? "auto" : "nft"))
		die("cannot make a context");
	if (scenario->warm) {
		dirty = 1;
		if (cip_add_buckets(ctx, scenario->a, NULL, scenario->warm))
			die("%s: %s", scenario->setup, cip_get_error(ctx));
	}
	if (cip_set_dry_run(ctx, !!(scenario->flags & DRY)) ||
	    cip_set_announce(ctx, !!(scenario->flags & ANNOUNCES), 0))
		die("cannot make a context: %s", cip_get_error(ctx));
	/* a sentence that a verb which fails must replace */
	(void)cip_set_log_priority(ctx, 99);
	return ctx;
}

static int run(struct cip_ctx *ctx, const struct script *script, unsigned int *ret_injected)
{
	int rc;

	verb_begin();
	inject_begin(script);
	rc = scenario->verb(ctx, scenario);
	*ret_injected = inject_end();
	if (!(scenario->flags & READS) && inject_count())
		dirty = 1;
	return rc;
}

static void keep_moments(struct moments *moments)
{
	moments->count = inject_count();
	memcpy(moments->trace, inject_trace(), moments->count + 1);
}

static uint64_t open_files(void)
{
	uint64_t files = 0;
	int fd;

	for (fd = 0; fd < FILES_MAX; fd++)
		files |= (uint64_t)(fcntl(fd, F_GETFD) >= 0) << fd;
	return files;
}

/* ------------------------------------------------------------------ judging */

static int is_passing(const struct fault *fault)
{
	return !fault->on && (kinds[fault->kind].passes || fault->kind == RECEIVE_NOBUFS ||
			      fault->kind == LOST || fault->kind == CUT);
}

/* May the undo have been refused? */
static int is_undo_refused(const struct script *script, int first)
{
	const struct fault *last = &script->faults[script->count - 1];

	if (script->faults[0].on || last->on)
		return 1;
	if (script->count == 1)
		return done.rc < 0 && !is_passing(last);
	return first < 0 && !is_passing(last);
}

static void judge_sentence(struct cip_ctx *ctx)
{
	const char *sentence = cip_get_error(ctx);

	if (scenario->flags & NO_SENTENCE)
		return;
	if (!*sentence || strstr(sentence, "priority"))
		wrong("fails with %d and no sentence", now.rc);
}

static void judge_success(void)
{
	if (done.rc < 0)
		wrong("succeeds, which should fail with %d", done.rc);
	if (scenario->flags & READS && strcmp(now.answer, done.answer))
		wrong("succeeds, and answers:\n%s    in place of:\n%s", now.answer, done.answer);
	if (!is_as(&now.state, &done.state)) {
		wrong("succeeds, and leaves another state");
		state_differ(&done.state, &now.state);
	}
	if (strcmp(now.verify, done.verify))
		wrong("succeeds, then check: %s", now.verify);
}

/* Named, or harmless. */
static void judge_rest(void)
{
	if (is_as(&now.state, &done.state) || state_is_more(&now.state, &before.state) ||
	    state_is_more(&now.state, &done.state))
		return;
	if (!*now.verify || (!strcmp(now.verify, before.verify) && !(scenario->flags & REPAIRS))) {
		wrong("fails with %d, leaves a part, and check says: %s", now.rc,
		      *now.verify ? now.verify : "nothing");
		state_differ(&before.state, &now.state);
	}
}

static void judge_failure(struct cip_ctx *ctx, int may_leave)
{
	char sentence[1024];

	judge_sentence(ctx);
	snprintf(sentence, sizeof(sentence), "%s", cip_get_error(ctx));
	if (is_as(&now.state, &before.state) && !strcmp(now.verify, before.verify))
		return;
	if (may_leave || scenario->flags & REPAIRS) {
		judge_rest();
		return;
	}
	wrong("fails with %d (%s), and leaves another state; check says: %s", now.rc, sentence,
	      *now.verify ? now.verify : "nothing");
	state_differ(&before.state, &now.state);
}

/* What the fault itself demands. */
static void judge_kind(struct cip_ctx *ctx, const struct script *script)
{
	unsigned int i, passes = 1, memory = 1;

	for (i = 0; i < script->count; i++) {
		const struct fault *fault = &script->faults[i];

		passes &= kinds[fault->kind].passes && !fault->on;
		memory &= fault->kind == NO_MEMORY;
	}
	if (passes && now.rc != done.rc)
		wrong("fails with %d: %s", now.rc, cip_get_error(ctx));
	if (memory && now.rc != -ENOMEM && now.rc != done.rc)
		wrong("fails with %d, not with -ENOMEM: %s", now.rc, cip_get_error(ctx));
}

/* The worst that can be left: a node that answers for everybody. */
static void judge_addresses(void)
{
	const char *bare = state_bare_address(&now.state);

	if (bare && !state_bare_address(&before.state) && !state_bare_address(&done.state))
		wrong("ends with %d, and leaves an address without its rules: %s", now.rc, bare);
}

/* Does the context still work? Where nothing has changed, most of the time by reading with it. */
static void judge_next(struct cip_ctx *ctx, int may_leave)
{
	int unchanged = now.rc < 0 && !state_compare(&now.state, &before.state), rc;
	unsigned int injected;
	char list[ANSWER_MAX];

	if (unchanged && turn++ % FULL_EVERY && !(scenario->flags & (PURE | DRY))) {
		ask(ctx, verb_query, list);
		if (strcmp(list, before_list))
			wrong("then a query answers: %s", list);
		return;
	}
	rc = run(ctx, &none, &injected);
	if (rc != (now.rc == 0 ? again.rc : done.rc) && !(may_leave && rc == again.rc))
		wrong("then the same again ends with %d: %s", rc, cip_get_error(ctx));
	if (scenario->flags & READS) {
		if (rc == 0 && strcmp(verb_answer(), done.answer))
			wrong("then the same again answers:\n%s", verb_answer());
		return;
	}
	/* what is left is something to repair, and that keeps what it has put back */
	if (done.rc < 0 && may_leave)
		return;
	state_read(&now.state, &done.state);
	if (!is_as(&now.state, &done.state) && !(may_leave && state_is_more(&now.state, &done.state))) {
		wrong("then the same again ends with %d, and leaves another state", rc);
		state_differ(&done.state, &now.state);
	}
}

/* For somebody who looks at one script. */
static void tell(struct cip_ctx *ctx)
{
	printf("  ends with %d (%s); check says: %s\n", now.rc, now.rc < 0 ? cip_get_error(ctx) : "",
	       *now.verify ? now.verify : "nothing");
	state_differ(&before.state, &now.state);
}

struct verdict judge(const struct script *script, int first, int tells)
{
	unsigned int injected;
	struct cip_ctx *ctx;
	uint64_t files;
	int may_leave;
	long live;

	running = script;
	verdict = (struct verdict){ 0 };
	reset();
	live = alloc_live();
	files = open_files();
	ctx = open_context();
	verdict.rc = now.rc = run(ctx, script, &injected);
	keep_moments(&under);
	verdict.met = injected == (1u << script->count) - 1;
	snprintf(now.answer, sizeof(now.answer), "%s", verb_answer());
	if (now.rc == TOUCHED)
		wrong("touches the result of a call that failed");
	if (verdict.met) {
		may_leave = is_undo_refused(script, first);
		look(&now, now.rc == 0 ? &done.state : &before.state);
		if (tells)
			tell(ctx);
		judge_kind(ctx, script);
		judge_addresses();
		if (now.rc == 0)
			judge_success();
		else
			judge_failure(ctx, may_leave);
		judge_next(ctx, may_leave);
	}
	cip_unref(ctx);
	if (alloc_live() != live)
		wrong("leaks %ld allocations", alloc_live() - live);
	if (open_files() != files)
		wrong("leaks files: %llx", (unsigned long long)(open_files() ^ files));
	return verdict;
}

/* ------------------------------------------------------------------ without faults */

unsigned int judge_count(void)
{
	return without.count;
}

const uint8_t *judge_trace(void)
{
	return without.trace;
}

unsigned int judge_last_count(void)
{
	return under.count;
}

const uint8_t *judge_last_trace(void)
{
	return under.trace;
}

int judge_begin(const struct scenario *which)
{
	unsigned int injected;
	struct cip_ctx *ctx;

	scenario = which;
	running = &none;
	verdict = (struct verdict){ 0 };
	dirty = 1;
	if (!helper && (cip_new(&helper) || cip_set_backend(helper, "nft") || cip_set_announce(helper, 0, 0)))
		die("cannot make a context");
	reset();
	ctx = open_context();
	look(&before, NULL);
	ask(helper, verb_query, before_list);
	done.rc = run(ctx, &none, &injected);
	keep_moments(&without);
	snprintf(done.answer, sizeof(done.answer), "%s", verb_answer());
	look(&done, NULL);
	if (done.rc < 0 && !is_as(&done.state, &before.state)) {
		wrong("fails with %d (%s), and leaves another state", done.rc, cip_get_error(ctx));
		state_differ(&before.state, &done.state);
	}
	again.rc = run(ctx, &none, &injected);
	look(&again, NULL);
	if (!is_as(&again.state, &done.state)) {
		wrong("the same again ends with %d, and leaves another state", again.rc);
		state_differ(&done.state, &again.state);
	}
	cip_unref(ctx);
	return !verdict.wrong;
}
