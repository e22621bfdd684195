/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_ERROR_H
#define CIP_ERROR_H

#include "ctx.h"

/* The one funnel of failures: keeps the sentence in the context (ctx may be NULL) and returns rc. */
int cip_error(struct cip_ctx *ctx, int rc, uint32_t attr, const char *fmt, ...) CIP_PRINTF(4, 5);
int cip_error_nomem(struct cip_ctx *ctx);

/* The sentence in the context, while others say theirs: what is passed over is nobody's failure. */
struct kept_error {
	char error[sizeof(((struct cip_ctx *)0)->error)];
	uint32_t attr, refused_count;
};
void kept_error_save(const struct cip_ctx *ctx, struct kept_error *kept);
void kept_error_restore(struct cip_ctx *ctx, const struct kept_error *kept);

#endif
