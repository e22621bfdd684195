/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "backend.h"
#include "error.h"

int api_parse_address(struct cip_ctx *ctx, const char *address, struct addr *ret_addr)
{
	if (address && addr_parse(address, ret_addr) == 0)
		return 0;
	return cip_error(ctx, -EINVAL, CIP_ATTR_ADDRESS, "address \"%.64s\" is not an IPv4 or IPv6 address",
			 address ? address : "");
}

static int not_found(struct cip_ctx *ctx, const char *address, const char *ifname)
{
	return cip_error(ctx, -ENOENT, CIP_ATTR_ADDRESS, "no such cluster IP: %s%s%s", address,
			 ifname ? " dev " : "", ifname ? ifname : "");
}

int api_null(struct cip_ctx *ctx, const char *name)
{
	return cip_error(ctx, -EINVAL, CIP_ATTR_NONE, "%s is NULL", name);
}

void api_forget(struct cip_ctx *ctx)
{
	ctx->recent = cluster_unref(ctx->recent);
}

CIP_EXPORT int cip_query(struct cip_ctx *ctx, struct cip_list **ret_list)
{
	struct snapshot snapshot;
	int rc;

	rc = ret_list ? backend_get(ctx) : api_null(ctx, "ret_list");
	if (rc == 0)
		rc = ctx->backend->query(ctx, ctx->backend_priv, NULL, QUERY_COUNTERS, &snapshot);
	if (rc < 0)
		return rc;
	*ret_list = snapshot.list;
	snapshot.list = NULL;
	snapshot_clear(&snapshot);
	return 0;
}

static int on_device(const struct cip_cluster *cluster, const char *ifname)
{
	return !ifname || !CLUSTER_HAS(cluster, CIP_ATTR_IFNAME) || !strcmp(cluster->ifname, ifname);
}

CIP_EXPORT int cip_query_one(struct cip_ctx *ctx, const char *address, const char *ifname,
			     struct cip_cluster **ret_cluster)
{
	struct snapshot snapshot;
	struct addr addr;
	int rc;

	rc = ret_cluster ? api_parse_address(ctx, address, &addr) : api_null(ctx, "ret_cluster");
	if (rc == 0)
		rc = backend_get(ctx);
	if (rc < 0)
		return rc;
	if (addr.family != 4)
		return not_found(ctx, address, ifname);
	rc = ctx->backend->query(ctx, ctx->backend_priv, &addr, QUERY_COUNTERS, &snapshot);
	if (rc < 0)
		return rc;
	if (!snapshot.list->count || !on_device(snapshot.list->items[0], ifname))
		rc = not_found(ctx, address, ifname);
	else
		*ret_cluster = cluster_ref(snapshot.list->items[0]);
	snapshot_clear(&snapshot);
	return rc;
}

/* The device that a cluster IP is on must be the one named, where one is. */
static int check_device(struct cip_ctx *ctx, const char *address, const char *ifname)
{
	struct cip_cluster *cluster;
	int rc;

	if (!address || !ifname)
		return 0;
	rc = cip_query_one(ctx, address, NULL, &cluster);
	if (rc == -ENOENT)
		return 0; /* there may be traces of it all the same */
	if (rc < 0)
		return rc;
	if (!on_device(cluster, ifname))
		rc = not_found(ctx, address, ifname);
	cluster_unref(cluster);
	return rc;
}

CIP_EXPORT int cip_verify(struct cip_ctx *ctx, const char *address, const char *ifname,
			  struct cip_report **ret_report)
{
	struct cip_report *report;
	struct addr addr;
	int rc;

	rc = ret_report ? 0 : api_null(ctx, "ret_report");
	if (rc == 0 && address)
		rc = api_parse_address(ctx, address, &addr);
	if (rc == 0)
		rc = backend_get(ctx);
	if (rc == 0)
		rc = check_device(ctx, address, ifname);
	if (rc == 0)
		rc = report_new(ctx, &report);
	if (rc < 0)
		return rc;
	rc = ctx->backend->verify(ctx, ctx->backend_priv, address ? &addr : NULL, report);
	if (rc < 0) {
		report_unref(report);
		return rc == -ENOENT ? not_found(ctx, address, ifname) : rc;
	}
	*ret_report = report;
	return 0;
}
