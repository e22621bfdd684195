/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <errno.h>
#include <stdio.h> /* libnftnl/expr.h needs FILE */
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stddef.h>
#include <string.h>

#include "hash.h"
#include "nft-rule.h"

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

/* Rules under construction. Out of memory is remembered, and found once at the end. */
struct build {
	struct nftnl_rule **rules;
	int count, failed;
	const char *chain;
	uint32_t family;
};

static void set_comment(struct build *build, struct nftnl_rule *rule, const char *comment)
{
	struct nftnl_udata_buf *udata = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);

	if (!udata || !nftnl_udata_put_strz(udata, NFTNL_UDATA_RULE_COMMENT, comment) ||
	    nftnl_rule_set_data(rule, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(udata), nftnl_udata_buf_len(udata)) < 0)
		build->failed = 1;
	if (udata)
		nftnl_udata_buf_free(udata);
}

static void begin_rule(struct build *build, const char *comment)
{
	struct nftnl_rule *rule = build->failed ? NULL : nftnl_rule_alloc();

	if (!rule) {
		build->failed = 1;
		return;
	}
	build->rules[build->count++] = rule;
	nftnl_rule_set_u32(rule, NFTNL_RULE_FAMILY, build->family);
	if (nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, NFT_TABLE) < 0 ||
	    nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, build->chain) < 0)
		build->failed = 1;
	set_comment(build, rule, comment);
}

/* A new expression at the end of the rule; NULL once anything has failed. */
static struct nftnl_expr *add(struct build *build, const char *name)
{
	struct nftnl_expr *expr = build->failed ? NULL : nftnl_expr_alloc(name);

	if (!expr) {
		build->failed = 1;
		return NULL;
	}
	nftnl_rule_add_expr(build->rules[build->count - 1], expr);
	return expr;
}

static void set_str(struct build *build, struct nftnl_expr *expr, uint16_t attr, const char *text)
{
	if (nftnl_expr_set_str(expr, attr, text) < 0)
		build->failed = 1;
}

static void add_payload(struct build *build, uint32_t base, uint32_t offset, uint32_t len, uint32_t dreg)
{
	struct nftnl_expr *expr = add(build, "payload");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, dreg);
}

static void add_payload_write(struct build *build, uint32_t offset, uint32_t len, uint32_t sreg)
{
	struct nftnl_expr *expr = add(build, "payload");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_SREG, sreg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_NONE);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, 0);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_FLAGS, 0);
}

static void add_meta(struct build *build, uint32_t key, uint32_t dreg)
{
	struct nftnl_expr *expr = add(build, "meta");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, dreg);
}

static void add_cmp(struct build *build, uint32_t sreg, uint32_t op, const void *data, uint32_t len)
{
	struct nftnl_expr *expr = add(build, "cmp");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, sreg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, op);
	if (nftnl_expr_set(expr, NFTNL_EXPR_CMP_DATA, data, len) < 0)
		build->failed = 1;
}

static void add_mask(struct build *build, uint32_t reg, const void *mask, uint32_t len)
{
	static const uint8_t zero[4];
	struct nftnl_expr *expr = add(build, "bitwise");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, len);
	if (nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_MASK, mask, len) < 0 ||
	    nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_XOR, zero, len) < 0)
		build->failed = 1;
}

#define LOOKUP_SET     (-1) /* a set: only whether the key is there */
#define LOOKUP_VERDICT 0

static void add_lookup(struct build *build, const char *set, uint32_t sreg, int dreg, uint32_t flags)
{
	struct nftnl_expr *expr = add(build, "lookup");

	if (!expr)
		return;
	set_str(build, expr, NFTNL_EXPR_LOOKUP_SET, set);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, sreg);
	if (dreg != LOOKUP_SET)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_DREG, (uint32_t)dreg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_FLAGS, flags);
}

static void add_verdict(struct build *build, int verdict)
{
	struct nftnl_expr *expr = add(build, "immediate");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
}

/* TCP refuses frames that were received as L2 multicast, so they become the host's own first. */
static void add_let_in(struct build *build)
{
	const uint8_t host = PACKET_HOST;
	struct nftnl_expr *expr = add(build, "immediate");

	if (expr) {
		nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
		if (nftnl_expr_set(expr, NFTNL_EXPR_IMM_DATA, &host, sizeof(host)) < 0)
			build->failed = 1;
	}
	expr = add(build, "meta");
	if (expr) {
		nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, NFT_META_PKTTYPE);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_META_SREG, NFT_REG_1);
	}
	add_verdict(build, NF_ACCEPT);
}

