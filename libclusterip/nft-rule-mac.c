/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What neighbours are told: the cluster MAC, in ARP packets and in neighbour discovery. */
#include <netinet/icmp6.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "nft-rule-parts.h"

#define ARP_OFF_SHA 8
#define ARP_OFF_SPA 14

/* Both messages have an address and then, as their first option, a MAC. */
#define ND_OFF_OPTION (NFT_ND_OFF_MAC - 2)
#define ICMP_OFF_SUM  2

/* Go on if the sender is a cluster IP on the device that it leaves by; its MAC in a register. */
static void add_mac(struct build *build, uint32_t sender, uint32_t len)
{
	expr_meta(build, NFT_META_OIFNAME, NFT_REG_1);
	expr_payload(build, NFT_PAYLOAD_NETWORK_HEADER, sender, len, NFT_REG_2);
	expr_lookup(build, NFT_MACS, NFT_REG_1, NFT_REG_1, 0);
}

/* The kernel advertises an address with that address as the sender. */
static void build_nd(struct build *build, const char *comment, uint8_t type, uint8_t option)
{
	const struct header *header = rule_header(build->family);

	expr_begin_rule(build, comment);
	rule_if_protocol(build, NFT_CMP_EQ, IPPROTO_ICMPV6);
	rule_if_byte(build, NFT_PAYLOAD_TRANSPORT_HEADER, 0, NFT_CMP_EQ, type);
	rule_if_byte(build, NFT_PAYLOAD_TRANSPORT_HEADER, ND_OFF_OPTION, NFT_CMP_EQ, option);
	add_mac(build, header->saddr, header->addr_len);
	expr_payload_write(build, NFT_PAYLOAD_TRANSPORT_HEADER, NFT_ND_OFF_MAC, 6, NFT_REG_1);
	expr_payload_fix_sum(build, ICMP_OFF_SUM);
}

/* The kernel's IP and ARP drop what is for another host's MAC before any rule of theirs sees it. */
int nft_rules_ingress(const char *chain, struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	struct build build = { .rules = ret_rules, .chain = chain, .family = NFPROTO_NETDEV };
	static const uint16_t ethernet = 1; /* ARPHRD_ETHER */

	expr_begin_rule(&build, "cluster MAC");
	expr_meta(&build, NFT_META_IIFTYPE, NFT_REG_1);
	expr_cmp(&build, NFT_REG_1, NFT_CMP_EQ, &ethernet, sizeof(ethernet));
	expr_payload(&build, NFT_PAYLOAD_LL_HEADER, 0, 6, NFT_REG_1);
	expr_lookup(&build, NFT_MACS, NFT_REG_1, EXPR_LOOKUP_SET, 0);
	expr_set_pkttype(&build, PACKET_HOST);
	return expr_finish(&build);
}

int nft_rules_macs(uint8_t family, struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	struct build build = { .rules = ret_rules,
			       .chain = NFT_CHAIN_OUTPUT,
			       .family = NFT_MAC_FAMILY(family) };

	if (family == NFPROTO_IPV6) {
		build_nd(&build, "cluster MAC in advertisements", ND_NEIGHBOR_ADVERT, ND_OPT_TARGET_LINKADDR);
		build_nd(&build, "cluster MAC in solicitations", ND_NEIGHBOR_SOLICIT, ND_OPT_SOURCE_LINKADDR);
		return expr_finish(&build);
	}
	expr_begin_rule(&build, "cluster MAC");
	add_mac(&build, ARP_OFF_SPA, 4);
	expr_payload_write(&build, NFT_PAYLOAD_NETWORK_HEADER, ARP_OFF_SHA, 6, NFT_REG_1);
	return expr_finish(&build);
}
