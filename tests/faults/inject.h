/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INJECT_H
#define INJECT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Faults in the calls that the library makes of libc: this program defines them, and so is called in its place. Between
 * inject_begin() and inject_end() every call that could fail is a moment, and moments are numbered from 1. A script says
 * what happens at which of them.
 *
 *     KIND@N     at moment N, if it is one that the kind is about
 *     KIND@N+    from moment N on, whenever it can
 *     A,B        both
 */

enum moment { ALLOC, SEND, BATCH, RECEIVE, PACKET, IOCTL, OPEN, MOMENTS };

/* what more is known of a moment, beside its number in the lowest bits */
#define MOMENT_MASK 0x0f
#define HAS_DATA    0x10 /* something was received */
#define HAS_PARTS   0x20 /* a part of a dump was */

#define TRACE_MAX 65536

struct kind {
	const char *name;
	unsigned int moments; /* 1 << enum moment */
	uint8_t needs;	      /* HAS_* */
	int error;	      /* what the call fails with, or what the kernel answers */
	int passes;	      /* a verb must get over one of them */
};

enum {
	NO_FAULT,
	NO_MEMORY,
	INTERRUPTED,
	SEND_NOMEM,
	SEND_PERM,
	REFUSE_NOMEM,
	REFUSE_PERM,
	REFUSE_BUSY,
	RESTART,
	RECEIVE_NOMEM,
	RECEIVE_NOBUFS,
	LOST,
	CUT,
	DUMP_INTR,
	IOCTL_NOMEM,
	NO_FILES,
	KINDS
};

extern const struct kind kinds[KINDS];

struct fault {
	unsigned int kind, at;
	int on; /* from there on */
};

struct script {
	struct fault faults[2];
	unsigned int count;
};

#define SCRIPT_TEXT_MAX 64

/* false: there is no such kind, or something behind it */
int script_parse(const char *text, struct script *ret_script);
void script_format(const struct script *script, char text[SCRIPT_TEXT_MAX]);

/* could this moment have a fault of the kind? */
int kind_fits(unsigned int kind, uint8_t moment);

void inject_begin(const struct script *script);
/* The faults that were injected, as bits: 1 the first one of the script, 2 the second. */
unsigned int inject_end(void);
/* Was the kernel asked to change anything? */
int inject_has_written(void);
/* Where a sanitizer is there, it prints from where each call comes that meets a fault. */
void inject_tell(void);
/* In between: what the test itself does is no moment. */
void inject_pause(int on);

/* The moments of what ran last; the first is number 1. */
unsigned int inject_count(void);
const uint8_t *inject_trace(void);

/* --- between the files of it --- */

/* The fault for the moment that is now, or NO_FAULT. */
unsigned int inject_now(enum moment moment);
/* What the moment that is now turned out to be. */
void inject_add(uint8_t flags);
/* It asks the kernel to change something. */
void inject_write(void);

/* Allocations that were not freed, but for those between alloc_uncounted(1) and (0). */
long alloc_live(void);
void alloc_uncounted(int on);

#endif
