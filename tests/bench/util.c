/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void die(const char *format, ...)
{
	int error = errno;
	va_list args;

	fflush(stdout);
	fputs("bench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, error ? ": %s\n" : "%s\n", error ? strerror(error) : "");
	exit(2);
}

void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		die("no memory");
	return memory;
}

int open_netns(const char *prefix, const char *kind, enum family family, uint32_t count)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s-%s-%u-%u", prefix, kind, families[family].number, count);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("%s", path);
	return fd;
}

void enter_netns(int fd)
{
	if (setns(fd, CLONE_NEWNET))
		die("cannot enter a network namespace");
}

static double read_clock(clockid_t clock, double units)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		die("no clock %d", clock);
	return ((double)now.tv_sec * 1e9 + (double)now.tv_nsec) / units;
}

double thread_ns(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID, 1);
}

double wall_us(void)
{
	return read_clock(CLOCK_MONOTONIC, 1e3);
}
