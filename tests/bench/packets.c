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
#include <net/if.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "frame.h"
#include "util.h"

#define BATCH 64 /* as many as a driver takes from its ring at a time */

static struct gen *gen;
static int pass_fd[FAMILIES], drop_fd[FAMILIES];

static int program_fd(struct bpf_object *object, enum family family, const char *verdict)
{
	struct bpf_program *program;
	char name[16];

	snprintf(name, sizeof(name), "gen%u_%s", families[family].number, verdict);
	program = bpf_object__find_program_by_name(object, name);
	if (!program)
		die("no program '%s'", name);
	return bpf_program__fd(program);
}

void packets_open(const char *path)
{
	struct bpf_object *object = bpf_object__open(path);
	struct bpf_map *map;

	if (!object || bpf_object__load(object))
		die("%s", path);
	for (enum family family = 0; family < FAMILIES; family++) {
		pass_fd[family] = program_fd(object, family, "pass");
		drop_fd[family] = program_fd(object, family, "drop");
	}
	map = bpf_object__find_map_by_name(object, ".bss");
	gen = mmap(NULL, sizeof(*gen), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (gen == MAP_FAILED)
		die("%s: no memory to share", path);
	gen->sum = frame_sum();
}

/*
 * Everything is done for a packet but to wake somebody: a filter refuses it at the door of the socket. The port of both
 * families is at the same place, and zeros are any address.
 */
void packets_sink(int netns, enum family family)
{
	int af = families[family].af, without_checksum = 1;
	struct sockaddr_in6 any = { .sin6_family = (sa_family_t)af, .sin6_port = htons(PORT) };
	struct sock_filter nothing = { .code = BPF_RET | BPF_K, .k = 0 };
	struct sock_fprog filter = { .len = 1, .filter = &nothing };
	int fd;

	enter_netns(netns);
	fd = socket(af, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    setsockopt(fd, IPPROTO_UDP, UDP_NO_CHECK6_RX, &without_checksum, sizeof(without_checksum)) ||
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
static unsigned long column(FILE *file, const char *wanted)
{
	char names[1024], values[1024], *name, *value, *rest = NULL, *rest_values = NULL;

	if (!fgets(names, sizeof(names), file) || !fgets(values, sizeof(values), file))
		die("/proc/thread-self/net/snmp");
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

/* The value of a name, one a line. */
static unsigned long line(FILE *file, const char *wanted)
{
	unsigned long value;
	char name[64];

	while (fscanf(file, "%63s %lu", name, &value) == 2)
		if (!strcmp(name, wanted))
			return value;
	errno = 0;
	die("the kernel does not count '%s'", wanted);
}

/* IP packets delivered in the namespace of this thread */
static unsigned long delivered(enum family family)
{
	const char *path = family == IPV4 ? "/proc/thread-self/net/snmp" : "/proc/thread-self/net/snmp6";
	FILE *file = fopen(path, "r");
	unsigned long count;

	if (!file)
		die("%s", path);
	count = family == IPV4 ? column(file, "InDelivers") : line(file, "Ip6InDelivers");
	fclose(file);
	return count;
}

static void run(const struct stream *stream, uint32_t packets)
{
	enum family family = stream->flows->family;
	union frame frame;
	uint32_t size = (uint32_t)frame_make(family, stream->target == TARGET_OTHER, &frame);
	struct xdp_md context = { .data_end = size, .ingress_ifindex = stream->ifindex };
	int fd = stream->target == TARGET_NOWHERE ? drop_fd[family] : pass_fd[family];
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = &frame, .data_size_in = size,
			    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = (int)packets,
			    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);

	gen->next = 0;
	if (bpf_prog_test_run_opts(fd, &opts))
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
	before = delivered(stream->flows->family);
	ns = thread_ns();
	run(stream, stream->packets);
	ns = thread_ns() - ns;
	after = delivered(stream->flows->family);
	set_policy(SCHED_OTHER);
	errno = 0;
	if (after - before != stream->expected)
		die("%s: %lu of %u packets were delivered, not %u", series_name(stream->series), after - before,
		    stream->packets, stream->expected);
	return ns / stream->packets;
}
