/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "wire-iptc.h"

#define LOCK_FILE    "/run/xtables.lock"
#define LOCK_MS	     5000
#define LOCK_STEP_MS 1

static const char *lock_file(void)
{
	const char *name = secure_getenv("XTABLES_LOCKFILE");

	return name && *name ? name : LOCK_FILE;
}

static int wait_for(int fd)
{
	const struct timespec step = { 0, LOCK_STEP_MS * 1000000L };
	int waited;

	for (waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= LOCK_MS)
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
