/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FAMILY_H
#define FAMILY_H

#include <netinet/in.h>
#include <stdint.h>

#define TEXT_SIZE INET6_ADDRSTRLEN

enum family { IPV4, IPV6, FAMILIES };

/*
 * Cluster IPs are the first addresses of the networks for benchmarks, 198.18.0.0/15 and 2001:2::/48. Of an address one
 * word differs from others of its kind: of a cluster IP the last, of a source the first, for the cluster match hashes
 * no other.
 */
struct family_traits {
	unsigned int number; /* 4 or 6, in names of namespaces and series */
	const char *label;
	int af;
	const char *iptables, *restore; /* programs */
	const char *nft;		/* what nft calls it */
	struct in6_addr network;	/* IPv4: the first word alone */
	size_t last_word;		/* where the last word begins */
	uint32_t first_cluster;		/* last word of the first cluster IP, host byte order */
	uint32_t first_source;		/* first word of the first source */
};

extern const struct family_traits families[FAMILIES];

/* The word of cluster IP number index, from 0 on, in host byte order. */
uint32_t cluster_word(enum family family, uint32_t index);

void cluster_text(enum family family, uint32_t index, char text[TEXT_SIZE]);
void source_text(enum family family, uint32_t word, char text[TEXT_SIZE]);

#endif
