/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_BACKEND_CLUSTERIP_H
#define CIP_BACKEND_CLUSTERIP_H

#include "backend.h"
#include "wire-nl.h"

/* The open backend for the kernel's CLUSTERIP target. */
struct target_priv {
	struct nl rtnl;
};

/* A sentence for what was answered to "what", about a cluster IP (NULL: none in particular); the right errno. */
int target_failed(struct cip_ctx *ctx, int rc, const struct addr *about, const char *what);
/* The same for an answer of rtnetlink. */
int target_rtnl_failed(struct cip_ctx *ctx, const struct target_priv *priv, int rc,
		       const struct cip_cluster *about, const char *what);

int target_query(struct cip_ctx *ctx, void *priv, const struct addr *only, uint32_t flags,
		 struct snapshot *ret_snapshot);
int target_verify(struct cip_ctx *ctx, void *priv, const struct addr *only, const struct cip_list *elsewhere,
		  struct cip_report *report);
int target_can(struct cip_ctx *ctx, void *priv, const struct cip_cluster *want);
int target_commit(struct cip_ctx *ctx, void *priv, struct plan *plan, const struct snapshot *snapshot);

#endif
