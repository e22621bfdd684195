/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One packet as its first in a flow would look: what stands in it beside constants. */
struct packet {
	uint8_t mac[6];	       /* destination */
	uint32_t saddr, daddr; /* network byte order */
	uint16_t id;	       /* host order, as are the ports */
	uint16_t sport, dport; /* the two halves of the SPI for ESP and AH */
	uint8_t protocol;
	bool options;	     /* four bytes of IP options */
	const void *payload; /* UDP only */
	size_t payload_size;
};

#define FRAME_MAX 256

/*
 * Ethernet frame with correct checksums for TCP, UDP, UDPLITE, SCTP, DCCP, ESP, AH, ICMP or GRE. Returns its size
 * in bytes, 0 for any other protocol.
 */
size_t frame_build(uint8_t frame[FRAME_MAX], const struct packet *packet);

/* A packet socket in netns that sends frames out of device. */
int frame_socket(const char *netns, const char *device);

/* Sends one frame; waits while the device's queue is full. */
void frame_send(int fd, const uint8_t *frame, size_t size);

#endif
