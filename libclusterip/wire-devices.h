/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_DEVICES_H
#define CIP_WIRE_DEVICES_H

#include "wire-rtnl.h"

struct device_mac {
	uint32_t index;
	uint8_t mac[6];
};

struct device_addr {
	uint32_t index;
	struct addr addr;
	uint32_t prefix;
};

/*
 * What all devices receive and which addresses they have, read at once: to ask the kernel about one cluster IP after
 * the other is a whole dump for each.
 */
struct devices {
	uint32_t mac_count, addr_count;
	struct device_mac *macs;   /* sorted by device, then MAC */
	struct device_addr *addrs; /* sorted by device, then address, then prefix length */
};

/* 0 or a negative errno; *devices is to be cleared in either case. */
int devices_read(struct nl *nl, struct devices *devices);
void devices_clear(struct devices *devices);
int devices_have_mac(const struct devices *devices, uint32_t index, const uint8_t mac[6]);
/* prefix 0: any */
int devices_have_addr(const struct devices *devices, uint32_t index, const struct addr *addr, uint32_t prefix);

#endif
