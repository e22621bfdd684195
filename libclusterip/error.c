/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "refused.h"
#include "text.h"

int cip_error(struct cip_ctx *ctx, int rc, uint32_t attr, const char *fmt, ...)
{
	va_list ap;

	if (!ctx)
		return rc;
	va_start(ap, fmt);
	vsnprintf(ctx->error, sizeof(ctx->error), fmt, ap);
	va_end(ap);
	text_clean(ctx->error);
	ctx->error_attr = attr;
	return rc;
}

int cip_error_nomem(struct cip_ctx *ctx)
{
	return cip_error(ctx, -ENOMEM, CIP_ATTR_NONE, "out of memory");
}

void kept_error_save(const struct cip_ctx *ctx, struct kept_error *kept)
{
	memcpy(kept->error, ctx->error, sizeof(kept->error));
	kept->attr = ctx->error_attr;
	kept->refused_count = ctx->refused_count;
}

void kept_error_restore(struct cip_ctx *ctx, const struct kept_error *kept)
{
	memcpy(ctx->error, kept->error, sizeof(ctx->error));
	ctx->error_attr = kept->attr;
	refused_truncate(ctx, kept->refused_count);
}
