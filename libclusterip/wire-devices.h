/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_DEVICES_H
#define CIP_WIRE_DEVICES_H

#include "wire-addr.h"
#include "wire-rtnl.h"

struct device_mac {
	uint32_t index;
	uint8_t mac[6];
};

/*
 * What all devices receive and which addresses they have, read at once: to ask the kernel about one cluster IP after
 * the other is a whole dump for each.
 */
struct devices {
	uint32_t mac_count, addr_count;
	struct device_mac *macs;  /* sorted by device, then MAC */
	struct addr_entry *addrs; /* sorted by device, then address */
};

/* 0 or a negative errno; *devices is to be cleared in either case. */
int devices_read(struct nl *nl, struct devices *devices);
/* Addresses of a family alone, 4 or 6, into what was all zero before; -EINTR: they changed while they were read. */
int devices_read_addrs(struct nl *nl, uint8_t family, struct devices *devices);
void devices_clear(struct devices *devices);
int devices_have_mac(const struct devices *devices, uint32_t index, const uint8_t mac[6]);
/* The entries of an address on a device: how many, and the first of them. */
uint32_t devices_find_addr(const struct devices *devices, uint32_t index, const struct addr *addr,
			   const struct addr_entry **ret_first);
int devices_have_joined(const struct devices *devices, uint32_t index, const struct addr *group);
/* Is the address there at all? What is wrong with it goes behind "dev DEVICE " in a sentence; "": nothing. */
#define DEVICES_FAULT_MAX 128
int devices_judge_addr(const struct devices *devices, const struct addr_place *place,
		       char buf[DEVICES_FAULT_MAX]);

#endif
