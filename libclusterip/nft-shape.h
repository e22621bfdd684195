/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_SHAPE_H
#define CIP_NFT_SHAPE_H

#include <stddef.h>
#include <stdint.h>

struct nftnl_set;

/* How a set or map is declared. */
struct nft_shape {
	const char *name;
	uint8_t family;
	uint32_t flags;
	uint32_t key_type, key_len; /* types as the nft command numbers them */
	uint32_t data_type, data_len;
	uint32_t size;	    /* 0: grows as needed */
	uint32_t key_order; /* how nft prints it: 0 bytes, 1 host order, 2 network order */
	int typeof_length;  /* declared as "typeof meta length" */
	int counters;	    /* every element counts */
};

struct nft_hook {
	uint32_t number;
	int32_t priority;
};

extern const struct nft_shape nft_shapes[]; /* ends with name NULL */
extern const struct nft_hook nft_hook_prerouting, nft_hook_output;
/* protocols whose ports begin the transport header */
extern const uint8_t nft_port_protocols[];
extern const size_t nft_port_protocols_count;

/* The declaration as a message payload; NULL: out of memory. */
struct nftnl_set *nft_shape_build(const struct nft_shape *shape);
/* Is that set declared like this? Says in what it differs. */
int nft_shape_same(const struct nft_shape *shape, const struct nftnl_set *set, const char **ret_why);

#endif
