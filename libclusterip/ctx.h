/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_CTX_H
#define CIP_CTX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <clusterip/clusterip.h>

#include "macro.h"
#include "refcount.h"

struct plan;
struct refused;

/* Backends that a context can have open at once. */
#define CTX_BACKENDS 2

/* Everything the library remembers. One thread at a time, but for the count. */
struct cip_ctx {
	struct refcount refcount;
	char error[512];
	uint32_t error_attr;
	struct refused *refused; /* what the last list had that cannot be had */
	uint32_t refused_count, refused_space;
	int refused_noted; /* while a list is brought about */
	int log_fd;
	int log_priority;
	int dry_run;
	uint32_t announce_count, announce_interval; /* of what is created; in milliseconds */
	int netns; /* where its sockets are: that of the thread that first used it; -1: nobody has */
	pid_t pid; /* the process that has opened what is open */
	const char *backend_name; /* as chosen by the caller: "auto" or a name of the table */
	void *backend_priv
		[CTX_BACKENDS];	    /* state of the open ones, in the order of the table; NULL: not open */
	struct plan *plan;	    /* of the last verb that succeeded */
	struct cip_cluster *recent; /* what was last read or written of one cluster IP, */
	uint32_t recent_generation; /* true while the ruleset's generation is this one */
};

#endif
