/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_TABLE_H
#define CIP_NFT_TABLE_H

#include "nft.h"
#include "nft-rule.h"

/*
 * family: NFPROTO_IPV4 or NFPROTO_IPV6, whose cluster IPs it is about
 *
 * Add to the batch everything that all cluster IPs share; what is there already stays. 0 or -ENOMEM.
 */
int nft_table_put(struct nfnl *nfnl, uint8_t family);
/* Add to the batch the base chain, emptied if it was there, and its rules. */
int nft_table_put_prerouting(struct nfnl *nfnl, uint8_t family, const struct nft_shortcut *shortcut);
/* Add to the batch the base chain behind connection tracking. */
int nft_table_put_late(struct nfnl *nfnl, uint8_t family);
int nft_table_put_late_removal(struct nfnl *nfnl, uint8_t family);
/* Add to the batch the table of those in MAC mode unicast, in place of what there is: they share it. */
int nft_table_put_ingress(struct nfnl *nfnl, struct cip_cluster *const *clusters, uint32_t count);
/* Add to the batch the chain that has fragments put together. */
int nft_table_put_defragment(struct nfnl *nfnl, uint8_t family);
/* Add to the batch the removal of a table with all it holds. family: NFPROTO_ARP and NFPROTO_NETDEV, too */
int nft_table_put_removal(struct nfnl *nfnl, uint8_t family);

/* Add to the batch a chain without hook, emptied if it was there, and its rules, which are released. */
int nft_table_put_chain(struct nfnl *nfnl, uint8_t family, const char *name, struct nftnl_rule **rules,
			int count, const void *about);
int nft_table_put_chain_removal(struct nfnl *nfnl, uint8_t family, const char *name, const void *about);
/* Is there a set or map of that name? */
int nft_table_has_set(struct nfnl *nfnl, uint8_t family, const char *set, int *ret_has);

/* Called for each rule of a chain, in order. */
typedef int (*nft_rule_cb)(const struct nftnl_rule *rule, void *data);
/* chain NULL: all of the table. -ENOENT: no such table or chain. */
int nft_table_read_rules(struct nfnl *nfnl, uint8_t family, const char *chain, nft_rule_cb cb, void *data);

/* Called for the name of each chain of the table. */
typedef int (*nft_chain_cb)(const char *name, void *data);
int nft_table_read_chains(struct nfnl *nfnl, uint8_t family, nft_chain_cb cb, void *data);

#endif
