/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_PLAN_H
#define CIP_PLAN_H

#include "cluster-list.h"

enum plan_op {
	PLAN_CREATE = 1,
	PLAN_DESTROY,
	PLAN_REHASH,  /* mode, total nodes or seed */
	PLAN_BUCKETS, /* local buckets alone */
	PLAN_REPAIR,  /* write all of it again */
	PLAN_LEAVE,   /* destroy, but for what the address and MAC are there for: another backend has it now */
};

/* What is to be done for one cluster IP. */
struct plan_step {
	enum plan_op op;
	struct cip_cluster *want; /* NULL: destroy */
	struct cip_cluster *have; /* NULL: create */
	int repair;		  /* a PLAN_REHASH that also writes all of it again */
	/* entries to write for PLAN_BUCKETS: buckets let in, and buckets assigned to this node */
	struct bucketset let_add, let_del, own_add, own_del;
};

struct plan {
	uint32_t count, space;
	struct plan_step *steps;
};

int plan_new(struct cip_ctx *ctx, struct plan **ret_plan);
struct plan *plan_free(struct plan *plan);

/*
 * Append the step, if any, that leads from what the kernel has to what is wanted. Either may be NULL. Only buckets
 * in scope are looked at (NULL: all). repair: write everything although nothing that is asked for differs.
 * Planning again after the step was done appends nothing.
 */
int plan_diff(struct cip_ctx *ctx, struct plan *plan, struct cip_cluster *want, struct cip_cluster *have,
	      const struct bucketset *scope, int repair);
/* Append a PLAN_BUCKETS step, if it moves any. */
int plan_append_moves(struct cip_ctx *ctx, struct plan *plan, const struct plan_step *step);
/* Append the step that takes a cluster IP out of a backend because another one has it now. */
int plan_leave(struct cip_ctx *ctx, struct plan *plan, struct cip_cluster *have);
/* Forget the steps behind the first "count". */
void plan_truncate(struct plan *plan, uint32_t count);
/* Append the steps of another plan. */
int plan_append(struct cip_ctx *ctx, struct plan *plan, const struct plan *other);
/*
 * The plan that undoes one which was carried out, from what there is now, a sorted list: as far as nobody else has
 * changed since what it did.
 */
int plan_undo(struct cip_ctx *ctx, const struct plan *done, const struct cip_list *now, struct plan **ret_plan);
/* Is what the plan leads to there? Of repairs that cannot be told: they are taken for not done. */
int plan_is_done(const struct plan *plan, const struct cip_list *now);
/* Do two cluster IPs hash alike, as far as both say how? */
int plan_hashes_alike(const struct cip_cluster *a, const struct cip_cluster *b);
/* Let go of the context, which is to keep the plan. */
void plan_detach(struct plan *plan);
/* The steps of a plan in the order of their addresses; of those with the same one, in their own. */
struct plan_index {
	uint32_t count;
	const struct plan_step **steps;
};
/* 0 or -ENOMEM. The plan must stay as it is; the caller frees ->steps. */
int plan_index(const struct plan *plan, struct plan_index *ret_index);
/* The first step that is about an address, or NULL. */
const struct plan_step *plan_index_find(const struct plan_index *index, const struct addr *addr);
/* The address that a step is about, and its family: 4 or 6 */
const struct addr *plan_step_addr(const struct plan_step *step);
uint8_t plan_step_family(const struct plan_step *step);
/* Does the step write all that a cluster IP has? */
int plan_step_writes(const struct plan_step *step);
/* Is a step about an address of that family, 4 or 6? */
int plan_has_family(const struct plan *plan, uint8_t family);
/* Does every step only move buckets? */
int plan_is_buckets(const struct plan *plan);
/* What the kernel has once a PLAN_BUCKETS step is done; a new object. */
int plan_step_result(const struct plan_step *step, struct cip_cluster **ret_cluster);
/* The step in words. 0 or -ENOSPC. */
int plan_step_format(const struct plan_step *step, char *buf, size_t size);

#endif
