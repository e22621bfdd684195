/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busy NETNS MILLISECONDS elsewhere|move|come [ADDRESS]
 *
 * Commits something every so many milliseconds, until SIGTERM, and prints "busy" when it has done so for the first
 * time: makes and removes a table of somebody else; moves bucket 1 of a cluster IP away and back; creates a cluster IP on
 * dev eth0 and destroys it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <clusterip/clusterip.h>
#include <libmnl/libmnl.h>

#include "tool.h"

static struct cip_ctx *ctx;
static struct mnl_socket *nl;
static const char *target;
static volatile sig_atomic_t stopped;

static struct nlmsghdr *put(struct mnl_nlmsg_batch *batch, uint16_t type, uint8_t family, uint16_t res_id)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(mnl_nlmsg_batch_current(batch));
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nfg->nfgen_family = family;
	nfg->res_id = htons(res_id);
	return nlh;
}

static void elsewhere(int there)
{
	char buf[512] = { 0 };
	struct mnl_nlmsg_batch *batch = mnl_nlmsg_batch_start(buf, sizeof(buf) / 2);
	struct nlmsghdr *nlh;

	if (!batch)
		die("no memory");
	put(batch, NFNL_MSG_BATCH_BEGIN, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	mnl_nlmsg_batch_next(batch);
	nlh = put(batch, NFNL_SUBSYS_NFTABLES << 8 | (there ? NFT_MSG_DELTABLE : NFT_MSG_NEWTABLE),
		  NFPROTO_IPV4, 0);
	nlh->nlmsg_flags |= there ? 0 : NLM_F_CREATE;
	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, "elsewhere");
	mnl_nlmsg_batch_next(batch);
	put(batch, NFNL_MSG_BATCH_END, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	mnl_nlmsg_batch_next(batch);
	if (mnl_socket_sendto(nl, mnl_nlmsg_batch_head(batch), mnl_nlmsg_batch_size(batch)) < 0)
		die("cannot commit");
	mnl_nlmsg_batch_stop(batch);
}

static void check(int ret)
{
	errno = -ret;
	if (ret && ret != -EBUSY)
		die("%s: %s", target, cip_get_error(ctx));
}

static void move(int there)
{
	check(there ? cip_remove_buckets(ctx, target, NULL, "1") : cip_add_buckets(ctx, target, NULL, "1"));
}

static void come(int there)
{
	struct cip_cluster *cluster;
	char text[128];

	if (there) {
		check(cip_destroy(ctx, target, NULL));
		return;
	}
	snprintf(text, sizeof(text), "%s dev eth0 total 8 buckets 1", target);
	check(cip_cluster_new(ctx, &cluster));
	check(cip_cluster_parse(cluster, text));
	check(cip_create(ctx, cluster));
	cip_cluster_unref(cluster);
}

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static void repeat(void (*change)(int there), uint32_t ms)
{
	int there = 0;

	change(there);
	puts("busy");
	fflush(stdout);
	while (!stopped || !there) {
		sleep_us(ms * 1000);
		there = !there;
		change(there);
	}
}

int main(int argc, char **argv)
{
	uint32_t ms;

	errno = 0;
	if (argc < 4)
		die("usage: busy NETNS MILLISECONDS elsewhere|move|come [ADDRESS]");
	ms = number(argv[2], 60000);
	target = argc > 4 ? argv[4] : "";
	enter_netns(argv[1]);
	nl = mnl_socket_open(NETLINK_NETFILTER);
	if (!nl || cip_new(&ctx))
		die("no socket");
	signal(SIGTERM, stop);
	repeat(!strcmp(argv[3], "elsewhere") ? elsewhere : !strcmp(argv[3], "move") ? move : come, ms);
	return 0;
}
