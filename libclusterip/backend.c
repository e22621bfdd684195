/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "error.h"
#include "log.h"

/* in order of preference */
static const struct backend *const backends[] = { &backend_nft, &backend_clusterip };

_Static_assert(ARRAY_SIZE(backends) <= CTX_BACKENDS, "the context has room for the state of each");

void snapshot_clear(struct snapshot *snapshot)
{
	list_unref(snapshot->list);
	free(snapshot->retired);
	memset(snapshot, 0, sizeof(*snapshot));
}

const struct backend *backend_at(size_t index)
{
	return index < ARRAY_SIZE(backends) ? backends[index] : NULL;
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

static size_t index_of(const struct backend *backend)
{
	size_t i = 0;

	while (backends[i] != backend)
		i++;
	return i;
}

void backend_leave_parent(struct cip_ctx *ctx)
{
	pid_t pid = getpid();

	if (ctx->pid == pid)
		return;
	backend_close_all(ctx);
	ctx->recent = cluster_unref(ctx->recent);
	ctx->pid = pid;
}

int backend_open(struct cip_ctx *ctx, const struct backend *backend, struct opened *ret_opened)
{
	void **kept = &ctx->backend_priv[index_of(backend)], *priv;
	int rc;

	backend_leave_parent(ctx);
	if (!*kept) {
		priv = calloc(1, backend->priv_size);
		if (!priv)
			return cip_error_nomem(ctx);
		rc = backend->open(ctx, priv);
		if (rc < 0) {
			free(priv);
			return rc;
		}
		*kept = priv;
		cip_log(ctx, LOG_DEBUG, "backend %s", backend->name);
	}
	*ret_opened = (struct opened){ backend, *kept };
	return 0;
}

struct opened backend_opened(const struct cip_ctx *ctx, const char *name)
{
	size_t i = 0;

	while (strcmp(backends[i]->name, name))
		i++;
	return (struct opened){ backends[i], ctx->backend_priv[i] };
}

void backend_close_all(struct cip_ctx *ctx)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(backends); i++) {
		if (!ctx->backend_priv[i])
			continue;
		backends[i]->close(ctx->backend_priv[i]);
		free(ctx->backend_priv[i]);
		ctx->backend_priv[i] = NULL;
	}
}
