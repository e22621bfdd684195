/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

/* What programs say is of interest only where they fail, and there they are run without this. */
static void silence(posix_spawn_file_actions_t *actions)
{
	if (posix_spawn_file_actions_init(actions) ||
	    posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) ||
	    posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0))
		die("no memory");
}

static int start_and_wait(const char *const *argv, const posix_spawn_file_actions_t *actions,
			  struct rusage *usage)
{
	pid_t pid;
	int status;

	errno = posix_spawnp(&pid, argv[0], actions, NULL, (char *const *)argv, environ);
	if (errno)
		die("cannot start %s", argv[0]);
	if (wait4(pid, &status, 0, usage) < 0)
		die("%s", argv[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

double command_run(const char *const *argv, int status)
{
	posix_spawn_file_actions_t actions;
	double us;
	int found;

	silence(&actions);
	us = wall_us();
	found = start_and_wait(argv, &actions, NULL);
	us = wall_us() - us;
	posix_spawn_file_actions_destroy(&actions);
	if (found != status) {
		found = start_and_wait(argv, NULL, NULL);
		errno = 0;
		die("%s %s ... ended with %d, not %d", argv[0], argv[1], found, status);
	}
	return us;
}

double command_peak_mb(const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;

	silence(&actions);
	errno = 0;
	if (start_and_wait(argv, &actions, &usage))
		die("%s %s failed", argv[0], argv[1]);
	posix_spawn_file_actions_destroy(&actions);
	return (double)usage.ru_maxrss / 1024;
}
