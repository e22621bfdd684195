/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LD_PRELOAD library that injects faults into netlink sockets, such as a kernel makes but not on demand.
 *
 *     CIP_FAULT=KIND:N[:COUNT]   the Nth call that the kind is about, and COUNT - 1 calls behind it
 *     CIP_FAULT=KIND:0           none, only count the calls
 *     CIP_FAULT_LOG=FILE         gets a line for every fault that was injected, or the count
 *
 *     eintr    a send or a receive is interrupted before it did anything
 *     enomem   a send fails, nothing reaches the kernel
 *     enobufs  a receive reports lost messages; those that are there stay
 *     lost     a receive reports lost messages, and a datagram really is gone
 *     trunc    a received datagram is cut off behind its first message
 *     dumpintr a received part of a dump says that the dump was interrupted by a change
 *     restart  a batch carries a generation that has passed, and the kernel refuses it
 *     die      the process is killed when the kernel has what it sent
 *     deaf     a receive fails for want of memory; the messages that are there stay
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum kind { NONE, EINTR_CALL, ENOMEM_SEND, ENOBUFS_RECEIVE, LOST, TRUNC, DUMP_INTR, RESTART, DIE, DEAF };

static const char *const kinds[] = {
	[EINTR_CALL] = "eintr", [ENOMEM_SEND] = "enomem", [ENOBUFS_RECEIVE] = "enobufs", [LOST] = "lost",
	[TRUNC] = "trunc",	[DUMP_INTR] = "dumpintr", [RESTART] = "restart",	 [DIE] = "die",
	[DEAF] = "deaf",
};

/* the script, and how many calls of its kind there were */
static struct {
	enum kind kind;
	unsigned long first, count, calls;
} fault;

static struct {
	ssize_t (*sendto)(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to,
			  socklen_t size);
	ssize_t (*sendmsg)(int fd, const struct msghdr *msg, int flags);
	ssize_t (*recvmsg)(int fd, struct msghdr *msg, int flags);
} libc;

/* a data pointer into a function pointer, as POSIX has it for dlsym() */
static void find(const char *name, void *ret_function)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	memcpy(ret_function, &function, sizeof(function));
}

static enum kind kind_of(const char *name)
{
	for (size_t i = 1; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i], name))
			return (enum kind)i;
	fprintf(stderr, "CIP_FAULT: no such kind: %s\n", name);
	abort();
}

__attribute__((constructor)) static void read_script(void)
{
	const char *script = getenv("CIP_FAULT");
	char name[16];

	find("sendto", &libc.sendto);
	find("sendmsg", &libc.sendmsg);
	find("recvmsg", &libc.recvmsg);
	fault.count = 1;
	if (script && sscanf(script, "%15[a-z]:%lu:%lu", name, &fault.first, &fault.count) >= 2)
		fault.kind = kind_of(name);
}

static void note(const char *text)
{
	const char *path = getenv("CIP_FAULT_LOG");
	int saved = errno, fd;

	fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (fd >= 0) {
		if (dprintf(fd, "%s\n", text) < 0)
			abort();
		close(fd);
	}
	errno = saved;
}

__attribute__((destructor)) static void write_count(void)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", fault.calls);
	if (fault.kind && !fault.first)
		note(text);
}

/* A call that could have this fault: does it get it? */
static int due(enum kind kind)
{
	if (fault.kind != kind)
		return 0;
	fault.calls++;
	if (!fault.first || fault.calls < fault.first || fault.calls - fault.first >= fault.count)
		return 0;
	note(kinds[kind]);
	return 1;
}

static int is_netlink(int fd)
{
	int domain = 0;
	socklen_t len = sizeof(domain);

	return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) && domain == AF_NETLINK;
}

static ssize_t refuse(int error)
{
	errno = error;
	return -1;
}

/* ------------------------------------------------------------------ sending */

static const struct nlmsghdr *first_message(const struct msghdr *msg)
{
	if (!msg->msg_iovlen || msg->msg_iov[0].iov_len < sizeof(struct nlmsghdr))
		return NULL;
	return msg->msg_iov[0].iov_base;
}

