/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "frame.h"
#include "stream.h"
#include "tool.h"

#define PORT	 7777
#define FLOWS	 16    /* per class */
#define RATE	 50000 /* packets per second */
#define BURST	 4
#define SENT_MAX (8 * 1024 * 1024)
#define BUFFER	 (64 * 1024 * 1024)
#define CHECKSUM (14 + 20 + 6) /* of UDP, in a frame */
#define PAYLOAD	 (14 + 20 + 8)

struct flow {
	uint8_t frame[FRAME_MAX];
	size_t size;
};

static struct flow flows[CLASSES][FLOWS];
static unsigned int found[CLASSES];
static enum stream_class present[CLASSES]; /* the classes that there are */
static unsigned int classes;
static uint8_t let_in[SENT_MAX];
static uint32_t sent, last_in;
static int client_fd, node_fd;
static uint32_t dropped_before;

/* Frames that any CPU's backlog queue had no room for. */
static uint32_t machine_drops(void)
{
	FILE *file = fopen("/proc/net/softnet_stat", "re");
	unsigned int processed, dropped, sum = 0;

	if (!file)
		die("/proc/net/softnet_stat");
	while (fscanf(file, "%x %x%*[^\n]", &processed, &dropped) == 2)
		sum += dropped;
	fclose(file);
	return sum;
}

static void open_sink(const char *node)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int size = BUFFER;

	node_fd = socket_in(node, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (setsockopt(node_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		die("receive buffer");
	if (bind(node_fd, (struct sockaddr *)&any, sizeof(any)))
		die("bind");
}

static int owns(struct cip_cluster *cluster, const struct packet *packet)
{
	char text[INET_ADDRSTRLEN];
	uint32_t bucket;

	inet_ntop(AF_INET, &packet->saddr, text, sizeof(text));
	if (cip_cluster_hash(cluster, text, IPPROTO_UDP, packet->sport, packet->dport, &bucket))
		die("hash of %s", text);
	return cip_cluster_has_bucket(cluster, bucket);
}

static void add_flow(enum stream_class class, const struct packet *packet)
{
	struct flow *flow;

	if (found[class] == FLOWS)
		return;
	flow = &flows[class][found[class]++];
	flow->size = frame_build(flow->frame, packet);
	flow->frame[CHECKSUM] = flow->frame[CHECKSUM + 1] = 0; /* "none": the number in the payload changes */
	if (found[class] == 1)
		present[classes++] = class;
}

static void find_flows(struct cip_cluster *x, struct cip_cluster *y)
{
	uint64_t random = 1;
	uint32_t number = 0;
	struct packet packet = { .mac = { 0x03, 0xbf },
				 .protocol = IPPROTO_UDP,
				 .dport = PORT,
				 .payload = &number,
				 .payload_size = sizeof(number) };
	char text[INET_ADDRSTRLEN];
	int i, in_x, in_y;

	cip_cluster_get_address(x, text, sizeof(text));
	packet.daddr = address(text);
	memcpy(packet.mac + 2, &packet.daddr, 4);
	for (i = 0; i < 10000; i++) {
		packet.saddr = htonl(0x0a4d8000 + random_u32(&random) % 0x7000);
		packet.sport = (uint16_t)(1024 + random_u32(&random) % 60000);
		in_x = owns(x, &packet);
		in_y = owns(y, &packet);
		add_flow(in_x ? in_y ? CLASS_BOTH : CLASS_X : in_y ? CLASS_Y : CLASS_NEITHER, &packet);
	}
	if (!found[CLASS_X] && !found[CLASS_Y])
		die("the two configurations let in the same");
}

void stream_open(const char *client, const char *node, struct cip_cluster *x, struct cip_cluster *y)
{
	errno = 0;
	find_flows(x, y);
	client_fd = frame_socket(client, "eth0");
	open_sink(node);
	dropped_before = machine_drops();
}

static enum stream_class class_of(uint32_t packet)
{
	return present[packet % classes];
}

static void send_one(void)
{
	enum stream_class class = class_of(++sent);
	struct flow *flow = &flows[class][sent / classes % found[class]];

	if (sent >= SENT_MAX)
		die("too many packets");
	memcpy(flow->frame + PAYLOAD, &sent, sizeof(sent));
	frame_send(client_fd, flow->frame, flow->size);
}

static void receive(void)
{
	uint32_t packet;

	while (recv(node_fd, &packet, sizeof(packet), 0) == sizeof(packet)) {
		if (packet == 0 || packet > sent)
			die("packet %u came back of %u sent", packet, sent);
		let_in[packet]++;
		if (packet > last_in)
			last_in = packet;
	}
}

static void send_burst(struct progress *progress)
{
	static uint64_t due;
	int i;

	for (i = 0; i < BURST; i++)
		send_one();
	receive();
	atomic_store(&progress->sent, sent);
	atomic_store(&progress->last_in, last_in);
	if (now_us() > due + 1000)
		due = now_us();
	due += BURST * 1000000 / RATE;
	while (now_us() < due)
		;
}

int stream_run(struct progress *progress, int child)
{
	int status, i;

	do
		send_burst(progress);
	while (sent % (64 * BURST) || waitpid(child, &status, WNOHANG) == 0);
	for (i = 0; i < 100; i++)
		send_burst(progress);
	for (i = 0; i < 10; i++) {
		sleep_us(20000);
		receive();
	}
	return status;
}

/* The configuration that a packet met, as far as its class tells. */
static int meets_x(uint32_t packet, int *ret_x)
{
	enum stream_class class = class_of(packet);

	if (class != CLASS_X && class != CLASS_Y)
		return 0;
	*ret_x = (class == CLASS_X) == (let_in[packet] != 0);
	return 1;
}

static void count_switches(struct verdict *verdict)
{
	uint32_t packet, since = 0;
	int x, before = 1, lines = 10;

	for (packet = 1; packet <= sent; packet++) {
		if (!meets_x(packet, &x) || x == before)
			continue;
		/* whoever swaps waits for more packets than that: a short spell is no swap */
		if (packet - since < 8 && lines-- > 0)
			fprintf(stderr, "packets %u to %u of %u met configuration %s\n", since, packet - 1,
				sent, before ? "x" : "y");
		verdict->switches++;
		before = x;
		since = packet;
	}
}

static uint32_t socket_drops(void)
{
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t size = sizeof(info);

	if (getsockopt(node_fd, SOL_SOCKET, SO_MEMINFO, info, &size))
		die("SO_MEMINFO");
	return info[SK_MEMINFO_DROPS];
}

void stream_judge(struct verdict *ret_verdict)
{
	struct verdict verdict = { .sent = sent };
	uint32_t packet;

	for (packet = 1; packet <= sent; packet++) {
		verdict.let_in += let_in[packet] != 0;
		verdict.lost += class_of(packet) == CLASS_BOTH && !let_in[packet];
		verdict.leaked += class_of(packet) == CLASS_NEITHER && let_in[packet];
	}
	count_switches(&verdict);
	verdict.dropped = socket_drops() + machine_drops() - dropped_before;
	*ret_verdict = verdict;
}
