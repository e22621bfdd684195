/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "inject.h"

#define SENDS (1u << SEND | 1u << BATCH)

const struct kind kinds[KINDS] = {
	[NO_MEMORY] = { "alloc", 1u << ALLOC, 0, ENOMEM, 0 },
	/* a send or a receive is interrupted before it did anything */
	[INTERRUPTED] = { "eintr", SENDS | 1u << RECEIVE, 0, EINTR, 1 },
	/* nothing reaches the kernel */
	[SEND_NOMEM] = { "send-nomem", SENDS | 1u << PACKET, 0, ENOMEM, 0 },
	[SEND_PERM] = { "send-perm", SENDS | 1u << PACKET, 0, EPERM, 0 },
	/* the kernel answers with an error, and does nothing */
	[REFUSE_NOMEM] = { "nomem", SENDS, 0, ENOMEM, 0 },
	[REFUSE_PERM] = { "perm", SENDS, 0, EPERM, 0 },
	[REFUSE_BUSY] = { "busy", SENDS, 0, EBUSY, 0 },
	/* a batch carries a generation that has passed */
	[RESTART] = { "restart", 1u << BATCH, 0, 0, 1 },
	/* the receive fails, what is there stays */
	[RECEIVE_NOMEM] = { "recv-nomem", 1u << RECEIVE, 0, ENOMEM, 0 },
	[RECEIVE_NOBUFS] = { "enobufs", 1u << RECEIVE, 0, ENOBUFS, 0 },
	/* a datagram is gone, and the receive says so */
	[LOST] = { "lost", 1u << RECEIVE, HAS_DATA, ENOBUFS, 0 },
	/* a datagram is cut off behind its first message */
	[CUT] = { "cut", 1u << RECEIVE, HAS_DATA, 0, 0 },
	/* a part of a dump says that it was interrupted by a change */
	[DUMP_INTR] = { "dumpintr", 1u << RECEIVE, HAS_DATA | HAS_PARTS, 0, 1 },
	[IOCTL_NOMEM] = { "ioctl", 1u << IOCTL, 0, ENOMEM, 0 },
	[NO_FILES] = { "emfile", 1u << OPEN, 0, EMFILE, 0 },
};

void __sanitizer_print_stack_trace(void) __attribute__((weak));

static struct {
	struct script script;
	unsigned int now, injected;
	int on, written, tells;
	uint8_t trace[TRACE_MAX + 1];
} state;

int kind_fits(unsigned int kind, uint8_t moment)
{
	return kinds[kind].moments >> (moment & MOMENT_MASK) & 1 && !(kinds[kind].needs & ~moment);
}

static int parse_fault(const char **text, struct fault *fault)
{
	char name[16];
	int len = 0;

	if (sscanf(*text, "%15[a-z-]@%u%n", name, &fault->at, &len) != 2)
		return 0;
	for (fault->kind = 1; fault->kind < KINDS && strcmp(kinds[fault->kind].name, name);)
		fault->kind++;
	*text += len;
	fault->on = **text == '+';
	*text += fault->on;
	return fault->kind < KINDS;
}

int script_parse(const char *text, struct script *ret_script)
{
	memset(ret_script, 0, sizeof(*ret_script));
	while (ret_script->count < 2 && parse_fault(&text, &ret_script->faults[ret_script->count])) {
		ret_script->count++;
		if (*text != ',')
			return !*text;
		text++;
	}
	return 0;
}

void script_format(const struct script *script, char text[SCRIPT_TEXT_MAX])
{
	size_t len = 0;
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < script->count; i++)
		len += (size_t)snprintf(text + len, SCRIPT_TEXT_MAX - len, "%s%s@%u%s", i ? "," : "",
					kinds[script->faults[i].kind].name, script->faults[i].at,
					script->faults[i].on ? "+" : "");
}

void inject_begin(const struct script *script)
{
	state.script = *script;
	state.now = state.injected = 0;
	state.written = 0;
	state.on = 1;
}

unsigned int inject_end(void)
{
	state.on = 0;
	return state.injected;
}

int inject_has_written(void)
{
	return state.written;
}

void inject_write(void)
{
	state.written |= state.on;
}

void inject_pause(int on)
{
	state.on = !on;
}

unsigned int inject_count(void)
{
	return state.now;
}

const uint8_t *inject_trace(void)
{
	return state.trace;
}

void inject_tell(void)
{
	state.tells = 1;
}

static void tell(void)
{
	if (!state.tells || !__sanitizer_print_stack_trace)
		return;
	state.on = 0;
	__sanitizer_print_stack_trace();
	state.on = 1;
}

unsigned int inject_now(enum moment moment)
{
	unsigned int i;

	if (!state.on || state.now == TRACE_MAX)
		return NO_FAULT;
	state.trace[++state.now] = (uint8_t)moment;
	for (i = 0; i < state.script.count; i++) {
		const struct fault *fault = &state.script.faults[i];

		if (state.now != fault->at && !(fault->on && state.now > fault->at))
			continue;
		if (!(kinds[fault->kind].moments >> moment & 1))
			continue;
		/* those that need to see what was received count when they have seen it */
		if (!kinds[fault->kind].needs)
			state.injected |= 1u << i;
		tell();
		return fault->kind;
	}
	return NO_FAULT;
}

void inject_add(uint8_t flags)
{
	unsigned int i;

	if (!state.on)
		return;
	state.trace[state.now] |= flags;
	for (i = 0; i < state.script.count; i++) {
		const struct fault *fault = &state.script.faults[i];

		if ((state.now == fault->at || (fault->on && state.now > fault->at)) &&
		    kinds[fault->kind].needs && kind_fits(fault->kind, state.trace[state.now]))
			state.injected |= 1u << i;
	}
}
