/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIPADM_FLOW_H
#define CIPADM_FLOW_H

#include "cipadm.h"

#define FLOW_WORDS_MAX 4 /* SADDR PROTO SPORT DPORT */

struct flow {
	const char *saddr;
	uint32_t protocol, sport, dport;
};

/* reads SADDR [PROTO [SPORT [DPORT]]]; returns 0, or a negative errno after fail() */
int flow_read(struct app *app, const char **words, int count, struct flow *flow);

#endif
