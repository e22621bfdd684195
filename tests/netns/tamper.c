/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tamper NETNS CHAIN seed|modulus|offset VALUE
 *
 * Replaces one number in every rule of a chain of the table "ip clusterip" that computes a hash, and nothing else.
 * The nft command cannot do that: it does not know the byte order step.
 */
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

#include "tool.h"

#define TABLE	  "clusterip"
#define RULES_MAX 16

static struct nftnl_rule *rules[RULES_MAX];
static int found;
static struct mnl_socket *nl;

static struct nftnl_expr *find_hash(struct nftnl_rule *rule)
{
	struct nftnl_expr_iter *iter = nftnl_expr_iter_create(rule);
	struct nftnl_expr *expr;

	while ((expr = nftnl_expr_iter_next(iter)))
		if (!strcmp(nftnl_expr_get_str(expr, NFTNL_EXPR_NAME), "hash"))
			break;
	nftnl_expr_iter_destroy(iter);
	return expr;
}

static int keep_rule(const struct nlmsghdr *message, void *chain)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();

	if (!rule || nftnl_rule_nlmsg_parse(message, rule) || found == RULES_MAX)
		die("cannot read a rule");
	if (!strcmp(nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN), chain) && find_hash(rule))
		rules[found++] = rule;
	else
		nftnl_rule_free(rule);
	return MNL_CB_OK;
}

static void read_rules(char *chain)
{
	static char buffer[65536];
	struct nftnl_rule *filter = nftnl_rule_alloc();
	struct nlmsghdr *message;
	ssize_t size;
	int ret;

	message = nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETRULE, NFPROTO_IPV4, NLM_F_DUMP, 1);
	nftnl_rule_set_str(filter, NFTNL_RULE_TABLE, TABLE);
	nftnl_rule_nlmsg_build_payload(message, filter);
	nftnl_rule_free(filter);
	if (mnl_socket_sendto(nl, message, message->nlmsg_len) < 0)
		die("dump");
	do {
		size = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
		ret = size < 0 ? -1
			       : mnl_cb_run(buffer, (size_t)size, 1, mnl_socket_get_portid(nl), keep_rule,
					    chain);
	} while (ret > 0);
	if (ret < 0)
		die("dump");
}

static uint16_t field_of(const char *name)
{
	if (!strcmp(name, "seed"))
		return NFTNL_EXPR_HASH_SEED;
	if (!strcmp(name, "modulus"))
		return NFTNL_EXPR_HASH_MODULUS;
	if (!strcmp(name, "offset"))
		return NFTNL_EXPR_HASH_OFFSET;
	die("'%s' is none of seed, modulus, offset", name);
}

/* The kernel answers every message of the batch that asks for it, and each that it does not like. */
static void send_batch(struct mnl_nlmsg_batch *batch)
{
	char buffer[8192];
	ssize_t size;
	int i;

	if (mnl_socket_sendto(nl, mnl_nlmsg_batch_head(batch), mnl_nlmsg_batch_size(batch)) < 0)
		die("batch");
	for (i = 0; i < found; i++) {
		size = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
		if (size < 0 || mnl_cb_run(buffer, (size_t)size, 0, mnl_socket_get_portid(nl), NULL, NULL) < 0)
			die("the kernel refuses it");
	}
}

static void replace_rules(uint16_t field, uint32_t value)
{
	static char buffer[131072];
	struct mnl_nlmsg_batch *batch = mnl_nlmsg_batch_start(buffer, sizeof(buffer) / 2);
	struct nlmsghdr *message;
	uint32_t sequence = (uint32_t)time(NULL);
	int i;

	nftnl_batch_begin(mnl_nlmsg_batch_current(batch), sequence++);
	mnl_nlmsg_batch_next(batch);
	for (i = 0; i < found; i++) {
		nftnl_expr_set_u32(find_hash(rules[i]), field, value);
		nftnl_rule_unset(rules[i], NFTNL_RULE_POSITION);
		message = nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(batch), NFT_MSG_NEWRULE, NFPROTO_IPV4,
						NLM_F_REPLACE | NLM_F_ACK, sequence++);
		nftnl_rule_nlmsg_build_payload(message, rules[i]);
		mnl_nlmsg_batch_next(batch);
	}
	nftnl_batch_end(mnl_nlmsg_batch_current(batch), sequence++);
	mnl_nlmsg_batch_next(batch);
	send_batch(batch);
	mnl_nlmsg_batch_stop(batch);
}

int main(int argc, char **argv)
{
	errno = 0;
	if (argc != 5)
		die("usage: tamper NETNS CHAIN seed|modulus|offset VALUE");
	enter_netns(argv[1]);
	nl = mnl_socket_open(NETLINK_NETFILTER);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID))
		die("netlink");
	read_rules(argv[2]);
	errno = 0;
	if (!found)
		die("no rule of %s has a hash", argv[2]);
	replace_rules(field_of(argv[3]), number(argv[4], UINT32_MAX));
	mnl_socket_close(nl);
	return 0;
}
