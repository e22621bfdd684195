/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_ANNOUNCE_H
#define CIP_WIRE_ANNOUNCE_H

#include "addr.h"
#include "wire-nl.h"

/*
 * Where announcements go out: the network namespace of the rtnetlink socket. The packet socket is opened with the first
 * one and kept, for closing one waits until no CPU can be in it any more (synchronize_net()), which takes milliseconds.
 * It receives nothing.
 */
struct announcer {
	struct nl *rtnl;
	int fd; /* -1: not open */
};

void announce_open(struct announcer *announcer, struct nl *rtnl);
void announce_close(struct announcer *announcer);

/*
 * Tell the neighbours on a device, once, that the address is at that MAC. The frames come from the device's own MAC.
 * 0 or a negative errno; -EPERM: that takes CAP_NET_RAW.
 */
int announce_send(struct announcer *announcer, const char *ifname, const struct addr *addr,
		  const uint8_t mac[6]);

#endif
