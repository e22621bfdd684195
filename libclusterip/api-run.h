/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_API_RUN_H
#define CIP_API_RUN_H

#include "api-parts.h"
#include "change.h"

/* How often a verb begins again because another process has changed the ruleset meanwhile. */
#define RUN_TRIES 100

/* What a verb is about: one change, or those that a list makes. */
struct request {
	const struct change *change; /* NULL: a list */
	struct cip_list *list;
	uint32_t flags;
};

/* A verb while it runs. */
struct run {
	struct cip_ctx *ctx;
	const struct request *request;
	struct parts parts;
};

/* Carry out a verb. */
int run_request(struct cip_ctx *ctx, const struct request *request);

/* Plan, from what the parts have read, in the backends where the cluster IPs are or are to be. */
int run_place(struct run *run);

/* Plan a change in one backend. *ret_refused: it was the backend that cannot have it so. */
int run_plan_in(struct run *run, struct part *part, const struct change *change, int *ret_refused);

/* Commit what a part has planned; what was done moves to part->done. */
int run_commit_part(struct cip_ctx *ctx, struct part *part);
/* Undo what parts have done, as far as nobody else has changed it since. The sentence in the context stays. */
void run_undo(struct cip_ctx *ctx, struct parts *parts);
/* Keep for cip_plan_count() what was done, in the order in which it was. */
int run_keep_plan(struct cip_ctx *ctx, struct parts *parts);

/* The sentence for a cluster IP that is not where it was looked for. */
int run_lives_elsewhere(struct cip_ctx *ctx, const struct addr *addr, const char *home, int rc);

#endif
