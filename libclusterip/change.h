/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_CHANGE_H
#define CIP_CHANGE_H

#include "plan.h"

enum verb {
	VERB_CREATE,
	VERB_MODIFY,
	VERB_ADD,    /* buckets */
	VERB_REMOVE, /* buckets */
	VERB_SET,    /* buckets */
	VERB_DESTROY,
	VERB_APPLY, /* create or modify */
};

/* What a caller asks for one cluster IP, independent of what there is. */
struct change {
	enum verb verb;
	struct addr addr;
	const char *ifname;	   /* or NULL */
	struct cip_cluster *given; /* CREATE, MODIFY, APPLY */
	int keep_buckets;	   /* those of "given" are for what has to be created */
	const char *buckets;	   /* ADD, REMOVE, SET */
};

/*
 * Append to the plan what the change means for what the kernel has (NULL: nothing). Pure. repair: write all of
 * it again if it is to be created and exists. 0, -EINVAL, -EEXIST, -ENOENT, -ENOMEM.
 */
int change_plan(struct cip_ctx *ctx, const struct change *change, struct cip_cluster *have, int repair,
		struct plan *plan);
/* Is it only about buckets? */
int change_is_buckets(const struct change *change);

#endif
