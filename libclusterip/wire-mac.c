/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire-netns.h"
#include "wire-rtnl.h"

/*
 * A device counts who wants it to receive a multicast address. One of those references is "global": it is there once
 * at most, and "bridge fdb add" and SIOCADDMULTI both set it, the former only if nobody else wants the address.
 */

/* Any socket takes these requests, and answers for its own network namespace. */
static int request(struct nl *nl, unsigned long what, uint32_t index, const uint8_t mac[6])
{
	struct ifreq ifr = { .ifr_ifindex = (int)index };
	int fd = mnl_socket_get_fd(nl->sock);

	if (ioctl(fd, SIOCGIFNAME, &ifr) < 0)
		return -errno;
	memset(&ifr.ifr_hwaddr, 0, sizeof(ifr.ifr_hwaddr));
	ifr.ifr_hwaddr.sa_family = AF_UNSPEC;
	memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
	return ioctl(fd, what, &ifr) < 0 ? -errno : 0;
}

/* 1: the global reference is there, 0: it is not, -ENOENT: that cannot be told. */
static int read_held(uint32_t index, const uint8_t mac[6])
{
	FILE *file = fopen("/proc/thread-self/net/dev_mcast", "re");
	char line[128], wanted[13], found[13];
	uint32_t line_index, global;
	int rc = -ENOENT;

	if (!file)
		return rc;
	snprintf(wanted, sizeof(wanted), "%02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
	while (rc < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "%u %*s %*u %u %12s", &line_index, &global, found) == 3 &&
		    line_index == index && !strcmp(found, wanted))
			rc = global > 0;
	fclose(file);
	return rc;
}

/* Only /proc tells of it, and that of the thread's network namespace: it may be another one than the socket's. */
int mac_is_held(struct nl *nl, uint32_t index, const uint8_t mac[6])
{
	int netns = netns_of(mnl_socket_get_fd(nl->sock)), back, rc;

	if (netns < 0)
		return -ENOENT;
	rc = netns_enter(netns, &back);
	(void)close(netns);
	if (rc < 0)
		return -ENOENT;
	rc = read_held(index, mac);
	netns_leave(back);
	return rc;
}

int mac_hold(struct nl *nl, uint32_t index, const uint8_t mac[6], int *ret_changed)
{
	int held = mac_is_held(nl, index, mac), rc = 0;

	if (held != 1)
		rc = request(nl, SIOCADDMULTI, index, mac);
	if (rc < 0 && rc != -EINVAL)
		return rc;
	/* -EINVAL: a device without a filter, which receives everything */
	*ret_changed = rc == 0 && held == 0;
	return 0;
}

int mac_release(struct nl *nl, uint32_t index, const uint8_t mac[6])
{
	return request(nl, SIOCDELMULTI, index, mac);
}
