/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strike MICROSECONDS COMMAND...
 *
 * Runs a command and kills it after so many microseconds with SIGKILL, from which no program can recover. 0 lets
 * it live. Prints "killed MICROSECONDS" or "done MICROSECONDS STATUS", with the time that really passed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

static pid_t launch(char **command)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child == 0) {
		execvp(command[0], command);
		die("%s", command[0]);
	}
	return child;
}

int main(int argc, char **argv)
{
	uint64_t begin;
	uint32_t delay;
	int status;
	pid_t child;

	errno = 0;
	if (argc < 3)
		die("usage: strike MICROSECONDS COMMAND...");
	delay = number(argv[1], 1000000000);
	begin = now_us();
	child = launch(argv + 2);
	if (delay) {
		sleep_us(delay);
		kill(child, SIGKILL);
	}
	if (waitpid(child, &status, 0) != child)
		die("wait");
	if (WIFSIGNALED(status))
		printf("killed %llu\n", (unsigned long long)(now_us() - begin));
	else
		printf("done %llu %d\n", (unsigned long long)(now_us() - begin), WEXITSTATUS(status));
	return 0;
}
