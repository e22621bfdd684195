/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/tcp.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "nft-rule-parts.h"

#define TCP_OFF_FLAGS 13

static struct hashed source(const struct build *build)
{
	return (struct hashed){ .base = NFT_PAYLOAD_NETWORK_HEADER,
				.addr = rule_header(build->family)->saddr,
				.port_base = NFT_PAYLOAD_TRANSPORT_HEADER };
}

/* The SPI, whose halves CLUSTERIP takes for ports, comes second in AH. */
static void build_ah(struct build *build, const struct cip_cluster *cluster)
{
	struct hashed hashed = source(build);

	hashed.sport = 4;
	hashed.dport = 6;
	expr_begin_rule(build, "hash ah");
	rule_if_protocol(build, NFT_CMP_EQ, IPPROTO_AH);
	rule_if_hashed(build, cluster, &hashed, 0);
	rule_let_in(build);
}

static void build_ports(struct build *build, const struct cip_cluster *cluster)
{
	struct hashed hashed = source(build);

	hashed.dport = 2;
	expr_begin_rule(build, "hash ports");
	rule_if_protocol_in(build, NFT_PORTS, 0);
	rule_if_hashed(build, cluster, &hashed, 0);
	rule_let_in(build);

	/* in IPv6 the kernel takes AH for one more header before the protocol */
	if (build->family == NFPROTO_IPV4)
		build_ah(build, cluster);

	hashed.no_ports = 1;
	expr_begin_rule(build, "hash others");
	if (build->family == NFPROTO_IPV4)
		rule_if_protocol(build, NFT_CMP_NEQ, IPPROTO_AH);
	rule_if_protocol_in(build, NFT_PORTS, NFT_LOOKUP_F_INV);
	rule_if_hashed(build, cluster, &hashed, 0);
	rule_let_in(build);
}

/* alone: no other is there, so that its address is quicker to compare than to look up */
static void build_address(struct build *build, const struct cip_cluster *cluster, int alone)
{
	struct hashed hashed = source(build);

	expr_begin_rule(build, "hash");
	if (alone)
		rule_if_to(build, cluster);
	if (cluster->total == 1)
		rule_if_only_bucket(build, cluster, 0);
	else
		rule_if_hashed(build, cluster, &hashed, 0);
	rule_let_in(build);
}

static void build_foreign(struct build *build, const struct cip_cluster *cluster)
{
	expr_begin_rule(build, "foreign");
	rule_drop_foreign(build, cluster);
}

/*
 * What is no beginning of a connection, and not of one that is known here, may be a reply to another node. If the owner
 * of its bucket let it in, TCP would answer with a reset, and end that node's connection.
 */
static void build_strays(struct build *build, const struct cip_cluster *cluster)
{
	static const uint8_t beginning = TH_SYN, flags = TH_FIN | TH_SYN | TH_RST | TH_ACK;

	expr_begin_rule(build, "replies to others");
	rule_if_protocol(build, NFT_CMP_EQ, IPPROTO_TCP);
	rule_if_state(build, NF_CT_STATE_BIT(IP_CT_NEW) | NF_CT_STATE_INVALID_BIT);
	expr_payload(build, NFT_PAYLOAD_TRANSPORT_HEADER, TCP_OFF_FLAGS, 1, NFT_REG_1);
	expr_mask(build, NFT_REG_1, &flags, sizeof(flags));
	expr_cmp(build, NFT_REG_1, NFT_CMP_NEQ, &beginning, sizeof(beginning));
	rule_drop_foreign(build, cluster);
}

int nft_hashes_ports(const struct cip_cluster *cluster)
{
	return cluster->total > 1 && hash_port_count(cluster->hash_mode);
}

int nft_rules_cluster(const struct cip_cluster *cluster, struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	char chain[NFT_CHAIN_NAME_MAX];
	struct build build = { .rules = ret_rules, .family = nft_family(&cluster->addr) };

	build.chain = nft_chain_name(cluster->observed.class, chain);
	rule_replies(&build, cluster);
	if (cluster->outgoing)
		build_strays(&build, cluster);
	if (nft_hashes_ports(cluster))
		build_ports(&build, cluster);
	else
		build_address(&build, cluster, 0);
	build_foreign(&build, cluster);
	return expr_finish(&build);
}

static int compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int nft_class_compare(const struct cip_cluster *a, const struct cip_cluster *b)
{
	int order = compare(a->addr.family, b->addr.family);

	if (!order)
		order = strcmp(a->ifname, b->ifname);
	if (!order)
		order = compare(a->hash_mode, b->hash_mode);
	if (!order)
		order = compare(a->total, b->total);
	if (!order)
		order = compare(a->seed, b->seed);
	if (!order)
		order = compare(a->source_prefix, b->source_prefix);
	return order ? order : (a->outgoing > b->outgoing) - (a->outgoing < b->outgoing);
}

