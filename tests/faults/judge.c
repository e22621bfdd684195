/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "case.h"
#include "judge.h"
#include "verbs-list.h"

/* Of verbs that fail and leave all as it was, one in so many is done again; the others are followed by a query. */
#define AGAIN_EVERY 16
/* Where nothing was asked of the kernel and memory was all that was missing, one in so many is followed by anything. */
#define NEXT_EVERY 4

static unsigned int turn;
static const struct script none = { .count = 0 };
static struct verdict verdict;

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
		return judged.done.rc < 0 && !is_passing(last);
	return first < 0 && !is_passing(last);
}

static void judge_sentence(struct cip_ctx *ctx)
{
	const char *sentence = cip_get_error(ctx);

	if (judged.scenario->flags & NO_SENTENCE)
		return;
	if (!*sentence || strstr(sentence, "priority"))
		wrong("fails with %d and no sentence", judged.now.rc);
}

static void judge_answer(void)
{
	if (judged.done.rc < 0)
		wrong("succeeds, which should fail with %d", judged.done.rc);
	if (judged.scenario->flags & READS && strcmp(judged.now.answer, judged.done.answer))
		wrong("succeeds, and answers:\n%s    in place of:\n%s", judged.now.answer, judged.done.answer);
}

static void judge_success(void)
{
	judge_answer();
	if (state_compare(&judged.now.state, &judged.done.state)) {
		wrong("succeeds, and leaves another state");
		state_differ(&judged.done.state, &judged.now.state);
	}
	if (strcmp(judged.now.verify, judged.done.verify))
		wrong("succeeds, then check: %s", judged.now.verify);
}

/* Named, or harmless. */
static void judge_rest(void)
{
	if (!state_compare(&judged.now.state, &judged.done.state) ||
	    state_is_more(&judged.now.state, &judged.before.state) ||
	    state_is_more(&judged.now.state, &judged.done.state))
		return;
	if (!*judged.now.verify ||
	    (!strcmp(judged.now.verify, judged.before.verify) && !(judged.scenario->flags & REPAIRS))) {
		wrong("fails with %d, leaves a part, and check says: %s", judged.now.rc,
		      *judged.now.verify ? judged.now.verify : "nothing");
		state_differ(&judged.before.state, &judged.now.state);
	}
}

static void judge_failure(struct cip_ctx *ctx, int may_leave)
{
	char sentence[1024];

	judge_sentence(ctx);
	snprintf(sentence, sizeof(sentence), "%s", cip_get_error(ctx));
	if (!state_compare(&judged.now.state, &judged.before.state) &&
	    !strcmp(judged.now.verify, judged.before.verify))
		return;
	if (may_leave || judged.scenario->flags & REPAIRS) {
		judge_rest();
		return;
	}
	wrong("fails with %d (%s), and leaves another state; check says: %s", judged.now.rc, sentence,
	      *judged.now.verify ? judged.now.verify : "nothing");
	state_differ(&judged.before.state, &judged.now.state);
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
	if (passes && judged.now.rc != judged.done.rc)
		wrong("fails with %d: %s", judged.now.rc, cip_get_error(ctx));
	if (memory && judged.now.rc != -ENOMEM && judged.now.rc != judged.done.rc)
		wrong("fails with %d, not with -ENOMEM: %s", judged.now.rc, cip_get_error(ctx));
}

/* The worst that can be left: a node that answers for everybody. */
static void judge_addresses(void)
{
	const char *bare = state_bare_address(&judged.now.state);

	if (bare && !state_bare_address(&judged.before.state) && !state_bare_address(&judged.done.state))
		wrong("ends with %d, and leaves an address without its rules: %s", judged.now.rc, bare);
}