static void add_byteorder(struct build *build, uint32_t reg)
{
	struct nftnl_expr *expr = add(build, "byteorder");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BYTEORDER_SREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BYTEORDER_DREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BYTEORDER_OP, NFT_BYTEORDER_NTOH);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BYTEORDER_LEN, 4);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BYTEORDER_SIZE, 4);
}

static void add_jhash(struct build *build, const struct cip_cluster *cluster)
{
	struct nftnl_expr *expr = add(build, "hash");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_SREG, REG_SADDR);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_DREG, REG_SLOT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_LEN, cluster->hash_mode * 4);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_MODULUS, cluster->total);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_SEED, cluster->seed);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_OFFSET, NFT_SLOT(cluster->observed.range, 1));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_TYPE, NFT_HASH_JENKINS);
}

static void add_counter(struct build *build)
{
	struct nftnl_expr *expr = add(build, "counter");

	if (!expr)
		return;
	nftnl_expr_set_u64(expr, NFTNL_EXPR_CTR_PACKETS, 0);
	nftnl_expr_set_u64(expr, NFTNL_EXPR_CTR_BYTES, 0);
}

static void add_protocol_is(struct build *build, uint32_t op, uint8_t protocol)
{
	add_meta(build, NFT_META_L4PROTO, NFT_REG_1);
	add_cmp(build, NFT_REG_1, op, &protocol, sizeof(protocol));
}

static void add_protocol_in_ports(struct build *build, uint32_t flags)
{
	add_meta(build, NFT_META_L4PROTO, NFT_REG_1);
	add_lookup(build, NFT_PORTS, NFT_REG_1, LOOKUP_SET, flags);
}

/* A port, or half an SPI; where the protocol has none the zero that CLUSTERIP hashes. */
static void add_port(struct build *build, enum hash_ports ports, uint32_t offset, uint32_t dreg)
{
	static const uint16_t zero;

	if (ports == HASH_PORTS_NONE) {
		add_payload(build, NFT_PAYLOAD_NETWORK_HEADER, IP_OFF_FRAG, 2, dreg);
		add_mask(build, dreg, &zero, sizeof(zero));
		return;
	}
	add_payload(build, NFT_PAYLOAD_TRANSPORT_HEADER, offset + (ports == HASH_PORTS_4 ? 4 : 0), 2, dreg);
}

static void add_hash(struct build *build, const struct cip_cluster *cluster, enum hash_ports ports)
{
	add_payload(build, NFT_PAYLOAD_NETWORK_HEADER, IP_OFF_SADDR, 4, REG_SADDR);
	add_byteorder(build, REG_SADDR);
	if (cluster->hash_mode >= CIP_HASH_SOURCEIP_SOURCEPORT)
		add_port(build, ports, 0, REG_SPORT);
	if (cluster->hash_mode >= CIP_HASH_SOURCEIP_SOURCEPORT_DESTPORT)
		add_port(build, ports, 2, REG_DPORT);
	add_jhash(build, cluster);
	add_lookup(build, NFT_BUCKETS, REG_SLOT, LOOKUP_SET, 0);
	add_let_in(build);
}

/* The kernel's hash refuses a modulus of 1, its number generator does not. */
static void build_one_bucket(struct build *build, const struct cip_cluster *cluster)
{
	struct nftnl_expr *expr;

	begin_rule(build, "hash");
	expr = add(build, "numgen");
	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NG_DREG, REG_SLOT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NG_MODULUS, 1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NG_TYPE, NFT_NG_RANDOM);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NG_OFFSET, NFT_SLOT(cluster->observed.range, 1));
	add_lookup(build, NFT_BUCKETS, REG_SLOT, LOOKUP_SET, 0);
	add_let_in(build);
}

static void build_fragments(struct build *build)
{
	uint16_t zero = 0, offset_bits = htons(0x1fff);

	begin_rule(build, "fragments");
	add_payload(build, NFT_PAYLOAD_NETWORK_HEADER, IP_OFF_FRAG, 2, NFT_REG_1);
	add_mask(build, NFT_REG_1, &offset_bits, sizeof(offset_bits));
	add_cmp(build, NFT_REG_1, NFT_CMP_NEQ, &zero, sizeof(zero));
	add_let_in(build);
}

static void build_ports(struct build *build, const struct cip_cluster *cluster)
{
	begin_rule(build, "hash ports");
	add_protocol_in_ports(build, 0);
	add_hash(build, cluster, HASH_PORTS_0);
	begin_rule(build, "hash ah");
	add_protocol_is(build, NFT_CMP_EQ, IPPROTO_AH);
	add_hash(build, cluster, HASH_PORTS_4);
	begin_rule(build, "hash others");
	add_protocol_is(build, NFT_CMP_NEQ, IPPROTO_AH);
	add_protocol_in_ports(build, NFT_LOOKUP_F_INV);
	add_hash(build, cluster, HASH_PORTS_NONE);
	build_fragments(build);
}

