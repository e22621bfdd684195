/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "kernel.h"

#define ADDRS_MAX 64

struct found_addr {
	uint32_t index;
	uint8_t family, prefix, len, bytes[16];
};

static struct {
	struct found_addr items[ADDRS_MAX];
	uint32_t count;
} found;

static int take_addr(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct found_addr *addr = &found.items[found.count];
	const struct nlattr *attr;

	(void)data;
	if (found.count == ADDRS_MAX || ifa->ifa_index == 1)
		return MNL_CB_OK;
	for (attr = attr_first(nlh, sizeof(*ifa)); attr; attr = attr_next(nlh, attr))
		if (mnl_attr_get_type(attr) == IFA_ADDRESS) {
			addr->len = (uint8_t)mnl_attr_get_payload_len(attr);
			memcpy(addr->bytes, mnl_attr_get_payload(attr), addr->len);
		}
	addr->index = ifa->ifa_index;
	addr->family = ifa->ifa_family;
	addr->prefix = ifa->ifa_prefixlen;
	found.count++;
	return MNL_CB_OK;
}

static struct nlmsghdr *put_addr(uint16_t type, uint16_t flags, const struct found_addr *addr)
{
	struct nlmsghdr *nlh = rtnl_request(type, NLM_F_ACK | flags);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = addr->family;
	ifa->ifa_prefixlen = addr->prefix;
	ifa->ifa_index = addr->index;
	if (addr->family == AF_INET6)
		mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_NODAD);
	mnl_attr_put(nlh, IFA_LOCAL, addr->len, addr->bytes);
	mnl_attr_put(nlh, IFA_ADDRESS, addr->len, addr->bytes);
	return nlh;
}

static void read_addrs(void)
{
	struct nlmsghdr *nlh = rtnl_request(RTM_GETADDR, NLM_F_DUMP);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = AF_UNSPEC;
	found.count = 0;
	if (rtnl_ask(nlh, take_addr, NULL) < 0)
		die("reading addresses: %s", strerror(errno));
}

static struct found_addr addr_of(const char *address, uint8_t prefix, const char *device)
{
	struct found_addr addr = { .index = if_nametoindex(device), .prefix = prefix };

	addr.len = read_address(address, addr.bytes);
	addr.family = addr.len == 4 ? AF_INET : AF_INET6;
	return addr;
}

void addr_add(const char *address, uint8_t prefix, const char *device)
{
	struct found_addr addr = addr_of(address, prefix, device);

	if (rtnl_ask(put_addr(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &addr), NULL, NULL) < 0)
		die("adding %s: %s", address, strerror(errno));
}

void addr_remove(const char *address, const char *device)
{
	struct found_addr addr = addr_of(address, 0, device);
	uint32_t i;

	read_addrs();
	for (i = 0; i < found.count; i++)
		if (!memcmp(found.items[i].bytes, addr.bytes, addr.len) && found.items[i].index == addr.index)
			(void)rtnl_ask(put_addr(RTM_DELADDR, 0, &found.items[i]), NULL, NULL);
}

static void release_mac(uint32_t index, const uint8_t mac[6])
{
	struct ifreq ifr = { .ifr_ifindex = (int)index };
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;

	if (mac[0] & 1) {
		if (ioctl(rtnl_fd(), SIOCGIFNAME, &ifr) < 0)
			die("no device %u", index);
		memset(&ifr.ifr_hwaddr, 0, sizeof(ifr.ifr_hwaddr));
		memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
		(void)ioctl(rtnl_fd(), SIOCDELMULTI, &ifr);
		return;
	}
	nlh = rtnl_request(RTM_DELNEIGH, NLM_F_ACK);
	ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));
	ndm->ndm_family = AF_BRIDGE;
	ndm->ndm_ifindex = (int)index;
	ndm->ndm_state = NUD_PERMANENT;
	ndm->ndm_flags = NTF_SELF;
	mnl_attr_put(nlh, NDA_LLADDR, 6, mac);
	(void)rtnl_ask(nlh, NULL, NULL);
}

static int read_mac(const char *text, const char *format, uint8_t mac[6])
{
	unsigned int byte[6], i;
	int count = sscanf(text, format, &byte[0], &byte[1], &byte[2], &byte[3], &byte[4], &byte[5]);

	for (i = 0; count == 6 && i < 6; i++)
		mac[i] = (uint8_t)byte[i];
	return count == 6;
}

void mac_remove(const char *mac, const char *device)
{
	uint8_t bytes[6];

	if (!read_mac(mac, "%2x:%2x:%2x:%2x:%2x:%2x", bytes))
		die("no MAC: %s", mac);
	release_mac(if_nametoindex(device), bytes);
}

/* Those that somebody has asked for; the groups that the kernel itself is in are others. */
static void clear_multicast(void)
{
	FILE *file = fopen("/proc/thread-self/net/dev_mcast", "re");
	char line[128], text[13];
	uint32_t index, global;
	uint8_t mac[6];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%u %*s %*u %u %12s", &index, &global, text) == 3 && global &&
		    read_mac(text, "%2x%2x%2x%2x%2x%2x", mac))
			release_mac(index, mac);
	if (file)
		fclose(file);
}

static struct {
	uint8_t macs[16][6];
	uint32_t index[16], count;
} unicast;

static int take_unicast(const struct nlmsghdr *nlh, void *data)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	(void)data;
	for (attr = attr_first(nlh, sizeof(*ndm)); attr; attr = attr_next(nlh, attr)) {
		const uint8_t *mac = mnl_attr_get_payload(attr);

		if (mnl_attr_get_type(attr) != NDA_LLADDR || mac[0] & 1 || unicast.count == 16)
			continue;
		memcpy(unicast.macs[unicast.count], mac, 6);
		unicast.index[unicast.count++] = (uint32_t)ndm->ndm_ifindex;
	}
	return MNL_CB_OK;
}

static void clear_unicast(void)
{
	struct nlmsghdr *nlh = rtnl_request(RTM_GETNEIGH, NLM_F_DUMP);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));
	uint32_t i;

	ndm->ndm_family = AF_BRIDGE;
	unicast.count = 0;
	(void)rtnl_ask(nlh, take_unicast, NULL);
	for (i = 0; i < unicast.count; i++)
		release_mac(unicast.index[i], unicast.macs[i]);
}

void devices_clear(void)
{
	uint32_t i;

	read_addrs();
	for (i = 0; i < found.count; i++)
		(void)rtnl_ask(put_addr(RTM_DELADDR, 0, &found.items[i]), NULL, NULL);
	clear_multicast();
	clear_unicast();
	write_sysctl("/proc/sys/net/ipv4/conf/" DEVICE "/promote_secondaries", "0");
}
