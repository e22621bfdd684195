/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cipd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NETNS_DIR	 "/run/netns/"
#define INTERVAL_DEFAULT 10
#define INTERVAL_MAX	 86400

static const struct option long_options[] = {
	{ "file", required_argument, NULL, 'f' },    { "netns", required_argument, NULL, 'n' },
	{ "backend", required_argument, NULL, 'b' }, { "interval", required_argument, NULL, 'i' },
	{ "verbose", no_argument, NULL, 'v' },	     { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },	     { NULL, 0, NULL, 0 },
};

static void print_help(void)
{
	puts("Usage: cipd [OPTION]...\n"
	     "  -f, --file FILE         cluster IPs to keep; " CONFIG_FILE " unless given\n"
	     "  -n, --netns NAME        work in a network namespace\n"
	     "  -b, --backend NAME      auto (the default), nft or clusterip\n"
	     "  -i, --interval SECONDS  look also without an event; 0: never; 10 unless given\n"
	     "  -v, --verbose           say what others change, also where it did no damage\n"
	     "  -h, --help              print this\n"
	     "  -V, --version           print the version\n"
	     "\n"
	     "SIGHUP: read the file again. SIGTERM: end, and leave all as it is.\n"
	     "Exit status: 0 ended by a signal, 1 refused by the system, 2 bad usage or file.\n"
	     "See cipd(8).");
}

static bool take_interval(struct options *options, const char *word)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(word, &end, 10);
	if (errno || end == word || *end || *word == '-' || value > INTERVAL_MAX) {
		fprintf(stderr, "cipd: interval \"%s\" is not a number of seconds in 0..%d\n", word,
			INTERVAL_MAX);
		return false;
	}
	options->interval = (uint32_t)value;
	return true;
}

static bool take_option(struct options *options, int letter, int *ret_status)
{
	switch (letter) {
	case 'f':
		options->path = optarg;
		return true;
	case 'n':
		options->netns = optarg;
		return true;
	case 'b':
		options->backend = optarg;
		return true;
	case 'i':
		return take_interval(options, optarg);
	case 'v':
		options->verbose = true;
		return true;
	case 'h':
		print_help();
		*ret_status = 0;
		return false;
	case 'V':
		printf("cipd %s, libclusterip %s\n", PACKAGE_VERSION, cip_version_string());
		*ret_status = 0;
		return false;
	}
	return false; /* getopt has said what is wrong */
}

bool read_options(struct options *options, int argc, char **argv, int *ret_status)
{
	int letter;

	*options = (struct options){ .path = CONFIG_FILE, .interval = INTERVAL_DEFAULT };
	*ret_status = 2;
	while ((letter = getopt_long(argc, argv, "f:n:b:i:vhV", long_options, NULL)) != -1)
		if (!take_option(options, letter, ret_status))
			return false;
	if (optind == argc)
		return true;
	fprintf(stderr, "cipd: unknown word \"%s\"\n", argv[optind]);
	return false;
}

bool enter_netns(const char *name)
{
	char path[4096];
	int fd, rc;

	/* as with ip(8), a name with a slash is a path */
	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : NETNS_DIR, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	rc = fd < 0 ? -1 : setns(fd, CLONE_NEWNET);
	if (rc < 0)
		say(LOG_ERR, "network namespace \"%s\": %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc == 0;
}
