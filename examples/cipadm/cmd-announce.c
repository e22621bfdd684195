/* SPDX-License-Identifier: GPL-2.0-or-later */
/* announcements: the verb, and the option that says how often what is created is announced */
#include "args.h"

#define INTERVAL_DEFAULT 200 /* milliseconds, as of IPaddr2 */

int set_announce(struct app *app)
{
	uint32_t count;
	int err;

	if (!app->announce)
		return 0;
	err = args_number(app, "announce", app->announce, &count);
	if (err)
		return err;
	err = cip_set_announce(app->ctx, count, INTERVAL_DEFAULT);
	return err ? fail_cip(app, err) : 0;
}

int cmd_announce(struct app *app, int argc, char **argv)
{
	const char *address, *ifname = NULL, *count_word = NULL, *interval_word = NULL;
	const struct keyword keywords[] = {
		{ "dev", &ifname }, { "count", &count_word }, { "interval", &interval_word }, { NULL, NULL }
	};
	uint32_t count = 1, interval = INTERVAL_DEFAULT;
	int err;

	err = args_sort(app, argc, argv, keywords, &address, 1, 1);
	if (err < 0)
		return err;
	err = count_word ? args_number(app, "count", count_word, &count) : 0;
	if (!err && interval_word)
		err = args_number(app, "interval", interval_word, &interval);
	if (err)
		return err;
	err = cip_announce(app->ctx, address, ifname, app->dry_run ? 0 : count, interval);
	return err ? fail_cip(app, err) : app->out->plan(app);
}
