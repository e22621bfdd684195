/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_ANNOUNCE_H
#define CIP_WIRE_ANNOUNCE_H

#include "addr.h"
#include "wire-nl.h"

/*
 * Tell the neighbours on a device, once, that the address is at that MAC, in the network namespace of the rtnetlink socket.
 * The frames come from the device's own MAC. 0 or a negative errno; -EPERM: that takes CAP_NET_RAW.
 */
int announce_send(struct nl *rtnl, const char *ifname, const struct addr *addr, const uint8_t mac[6]);

#endif
