/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_NL_H
#define CIP_WIRE_NL_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

struct mnl_socket;

/* One netlink socket. */
struct nl {
	struct mnl_socket *sock;
	uint32_t portid;
	uint32_t seq;	 /* of the last message sent */
	size_t sndbuf;	 /* bytes asked for so far */
	uint32_t window; /* answers that the socket has room for */
	char *buf;	 /* for receiving */
	int journaled;	 /* what changes while it is read is learnt elsewhere: a dump is not in vain then */
	char text[192];	 /* the kernel's extended acknowledgement of the last error, or "" */
};

/*
 * Gets every message that is not an acknowledgement, up to the first negative result, which becomes that of the request:
 * what follows is read and passed over, for the next request would meet it.
 */
typedef int (*nl_cb)(const struct nlmsghdr *nlh, void *data);

int nl_open(struct nl *nl, int bus);
void nl_close(struct nl *nl);

/* -EMSGSIZE: it is larger than the socket may send in one piece; nl->text says which sysctl that depends on. */
int nl_send(struct nl *nl, const void *data, size_t len);
/*
 * Receive one datagram into nl->buf. The kernel answers before send() returns, so nothing there means that
 * answers were lost: -ENOBUFS, also for a truncated one. Returns the length.
 */
int nl_receive(struct nl *nl);
/* The same where nothing need be there: 0 then. */
int nl_poll(struct nl *nl);
/* The code of an NLMSG_ERROR, its text kept in nl->text. The kernel's own -ENOBUFS is -ENOSPC. */
int nl_error_code(struct nl *nl, const struct nlmsghdr *nlh);

/* The first attribute of a type behind the "offset" bytes of a message's fixed header; NULL if there is none. */
const struct nlattr *nl_find_attr(const struct nlmsghdr *nlh, unsigned int offset, uint16_t type);
/* The same inside a nested attribute. */
const struct nlattr *nl_find_nested(const struct nlattr *nest, uint16_t type);

/*
 * Send one request, whose sequence number must be nl->seq, and take all its answers. It must carry NLM_F_ACK or
 * NLM_F_DUMP. Returns 0; -EINTR: a dump that changed while it was read; -ENOBUFS: answers were lost; else
 * what the kernel or the callback answered.
 */
int nl_request(struct nl *nl, struct nlmsghdr *nlh, nl_cb cb, void *data);
/*
 * The same for a request that changes what may be so already: "already" is the kernel's word for that, and no error.
 * Where the answer was lost the kernel is asked again, and what is there then counts as changed by us. *ret_changed is set
 * in any case: what fails behind a lost answer may have been done.
 */
int nl_change(struct nl *nl, struct nlmsghdr *nlh, int already, int *ret_changed);
/*
 * Send "count" requests without NLM_F_ACK back to back, so many at once as their answers find room; each is answered by
 * one message or one error. What does not exist (-ENOENT) is passed over. Returns as nl_request().
 */
int nl_pipeline(struct nl *nl, const void *requests, size_t len, uint32_t count, nl_cb cb, void *data);

#endif
