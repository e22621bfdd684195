/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "wire-watch-read.h"

static void read_string(const struct nlattr *attr, char *buf, size_t size)
{
	if (attr && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		snprintf(buf, size, "%s", mnl_attr_get_str(attr));
}

static void read_bytes(const struct nlattr *attr, void *buf, size_t size)
{
	if (attr && mnl_attr_get_payload_len(attr) == size)
		memcpy(buf, mnl_attr_get_payload(attr), size);
}

/* ------------------------------------------------------------------ nftables */

#define TABLE_ATTR 1

_Static_assert(NFTA_TABLE_NAME == TABLE_ATTR && NFTA_CHAIN_TABLE == TABLE_ATTR &&
		       NFTA_RULE_TABLE == TABLE_ATTR && NFTA_SET_TABLE == TABLE_ATTR &&
		       NFTA_SET_ELEM_LIST_TABLE == TABLE_ATTR,
	       "the name of the table is the same attribute of every object");

static void read_commit(const struct nlmsghdr *nlh, struct watch_news *news)
{
	const struct nlattr *pid = nl_find_attr(nlh, sizeof(struct nfgenmsg), NFTA_GEN_PROC_PID);

	news->kind = WATCH_COMMIT;
	read_bytes(pid, &news->pid, sizeof(news->pid));
	news->pid = ntohl(news->pid);
	read_string(nl_find_attr(nlh, sizeof(struct nfgenmsg), NFTA_GEN_PROC_NAME), news->process,
		    sizeof(news->process));
}

static int is_deletion(unsigned int message)
{
	switch (message) {
	case NFT_MSG_DELTABLE:
	case NFT_MSG_DELCHAIN:
	case NFT_MSG_DELRULE:
	case NFT_MSG_DELSET:
	case NFT_MSG_DELSETELEM:
		return 1;
	}
	return 0;
}

void watch_read_nft(const struct nlmsghdr *nlh, struct watch_news *news)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	unsigned int message = nlh->nlmsg_type & 0xff;

	if (nlh->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES || mnl_nlmsg_get_payload_len(nlh) < sizeof(*nfg))
		return;
	if (message == NFT_MSG_NEWGEN) {
		read_commit(nlh, news);
		return;
	}
	news->kind = WATCH_OBJECT;
	news->family = nfg->nfgen_family;
	news->gone = is_deletion(message);
	news->is_table = message == NFT_MSG_NEWTABLE || message == NFT_MSG_DELTABLE;
	read_string(nl_find_attr(nlh, sizeof(*nfg), TABLE_ATTR), news->table, sizeof(news->table));
}

/* ------------------------------------------------------------------ devices */

static void read_link(const struct nlmsghdr *nlh, struct watch_news *news)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	/* the others are about ports of bridges */
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi) || ifi->ifi_family != AF_UNSPEC)
		return;
	news->kind = WATCH_LINK;
	news->index = (uint32_t)ifi->ifi_index;
	news->up = !!(ifi->ifi_flags & IFF_UP);
	read_string(nl_find_attr(nlh, sizeof(*ifi), IFLA_IFNAME), news->ifname, sizeof(news->ifname));
}

static void read_addr(const struct nlmsghdr *nlh, struct watch_news *news)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);

	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifa) ||
	    (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6))
		return;
	news->kind = WATCH_ADDR;
	news->index = ifa->ifa_index;
	news->prefix = ifa->ifa_prefixlen;
	news->addr.family = ifa->ifa_family == AF_INET6 ? 6 : 4;
	/* IPv6 has IFA_LOCAL on point-to-point links only */
	attr = nl_find_attr(nlh, sizeof(*ifa), IFA_LOCAL);
	if (!attr)
		attr = nl_find_attr(nlh, sizeof(*ifa), IFA_ADDRESS);
	read_bytes(attr, news->addr.bytes, addr_len(&news->addr));
}

static void read_mac(const struct nlmsghdr *nlh, struct watch_news *news)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ndm) || ndm->ndm_family != AF_BRIDGE ||
	    !(ndm->ndm_flags & NTF_SELF))
		return;
	read_bytes(nl_find_attr(nlh, sizeof(*ndm), NDA_LLADDR), news->mac, sizeof(news->mac));
	news->kind = WATCH_MAC;
	news->index = (uint32_t)ndm->ndm_ifindex;
}

void watch_read_rtnl(const struct nlmsghdr *nlh, struct watch_news *news)
{
	switch (nlh->nlmsg_type) {
	case RTM_DELLINK:
		news->gone = 1;
		/* fallthrough */
	case RTM_NEWLINK:
		read_link(nlh, news);
		break;
	case RTM_DELADDR:
		news->gone = 1;
		/* fallthrough */
	case RTM_NEWADDR:
		read_addr(nlh, news);
		break;
	case RTM_DELNEIGH:
		news->gone = 1;
		/* fallthrough */
	case RTM_NEWNEIGH:
		read_mac(nlh, news);
		break;
	}
}
