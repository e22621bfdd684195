/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ask.h"
#include "tool.h"

static struct pollfd fds[CLIENTS_MAX];
static char name[CLIENTS_MAX][NAME_SIZE];
static uint32_t open_fds;

static void finish(uint32_t client)
{
	close(fds[client].fd);
	fds[client].fd = -1;
	open_fds--;
}

static void begin(uint32_t client)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(asked.first + client) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof(from)))
		die("client %u", client);
	fds[client].fd = fd;
	fds[client].events = POLLOUT;
	open_fds++;
	if (connect(fd, (struct sockaddr *)&asked.target, sizeof(asked.target)) && errno != EINPROGRESS)
		finish(client);
}

static void advance(uint32_t client)
{
	ssize_t size;

	if (fds[client].events == POLLOUT) {
		fds[client].events = POLLIN;
		if (write(fds[client].fd, "who?\n", 5) != 5)
			finish(client);
		return;
	}
	size = read(fds[client].fd, name[client], NAME_SIZE - 1);
	name[client][size > 0 ? size : 0] = '\0';
	name[client][strcspn(name[client], "\n")] = '\0';
	finish(client);
}

static void print_names(void)
{
	char text[INET_ADDRSTRLEN];
	uint32_t client;

	for (client = 0; client < asked.count; client++) {
		client_text(client, text);
		printf("%s %s\n", text, name[client][0] ? name[client] : "-");
	}
}

int ask_tcp(void)
{
	uint64_t end;
	uint32_t client;

	for (client = 0; client < asked.count; client++)
		begin(client);
	end = now_us() + 3 * TIMEOUT_US; /* TCP itself tries again after one second */
	while (open_fds && now_us() < end) {
		poll(fds, asked.count, 100);
		for (client = 0; client < asked.count; client++)
			if (fds[client].fd >= 0 && fds[client].revents)
				advance(client);
	}
	print_names();
	return 0;
}
