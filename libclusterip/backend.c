/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend.h"
#include "error.h"
#include "log.h"

/* in order of preference */
static const struct backend *const backends[] = { &backend_nft };

void snapshot_clear(struct snapshot *snapshot)
{
	list_unref(snapshot->list);
	free(snapshot->retired);
	memset(snapshot, 0, sizeof(*snapshot));
}

const char *backend_find_name(const char *name)
{
	size_t i;

	if (!name || !strcmp(name, "auto"))
		return "auto";
	for (i = 0; i < ARRAY_SIZE(backends); i++)
		if (!strcmp(backends[i]->name, name))
			return backends[i]->name;
	return NULL;
}

void backend_wait(int tries)
{
	long us = 100L * (tries < 50 ? tries : 50) + getpid() % 64;
	struct timespec pause = { 0, us * 1000 };

	if (tries > 2)
		(void)nanosleep(&pause, NULL);
}

static int open_one(struct cip_ctx *ctx, const struct backend *backend)
{
	void *priv = calloc(1, backend->priv_size);
	int rc;

	if (!priv)
		return cip_error_nomem(ctx);
	rc = backend->open(ctx, priv);
	if (rc < 0) {
		free(priv);
		return rc;
	}
	ctx->backend = backend;
	ctx->backend_priv = priv;
	cip_log(ctx, LOG_DEBUG, "backend %s", backend->name);
	return 0;
}

int backend_get(struct cip_ctx *ctx)
{
	int any = !strcmp(ctx->backend_name, "auto"), rc = -EOPNOTSUPP;
	size_t i;

	if (ctx->backend)
		return 0;
	for (i = 0; rc < 0 && i < ARRAY_SIZE(backends); i++)
		if (any || !strcmp(backends[i]->name, ctx->backend_name))
			rc = open_one(ctx, backends[i]);
	return rc;
}

void backend_put(struct cip_ctx *ctx)
{
	if (!ctx->backend)
		return;
	ctx->backend->close(ctx->backend_priv);
	free(ctx->backend_priv);
	ctx->backend = NULL;
	ctx->backend_priv = NULL;
}
