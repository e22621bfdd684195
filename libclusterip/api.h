/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_API_H
#define CIP_API_H

#include "addr.h"
#include "ctx.h"

/* What the doors share. */

/* The address of an "address" argument: 0 or -EINVAL. */
int api_parse_address(struct cip_ctx *ctx, const char *address, struct addr *ret_addr);
/* -EINVAL for an argument that must not be NULL. */
int api_null(struct cip_ctx *ctx, const char *name);
/* Forget what was read last: it may be true no more. */
void api_forget(struct cip_ctx *ctx);
/* The sentence for a cluster IP that is not there; -ENOENT. */
int api_not_found(struct cip_ctx *ctx, const char *address, const char *ifname);

#endif
