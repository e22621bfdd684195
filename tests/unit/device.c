/* SPDX-License-Identifier: GPL-2.0-or-later */
/* an Ethernet device without any tool, and a cluster IP on it */
#include "unit.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int unit_open_device(void)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI, .ifr_name = "tap0" };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) {
		perror("/dev/net/tun");
		return -1;
	}
	return fd;
}

int unit_set_up(void)
{
	struct ifreq request = { .ifr_flags = IFF_UP, .ifr_name = "tap0" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = ioctl(fd, SIOCSIFFLAGS, &request);

	close(fd);
	return rc;
}

int unit_create(const char *line)
{
	struct cip_cluster *cluster = NULL;
	int rc = cip_cluster_new(unit_ctx, &cluster);

	if (rc == 0)
		rc = cip_cluster_parse(cluster, line);
	if (rc == 0)
		rc = cip_create(unit_ctx, cluster);
	cip_cluster_unref(cluster);
	return rc;
}
