/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_REFUSED_H
#define CIP_REFUSED_H

#include "addr.h"
#include "ctx.h"

/* A cluster IP of a list that cannot be had, and why. */
struct refused {
	char address[ADDR_TEXT_MAX];
	int rc;
	uint32_t attr;
	char *text;
};

/* Forget all. From now on they are noted, or not. */
void refused_begin(struct cip_ctx *ctx, int noted);
/*
 * What the context has the sentence of is about this cluster IP: note it, and go on to find what is wrong with others.
 * 0, or rc if that is not wanted, is the fault of none in particular, or there is no room.
 */
int refused_add(struct cip_ctx *ctx, int rc, const struct addr *addr);
/* What a verb fails with that has noted some: the first behind "before", with its sentence. 0: there are none */
int refused_since(struct cip_ctx *ctx, uint32_t before);
/* Forget those behind the first "count". */
void refused_truncate(struct cip_ctx *ctx, uint32_t count);

#endif
