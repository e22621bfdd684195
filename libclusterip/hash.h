/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_HASH_H
#define CIP_HASH_H

#include <stdint.h>

#include "addr.h"

/* what of a protocol the kernel's CLUSTERIP target takes for ports */
enum hash_ports {
	HASH_PORTS_NONE, /* counted as 0 */
	HASH_PORTS_0,	 /* two 16-bit words at the start of the transport header */
	HASH_PORTS_4,	 /* at its fifth byte: AH */
};

enum hash_ports hash_ports_of(uint32_t protocol);

/* a flow; ports in host order */
struct flow {
	struct addr saddr; /* IPv4 */
	uint32_t protocol, sport, dport;
};

uint32_t hash_bucket(uint32_t hash_mode, uint32_t total, uint32_t seed, const struct flow *flow);

#endif
