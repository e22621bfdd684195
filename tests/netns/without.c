/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * without nf_tables PROGRAM [ARGUMENT]...
 *
 * Runs a program, for which the kernel is one without netfilter's netlink family: CONFIG_NETFILTER_NETLINK is what
 * nf_tables cannot do without.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tool.h"

#define LOAD(field)	   BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ELSE_SKIP(k, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, skip)
#define RETURN(k)	   BPF_STMT(BPF_RET | BPF_K, k)

/* The low half of an argument: they are small numbers. */
#define ARGUMENT(n)                                                                                            \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                                                     \
		 offsetof(struct seccomp_data, args[n]) + 4 * (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))

static void forbid(void)
{
	struct sock_filter filter[] = {
		LOAD(nr),
		ELSE_SKIP(SYS_socket, 5),
		ARGUMENT(0),
		ELSE_SKIP(AF_NETLINK, 3),
		ARGUMENT(2),
		ELSE_SKIP(NETLINK_NETFILTER, 1),
		RETURN(SECCOMP_RET_ERRNO | EPROTONOSUPPORT),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = ARRAY_SIZE(filter), .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		die("seccomp");
}

int main(int argc, char **argv)
{
	errno = 0;
	if (argc < 3 || strcmp(argv[1], "nf_tables"))
		die("usage: without nf_tables PROGRAM [ARGUMENT]...");
	forbid();
	execvp(argv[2], argv + 2);
	die("%s", argv[2]);
}
