/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flows.h"

#include <arpa/inet.h>
#include <clusterip/clusterip.h>
#include <errno.h>

#include "util.h"

static bool is_local(enum family family, uint32_t source, uint32_t hash_mode)
{
	char text[TEXT_SIZE];
	uint32_t bucket;

	source_text(family, source, text);
	errno = 0;
	if (cip_hash(hash_mode, TOTAL_NODES, HASH_SEED, text, IPPROTO_UDP, 0, 0, &bucket))
		die("cip_hash() refuses %s", text);
	return bucket <= LAST_LOCAL;
}

static bool wanted(bool local, enum traffic traffic)
{
	return traffic == TRAFFIC_MIXED || local == (traffic == TRAFFIC_LOCAL);
}

struct flows *flows_new(enum family family, uint32_t cluster_ips, uint32_t hash_mode, enum traffic traffic)
{
	struct flows *flows = allocate(1, sizeof(*flows));
	uint32_t source, index;
	bool local;

	flows->family = family;
	for (uint32_t i = 0, n = 0; n < FLOW_COUNT; i++) {
		/* an odd factor makes a permutation of a /10, without an order that anything could use */
		source = families[family].first_source | (i * 40503 & 0x3fffff);
		index = (uint32_t)((uint64_t)(i * 2654435761u) * cluster_ips >> 32);
		local = is_local(family, source, hash_mode);
		if (!wanted(local, traffic))
			continue;
		flows->flows[n] = (struct flow){ htonl(source), htonl(cluster_word(family, index)) };
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
