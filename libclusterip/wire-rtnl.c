/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "wire-addr.h"
#include "wire-rtnl.h"

#define REQUEST_SIZE 256

static struct nlmsghdr *put_request(struct nl *nl, char *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++nl->seq;
	return nlh;
}

struct link_answer {
	struct rtnl_link link;
	char ifname[IFNAMSIZ];
};

static int take_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct link_answer *answer = data;
	const struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return 0;
	answer->link.index = (uint32_t)ifi->ifi_index;
	answer->link.up = !!(ifi->ifi_flags & IFF_UP);
	attr = nl_find_attr(nlh, sizeof(*ifi), IFLA_ADDRESS);
	if (attr && mnl_attr_get_payload_len(attr) == sizeof(answer->link.mac))
		memcpy(answer->link.mac, mnl_attr_get_payload(attr), sizeof(answer->link.mac));
	attr = nl_find_attr(nlh, sizeof(*ifi), IFLA_IFNAME);
	if (attr && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		snprintf(answer->ifname, sizeof(answer->ifname), "%s", mnl_attr_get_str(attr));
	return 0;
}

static int get_link(struct nl *nl, const char *ifname, uint32_t index, struct link_answer *answer)
{
	char buf[REQUEST_SIZE] = { 0 };
	struct nlmsghdr *nlh = put_request(nl, buf, RTM_GETLINK, NLM_F_ACK);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	memset(answer, 0, sizeof(*answer));
	ifi->ifi_index = (int)index;
	if (ifname)
		mnl_attr_put_strz(nlh, IFLA_IFNAME, ifname);
	return nl_request(nl, nlh, take_link, answer);
}

int rtnl_link_get(struct nl *nl, const char *ifname, struct rtnl_link *ret_link)
{
	struct link_answer answer;
	int rc = get_link(nl, ifname, 0, &answer);

	/* the kernel also finds a device by its alternative names; the rules match the real one */
	if (rc == 0 && strcmp(answer.ifname, ifname))
		rc = -ENODEV;
	if (rc == 0)
		*ret_link = answer.link;
	return rc;
}

int rtnl_link_name(struct nl *nl, uint32_t index, char ret_ifname[16])
{
	struct link_answer answer;
	int rc = get_link(nl, NULL, index, &answer);

	if (rc == 0)
		memcpy(ret_ifname, answer.ifname, IFNAMSIZ);
	return rc;
}

static int take_promote(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *spec = nl_find_attr(nlh, sizeof(struct ifinfomsg), IFLA_AF_SPEC), *family, *conf;
	const uint32_t *values;

	if (nlh->nlmsg_type != RTM_NEWLINK || !spec)
		return 0;
	family = nl_find_nested(spec, AF_INET);
	conf = family ? nl_find_nested(family, IFLA_INET_CONF) : NULL;
	values = conf ? mnl_attr_get_payload(conf) : NULL;
	if (values && mnl_attr_get_payload_len(conf) >= IPV4_DEVCONF_PROMOTE_SECONDARIES * sizeof(*values))
		*(uint32_t *)data = values[IPV4_DEVCONF_PROMOTE_SECONDARIES - 1];
	return 0;
}

int rtnl_promote_get(struct nl *nl, uint32_t index, uint32_t *ret_promote)
{
	char buf[REQUEST_SIZE] = { 0 };
	struct nlmsghdr *nlh = put_request(nl, buf, RTM_GETLINK, NLM_F_ACK);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_index = (int)index;
	*ret_promote = 1;
	return nl_request(nl, nlh, take_promote, ret_promote);
}

int rtnl_promote_set(struct nl *nl, uint32_t index, uint32_t promote)
{
	char buf[REQUEST_SIZE] = { 0 };
	struct nlmsghdr *nlh = put_request(nl, buf, RTM_SETLINK, NLM_F_ACK);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *spec, *family, *conf;
	int changed;

	ifi->ifi_index = (int)index;
	spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	family = mnl_attr_nest_start(nlh, AF_INET);
	conf = mnl_attr_nest_start(nlh, IFLA_INET_CONF);
	mnl_attr_put_u32(nlh, IPV4_DEVCONF_PROMOTE_SECONDARIES, promote);
	mnl_attr_nest_end(nlh, conf);
	mnl_attr_nest_end(nlh, family);
	mnl_attr_nest_end(nlh, spec);
	return nl_change(nl, nlh, 0, &changed);
}

/* What "ip addr add GROUP dev DEVICE scope host autojoin" does. */
static int change_group(struct nl *nl, uint16_t type, uint16_t flags, uint32_t index, const struct addr *group,
			int already, int *ret_changed)
{
	char buf[REQUEST_SIZE] = { 0 };
	struct nlmsghdr *nlh = put_request(nl, buf, type, NLM_F_ACK | flags);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = group->family == 6 ? AF_INET6 : AF_INET;
	ifa->ifa_prefixlen = (uint8_t)addr_bits(group);
	ifa->ifa_scope = RT_SCOPE_HOST;
	ifa->ifa_index = index;
	mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_MCAUTOJOIN | IFA_F_NODAD);
	mnl_attr_put(nlh, IFA_LOCAL, addr_len(group), group->bytes);
	mnl_attr_put(nlh, IFA_ADDRESS, addr_len(group), group->bytes);
	return nl_change(nl, nlh, already, ret_changed);
}

struct group_question {
	const struct addr *group;
	uint32_t index;
	int joined;
};

