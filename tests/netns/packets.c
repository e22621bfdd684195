/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packets groups TABLE                          one line per group: ADDRESS total N hash MODE seed SEED
 * packets send TABLE CLIENT NODE1 NODE2 NODE3   sends every vector, says who let it in
 *
 * "send" expects bucket b of every cluster IP on node (b - 1) mod 3. Raw sockets in the nodes see a packet only
 * when netfilter has let it in. One line per group follows:
 *
 *     ADDRESS sent N right N wrong N nobody N several N
 *
 * right: let in by the owner of the recorded bucket and nobody else; wrong: by one other node.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "frame.h"
#include "tool.h"
#include "vectors.h"

#define NODES 3

static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_SCTP, IPPROTO_DCCP,
				     IPPROTO_ESP, IPPROTO_AH,  IPPROTO_ICMP,	IPPROTO_GRE };

static int listener[NODES][ARRAY_SIZE(protocols)];
static uint8_t let_in[VECTORS_MAX][NODES]; /* by IP id, which is the number of the vector */

struct score {
	unsigned int sent, right, wrong, nobody, several;
};

static int print_groups(const struct vectors *table)
{
	char text[INET_ADDRSTRLEN];
	unsigned int i;

	for (i = 0; i < table->groups; i++) {
		const struct group *group = &table->group[i];

		inet_ntop(AF_INET, &group->address, text, sizeof(text));
		printf("%s total %u hash %s seed %s\n", text, group->total, group->mode, group->seed);
	}
	return 0;
}

static void open_listeners(char **nodes)
{
	size_t protocol;
	int node;

	for (node = 0; node < NODES; node++)
		for (protocol = 0; protocol < ARRAY_SIZE(protocols); protocol++)
			listener[node][protocol] =
				socket_in(nodes[node], AF_INET, SOCK_RAW | SOCK_NONBLOCK, protocols[protocol]);
}

static void note(const struct vectors *table, int node, const struct iphdr *ip)
{
	unsigned int id = ntohs(ip->id);
	const struct vector *vector = &table->vector[id];

	/* answers and the like may pass too */
	if (id < table->vectors && ip->saddr == vector->saddr &&
	    ip->daddr == table->group[vector->group].address)
		let_in[id][node]++;
}

static void collect(const struct vectors *table)
{
	uint8_t buffer[2048];
	size_t protocol;
	int node;

	for (node = 0; node < NODES; node++)
		for (protocol = 0; protocol < ARRAY_SIZE(protocols); protocol++)
			while (recv(listener[node][protocol], buffer, sizeof(buffer), 0) >=
			       (ssize_t)sizeof(struct iphdr))
				note(table, node, (struct iphdr *)buffer);
}

static void send_vector(int fd, const struct vectors *table, unsigned int i)
{
	const struct vector *vector = &table->vector[i];
	const struct group *group = &table->group[vector->group];
	struct packet packet = {
		.mac = { 0x03, 0xbf }, /* the default cluster MAC, the address behind it */
		.saddr = vector->saddr,
		.daddr = group->address,
		.id = (uint16_t)i,
		.sport = vector->sport,
		.dport = vector->dport,
		.protocol = vector->protocol,
		.options = vector->options,
	};
	uint8_t frame[FRAME_MAX];
	size_t size;

	memcpy(packet.mac + 2, &group->address, 4);
	size = frame_build(frame, &packet);
	if (!size)
		die("vector %u: protocol %u is not known", i, vector->protocol);
	frame_send(fd, frame, size);
}

static void explain(const struct vectors *table, unsigned int i)
{
	static int lines = 10;
	const struct vector *vector = &table->vector[i];
	char text[INET_ADDRSTRLEN];

	if (lines-- <= 0)
		return;
	inet_ntop(AF_INET, &vector->saddr, text, sizeof(text));
	fprintf(stderr,
		"group %u protocol %u from %s %u %u%s, bucket %u: let in by node1 %u, node2 %u, node3 %u "
		"times\n",
		vector->group + 1, vector->protocol, text, vector->sport, vector->dport,
		vector->options ? " with options" : "", vector->bucket, let_in[i][0], let_in[i][1],
		let_in[i][2]);
}

static void judge(struct score *score, const struct vectors *table, unsigned int i)
{
	unsigned int times = let_in[i][0] + let_in[i][1] + let_in[i][2];
	unsigned int owner = (table->vector[i].bucket - 1) % NODES;

	score->sent++;
	if (times == 1 && let_in[i][owner]) {
		score->right++;
		return;
	}
	if (times == 0)
		score->nobody++;
	else if (times == 1)
		score->wrong++;
	else
		score->several++;
}

/* Prints what went wrong; a cluster IP that let nobody in was not there, which needs no list of its packets. */
static void explain_all(const struct vectors *table, const struct score *scores)
{
	unsigned int i;

	for (i = 0; i < table->vectors; i++) {
		const struct score *score = &scores[table->vector[i].group];
		struct score one = { 0 };

		judge(&one, table, i);
		if (!one.right && score->nobody < score->sent)
			explain(table, i);
	}
}

static int print_scores(const struct vectors *table)
{
	static struct score scores[GROUPS_MAX];
	char text[INET_ADDRSTRLEN];
	unsigned int i, right = 0;

	for (i = 0; i < table->vectors; i++)
		judge(&scores[table->vector[i].group], table, i);
	explain_all(table, scores);
	for (i = 0; i < table->groups; i++) {
		const struct score *score = &scores[i];

		inet_ntop(AF_INET, &table->group[i].address, text, sizeof(text));
		printf("%s sent %u right %u wrong %u nobody %u several %u\n", text, score->sent, score->right,
		       score->wrong, score->nobody, score->several);
		right += score->right;
	}
	return right != table->vectors;
}

static int send_all(const struct vectors *table, const char *client, char **nodes)
{
	int fd = frame_socket(client, "eth0");
	unsigned int i;

	open_listeners(nodes);
	for (i = 0; i < table->vectors; i++) {
		send_vector(fd, table, i);
		collect(table);
	}
	/* softirqs may be late, and what arrives late may be what should not have been let in */
	for (i = 0; i < 10; i++) {
		sleep_us(50000);
		collect(table);
	}
	return print_scores(table);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "groups"))
		return print_groups(vectors_read(argv[2]));
	if (argc == 4 + NODES && !strcmp(argv[1], "send"))
		return send_all(vectors_read(argv[2]), argv[3], argv + 4);
	errno = 0;
	die("usage: packets groups TABLE | send TABLE CLIENT NODE1 NODE2 NODE3");
}
