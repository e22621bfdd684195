/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "api.h"
#include "backend.h"
#include "error.h"
#include "names.h"
#include "refused.h"

#define VERSION_NUMBER UINT32_C(0x000100)

CIP_EXPORT uint32_t cip_version(void)
{
	return VERSION_NUMBER;
}

CIP_EXPORT const char *cip_version_string(void)
{
	return PACKAGE_VERSION;
}

CIP_EXPORT int cip_new(struct cip_ctx **ret_ctx)
{
	struct cip_ctx *ctx;

	if (!ret_ctx)
		return -EINVAL;
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return -ENOMEM;
	refcount_init(&ctx->refcount);
	ctx->log_fd = -1;
	ctx->netns = -1;
	ctx->announce_count = 1;
	ctx->log_priority = LOG_INFO;
	ctx->backend_name = backend_find_name(NULL);
	*ret_ctx = ctx;
	return 0;
}

CIP_EXPORT struct cip_ctx *cip_ref(struct cip_ctx *ctx)
{
	refcount_take(&ctx->refcount);
	return ctx;
}

CIP_EXPORT struct cip_ctx *cip_unref(struct cip_ctx *ctx)
{
	if (!ctx || !refcount_drop(&ctx->refcount))
		return NULL;
	api_forget(ctx);
	plan_free(ctx->plan);
	refused_begin(ctx, 0);
	backend_close_all(ctx);
	if (ctx->netns >= 0)
		(void)close(ctx->netns);
	free(ctx);
	return NULL;
}

CIP_EXPORT const char *cip_get_error(struct cip_ctx *ctx)
{
	return ctx->error;
}

CIP_EXPORT uint32_t cip_get_error_attr(struct cip_ctx *ctx)
{
	return ctx->error_attr;
}

static const struct refused *refused_at(const struct cip_ctx *ctx, uint32_t index)
{
	return index < ctx->refused_count ? &ctx->refused[index] : NULL;
}

CIP_EXPORT const char *cip_get_refused_address(struct cip_ctx *ctx, uint32_t index)
{
	const struct refused *refused = refused_at(ctx, index);

	return refused ? refused->address : NULL;
}

CIP_EXPORT int cip_get_refused_error(struct cip_ctx *ctx, uint32_t index)
{
	const struct refused *refused = refused_at(ctx, index);

	return refused ? refused->rc : 0;
}

CIP_EXPORT const char *cip_get_refused_text(struct cip_ctx *ctx, uint32_t index)
{
	const struct refused *refused = refused_at(ctx, index);

	return refused ? refused->text : NULL;
}

CIP_EXPORT int cip_set_log_fd(struct cip_ctx *ctx, int fd)
{
	if (fd < -1)
		return cip_error(ctx, -EINVAL, CIP_ATTR_NONE, "log fd %d is neither a descriptor nor -1", fd);
	ctx->log_fd = fd;
	return 0;
}

CIP_EXPORT int cip_set_log_priority(struct cip_ctx *ctx, int priority)
{
	if (priority < LOG_EMERG || priority > LOG_DEBUG)
		return cip_error(ctx, -EINVAL, CIP_ATTR_NONE, "log priority %d is not in 0..7", priority);
	ctx->log_priority = priority;
	return 0;
}

CIP_EXPORT int cip_set_backend(struct cip_ctx *ctx, const char *name)
{
	const char *known = backend_find_name(name);

	if (!known)
		return cip_error(ctx, -EINVAL, CIP_ATTR_BACKEND,
				 "backend \"%.32s\" is none of auto, nft and clusterip", name);
	api_forget(ctx);
	backend_close_all(ctx);
	ctx->backend_name = known;
	return 0;
}

CIP_EXPORT const char *cip_get_backend(struct cip_ctx *ctx)
{
	return ctx->backend_name;
}

CIP_EXPORT int cip_set_dry_run(struct cip_ctx *ctx, int on)
{
	if (on != 0 && on != 1)
		return cip_error(ctx, -EINVAL, CIP_ATTR_NONE, "dry run %d is neither 0 nor 1", on);
	ctx->dry_run = on;
	return 0;
}

CIP_EXPORT const char *cip_hash_mode_get_name(uint32_t hash_mode)
{
	return names_hash_mode(hash_mode);
}

CIP_EXPORT uint32_t cip_hash_mode_from_name(const char *name)
{
	return names_hash_mode_from(name);
}

CIP_EXPORT const char *cip_mac_mode_get_name(uint32_t mac_mode)
{
	return names_mac_mode(mac_mode);
}

CIP_EXPORT uint32_t cip_mac_mode_from_name(const char *name)
{
	return names_mac_mode_from(name);
}

CIP_EXPORT const char *cip_attr_get_name(uint32_t attr)
{
	return names_attr(attr);
}

CIP_EXPORT const char *cip_fault_get_name(uint32_t fault)
{
	return names_fault(fault);
}