static int compare_group(const struct addr_entry *entry, void *data)
{
	struct group_question *question = data;

	if (entry->index == question->index && !addr_compare(&entry->addr, question->group))
		question->joined |= addr_is_joined(entry);
	return 0;
}

/* IPv4 can have the address of a group without being in the group: that is of no use, and goes. */
static int join_existing(struct nl *nl, uint32_t index, const struct addr *group, int *ret_changed)
{
	struct group_question question = { .group = group, .index = index };
	int rc = addr_each(nl, group->family, compare_group, &question), changed;

	if (rc == 0 && question.joined)
		*ret_changed = 0;
	if (rc < 0 || question.joined)
		return rc == -EINTR ? -ERESTART : rc;
	rc = rtnl_group_leave(nl, index, group, &changed);
	return rc < 0 ? rc
		      : change_group(nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, group, 0, ret_changed);
}

int rtnl_group_join(struct nl *nl, uint32_t index, const struct addr *group, int *ret_changed)
{
	int rc = change_group(nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, group, 0, ret_changed);

	return rc == -EEXIST ? join_existing(nl, index, group, ret_changed) : rc;
}

int rtnl_group_leave(struct nl *nl, uint32_t index, const struct addr *group, int *ret_changed)
{
	return change_group(nl, RTM_DELADDR, 0, index, group, -EADDRNOTAVAIL, ret_changed);
}

static struct nlmsghdr *put_mac(struct nl *nl, char *buf, uint16_t type, uint16_t flags, uint32_t index,
				const uint8_t mac[6])
{
	struct nlmsghdr *nlh = put_request(nl, buf, type, flags);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = AF_BRIDGE;
	ndm->ndm_ifindex = (int)index;
	ndm->ndm_state = NUD_PERMANENT;
	ndm->ndm_flags = NTF_SELF;
	mnl_attr_put(nlh, NDA_LLADDR, 6, mac);
	return nlh;
}

/* References to a unicast MAC are not counted. */
static int is_multicast(const uint8_t mac[6])
{
	return mac[0] & 1;
}

/* Others want it, too; or the answer was lost, and they may. */
static int add_beside(struct nl *nl, struct nlmsghdr *nlh, uint32_t index, const uint8_t mac[6],
		      int *ret_changed)
{
	if (is_multicast(mac))
		return mac_hold(nl, index, mac, ret_changed);
	nlh->nlmsg_seq = ++nl->seq;
	return nl_change(nl, nlh, -EEXIST, ret_changed);
}

int rtnl_mac_add(struct nl *nl, uint32_t index, const uint8_t mac[6], int *ret_changed)
{
	char buf[REQUEST_SIZE] = { 0 };
	struct nlmsghdr *nlh;
	int rc, changed = 0;

	nlh = put_mac(nl, buf, RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, index, mac);
	rc = nl_request(nl, nlh, NULL, NULL);
	*ret_changed = rc == 0 || rc == -ENOBUFS;
	if (rc == -EEXIST || rc == -ENOBUFS)
		rc = add_beside(nl, nlh, index, mac, &changed);
	*ret_changed |= changed;
	return rc;
}

int rtnl_mac_remove(struct nl *nl, uint32_t index, const uint8_t mac[6], int *ret_changed)
{
	char buf[REQUEST_SIZE] = { 0 };
	struct nlmsghdr *nlh;
	int rc = is_multicast(mac) ? mac_release(nl, index, mac) : -EINVAL;

	/* a device that has gone has taken it along */
	if (rc == 0 || rc == -ENOENT || rc == -ENODEV) {
		*ret_changed = rc == 0;
		return 0;
	}
	nlh = put_mac(nl, buf, RTM_DELNEIGH, NLM_F_ACK, index, mac);
	return nl_change(nl, nlh, -ENOENT, ret_changed);
}

struct mac_reading {
	rtnl_mac_cb cb;
	void *data;
};

static int take_mac(const struct nlmsghdr *nlh, void *data)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	struct mac_reading *reading = data;
	const struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWNEIGH || !(ndm->ndm_flags & NTF_SELF))
		return 0;
	attr = nl_find_attr(nlh, sizeof(*ndm), NDA_LLADDR);
	if (!attr || mnl_attr_get_payload_len(attr) != 6)
		return 0;
	return reading->cb((uint32_t)ndm->ndm_ifindex, mnl_attr_get_payload(attr), reading->data);
}

int rtnl_mac_each(struct nl *nl, rtnl_mac_cb cb, void *data)
{
	struct mac_reading reading = { cb, data };
	char buf[REQUEST_SIZE] = { 0 };
	struct nlmsghdr *nlh = put_request(nl, buf, RTM_GETNEIGH, NLM_F_DUMP);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = AF_BRIDGE;
	return nl_request(nl, nlh, take_mac, &reading);
}

struct mac_question {
	const uint8_t *mac;
	uint32_t index;
	int has;
};

static int compare_mac(uint32_t index, const uint8_t mac[6], void *data)
{
	struct mac_question *question = data;

	if (index == question->index && !memcmp(mac, question->mac, 6))
		question->has = 1;
	return 0;
}

int rtnl_mac_has(struct nl *nl, uint32_t index, const uint8_t mac[6], int *ret_has)
{
	struct mac_question question = { .mac = mac, .index = index };
	int rc = rtnl_mac_each(nl, compare_mac, &question);

	if (rc == 0)
		*ret_has = question.has;
	return rc;
}
