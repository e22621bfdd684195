/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cipadm - administer cluster IPs: the command table, and the way from the words to a verb and back */
#include "cipadm.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NETNS_DIR "/run/netns/"

const struct command commands[] = {
	{ "create", cmd_create,
	  "ADDRESS[/PREFIX] dev IF total N [hash MODE] [seed SEED] [source-prefix LEN] "
	  "[mac-mode multicast|igmp|unicast] [mac LLADDR] [buckets LIST] [outgoing] [noaddr]",
	  "create a cluster IP, or repair it" },
	{ "destroy", cmd_destroy, "ADDRESS [dev IF]", "remove a cluster IP and everything left for it" },
	{ "set", cmd_set,
	  "ADDRESS [dev IF] [hash MODE] [total N] [seed SEED] [source-prefix LEN] [buckets LIST]",
	  "change parameters of a cluster IP in one transaction" },
	{ "bucket", cmd_bucket, "add|del|set ADDRESS [dev IF] LIST",
	  "let in more buckets, fewer buckets, or exactly these" },
	{ "announce", cmd_announce, "ADDRESS [dev IF] [count COUNT] [interval MS]",
	  "tell the neighbours where a cluster IP is, by ARP or neighbour discovery" },
	{ "show", cmd_show, "[ADDRESS [dev IF]] [-s] [--watch[=SECONDS]]",
	  "print cluster IPs, with -s their counters; --watch: buckets and packet rates, again and again" },
	{ "get", cmd_get, "FIELDS ADDRESS [dev IF]",
	  "print fields of a cluster IP, each on a line of its own, for programs" },
	{ "metrics", cmd_metrics, "[ADDRESS...] [--output FILE]",
	  "print counters and the result of a check as OpenMetrics text" },
	{ "check", cmd_check, "[ADDRESS [dev IF]]", "compare the kernel with what it should hold" },
	{ "apply", cmd_apply, "[FILE|-] [prune]",
	  "bring all cluster IPs of a file about in one transaction; prune: destroy all others" },
	{ "dump", cmd_dump, "", "print every cluster IP as a line for apply and restore" },
	{ "restore", cmd_restore, "[FILE|-]",
	  "bring about exactly what dump has printed in one transaction, and destroy all others" },
	{ "migrate", cmd_migrate, "ADDRESS [dev IF]",
	  "move a cluster IP from the kernel's CLUSTERIP target to nftables" },
	{ "import", cmd_import, "[FILE|-] [prefix PREFIX | noaddr]",
	  "create the cluster IPs of CLUSTERIP rules that iptables-save printed" },
	{ "hash", cmd_hash, "total N [hash MODE] [seed SEED] [source-prefix LEN] SADDR [PROTO [SPORT [DPORT]]]",
	  "print the bucket of a flow; needs no privilege" },
	{ "owner", cmd_owner, "ADDRESS [dev IF] SADDR [PROTO [SPORT [DPORT]]]",
	  "print the bucket of a flow to a cluster IP, and whether it is local" },
	{ "keepalived-config", cmd_keepalived_config,
	  "ADDRESS[/PREFIX] dev IF total N node NAME nodes NAME,NAME,... [hash MODE] [seed SEED] [mac LLADDR] "
	  "[vrid FIRST] [interval SECONDS] [vip NETWORK] [notify PATH]",
	  "print a configuration of keepalived for a node; needs no privilege" },
	{ "address", cmd_address, "ADDRESS",
	  "print an address as it is written elsewhere; needs no privilege" },
	{ "help", cmd_help, "[VERB]", "explain a verb, or all" },
	{ NULL, NULL, NULL, NULL },
};

static int open_netns(const char *name)
{
	char path[4096];
	int length;

	/* as with ip(8), a name with a slash is a path */
	length = snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : NETNS_DIR, name);
	if (length >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int enter_netns(struct app *app)
{
	int fd, err = 0;

	if (!app->netns)
		return 0;
	fd = open_netns(app->netns);
	if (fd < 0)
		return fail_open(app, -errno, "network namespace", app->netns);
	if (setns(fd, CLONE_NEWNET) < 0)
		err = fail_open(app, -errno, "network namespace", app->netns);
	close(fd);
	return err;
}

static int log_to_stderr(struct app *app)
{
	int err;

	err = cip_set_log_fd(app->ctx, STDERR_FILENO);
	if (!err)
		err = cip_set_log_priority(app->ctx, 7);
	return err;
}

static int make_context(struct app *app)
{
	int err;

	err = cip_new(&app->ctx);
	if (err)
		return fail(app, err, NULL, "%s", strerror(-err));
	err = cip_set_backend(app->ctx, app->backend);
	if (!err)
		err = cip_set_dry_run(app->ctx, app->dry_run);
	if (!err && app->verbose > 1)
		err = log_to_stderr(app);
	return err ? fail_cip(app, err) : 0;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

static int run_command(struct app *app, int argc, char **argv)
{
	int err;

	app->command = find_command(argv[0]);
	if (!app->command)
		return fail(app, -EINVAL, NULL, "unknown verb \"%s\", see \"cipadm help\"", argv[0]);
	if (asks_for_help(argc - 1, argv + 1)) {
		print_command_help(app->command);
		return STATUS_DONE;
	}
	err = enter_netns(app);
	if (!err)
		err = make_context(app);
	if (!err)
		err = set_announce(app);
	return err ? err : app->command->run(app, argc - 1, argv + 1);
}

static int run(struct app *app, int argc, char **argv)
{
	int verb;

	verb = read_options(app, argc, argv);
	app->out = app->json ? &json_output : &text_output;
	if (verb < 0)
		return verb;
	if (app->help)
		print_help();
	else if (app->version)
		printf("cipadm %s, libclusterip %s\n", PACKAGE_VERSION, cip_version_string());
	else if (verb == argc)
		return fail(app, -EINVAL, NULL, "a verb is missing, see \"cipadm help\"");
	else
		return run_command(app, argc - verb, argv + verb);
	return STATUS_DONE;
}

static int flush_stdout(struct app *app)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return fail(app, -EIO, NULL, "cannot write to the standard output");
}

int main(int argc, char **argv)
{
	struct app app = { 0 };
	int status, err;

	status = run(&app, argc, argv);
	if (status < 0)
		status = report_failure(&app);
	err = flush_stdout(&app);
	if (err && status == STATUS_DONE)
		status = report_failure(&app);
	cip_unref(app.ctx);
	return status;
}
