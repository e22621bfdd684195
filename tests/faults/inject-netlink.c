/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "inject.h"

static struct {
	ssize_t (*sendto)(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to,
			  socklen_t size);
	ssize_t (*sendmsg)(int fd, const struct msghdr *msg, int flags);
	ssize_t (*recvmsg)(int fd, struct msghdr *msg, int flags);
	int (*ioctl)(int fd, unsigned long request, ...);
	int (*socket)(int domain, int type, int protocol);
	int (*nanosleep)(const struct timespec *time, struct timespec *left);
	long (*syscall)(long number, ...);
} libc;

/* What the kernel was not asked, and what it would have answered. */
static struct {
	int fd;
	size_t len;
	char data[256];
} answer = { .fd = -1 };

/* a data pointer into a function pointer, as POSIX has it for dlsym() */
static void find(const char *name, void *ret_function)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	memcpy(ret_function, &function, sizeof(function));
}

__attribute__((constructor)) static void find_all(void)
{
	find("sendto", &libc.sendto);
	find("sendmsg", &libc.sendmsg);
	find("recvmsg", &libc.recvmsg);
	find("ioctl", &libc.ioctl);
	find("socket", &libc.socket);
	find("nanosleep", &libc.nanosleep);
	find("syscall", &libc.syscall);
}

static int domain_of(int fd)
{
	socklen_t len = sizeof(int);
	int domain = 0;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ? 0 : domain;
}

static ssize_t fail(unsigned int kind)
{
	errno = kinds[kind].error;
	return -1;
}

/* ------------------------------------------------------------------ sending */

static struct nlmsghdr *next_message(const struct nlmsghdr *nlh)
{
	return (void *)((uintptr_t)nlh + NLMSG_ALIGN(nlh->nlmsg_len));
}

/* A batch begins with a message that names the generation it was made for. */
static int is_batch(const void *data, size_t len)
{
	return len >= sizeof(struct nlmsghdr) &&
	       ((const struct nlmsghdr *)data)->nlmsg_type == NFNL_MSG_BATCH_BEGIN;
}

static void spoil_generation(char *data)
{
	const struct nlmsghdr *nlh = (const void *)data;
	size_t offset = NLMSG_LENGTH(sizeof(struct nfgenmsg));

	while (offset + NLA_HDRLEN + sizeof(uint32_t) <= nlh->nlmsg_len) {
		const struct nlattr *attr = (const void *)(data + offset);

		if (attr->nla_type == NFNL_BATCH_GENID)
			data[offset + NLA_HDRLEN] ^= 0x40;
		offset += (size_t)NLA_ALIGN(attr->nla_len);
	}
}

static ssize_t send_spoiled(int fd, const struct msghdr *msg, int flags)
{
	const struct iovec *from = &msg->msg_iov[0];
	char *data;
	struct iovec iov;
	struct msghdr copy = *msg;
	ssize_t result;

	inject_pause(1);
	data = malloc(from->iov_len);
	memcpy(data, from->iov_base, from->iov_len);
	spoil_generation(data);
	iov = (struct iovec){ data, from->iov_len };
	copy.msg_iov = &iov;
	result = libc.sendmsg(fd, &copy, flags);
	free(data);
	inject_pause(0);
	return result;
}

static void answer_with_error(int fd, const struct nlmsghdr *nlh, int error)
{
	struct nlmsghdr *reply = (void *)answer.data;
	struct nlmsgerr *err = NLMSG_DATA(reply);
	struct sockaddr_nl self = { 0 };
	socklen_t size = sizeof(self);

	(void)getsockname(fd, (struct sockaddr *)&self, &size);
	*reply = (struct nlmsghdr){ .nlmsg_len = NLMSG_LENGTH(sizeof(*err)),
				    .nlmsg_type = NLMSG_ERROR,
				    .nlmsg_flags = NLM_F_CAPPED,
				    .nlmsg_seq = nlh->nlmsg_seq,
				    .nlmsg_pid = self.nl_pid };
	*err = (struct nlmsgerr){ .error = -error, .msg = *nlh };
	answer.fd = fd;
	answer.len = reply->nlmsg_len;
}

/* A batch is refused for what is in it, and all of it; of several requests the first one. */
static ssize_t send_refused(int fd, const struct msghdr *msg, int flags, unsigned int kind)
{
	const struct nlmsghdr *nlh = msg->msg_iov[0].iov_base;
	size_t len = msg->msg_iov[0].iov_len, first = NLMSG_ALIGN(nlh->nlmsg_len);
	int batch = is_batch(nlh, len);

	answer_with_error(fd, batch ? next_message(nlh) : nlh, kinds[kind].error);
	if (!batch && len > first) {
		struct iovec iov = { (char *)(uintptr_t)nlh + first, len - first };
		struct msghdr copy = *msg;

		copy.msg_iov = &iov;
		if (libc.sendmsg(fd, &copy, flags) < 0)
			return -1;
	}
	return (ssize_t)len;
}

/* Of rtnetlink's types every fourth, RTM_GETLINK and so on, only asks; of nftables nothing is changed but by batches. */
static int is_write(int fd, const struct nlmsghdr *nlh, int batch)
{
	socklen_t len = sizeof(int);
	int protocol = 0;

	(void)getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len);
	return batch ||
	       (protocol == NETLINK_ROUTE && nlh->nlmsg_type >= NLMSG_MIN_TYPE && nlh->nlmsg_type % 4 != 2);
}

