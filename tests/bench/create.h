/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CREATE_H
#define CREATE_H

#include <stdint.h>

#include "family.h"

/* Creating cluster IPs, one or many. */
struct create;

/* RULES-FAMILY: a file for iptables-legacy-restore, with a rule for each of so many cluster IPs */
struct create *create_new(const char *prefix, enum family family, uint32_t cluster_ips, const char *rules);

/* One round: adds one value to each of the series "WAY FAMILY", WAY as below, in microseconds per cluster IP. */
void create_measure(struct create *create);

#define CREATE_ALONE "create alone" /* cip_create() where there is no other cluster IP */
#define CREATE_APPLY "create apply" /* all in one cip_apply() */
#define CREATE_RESTORE                                                                                         \
	"create restore" /* all in one process iptables-legacy-restore, or ip6tables-legacy-restore */

#endif
