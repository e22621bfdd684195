/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "case.h"
#include "kernel.h"
#include "verbs-list.h"

#define FILES_MAX 64

struct judged judged;

static struct cip_ctx *helper; /* one that meets no faults */
static unsigned int dirty;
static const struct script none = { .count = 0 };

void wrong(const char *format, ...)
{
	char script[SCRIPT_TEXT_MAX];
	va_list args;

	script_format(judged.script, script);
	printf("  %s: %s: %s: ", judged.scenario->setup, judged.scenario->name,
	       *script ? script : "without faults");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	judged.wrong = 1;
}

void case_ask(struct cip_ctx *ctx, int (*verb)(struct cip_ctx *, const struct scenario *), char *ret_answer)
{
	verb_begin();
	if (verb(ctx, NULL) < 0)
		wrong("then, without faults: %s", cip_get_error(ctx));
	snprintf(ret_answer, ANSWER_MAX, "%s", verb_answer());
}

/* What the helper keeps is no leak. */
void case_look(struct outcome *outcome, const struct outcome *known)
{
	alloc_uncounted(1);
	state_read(&outcome->state, known ? &known->state : NULL);
	/* equal states may differ in what they leave out */
	if (known && outcome->state.generation == known->state.generation &&
	    !state_compare(&outcome->state, &known->state))
		memcpy(outcome->verify, known->verify, sizeof(outcome->verify));
	else
		case_ask(helper, verb_verify, outcome->verify);
	alloc_uncounted(0);
}

void case_reset(void)
{
	if (!dirty)
		return;
	setup(helper, judged.scenario->setup);
	dirty = 0;
}

/* Somebody else changes what the context has just seen. */
static void outdate(void)
{
	if (!(judged.scenario->flags & OUTDATED))
		return;
	alloc_uncounted(1);
	if (cip_remove_buckets(helper, judged.scenario->a, NULL, judged.scenario->warm))
		die("%s: %s", judged.scenario->setup, cip_get_error(helper));
	alloc_uncounted(0);
}

struct cip_ctx *case_context(void)
{
	struct cip_ctx *ctx;

	if (cip_new(&ctx) || cip_set_backend(ctx, judged.scenario->flags & AUTO ? "auto" : "nft"))
		die("cannot make a context");
	if (judged.scenario->warm) {
		dirty = 1;
		if (cip_add_buckets(ctx, judged.scenario->a, NULL, judged.scenario->warm))
			die("%s: %s", judged.scenario->setup, cip_get_error(ctx));
		outdate();
	}
	if (cip_set_dry_run(ctx, !!(judged.scenario->flags & DRY)) ||
	    cip_set_announce(ctx, !!(judged.scenario->flags & ANNOUNCES), 0))
		die("cannot make a context: %s", cip_get_error(ctx));
	(void)cip_set_log_priority(ctx, 99);
	return ctx;
}

int case_run(struct cip_ctx *ctx, const struct script *script, unsigned int *ret_injected)
{
	int rc;

	verb_begin();
	inject_begin(script);
	rc = judged.scenario->verb(ctx, judged.scenario);
	*ret_injected = inject_end();
	dirty |= inject_has_written();
	return rc;
}

void case_moments(struct moments *ret_moments)
{
	ret_moments->count = inject_count();
	memcpy(ret_moments->trace, inject_trace(), ret_moments->count + 1);
}

uint64_t case_files(void)
{
	uint64_t files = 0;
	int fd;

	for (fd = 0; fd < FILES_MAX; fd++)
		files |= (uint64_t)(fcntl(fd, F_GETFD) >= 0) << fd;
	return files;
}

static void done_and_again(struct cip_ctx *ctx)
{
	struct outcome *done = &judged.done;
	unsigned int injected;

	done->rc = case_run(ctx, &none, &injected);
	case_moments(&judged.without);
	snprintf(done->answer, sizeof(done->answer), "%s", verb_answer());
	case_look(done, NULL);
	if (done->rc < 0 && state_compare(&done->state, &judged.before.state)) {
		wrong("fails with %d (%s), and leaves another state", done->rc, cip_get_error(ctx));
		state_differ(&judged.before.state, &done->state);
	}
	judged.again.rc = case_run(ctx, &none, &injected);
	case_look(&judged.again, NULL);
	if (state_compare(&judged.again.state, &done->state)) {
		wrong("the same again ends with %d, and leaves another state", judged.again.rc);
		state_differ(&done->state, &judged.again.state);
	}
}

void case_begin(const struct scenario *scenario)
{
	struct cip_ctx *ctx;

	judged.scenario = scenario;
	judged.script = &none;
	judged.wrong = 0;
	dirty = 1;
	if (!helper && (cip_new(&helper) || cip_set_backend(helper, "nft") || cip_set_announce(helper, 0, 0)))
		die("cannot make a context");
	case_reset();
	ctx = case_context();
	case_look(&judged.before, NULL);
	case_ask(helper, verb_query, judged.before_list);
	done_and_again(ctx);
	cip_unref(ctx);
}
