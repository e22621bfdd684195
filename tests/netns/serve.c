/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serve NAME PORT
 *
 * A TCP and UDP server that answers every request with its name, and a UDP request with the first word of it too,
 * from the address that was asked. Prints "tcp CLIENT" or "udp CLIENT SIZE" for each.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

#define CONNECTIONS 1000
#define LISTENER    0
#define DATAGRAM    1
#define FIRST	    2

static struct pollfd fds[FIRST + CONNECTIONS];
static nfds_t used = FIRST;
static const char *name;

static int open_socket(int type, uint16_t port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int on = 1, size = 4 * 1024 * 1024;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		die("socket");
	if (type == SOCK_DGRAM) {
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	}
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) || (type == SOCK_STREAM && listen(fd, 1024)))
		die("port %u", port);
	return fd;
}

static void greet(void)
{
	int fd = accept4(fds[LISTENER].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (used == FIRST + CONNECTIONS) {
		close(fd);
		return;
	}
	fds[used].fd = fd;
	fds[used].events = POLLIN;
	fds[used++].revents = 0;
}

static void answer_stream(nfds_t i)
{
	char request[64], client[INET_ADDRSTRLEN];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);

	if (read(fds[i].fd, request, sizeof(request)) > 0 &&
	    !getpeername(fds[i].fd, (struct sockaddr *)&from, &size)) {
		dprintf(fds[i].fd, "%s\n", name);
		inet_ntop(AF_INET, &from.sin_addr, client, sizeof(client));
		printf("tcp %s\n", client);
	}
	close(fds[i].fd);
	fds[i] = fds[--used];
}

/* The control message of a datagram has the address that was asked; the device is left to the routing table. */
static void unbind_device(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	struct in_pktinfo info;

	if (!header || header->cmsg_type != IP_PKTINFO)
		die("no packet information");
	memcpy(&info, CMSG_DATA(header), sizeof(info));
	info.ipi_ifindex = 0;
	memcpy(CMSG_DATA(header), &info, sizeof(info));
}

static void answer_datagram(void)
{
	static char request[65536];
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	char reply[128], client[INET_ADDRSTRLEN];
	struct sockaddr_in from;
	struct iovec data = { .iov_base = request, .iov_len = sizeof(request) - 1 };
	struct msghdr message = { .msg_name = &from,
				  .msg_namelen = sizeof(from),
				  .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t size = recvmsg(fds[DATAGRAM].fd, &message, 0);

	if (size < 0)
		return;
	request[size] = '\0';
	request[strcspn(request, " ")] = '\0';
	data.iov_base = reply;
	data.iov_len = (size_t)snprintf(reply, sizeof(reply), "%s %.32s", name, request);
	unbind_device(&message);
	sendmsg(fds[DATAGRAM].fd, &message, 0);
	inet_ntop(AF_INET, &from.sin_addr, client, sizeof(client));
	printf("udp %s %zd\n", client, size);
}

int main(int argc, char **argv)
{
	nfds_t i;

	errno = 0;
	if (argc != 3)
		die("usage: serve NAME PORT");
	setvbuf(stdout, NULL, _IOLBF, 0);
	name = argv[1];
	fds[LISTENER].fd = open_socket(SOCK_STREAM, (uint16_t)number(argv[2], 65535));
	fds[DATAGRAM].fd = open_socket(SOCK_DGRAM, (uint16_t)number(argv[2], 65535));
	fds[LISTENER].events = fds[DATAGRAM].events = POLLIN;
	printf("ready\n");
	while (poll(fds, used, -1) > 0 || errno == EINTR) {
		if (fds[LISTENER].revents)
			greet();
		if (fds[DATAGRAM].revents)
			answer_datagram();
		for (i = used; i-- > FIRST;)
			if (fds[i].revents)
				answer_stream(i);
	}
	die("poll");
}
