/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "error.h"
#include "plan.h"
#include "text.h"

CIP_EXPORT uint32_t cip_plan_count(struct cip_ctx *ctx)
{
	return ctx->plan ? ctx->plan->count : 0;
}

CIP_EXPORT int cip_plan_format(struct cip_ctx *ctx, uint32_t index, char *buf, size_t size)
{
	int rc;

	if (index >= cip_plan_count(ctx))
		return cip_error(ctx, -ENODATA, CIP_ATTR_NONE, "step %u is beyond the end: the plan has %u",
				 index, cip_plan_count(ctx));
	rc = plan_step_format(&ctx->plan->steps[index], buf, size);
	if (rc < 0)
		return cip_error(ctx, rc, CIP_ATTR_NONE, "step %u does not fit into %zu bytes", index, size);
	text_clean(buf);
	return 0;
}
