/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_RTNL_H
#define CIP_WIRE_RTNL_H

#include "addr.h"
#include "wire-nl.h"

struct rtnl_link {
	uint32_t index;
	int up;
	uint8_t mac[6]; /* zeros: it has none of Ethernet */
};

/* All return 0 or a negative errno; nl->text may hold the kernel's own words. */

/* -ENODEV: no such device */
int rtnl_link_get(struct nl *nl, const char *ifname, struct rtnl_link *ret_link);
/* -ENODEV: no device with that index */
int rtnl_link_name(struct nl *nl, uint32_t index, char ret_ifname[16]);
/* Does a later IPv4 address take the place of the first of its network when that is removed, or go with it? */
int rtnl_promote_get(struct nl *nl, uint32_t index, uint32_t *ret_promote);
int rtnl_promote_set(struct nl *nl, uint32_t index, uint32_t promote);

/*
 * Join a multicast group on the device, in a way that lasts: by an address that the kernel joins for whoever has it. It
 * is of host scope, so that nobody sends from it. They say in *ret_changed whether there was something to do.
 */
int rtnl_group_join(struct nl *nl, uint32_t index, const struct addr *group, int *ret_changed);
int rtnl_group_leave(struct nl *nl, uint32_t index, const struct addr *group, int *ret_changed);
/*
 * The device's list of received addresses: permanent "self" entries of its forwarding database. Adding says in
 * *ret_changed whether it was missing, removing whether it was there. Both are about a reference of our own: an address that others have the device receive stays when they go, or we.
 */
int rtnl_mac_add(struct nl *nl, uint32_t index, const uint8_t mac[6], int *ret_changed);
int rtnl_mac_remove(struct nl *nl, uint32_t index, const uint8_t mac[6], int *ret_changed);
int rtnl_mac_has(struct nl *nl, uint32_t index, const uint8_t mac[6], int *ret_has);
/* Call back for every such entry of every device. */
typedef int (*rtnl_mac_cb)(uint32_t index, const uint8_t mac[6], void *data);
int rtnl_mac_each(struct nl *nl, rtnl_mac_cb cb, void *data);

/* Take that reference beside those of others. *ret_changed is 0 where it was there, or may have been. */
int mac_hold(struct nl *nl, uint32_t index, const uint8_t mac[6], int *ret_changed);
/* 1: it is there, 0: it is not, -ENOENT: that cannot be told. */
int mac_is_held(struct nl *nl, uint32_t index, const uint8_t mac[6]);
/* Drop it. -ENOENT: it is not there, -EINVAL: the device has no filter, and does not count. */
int mac_release(struct nl *nl, uint32_t index, const uint8_t mac[6]);

#endif
