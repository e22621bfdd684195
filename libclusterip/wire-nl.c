/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire-nl.h"

/* Larger than any datagram the kernel builds for a reader with a buffer of this size. */
#define RECEIVE_SIZE 65536
/* Room for the answers to a pipeline; the kernel accounts a page and more for each small one, and doubles the room. */
#define RECEIVE_QUEUE (4 << 20)
/* How often the answer to a change may get lost before it is given up. */
#define LOST_TRIES  16
#define ANSWER_SIZE 8192

static void set_option(struct nl *nl, int option)
{
	int on = 1;

	/* absent on old kernels, which then answer less precisely */
	(void)mnl_socket_setsockopt(nl->sock, option, &on, sizeof(on));
}

/* Who may not have more than everybody, as in a user namespace, asks for less at once. */
static void grow_rcvbuf(struct nl *nl)
{
	int fd = mnl_socket_get_fd(nl->sock), size = RECEIVE_QUEUE;
	socklen_t len = sizeof(size);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) < 0)
		size = 0;
	nl->window = size > ANSWER_SIZE ? (uint32_t)size / ANSWER_SIZE : 1;
}

int nl_open(struct nl *nl, int bus)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int rc;

	memset(nl, 0, sizeof(*nl));
	nl->buf = malloc(RECEIVE_SIZE);
	if (!nl->buf)
		return -ENOMEM;
	nl->sock = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!nl->sock || mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    connect(mnl_socket_get_fd(nl->sock), (const struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		rc = -errno;
		nl_close(nl);
		return rc;
	}
	nl->portid = mnl_socket_get_portid(nl->sock);
	set_option(nl, NETLINK_EXT_ACK);
	set_option(nl, NETLINK_CAP_ACK);
	set_option(nl, NETLINK_GET_STRICT_CHK);
	grow_rcvbuf(nl);
	return 0;
}

void nl_close(struct nl *nl)
{
	if (nl->sock)
		mnl_socket_close(nl->sock);
	free(nl->buf);
	memset(nl, 0, sizeof(*nl));
}