/* A batch begins with a message that names the generation it was made for. */
static int is_batch(const struct msghdr *msg)
{
	const struct nlmsghdr *nlh = first_message(msg);

	return nlh && nlh->nlmsg_type == NFNL_MSG_BATCH_BEGIN;
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
	struct iovec iov[16];
	struct msghdr copy = *msg;
	char *data = malloc(msg->msg_iov[0].iov_len);
	ssize_t result;

	if (!data || msg->msg_iovlen > sizeof(iov) / sizeof(iov[0]))
		abort();
	memcpy(iov, msg->msg_iov, msg->msg_iovlen * sizeof(iov[0]));
	memcpy(data, iov[0].iov_base, iov[0].iov_len);
	spoil_generation(data);
	iov[0].iov_base = data;
	copy.msg_iov = iov;
	result = libc.sendmsg(fd, &copy, flags);
	free(data);
	return result;
}

static ssize_t send_with_faults(int fd, const struct msghdr *msg, int flags)
{
	ssize_t result;

	if (due(EINTR_CALL))
		return refuse(EINTR);
	if (due(ENOMEM_SEND))
		return refuse(ENOMEM);
	if (is_batch(msg) && due(RESTART))
		return send_spoiled(fd, msg, flags);
	result = libc.sendmsg(fd, msg, flags);
	if (due(DIE))
		raise(SIGKILL);
	return result;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	return is_netlink(fd) ? send_with_faults(fd, msg, flags) : libc.sendmsg(fd, msg, flags);
}

EXPORT ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t size)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)buf, .iov_len = len };
	struct msghdr msg = {
		.msg_name = (void *)(uintptr_t)to, .msg_namelen = size, .msg_iov = &iov, .msg_iovlen = 1
	};

	return is_netlink(fd) ? send_with_faults(fd, &msg, flags) : libc.sendto(fd, buf, len, flags, to, size);
}

EXPORT ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	return sendto(fd, buf, len, flags, NULL, 0);
}

/* ------------------------------------------------------------------ receiving */

/* The parts of a dump in a datagram; mark: with the flag that says the dump was interrupted. */
static int dump_parts(const struct msghdr *msg, size_t len, int mark)
{
	char *data = msg->msg_iov[0].iov_base;
	int parts = 0;

	for (size_t at = 0; at + sizeof(struct nlmsghdr) <= len;) {
		struct nlmsghdr *nlh = (void *)(data + at);

		if (nlh->nlmsg_flags & NLM_F_MULTI)
			parts++;
		if (nlh->nlmsg_flags & NLM_F_MULTI && mark)
			nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
		at += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	return parts;
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

static ssize_t receive_with_faults(int fd, struct msghdr *msg, int flags)
{
	ssize_t len;

	if (due(EINTR_CALL))
		return refuse(EINTR);
	if (due(ENOBUFS_RECEIVE))
		return refuse(ENOBUFS);
	if (due(DEAF))
		return refuse(ENOMEM);
	len = libc.recvmsg(fd, msg, flags);
	if (len <= 0 || flags & MSG_PEEK)
		return len;
	if (due(LOST))
		return refuse(ENOBUFS);
	if (due(TRUNC))
		return cut_off(msg, (size_t)len, flags);
	if (dump_parts(msg, (size_t)len, 0) && due(DUMP_INTR))
		dump_parts(msg, (size_t)len, 1);
	return len;
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	return is_netlink(fd) ? receive_with_faults(fd, msg, flags) : libc.recvmsg(fd, msg, flags);
}

EXPORT ssize_t recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *size)
{
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {
		.msg_name = from, .msg_namelen = size ? *size : 0, .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t result = recvmsg(fd, &msg, flags);

	if (size)
		*size = msg.msg_namelen;
	return result;
}

EXPORT ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	return recvfrom(fd, buf, len, flags, NULL, NULL);
}