/* A verb is done again, on the same context; where nothing has changed a query takes its place, most of the time. */
static void judge_again(struct cip_ctx *ctx, int may_leave)
{
	unsigned int injected;
	int rc = case_run(ctx, &none, &injected);

	if (rc != (judged.now.rc == 0 ? judged.again.rc : judged.done.rc) &&
	    !(may_leave && rc == judged.again.rc))
		wrong("then the same again ends with %d: %s", rc, cip_get_error(ctx));
	if (judged.scenario->flags & READS) {
		if (rc == 0 && strcmp(verb_answer(), judged.done.answer))
			wrong("then the same again answers:\n%s", verb_answer());
		return;
	}
	/* what is left is something to repair, and that keeps what it has put back */
	if (judged.done.rc < 0 && may_leave)
		return;
	state_read(&judged.now.state, &judged.done.state);
	if (state_compare(&judged.now.state, &judged.done.state) &&
	    !(may_leave && state_is_more(&judged.now.state, &judged.done.state))) {
		wrong("then the same again ends with %d, and leaves another state", rc);
		state_differ(&judged.done.state, &judged.now.state);
	}
}

static void judge_next(struct cip_ctx *ctx, int unchanged, int may_leave)
{
	char list[ANSWER_MAX];

	if (!unchanged || turn % AGAIN_EVERY == 0 || judged.scenario->flags & (PURE | DRY)) {
		judge_again(ctx, may_leave);
		return;
	}
	case_ask(ctx, verb_query, list);
	if (strcmp(list, judged.before_list))
		wrong("then a query answers: %s", list);
}

/* The kernel was asked to change nothing. */
static void judge_untouched(struct cip_ctx *ctx, const struct script *script)
{
	if (judged.now.rc < 0)
		judge_sentence(ctx);
	else
		judge_answer();
	if (script->count > 1 || script->faults[0].kind != NO_MEMORY || turn % NEXT_EVERY == 0)
		judge_next(ctx, judged.now.rc < 0, 0);
}

/* For somebody who looks at one script. */
static void tell(struct cip_ctx *ctx)
{
	printf("  ends with %d (%s); check says: %s\n", judged.now.rc,
	       judged.now.rc < 0 ? cip_get_error(ctx) : "", *judged.now.verify ? judged.now.verify : "nothing");
	state_differ(&judged.before.state, &judged.now.state);
}

static void judge_kernel(struct cip_ctx *ctx, const struct script *script, int first, int tells)
{
	int may_leave = is_undo_refused(script, first);

	case_look(&judged.now, judged.now.rc == 0 ? &judged.done : &judged.before);
	if (tells)
		tell(ctx);
	judge_addresses();
	if (judged.now.rc == 0)
		judge_success();
	else
		judge_failure(ctx, may_leave);
	judge_next(ctx, judged.now.rc < 0 && !state_compare(&judged.now.state, &judged.before.state),
		   may_leave);
}

static void judge_run(struct cip_ctx *ctx, const struct script *script, int first, int tells)
{
	unsigned int injected;
	int touched;

	verdict.rc = judged.now.rc = case_run(ctx, script, &injected);
	touched = inject_has_written() || !(judged.now.rc < 0 || judged.scenario->flags & READS) || tells;
	case_moments(&judged.under);
	verdict.met = injected == (1u << script->count) - 1;
	snprintf(judged.now.answer, sizeof(judged.now.answer), "%s", verb_answer());
	if (judged.now.rc == TOUCHED)
		wrong("touches the result of a call that failed");
	if (!verdict.met)
		return;
	turn++;
	judge_kind(ctx, script);
	if (touched)
		judge_kernel(ctx, script, first, tells);
	else
		judge_untouched(ctx, script);
}

struct verdict judge(const struct script *script, int first, int tells)
{
	struct cip_ctx *ctx;
	uint64_t files;
	long live;

	judged.script = script;
	judged.wrong = 0;
	verdict = (struct verdict){ 0 };
	case_reset();
	live = alloc_live();
	files = case_files();
	ctx = case_context();
	judge_run(ctx, script, first, tells);
	cip_unref(ctx);
	if (alloc_live() != live)
		wrong("leaks %ld allocations", alloc_live() - live);
	if (case_files() != files)
		wrong("leaks files: %llx", (unsigned long long)(case_files() ^ files));
	verdict.wrong = judged.wrong;
	return verdict;
}

unsigned int judge_count(void)
{
	return judged.without.count;
}

const uint8_t *judge_trace(void)
{
	return judged.without.trace;
}

unsigned int judge_last_count(void)
{
	return judged.under.count;
}

const uint8_t *judge_last_trace(void)
{
	return judged.under.trace;
}

int judge_begin(const struct scenario *scenario)
{
	case_begin(scenario);
	return !judged.wrong;
}
