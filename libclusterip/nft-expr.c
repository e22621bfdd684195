/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <stdio.h>	/* libnftnl/expr.h needs FILE */
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "nft-expr.h"

static void set_comment(struct build *build, struct nftnl_rule *rule, const char *comment)
{
	struct nftnl_udata_buf *udata = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);

	if (!udata || !nftnl_udata_put_strz(udata, NFTNL_UDATA_RULE_COMMENT, comment) ||
	    nftnl_rule_set_data(rule, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(udata),
				nftnl_udata_buf_len(udata)) < 0)
		build->failed = 1;
	if (udata)
		nftnl_udata_buf_free(udata);
}

void expr_begin_rule(struct build *build, const char *comment)
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

void expr_payload(struct build *build, uint32_t base, uint32_t offset, uint32_t len, uint32_t dreg)
{
	struct nftnl_expr *expr = add(build, "payload");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, dreg);
}

void expr_payload_write(struct build *build, uint32_t base, uint32_t offset, uint32_t len, uint32_t sreg)
{
	struct nftnl_expr *expr = add(build, "payload");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_SREG, sreg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_NONE);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, 0);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_FLAGS, 0);
	build->last = expr;
}

void expr_payload_fix_sum(struct build *build, uint32_t offset)
{
	if (build->failed)
		return;
	nftnl_expr_set_u32(build->last, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
	nftnl_expr_set_u32(build->last, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, offset);
}

void expr_tproxy(struct build *build)
{
	uint16_t port = htons(1);
	struct nftnl_expr *expr = add(build, "immediate");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	if (nftnl_expr_set(expr, NFTNL_EXPR_IMM_DATA, &port, sizeof(port)) < 0)
		build->failed = 1;
	expr = add(build, "tproxy");
	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_TPROXY_FAMILY, build->family);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_TPROXY_REG_PORT, NFT_REG_1);
}

void expr_meta(struct build *build, uint32_t key, uint32_t dreg)
{
	struct nftnl_expr *expr = add(build, "meta");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, dreg);
}

void expr_ct(struct build *build, uint32_t key, uint32_t dreg)
{
	struct nftnl_expr *expr = add(build, "ct");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_DREG, dreg);
}

void expr_cmp(struct build *build, uint32_t sreg, uint32_t op, const void *data, uint32_t len)
{
	struct nftnl_expr *expr = add(build, "cmp");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, sreg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, op);
	if (nftnl_expr_set(expr, NFTNL_EXPR_CMP_DATA, data, len) < 0)
		build->failed = 1;
}

void expr_mask(struct build *build, uint32_t reg, const void *mask, uint32_t len)
{
	static const uint8_t zero[16];
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

void expr_lookup(struct build *build, const char *set, uint32_t sreg, int dreg, uint32_t flags)
{
	struct nftnl_expr *expr = add(build, "lookup");

	if (!expr)
		return;
	set_str(build, expr, NFTNL_EXPR_LOOKUP_SET, set);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, sreg);
	if (dreg != EXPR_LOOKUP_SET)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_DREG, (uint32_t)dreg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_FLAGS, flags);
}

void expr_verdict(struct build *build, int verdict)
{
	struct nftnl_expr *expr = add(build, "immediate");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
}

void expr_byteorder(struct build *build, uint32_t reg)
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

void expr_jhash(struct build *build, uint32_t sreg, uint32_t len, uint32_t dreg,
		const struct hash_params *params)
{
	struct nftnl_expr *expr = add(build, "hash");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_SREG, sreg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_DREG, dreg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_LEN, len);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_MODULUS, params->modulus);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_SEED, params->seed);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_OFFSET, params->offset);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_HASH_TYPE, NFT_HASH_JENKINS);
}

void expr_counter(struct build *build)
{
	struct nftnl_expr *expr = add(build, "counter");

	if (!expr)
		return;
	nftnl_expr_set_u64(expr, NFTNL_EXPR_CTR_PACKETS, 0);
	nftnl_expr_set_u64(expr, NFTNL_EXPR_CTR_BYTES, 0);
}

void expr_constant(struct build *build, uint32_t dreg, uint32_t value)
{
	struct nftnl_expr *expr = add(build, "numgen");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NG_DREG, dreg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NG_MODULUS, 1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NG_TYPE, NFT_NG_RANDOM);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NG_OFFSET, value);
}

void expr_set_pkttype(struct build *build, uint8_t pkttype)
{
	struct nftnl_expr *expr = add(build, "immediate");

	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	if (nftnl_expr_set(expr, NFTNL_EXPR_IMM_DATA, &pkttype, sizeof(pkttype)) < 0)
		build->failed = 1;
	expr = add(build, "meta");
	if (!expr)
		return;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, NFT_META_PKTTYPE);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

int expr_finish(struct build *build)
{
	if (!build->failed)
		return build->count;
	nft_rules_free(build->rules, build->count);
	return -ENOMEM;
}

void nft_rules_free(struct nftnl_rule **rules, int count)
{
	while (count > 0)
		nftnl_rule_free(rules[--count]);
}
