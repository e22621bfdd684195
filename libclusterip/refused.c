/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "refused.h"

void refused_truncate(struct cip_ctx *ctx, uint32_t count)
{
	while (ctx->refused_count > count)
		free(ctx->refused[--ctx->refused_count].text);
}

void refused_begin(struct cip_ctx *ctx, int noted)
{
	refused_truncate(ctx, 0);
	free(ctx->refused);
	ctx->refused = NULL;
	ctx->refused_space = 0;
	ctx->refused_noted = noted;
}

/* Of others the next one would fail with the same, or the verb is tried again. */
static int is_about_one(int rc)
{
	switch (rc) {
	case -EPERM:
	case -ENOMEM:
	case -EINTR:
	case -EAGAIN:
	case -ERESTART:
	case -EBUSY:
	case -ENOBUFS:
	case -EPROTONOSUPPORT:
		return 0;
	}
	return 1;
}

static int make_room(struct cip_ctx *ctx)
{
	uint32_t space = ctx->refused_space ? ctx->refused_space * 2 : 4;
	struct refused *refused;

	if (ctx->refused_count < ctx->refused_space)
		return 0;
	refused = realloc(ctx->refused, space * sizeof(*refused));
	if (!refused)
		return -ENOMEM;
	ctx->refused = refused;
	ctx->refused_space = space;
	return 0;
}

int refused_add(struct cip_ctx *ctx, int rc, const struct addr *addr)
{
	struct refused *refused;

	if (!ctx->refused_noted || !is_about_one(rc) || make_room(ctx) < 0)
		return rc;
	refused = &ctx->refused[ctx->refused_count];
	refused->text = strdup(ctx->error);
	if (!refused->text)
		return rc;
	addr_format(addr, refused->address);
	refused->rc = rc;
	refused->attr = ctx->error_attr;
	ctx->refused_count++;
	return 0;
}

int refused_since(struct cip_ctx *ctx, uint32_t before)
{
	const struct refused *first;

	if (ctx->refused_count <= before)
		return 0;
	first = &ctx->refused[before];
	return cip_error(ctx, first->rc, first->attr, "%s", first->text);
}
