/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <errno.h>
#include <stdio.h> /* libnftnl/expr.h needs FILE */
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stddef.h>
#include <string.h>

#include "hash.h"
#include "nft-expr.h"

/*
 * Registers as the nft command would use them, so that it can print the rules: the slot in the first 128-bit
 * register, what is hashed from the second on.
 */
#define REG_SLOT  NFT_REG_1
#define REG_SADDR NFT_REG_2
#define REG_SPORT NFT_REG32_05
#define REG_DPORT NFT_REG32_06

#define IP_OFF_FRAG  6
#define IP_OFF_SADDR 12
#define IP_OFF_DADDR 16
#define ARP_OFF_SHA  8
#define ARP_OFF_SPA  14

/* Every rule of a cluster IP begins with its address: it shares its chain with others. */
static void begin_cluster_rule(struct build *build, const struct cip_cluster *cluster, const char *comment)
{
	expr_begin_rule(build, comment);
	expr_payload(build, NFT_PAYLOAD_NETWORK_HEADER, IP_OFF_DADDR, 4, NFT_REG_1);
	expr_cmp(build, NFT_REG_1, NFT_CMP_EQ, cluster->addr.bytes, 4);
}

/* TCP refuses frames that were received as L2 multicast, so they become the host's own first. */
static void add_let_in(struct build *build)
{
	expr_set_pkttype(build, PACKET_HOST);
	expr_verdict(build, NF_ACCEPT);
}

static void add_protocol_is(struct build *build, uint32_t op, uint8_t protocol)
{
	expr_meta(build, NFT_META_L4PROTO, NFT_REG_1);
	expr_cmp(build, NFT_REG_1, op, &protocol, sizeof(protocol));
}

static void add_protocol_in_ports(struct build *build, uint32_t flags)
{
	expr_meta(build, NFT_META_L4PROTO, NFT_REG_1);
	expr_lookup(build, NFT_PORTS, NFT_REG_1, EXPR_LOOKUP_SET, flags);
}

/* A port, or half an SPI; where the protocol has none the zero that CLUSTERIP hashes. */
static void add_port(struct build *build, enum hash_ports ports, uint32_t offset, uint32_t dreg)
{
	static const uint16_t zero;

	if (ports == HASH_PORTS_NONE) {
		expr_payload(build, NFT_PAYLOAD_NETWORK_HEADER, IP_OFF_FRAG, 2, dreg);
		expr_mask(build, dreg, &zero, sizeof(zero));
		return;
	}
	expr_payload(build, NFT_PAYLOAD_TRANSPORT_HEADER, offset + (ports == HASH_PORTS_4 ? 4 : 0), 2, dreg);
}

static void add_hash(struct build *build, const struct cip_cluster *cluster, enum hash_ports ports)
{
	struct hash_params params = { cluster->total, cluster->seed, NFT_SLOT(cluster->observed.range, 1) };

	expr_payload(build, NFT_PAYLOAD_NETWORK_HEADER, IP_OFF_SADDR, 4, REG_SADDR);
	expr_byteorder(build, REG_SADDR);
	if (cluster->hash_mode >= CIP_HASH_SOURCEIP_SOURCEPORT)
		add_port(build, ports, 0, REG_SPORT);
	if (cluster->hash_mode >= CIP_HASH_SOURCEIP_SOURCEPORT_DESTPORT)
		add_port(build, ports, 2, REG_DPORT);
	expr_jhash(build, REG_SADDR, cluster->hash_mode * 4, REG_SLOT, &params);
	expr_lookup(build, NFT_BUCKETS, REG_SLOT, EXPR_LOOKUP_SET, 0);
	add_let_in(build);
}

/* The hash of older kernels refuses a modulus of 1, their number generator does not. */
static void build_one_bucket(struct build *build, const struct cip_cluster *cluster)
{
	begin_cluster_rule(build, cluster, "hash");
	expr_constant(build, REG_SLOT, NFT_SLOT(cluster->observed.range, 1));
	expr_lookup(build, NFT_BUCKETS, REG_SLOT, EXPR_LOOKUP_SET, 0);
	add_let_in(build);
}

static void build_fragments(struct build *build, const struct cip_cluster *cluster)
{
	uint16_t zero = 0, offset_bits = htons(0x1fff);

	begin_cluster_rule(build, cluster, "fragments");
	expr_payload(build, NFT_PAYLOAD_NETWORK_HEADER, IP_OFF_FRAG, 2, NFT_REG_1);
	expr_mask(build, NFT_REG_1, &offset_bits, sizeof(offset_bits));
	expr_cmp(build, NFT_REG_1, NFT_CMP_NEQ, &zero, sizeof(zero));
	add_let_in(build);
}

