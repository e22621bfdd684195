/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_RULE_H
#define CIP_NFT_RULE_H

#include "nft.h"

struct nftnl_rule;

#define NFT_RULES_MAX 6

/*
 * A cluster IP whose packets are judged in the base chain itself, without the look into the map of addresses. Only
 * where there are so few cluster IPs that the others do not pay for it.
 */
#define NFT_SHORTCUTS_MAX 2
struct nft_shortcut {
	const struct cip_cluster *cluster; /* NULL: none */
	uint32_t ifindex;
};
/* Can the cluster IP have one? */
int nft_shortcut_fits(const struct cip_cluster *cluster, uint32_t ifindex);

/*
 * The rules of a chain as they must be, in order, each released with nftnl_rule_free(). Return their number, or
 * -ENOMEM. ifindex is the index of the cluster IP's device.
 */
int nft_rules_cluster(const struct cip_cluster *cluster, uint32_t ifindex,
		      struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
/* shortcuts: NULL where there is none, see struct nft_shortcut */
int nft_rules_prerouting(const struct nft_shortcut *shortcuts, struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
int nft_rules_arp(struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
void nft_rules_free(struct nftnl_rule **rules, int count);

/* The comment of a rule, "" if it has none. */
void nft_rule_name(const struct nftnl_rule *rule, char buf[NFT_COMMENT_MAX]);
/* Do two rules do the same? Counter values do not matter. If not, how does "have" differ, in words. */
int nft_rule_same(const struct nftnl_rule *want, const struct nftnl_rule *have, char *ret_why, size_t size);
/* Are they made of the same expressions, whatever these say? */
int nft_rule_similar(const struct nftnl_rule *want, const struct nftnl_rule *have);
/* The destination address that the rule begins with; -ENOENT if it does not. */
int nft_rule_daddr(const struct nftnl_rule *rule, uint8_t ret_daddr[4]);
/* The kernel's number of the rule, and its chain ("" if not known). */
uint64_t nft_rule_handle(const struct nftnl_rule *rule);
const char *nft_rule_chain(const struct nftnl_rule *rule);
/* Add what the rule's counters say. */
void nft_rule_count(const struct nftnl_rule *rule, struct counter *counter);

#endif
