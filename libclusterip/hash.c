/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/in.h>

#include <clusterip/clusterip.h>

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
 * lookup3 of Bob Jenkins (lookup3.c, public domain, May 2006) over 32-bit words. The start value is that of the kernel's
 * jhash: 0xdeadbeef + (bytes hashed) + seed.
 */
static void mix(uint32_t *a, uint32_t *b, uint32_t *c)
{
	*a = (*a - *c) ^ rol(*c, 4);
	*c += *b;
	*b = (*b - *a) ^ rol(*a, 6);
	*a += *c;
	*c = (*c - *b) ^ rol(*b, 8);
	*b += *a;
	*a = (*a - *c) ^ rol(*c, 16);
	*c += *b;
	*b = (*b - *a) ^ rol(*a, 19);
	*a += *c;
	*c = (*c - *b) ^ rol(*b, 4);
	*b += *a;
}

static uint32_t final(uint32_t a, uint32_t b, uint32_t c)
{
	c = (c ^ b) - rol(b, 14);
	a = (a ^ c) - rol(c, 11);
	b = (b ^ a) - rol(a, 25);
	c = (c ^ b) - rol(b, 16);
	a = (a ^ c) - rol(c, 4);
	b = (b ^ a) - rol(a, 14);
	c = (c ^ b) - rol(b, 24);
	return c;
}

/* words: zeros behind the last up to a multiple of three */
static uint32_t lookup3(const uint32_t words[HASH_WORDS_MAX], uint32_t count, uint32_t seed)
{
	uint32_t a, b, c;

	a = b = c = UINT32_C(0xdeadbeef) + count * 4 + seed;
	for (; count > 3; count -= 3, words += 3) {
		a += words[0];
		b += words[1];
		c += words[2];
		mix(&a, &b, &c);
	}
	return final(a + words[0], b + words[1], c + words[2]);
}

/* What lies in the packet, zero-extended to a word and read as the hash reads: little-endian. */
static uint32_t port_word(uint32_t port)
{
	return (port >> 8 & 0xff) | (port & 0xff) << 8;
}

static uint32_t address_word(const uint8_t bytes[4])
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* CLUSTERIP turns an IPv4 address into host order before it hashes; nobody does that to IPv6. */
static uint32_t put_address(uint32_t hash_mode, const struct addr *addr, uint32_t words[4])
{
	uint32_t i, count = hash_addr_len(hash_mode, addr) / 4;

	for (i = 0; i < count; i++)
		words[i] = address_word(addr->bytes + 4 * i);
	if (hash_swaps(hash_mode, addr))
		words[0] =
			words[0] >> 24 | (words[0] >> 8 & 0xff00) | (words[0] << 8 & 0xff0000) | words[0] << 24;
	return count;
}

uint32_t hash_port_count(uint32_t hash_mode)
{
	return hash_mode == CIP_HASH_XT_CLUSTER ? 0 : hash_mode - CIP_HASH_SOURCEIP;
}

uint32_t hash_addr_len(uint32_t hash_mode, const struct addr *addr)
{
	return hash_mode == CIP_HASH_XT_CLUSTER ? 4 : (uint32_t)addr_len(addr);
}

int hash_swaps(uint32_t hash_mode, const struct addr *addr)
{
	return addr->family == 4 && hash_mode != CIP_HASH_XT_CLUSTER;
}

uint32_t hash_bucket(const struct hash_how *how, const struct flow *flow)
{
	int ports = hash_ports_of(flow->protocol) != HASH_PORTS_NONE;
	uint32_t count, port_count = hash_port_count(how->mode);
	uint32_t words[HASH_WORDS_MAX] = { 0 };
	struct addr network = flow->saddr;

	addr_mask(&network, how->source_prefix);
	count = put_address(how->mode, &network, words);
	if (ports && port_count >= 1)
		words[count] = port_word(flow->sport);
	if (ports && port_count >= 2)
		words[count + 1] = port_word(flow->dport);
	return (uint32_t)((uint64_t)lookup3(words, count + port_count, how->seed) * how->total >> 32) + 1;
}
