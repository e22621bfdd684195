/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel.h"

static struct mnl_socket *rtnl, *nft;
static uint32_t seq;
static char request[8192], reply[65536];

_Noreturn void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "faults: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(2);
}

static struct mnl_socket *open_bus(int bus)
{
	struct mnl_socket *sock = mnl_socket_open2(bus, SOCK_CLOEXEC);

	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink: %s", strerror(errno));
	return sock;
}

static struct nlmsghdr *put_header(uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh;

	memset(request, 0, sizeof(request));
	nlh = mnl_nlmsg_put_header(request);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++seq;
	return nlh;
}

static int ask(struct mnl_socket *sock, size_t len, mnl_cb_t cb, void *data)
{
	ssize_t size;
	int rc = 1;

	if (mnl_socket_sendto(sock, request, len) < 0)
		die("sending: %s", strerror(errno));
	while (rc > 0) {
		size = mnl_socket_recvfrom(sock, reply, sizeof(reply));
		rc = size < 0 ? -1
			      : mnl_cb_run(reply, (size_t)size, seq, mnl_socket_get_portid(sock), cb, data);
	}
	return rc < 0 ? -errno : 0;
}

static const struct nlattr *attr_before(const struct nlattr *attr, const void *end)
{
	return mnl_attr_ok(attr, (int)((const char *)end - (const char *)attr)) ? attr : NULL;
}

const struct nlattr *attr_first(const struct nlmsghdr *nlh, size_t header)
{
	return attr_before(mnl_nlmsg_get_payload_offset(nlh, header), mnl_nlmsg_get_payload_tail(nlh));
}

const struct nlattr *attr_next(const struct nlmsghdr *nlh, const struct nlattr *attr)
{
	return attr_before(mnl_attr_next(attr), mnl_nlmsg_get_payload_tail(nlh));
}

const struct nlattr *nested_first(const struct nlattr *nest)
{
	return attr_before(mnl_attr_get_payload(nest), (const char *)nest + nest->nla_len);
}

const struct nlattr *nested_next(const struct nlattr *nest, const struct nlattr *attr)
{
	return attr_before(mnl_attr_next(attr), (const char *)nest + nest->nla_len);
}

struct nlmsghdr *rtnl_request(uint16_t type, uint16_t flags)
{
	return put_header(type, flags);
}

int rtnl_ask(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	return ask(rtnl, nlh->nlmsg_len, cb, data);
}

struct nlmsghdr *nft_request(uint16_t type, uint8_t family, uint16_t flags)
{
	struct nlmsghdr *nlh = put_header((uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));

	nfg->nfgen_family = family;
	return nlh;
}

int nft_ask(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	return ask(nft, nlh->nlmsg_len, cb, data);
}

static struct nlmsghdr *put_batch_mark(char *at, uint16_t type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(at);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nfg->res_id = htons(NFNL_SUBSYS_NFTABLES);
	return nlh;
}

/* One change, which was put together as a request, as a batch. */
static void commit(struct nlmsghdr *nlh, int may_fail)
{
	static char message[sizeof(request) / 2];
	size_t size = nlh->nlmsg_len, len;

	nlh->nlmsg_flags |= NLM_F_ACK;
	memcpy(message, nlh, size);
	memset(request, 0, sizeof(request));
	len = MNL_ALIGN(put_batch_mark(request, NFNL_MSG_BATCH_BEGIN)->nlmsg_len);
	memcpy(request + len, message, size);
	len += MNL_ALIGN(size);
	len += MNL_ALIGN(put_batch_mark(request + len, NFNL_MSG_BATCH_END)->nlmsg_len);
	if (ask(nft, len, NULL, NULL) < 0 && !may_fail)
		die("changing the ruleset: %s", strerror(errno));
}

static int take_generation(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	for (attr = attr_first(nlh, sizeof(struct nfgenmsg)); attr; attr = attr_next(nlh, attr))
		if (mnl_attr_get_type(attr) == NFTA_GEN_ID)
			*(uint32_t *)data = ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_STOP;
}

uint32_t nft_generation(void)
{
	uint32_t generation = 0;

	(void)nft_ask(nft_request(NFT_MSG_GETGEN, AF_UNSPEC, 0), take_generation, &generation);
	return generation;
}

/* ------------------------------------------------------------------ rules */

uint8_t read_address(const char *text, uint8_t *bytes)
{
	if (inet_pton(AF_INET, text, bytes) == 1)
		return 4;
	if (inet_pton(AF_INET6, text, bytes) != 1)
		die("no address: %s", text);
	return 16;
}

static void change_elem(uint16_t type, uint8_t family, const char *set, const uint8_t *data, size_t len)
{
	struct nlmsghdr *nlh = nft_request(type, family, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);
	struct nlattr *list, *elem, *key;

	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, "clusterip");
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, set);
	list = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_LIST_ELEMENTS);
	elem = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
	key = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_KEY);
	mnl_attr_put(nlh, NFTA_DATA_VALUE, len, data);
	mnl_attr_nest_end(nlh, key);
	mnl_attr_nest_end(nlh, elem);
	mnl_attr_nest_end(nlh, list);
	commit(nlh, 0);
}

void elem_remove(uint8_t family, const char *set, const char *address)
{
	uint8_t bytes[16];

	change_elem(NFT_MSG_DELSETELEM, family, set, bytes, read_address(address, bytes));
}

void slot_add(uint8_t family, const char *set, const char *address, uint32_t class, uint32_t bucket)
{
	uint32_t slot = class * 1024 + bucket;
	uint8_t bytes[16 + sizeof(slot)];
	size_t len = read_address(address, bytes);

	memcpy(bytes + len, &slot, sizeof(slot));
	change_elem(NFT_MSG_NEWSETELEM, family, set, bytes, len + sizeof(slot));
}

void chain_flush(uint8_t family, const char *chain)
{
	struct nlmsghdr *nlh = nft_request(NFT_MSG_DELRULE, family, 0);

	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, "clusterip");
	mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, chain);
	commit(nlh, 0);
}

/* ------------------------------------------------------------------ */

void write_sysctl(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, 1) != 1)
		die("%s: %s", path, strerror(errno));
	close(fd);
}

static void run(const char *command)
{
	if (system(command))
		die("cannot make devices: %s", command);
}

void kernel_begin(void)
{
	run("ip link set lo up && ip link add " DEVICE " type veth peer name p0 && ip link add " DEVICE_NO_V6
	    " type veth peer name q0 && for d in " DEVICE " p0 " DEVICE_NO_V6
	    " q0; do ip link set $d addrgenmode none up; done");
	write_sysctl("/proc/sys/net/ipv6/conf/" DEVICE_NO_V6 "/disable_ipv6", "1");
}

void kernel_open(void)
{
	rtnl = open_bus(NETLINK_ROUTE);
	nft = open_bus(NETLINK_NETFILTER);
}

int rtnl_fd(void)
{
	return mnl_socket_get_fd(rtnl);
}

/* The flush of everything is a table without a name. */
void kernel_clear(void)
{
	commit(nft_request(NFT_MSG_DELTABLE, AF_UNSPEC, 0), 1);
	devices_clear();
}
