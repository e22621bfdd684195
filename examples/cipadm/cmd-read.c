/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verbs that read: show, dump, check */
#include "args.h"

#include <string.h>

#define WATCH "--watch"

static int query_into(struct app *app, const char *address, const char *ifname, struct cip_list *list)
{
	struct cip_cluster *cluster;
	int err;

	err = cip_query_one(app->ctx, address, ifname, &cluster);
	if (err)
		return err;
	err = cip_list_add(list, cluster);
	cip_cluster_unref(cluster);
	return err;
}

/* a list of one, so that one and many are written alike */
static int query_one(struct app *app, const char *address, const char *ifname, struct cip_list **ret_list)
{
	struct cip_list *list;
	int err;

	err = cip_list_new(app->ctx, &list);
	if (err)
		return err;
	err = query_into(app, address, ifname, list);
	if (err)
		cip_list_unref(list);
	else
		*ret_list = list;
	return err;
}

int read_clusters(struct app *app, const char *address, const char *ifname, struct cip_list **ret_list)
{
	int err;

	err = address ? query_one(app, address, ifname, ret_list) : cip_query(app->ctx, ret_list);
	return err ? fail_cip(app, err) : 0;
}

static int show(struct app *app, const char *address, const char *ifname)
{
	struct cip_list *list;
	int err;

	err = read_clusters(app, address, ifname, &list);
	if (err)
		return err;
	err = app->out->clusters(app, list);
	cip_list_unref(list);
	return err;
}

/* takes options out of the words; returns how many are left, or a negative errno after fail() */
static int take_options(struct app *app, int argc, char **argv)
{
	const size_t length = strlen(WATCH);
	int err = 0, kept = 0;

	for (int i = 0; !err && i < argc; i++) {
		if (!strcmp(argv[i], "-s") || !strcmp(argv[i], "--stats"))
			app->stats = true;
		else if (!strncmp(argv[i], WATCH, length) && strchr("=", argv[i][length]))
			err = read_watch(app, argv[i] + length);
		else
			argv[kept++] = argv[i];
	}
	return err ? err : kept;
}

int cmd_show(struct app *app, int argc, char **argv)
{
	const char *address = NULL, *ifname = NULL;
	int count;

	argc = take_options(app, argc, argv);
	if (argc < 0)
		return argc;
	count = args_target(app, argc, argv, 0, &address, &ifname);
	if (count < 0)
		return count;
	return app->watch > 0 ? watch_clusters(app, address, ifname) : show(app, address, ifname);
}

int cmd_dump(struct app *app, int argc, char **argv)
{
	const struct keyword none = { NULL, NULL };
	int count;

	count = args_sort(app, argc, argv, &none, NULL, 0, 0);
	if (count < 0)
		return count;
	app->stats = false;
	return show(app, NULL, NULL);
}

static int count_clusters(struct app *app, const char *address, uint32_t *ret_count)
{
	struct cip_list *list;
	int err;

	*ret_count = 1;
	if (address)
		return 0;
	err = cip_query(app->ctx, &list);
	if (err)
		return fail_cip(app, err);
	*ret_count = cip_list_count(list);
	cip_list_unref(list);
	return 0;
}

static int report_faults(struct app *app, struct cip_report *report, const char *address)
{
	uint32_t clusters = 0;
	int err = 0;

	/* what has faults may be unreadable, and is not counted */
	if (cip_report_count(report) == 0)
		err = count_clusters(app, address, &clusters);
	if (!err)
		err = app->out->faults(app, report, clusters);
	if (err)
		return err;
	return cip_report_count(report) ? STATUS_REFUSED : STATUS_DONE;
}

int cmd_check(struct app *app, int argc, char **argv)
{
	const char *address = NULL, *ifname = NULL;
	struct cip_report *report;
	int count, err;

	count = args_target(app, argc, argv, 0, &address, &ifname);
	if (count < 0)
		return count;
	err = cip_verify(app->ctx, address, ifname, &report);
	if (err)
		return fail_cip(app, err);
	err = report_faults(app, report, address);
	cip_report_unref(report);
	return err;
}
