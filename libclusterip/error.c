/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "error.h"
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
