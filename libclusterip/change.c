/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change.h"
#include "cluster-text.h"
#include "error.h"
#include "validate.h"

int change_is_buckets(const struct change *change)
{
	return change->verb == VERB_ADD || change->verb == VERB_REMOVE || change->verb == VERB_SET;
}

static int not_found(struct cip_ctx *ctx, const struct change *change)
{
	char address[ADDR_TEXT_MAX];

	addr_format(&change->addr, address);
	return cip_error(ctx, -ENOENT, CIP_ATTR_ADDRESS, "no such cluster IP: %s%s%s", address,
			 change->ifname ? " dev " : "", change->ifname ? change->ifname : "");
}

static int differs(struct cip_ctx *ctx, struct cip_cluster *have, struct cip_cluster *want, uint32_t mask)
{
	char label[CLUSTER_LABEL_MAX], text[256];

	cluster_format_difference(have, want, mask, text, sizeof(text));
	return cip_error(ctx, -EEXIST, (uint32_t)__builtin_ctz(mask), "%s exists with other parameters: %s",
			 cluster_label(have, label), text);
}

/* Does its record say what it is? */
static int is_known(const struct cip_cluster *have)
{
	return have && have->observed.recorded && CLUSTER_HAS(have, CIP_ATTR_TOTAL);
}

static int plan_create(struct cip_ctx *ctx, const struct change *change, struct cip_cluster *have, int repair,
		       struct plan *plan)
{
	int keep = have && CLUSTER_HAS(have, CIP_ATTR_TOTAL) && !CLUSTER_HAS(change->given, CIP_ATTR_BUCKETS),
	    rc;
	struct cip_cluster *want;
	uint32_t mask;

	rc = validate_cluster(ctx, change->given);
	if (rc == 0)
		rc = cluster_copy(ctx, change->given, &want);
	if (rc < 0)
		return rc;
	cluster_complete(want);
	if (keep)
		want->buckets = have->observed.assigned;
	mask = have ? cluster_compare(have, want) & ~(1u << CIP_ATTR_BUCKETS) : 0;
	/* of what has no record that can be read only the device is known: it is made anew, in place of its traces */
	if (have && !is_known(have)) {
		mask &= 1u << CIP_ATTR_IFNAME;
		repair = 1;
	}
	rc = mask ? differs(ctx, have, want, mask) : plan_diff(ctx, plan, want, have, NULL, repair);
	cluster_unref(want);
	return rc;
}

#define FIXED_ATTRS                                                                                            \
	(1u << CIP_ATTR_PREFIX | 1u << CIP_ATTR_IFNAME | 1u << CIP_ATTR_MAC | 1u << CIP_ATTR_NOADDR |          \
	 1u << CIP_ATTR_MAC_MODE | 1u << CIP_ATTR_OUTGOING)

static int plan_modify(struct cip_ctx *ctx, const struct change *change, struct cip_cluster *have, int repair,
		       struct plan *plan)
{
	int names_buckets = CLUSTER_HAS(change->given, CIP_ATTR_BUCKETS) && !change->keep_buckets;
	uint32_t mask = cluster_compare(have, change->given) & FIXED_ATTRS;
	struct bucketset all;
	struct cip_cluster *want;
	int rc;

	if (mask)
		return differs(ctx, have, change->given, mask);
	rc = cluster_copy(ctx, have, &want);
	if (rc < 0)
		return rc;
	cluster_merge(want, change->given);
	if (!names_buckets) {
		all = bucketset_first(want->total);
		want->buckets = bucketset_and(&have->observed.assigned, &all);
	}
	rc = validate_cluster(ctx, want);
	if (rc == 0)
		rc = plan_diff(ctx, plan, want, have, names_buckets || repair ? NULL : &want->buckets, repair);
	cluster_unref(want);
	return rc;
}

static int plan_buckets(struct cip_ctx *ctx, const struct change *change, struct cip_cluster *have,
			struct plan *plan)
{
	struct bucketset named;
	struct cip_cluster *want;
	int rc;

	rc = cluster_copy(ctx, have, &want);
	if (rc < 0)
		return rc;
	rc = cluster_set_buckets(want, change->buckets);
	if (rc < 0) {
		cluster_unref(want);
		return rc;
	}
	named = want->buckets;
	if (change->verb == VERB_ADD)
		want->buckets = bucketset_or(&have->observed.assigned, &named);
	else if (change->verb == VERB_REMOVE)
		want->buckets = bucketset_minus(&have->observed.assigned, &named);
	rc = plan_diff(ctx, plan, want, have, change->verb == VERB_SET ? NULL : &named, 0);
	cluster_unref(want);
	return rc;
}

int change_plan(struct cip_ctx *ctx, const struct change *change, struct cip_cluster *have, int repair,
		struct plan *plan)
{
	if (have && change->ifname && CLUSTER_HAS(have, CIP_ATTR_IFNAME) &&
	    strcmp(have->ifname, change->ifname))
		return not_found(ctx, change);
	if (change->verb == VERB_CREATE || (change->verb == VERB_APPLY && !is_known(have)))
		return plan_create(ctx, change, have, repair, plan);
	if (!have)
		return not_found(ctx, change);
	if (change->verb == VERB_DESTROY)
		return plan_diff(ctx, plan, NULL, have, NULL, 0);
	if (!have->observed.recorded)
		return not_found(ctx, change);
	if (!CLUSTER_HAS(have, CIP_ATTR_TOTAL))
		return cip_error(ctx, -EBADMSG, CIP_ATTR_NONE,
				 "the record of the cluster IP is not readable: create it again");
	return change_is_buckets(change) ? plan_buckets(ctx, change, have, plan)
					 : plan_modify(ctx, change, have, repair, plan);
}
