/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "api-run.h"
#include "error.h"

int api_parse_address(struct cip_ctx *ctx, const char *address, struct addr *ret_addr)
{
	if (address && addr_parse(address, ret_addr) == 0)
		return 0;
	return cip_error(ctx, -EINVAL, CIP_ATTR_ADDRESS, "address \"%.64s\" is not an IPv4 or IPv6 address",
			 address ? address : "");
}

int api_not_found(struct cip_ctx *ctx, const char *address, const char *ifname)
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
	struct parts parts = { 0 };
	int rc;

	rc = ret_list ? parts_open(ctx, ctx->backend_name, &parts) : api_null(ctx, "ret_list");
	if (rc == 0)
		rc = parts_read(ctx, &parts, NULL, QUERY_COUNTERS);
	if (rc == 0)
		rc = parts_elsewhere(ctx, &parts, NULL, ret_list);
	parts_clear(&parts);
	return rc;
}

static int on_device(const struct cip_cluster *cluster, const char *ifname)
{
	return !ifname || !CLUSTER_HAS(cluster, CIP_ATTR_IFNAME) || !strcmp(cluster->ifname, ifname);
}

/* Where it is, or the sentence that says where it is not. */
static int find_one(struct cip_ctx *ctx, const struct parts *parts, const struct addr *addr, const char *ifname,
		    struct cip_cluster **ret_cluster)
{
	struct cip_cluster *found = NULL;
	char address[ADDR_TEXT_MAX];
	const char *home;
	uint32_t i;

	for (i = 0; !found && i < parts->count; i++)
		found = list_find_sorted(parts->items[i].snapshot.list, addr);
	if (found && on_device(found, ifname)) {
		*ret_cluster = cluster_ref(found);
		return 0;
	}
	home = found ? NULL : parts_other_home(ctx, parts, addr);
	if (home)
		return run_lives_elsewhere(ctx, addr, home, -ENOENT);
	addr_format(addr, address);
	return api_not_found(ctx, address, ifname);
}

CIP_EXPORT int cip_query_one(struct cip_ctx *ctx, const char *address, const char *ifname,
			     struct cip_cluster **ret_cluster)
{
	struct parts parts = { 0 };
	struct addr addr;
	int rc;

	rc = ret_cluster ? api_parse_address(ctx, address, &addr) : api_null(ctx, "ret_cluster");
	if (rc == 0)
		rc = parts_open(ctx, ctx->backend_name, &parts);
	if (rc == 0)
		rc = parts_read(ctx, &parts, &addr, QUERY_COUNTERS);
	if (rc == 0)
		rc = find_one(ctx, &parts, &addr, ifname, ret_cluster);
	parts_clear(&parts);
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
		rc = api_not_found(ctx, address, ifname);
	cluster_unref(cluster);
	return rc;
}

/*
 * What each backend holds, as far as the others' verification needs it: those that are less preferred, and the first
 * only if they hold anything at all, for on most nodes they do not.
 */
static int read_homes(struct cip_ctx *ctx, struct parts *parts, const struct addr *only)
{
	uint32_t i, count = 0;
	int rc = 0;

	for (i = parts->count; rc == 0 && i-- > 0 && (i || count);) {
		struct part *part = &parts->items[i];

		rc = part->opened.backend->query(ctx, part->opened.priv, only, 0, &part->snapshot);
		if (rc == 0)
			count += part->snapshot.list->count;
	}
	return rc;
}

static int verify_part(struct cip_ctx *ctx, const struct parts *parts, const struct part *part,
		       const struct addr *only, struct cip_report *report)
{
	struct cip_list *elsewhere;
	int rc = parts_elsewhere(ctx, parts, part, &elsewhere);

	if (rc < 0)
		return rc;
	rc = part->opened.backend->verify(ctx, part->opened.priv, only, elsewhere, report);
	list_unref(elsewhere);
	return rc;
}

/* An address can have one home only. */
static int verify_homes(struct cip_ctx *ctx, const struct parts *parts, struct cip_report *report)
{
	struct cip_list *all;
	uint32_t i;
	int rc = parts_elsewhere(ctx, parts, NULL, &all);

	if (rc < 0)
		return rc;
	for (i = 1; rc == 0 && i < all->count; i++) {
		const struct cip_cluster *one = all->items[i - 1], *other = all->items[i];

		if (!addr_compare(&one->addr, &other->addr))
			rc = report_add(report, CIP_FAULT_BACKEND, &one->addr,
					"it is in backend %s and in backend %s: migrate it or destroy it",
					one->observed.backend, other->observed.backend);
	}
	list_unref(all);
	return rc < 0 ? cip_error_nomem(ctx) : 0;
}

/* -ENOENT: nothing is known of "only" in any backend that was asked for. */
static int verify_parts(struct cip_ctx *ctx, struct parts *parts, const struct addr *only,
			struct cip_report *report)
{
	int rc = read_homes(ctx, parts, only), found = 0;
	uint32_t i;

	for (i = 0; rc == 0 && i < parts->count; i++) {
		const char *name = parts->items[i].opened.backend->name;

		if (strcmp(ctx->backend_name, "auto") && strcmp(ctx->backend_name, name))
			continue;
		rc = verify_part(ctx, parts, &parts->items[i], only, report);
		found |= rc == 0;
		if (rc == -ENOENT)
			rc = 0;
	}
	if (rc == 0 && !found)
		return -ENOENT;
	return rc < 0 ? rc : verify_homes(ctx, parts, report);
}

static int verify(struct cip_ctx *ctx, const struct addr *only, struct cip_report *report)
{
	struct parts parts = { 0 }, named;
	int rc;

	/* the one that was named must be there; the others are looked at only for what is theirs */
	rc = parts_open(ctx, ctx->backend_name, &named);
	if (rc == 0)
		rc = parts_open(ctx, "auto", &parts);
	if (rc == 0)
		rc = verify_parts(ctx, &parts, only, report);
	parts_clear(&parts);
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
		rc = check_device(ctx, address, ifname);
	if (rc == 0)
		rc = report_new(ctx, &report);
	if (rc < 0)
		return rc;
	rc = verify(ctx, address ? &addr : NULL, report);
	if (rc < 0) {
		report_unref(report);
		return rc == -ENOENT ? api_not_found(ctx, address, ifname) : rc;
	}
	report_sort(report);
	*ret_report = report;
	return 0;
}
