/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_RULE_PARTS_H
#define CIP_NFT_RULE_PARTS_H

#include "hash.h"
#include "nft-expr.h"

/* Where the headers have what the rules look at: offsets and lengths in bytes. */
struct header {
	uint32_t saddr, daddr, addr_len, protocol, len;
	uint32_t zero; /* two bytes that are as good as others to make a zero of */
};
const struct header *rule_header(uint32_t family);

/* Where in the packet what is hashed lies. */
struct hashed {
	uint32_t base, addr;
	uint32_t port_base, sport, dport;
	int no_ports; /* zeros in their place */
};

/* Is it sent to that cluster IP? */
void rule_if_to(struct build *build, const struct cip_cluster *cluster);
/* Does it come by that device? */
void rule_if_device(struct build *build, const struct cip_cluster *cluster);
void rule_if_byte(struct build *build, uint32_t base, uint32_t offset, uint32_t op, uint8_t value);
void rule_if_byte_in(struct build *build, uint32_t base, uint32_t offset, const char *set, uint32_t flags);
void rule_if_protocol(struct build *build, uint32_t op, uint8_t protocol);
void rule_if_protocol_in(struct build *build, const char *set, uint32_t flags);
/* The address and slot of the packet, and go on if it is let in (flags 0) or is not (NFT_LOOKUP_F_INV). */
void rule_if_hashed(struct build *build, const struct cip_cluster *cluster, const struct hashed *hashed,
		    uint32_t flags);
/* The same where there is but one bucket: the hash of older kernels refuses a modulus of 1, their numbers do not. */
void rule_if_only_bucket(struct build *build, const struct cip_cluster *cluster, uint32_t flags);
/* TCP refuses frames that were received as L2 multicast, so they become the host's own first. */
void rule_let_in(struct build *build);
/* Is the connection, as it is tracked, in one of these states? */
void rule_if_state(struct build *build, uint32_t states);
/*
 * A rule that lets in replies to connections which this node has opened, and errors about them, if the cluster IP has such;
 * else nothing.
 */
void rule_replies(struct build *build, const struct cip_cluster *cluster);
/* Drop what is sent to a cluster IP, if it came by the device, and count it. */
void rule_drop_foreign(struct build *build, const struct cip_cluster *cluster);

#endif
