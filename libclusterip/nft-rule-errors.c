/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP errors to a cluster IP: which node they are for is told by the packet that they quote. It was sent by the cluster
 * IP, so its destination is the client, and its ports are the client's in reverse.
 */
#include <netinet/icmp6.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>

#include "nft-rule-parts.h"

#define BASE   NFT_PAYLOAD_TRANSPORT_HEADER
#define QUOTED 8 /* where in the error the quoted packet begins */

/* IPv4: version and header length in words, and the fragment's offset */
#define OFF_LENGTH   0
#define OFF_FRAGMENT 6
#define LENGTH_MIN   5
#define LENGTH_MAX   15
#define VERSION_4    0x40

static void begin(struct build *build, const char *comment)
{
	expr_begin_rule(build, comment);
	/* the types from this one on are about neighbours, or about nothing */
	if (build->family == NFPROTO_IPV6)
		rule_if_byte(build, BASE, 0, NFT_CMP_LTE, ICMP6_PARAM_PROB);
}

/* transport: where the quoted packet has its transport header, 0: nothing of it is looked at */
static void end(struct build *build, const struct cip_cluster *cluster, uint32_t transport)
{
	struct hashed hashed = { .base = BASE,
				 .addr = QUOTED + rule_header(build->family)->daddr,
				 .port_base = BASE,
				 .sport = QUOTED + transport + 2,
				 .dport = QUOTED + transport,
				 .no_ports = !transport };

	if (cluster->total == 1)
		rule_if_only_bucket(build, cluster, NFT_LOOKUP_F_INV);
	else
		rule_if_hashed(build, cluster, &hashed, NFT_LOOKUP_F_INV);
	rule_drop_foreign(build, cluster);
}

static void if_quoted(struct build *build, const char *set, uint32_t flags)
{
	rule_if_byte_in(build, BASE, QUOTED + rule_header(build->family)->protocol, set, flags);
}

/* The offset of the ports cannot be computed, so every length of the header has a rule. */
static void build_ports_ipv4(struct build *build, const struct cip_cluster *cluster, uint32_t length)
{
	uint16_t zero = 0, offset_bits = htons(0x1fff);
	char comment[32];

	snprintf(comment, sizeof(comment), "errors ports %u", length);
	begin(build, comment);
	rule_if_byte(build, BASE, QUOTED + OFF_LENGTH, NFT_CMP_EQ, (uint8_t)(VERSION_4 | length));
	if_quoted(build, NFT_QUOTED_PORTS, 0);
	expr_payload(build, BASE, QUOTED + OFF_FRAGMENT, 2, NFT_REG_1);
	expr_mask(build, NFT_REG_1, &offset_bits, sizeof(offset_bits));
	expr_cmp(build, NFT_REG_1, NFT_CMP_EQ, &zero, sizeof(zero));
	end(build, cluster, length * 4);
}

static void build_ports_ipv6(struct build *build, const struct cip_cluster *cluster)
{
	begin(build, "errors ports");
	if_quoted(build, NFT_QUOTED_PORTS, 0);
	end(build, cluster, rule_header(NFPROTO_IPV6)->len);
}

static void build_others(struct build *build, const struct cip_cluster *cluster)
{
	begin(build, "errors others");
	if_quoted(build, NFT_QUOTED_PORTS, NFT_LOOKUP_F_INV);
	if_quoted(build, NFT_QUOTED_OPAQUE, NFT_LOOKUP_F_INV);
	end(build, cluster, 0);
}

int nft_rules_errors(const struct cip_cluster *cluster, struct nftnl_rule *ret_rules[NFT_RULES_MAX])
{
	char chain[NFT_CHAIN_NAME_MAX];
	struct build build = { .rules = ret_rules, .family = nft_family(&cluster->addr) };
	uint32_t length;

	build.chain = nft_error_chain_name(cluster->observed.class, chain);
	rule_replies(&build, cluster);
	if (!nft_hashes_ports(cluster)) {
		begin(&build, "errors");
		end(&build, cluster, 0);
	} else {
		for (length = LENGTH_MIN; build.family == NFPROTO_IPV4 && length <= LENGTH_MAX; length++)
			build_ports_ipv4(&build, cluster, length);
		if (build.family == NFPROTO_IPV6)
			build_ports_ipv6(&build, cluster);
		build_others(&build, cluster);
	}
	/* ours, or nobody can tell whose */
	expr_begin_rule(&build, "errors let in");
	rule_let_in(&build);
	return expr_finish(&build);
}
