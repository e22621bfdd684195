/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_ADDR_H
#define CIP_ADDR_H

#include <stddef.h>
#include <stdint.h>

#define ADDR_TEXT_MAX 46
#define MAC_TEXT_MAX  18

/* An IPv4 or IPv6 address as it lies in a packet; unused bytes are 0. */
struct addr {
	uint8_t family; /* 4 or 6 */
	uint8_t bytes[16];
};

/* 0, or -EINVAL: not an address */
int addr_parse(const char *text, struct addr *ret_addr);
void addr_format(const struct addr *addr, char buf[ADDR_TEXT_MAX]);
int addr_compare(const struct addr *a, const struct addr *b);
/* bytes of an address of the family, and bits */
size_t addr_len(const struct addr *addr);
uint32_t addr_bits(const struct addr *addr);
/* clear all but the first bits */
void addr_mask(struct addr *addr, uint32_t bits);
/* can a host own it: not unspecified, loopback, multicast or broadcast */
int addr_is_unicast(const struct addr *addr);

/* 0, or -EINVAL: not six octets */
int mac_parse(const char *text, uint8_t ret_mac[6]);
void mac_format(const uint8_t mac[6], char buf[MAC_TEXT_MAX]);
/* the default cluster MAC in a mode, CIP_MAC_* */
void mac_default(uint32_t mac_mode, const struct addr *addr, uint8_t ret_mac[6]);
/* can a cluster MAC in that mode be like this? */
int mac_fits(uint32_t mac_mode, const uint8_t mac[6]);
/* the group that those who want frames to a MAC join, in mode igmp */
struct addr mac_group(const uint8_t mac[6]);

/* an unsigned number, decimal or 0x; 0, or -EINVAL: not a number, or above max */
int number_parse(const char *text, uint32_t max, uint32_t *ret_number);

#endif
