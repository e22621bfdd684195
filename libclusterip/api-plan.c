/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "plan.h"

CIP_EXPORT uint32_t cip_plan_count(struct cip_ctx *ctx)
{
	return ctx->plan ? ctx->plan->count : 0;
}

CIP_EXPORT int cip_plan_format(struct cip_ctx *ctx, uint32_t index, char *buf, size_t size)
{
	if (!ctx->plan || index >= ctx->plan->count)
		return -ENODATA;
	return plan_step_format(&ctx->plan->steps[index], buf, size);
}
