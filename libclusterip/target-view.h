/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_TARGET_VIEW_H
#define CIP_TARGET_VIEW_H

#include "backend-clusterip.h"
#include "target-rule.h"
#include "wire-iptc.h"

/* Where a rule is. */
struct spot {
	char chain[FILTER_CHAIN_MAX];
	uint32_t number;
	enum target_kind kind;
};

/* All that the table has about one address, and the buckets that are local. */
struct found {
	struct cip_cluster *cluster; /* of the first rule */
	struct ipt_entry *rule;	     /* that rule; NULL: there is but a holder */
	enum target_record record;   /* of that rule */
	struct spot spot;	     /* of whatever comes first */
	uint32_t rules, holders;
	int differ;	/* a later rule has other parameters */
	int is_reached; /* the chain of the first rule is */
	int local_rc;	/* of reading the local buckets */
};

struct view {
	uint32_t count;
	struct found *items;
};

/*
 * Read what there is, of one address or of all. Without the lock it may show a change half way; then it is read again
 * under the lock. -ENOMEM, -EPERM, -EBUSY, -EBADMSG with a sentence.
 */
int view_read(struct cip_ctx *ctx, struct target_priv *priv, const struct addr *only, struct view *ret_view);
int view_read_locked(struct cip_ctx *ctx, struct target_priv *priv, const struct addr *only,
		     struct view *ret_view);
void view_clear(struct view *view);
const struct found *view_find(const struct view *view, const struct addr *addr);
/* The sentence for local buckets that could not be read. */
int view_local_failed(struct cip_ctx *ctx, const struct found *found);

/* The rules about an address in an open table, in its order; the caller frees them. */
int spots_read(struct filter *filter, const struct addr *addr, struct spot **ret_spots, uint32_t *ret_count);

#endif