static void add_device_is(struct build *build, uint32_t ifindex)
{
	add_meta(build, NFT_META_IIF, NFT_REG_1);
	add_cmp(build, NFT_REG_1, NFT_CMP_EQ, &ifindex, sizeof(ifindex));
}

/* By index because that is quick, then by name because that survives when the device is made anew. */
static void build_foreign(struct build *build, const struct cip_cluster *cluster, uint32_t ifindex)
{
	begin_rule(build, "foreign");
	add_device_is(build, ifindex);
	add_counter(build);
	add_verdict(build, NF_DROP);
	begin_rule(build, "foreign by name");
	add_meta(build, NFT_META_IIFNAME, NFT_REG_1);
	add_cmp(build, NFT_REG_1, NFT_CMP_EQ, cluster->ifname, sizeof(cluster->ifname));
	add_counter(build);
	add_verdict(build, NF_DROP);
}

static int finish(struct build *build)
{
	if (!build->failed)
		return build->count;
	nft_rules_free(build->rules, build->count);
	return -ENOMEM;
}

int nft_rules_cluster(const struct cip_cluster *cluster, uint32_t ifindex, struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	char chain[NFT_CHAIN_NAME_MAX];
	struct build build = { .rules = ret_rules, .family = NFPROTO_IPV4 };

	build.chain = nft_chain_name(&cluster->addr, chain);
	if (cluster->total == 1) {
		build_one_bucket(&build, cluster);
	} else if (cluster->hash_mode == CIP_HASH_SOURCEIP) {
		begin_rule(&build, "hash");
		add_hash(&build, cluster, HASH_PORTS_NONE);
	} else {
		build_ports(&build, cluster);
	}
	build_foreign(&build, cluster, ifindex);
	return finish(&build);
}

/* More rules than these two would cost the other packets more than they save. */
int nft_shortcut_fits(const struct cip_cluster *cluster, uint32_t ifindex)
{
	return ifindex && cluster->total > 1 && cluster->hash_mode == CIP_HASH_SOURCEIP;
}

static void add_daddr_is(struct build *build, const struct cip_cluster *cluster)
{
	add_payload(build, NFT_PAYLOAD_NETWORK_HEADER, IP_OFF_DADDR, 4, NFT_REG_1);
	add_cmp(build, NFT_REG_1, NFT_CMP_EQ, cluster->addr.bytes, 4);
}

static void build_shortcut(struct build *build, const struct nft_shortcut *shortcut)
{
	begin_rule(build, "hash");
	add_daddr_is(build, shortcut->cluster);
	add_hash(build, shortcut->cluster, HASH_PORTS_NONE);
	begin_rule(build, "foreign");
	add_daddr_is(build, shortcut->cluster);
	add_device_is(build, shortcut->ifindex);
	add_counter(build);
	add_verdict(build, NF_DROP);
}

int nft_rules_prerouting(const struct nft_shortcut *shortcuts, struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	struct build build = { .rules = ret_rules, .chain = NFT_CHAIN_PREROUTING, .family = NFPROTO_IPV4 };
	int i;

	for (i = 0; i < NFT_SHORTCUTS_MAX; i++)
		if (shortcuts[i].cluster)
			build_shortcut(&build, &shortcuts[i]);
	begin_rule(&build, "dispatch");
	add_payload(&build, NFT_PAYLOAD_NETWORK_HEADER, IP_OFF_DADDR, 4, NFT_REG_1);
	add_lookup(&build, NFT_ADDRESSES, NFT_REG_1, LOOKUP_VERDICT, 0);
	return finish(&build);
}

int nft_rules_arp(struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	struct build build = { .rules = ret_rules, .chain = NFT_CHAIN_OUTPUT, .family = NFPROTO_ARP };

	begin_rule(&build, "cluster MAC");
	add_meta(&build, NFT_META_OIFNAME, NFT_REG_1);
	add_payload(&build, NFT_PAYLOAD_NETWORK_HEADER, ARP_OFF_SPA, 4, NFT_REG_2);
	add_lookup(&build, NFT_MACS, NFT_REG_1, NFT_REG_1, 0);
	add_payload_write(&build, ARP_OFF_SHA, 6, NFT_REG_1);
	return finish(&build);
}

void nft_rules_free(struct nftnl_rule **rules, int count)
{
	while (count > 0)
		nftnl_rule_free(rules[--count]);
}