/* A batch goes out in one piece or not at all, however large it is. */
static void grow_sndbuf(struct nl *nl, size_t len)
{
	int size = (int)(len * 2);

	if (len * 2 <= nl->sndbuf || len < 65536)
		return;
	if (!setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		nl->sndbuf = len * 2;
}

static int send_piece(struct nl *nl, const void *data, size_t len)
{
	while (send(mnl_socket_get_fd(nl->sock), data, len, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* SO_SNDBUFFORCE was refused: as far as everybody may go. The kernel doubles the number, and keeps 32 bytes of it. */
static int send_large(struct nl *nl, const void *data, size_t len)
{
	int size = (int)((len + 33) / 2), rc;

	(void)setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	rc = send_piece(nl, data, len);
	if (rc == -EMSGSIZE)
		snprintf(nl->text, sizeof(nl->text),
			 "%zu bytes in one piece: without CAP_NET_ADMIN on the host, sysctl net.core.wmem_max "
			 "has to be %d or more",
			 len, size);
	return rc;
}

int nl_send(struct nl *nl, const void *data, size_t len)
{
	int rc;

	nl->text[0] = '\0';
	grow_sndbuf(nl, len);
	rc = send_piece(nl, data, len);
	return rc == -EMSGSIZE ? send_large(nl, data, len) : rc;
}

int nl_poll(struct nl *nl)
{
	ssize_t len;

	do /* the length before truncation */
		len = recv(mnl_socket_get_fd(nl->sock), nl->buf, RECEIVE_SIZE, MSG_DONTWAIT | MSG_TRUNC);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return errno == EAGAIN ? 0 : -errno;
	return len > RECEIVE_SIZE ? -ENOBUFS : (int)len;
}

int nl_receive(struct nl *nl)
{
	int len = nl_poll(nl);

	/* for want of memory, too, what the kernel has answered is not to be had */
	return len == 0 || len == -ENOMEM ? -ENOBUFS : len;
}

struct attr_question {
	uint16_t type;
	const struct nlattr *found;
};

static int take_attr(const struct nlattr *attr, void *data)
{
	struct attr_question *question = data;

	if (mnl_attr_get_type(attr) != question->type)
		return MNL_CB_OK;
	question->found = attr;
	return MNL_CB_STOP;
}

const struct nlattr *nl_find_attr(const struct nlmsghdr *nlh, unsigned int offset, uint16_t type)
{
	struct attr_question question = { .type = type };

	(void)mnl_attr_parse(nlh, offset, take_attr, &question);
	return question.found;
}

const struct nlattr *nl_find_nested(const struct nlattr *nest, uint16_t type)
{
	struct attr_question question = { .type = type };

	(void)mnl_attr_parse_nested(nest, take_attr, &question);
	return question.found;
}

int nl_error_code(struct nl *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	unsigned int offset = sizeof(*err);
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
		return -EBADMSG;
	if (err->error && nlh->nlmsg_flags & NLM_F_ACK_TLVS) {
		/* the request is echoed before the attributes unless the kernel was told to cap it */
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			offset += (unsigned int)mnl_nlmsg_get_payload_len((const struct nlmsghdr *)&err->msg);
		attr = nl_find_attr(nlh, offset, NLMSGERR_ATTR_MSG);
		if (attr && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			snprintf(nl->text, sizeof(nl->text), "%s", mnl_attr_get_str(attr));
	}
	/* -ENOBUFS is an answer that was lost, and a reason to ask again; this one says that something is full */
	return err->error == -ENOBUFS ? -ENOSPC : err->error;
}

/* Errors of the socket in a row until it is given up. */
#define DRAIN_TRIES 16

/* Something that asks for nothing, and is answered. */
static int poke(struct nl *nl)
{
	const struct nlmsghdr noop = { .nlmsg_len = sizeof(noop),
				       .nlmsg_type = NLMSG_NOOP,
				       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
				       .nlmsg_seq = ++nl->seq };

	return send(mnl_socket_get_fd(nl->sock), &noop, sizeof(noop), 0) < 0 ? -errno : 0;
}

/*
 * Pass over what is left of the answers to a request that failed. A dump goes on in the kernel only as something is
 * received, and while it does, every other one is refused; where it has come to a halt, it goes on with the next answer
 * to anything.
 */
static void drain(struct nl *nl)
{
	int len = -1, tries;

	for (tries = 0; tries < DRAIN_TRIES && len < 0; tries++) {
		while ((len = nl_poll(nl)) > 0)
			;
		if (poke(nl) < 0)
			return;
		if (len == 0)
			while ((len = nl_poll(nl)) > 0)
				;
	}
}

/* The answers to a request while they come. */
struct answers {
	nl_cb cb;
	void *data;
	int interrupted;
	int failed; /* what the callback said first; the rest is read all the same */
};

static void give(struct answers *answers, const struct nlmsghdr *nlh)
{
	if (answers->cb && !answers->failed)
		answers->failed = answers->cb(nlh, answers->data);
}

/* A dump that the kernel could not finish says so at its end. */
static int dump_end(const struct answers *answers, const struct nlmsghdr *nlh)
{
	int code = 0;

	if (answers->interrupted)
		return -EINTR;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(code))
		memcpy(&code, mnl_nlmsg_get_payload(nlh), sizeof(code));
	return code < 0 ? code : 1;
}

/* One message of a request: 1 when it was the last, 0 when more follow, or the error that ends it. */
static int take_answer(struct nl *nl, const struct nlmsghdr *nlh, struct answers *answers)
{
	int code;

	if (nlh->nlmsg_seq != nl->seq || nlh->nlmsg_pid != nl->portid)
		return 0; /* a late answer to a request that was given up */
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR && !nl->journaled)
		answers->interrupted = 1;
	if (nlh->nlmsg_type == NLMSG_DONE)
		return dump_end(answers, nlh);
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		code = nl_error_code(nl, nlh);
		return code ? code : 1;
	}
	give(answers, nlh);
	return 0;
}

static int request_once(struct nl *nl, const struct nlmsghdr *request, nl_cb cb, void *data)
{
	struct answers answers = { .cb = cb, .data = data };
	const struct nlmsghdr *nlh;
	int rc, len;

	rc = nl_send(nl, request, request->nlmsg_len);
	while (rc == 0) {
		len = nl_receive(nl);
		if (len < 0) {
			drain(nl);
			rc = len;
		}
		for (nlh = (void *)nl->buf; rc == 0 && mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
			rc = take_answer(nl, nlh, &answers);
	}
	if (answers.failed)
		return answers.failed;
	return rc == 1 ? 0 : rc;
}

int nl_request(struct nl *nl, struct nlmsghdr *request, nl_cb cb, void *data)
{
	int rc = request_once(nl, request, cb, data);

	/* a dump that was given up before goes on until all of it was received */
	if (rc != -EBUSY || (request->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		return rc;
	drain(nl);
	request->nlmsg_seq = ++nl->seq;
	return request_once(nl, request, cb, data);
}

int nl_change(struct nl *nl, struct nlmsghdr *nlh, int already, int *ret_changed)
{
	int rc = nl_request(nl, nlh, NULL, NULL), lost;

	for (lost = 0; rc == -ENOBUFS && lost < LOST_TRIES; lost++) {
		/* by its old number an answer would be one to the request that was given up */
		nlh->nlmsg_seq = ++nl->seq;
		rc = nl_request(nl, nlh, NULL, NULL);
	}
	*ret_changed = rc == 0 || lost;
	return rc == already ? 0 : rc;
}

static void take_reply(struct nl *nl, const struct nlmsghdr *nlh, uint32_t first, uint32_t *open,
		       struct answers *answers)
{
	int code = 0;

	if (nlh->nlmsg_seq - first > nl->seq - first || nlh->nlmsg_pid != nl->portid)
		return;
	(*open)--;
	if (nlh->nlmsg_type != NLMSG_ERROR)
		give(answers, nlh);
	else if (!answers->failed)
		code = nl_error_code(nl, nlh);
	if (code && code != -ENOENT)
		answers->failed = code;
}

/* So many requests as their answers find room; their length. */
static size_t take_window(const void *requests, size_t size, uint32_t count)
{
	const struct nlmsghdr *nlh = requests;
	int left = (int)size;

	while (count-- && mnl_nlmsg_ok(nlh, left))
		nlh = mnl_nlmsg_next(nlh, &left);
	return size - (size_t)left;
}

static int fetch_window(struct nl *nl, uint32_t first, const void *requests, size_t size, uint32_t open,
			nl_cb cb, void *data)
{
	struct answers answers = { .cb = cb, .data = data };
	const struct nlmsghdr *nlh;
	int rc, len;

	rc = nl_send(nl, requests, size);
	while (rc == 0 && open) {
		len = nl_receive(nl);
		if (len < 0) {
			drain(nl);
			rc = len;
		}
		for (nlh = (void *)nl->buf; rc == 0 && mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
			take_reply(nl, nlh, first, &open, &answers);
	}
	return answers.failed ? answers.failed : rc;
}

int nl_pipeline(struct nl *nl, const void *requests, size_t size, uint32_t count, nl_cb cb, void *data)
{
	uint32_t first = nl->seq - count + 1, open;
	const char *next = requests;
	size_t len;
	int rc = 0;

	for (; rc == 0 && count; count -= open, next += len, size -= len) {
		open = count < nl->window ? count : nl->window;
		len = take_window(next, size, open);
		rc = fetch_window(nl, first, next, len, open, cb, data);
	}
	return rc;
}
