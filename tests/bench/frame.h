/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FRAME_H
#define FRAME_H

#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "family.h"

#define PORT	  9999 /* where the packets go */
#define DATA_SIZE 18

struct frame4 {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
	uint8_t data[DATA_SIZE];
} __attribute__((packed));

struct frame6 {
	struct ethhdr eth;
	struct ip6_hdr ip;
	struct udphdr udp;
	uint8_t data[DATA_SIZE];
} __attribute__((packed));

union frame {
	struct frame4 v4;
	struct frame6 v6;
};

/* To the cluster MAC, or to that of another host. UDP without checksum; returns the size. */
size_t frame_make(enum family family, bool to_other, union frame *ret_frame);

/* Sum of the IPv4 header, for the generator, which adds the addresses and puts in the checksum. */
uint32_t frame_sum(void);

#endif
