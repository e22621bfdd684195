/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flood.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

#define PORT	   9000
#define BURST	   4
#define OWN_OUT_OF 64
#define BUFFER	   (64 << 20)

static int sender(const char *client, uint32_t from, uint32_t to)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = from };
	int fd = socket_in(client, AF_INET, SOCK_DGRAM, 0);

	if (bind(fd, (struct sockaddr *)&in, sizeof(in)))
		die("bind");
	in.sin_addr.s_addr = to;
	in.sin_port = htons(PORT);
	if (connect(fd, (struct sockaddr *)&in, sizeof(in)))
		die("connect");
	return fd;
}

static int receiver(const char *node)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket_in(node, AF_INET, SOCK_DGRAM, 0), size = BUFFER;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&in, sizeof(in)))
		die("bind");
	return fd;
}

static void send_bursts(int foreign, int own, unsigned int pause_us)
{
	while (getppid() != 1) {
		for (int i = 0; i < BURST; i++) {
			(void)!send(foreign, "f", 1, MSG_DONTWAIT);
			(void)!send(own, "o", 1, MSG_DONTWAIT);
		}
		sleep_us(pause_us);
	}
}

static void send_all(int foreign, int own)
{
	run_on_cpu(1);
	while (getppid() != 1) {
		(void)!send(own, "o", 1, 0);
		for (int i = 1; i < OWN_OUT_OF; i++)
			(void)!send(foreign, "f", 1, 0);
	}
}

struct flood flood_start(const char *client, const char *node, uint32_t address,
			 const struct flood_clients *clients)
{
	int foreign = sender(client, clients->foreign, address), own = sender(client, clients->own, address);
	struct flood flood = { .socket = receiver(node) };

	flood.pid = fork();
	if (flood.pid < 0)
		die("fork");
	if (flood.pid)
		return flood;
	if (clients->pause_us)
		send_bursts(foreign, own, clients->pause_us);
	else
		send_all(foreign, own);
	_exit(0);
}

void flood_count(struct flood *flood)
{
	char what;

	while (recv(flood->socket, &what, 1, MSG_DONTWAIT) == 1)
		(*(what == 'f' ? &flood->foreign : &flood->own))++;
}

void flood_stop(struct flood *flood)
{
	kill(flood->pid, SIGKILL);
	waitpid(flood->pid, NULL, 0);
	flood_count(flood);
}
