/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "wire-iptc.h"

#define LOCK_FILE "/run/xtables.lock"
#define LOCK_MS	  5000

static const char *lock_file(void)
{
	const char *name = secure_getenv("XTABLES_LOCKFILE");

	return name && *name ? name : LOCK_FILE;
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* flock(2) itself knows no limit; asking often leaves a process that takes it again and again no advantage. */
static int wait_for(int fd)
{
	const struct timespec step = { 0, 500000 };
	int64_t until = now_ms() + LOCK_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (now_ms() >= until)
			return -EBUSY;
		(void)nanosleep(&step, NULL);
	}
	return 0;
}

int xtables_lock_take(int *ret_fd)
{
	int fd = open(lock_file(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600), rc;

	if (fd < 0)
		return errno == EACCES ? -EPERM : -errno;
	rc = wait_for(fd);
	if (rc < 0)
		(void)close(fd);
	else
		*ret_fd = fd;
	return rc;
}
