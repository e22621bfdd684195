/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>	/* these two before linux/if.h and */
#include <netinet/in.h> /* linux/in.h, which bring their own copies otherwise */
#include <linux/netfilter_ipv4/ip_tables.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xtables.h>

#include "wire-iptc.h"

/*
 * The kernel loads ipt_CLUSTERIP by itself when it is asked for the revision. libxtables' own question is of no use:
 * it prints, and takes it for granted that there is a revision 0.
 */
static int ask_revision(void)
{
	struct xt_get_revision revision = { .name = "CLUSTERIP" };
	socklen_t size = sizeof(revision);
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), rc = 0;

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, IPPROTO_IP, IPT_SO_GET_REVISION_TARGET, &revision, &size) < 0)
		rc = -errno;
	(void)close(fd);
	return rc == -EPROTONOSUPPORT ? -ENOENT : rc;
}

/* Where libxtables cannot start it, it would run the caller's exit handlers. */
static int has_modprobe(void)
{
	char path[PATH_MAX] = "";
	FILE *file = fopen("/proc/sys/kernel/modprobe", "re");

	if (!file)
		return 0;
	if (!fgets(path, sizeof(path), file))
		path[0] = '\0';
	fclose(file);
	path[strcspn(path, "\n")] = '\0';
	return path[0] && access(path, X_OK) == 0;
}

static void load_in_child(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(1);
	xtables_set_nfproto(NFPROTO_IPV4);
	(void)xtables_load_ko(NULL, true);
	_exit(0);
}

/*
 * ip_tables is a module that nothing but modprobe loads. libxtables waits for any child of the process, flushes
 * stdout and may exit: all that is done by a child.
 */
static void load_ip_tables(void)
{
	pid_t pid;

	if (!has_modprobe())
		return;
	pid = fork();
	if (pid == 0)
		load_in_child();
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int xtables_probe_target(void)
{
	int rc = ask_revision();

	if (rc != -ENOPROTOOPT)
		return rc;
	load_ip_tables();
	return ask_revision();
}
