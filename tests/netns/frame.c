/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "frame.h"
#include "tool.h"

#define ETHERNET_SIZE 14
#define IP_SIZE	      20

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint32_t sum16(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *byte = data;
	size_t i;

	for (i = 0; i < size; i++)
		sum += i % 2 ? byte[i] : (uint32_t)byte[i] << 8;
	return sum;
}

static uint32_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static uint32_t pseudo_header(const struct packet *packet, size_t size)
{
	uint32_t sum = packet->protocol + (uint32_t)size;

	sum = sum16(sum, &packet->saddr, 4);
	return sum16(sum, &packet->daddr, 4);
}

/* RFC 3309: reflected polynomial 0x82f63b78, sent with its lowest byte first */
static void put_crc32c(uint8_t *at, const uint8_t *data, size_t size)
{
	uint32_t crc = 0xffffffff;
	size_t i;
	int bit;

	for (i = 0; i < size; i++) {
		crc ^= data[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	crc = ~crc;
	for (i = 0; i < 4; i++)
		at[i] = (uint8_t)(crc >> 8 * i);
}

static void put_ports(uint8_t *at, const struct packet *packet)
{
	put16(at, packet->sport);
	put16(at + 2, packet->dport);
}

static size_t build_tcp(uint8_t *at, const struct packet *packet)
{
	put_ports(at, packet);
	put16(at + 6, 1);
	at[12] = 5 << 4;
	at[13] = 0x02; /* SYN */
	put16(at + 14, 1024);
	put16(at + 16, fold(sum16(pseudo_header(packet, 20), at, 20)));
	return 20;
}

static size_t build_udp(uint8_t *at, const struct packet *packet)
{
	size_t size = 8 + packet->payload_size;
	uint32_t sum;

	put_ports(at, packet);
	put16(at + 4, (uint32_t)size);
	if (packet->payload_size)
		memcpy(at + 8, packet->payload, packet->payload_size);
	sum = fold(sum16(pseudo_header(packet, size), at, size));
	put16(at + 6, sum ? sum : 0xffff);
	return size;
}

static size_t build_udplite(uint8_t *at, const struct packet *packet)
{
	put_ports(at, packet);
	put16(at + 4, 8); /* the checksum covers the header */
	put16(at + 6, fold(sum16(pseudo_header(packet, 16), at, 8)));
	return 16;
}

static size_t build_sctp(uint8_t *at, const struct packet *packet)
{
	put_ports(at, packet);
	at[12] = 1; /* INIT */
	put16(at + 14, 20);
	put16(at + 18, 1);
	put16(at + 20, 1);
	put16(at + 24, 1);
	put16(at + 26, 1);
	put16(at + 30, 1);
	put_crc32c(at + 8, at, 32);
	return 32;
}

static size_t build_dccp(uint8_t *at, const struct packet *packet)
{
	put_ports(at, packet);
	at[4] = 5;
	at[8] = 1; /* request, with a sequence number of 48 bits */
	put16(at + 14, 1);
	put16(at + 18, 1);
	put16(at + 6, fold(sum16(pseudo_header(packet, 20), at, 20)));
	return 20;
}

static size_t build_esp(uint8_t *at, const struct packet *packet)
{
	put_ports(at, packet);
	put16(at + 6, 1);
	return 24;
}

static size_t build_ah(uint8_t *at, const struct packet *packet)
{
	at[0] = IPPROTO_UDP;
	at[1] = 4;
	put_ports(at + 4, packet);
	put16(at + 10, 1);
	return 24;
}

static size_t build_icmp(uint8_t *at, const struct packet *packet)
{
	at[0] = 8; /* echo request */
	put16(at + 4, packet->sport);
	put16(at + 6, packet->dport);
	put16(at + 2, fold(sum16(0, at, 16)));
	return 16;
}

static size_t build_gre(uint8_t *at, const struct packet *packet)
{
	put16(at + 2, 0x88b5); /* an experimental protocol: nobody opens it */
	put_ports(at + 4, packet);
	return 8;
}

static const struct {
	uint8_t protocol;
	size_t (*build)(uint8_t *at, const struct packet *packet);
} transports[] = {
	{ IPPROTO_TCP, build_tcp },   { IPPROTO_UDP, build_udp },   { IPPROTO_UDPLITE, build_udplite },
	{ IPPROTO_SCTP, build_sctp }, { IPPROTO_DCCP, build_dccp }, { IPPROTO_ESP, build_esp },
	{ IPPROTO_AH, build_ah },     { IPPROTO_ICMP, build_icmp }, { IPPROTO_GRE, build_gre },
};

static size_t build_transport(uint8_t *at, const struct packet *packet)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(transports); i++)
		if (transports[i].protocol == packet->protocol)
			return transports[i].build(at, packet);
	return 0;
}

static void build_ip(uint8_t *at, const struct packet *packet, size_t header, size_t transport)
{
	static const uint8_t options[4] = { 1, 1, 1, 0 }; /* three times nothing, then the end */

	at[0] = (uint8_t)(0x40 | header / 4);
	put16(at + 2, (uint32_t)(header + transport));
	put16(at + 4, packet->id);
	at[8] = 64;
	at[9] = packet->protocol;
	memcpy(at + 12, &packet->saddr, 4);
	memcpy(at + 16, &packet->daddr, 4);
	if (packet->options)
		memcpy(at + IP_SIZE, options, sizeof(options));
	put16(at + 10, fold(sum16(0, at, header)));
}

size_t frame_build(uint8_t frame[FRAME_MAX], const struct packet *packet)
{
	static const uint8_t source[6] = { 0x02, 0, 0, 0, 0, 0x99 };
	size_t header = packet->options ? IP_SIZE + 4 : IP_SIZE;
	size_t transport;

	memset(frame, 0, FRAME_MAX);
	transport = build_transport(frame + ETHERNET_SIZE + header, packet);
	if (!transport)
		return 0;
	memcpy(frame, packet->mac, 6);
	memcpy(frame + 6, source, 6);
	put16(frame + 12, ETHERTYPE_IP);
	build_ip(frame + ETHERNET_SIZE, packet, header, transport);
	return ETHERNET_SIZE + header + transport;
}

int frame_socket(const char *netns, const char *device)
{
	int fd = socket_in(netns, AF_PACKET, SOCK_RAW, 0);
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = device_index(fd, device) };

	if (bind(fd, (struct sockaddr *)&to, sizeof(to)))
		die("bind to %s", device);
	return fd;
}

void frame_send(int fd, const uint8_t *frame, size_t size)
{
	while (send(fd, frame, size, 0) < 0) {
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			die("send");
		sleep_us(50);
	}
}
