/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_RULE_H
#define CIP_NFT_RULE_H

#include "nft.h"

struct nftnl_rule;

#define NFT_RULES_MAX 16

/*
 * A few cluster IPs have a shortcut: their packets are judged in the base chain itself, without the look into the map of
 * addresses. Only where there are so few cluster IPs that the others do not pay for it.
 */
#define NFT_SHORTCUTS_MAX 2
struct nft_shortcuts {
	uint32_t count;
	const struct cip_cluster *clusters[NFT_SHORTCUTS_MAX];
};
/* What the chains that cluster IPs of a family share depend on. */
struct nft_shared {
	uint32_t members;
	struct nft_shortcuts shortcuts;
	int defragment;
	int late; /* some are judged behind connection tracking */
};
struct nft_shared nft_shared(uint8_t family, struct cip_cluster *const *clusters, uint32_t count);
/* The shortcuts that those of the family, sorted by address, get. */
struct nft_shortcuts nft_shortcuts(uint8_t family, struct cip_cluster *const *clusters, uint32_t count);

/* Does the cluster IP need whole datagrams, because only the first fragment has ports? */
int nft_hashes_ports(const struct cip_cluster *cluster);

/*
 * The rules of a chain as they must be, in order, each released with nftnl_rule_free(). Return their number, or
 * -ENOMEM.
 */
int nft_rules_cluster(const struct cip_cluster *cluster, struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
int nft_rules_errors(const struct cip_cluster *cluster, struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
int nft_rules_prerouting(uint8_t family, const struct nft_shortcuts *shortcuts,
			 struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
int nft_rules_late(uint8_t family, struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
int nft_rules_defragment(uint8_t family, struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
int nft_rules_ingress(const char *chain, struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
int nft_rules_macs(uint8_t family, struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
void nft_rules_free(struct nftnl_rule **rules, int count);

/* The comment of a rule, "" if it has none. */
void nft_rule_name(const struct nftnl_rule *rule, char buf[NFT_COMMENT_MAX]);
/* Do two rules do the same? Counter values do not matter. If not, how does "have" differ, in words. */
int nft_rule_same(const struct nftnl_rule *want, const struct nftnl_rule *have, char *ret_why, size_t size);
/* Are they made of the same expressions, whatever these say? */
int nft_rule_similar(const struct nftnl_rule *want, const struct nftnl_rule *have);
/* The destination address that the rule begins with; -ENOENT if it does not. */
int nft_rule_daddr(const struct nftnl_rule *rule, struct addr *ret_daddr);
/* The kernel's number of the rule, and its chain ("" if not known). */
uint64_t nft_rule_handle(const struct nftnl_rule *rule);
const char *nft_rule_chain(const struct nftnl_rule *rule);
/* Add what the rule's counters say. */
void nft_rule_count(const struct nftnl_rule *rule, struct counter *counter);

#endif
