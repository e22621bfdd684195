/* SPDX-License-Identifier: GPL-2.0-or-later */
/* help, made from the command table */
#include "cipadm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* each begins with the word as it stands in the usage of verbs */
static const char *const words_help[] = {
	"  MODE    sourceip, sourceip-sourceport, sourceip-sourceport-destport or xt_cluster",
	"  N       number of buckets, 1..1024",
	"  LIST    buckets, such as 1,3,5-8, or all, or none",
	"  SEED    start value of the hash, decimal or 0x hexadecimal",
	"  LEN     bits of the client's address that are hashed, 1..32 or 1..128",
	"  FIELDS  address, prefix, dev, mac-mode, mac, hash, total, seed, source-prefix, buckets,\n"
	"          outgoing, noaddr or backend; several of them with commas",
	"  LLADDR  MAC, such as 03:bf:0a:00:00:64",
	"  COUNT   of announcements, 0..1000; 1 unless given",
	"  MS      milliseconds between them, 0..60000; 200 unless given",
	"  PROTO   tcp, udp, ... or a number",
	"  NAME    of a node; nodes: all of them, in the same order everywhere",
	"  FIRST   VRRP id of bucket 1; 1 unless given",
	"  NETWORK of the instances' addresses; 169.254.0.0 unless given",
	"  PATH    of cipadm-notify, where it is not where it was installed",
	"  SECONDS may have decimals",
	NULL,
};

static const char *const options_help[] = {
	"",
	"Options, before the verb:",
	"  -j, --json          print one JSON object",
	"  -n, --netns NAME    work in a network namespace",
	"  -b, --backend NAME  auto (the default), nft or clusterip",
	"  -a, --announce N    announce N times what is created; 1 if not given",
	"  -d, --dry-run       print the steps, take none",
	"  -q, --quiet         print nothing while all is well",
	"  -v, --verbose       print the steps taken; twice: log what the library does",
	"  -s, --stats         show counters",
	"  -h, --help          print this, or after a verb what it does",
	"  -V, --version       print the version",
	"",
	"Exit status: 0 done, 1 refused by the kernel or faults found, 2 bad usage or",
	"input, 3 no such cluster IP, 4 not permitted. See cipadm(8).",
	NULL,
};

static void print_lines(const char *const *lines)
{
	for (; *lines; lines++)
		puts(*lines);
}

const struct command *find_command(const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

/* does a word, which is in capitals, stand in the usage, and not as a part of another one? */
static bool in_usage(const char *usage, const char *line)
{
	const char *word = line + strspn(line, " ");
	size_t length = strcspn(word, " ");

	for (; *usage; usage += strspn(usage, CAPITALS)) {
		usage += strcspn(usage, CAPITALS);
		if (strspn(usage, CAPITALS) == length && !strncmp(usage, word, length))
			return true;
	}
	return false;
}

/* those that the usage has */
static void print_words(const char *usage)
{
	bool first = true;

	for (const char *const *line = words_help; *line; line++) {
		if (!in_usage(usage, *line))
			continue;
		printf("%s%s\n", first ? "\n" : "", *line);
		first = false;
	}
}

static void print_usage(const char *before, const struct command *command)
{
	printf("%s%s%s%s\n", before, command->name, *command->usage ? " " : "", command->usage);
}

void print_help(void)
{
	puts("Usage: cipadm [OPTION]... VERB ...\n");
	for (const struct command *command = commands; command->name; command++) {
		print_usage("  ", command);
		printf("      %s\n", command->help);
	}
	putchar('\n');
	print_lines(words_help);
	print_lines(options_help);
}

void print_command_help(const struct command *command)
{
	print_usage("Usage: cipadm [OPTION]... ", command);
	printf("  %s\n", command->help);
	print_words(command->usage);
}

int cmd_help(struct app *app, int argc, char **argv)
{
	const struct command *command;

	if (argc == 0) {
		print_help();
		return STATUS_DONE;
	}
	command = find_command(argv[0]);
	if (!command)
		return fail(app, -EINVAL, NULL, "help: unknown verb \"%s\"", argv[0]);
	if (argc > 1)
		return fail(app, -EINVAL, NULL, "help: unknown word \"%s\"", argv[1]);
	print_command_help(command);
	return STATUS_DONE;
}
