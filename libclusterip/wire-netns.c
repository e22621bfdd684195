/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire-netns.h"

int netns_of(int socket)
{
	int netns = ioctl(socket, SIOCGSKNS);

	return netns < 0 ? -errno : netns;
}

/* Where there is no /proc: that takes CAP_NET_ADMIN. */
static int of_new_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), netns;

	if (fd < 0)
		return -errno;
	netns = netns_of(fd);
	(void)close(fd);
	return netns;
}

int netns_current(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return of_new_socket();
	return fd < 0 ? -errno : fd;
}

static int is_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int netns_enter(int netns, int *ret_back)
{
	int here = netns_current(), rc = 0;

	if (here < 0)
		return here;
	if (is_same(here, netns)) {
		(void)close(here);
		here = -1;
	} else if (setns(netns, CLONE_NEWNET) < 0) {
		rc = -errno;
		(void)close(here);
		return rc;
	}
	*ret_back = here;
	return 0;
}

int netns_enter_of(int socket, int *ret_back)
{
	int netns = netns_of(socket), rc;

	if (netns < 0)
		return netns;
	rc = netns_enter(netns, ret_back);
	(void)close(netns);
	return rc;
}

void netns_leave(int back)
{
	if (back < 0)
		return;
	(void)setns(back, CLONE_NEWNET);
	(void)close(back);
}

int netns_enter_kept(int *netns, int *ret_back)
{
	int here;

	if (*netns >= 0)
		return netns_enter(*netns, ret_back);
	here = netns_current();
	*netns = here < 0 ? -1 : here;
	*ret_back = -1;
	return 0;
}
