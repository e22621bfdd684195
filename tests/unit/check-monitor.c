/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What is heard of changes in a network namespace that nobody else has. */

#define ADDRESS "10.0.0.100"
#define LINE	ADDRESS " dev tap0 total 4 buckets 1,3"
#define LARGE	ADDRESS " dev tap0 total 1024 buckets none"

#define BIT(event) (1u << (event))

static int is_readable(struct cip_monitor *monitor)
{
	struct pollfd pollfd = { .fd = cip_monitor_get_fd(monitor), .events = POLLIN };

	return poll(&pollfd, 1, 0) == 1;
}

/* all that is there: the kinds as bits, or what went wrong */
static int drain(struct cip_monitor *monitor)
{
	int rc, kinds = 0;

	while ((rc = cip_monitor_next(monitor)) == 1) {
		uint32_t event = cip_monitor_get_event(monitor);

		if (!cip_event_get_name(event) || !*cip_monitor_get_text(monitor))
			return -EBADMSG;
		kinds |= (int)BIT(event);
	}
	return rc < 0 ? rc : kinds;
}

/* The kernel may tell of a device late, and when it likes. */
#define DRAINED(monitor) (drain(monitor) & ~(int)BIT(CIP_EVENT_DEVICE))

static int check_kinds(void *data)
{
	struct cip_monitor *monitor = data;
	int all = BIT(CIP_EVENT_RULES) | BIT(CIP_EVENT_ADDRESS) | BIT(CIP_EVENT_MAC);

	if (DRAINED(monitor) || unit_create(LINE))
		return unit_failed();
	if (!is_readable(monitor) || DRAINED(monitor) != all)
		return unit_failed();
	/* what changes nothing is not heard */
	if (unit_create(LINE) || DRAINED(monitor))
		return unit_failed();
	if (cip_add_buckets(unit_ctx, ADDRESS, NULL, "2") || DRAINED(monitor) != (int)BIT(CIP_EVENT_RULES))
		return unit_failed();
	/* a MAC that is taken away with ioctl(2), as the library does, is not told of */
	if (cip_destroy(unit_ctx, ADDRESS, NULL) || DRAINED(monitor) != (all & ~(int)BIT(CIP_EVENT_MAC)))
		return unit_failed();
	return 0;
}

/* The event of that kind, of several that are there. */
static int find(struct cip_monitor *monitor, uint32_t event)
{
	int rc;

	do
		rc = cip_monitor_next(monitor);
	while (rc == 1 && cip_monitor_get_event(monitor) != event);
	return rc;
}

static int is_by_us(struct cip_monitor *monitor)
{
	char name[16] = "";

	(void)prctl(PR_GET_NAME, name);
	return cip_monitor_get_pid(monitor) > 0 && !strcmp(cip_monitor_get_process(monitor), name) &&
	       strstr(cip_monitor_get_text(monitor), name);
}

static int check_details(void *data)
{
	struct cip_monitor *monitor = data;

	if (unit_create(LINE) || find(monitor, CIP_EVENT_RULES) != 1 || !is_by_us(monitor))
		return unit_failed();
	if (*cip_monitor_get_address(monitor) || *cip_monitor_get_ifname(monitor))
		return unit_failed();
	if (drain(monitor) < 0 || cip_destroy(unit_ctx, ADDRESS, NULL))
		return unit_failed();
	if (find(monitor, CIP_EVENT_ADDRESS) != 1 || strcmp(cip_monitor_get_address(monitor), ADDRESS) ||
	    strcmp(cip_monitor_get_ifname(monitor), "tap0") || cip_monitor_get_pid(monitor) ||
	    *cip_monitor_get_process(monitor) || !strstr(cip_monitor_get_text(monitor), "removed"))
		return unit_failed();
	if (drain(monitor) < 0 || unit_set_up() || find(monitor, CIP_EVENT_DEVICE) != 1)
		return unit_failed();
	if (strcmp(cip_monitor_get_text(monitor), "dev tap0 is up"))
		return unit_failed();
	return 0;
}

static int add_neighbour(int i)
{
	struct arpreq request = { .arp_flags = ATF_COM | ATF_PERM, .arp_dev = "tap0" };
	struct sockaddr_in *in = (void *)&request.arp_pa;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(0x0a000001 + (uint32_t)i);
	request.arp_ha.sa_family = ARPHRD_ETHER;
	rc = ioctl(fd, SIOCSARP, &request);
	close(fd);
	return rc;
}

/* The ARP cache of a busy node never rests: it must not wake anybody. */
static int check_neighbours(void *data)
{
	struct cip_monitor *monitor = data;

	if (unit_set_up())
		return unit_failed();
	for (int i = 0; i < 10; i++) {
		if (drain(monitor) < 0 || add_neighbour(i))
			return unit_failed();
		if (!is_readable(monitor))
			return 0;
	}
	return unit_failed();
}

