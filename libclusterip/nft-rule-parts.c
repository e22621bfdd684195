/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <stdio.h>	/* libnftnl/expr.h needs FILE */
#include <libnftnl/expr.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "nft-rule-parts.h"

/*
 * Registers as the nft command would use them, so that it can print the rules: the address, the slot, what is hashed, one
 * behind the other. The kernel calls those of 32 bits that begin one of 128 by the name of that.
 */
struct registers {
	uint32_t slot, saddr, sport, dport;
};
#define REG_DADDR NFT_REG_1

static const struct registers *registers(uint32_t family)
{
	static const struct registers ipv4 = { NFT_REG32_01, NFT_REG32_02, NFT_REG32_03, NFT_REG_2 };
	static const struct registers ipv6 = { NFT_REG_2, NFT_REG32_05, NFT_REG32_09, NFT_REG32_10 };

	return family == NFPROTO_IPV6 ? &ipv6 : &ipv4;
}

const struct header *rule_header(uint32_t family)
{
	static const struct header ipv4 = { 12, 16, 4, 9, 20, 6 }, ipv6 = { 8, 24, 16, 6, 40, 4 };

	return family == NFPROTO_IPV6 ? &ipv6 : &ipv4;
}

static void load_daddr(struct build *build)
{
	const struct header *header = rule_header(build->family);

	expr_payload(build, NFT_PAYLOAD_NETWORK_HEADER, header->daddr, header->addr_len, REG_DADDR);
}

void rule_if_to(struct build *build, const struct cip_cluster *cluster)
{
	load_daddr(build);
	expr_cmp(build, REG_DADDR, NFT_CMP_EQ, cluster->addr.bytes, rule_header(build->family)->addr_len);
}

/*
 * The device by name: its index would change when the device is made anew, and then every packet would be let in. What
 * comes by another device, and what the node sends to itself, falls through.
 */
void rule_if_device(struct build *build, const struct cip_cluster *cluster)
{
	expr_meta(build, NFT_META_IIFNAME, NFT_REG_1);
	expr_cmp(build, NFT_REG_1, NFT_CMP_EQ, cluster->ifname, sizeof(cluster->ifname));
}

void rule_if_byte(struct build *build, uint32_t base, uint32_t offset, uint32_t op, uint8_t value)
{
	expr_payload(build, base, offset, 1, NFT_REG_1);
	expr_cmp(build, NFT_REG_1, op, &value, sizeof(value));
}

void rule_if_byte_in(struct build *build, uint32_t base, uint32_t offset, const char *set, uint32_t flags)
{
	expr_payload(build, base, offset, 1, NFT_REG_1);
	expr_lookup(build, set, NFT_REG_1, EXPR_LOOKUP_SET, flags);
}

void rule_if_protocol(struct build *build, uint32_t op, uint8_t protocol)
{
	expr_meta(build, NFT_META_L4PROTO, NFT_REG_1);
	expr_cmp(build, NFT_REG_1, op, &protocol, sizeof(protocol));
}

void rule_if_protocol_in(struct build *build, const char *set, uint32_t flags)
{
	expr_meta(build, NFT_META_L4PROTO, NFT_REG_1);
	expr_lookup(build, set, NFT_REG_1, EXPR_LOOKUP_SET, flags);
}

void rule_let_in(struct build *build)
{
	expr_set_pkttype(build, PACKET_HOST);
	expr_verdict(build, NF_ACCEPT);
}

void rule_if_state(struct build *build, uint32_t states)
{
	static const uint32_t zero;

	expr_ct(build, NFT_CT_STATE, NFT_REG_1);
	expr_mask(build, NFT_REG_1, &states, sizeof(states));
	expr_cmp(build, NFT_REG_1, NFT_CMP_NEQ, &zero, sizeof(zero));
}

void rule_replies(struct build *build, const struct cip_cluster *cluster)
{
	uint8_t reply = IP_CT_DIR_REPLY;

	if (!cluster->outgoing)
		return;
	expr_begin_rule(build, "replies");
	rule_if_state(build, NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED));
	expr_ct(build, NFT_CT_DIRECTION, NFT_REG_1);
	expr_cmp(build, NFT_REG_1, NFT_CMP_EQ, &reply, sizeof(reply));
	rule_let_in(build);
}

void rule_drop_foreign(struct build *build, const struct cip_cluster *cluster)
{
	rule_if_device(build, cluster);
	load_daddr(build);
	expr_lookup(build, NFT_CLUSTERS, REG_DADDR, NFT_REG_VERDICT, 0);
}

/* A port, or half an SPI; where the protocol has none the zero that CLUSTERIP hashes. */
static void add_port(struct build *build, const struct hashed *hashed, uint32_t offset, uint32_t dreg)
{
	static const uint16_t zero;

	if (!hashed->no_ports) {
		expr_payload(build, hashed->port_base, offset, 2, dreg);
		return;
	}
	expr_payload(build, NFT_PAYLOAD_NETWORK_HEADER, rule_header(build->family)->zero, 2, dreg);
	expr_mask(build, dreg, &zero, sizeof(zero));
}

static void add_address(struct build *build, const struct cip_cluster *cluster, const struct hashed *hashed)
{
	uint32_t len = hash_addr_len(cluster->hash_mode, &cluster->addr);
	struct addr mask = { .family = cluster->addr.family };
	uint32_t reg = registers(build->family)->saddr;

	expr_payload(build, hashed->base, hashed->addr, len, reg);
	if (cluster->source_prefix < addr_bits(&mask)) {
		memset(mask.bytes, 0xff, len);
		addr_mask(&mask, cluster->source_prefix);
		expr_mask(build, reg, mask.bytes, len);
	}
	if (hash_swaps(cluster->hash_mode, &cluster->addr))
		expr_byteorder(build, reg);
}

void rule_if_hashed(struct build *build, const struct cip_cluster *cluster, const struct hashed *hashed,
		    uint32_t flags)
{
	struct hash_params params = { cluster->total, cluster->seed, NFT_SLOT(cluster->observed.class, 1) };
	uint32_t len = hash_addr_len(cluster->hash_mode, &cluster->addr);
	uint32_t ports = hash_port_count(cluster->hash_mode);
	const struct registers *reg = registers(build->family);

	load_daddr(build);
	add_address(build, cluster, hashed);
	if (ports >= 1)
		add_port(build, hashed, hashed->sport, reg->sport);
	if (ports >= 2)
		add_port(build, hashed, hashed->dport, reg->dport);
	expr_jhash(build, reg->saddr, len + ports * 4, reg->slot, &params);
	expr_lookup(build, NFT_BUCKETS, REG_DADDR, EXPR_LOOKUP_SET, flags);
}

void rule_if_only_bucket(struct build *build, const struct cip_cluster *cluster, uint32_t flags)
{
	load_daddr(build);
	expr_constant(build, registers(build->family)->slot, NFT_SLOT(cluster->observed.class, 1));
	expr_lookup(build, NFT_BUCKETS, REG_DADDR, EXPR_LOOKUP_SET, flags);
}
