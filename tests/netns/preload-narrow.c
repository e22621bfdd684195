/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LD_PRELOAD library that gives netlink sockets the room that they have in a user namespace, where the limits are those of
 * everybody:
 *
 *     NARROW_SEND=BYTES       net.core.wmem_max
 *     NARROW_RECEIVE=BYTES    net.core.rmem_default and rmem_max
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define EXPORT __attribute__((visibility("default")))

typedef int (*setsockopt_fn)(int fd, int level, int option, const void *value, socklen_t size);

static setsockopt_fn libc_setsockopt(void)
{
	void *function = dlsym(RTLD_NEXT, "setsockopt");
	setsockopt_fn found;

	if (!function)
		abort();
	memcpy(&found, &function, sizeof(found));
	return found;
}

static int limit(const char *name)
{
	const char *text = getenv(name);

	return text ? atoi(text) : 0;
}

EXPORT int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	int is_send = option == SO_SNDBUF || option == SO_SNDBUFFORCE;
	int is_receive = option == SO_RCVBUF || option == SO_RCVBUFFORCE;
	int most = limit(is_send ? "NARROW_SEND" : "NARROW_RECEIVE"), asked;

	if (level != SOL_SOCKET || (!is_send && !is_receive) || !most)
		return libc_setsockopt()(fd, level, option, value, size);
	memcpy(&asked, value, sizeof(asked));
	if (asked > most)
		asked = most;
	/* who is refused has what all sockets begin with */
	if (option != SO_SNDBUFFORCE)
		(void)libc_setsockopt()(fd, level, is_send ? SO_SNDBUF : SO_RCVBUF, &asked, sizeof(asked));
	if (option == SO_SNDBUF || option == SO_RCVBUF)
		return 0;
	errno = EPERM;
	return -1;
}
