/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_EXPR_H
#define CIP_NFT_EXPR_H

#include "nft-rule.h"

/* Rules under construction. Out of memory is remembered, and found once at the end. */
struct build {
	struct nftnl_rule **rules;
	int count, failed;
	const char *chain;
	struct nftnl_expr *last; /* that wrote to the packet */
	uint32_t family;
};

struct hash_params {
	uint32_t modulus, seed, offset;
};

#define EXPR_LOOKUP_SET (-1)

/* A new rule; what follows goes into it. */
void expr_begin_rule(struct build *build, const char *comment);
/* Load bytes of a header, or write them. */
void expr_payload(struct build *build, uint32_t base, uint32_t offset, uint32_t len, uint32_t dreg);
void expr_payload_write(struct build *build, uint32_t base, uint32_t offset, uint32_t len, uint32_t sreg);
/* Of what was written last: a checksum at that offset of the same header changes with it. */
void expr_payload_fix_sum(struct build *build, uint32_t offset);
/* Hand TCP to a proxy on port 1. */
void expr_tproxy(struct build *build);
void expr_meta(struct build *build, uint32_t key, uint32_t dreg);
void expr_ct(struct build *build, uint32_t key, uint32_t dreg);
void expr_cmp(struct build *build, uint32_t sreg, uint32_t op, const void *data, uint32_t len);
/* reg &= mask */
void expr_mask(struct build *build, uint32_t reg, const void *mask, uint32_t len);
/* dreg: EXPR_LOOKUP_SET, or where the value goes; NFT_REG_VERDICT carries it out */
void expr_lookup(struct build *build, const char *set, uint32_t sreg, int dreg, uint32_t flags);
void expr_verdict(struct build *build, int verdict);
/* network to host, 4 bytes */
void expr_byteorder(struct build *build, uint32_t reg);
/* dreg = lookup3 of the len bytes from sreg on, scaled to the modulus, plus the offset */
void expr_jhash(struct build *build, uint32_t sreg, uint32_t len, uint32_t dreg,
		const struct hash_params *params);
void expr_counter(struct build *build);
/* dreg = value, in words that nft can print: a number out of one, plus the value */
void expr_constant(struct build *build, uint32_t dreg, uint32_t value);
void expr_set_pkttype(struct build *build, uint8_t pkttype);
/* The number of rules, or -ENOMEM and all of them are released. */
int expr_finish(struct build *build);

#endif
