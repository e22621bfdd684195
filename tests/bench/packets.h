/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PACKETS_H
#define PACKETS_H

#include <stdint.h>

#include "flows.h"
#include "series.h"

/* Where the frames of a stream go, and with that how many of them have to be delivered. */
enum target {
	TARGET_NOWHERE, /* the generator alone */
	TARGET_OTHER,	/* a unicast frame for somebody else's MAC */
	TARGET_ALL,	/* nothing is in the way */
	TARGET_LOCAL,	/* those of local buckets */
};

/* One kind of packets, sent into one namespace. */
struct stream {
	int netns;
	enum target target;
	uint32_t packets; /* of one measurement */
	const struct flows *flows;
	struct series *series; /* ns of CPU time per packet */
	/* set by packets_prepare() */
	uint32_t ifindex;
	uint32_t expected;
};

/* Loads the generator. */
void packets_open(const char *object);

/* Opens a socket that the packets are for; once for each namespace. */
void packets_sink(int netns, enum family family);

void packets_prepare(struct stream *stream);

/* Measures once. Anything but the expected number of delivered packets ends the program. */
double packets_measure(const struct stream *stream);

#endif
