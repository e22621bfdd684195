/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_AFTER_H
#define CIP_NFT_AFTER_H

#include "backend.h"

/* The cluster IPs that there will be once a plan is done, in three orders. */
struct nft_after {
	uint32_t count;
	struct cip_cluster **by_addr, **by_class, **by_mac;
};

/* 0 or -ENOMEM. The plan and the snapshot must stay as they are. */
int nft_after_read(struct nft_after *after, const struct plan *plan, const struct plan_index *index,
		   const struct snapshot *snapshot);
void nft_after_clear(struct nft_after *after);

/* Will one be of that class? addr_family: 4 or 6 */
int nft_after_has_class(const struct nft_after *after, uint8_t addr_family, uint32_t class);
/* Will one on the same device have the same cluster MAC? mac_mode 0: in any mode */
int nft_after_has_mac(const struct nft_after *after, const struct cip_cluster *like, uint32_t mac_mode);

#endif
