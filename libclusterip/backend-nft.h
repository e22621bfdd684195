/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_BACKEND_NFT_H
#define CIP_BACKEND_NFT_H

#include "backend.h"
#include "nft-journal.h"
#include "wire-announce.h"
#include "wire-nfnl.h"

/* The open nftables backend: its sockets. */
struct nft_priv {
	struct nfnl nfnl;
	struct nl rtnl;
	struct announcer announcer;
	struct nft_journal journal; /* while a verb needs it */
	int able[2][6];		    /* kinds of cluster IPs that the kernel has taken, see nft_able() */
};

/* Has the kernel taken one of that kind: of its family, with one bucket, hashing addresses alone, or ports; outgoing? */
int *nft_able(struct nft_priv *nft, const struct cip_cluster *cluster);

/* Tries to read something consistent while others write. */
#define NFT_READ_TRIES 64
/* And to read one set while something is removed from it. */
#define NFT_DUMP_TRIES 8

/* A sentence for what the kernel answered to "what", and the right errno for the caller. */
int nft_failed(struct cip_ctx *ctx, const struct nl *nl, int rc, const char *what);

/*
 * What can be told of a cluster IP that has no record, from the ARP table, the map of addresses and the devices: a
 * value with what is known set, NULL if there is no trace of it. list: those with records
 */
int nft_trace(struct cip_ctx *ctx, struct nft_priv *nft, const struct addr *addr, const struct cip_list *list,
	      struct cip_cluster **ret_cluster);
/* The same of one whose record cannot be read. */
int nft_trace_fill(struct nft_priv *nft, const struct cip_list *list, struct cip_cluster *cluster);
/* Does the device receive a MAC by a reference of ours, and not for one of the list? */
int nft_mac_is_trace(struct nft_priv *nft, const struct cip_list *list, uint32_t index, const char *ifname,
		     const uint8_t mac[6]);

/* The device that receives the MAC and has the address, whatever it is called now. -ENODEV: none. */
int nft_find_device(struct nft_priv *nft, const struct addr *addr, const uint8_t mac[6], uint32_t *ret_index,
		    uint32_t *ret_prefix);

int nft_query(struct cip_ctx *ctx, void *priv, const struct addr *only, uint32_t flags,
	      struct snapshot *ret_snapshot);
/* Bring a snapshot up to date, with the same arguments, by means of the journal. -EINTR: it does not reach so far back. */
int nft_query_again(struct cip_ctx *ctx, struct nft_priv *nft, const struct addr *only, uint32_t flags,
		    struct snapshot *snapshot);
int nft_verify(struct cip_ctx *ctx, void *priv, const struct addr *only, const struct cip_list *elsewhere,
	       struct cip_report *report);
int nft_can(struct cip_ctx *ctx, void *priv, const struct cip_cluster *want);
int nft_commit(struct cip_ctx *ctx, void *priv, struct plan *plan, const struct snapshot *snapshot);

#endif
