/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h> /* libnftnl/expr.h needs FILE */
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
#include <string.h>

#include "nft-rule.h"

static int take_comment(const struct nftnl_udata *attr, void *data)
{
	char *buf = data;

	if (nftnl_udata_type(attr) == NFTNL_UDATA_RULE_COMMENT)
		snprintf(buf, NFT_COMMENT_MAX, "%.*s", (int)nftnl_udata_len(attr),
			 (const char *)nftnl_udata_get(attr));
	return 0;
}

void nft_rule_name(const struct nftnl_rule *rule, char buf[NFT_COMMENT_MAX])
{
	uint32_t len;
	const void *udata;

	buf[0] = '\0';
	if (!nftnl_rule_is_set(rule, NFTNL_RULE_USERDATA))
		return;
	udata = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &len);
	(void)nftnl_udata_parse(udata, len, take_comment, buf);
}

static const char *name_of(const struct nftnl_expr *expr)
{
	return nftnl_expr_get_str(expr, NFTNL_EXPR_NAME);
}

static int differs_u32(const struct nftnl_expr *want, const struct nftnl_expr *have, uint16_t attr,
		       const char *word, char *ret_why, size_t size)
{
	uint32_t asked = nftnl_expr_get_u32(want, attr), is = nftnl_expr_get_u32(have, attr);

	if (asked == is)
		return 0;
	snprintf(ret_why, size, "its %s is %u (0x%x), not %u (0x%x)", word, is, is, asked, asked);
	return 1;
}

static int same_expr(const struct nftnl_expr *want, const struct nftnl_expr *have, char *ret_why, size_t size)
{
	char asked[256], is[256];

	if (!strcmp(name_of(want), name_of(have)) && !strcmp(name_of(want), "counter"))
		return 1;
	(void)nftnl_expr_snprintf(asked, sizeof(asked), want, NFTNL_OUTPUT_DEFAULT, 0);
	(void)nftnl_expr_snprintf(is, sizeof(is), have, NFTNL_OUTPUT_DEFAULT, 0);
	if (!strcmp(name_of(want), name_of(have)) && !strcmp(asked, is))
		return 1;
	if (!strcmp(name_of(want), "byteorder"))
		snprintf(ret_why, size,
			 "it has lost its byte order step (was the ruleset loaded from a listing?)");
	else if (strcmp(name_of(want), name_of(have)))
		snprintf(ret_why, size, "it has \"%s %s\" where \"%s %s\" belongs", name_of(have), is,
			 name_of(want), asked);
	else if (strcmp(name_of(want), "hash") ||
		 (!differs_u32(want, have, NFTNL_EXPR_HASH_SEED, "seed", ret_why, size) &&
		  !differs_u32(want, have, NFTNL_EXPR_HASH_MODULUS, "modulus", ret_why, size) &&
		  !differs_u32(want, have, NFTNL_EXPR_HASH_OFFSET, "offset", ret_why, size)))
		snprintf(ret_why, size, "it has \"%s %s\" where \"%s\" belongs", name_of(have), is, asked);
	return 0;
}

struct nth {
	int left;
	struct nftnl_expr *found;
};

static int take_nth(struct nftnl_expr *expr, void *data)
{
	struct nth *nth = data;

	if (nth->left--)
		return 0;
	nth->found = expr;
	return -1;
}

/* NULL: behind the last. libnftnl's iterator takes memory, and a rule that cannot be looked at is no fault of the rule. */
static const struct nftnl_expr *expr_at(const struct nftnl_rule *rule, int index)
{
	struct nth nth = { .left = index };

	(void)nftnl_expr_foreach((struct nftnl_rule *)rule, take_nth, &nth);
	return nth.found;
}

int nft_rule_same(const struct nftnl_rule *want, const struct nftnl_rule *have, char *ret_why, size_t size)
{
	const struct nftnl_expr *a, *b;
	int i;

	for (i = 0; (a = expr_at(want, i)) && (b = expr_at(have, i)); i++)
		if (!same_expr(a, b, ret_why, size))
			return 0;
	if (!a && !expr_at(have, i))
		return 1;
	snprintf(ret_why, size, a ? "it ends too early" : "it does more than it should");
	return 0;
}

int nft_rule_similar(const struct nftnl_rule *want, const struct nftnl_rule *have)
{
	const struct nftnl_expr *a, *b;
	int i, skipped = 0;

	for (i = 0;; i++) {
		a = expr_at(want, i + skipped);
		b = expr_at(have, i);
		/* the one step that the nft command cannot say */
		if (a && b && !strcmp(name_of(a), "byteorder") && strcmp(name_of(b), "byteorder"))
			a = expr_at(want, i + ++skipped);
		if (!a || !b || strcmp(name_of(a), name_of(b)))
			return !a && !b;
	}
}

int nft_rule_daddr(const struct nftnl_rule *rule, struct addr *ret_daddr)
{
	const struct nftnl_expr *load = expr_at(rule, 0), *cmp = expr_at(rule, 1);
	const void *data = NULL;
	uint32_t len = 0;

	if (load && cmp && !strcmp(name_of(load), "payload") && !strcmp(name_of(cmp), "cmp"))
		data = nftnl_expr_get(cmp, NFTNL_EXPR_CMP_DATA, &len);
	if (!data || (len != 4 && len != 16))
		return -ENOENT;
	*ret_daddr = (struct addr){ .family = len == 16 ? 6 : 4 };
	memcpy(ret_daddr->bytes, data, len);
	return 0;
}

static int count_expr(struct nftnl_expr *expr, void *data)
{
	struct counter *counter = data;

	if (!strcmp(name_of(expr), "counter")) {
		counter->packets += nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_PACKETS);
		counter->bytes += nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_BYTES);
	}
	return 0;
}

void nft_rule_count(const struct nftnl_rule *rule, struct counter *counter)
{
	(void)nftnl_expr_foreach((struct nftnl_rule *)rule, count_expr, counter);
}
