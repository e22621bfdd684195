/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the verb metrics: reads all it can, and writes it in one piece */
#include "args.h"
#include "metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* one that cannot be read hides neither the others nor itself */
static int read_named(struct app *app, struct scrape *scrape, const char **addresses, int count)
{
	struct cip_cluster *cluster;
	int err, first = 0;

	for (int i = 0; i < count; i++) {
		err = cip_query_one(app->ctx, addresses[i], NULL, &cluster);
		if (!err) {
			err = cip_list_add(scrape->list, cluster);
			cip_cluster_unref(cluster);
		}
		if (err == -EEXIST) /* named twice */
			continue;
		if (err == -EINVAL)
			return fail_cip(app, err);
		scrape->errors += err != 0;
		if (err && !first)
			first = fail_cip(app, err);
	}
	return first;
}

static int read_addresses(struct app *app, struct scrape *scrape, const char **addresses, int count)
{
	int err;

	err = count ? cip_list_new(app->ctx, &scrape->list) : cip_query(app->ctx, &scrape->list);
	if (!err)
		return read_named(app, scrape, addresses, count);
	scrape->errors++;
	return fail_cip(app, err);
}

/* returns 0, or the first failure; what else could be read is in the scrape */
static int read_scrape(struct app *app, struct scrape *scrape, const char **addresses, int count)
{
	int err, first;

	first = read_addresses(app, scrape, addresses, count);
	if (first == -EINVAL)
		return first;
	err = cip_verify(app->ctx, NULL, NULL, &scrape->report);
	if (!err)
		return first;
	scrape->errors++;
	return first ? first : fail_cip(app, err);
}

static int write_temporary(int fd, const struct scrape *scrape)
{
	FILE *file;
	int err = 0;

	file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	metrics_print(file, scrape);
	if (fflush(file) || fchmod(fd, 0644) < 0)
		err = -errno;
	else if (ferror(file))
		err = -EIO;
	fclose(file);
	return err;
}

/* readers must not see half a file: it gets its name when it is complete */
static int write_file(struct app *app, const char *path, const struct scrape *scrape)
{
	char temporary[4096];
	int fd, err;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return fail_open(app, -ENAMETOOLONG, "file", path);
	fd = mkstemp(temporary);
	if (fd < 0)
		return fail_open(app, -errno, "file", path);
	err = write_temporary(fd, scrape);
	if (!err && rename(temporary, path) < 0)
		err = -errno;
	if (!err)
		return 0;
	unlink(temporary);
	return fail_open(app, err, "file", path);
}

static int print_scrape(struct app *app, const char *path, const struct scrape *scrape)
{
	if (path)
		return write_file(app, path, scrape);
	metrics_print(stdout, scrape);
	return 0;
}

static int scrape(struct app *app, const char *path, const char **addresses, int count)
{
	struct scrape scrape = { .named = count > 0 };
	int err, first;

	first = read_scrape(app, &scrape, addresses, count);
	err = first == -EINVAL ? 0 : print_scrape(app, path, &scrape);
	cip_list_unref(scrape.list);
	cip_report_unref(scrape.report);
	return err ? err : first;
}

int cmd_metrics(struct app *app, int argc, char **argv)
{
	const char *path = NULL, **addresses;
	const struct keyword keywords[] = { { "--output", &path }, { NULL, NULL } };
	int count;

	if (app->json)
		return fail(app, -EINVAL, NULL, "%s: OpenMetrics text is not JSON, leave out --json",
			    app->command->name);
	addresses = calloc(argc + 1, sizeof(*addresses));
	if (!addresses)
		return fail(app, -ENOMEM, NULL, "%s", strerror(ENOMEM));
	count = args_sort(app, argc, argv, keywords, addresses, 0, argc);
	if (count >= 0)
		count = scrape(app, path, addresses, count);
	free(addresses);
	return count;
}