int nft_class_shared(const struct cip_cluster *a, const struct cip_cluster *b)
{
	return !nft_class_compare(a, b) && a->observed.class == b->observed.class;
}

static int has_shortcut(const struct cip_cluster *cluster)
{
	return cluster->total > 1 && !nft_hashes_ports(cluster) && !cluster->outgoing;
}

int nft_shortcut_same(const struct nft_shortcut *a, const struct nft_shortcut *b)
{
	if (!a->of || !b->of)
		return !a->of && !b->of;
	return a->alone == b->alone && nft_class_shared(a->of, b->of) &&
	       (!a->alone || !addr_compare(&a->of->addr, &b->of->addr));
}

/* More rules than the two of mode sourceip would cost the other packets more than they save. */
static void add_member(struct nft_shortcut *shortcut, const struct cip_cluster *cluster, int first)
{
	if (first && has_shortcut(cluster))
		*shortcut = (struct nft_shortcut){ cluster, 1 };
	else if (shortcut->of && nft_class_shared(shortcut->of, cluster))
		shortcut->alone = 0;
	else
		shortcut->of = NULL;
}

struct nft_shared nft_shared(uint8_t family, struct cip_cluster *const *clusters, uint32_t count)
{
	struct nft_shared shared = { 0 };
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (nft_family(&clusters[i]->addr) != family)
			continue;
		add_member(&shared.shortcut, clusters[i], !shared.members++);
		shared.defragment |= nft_hashes_ports(clusters[i]);
		shared.late |= clusters[i]->outgoing;
	}
	return shared;
}

/* ICMP errors first: the packet that they are about decides, not the address of who sends them. */
static void build_error_dispatch(struct build *build, const char *map)
{
	const struct header *header = rule_header(build->family);

	expr_begin_rule(build, "dispatch errors");
	if (build->family == NFPROTO_IPV6)
		rule_if_protocol(build, NFT_CMP_EQ, IPPROTO_ICMPV6);
	else
		rule_if_byte(build, NFT_PAYLOAD_NETWORK_HEADER, header->protocol, NFT_CMP_EQ, IPPROTO_ICMP);
	rule_if_byte_in(build, NFT_PAYLOAD_TRANSPORT_HEADER, 0, NFT_ERROR_TYPES, 0);
	expr_payload(build, NFT_PAYLOAD_NETWORK_HEADER, header->daddr, header->addr_len, NFT_REG_1);
	expr_lookup(build, map, NFT_REG_1, NFT_REG_VERDICT, 0);
}

static void build_dispatch(struct build *build, const char *map)
{
	const struct header *header = rule_header(build->family);

	expr_begin_rule(build, "dispatch");
	expr_payload(build, NFT_PAYLOAD_NETWORK_HEADER, header->daddr, header->addr_len, NFT_REG_1);
	expr_lookup(build, map, NFT_REG_1, NFT_REG_VERDICT, 0);
}

int nft_rules_late(uint8_t family, struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	struct build build = { .rules = ret_rules, .chain = NFT_CHAIN_LATE, .family = family };

	build_error_dispatch(&build, NFT_LATE_ERRORS);
	build_dispatch(&build, NFT_LATE_ADDRESSES);
	return expr_finish(&build);
}

static void build_shortcut(struct build *build, const struct nft_shortcut *shortcut)
{
	build_address(build, shortcut->of, shortcut->alone);
	if (!shortcut->alone) {
		build_foreign(build, shortcut->of);
		return;
	}
	/* a counter in a rule is quicker than one in an element */
	expr_begin_rule(build, "foreign");
	rule_if_to(build, shortcut->of);
	rule_if_device(build, shortcut->of);
	expr_counter(build);
	expr_verdict(build, NF_DROP);
}

int nft_rules_prerouting(uint8_t family, const struct nft_shortcut *shortcut,
			 struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	struct build build = { .rules = ret_rules, .chain = NFT_CHAIN_PREROUTING, .family = family };

	build_error_dispatch(&build, NFT_ERRORS);
	if (shortcut->of)
		build_shortcut(&build, shortcut);
	build_dispatch(&build, NFT_ADDRESSES);
	return expr_finish(&build);
}

/*
 * Never reached: a rule that could hand packets to a proxy has the kernel put fragments together before the table sees
 * them, without tracking connections.
 */
int nft_rules_defragment(uint8_t family, struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	struct build build = { .rules = ret_rules, .chain = NFT_CHAIN_DEFRAGMENT, .family = family };

	expr_begin_rule(&build, "defragment");
	rule_if_protocol(&build, NFT_CMP_EQ, IPPROTO_TCP);
	expr_tproxy(&build);
	return expr_finish(&build);
}
