/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/neighbour.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire-watch.h"
#include "wire-watch-read.h"

/* Offsets of a message about a neighbour, and its type as a filter loads it. */
#define TYPE_AT		4
#define FAMILY_AT	NLMSG_HDRLEN
#define FLAGS_AT	(NLMSG_HDRLEN + 10)
#define TYPE(type)	((uint32_t)htons(type))
#define JUMP(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), (jt), (jf))

/*
 * Neighbours are told in one group: the addresses that a device receives, which are few, and the ARP cache and what
 * bridges learn, which never rests on a busy node. The kernel drops the latter before they wake anybody.
 */
static int drop_neighbours(struct nl *nl)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE_AT),
		JUMP(TYPE(RTM_NEWNEIGH), 1, 0),
		JUMP(TYPE(RTM_DELNEIGH), 0, 4),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FAMILY_AT),
		JUMP(AF_BRIDGE, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NTF_SELF, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program)) < 0
		       ? -errno
		       : 0;
}

static int join(struct nl *nl, int group)
{
	return mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 ? -errno : 0;
}

static int add_to_epoll(int epoll, struct nl *nl)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, mnl_socket_get_fd(nl->sock), &event) < 0 ? -errno : 0;
}

static int open_nft(struct watch *watch)
{
	struct nl *nl = &watch->nft.nl;
	int rc = nl_open(nl, NETLINK_NETFILTER);

	if (rc == 0)
		rc = join(nl, NFNLGRP_NFTABLES);
	return rc < 0 ? rc : add_to_epoll(watch->fd, nl);
}

static int open_rtnl(struct watch *watch)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_NEIGH };
	struct nl *nl = &watch->rtnl.nl;
	int rc = nl_open(nl, NETLINK_ROUTE);
	size_t i;

	if (rc == 0)
		rc = drop_neighbours(nl);
	for (i = 0; rc == 0 && i < sizeof(groups) / sizeof(groups[0]); i++)
		rc = join(nl, groups[i]);
	return rc < 0 ? rc : add_to_epoll(watch->fd, nl);
}

int watch_open(struct watch *watch)
{
	int rc;

	memset(watch, 0, sizeof(*watch));
	watch->fd = epoll_create1(EPOLL_CLOEXEC);
	rc = watch->fd < 0 ? -errno : open_nft(watch);
	if (rc == 0)
		rc = open_rtnl(watch);
	if (rc < 0)
		watch_close(watch);
	return rc;
}

void watch_close(struct watch *watch)
{
	nl_close(&watch->nft.nl);
	nl_close(&watch->rtnl.nl);
	if (watch->fd >= 0)
		(void)close(watch->fd);
	watch->fd = -1;
}

/* The next message of a socket: 1, 0: there is none, -ENOBUFS: some were lost. */
static int next_message(struct watch_source *source, const struct nlmsghdr **ret_nlh)
{
	int len;

	if (!mnl_nlmsg_ok(source->next, source->left)) {
		source->left = 0;
		len = nl_poll(&source->nl);
		if (len <= 0)
			return len;
		source->next = (const struct nlmsghdr *)(const void *)source->nl.buf;
		source->left = len;
	}
	if (!mnl_nlmsg_ok(source->next, source->left))
		return -ENOBUFS;
	*ret_nlh = source->next;
	source->next = mnl_nlmsg_next(source->next, &source->left);
	return 1;
}

static int next_news(struct watch_source *source, void (*read)(const struct nlmsghdr *, struct watch_news *),
		     struct watch_news *ret_news)
{
	const struct nlmsghdr *nlh;
	int rc = next_message(source, &nlh);

	memset(ret_news, 0, sizeof(*ret_news));
	if (rc == -ENOBUFS) {
		ret_news->kind = WATCH_LOST;
		return 1;
	}
	if (rc == 1)
		read(nlh, ret_news);
	return rc;
}

int watch_next(struct watch *watch, struct watch_news *ret_news)
{
	int rc = next_news(&watch->nft, watch_read_nft, ret_news);

	return rc ? rc : next_news(&watch->rtnl, watch_read_rtnl, ret_news);
}
