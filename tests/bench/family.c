/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "family.h"

#include <arpa/inet.h>
#include <string.h>

#include "util.h"

const struct family_traits families[FAMILIES] = {
	[IPV4] = { .number = 4,
		   .label = "IPv4",
		   .af = AF_INET,
		   .iptables = "iptables-legacy",
		   .restore = "iptables-legacy-restore",
		   .nft = "ip",
		   .last_word = 0,
		   .first_cluster = 198u << 24 | 18u << 16 | 1,
		   .first_source = 10u << 24 | 64u << 16 },
	[IPV6] = { .number = 6,
		   .label = "IPv6",
		   .af = AF_INET6,
		   .iptables = "ip6tables-legacy",
		   .restore = "ip6tables-legacy-restore",
		   .nft = "ip6",
		   .network = { { { 0x20, 0x01, 0x00, 0x02 } } },
		   .last_word = 12,
		   .first_cluster = 1,
		   .first_source = 0x2a400000 },
};

uint32_t cluster_word(enum family family, uint32_t index)
{
	return families[family].first_cluster + index;
}

static void address_text(enum family family, struct in6_addr address, size_t at, uint32_t word,
			 char text[TEXT_SIZE])
{
	word = htonl(word);
	memcpy(address.s6_addr + at, &word, sizeof(word));
	if (!inet_ntop(families[family].af, &address, text, TEXT_SIZE))
		die("an address does not fit");
}

void cluster_text(enum family family, uint32_t index, char text[TEXT_SIZE])
{
	address_text(family, families[family].network, families[family].last_word, cluster_word(family, index),
		     text);
}

void source_text(enum family family, uint32_t word, char text[TEXT_SIZE])
{
	address_text(family, in6addr_any, 0, word, text);
}
