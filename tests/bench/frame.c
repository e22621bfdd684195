/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frame.h"

#include <arpa/inet.h>
#include <string.h>

#include "gen.h"
#include "util.h"

_Static_assert(offsetof(struct frame4, ip.check) == FRAME4_CSUM, "the generator knows where the checksum is");
_Static_assert(offsetof(struct frame4, ip.saddr) == FRAME4_SADDR, "and the source");
_Static_assert(offsetof(struct frame4, ip.daddr) == FRAME4_DADDR, "and the destination");
_Static_assert(offsetof(struct frame4, udp) == FRAME4_HEADER, "and the end of the IP header");
_Static_assert(offsetof(struct frame6, ip.ip6_src) == FRAME6_SADDR, "the same for IPv6");
_Static_assert(offsetof(struct frame6, ip.ip6_dst.s6_addr[12]) == FRAME6_DADDR, "where the last word counts");
_Static_assert(offsetof(struct frame6, udp) == FRAME6_HEADER, "and no checksum");

static const uint8_t cluster_mac[ETH_ALEN] = { 0x03, 0xbf, 198, 18, 0, 1 };
static const uint8_t other_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t client_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };

static struct ethhdr make_eth(uint16_t protocol, bool to_other)
{
	struct ethhdr eth = { .h_proto = htons(protocol) };

	memcpy(eth.h_dest, to_other ? other_mac : cluster_mac, ETH_ALEN);
	memcpy(eth.h_source, client_mac, ETH_ALEN);
	return eth;
}

static struct udphdr make_udp(void)
{
	return (struct udphdr){ .source = htons(5000),
				.dest = htons(PORT),
				.len = htons(sizeof(struct udphdr) + DATA_SIZE) };
}

static struct frame4 make_frame4(bool to_other)
{
	return (struct frame4){
		.eth = make_eth(ETH_P_IP, to_other),
		.ip = { .version = 4,
			.ihl = 5,
			.tot_len = htons(sizeof(struct frame4) - ETH_HLEN),
			.frag_off = htons(IP_DF),
			.ttl = 64,
			.protocol = IPPROTO_UDP },
		.udp = make_udp(),
	};
}

static struct frame6 make_frame6(bool to_other)
{
	return (struct frame6){
		.eth = make_eth(ETH_P_IPV6, to_other),
		.ip = { .ip6_flow = htonl(6u << 28),
			.ip6_plen = htons(sizeof(struct udphdr) + DATA_SIZE),
			.ip6_nxt = IPPROTO_UDP,
			.ip6_hlim = 64,
			.ip6_dst = families[IPV6].network },
		.udp = make_udp(),
	};
}

size_t frame_make(enum family family, bool to_other, union frame *ret_frame)
{
	if (family == IPV4) {
		ret_frame->v4 = make_frame4(to_other);
		return sizeof(ret_frame->v4);
	}
	ret_frame->v6 = make_frame6(to_other);
	return sizeof(ret_frame->v6);
}

uint32_t frame_sum(void)
{
	const struct frame4 frame = make_frame4(false);
	uint16_t halves[sizeof(frame.ip) / sizeof(uint16_t)];
	uint32_t sum = 0;

	memcpy(halves, &frame.ip, sizeof(halves));
	for (size_t i = 0; i < ARRAY_SIZE(halves); i++)
		sum += halves[i];
	return sum;
}
