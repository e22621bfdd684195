/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "api.h"
#include "api-run.h"
#include "error.h"
#include "refused.h"
#include "validate.h"

static int run_change(struct cip_ctx *ctx, const struct change *change)
{
	struct request request = { .change = change };

	backend_leave_parent(ctx); /* it may move a bucket without opening anything */
	return run_request(ctx, &request);
}

static int run_given(struct cip_ctx *ctx, enum verb verb, struct cip_cluster *cluster)
{
	struct change change = { .verb = verb, .given = cluster };
	int rc;

	if (!cluster)
		return cip_error(ctx, -EINVAL, CIP_ATTR_NONE, "cluster is NULL");
	rc = verb == VERB_CREATE ? validate_cluster(ctx, cluster) : 0;
	if (rc == 0)
		rc = validate_target(ctx, cluster);
	if (rc < 0)
		return rc;
	change.addr = cluster->addr;
	return run_change(ctx, &change);
}

CIP_EXPORT int cip_create(struct cip_ctx *ctx, struct cip_cluster *cluster)
{
	return run_given(ctx, VERB_CREATE, cluster);
}

CIP_EXPORT int cip_modify(struct cip_ctx *ctx, struct cip_cluster *cluster)
{
	return run_given(ctx, VERB_MODIFY, cluster);
}

CIP_EXPORT int cip_destroy(struct cip_ctx *ctx, const char *address, const char *ifname)
{
	struct change change = { .verb = VERB_DESTROY, .ifname = ifname };
	int rc = api_parse_address(ctx, address, &change.addr);

	return rc < 0 ? rc : run_change(ctx, &change);
}

static int run_buckets(struct cip_ctx *ctx, enum verb verb, const char *address, const char *ifname,
		       const char *buckets)
{
	struct change change = { .verb = verb, .ifname = ifname, .buckets = buckets };
	int rc = api_parse_address(ctx, address, &change.addr);

	if (rc == 0 && !buckets)
		rc = cip_error(ctx, -EINVAL, CIP_ATTR_BUCKETS, "buckets is NULL");
	return rc < 0 ? rc : run_change(ctx, &change);
}

CIP_EXPORT int cip_add_buckets(struct cip_ctx *ctx, const char *address, const char *ifname,
			       const char *buckets)
{
	return run_buckets(ctx, VERB_ADD, address, ifname, buckets);
}

CIP_EXPORT int cip_remove_buckets(struct cip_ctx *ctx, const char *address, const char *ifname,
				  const char *buckets)
{
	return run_buckets(ctx, VERB_REMOVE, address, ifname, buckets);
}

CIP_EXPORT int cip_set_buckets(struct cip_ctx *ctx, const char *address, const char *ifname,
			       const char *buckets)
{
	return run_buckets(ctx, VERB_SET, address, ifname, buckets);
}

/* A change of one attribute, which "set" gives to an empty cluster IP. */
static int run_attribute(struct cip_ctx *ctx, const char *address, const char *ifname, uint32_t value,
			 int (*set)(struct cip_cluster *cluster, uint32_t value))
{
	struct change change = { .verb = VERB_MODIFY, .ifname = ifname };
	int rc = api_parse_address(ctx, address, &change.addr);

	if (rc == 0)
		rc = cluster_new(ctx, &change.given);
	if (rc < 0)
		return rc;
	rc = set(change.given, value);
	if (rc == 0)
		rc = run_change(ctx, &change);
	cluster_unref(change.given);
	return rc;
}

CIP_EXPORT int cip_set_hash_mode(struct cip_ctx *ctx, const char *address, const char *ifname,
				 uint32_t hash_mode)
{
	return run_attribute(ctx, address, ifname, hash_mode, cip_cluster_set_hash_mode);
}

CIP_EXPORT int cip_set_total_nodes(struct cip_ctx *ctx, const char *address, const char *ifname,
				   uint32_t total_nodes)
{
	return run_attribute(ctx, address, ifname, total_nodes, cip_cluster_set_total_nodes);
}

CIP_EXPORT int cip_set_hash_seed(struct cip_ctx *ctx, const char *address, const char *ifname, uint32_t seed)
{
	return run_attribute(ctx, address, ifname, seed, cip_cluster_set_hash_seed);
}

static int validate_list(struct cip_ctx *ctx, const struct cip_list *list)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->count; i++) {
		rc = validate_target(ctx, list->items[i]);
		if (rc < 0)
			rc = refused_add(ctx, rc, &list->items[i]->addr);
	}
	return rc < 0 ? rc : refused_since(ctx, 0);
}

CIP_EXPORT int cip_apply(struct cip_ctx *ctx, struct cip_list *list, uint32_t flags)
{
	const uint32_t known = CIP_APPLY_PRUNE | CIP_APPLY_KEEP_BUCKETS;
	struct request request = { .list = list, .flags = flags };
	int rc;

	refused_begin(ctx, 1);
	if (!list || flags & ~known)
		return cip_error(ctx, -EINVAL, CIP_ATTR_NONE, "%s",
				 list ? "flags has unknown bits" : "list is NULL");
	rc = validate_list(ctx, list);
	if (rc == 0)
		rc = run_request(ctx, &request);
	if (rc == 0)
		refused_begin(ctx, 0);
	ctx->refused_noted = 0;
	return rc;
}