static ssize_t send_with_faults(int fd, const struct msghdr *msg, int flags)
{
	int batch = is_batch(msg->msg_iov[0].iov_base, msg->msg_iov[0].iov_len);
	unsigned int kind = inject_now(batch ? BATCH : SEND);

	answer.fd = -1;
	switch (kind) {
	case INTERRUPTED:
	case SEND_NOMEM:
	case SEND_PERM:
		return fail(kind);
	case REFUSE_NOMEM:
	case REFUSE_PERM:
	case REFUSE_BUSY:
		return send_refused(fd, msg, flags, kind);
	case RESTART:
		return send_spoiled(fd, msg, flags);
	}
	if (is_write(fd, msg->msg_iov[0].iov_base, batch))
		inject_write();
	return libc.sendmsg(fd, msg, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	int domain = domain_of(fd);
	unsigned int kind;

	if (domain == AF_NETLINK)
		return send_with_faults(fd, msg, flags);
	kind = domain == AF_PACKET ? inject_now(PACKET) : NO_FAULT;
	return kind ? fail(kind) : libc.sendmsg(fd, msg, flags);
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t size)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	struct msghdr msg = {
		.msg_name = (void *)(uintptr_t)to, .msg_namelen = size, .msg_iov = &iov, .msg_iovlen = 1
	};

	return sendmsg(fd, &msg, flags);
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	return sendto(fd, buf, len, flags, NULL, 0);
}

/* ------------------------------------------------------------------ receiving */

static uint8_t flags_of(const struct msghdr *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg->msg_iov[0].iov_base;
	uint8_t flags = HAS_DATA;

	if (len >= sizeof(*nlh) && nlh->nlmsg_flags & NLM_F_MULTI)
		flags |= HAS_PARTS;
	return flags;
}

static void mark_interrupted(const struct msghdr *msg, size_t len)
{
	char *data = msg->msg_iov[0].iov_base;
	size_t at = 0;

	while (at + sizeof(struct nlmsghdr) <= len) {
		struct nlmsghdr *nlh = (void *)(data + at);

		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
		at += NLMSG_ALIGN(nlh->nlmsg_len);
	}
}

/* As if there had been room for the first message of the datagram, and not for the others. */
static ssize_t cut_off(struct msghdr *msg, size_t len, int flags)
{
	char *data = msg->msg_iov[0].iov_base;
	size_t first = NLMSG_ALIGN(((const struct nlmsghdr *)(const void *)data)->nlmsg_len);

	if (first > len)
		first = len;
	memset(data + first, 0, len - first);
	msg->msg_flags |= MSG_TRUNC;
	return (ssize_t)(flags & MSG_TRUNC ? msg->msg_iov[0].iov_len + 1 : first);
}

static ssize_t receive(int fd, struct msghdr *msg, int flags)
{
	if (answer.fd != fd)
		return libc.recvmsg(fd, msg, flags);
	memcpy(msg->msg_iov[0].iov_base, answer.data, answer.len);
	msg->msg_flags = 0;
	answer.fd = -1;
	return (ssize_t)answer.len;
}

static ssize_t receive_with_faults(int fd, struct msghdr *msg, int flags)
{
	unsigned int kind = inject_now(RECEIVE);
	ssize_t len;

	if (kind == INTERRUPTED || kind == RECEIVE_NOMEM || kind == RECEIVE_NOBUFS)
		return fail(kind);
	len = receive(fd, msg, flags);
	if (len <= 0)
		return len;
	inject_add(flags_of(msg, (size_t)len));
	if (kind == LOST)
		return fail(kind);
	if (kind == CUT)
		return cut_off(msg, (size_t)len, flags);
	if (kind == DUMP_INTR && flags_of(msg, (size_t)len) & HAS_PARTS)
		mark_interrupted(msg, (size_t)len);
	return len;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	return domain_of(fd) == AF_NETLINK ? receive_with_faults(fd, msg, flags) : libc.recvmsg(fd, msg, flags);
}

ssize_t recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *size)
{
	struct iovec iov = { buf, len };
	struct msghdr msg = {
		.msg_name = from, .msg_namelen = size ? *size : 0, .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t result = recvmsg(fd, &msg, flags);

	if (size)
		*size = msg.msg_namelen;
	return result;
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	return recvfrom(fd, buf, len, flags, NULL, NULL);
}

/* ------------------------------------------------------------------ other calls */

int ioctl(int fd, unsigned long request, ...)
{
	unsigned int kind = inject_now(IOCTL);
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (kind)
		return (int)fail(kind);
	inject_write();
	return libc.ioctl(fd, request, arg);
}

int socket(int domain, int type, int protocol)
{
	unsigned int kind = inject_now(OPEN);

	return kind ? (int)fail(kind) : libc.socket(domain, type, protocol);
}

/* The pauses between tries, and those between announcements, are for others; here there are none. */
int nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)time;
	(void)left;
	return 0;
}

/* Nor are there packets that a rehash could wait for. */
long syscall(long number, ...)
{
	va_list args;
	long a, b, c;

	if (number == SYS_membarrier)
		return 0;
	va_start(args, number);
	a = va_arg(args, long);
	b = va_arg(args, long);
	c = va_arg(args, long);
	va_end(args);
	return libc.syscall(number, a, b, c);
}
