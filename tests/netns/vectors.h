/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The table of buckets that the kernel's CLUSTERIP target chose. Each combination of hash mode, total nodes and
 * seed is a group: a cluster IP of its own, 10.77.100.1 for the first and so on.
 */
struct group {
	char mode[32], seed[16];
	uint32_t total;
	uint32_t address; /* network byte order */
};

struct vector {
	unsigned int group;
	uint32_t saddr; /* network byte order */
	uint32_t bucket;
	uint16_t sport, dport;
	uint8_t protocol;
	bool options;
};

#define GROUPS_MAX  64
#define VECTORS_MAX 60000

struct vectors {
	struct group group[GROUPS_MAX];
	struct vector vector[VECTORS_MAX];
	unsigned int groups, vectors;
};

/* Borrowed, one table per process. Dies on a line that it cannot read. */
const struct vectors *vectors_read(const char *path);

#endif
