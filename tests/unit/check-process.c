/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A thread that walks to other network namespaces, and a context that stays where it was. */

#define ADDRESS "10.0.0.100"
#define LINE	ADDRESS " dev tap0 total 4 buckets 1,3"
static const unsigned char mac[] = { 0x03, 0xbf, 10, 0, 0, 100 };

/* somebody else has the device receive the cluster MAC as long as the descriptor lives */
static int receive_mac(void)
{
	struct packet_mreq request = { .mr_type = PACKET_MR_MULTICAST, .mr_alen = sizeof(mac) };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	request.mr_ifindex = (int)if_nametoindex("tap0");
	memcpy(request.mr_address, mac, sizeof(mac));
	return setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request)) ? -1 : fd;
}

static int hold_mac(void)
{
	struct ifreq request = { .ifr_name = "tap0" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	memcpy(request.ifr_hwaddr.sa_data, mac, sizeof(mac));
	rc = ioctl(fd, SIOCADDMULTI, &request);
	close(fd);
	return rc;
}

/* Is there a reference on the cluster MAC that is the library's? -1: the device does not receive it. */
static int is_held(void)
{
	FILE *file = fopen("/proc/thread-self/net/dev_mcast", "r");
	unsigned int global;
	int held = -1;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, "03bf0a000064") && sscanf(line, "%*u %*s %*u %u", &global) == 1)
			held = global > 0;
	if (file)
		fclose(file);
	return held;
}

/* Two namespaces, in each of which a device of the same number is called tap0. */
struct places {
	int here, there, devices[2], receiver;
};

static int make_places(struct places *places)
{
	places->devices[0] = unit_open_device();
	if (places->devices[0] < 0)
		return UNIT_NOT_POSSIBLE;
	places->receiver = receive_mac();
	places->here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (places->receiver < 0 || places->here < 0 || unit_set_up() || unshare(CLONE_NEWNET))
		return unit_failed();
	places->there = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	places->devices[1] = unit_open_device();
	if (places->there < 0 || places->devices[1] < 0 || hold_mac() || setns(places->here, CLONE_NEWNET))
		return unit_failed();
	return 0;
}

static int check_mac(struct places *places)
{
	struct cip_list *list = NULL;

	if (is_held() != 0 || cip_query(unit_ctx, &list))
		return unit_failed();
	cip_list_unref(list);
	if (setns(places->there, CLONE_NEWNET) || is_held() != 1 || unit_create(LINE))
		return unit_failed();
	if (setns(places->here, CLONE_NEWNET) || is_held() != 1)
		return unit_failed();
	/* the other one goes, and ours stays */
	close(places->receiver);
	return is_held() == 1 ? 0 : unit_failed();
}

static int check_reopened(struct places *places)
{
	struct cip_cluster *cluster = NULL;

	if (unit_create(LINE) || setns(places->there, CLONE_NEWNET))
		return unit_failed();
	if (cip_set_backend(unit_ctx, "nft") || cip_query_one(unit_ctx, ADDRESS, NULL, &cluster))
		return unit_failed();
	cip_cluster_unref(cluster);
	return cip_announce(unit_ctx, ADDRESS, NULL, 1, 0) ? unit_failed() : 0;
}

static int (*const walks[])(struct places *places) = { check_mac, check_reopened };

static int walk(void *data)
{
	struct places places;
	int status = make_places(&places);

	return status ? status : (*(int (*const *)(struct places *))data)(&places);
}

START_TEST(namespaces)
{
	int (*check)(struct places * places) = walks[_i];

	unit_in_namespace(walk, &check);
}
END_TEST

Suite *process_suite(void)
{
	Suite *suite = suite_create("process");

	tcase_add_loop_test(unit_tcase(suite, "namespaces"), namespaces, 0, ARRAY_SIZE(walks));
	return suite;
}
