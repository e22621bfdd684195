/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cost of a packet: a test run of an XDP program with live frames hands them to the stack as if the device had
 * received them, and all they do happens in the CPU time of this thread. No sender, no queue, no other CPU.
 */
#include "packets.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "util.h"

#define PORT  9999
#define BATCH 64 /* as many as a driver takes from its ring at a time */

static struct gen *gen;
static int pass_fd, drop_fd;

struct frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
	uint8_t data[FRAME_SIZE - ETH_HLEN - sizeof(struct iphdr) - sizeof(struct udphdr)];
} __attribute__((packed));

_Static_assert(offsetof(struct frame, ip.check) == FRAME_CSUM, "the generator knows where the checksum is");
_Static_assert(offsetof(struct frame, ip.saddr) == FRAME_SADDR, "and the source");
_Static_assert(offsetof(struct frame, ip.daddr) == FRAME_DADDR, "and the destination");
_Static_assert(offsetof(struct frame, udp) == FRAME_HEADER, "and the end of the IP header");

static const uint8_t cluster_mac[ETH_ALEN] = { 0x03, 0xbf, 198, 18, 0, 1 };
static const uint8_t other_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t client_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };

/* UDP without checksum; the generator adds the addresses and the checksum of the IP header */
static struct frame make_frame(const uint8_t mac[ETH_ALEN])
{
	struct frame frame = {
		.eth = { .h_proto = htons(ETH_P_IP) },
		.ip = { .version = 4,
			.ihl = 5,
			.tot_len = htons(sizeof(frame) - ETH_HLEN),
			.frag_off = htons(IP_DF),
			.ttl = 64,
			.protocol = IPPROTO_UDP },
		.udp = { .source = htons(5000),
			 .dest = htons(PORT),
			 .len = htons(sizeof(frame.udp) + sizeof(frame.data)) },
	};

	memcpy(frame.eth.h_dest, mac, ETH_ALEN);
	memcpy(frame.eth.h_source, client_mac, ETH_ALEN);
	return frame;
}

static int program_fd(struct bpf_object *object, const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	if (!program)
		die("no program '%s'", name);
	return bpf_program__fd(program);
}

static uint32_t header_sum(void)
{
	const struct frame frame = make_frame(cluster_mac);
	uint16_t halves[sizeof(frame.ip) / sizeof(uint16_t)];
	uint32_t sum = 0;

	memcpy(halves, &frame.ip, sizeof(halves));
	for (size_t i = 0; i < ARRAY_SIZE(halves); i++)
		sum += halves[i];
	return sum;
}

void packets_open(const char *path)
{
	struct bpf_object *object = bpf_object__open(path);
	struct bpf_map *map;

	if (!object || bpf_object__load(object))
		die("%s", path);
	pass_fd = program_fd(object, "gen_pass");
	drop_fd = program_fd(object, "gen_drop");
	map = bpf_object__find_map_by_name(object, ".bss");
	gen = mmap(NULL, sizeof(*gen), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (gen == MAP_FAILED)
		die("%s: no memory to share", path);
	gen->sum = header_sum();
}

/* Everything is done for a packet but to wake somebody: a filter refuses it at the door of the socket. */
void packets_sink(int netns)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct sock_filter nothing = { .code = BPF_RET | BPF_K, .k = 0 };
	struct sock_fprog filter = { .len = 1, .filter = &nothing };
	int fd;

	enter_netns(netns);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		die("no socket for the packets");
}

void packets_prepare(struct stream *stream)
{
	enter_netns(stream->netns);
	stream->ifindex = if_nametoindex(DEVICE);
	if (!stream->ifindex)
		die("no device " DEVICE);
	if (stream->target == TARGET_ALL)
		stream->expected = stream->packets;
	else if (stream->target == TARGET_LOCAL)
		stream->expected = flows_local(stream->flows, stream->packets);
}

/* The column of a name in the two lines of a protocol: names, then values. */
static unsigned long value_of(char *names, char *values, const char *wanted)
{
	char *name, *value, *rest = NULL, *rest_values = NULL;

	name = strtok_r(names, " \n", &rest);
	value = strtok_r(values, " \n", &rest_values);
	while (name && value) {
		if (!strcmp(name, wanted))
			return strtoul(value, NULL, 10);
		name = strtok_r(NULL, " \n", &rest);
		value = strtok_r(NULL, " \n", &rest_values);
	}
	errno = 0;
	die("the kernel does not count '%s'", wanted);
}

/* IP packets delivered in the namespace of this thread */
static unsigned long delivered(void)
{
	FILE *file = fopen("/proc/thread-self/net/snmp", "r");
	char names[1024], values[1024];

	if (!file || !fgets(names, sizeof(names), file) || !fgets(values, sizeof(values), file))
		die("/proc/thread-self/net/snmp");
	fclose(file);
	return value_of(names, values, "InDelivers");
}

static void run(const struct stream *stream, uint32_t packets)
{
	struct frame frame = make_frame(stream->target == TARGET_OTHER ? other_mac : cluster_mac);
	struct xdp_md context = { .data_end = sizeof(frame), .ingress_ifindex = stream->ifindex };
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = &frame, .data_size_in = sizeof(frame),
			    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = (int)packets,
			    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);

	gen->next = 0;
	if (bpf_prog_test_run_opts(stream->target == TARGET_NOWHERE ? drop_fd : pass_fd, &opts))
		die("cannot run live frames on " DEVICE);
}

/*
 * Nothing else on this CPU while packets are measured, and nothing of that for children. Where even root may not do
 * that, the medians have to do.
 */
static void set_policy(int policy)
{
	struct sched_param param = { .sched_priority = policy == SCHED_FIFO };

	sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, &param);
}

double packets_measure(const struct stream *stream)
{
	unsigned long before, after;
	double ns;

	enter_netns(stream->netns);
	memcpy(gen->flows, stream->flows->flows, sizeof(gen->flows));
	set_policy(SCHED_FIFO);
	run(stream, stream->packets / 4);
	before = delivered();
	ns = thread_ns();
	run(stream, stream->packets);
	ns = thread_ns() - ns;
	after = delivered();
	set_policy(SCHED_OTHER);
	errno = 0;
	if (after - before != stream->expected)
		die("%s: %lu of %u packets were delivered, not %u", series_name(stream->series), after - before,
		    stream->packets, stream->expected);
	return ns / stream->packets;
}
