/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "ask.h"
#include "tool.h"

#define REQUESTS_MAX 1000000
#define NODES_MAX    16

static uint8_t answers[REQUESTS_MAX];
static uint8_t first_node[REQUESTS_MAX], last_node[REQUESTS_MAX];
static char nodes[NODES_MAX][NAME_SIZE];
static uint32_t node_count[NODES_MAX];
static uint64_t sent_at[REQUESTS_MAX];
static uint32_t client_nodes[CLIENTS_MAX]; /* a bit for each node that answered */
static uint32_t sent, answered;
static int fd;
static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* As the shell's $EPOCHREALTIME has it. */
static uint64_t clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void open_socket(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int size = 4 * 1024 * 1024;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)))
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
}

/* Request number sent, from the client whose turn it is; the socket serves all of their addresses. */
static void send_request(void)
{
	static char request[65536];
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)),
				  .cmsg_level = IPPROTO_IP,
				  .cmsg_type = IP_PKTINFO } };
	struct in_pktinfo source = { .ipi_spec_dst.s_addr = htonl(asked.first + sent % asked.count) };
	struct iovec data = { .iov_base = request };
	struct msghdr message = { .msg_name = &asked.target,
				  .msg_namelen = sizeof(asked.target),
				  .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &source, sizeof(source));
	data.iov_len = (size_t)snprintf(request, sizeof(request), "%u ", sent);
	if (data.iov_len < asked.size)
		data.iov_len = asked.size;
	sent_at[sent] = clock_us();
	if (sendmsg(fd, &message, 0) < 0)
		die("send");
	sent++;
}

static uint8_t node_number(const char *name)
{
	uint8_t i;

	for (i = 0; i < NODES_MAX - 1 && nodes[i][0]; i++)
		if (!strcmp(nodes[i], name))
			return i;
	snprintf(nodes[i], NAME_SIZE, "%.*s", NAME_SIZE - 1, name);
	return i;
}

static void take_answer(char *text)
{
	char *word = strchr(text, ' ');
	uint32_t request;
	uint8_t node;

	if (!word)
		return;
	*word = '\0';
	request = (uint32_t)strtoul(word + 1, NULL, 10);
	if (request >= sent)
		return;
	node = node_number(text);
	node_count[node]++;
	client_nodes[request % asked.count] |= 1u << node;
	if (answers[request]++ == 0) {
		first_node[request] = node;
		answered++;
	}
	last_node[request] = node;
}

static void receive_until(uint64_t end)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char text[256];
	uint64_t now = now_us();
	ssize_t size;

	do {
		struct timespec wait = { .tv_nsec = end > now ? (long)(end - now) * 1000 : 0 };

		if (wait.tv_nsec > 999999999)
			wait.tv_nsec = 999999999;
		ppoll(&pfd, 1, &wait, NULL);
		while ((size = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
			text[size] = '\0';
			take_answer(text);
		}
		now = now_us();
	} while (now < end);
}

/* Waits for the first answers as long as it takes, and for a second one to any request a little longer. */
static void receive_stragglers(void)
{
	uint64_t end = now_us() + TIMEOUT_US;

	while (answered < sent && now_us() < end)
		receive_until(now_us() + TIMEOUT_US / 20);
	receive_until(now_us() + TIMEOUT_US / 5);
}

int ask_udp(void)
{
	char text[INET_ADDRSTRLEN];
	uint32_t i;

	open_socket();
	while (sent < asked.count) {
		send_request();
		receive_until(0);
	}
	receive_stragglers();
	for (i = 0; i < sent; i++) {
		client_text(i, text);
		printf("%s %s", text, answers[i] ? nodes[first_node[i]] : "-");
		printf(answers[i] > 1 ? " %s\n" : "\n", nodes[last_node[i]]);
	}
	return 0;
}

static void print_sums(void)
{
	uint32_t i, doubled = 0;

	for (i = 0; i < sent; i++)
		doubled += answers[i] > 1;
	printf("sent %u answered %u lost %u doubled %u\n", sent, answered, sent - answered, doubled);
	for (i = 0; i < NODES_MAX && nodes[i][0]; i++)
		printf("%s %u\n", nodes[i], node_count[i]);
}

static void print_trace(void)
{
	char text[INET_ADDRSTRLEN];
	uint32_t i, node;

	for (i = 0; i < sent; i++) {
		if (answers[i] == 1)
			continue;
		client_text(i % asked.count, text);
		printf("%s %s %ju\n", answers[i] ? "doubled" : "lost", text, (uintmax_t)sent_at[i]);
	}
	for (i = 0; i < asked.count; i++) {
		client_text(i, text);
		printf("client %s", text);
		for (node = 0; node < NODES_MAX; node++)
			if (client_nodes[i] & 1u << node)
				printf(" %s", nodes[node]);
		printf("\n");
	}
}

int ask_stream(int trace)
{
	uint64_t due = now_us();

	signal(SIGTERM, stop);
	open_socket();
	while (!stopped && sent < REQUESTS_MAX) {
		send_request();
		due += 1000;
		receive_until(due);
	}
	receive_until(now_us() + TIMEOUT_US);
	print_sums();
	if (trace)
		print_trace();
	return 0;
}