static void build_ports(struct build *build, const struct cip_cluster *cluster)
{
	begin_cluster_rule(build, cluster, "hash ports");
	add_protocol_in_ports(build, 0);
	add_hash(build, cluster, HASH_PORTS_0);
	begin_cluster_rule(build, cluster, "hash ah");
	add_protocol_is(build, NFT_CMP_EQ, IPPROTO_AH);
	add_hash(build, cluster, HASH_PORTS_4);
	begin_cluster_rule(build, cluster, "hash others");
	add_protocol_is(build, NFT_CMP_NEQ, IPPROTO_AH);
	add_protocol_in_ports(build, NFT_LOOKUP_F_INV);
	add_hash(build, cluster, HASH_PORTS_NONE);
	build_fragments(build, cluster);
}

/*
 * The device by name: its index would change when the device is made anew, and then every packet would be let in. What
 * comes by another device, and what the node sends to itself, falls through.
 */
static void build_foreign(struct build *build, const struct cip_cluster *cluster)
{
	begin_cluster_rule(build, cluster, "foreign");
	expr_meta(build, NFT_META_IIFNAME, NFT_REG_1);
	expr_cmp(build, NFT_REG_1, NFT_CMP_EQ, cluster->ifname, sizeof(cluster->ifname));
	expr_counter(build);
	expr_verdict(build, NF_DROP);
}

static void build_sourceip(struct build *build, const struct cip_cluster *cluster)
{
	begin_cluster_rule(build, cluster, "hash");
	add_hash(build, cluster, HASH_PORTS_NONE);
}

int nft_rules_cluster(const struct cip_cluster *cluster, struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	char chain[NFT_CHAIN_NAME_MAX];
	struct build build = { .rules = ret_rules, .family = NFPROTO_IPV4 };

	build.chain = nft_chain_name(cluster->observed.range, chain);
	if (cluster->total == 1)
		build_one_bucket(&build, cluster);
	else if (cluster->hash_mode == CIP_HASH_SOURCEIP)
		build_sourceip(&build, cluster);
	else
		build_ports(&build, cluster);
	build_foreign(&build, cluster);
	return expr_finish(&build);
}

/* More rules than the two of mode sourceip would cost the other packets more than they save. */
struct nft_shortcuts nft_shortcuts(struct cip_cluster *const *clusters, uint32_t count)
{
	struct nft_shortcuts shortcuts = { 0 };
	uint32_t i;

	if (count > NFT_SHORTCUTS_MAX)
		return shortcuts;
	for (i = 0; i < count; i++)
		if (clusters[i]->total > 1 && clusters[i]->hash_mode == CIP_HASH_SOURCEIP)
			shortcuts.clusters[shortcuts.count++] = clusters[i];
	return shortcuts;
}

int nft_rules_prerouting(const struct nft_shortcuts *shortcuts, struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	struct build build = { .rules = ret_rules, .chain = NFT_CHAIN_PREROUTING, .family = NFPROTO_IPV4 };
	uint32_t i;

	for (i = 0; i < shortcuts->count; i++) {
		build_sourceip(&build, shortcuts->clusters[i]);
		build_foreign(&build, shortcuts->clusters[i]);
	}
	expr_begin_rule(&build, "dispatch");
	expr_payload(&build, NFT_PAYLOAD_NETWORK_HEADER, IP_OFF_DADDR, 4, NFT_REG_1);
	expr_lookup(&build, NFT_ADDRESSES, NFT_REG_1, NFT_REG_VERDICT, 0);
	return expr_finish(&build);
}

int nft_rules_arp(struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	struct build build = { .rules = ret_rules, .chain = NFT_CHAIN_OUTPUT, .family = NFPROTO_ARP };

	expr_begin_rule(&build, "cluster MAC");
	expr_meta(&build, NFT_META_OIFNAME, NFT_REG_1);
	expr_payload(&build, NFT_PAYLOAD_NETWORK_HEADER, ARP_OFF_SPA, 4, NFT_REG_2);
	expr_lookup(&build, NFT_MACS, NFT_REG_1, NFT_REG_1, 0);
	expr_payload_write(&build, ARP_OFF_SHA, 6, NFT_REG_1);
	return expr_finish(&build);
}
