/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flows.h"

#include <arpa/inet.h>
#include <clusterip/clusterip.h>
#include <errno.h>

#include "util.h"

static bool is_local(uint32_t saddr, enum hash_order order)
{
	char text[INET_ADDRSTRLEN];
	uint32_t bucket;

	/* cip_hash() hashes the number that the text means: give it the one that the kernel reads */
	address_text(order == ORDER_NUMBER ? saddr : htonl(saddr), text, sizeof(text));
	errno = 0;
	if (cip_hash(CIP_HASH_SOURCEIP, TOTAL_NODES, HASH_SEED, text, IPPROTO_UDP, 0, 0, &bucket))
		die("cip_hash() refuses %s", text);
	return bucket <= LAST_LOCAL;
}

static bool wanted(bool local, enum traffic traffic)
{
	return traffic == TRAFFIC_MIXED || local == (traffic == TRAFFIC_LOCAL);
}

struct flows *flows_new(uint32_t cluster_ips, enum hash_order order, enum traffic traffic)
{
	struct flows *flows = allocate(1, sizeof(*flows));
	uint32_t saddr, index;
	bool local;

	for (uint32_t i = 0, n = 0; n < FLOW_COUNT; i++) {
		/* an odd factor makes a permutation of 10.64.0.0/10, without an order that anything could use */
		saddr = 10u << 24 | 1u << 22 | (i * 40503 & 0x3fffff);
		index = (uint32_t)((uint64_t)(i * 2654435761u) * cluster_ips >> 32);
		local = is_local(saddr, order);
		if (!wanted(local, traffic))
			continue;
		flows->flows[n] = (struct flow){ htonl(saddr), htonl(cluster_address(index)) };
		flows->local[n++] = local;
	}
	return flows;
}

uint32_t flows_local(const struct flows *flows, uint32_t packets)
{
	uint32_t local = 0;

	for (uint32_t i = 0; i < packets; i++)
		local += flows->local[i % FLOW_COUNT];
	return local;
}
