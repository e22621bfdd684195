/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_H
#define STREAM_H

#include <stdint.h>

#include <clusterip/clusterip.h>

/*
 * A steady stream of numbered UDP packets from the client to one node, while the cluster IP there changes
 * between the configurations x and y. Every packet belongs to one of four classes, in turn.
 */
enum stream_class {
	CLASS_X,       /* let in under x only */
	CLASS_Y,       /* let in under y only */
	CLASS_BOTH,    /* let in under both: must never be lost */
	CLASS_NEITHER, /* must never be let in */
	CLASSES
};

/* What the sender tells the process that swaps; packets are numbered from 1. */
struct progress {
	_Atomic uint32_t sent, last_in;
};

struct verdict {
	uint32_t sent, let_in;
	uint32_t switches; /* how often the packets say that the configuration changed */
	uint32_t lost;	   /* CLASS_BOTH, but not let in */
	uint32_t leaked;   /* CLASS_NEITHER, but let in */
	uint32_t dropped;  /* by the machine, for want of buffers: the verdict is void unless 0 */
};

/* Opens the sockets and finds sources of every class that x and y have. */
void stream_open(const char *client, const char *node, struct cip_cluster *x, struct cip_cluster *y);

/* Sends and receives until the process child ends; returns what waitpid() says of it. */
int stream_run(struct progress *progress, int child);

/* Reads what came in packet by packet. Short spells of a configuration are explained on stderr. */
void stream_judge(struct verdict *ret_verdict);

#endif
