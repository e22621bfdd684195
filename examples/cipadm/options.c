/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the options before the verb */
#include "cipadm.h"

#include <errno.h>
#include <getopt.h>

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "netns", required_argument, NULL, 'n' },
	{ "backend", required_argument, NULL, 'b' },
	{ "dry-run", no_argument, NULL, 'd' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "stats", no_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "announce", required_argument, NULL, 'a' },
	{ NULL, 0, NULL, 0 },
};

static int fail_option(struct app *app, int letter, const char *word)
{
	/* keep the first of several faults */
	if (app->failure.err)
		return app->failure.err;
	if (letter == ':')
		return fail(app, -EINVAL, NULL, "option \"-%c\" needs a value", optopt);
	if (optopt)
		return fail(app, -EINVAL, NULL, "bad option \"-%c\", see \"cipadm help\"", optopt);
	return fail(app, -EINVAL, NULL, "bad option \"%s\", see \"cipadm help\"", word);
}

static bool *find_flag(struct app *app, int letter)
{
	switch (letter) {
	case 'j':
		return &app->json;
	case 'd':
		return &app->dry_run;
	case 'q':
		return &app->quiet;
	case 's':
		return &app->stats;
	case 'h':
		return &app->help;
	case 'V':
		return &app->version;
	default:
		return NULL;
	}
}

static void take_option(struct app *app, int letter, char **argv)
{
	bool *flag;

	flag = find_flag(app, letter);
	if (flag)
		*flag = true;
	else if (letter == 'v')
		app->verbose++;
	else if (letter == 'n')
		app->netns = optarg;
	else if (letter == 'b')
		app->backend = optarg;
	else if (letter == 'a')
		app->announce = optarg;
	else
		fail_option(app, letter, argv[optind - 1]);
}

int read_options(struct app *app, int argc, char **argv)
{
	int letter;

	opterr = 0;
	/* goes on after a fault: a --json further on says how to report it */
	while ((letter = getopt_long(argc, argv, "+:jn:b:a:dqvshV", long_options, NULL)) != -1)
		take_option(app, letter, argv);
	return app->failure.err ? app->failure.err : optind;
}
