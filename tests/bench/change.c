/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "change.h"

#include <arpa/inet.h>
#include <clusterip/clusterip.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "command.h"
#include "series.h"
#include "util.h"

/* Not local, but for the short time between the two halves of a measurement. */
#define BUCKET "6"

/* A library call is short beside what disturbs it: a round's value is the median of several. */
#define PAIRS 16

#define ADD_DELETE 2

struct change {
	enum family family;
	uint32_t cluster_ips;
	const char *cipadm;
	char address[TEXT_SIZE];
	int library, copy, iptables; /* namespaces */
	int netlink;
	struct cip_ctx *ctx;
};

static int open_netlink(int netns)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd;

	enter_netns(netns);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (fd < 0 || connect(fd, (struct sockaddr *)&kernel, sizeof(kernel)))
		die("no netlink socket");
	return fd;
}

struct change *change_new(const char *prefix, enum family family, uint32_t cluster_ips, const char *cipadm)
{
	struct change *change = allocate(1, sizeof(*change));

	change->family = family;
	change->cluster_ips = cluster_ips;
	change->cipadm = cipadm;
	cluster_text(family, cluster_ips / 2, change->address);
	change->library = open_netns(prefix, "library", family, cluster_ips);
	change->copy = open_netns(prefix, "copy", family, cluster_ips);
	change->iptables = open_netns(prefix, "iptables", family, cluster_ips);
	change->netlink = open_netlink(change->library);
	errno = 0;
	if (cip_new(&change->ctx))
		die("no context");
	return change;
}

struct batch_message {
	struct nlmsghdr header;
	struct nfgenmsg body;
};

static struct batch_message batch_message(uint16_t type, uint16_t flags)
{
	struct batch_message message = {
		.header = { .nlmsg_len = sizeof(message),
			    .nlmsg_type = type,
			    .nlmsg_flags = NLM_F_REQUEST | flags },
		.body = { .nfgen_family = AF_UNSPEC, .res_id = htons(NFNL_SUBSYS_NFTABLES) },
	};
	return message;
}

static double empty_batch(const struct change *change)
{
	struct batch_message batch[] = {
		batch_message(NFNL_MSG_BATCH_BEGIN, NLM_F_ACK),
		batch_message(NFNL_MSG_BATCH_END, 0),
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr body;
	} answer;
	double us = wall_us();

	if (send(change->netlink, batch, sizeof(batch), 0) != sizeof(batch) ||
	    recv(change->netlink, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer))
		die("no answer to an empty batch");
	us = wall_us() - us;
	errno = -answer.body.error;
	if (answer.header.nlmsg_type != NLMSG_ERROR || answer.body.error)
		die("the kernel refuses an empty batch");
	return us;
}

static double library_call(const struct change *change, bool add)
{
	double us = wall_us();
	int err;

	if (add)
		err = cip_add_buckets(change->ctx, change->address, NULL, BUCKET);
	else
		err = cip_remove_buckets(change->ctx, change->address, NULL, BUCKET);
	us = wall_us() - us;
	errno = 0;
	if (err)
		die("bucket " BUCKET " of %s: %s", change->address, cip_get_error(change->ctx));
	if (!cip_plan_count(change->ctx))
		die("bucket " BUCKET " of %s did not change", change->address);
	return us;
}

static void add_median(const struct change *change, const char *way, double *values, size_t count)
{
	series_add(series_get("%s %u %u", way, families[change->family].number, change->cluster_ips),
		   median(values, count));
}

static void measure_calls(const struct change *change)
{
	double empty[PAIRS * ADD_DELETE], library[PAIRS * ADD_DELETE];

	enter_netns(change->library);
	for (size_t i = 0; i < ARRAY_SIZE(empty); i++) {
		empty[i] = empty_batch(change);
		library[i] = library_call(change, i % 2 == 0);
	}
	add_median(change, CHANGE_EMPTY, empty, ARRAY_SIZE(empty));
	add_median(change, CHANGE_LIBRARY, library, ARRAY_SIZE(library));
}

static double cipadm(const struct change *change, bool add)
{
	const char *argv[] = {
		change->cipadm, "--quiet", "bucket", add ? "add" : "del", change->address, BUCKET, NULL,
	};

	enter_netns(change->library);
	return command_run(argv, 0);
}

/* A bucket is two elements, see footprint.md; the number is that of no slot in use. */
static double nft(const struct change *change, bool add)
{
	const char *verb = add ? "add" : "delete", *family = families[change->family].nft;
	const char *address = change->address;
	char text[256];
	const char *argv[] = { "nft", text, NULL };

	snprintf(text, sizeof(text),
		 "%s element %s clusterip buckets { %s . 4000000000 }; %s element %s clusterip assigned { %s . "
		 "4000000000 }",
		 verb, family, address, verb, family, address);
	enter_netns(change->copy);
	return command_run(argv, 0);
}

static double iptables_rule(const struct change *change, const char *verb, bool bucket, int status)
{
	const char *program = families[change->family].iptables;
	const char *drop[] = {
		program,	 "-t", "mangle", verb, "PREROUTING", "-d",
		change->address, "-i", DEVICE,	 "-j", "DROP",	     NULL,
	};
	const char *accept[] = {
		program,
		"-t",
		"mangle",
		verb,
		"PREROUTING",
		"-d",
		change->address,
		"-i",
		DEVICE,
		"-m",
		"cluster",
		"--cluster-hash-seed",
		"0x1234",
		"--cluster-total-nodes",
		"16",
		"--cluster-local-node",
		BUCKET,
		"-j",
		"ACCEPT",
		NULL,
	};

	return command_run(bucket ? accept : drop, status);
}

static double iptables(const struct change *change, bool add)
{
	enter_netns(change->iptables);
	return iptables_rule(change, add ? "-I" : "-D", true, 0);
}

/* Before IPaddr2 inserts or deletes the rule of a bucket, it looks for the one that drops, and for that of the bucket. */
static double agent_looks(const struct change *change, bool add)
{
	enter_netns(change->iptables);
	return iptables_rule(change, "--check", false, 0) + iptables_rule(change, "--check", true, add);
}

static void measure_commands(const struct change *change)
{
	bool has_agent = change->family == IPV4;
	double us[4][ADD_DELETE];

	for (size_t i = 0; i < ADD_DELETE; i++) {
		us[0][i] = cipadm(change, i == 0);
		us[1][i] = nft(change, i == 0);
		us[2][i] = has_agent ? agent_looks(change, i == 0) : 0;
		us[3][i] = iptables(change, i == 0);
		us[2][i] += us[3][i];
	}
	add_median(change, CHANGE_CIPADM, us[0], ADD_DELETE);
	add_median(change, CHANGE_NFT, us[1], ADD_DELETE);
	if (has_agent)
		add_median(change, CHANGE_AGENT, us[2], ADD_DELETE);
	add_median(change, CHANGE_IPTABLES, us[3], ADD_DELETE);
}

void change_measure(struct change *change)
{
	measure_calls(change);
	measure_commands(change);
}
