/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_SHAPE_H
#define CIP_NFT_SHAPE_H

#include <stddef.h>
#include <stdint.h>

struct nftnl_set;

/* Declared by a type, or as the type of an expression: the only way to write plain numbers. */
enum nft_typeof {
	TYPEOF_NONE,
	TYPEOF_SLOT,	   /* "typeof ip daddr . meta length", "typeof ip6 daddr . meta length" */
	TYPEOF_TTL,	   /* "typeof ip ttl", "typeof ip6 hoplimit" */
	TYPEOF_SENDER_MAC, /* "typeof oifname . ip6 saddr : @th,208,48" */
};

/* How a set or map is declared. */
struct nft_shape {
	const char *name;
	uint8_t family;
	uint32_t flags;
	uint32_t key_type, key_len; /* types as the nft command numbers them */
	uint32_t data_type, data_len;
	uint32_t size;	    /* 0: grows as needed */
	uint32_t key_order; /* how nft prints it: 0 bytes, 2 network order */
	enum nft_typeof type_of;
	int counters; /* every element counts */
};

struct nft_hook {
	uint32_t number;
	int32_t priority;
	const char *device; /* NULL: of all */
};

extern const struct nft_shape nft_shapes[]; /* ends with name NULL */
/* A set whose elements are always the same: numbers of one byte. */
struct nft_constant {
	const char *name;
	uint8_t family;
	uint8_t values[16];
	uint32_t count;
};

extern const struct nft_constant nft_constants[]; /* ends with name NULL */
extern const struct nft_hook nft_hook_prerouting;
/* behind connection tracking */
extern const struct nft_hook nft_hook_late;

/* The set of table netdev. */
const struct nft_shape *nft_ingress_macs(void);
/* Where the chain that writes cluster MACs is hooked. */
const struct nft_hook *nft_mac_hook(uint8_t family);
/* The declaration as a message payload; NULL: out of memory. */
struct nftnl_set *nft_shape_build(const struct nft_shape *shape);
/* Is that set declared like this? Says in what it differs. */
int nft_shape_same(const struct nft_shape *shape, const struct nftnl_set *set, const char **ret_why);

#endif
