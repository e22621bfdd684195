/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/in.h>

#include "hash.h"

enum hash_ports hash_ports_of(uint32_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_ESP:
		return HASH_PORTS_0;
	case IPPROTO_AH:
		return HASH_PORTS_4;
	default:
		return HASH_PORTS_NONE;
	}
}

static uint32_t rol(uint32_t word, unsigned int bits)
{
	return word << bits | word >> (32 - bits);
}

/*
 * final() of Bob Jenkins' lookup3.c (public domain, May 2006) over up to three words. The start value is
 * that of the kernel's jhash: 0xdeadbeef + (bytes hashed) + seed.
 */
static uint32_t lookup3(const uint32_t words[3], uint32_t count, uint32_t seed)
{
	uint32_t start = UINT32_C(0xdeadbeef) + count * 4 + seed;
	uint32_t a = start + words[0], b = start + words[1], c = start + words[2];

	c = (c ^ b) - rol(b, 14);
	a = (a ^ c) - rol(c, 11);
	b = (b ^ a) - rol(a, 25);
	c = (c ^ b) - rol(b, 16);
	a = (a ^ c) - rol(c, 4);
	b = (b ^ a) - rol(a, 14);
	c = (c ^ b) - rol(b, 24);
	return c;
}

/* A port as it lies in the packet, zero-extended to a word and read as the hash reads: little-endian. */
static uint32_t port_word(uint32_t port)
{
	return (port >> 8 & 0xff) | (port & 0xff) << 8;
}

uint32_t hash_bucket(uint32_t hash_mode, uint32_t total, uint32_t seed, const struct flow *flow)
{
	int ports = hash_ports_of(flow->protocol) != HASH_PORTS_NONE;
	const uint8_t *saddr = flow->saddr.bytes;
	uint32_t words[3] = { 0 };

	words[0] = (uint32_t)saddr[0] << 24 | (uint32_t)saddr[1] << 16 | (uint32_t)saddr[2] << 8 | saddr[3];
	if (ports && hash_mode >= 2)
		words[1] = port_word(flow->sport);
	if (ports && hash_mode >= 3)
		words[2] = port_word(flow->dport);
	return (uint32_t)((uint64_t)lookup3(words, hash_mode, seed) * total >> 32) + 1;
}
