/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_RULE_H
#define CIP_NFT_RULE_H

#include "nft.h"

struct nftnl_rule;

#define NFT_RULES_MAX 16

/* An order of cluster IPs: 0 for two whose packets are judged alike. */
int nft_class_compare(const struct cip_cluster *a, const struct cip_cluster *b);
/* Do their records say, too, that the same chains do it? */
int nft_class_shared(const struct cip_cluster *a, const struct cip_cluster *b);

/*
 * Where all cluster IPs of a family are of one class there is a shortcut: their packets are judged in the base chain
 * itself, without the look into the map of addresses.
 */
struct nft_shortcut {
	const struct cip_cluster *of; /* one of the class; NULL: no shortcut */
	int alone;		      /* it is the only one */
};
int nft_shortcut_same(const struct nft_shortcut *a, const struct nft_shortcut *b);
/* What the chains that cluster IPs of a family share depend on. */
struct nft_shared {
	uint32_t members;
	struct nft_shortcut shortcut;
	int defragment;
	int late; /* some are judged behind connection tracking */
};
struct nft_shared nft_shared(uint8_t family, struct cip_cluster *const *clusters, uint32_t count);

/* Does the cluster IP need whole datagrams, because only the first fragment has ports? */
int nft_hashes_ports(const struct cip_cluster *cluster);

/*
 * The rules of a chain as they must be, in order, each released with nftnl_rule_free(). Return their number, or
 * -ENOMEM.
 */
int nft_rules_cluster(const struct cip_cluster *cluster, struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
int nft_rules_errors(const struct cip_cluster *cluster, struct nftnl_rule *ret_rules[NFT_RULES_MAX]);
int nft_rules_prerouting(uint8_t family, const struct nft_shortcut *shortcut,
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
/* Add what the rule's counters say. */
void nft_rule_count(const struct nftnl_rule *rule, struct counter *counter);

#endif
