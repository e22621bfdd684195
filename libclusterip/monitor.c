/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "monitor.h"
#include "nft.h"
#include "wire-rtnl.h"
#include "text.h"

static int refuse(struct cip_ctx *ctx, int rc)
{
	if (rc == -ENOMEM)
		return cip_error_nomem(ctx);
	if (rc == -EPERM)
		return cip_error(ctx, rc, CIP_ATTR_NONE,
				 "watching the kernel needs CAP_NET_ADMIN in the network namespace");
	return cip_error(ctx, rc, CIP_ATTR_NONE, "cannot watch the kernel: %s", strerror(-rc));
}

static int open_all(struct cip_monitor *monitor)
{
	int rc = nl_open(&monitor->nl, NETLINK_ROUTE);

	if (rc < 0)
		return rc;
	rc = watch_open(&monitor->watch);
	if (rc < 0)
		nl_close(&monitor->nl);
	return rc;
}

int monitor_new(struct cip_ctx *ctx, struct cip_monitor **ret_monitor)
{
	struct cip_monitor *monitor = calloc(1, sizeof(*monitor));
	int rc = monitor ? open_all(monitor) : -ENOMEM;

	if (rc < 0) {
		free(monitor);
		return refuse(ctx, rc);
	}
	refcount_init(&monitor->refcount);
	monitor->maker = getpid();
	monitor->ctx = cip_ref(ctx);
	*ret_monitor = monitor;
	return 0;
}

struct cip_monitor *monitor_unref(struct cip_monitor *monitor)
{
	if (!monitor || !refcount_drop(&monitor->refcount))
		return NULL;
	watch_close(&monitor->watch);
	nl_close(&monitor->nl);
	cip_unref(monitor->ctx);
	free(monitor);
	return NULL;
}

static int is_ours(const struct watch_news *news)
{
	return (news->family == NFPROTO_IPV4 || news->family == NFPROTO_IPV6 ||
		news->family == NFPROTO_NETDEV || news->family == NFPROTO_ARP) &&
	       !strcmp(news->table, NFT_TABLE);
}

/* Objects come first, and the commit that they are part of behind them. */
static int take_object(struct cip_monitor *monitor, const struct watch_news *news)
{
	if (is_ours(news)) {
		monitor->touched = 1;
		monitor->deleted |= news->is_table && news->gone;
	}
	return 0;
}

static int take_commit(struct cip_monitor *monitor, const struct watch_news *news)
{
	const char *what = monitor->deleted ? "deleted a table" : "changed the tables";
	int touched = monitor->touched;

	monitor->touched = monitor->deleted = 0;
	if (!touched)
		return 0;
	monitor->event = CIP_EVENT_RULES;
	monitor->pid = news->pid;
	/* anybody may call itself anything */
	snprintf(monitor->process, sizeof(monitor->process), "%s", news->process);
	text_clean(monitor->process);
	if (news->pid)
		snprintf(monitor->text, sizeof(monitor->text), "%s (pid %u) %s of cluster IPs",
			 monitor->process, news->pid, what);
	else
		snprintf(monitor->text, sizeof(monitor->text), "somebody %s of cluster IPs", what);
	return 1;
}

static int take_link(struct cip_monitor *monitor, const struct watch_news *news)
{
	monitor->event = CIP_EVENT_DEVICE;
	snprintf(monitor->ifname, sizeof(monitor->ifname), "%s", news->ifname);
	snprintf(monitor->text, sizeof(monitor->text), "dev %s is %s", news->ifname,
		 news->gone ? "gone"
		 : news->up ? "up"
			    : "down");
	return 1;
}

/* The message has the index; of a device that is gone already the name is not to be had. */
static void name_device(struct cip_monitor *monitor, uint32_t index)
{
	if (rtnl_link_name(&monitor->nl, index, monitor->ifname) < 0)
		monitor->ifname[0] = '\0';
}

static int take_addr(struct cip_monitor *monitor, const struct watch_news *news)
{
	monitor->event = CIP_EVENT_ADDRESS;
	name_device(monitor, news->index);
	addr_format(&news->addr, monitor->address);
	snprintf(monitor->text, sizeof(monitor->text), "address %s/%u was %s dev %s", monitor->address,
		 news->prefix, news->gone ? "removed from" : "put on",
		 *monitor->ifname ? monitor->ifname : "(gone)");
	return 1;
}

static int take_mac(struct cip_monitor *monitor, const struct watch_news *news)
{
	char mac[MAC_TEXT_MAX];

	if (!(news->mac[0] & 1))
		return 0;
	monitor->event = CIP_EVENT_MAC;
	name_device(monitor, news->index);
	mac_format(news->mac, mac);
	snprintf(monitor->text, sizeof(monitor->text), "MAC %s was %s dev %s", mac,
		 news->gone ? "removed from" : "put on", *monitor->ifname ? monitor->ifname : "(gone)");
	return 1;
}

static int take_loss(struct cip_monitor *monitor)
{
	monitor->event = CIP_EVENT_LOST;
	snprintf(monitor->text, sizeof(monitor->text), "there were more changes than the kernel could tell of");
	return 1;
}

static int take(struct cip_monitor *monitor, const struct watch_news *news)
{
	monitor->pid = 0;
	monitor->process[0] = monitor->address[0] = monitor->ifname[0] = '\0';
	switch (news->kind) {
	case WATCH_OBJECT:
		return take_object(monitor, news);
	case WATCH_COMMIT:
		return take_commit(monitor, news);
	case WATCH_LINK:
		return take_link(monitor, news);
	case WATCH_ADDR:
		return take_addr(monitor, news);
	case WATCH_MAC:
		return take_mac(monitor, news);
	case WATCH_LOST:
		return take_loss(monitor);
	case WATCH_NONE:
		break;
	}
	return 0;
}

int monitor_next(struct cip_monitor *monitor)
{
	struct watch_news news;
	int rc;

	/* to read here would take it from the parent */
	if (monitor->maker != getpid())
		return cip_error(monitor->ctx, -ECHILD, CIP_ATTR_NONE,
				 "the monitor belongs to process %d, which has called fork(): make another",
				 (int)monitor->maker);
	do
		rc = watch_next(&monitor->watch, &news);
	while (rc == 1 && !take(monitor, &news));
	text_clean(monitor->text);
	return rc < 0 ? refuse(monitor->ctx, rc) : rc;
}
