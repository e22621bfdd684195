/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_QUERY_H
#define CIP_NFT_QUERY_H

#include "backend-nft.h"

/* A query while it runs. */
struct query {
	struct cip_ctx *ctx;
	struct nft_priv *nft;
	struct nfnl *nfnl;
	const struct addr *only; /* whose buckets are read; NULL: everybody's */
	uint32_t flags;
	int map;	/* of entries that is read, one of nft_entry_maps */
	uint8_t family; /* whose table is read: NFPROTO_IPV4 or NFPROTO_IPV6 */
	struct snapshot snapshot;
};

/*
 * The parts of a query, in this order: who is there; the buckets and entries of those it is about; what of theirs was
 * counted in rules. 0, -EINTR: it has changed meanwhile, or errno.
 */
int query_records(struct query *query);
int query_rest(struct query *query);
int query_foreign(struct query *query);
/* What there is now of a cluster IP that has changed since. */
int query_anew(struct query *query, const struct addr *addr);

#endif
