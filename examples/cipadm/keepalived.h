/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIPADM_KEEPALIVED_H
#define CIPADM_KEEPALIVED_H

#include "cipadm.h"

#define VRRP_ID_MAX   255 /* one byte of an advertisement, 0 is not used */
#define PRIORITY_MAX  254 /* 255 is for the owner of the address, 0 says goodbye */
#define NODES_MAX     PRIORITY_MAX
#define NODE_NAME_MAX 64
#define INTERVAL_MAX  4095 /* 12 bits of an advertisement, in 1/100 s */

struct node_name {
	char text[NODE_NAME_MAX + 1];
};

/* what the configuration of one node is made of */
struct keepalived {
	char cluster[LINE_SIZE]; /* in the words of create */
	char address[64];
	char ifname[64];
	uint32_t total;
	struct node_name nodes[NODES_MAX];
	uint32_t node_count;
	uint32_t self; /* index of this node in nodes */
	uint32_t first_id;
	uint32_t interval; /* in 1/100 s */
	uint32_t vip;	   /* of the network, in host byte order; its last octet is 0 */
	const char *notify;
};

/*
 * Whom a bucket prefers: indexes of nodes, the best first. Read as a number whose digits have the bases count,
 * count - 1, ..., the bucket chooses a permutation: buckets in a row begin with different nodes, and those that
 * begin with the same one go on with different ones, so that a failed node's buckets go to all that are left.
 */
void keepalived_order(uint32_t bucket, uint32_t count, uint32_t *order);

void keepalived_print(const struct keepalived *config);

#endif
