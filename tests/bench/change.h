/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANGE_H
#define CHANGE_H

#include <stdint.h>

#include "family.h"

/* Adding and removing one bucket of the middle one of so many cluster IPs, by every way there is. */
struct change;

struct change *change_new(const char *prefix, enum family family, uint32_t cluster_ips, const char *cipadm);

/* One round: adds one value to each of the series "WAY FAMILY COUNT", WAY as below, in microseconds. */
void change_measure(struct change *change);

#define CHANGE_EMPTY	"change empty"	  /* a netlink batch with nothing in it, and its ACK */
#define CHANGE_LIBRARY	"change library"  /* cip_add_buckets(), cip_remove_buckets() */
#define CHANGE_CIPADM	"change cipadm"	  /* a process "cipadm bucket" */
#define CHANGE_NFT	"change nft"	  /* a process "nft add element" */
#define CHANGE_IPTABLES "change iptables" /* a process "iptables-legacy -I", or ip6tables-legacy */
#define CHANGE_AGENT	"change agent"	  /* all three processes that IPaddr2 starts, which has no IPv6 */

#endif
