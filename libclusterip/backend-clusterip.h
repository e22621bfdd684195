/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_BACKEND_CLUSTERIP_H
#define CIP_BACKEND_CLUSTERIP_H

#include "backend.h"
#include "wire-announce.h"
#include "wire-nl.h"

/* The open backend for the kernel's CLUSTERIP target. */
struct target_priv {
	struct nl rtnl;
	struct announcer announcer;
};

/* A sentence for what was answered to "what", about a cluster IP (NULL: none in particular); the right errno. */
int target_failed(struct cip_ctx *ctx, int rc, const struct addr *about, const char *what);
/* The same for an answer of rtnetlink. */
int target_rtnl_failed(struct cip_ctx *ctx, const struct target_priv *priv, int rc,
		       const struct cip_cluster *about, const char *what);

int target_query(struct cip_ctx *ctx, struct target_priv *priv, const struct addr *only,
		 struct snapshot *ret_snapshot);
int target_verify(struct cip_ctx *ctx, struct target_priv *priv, const struct addr *only,
		  struct cip_report *report);
int target_commit(struct cip_ctx *ctx, struct target_priv *priv, const struct plan *plan);

#endif
