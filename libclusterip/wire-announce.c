/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire-announce.h"
#include "wire-netns.h"
#include "wire-rtnl.h"

/* RFC 826 */
struct arp_packet {
	struct arphdr header;
	uint8_t sender_mac[6], sender[4], target_mac[6], target[4];
} __attribute__((packed));

/* RFC 4861, 4.4 and 4.6.1 */
struct advertisement {
	struct ip6_hdr ip;
	struct nd_neighbor_advert icmp;
	uint8_t option_type, option_len; /* of 8 octets */
	uint8_t mac[6];
};

static int send_frame(int fd, uint32_t index, uint16_t protocol, const uint8_t to[6], const void *data,
		      size_t size)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(protocol),
				       .sll_ifindex = (int)index,
				       .sll_halen = ETH_ALEN };

	memcpy(address.sll_addr, to, ETH_ALEN);
	return sendto(fd, data, size, 0, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}

/* As a request and as a reply: there are neighbours that heed only one of them (RFC 5227, 3). */
static int send_arp(int fd, uint32_t index, const struct addr *addr, const uint8_t mac[6])
{
	static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct arp_packet packet = {
		.header = { htons(ARPHRD_ETHER), htons(ETH_P_IP), ETH_ALEN, 4, htons(ARPOP_REQUEST) },
	};
	int rc;

	memcpy(packet.sender_mac, mac, 6);
	memcpy(packet.sender, addr->bytes, 4);
	memcpy(packet.target, addr->bytes, 4);
	rc = send_frame(fd, index, ETH_P_ARP, everybody, &packet, sizeof(packet));
	if (rc < 0)
		return rc;
	packet.header.ar_op = htons(ARPOP_REPLY);
	memcpy(packet.target_mac, mac, 6);
	return send_frame(fd, index, ETH_P_ARP, everybody, &packet, sizeof(packet));
}

static uint32_t sum16(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *byte = data;
	size_t i;

	for (i = 0; i < size; i++)
		sum += i % 2 ? byte[i] : (uint32_t)byte[i] << 8;
	return sum;
}

/* RFC 4443, 2.3: over a pseudo-header of addresses, length and protocol, and the message */
static uint16_t checksum(const struct advertisement *packet)
{
	uint32_t size = sizeof(*packet) - sizeof(packet->ip), sum;

	sum = sum16(size + IPPROTO_ICMPV6, &packet->ip.ip6_src, 2 * sizeof(struct in6_addr));
	sum = sum16(sum, &packet->icmp, size);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static int send_advertisement(int fd, uint32_t index, const struct addr *addr, const uint8_t mac[6])
{
	static const uint8_t all_nodes_mac[6] = { 0x33, 0x33, 0, 0, 0, 1 };
	static const struct in6_addr all_nodes = { { { 0xff, 0x02, [15] = 1 } } };
	struct advertisement packet = {
		.ip.ip6_flow = htonl(6u << 28),
		.ip.ip6_plen = htons(sizeof(packet) - sizeof(packet.ip)),
		.ip.ip6_nxt = IPPROTO_ICMPV6,
		.ip.ip6_hlim = 255,
		.ip.ip6_dst = all_nodes,
		.icmp.nd_na_type = ND_NEIGHBOR_ADVERT,
		.icmp.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE,
		.option_type = ND_OPT_TARGET_LINKADDR,
		.option_len = 1,
	};

	memcpy(&packet.ip.ip6_src, addr->bytes, 16);
	memcpy(&packet.icmp.nd_na_target, addr->bytes, 16);
	memcpy(packet.mac, mac, 6);
	packet.icmp.nd_na_cksum = checksum(&packet);
	return send_frame(fd, index, ETH_P_IPV6, all_nodes_mac, &packet, sizeof(packet));
}

void announce_open(struct announcer *announcer, struct nl *rtnl)
{
	*announcer = (struct announcer){ rtnl, -1 };
}

void announce_close(struct announcer *announcer)
{
	if (announcer->fd >= 0)
		(void)close(announcer->fd);
	announcer->fd = -1;
}

/* A packet socket where the rtnetlink socket is: the thread may be elsewhere by now. */
static int open_packet_socket(struct announcer *announcer)
{
	int back, rc = netns_enter_of(mnl_socket_get_fd(announcer->rtnl->sock), &back);

	if (rc < 0)
		return rc;
	announcer->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	rc = announcer->fd < 0 ? -errno : 0;
	netns_leave(back);
	return rc;
}

int announce_send(struct announcer *announcer, const char *ifname, const struct addr *addr,
		  const uint8_t mac[6])
{
	struct rtnl_link link;
	int rc = rtnl_link_get(announcer->rtnl, ifname, &link);

	if (rc == 0 && announcer->fd < 0)
		rc = open_packet_socket(announcer);
	if (rc < 0)
		return rc;
	return addr->family == 6 ? send_advertisement(announcer->fd, link.index, addr, mac)
				 : send_arp(announcer->fd, link.index, addr, mac);
}
