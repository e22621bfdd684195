/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A thread that walks to other network namespaces while its context stays, and a context that fork() has doubled. */

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

/* ------------------------------------------------------------------ fork */

#define SOCKETS_MAX 16

/* The inodes of the process's sockets: they are the same where a descriptor was inherited. */
struct sockets {
	int count;
	unsigned long inodes[SOCKETS_MAX];
};

static void find_sockets(struct sockets *sockets)
{
	char path[32];
	struct stat st;

	sockets->count = 0;
	for (int fd = 0; fd < 256 && sockets->count < SOCKETS_MAX; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (!stat(path, &st) && S_ISSOCK(st.st_mode))
			sockets->inodes[sockets->count++] = st.st_ino;
	}
}

static int have_common(const struct sockets *a, const struct sockets *b)
{
	for (int i = 0; i < a->count; i++)
		for (int j = 0; j < b->count; j++)
			if (a->inodes[i] == b->inodes[j])
				return 1;
	return 0;
}

static int in_child(int (*function)(void *data), void *data)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		status = function(data);
		cip_unref(unit_ctx);
		_exit(status);
	}
	return waitpid(pid, &status, 0) == pid && !status ? 0 : unit_failed();
}

/* the first verb that moves a bucket needs nothing but what it recalls */
static int move_bucket(void *data)
{
	const struct sockets *parents = data;
	struct sockets mine;

	if (cip_add_buckets(unit_ctx, ADDRESS, NULL, "2"))
		return unit_failed();
	find_sockets(&mine);
	return mine.count && !have_common(parents, &mine) ? 0 : unit_failed();
}

static int query(void *data)
{
	const struct sockets *parents = data;
	struct cip_cluster *cluster = NULL;
	struct sockets mine;

	if (cip_query_one(unit_ctx, ADDRESS, NULL, &cluster) || !cip_cluster_has_bucket(cluster, 2))
		return unit_failed();
	cip_cluster_unref(cluster);
	if (cip_announce(unit_ctx, ADDRESS, NULL, 1, 0))
		return unit_failed();
	find_sockets(&mine);
	return mine.count && !have_common(parents, &mine) ? 0 : unit_failed();
}

/* the sockets of the parent go on, and a child that does nothing takes nothing with it */
static int nothing(void *data)
{
	(void)data;
	return 0;
}

static int walk_away(void *data)
{
	/* where there is no such cluster IP */
	return unshare(CLONE_NEWNET) ? unit_failed() : move_bucket(data);
}

static int check_sockets(void)
{
	struct sockets before, after;

	if (cip_announce(unit_ctx, ADDRESS, NULL, 1, 0) || cip_set_buckets(unit_ctx, ADDRESS, NULL, "1,3"))
		return unit_failed();
	find_sockets(&before);
	if (before.count < 3 || in_child(move_bucket, &before) || in_child(query, &before) ||
	    in_child(nothing, NULL) || in_child(walk_away, &before))
		return unit_failed();
	if (cip_set_buckets(unit_ctx, ADDRESS, NULL, "2,3"))
		return unit_failed();
	find_sockets(&after);
	return after.count == before.count && have_common(&before, &after) ? 0 : unit_failed();
}

#define ROUNDS 2000

/* each has a bucket of its own, and knows whether it is there */
static int race(void *data)
{
	const char *bucket = data;
	struct cip_cluster *cluster;
	int is_there, round;

	for (round = 0; round < ROUNDS; round++) {
		if (round % 2 ? cip_remove_buckets(unit_ctx, ADDRESS, NULL, bucket)
			      : cip_add_buckets(unit_ctx, ADDRESS, NULL, bucket))
			return unit_failed();
		if (cip_query_one(unit_ctx, ADDRESS, NULL, &cluster))
			return unit_failed();
		is_there = cip_cluster_has_bucket(cluster, (uint32_t)(*bucket - '0'));
		cip_cluster_unref(cluster);
		if (is_there == round % 2)
			return unit_failed();
	}
	return 0;
}

static int check_race(void)
{
	char mine[] = "2", other[] = "4";
	int status = 0, failed;
	pid_t pid = fork();

	if (pid == 0) {
		status = race(other);
		cip_unref(unit_ctx);
		_exit(status);
	}
	failed = race(mine);
	return waitpid(pid, &status, 0) == pid && !status && !failed ? 0 : unit_failed();
}

static int read_in_child(void *data)
{
	struct cip_monitor *monitor = data;
	int rc = cip_monitor_next(monitor);

	if (rc != -ECHILD || !strstr(cip_get_error(unit_ctx), "fork"))
		return unit_failed();
	cip_monitor_unref(monitor);
	return 0;
}

static int check_monitor(void)
{
	struct cip_monitor *monitor = NULL;
	int rc;

	if (cip_monitor_new(unit_ctx, &monitor) || cip_set_buckets(unit_ctx, ADDRESS, NULL, "4"))
		return unit_failed();
	if (in_child(read_in_child, monitor))
		return unit_failed();
	while ((rc = cip_monitor_next(monitor)) == 1 && cip_monitor_get_event(monitor) != CIP_EVENT_RULES)
		;
	cip_monitor_unref(monitor);
	return rc == 1 ? 0 : unit_failed();
}

static int (*const forks[])(void) = { check_sockets, check_race, check_monitor };

static int forked(void *data)
{
	int device = unit_open_device();

	if (device < 0)
		return UNIT_NOT_POSSIBLE;
	if (unit_set_up() || unit_create(LINE))
		return unit_failed();
	return (*(int (*const *)(void))data)();
}

START_TEST(children)
{
	int (*check)(void) = forks[_i];

	unit_in_namespace(forked, &check);
}
END_TEST

Suite *process_suite(void)
{
	Suite *suite = suite_create("process");

	tcase_add_loop_test(unit_tcase(suite, "namespaces"), namespaces, 0, ARRAY_SIZE(walks));
	tcase_add_loop_test(unit_tcase(suite, "fork"), children, 0, ARRAY_SIZE(forks));
	return suite;
}
