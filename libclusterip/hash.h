/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_HASH_H
#define CIP_HASH_H

#include <stdint.h>

#include "addr.h"

/* what of a protocol the kernel's CLUSTERIP target takes for ports */
enum hash_ports {
	HASH_PORTS_NONE, /* counted as 0 */
	HASH_PORTS_0,	 /* two 16-bit words at the start of the transport header */
	HASH_PORTS_4,	 /* at its fifth byte: AH */
};

enum hash_ports hash_ports_of(uint32_t protocol);

/* a flow; ports in host order */
struct flow {
	struct addr saddr;
	uint32_t protocol, sport, dport;
};

/* what is hashed of it, and how */
struct hash_how {
	uint32_t mode, total, seed;
	uint32_t source_prefix; /* bits of the address */
};

/* words of an IPv6 address and two ports */
#define HASH_WORDS_MAX 6

/* ports that the mode hashes: 0..2 */
uint32_t hash_port_count(uint32_t hash_mode);
/*
 * Bytes of the address that the mode hashes. Of IPv6 addresses the kernel's cluster match takes the first four alone:
 * it divides NF_CT_TUPLE_L3SIZE, which counts words, by the size of a word (net/netfilter/xt_cluster.c).
 */
uint32_t hash_addr_len(uint32_t hash_mode, const struct addr *addr);
/* is the address turned into host order first? */
int hash_swaps(uint32_t hash_mode, const struct addr *addr);
uint32_t hash_bucket(const struct hash_how *how, const struct flow *flow);

#endif
