/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOOD_H
#define FLOOD_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Packets to a cluster IP from two clients: one whose bucket the node must not let in, and one whose bucket is its own.
 * All addresses are in network byte order.
 */
struct flood {
	pid_t pid;
	int socket;	       /* of the node */
	uint32_t foreign, own; /* let in until they were counted last */
};

struct flood_clients {
	uint32_t foreign, own;
	unsigned int
		pause_us; /* after each BURST of both; 0: as fast as it can, on the second CPU, and few of the own */
};

/* CLIENT and NODE are network namespaces; both sockets are there before anything is sent. */
struct flood flood_start(const char *client, const char *node, uint32_t address,
			 const struct flood_clients *clients);
/* Count what has been let in since. */
void flood_count(struct flood *flood);
void flood_stop(struct flood *flood);

#endif
