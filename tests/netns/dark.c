/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dark CLIENT NODE ADDRESS TIMES FOREIGN OWN
 *
 * How long is a node without its rules? Flushes the whole ruleset of the namespace NODE so many times, each time at
 * another moment, and waits for the transaction that brings the tables of cluster IPs back, which somebody else has to
 * make. Meanwhile CLIENT floods ADDRESS from the addresses FOREIGN, whose bucket the node must not let in, and OWN. Time
 * runs from before the kernel is asked to flush until its word about that transaction is here, so it is rather too
 * long than too short.
 *
 * Prints one line. Exit status 1: the rules did not come back, or cip_verify() found a fault behind it, or foreign
 * packets were let in while the rules were there, or own ones were not.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include <clusterip/clusterip.h>

#include "flood.h"
#include "tool.h"

#define BACK_MS	   10000 /* somebody puts the rules back by then, or never */
#define PAUSE_US   20000
#define SETTLE_US  1000 /* packets that passed before the rules came back are in the socket by then */
#define BETWEEN_US 100
#define ROUNDS_MAX 10000

static uint32_t foreign_dark, foreign_lit; /* let in without rules, and with them */
static uint64_t dark_us[ROUNDS_MAX];

/* ------------------------------------------------------------------ rules */

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_NETFILTER);

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	return nl;
}

static struct nlmsghdr *put(char *buf, uint16_t type, uint16_t flags, uint16_t resource)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nfg->nfgen_family = AF_UNSPEC;
	nfg->version = NFNETLINK_V0;
	nfg->res_id = htons(resource);
	return nlh;
}

/* what "nft flush ruleset" sends: delete the tables of all families and names */
static void flush_ruleset(struct mnl_socket *nl)
{
	char buf[256], answer[8192];
	size_t len = 0;

	len += put(buf, NFNL_MSG_BATCH_BEGIN, 0, NFNL_SUBSYS_NFTABLES)->nlmsg_len;
	len += put(buf + len, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE, NLM_F_ACK, 0)->nlmsg_len;
	len += put(buf + len, NFNL_MSG_BATCH_END, 0, NFNL_SUBSYS_NFTABLES)->nlmsg_len;
	if (mnl_socket_sendto(nl, buf, len) < 0)
		die("flush");
	if (mnl_socket_recvfrom(nl, answer, sizeof(answer)) <= 0 ||
	    ((struct nlmsgerr *)mnl_nlmsg_get_payload((void *)answer))->error)
		die("flush");
}

static int made; /* a table, by the transaction whose messages are being read */
static int back;

static int take_message(const struct nlmsghdr *nlh, void *data)
{
	(void)data;
	if ((nlh->nlmsg_type & 0xff) == NFT_MSG_NEWTABLE)
		made = 1;
	if ((nlh->nlmsg_type & 0xff) == NFT_MSG_NEWGEN) {
		back |= made;
		made = 0;
	}
	return MNL_CB_OK;
}

static int wait_back(struct mnl_socket *events)
{
	struct pollfd pollfd = { .fd = mnl_socket_get_fd(events), .events = POLLIN };
	static char buf[65536];
	ssize_t len;

	for (back = 0; !back;) {
		if (poll(&pollfd, 1, BACK_MS) != 1)
			return 0;
		len = mnl_socket_recvfrom(events, buf, sizeof(buf));
		if (len < 0 || mnl_cb_run(buf, (size_t)len, 0, 0, take_message, NULL) < 0)
			die("events");
	}
	return 1;
}

/* ------------------------------------------------------------------ rounds */

/* What is measured is how late the others are, not how late this process learns of it. */
static void run_first(void)
{
	struct sched_param param = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		die("sched_setscheduler");
}

static int is_clean(struct cip_ctx *ctx)
{
	struct cip_report *report;
	int clean;

	errno = 0;
	if (cip_verify(ctx, NULL, NULL, &report))
		die("verify: %s", cip_get_error(ctx));
	clean = cip_report_count(report) == 0;
	if (!clean)
		fprintf(stderr, "%s\n", cip_report_get_text(report, 0));
	cip_report_unref(report);
	return clean;
}

/* Foreign packets let in since the last time belong to *where. */
static void count_foreign(struct flood *flood, uint32_t *where)
{
	flood_count(flood);
	*where += flood->foreign;
	flood->foreign = 0;
}

static int run_round(struct cip_ctx *ctx, struct mnl_socket *nl, struct mnl_socket *events, struct flood *flood,
		     uint64_t *ret_us)
{
	uint64_t start;

	count_foreign(flood, &foreign_lit);
	start = now_us();
	flush_ruleset(nl);
	if (!wait_back(events))
		return 0;
	*ret_us = now_us() - start;
	sleep_us(SETTLE_US);
	count_foreign(flood, &foreign_dark);
	return is_clean(ctx);
}

static uint32_t run_rounds(const char *node, uint32_t times, struct flood *flood)
{
	int group = NFNLGRP_NFTABLES;
	struct mnl_socket *nl, *events;
	struct cip_ctx *ctx;
	uint64_t seed = 1;
	uint32_t i;

	enter_netns(node);
	nl = open_socket();
	events = open_socket();
	if (cip_new(&ctx) || mnl_socket_setsockopt(events, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		die("cannot listen");
	for (i = 0; i < times; i++) {
		sleep_us(random_u32(&seed) % PAUSE_US);
		if (!run_round(ctx, nl, events, flood, &dark_us[i]))
			break;
	}
	count_foreign(flood, &foreign_lit);
	mnl_socket_close(nl);
	mnl_socket_close(events);
	cip_unref(ctx);
	return i;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void print_times(uint32_t done, uint32_t times, uint32_t own)
{
	qsort(dark_us, done, sizeof(dark_us[0]), by_size);
	printf("%u of %u flushes put back, without rules for %.2f ms (median), %.2f ms (maximum); ", done,
	       times, done ? (double)dark_us[done / 2] / 1000 : 0, done ? (double)dark_us[done - 1] / 1000 : 0);
	printf("foreign packets let in: %u without rules, %u with; own: %u\n", foreign_dark, foreign_lit, own);
}

int main(int argc, char **argv)
{
	struct flood_clients clients = { .pause_us = BETWEEN_US };
	uint32_t times, done;
	struct flood flood;

	errno = 0;
	if (argc != 7)
		die("usage: dark CLIENT NODE ADDRESS TIMES FOREIGN OWN");
	times = number(argv[4], ROUNDS_MAX);
	clients.foreign = address(argv[5]);
	clients.own = address(argv[6]);
	flood = flood_start(argv[1], argv[2], address(argv[3]), &clients);
	run_first();
	done = run_rounds(argv[2], times, &flood);
	flood_stop(&flood);
	print_times(done, times, flood.own);
	return done != times || foreign_lit || !flood.own;
}
