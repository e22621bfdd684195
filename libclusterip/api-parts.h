/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_API_PARTS_H
#define CIP_API_PARTS_H

#include "backend.h"

/* What one backend has to do with a verb. */
struct part {
	struct opened opened;
	struct snapshot snapshot;
	struct cip_report *faults; /* what is wrong there; NULL: nobody has looked */
	struct plan *plan;	   /* what is to be done */
	struct plan *done;	   /* what was done in earlier tries of the verb; NULL: nothing */
};

/* Reasons of several backends in one sentence: "nft: ...; clusterip: ..." */
struct reasons {
	uint32_t count;
	char text[sizeof(((struct cip_ctx *)0)->error)];
	size_t len;
};
void reasons_add(struct reasons *reasons, const struct backend *backend, const char *sentence);

/* The backends that a verb looks into, in order of preference. */
struct parts {
	uint32_t count;
	struct part items[CTX_BACKENDS];
	struct reasons missing; /* why others are not among them */
};

/* Those of a name, or with "auto" all that the kernel has. The reason, if there is none, is in the context. */
int parts_open(struct cip_ctx *ctx, const char *name, struct parts *ret_parts);
/* Read each. flags: QUERY_* */
int parts_read(struct cip_ctx *ctx, struct parts *parts, const struct addr *only, uint32_t flags);
/* Drop what was read and planned; what was done stays. */
void parts_drop(struct parts *parts);
void parts_clear(struct parts *parts);

/* What the kernel has of a cluster IP in that backend, NULL if there is nothing or only a trace. */
struct cip_cluster *part_find(const struct part *part, const struct addr *addr);
/* What all parts but one hold: a new sorted list. */
int parts_elsewhere(struct cip_ctx *ctx, const struct parts *parts, const struct part *but,
		    struct cip_list **ret_list);
/* The name of a backend that is not among the parts and has the cluster IP. NULL: none, as far as can be told. */
const char *parts_other_home(struct cip_ctx *ctx, const struct parts *parts, const struct addr *addr);

#endif