/* More than the socket can keep: that is said, and what comes later is heard again. */
static int check_lost(void *data)
{
	struct cip_monitor *monitor = data;
	int kinds;

	if (unit_create(LARGE) || drain(monitor) < 0)
		return unit_failed();
	for (int i = 0; i < 300; i++)
		if (cip_set_buckets(unit_ctx, ADDRESS, NULL, i % 2 ? "none" : "all"))
			return unit_failed();
	kinds = drain(monitor);
	if (kinds < 0 || !(kinds & (int)BIT(CIP_EVENT_LOST)))
		return unit_failed();
	if (cip_add_buckets(unit_ctx, ADDRESS, NULL, "4") || DRAINED(monitor) != (int)BIT(CIP_EVENT_RULES))
		return unit_failed();
	return 0;
}

static int rename_device(const char *from, const char *to)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", from);
	snprintf(request.ifr_newname, sizeof(request.ifr_newname), "%s", to);
	rc = ioctl(fd, SIOCSIFNAME, &request);
	close(fd);
	return rc;
}

/* The kernel takes names that a terminal obeys. */
static int check_harmless(void *data)
{
	static const char *const names[] = { "t\033[31m", "t\xc2\x9b[31m", "t\a\177" };
	struct cip_monitor *monitor = data;
	const char *text;

	for (int i = 0; i < ARRAY_SIZE(names); i++) {
		if (drain(monitor) < 0 || rename_device(i ? names[i - 1] : "tap0", names[i]) ||
		    find(monitor, CIP_EVENT_DEVICE) != 1)
			return unit_failed();
		/* the name is what the kernel says, for comparing; the words are for people */
		text = cip_monitor_get_text(monitor);
		if (strcmp(cip_monitor_get_ifname(monitor), names[i]) || strstr(text, names[i]) ||
		    !strstr(text, "dev t?") || strpbrk(text, "\033\a\177\x9b"))
			return unit_failed();
	}
	return 0;
}

static int (*const checks[])(void *data) = { check_kinds, check_details, check_neighbours, check_lost,
					     check_harmless };

static int watched(void *data)
{
	int (*check)(void *data) = *(int (*const *)(void *data))data;
	struct cip_monitor *monitor = NULL;
	int device = unit_open_device(), status;

	if (device < 0)
		return UNIT_NOT_POSSIBLE;
	if (cip_monitor_new(unit_ctx, &monitor))
		return unit_failed();
	status = check(monitor);
	cip_monitor_unref(monitor);
	close(device);
	return status;
}

START_TEST(events)
{
	int (*check)(void *data) = checks[_i];

	(void)unit_in_namespace(watched, &check);
}
END_TEST

static int check_references(void *data)
{
	struct cip_monitor *monitor = NULL;

	(void)data;
	if (cip_monitor_new(unit_ctx, &monitor) || cip_monitor_get_event(monitor) ||
	    *cip_monitor_get_text(monitor) || cip_monitor_get_fd(monitor) < 0)
		return unit_failed();
	if (cip_monitor_ref(monitor) != monitor || cip_monitor_unref(monitor) || cip_monitor_next(monitor))
		return unit_failed();
	return cip_monitor_unref(monitor) ? unit_failed() : 0;
}

START_TEST(references)
{
	(void)unit_in_namespace(check_references, NULL);
	ck_assert_ptr_null(cip_monitor_unref(NULL));
}
END_TEST

START_TEST(not_permitted)
{
	struct cip_monitor *monitor = NULL;

	ck_assert_int_eq(cip_monitor_new(unit_ctx, &monitor), -EPERM);
	unit_assert_error(CIP_ATTR_NONE, "CAP_NET_ADMIN", NULL);
	ck_assert_ptr_null(monitor);
	ck_assert_int_eq(cip_monitor_new(unit_ctx, NULL), -EINVAL);
	ck_assert_int_eq(cip_monitor_new(NULL, &monitor), -EINVAL);
	ck_assert_ptr_null(monitor);
}
END_TEST

START_TEST(names)
{
	static const char *const words[] = { NULL, "rules", "address", "device", "mac", "lost", NULL };

	for (uint32_t event = 0; event < (uint32_t)ARRAY_SIZE(words); event++)
		ck_assert_pstr_eq(cip_event_get_name(event), words[event]);
	ck_assert_ptr_null(cip_event_get_name(UINT32_MAX));
}
END_TEST

Suite *monitor_suite(void)
{
	Suite *suite = suite_create("monitor");
	TCase *tcase = unit_tcase(suite, "monitor");

	tcase_add_loop_test(tcase, events, 0, ARRAY_SIZE(checks));
	tcase_add_test(tcase, references);
	tcase_add_test(tcase, not_permitted);
	tcase_add_test(tcase, names);
	tcase_set_timeout(tcase, 60);
	return suite;
}
