/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the verbs apply and restore: a file of cluster IPs, one transaction */
#include "args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* of the first member that could not be had; 0: of none in particular */
static uint32_t find_line(struct app *app, struct cip_list *list)
{
	const char *refused = cip_get_refused_address(app->ctx, 0);
	char address[46];

	for (uint32_t i = 0; refused && i < cip_list_count(list); i++)
		if (cip_cluster_get_address(cip_list_get(list, i), address, sizeof(address)) == 0 &&
		    !strcmp(address, refused))
			return cip_list_get_line(list, i);
	return 0;
}

static int fail_apply(struct app *app, const char *name, struct cip_list *list, int err)
{
	const char *field = cip_error_field(app);
	char text[LINE_SIZE];
	uint32_t line;

	snprintf(text, sizeof(text), "%s", cip_error_text(app, err));
	line = find_line(app, list);
	if (line)
		return fail(app, err, field, "%s:%u: %s", name, line, text);
	return fail(app, err, field, "%s: %s", name, text);
}

static int parse_text(struct app *app, const char *name, const char *text, struct cip_list *list)
{
	const char *sentence;
	int err;

	err = cip_list_parse(list, text);
	if (!err)
		return 0;
	sentence = cip_error_text(app, err);
	if (!strncmp(sentence, "line ", 5))
		fail(app, err, cip_error_field(app), "%s:%s", name, sentence + 5);
	else
		fail_cip(app, err);
	/* two lines about one address are bad input; nothing in the kernel is in the way */
	if (err == -EEXIST)
		app->failure.status = STATUS_USAGE;
	return err;
}

/* what is as usual a dump leaves out; in the kernel it may have become something else since */
static int complete(struct app *app, struct cip_list *list)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < cip_list_count(list); i++)
		err = cip_cluster_complete(cip_list_get(list, i));
	return err ? fail_cip(app, err) : 0;
}

static int apply_text(struct app *app, const char *name, const char *text, uint32_t flags, bool is_dump)
{
	struct cip_list *list;
	int err;

	err = cip_list_new(app->ctx, &list);
	if (err)
		return fail_cip(app, err);
	err = parse_text(app, name, text, list);
	if (!err && is_dump)
		err = complete(app, list);
	if (!err) {
		err = cip_apply(app->ctx, list, flags);
		err = err ? fail_apply(app, name, list, err) : app->out->plan(app);
	}
	cip_list_unref(list);
	return err;
}

static int apply_file(struct app *app, const char *path, uint32_t flags, bool is_dump)
{
	char *text;
	int err;

	err = read_text(app, path, &text);
	if (err)
		return err;
	err = apply_text(app, text_name(path), text, flags, is_dump);
	free(text);
	return err;
}

/* a file called "prune" is written "./prune" */
static int read_words(struct app *app, int argc, char **argv, const char **ret_path, uint32_t *ret_flags)
{
	for (int i = 0; i < argc; i++) {
		bool prune = !strcmp(argv[i], "prune");

		if (prune ? *ret_flags != 0 : *ret_path || (argv[i][0] == '-' && argv[i][1]))
			return args_refuse(app, argv[i]);
		if (prune)
			*ret_flags = CIP_APPLY_PRUNE;
		else
			*ret_path = argv[i];
	}
	return 0;
}

int cmd_apply(struct app *app, int argc, char **argv)
{
	const char *path = NULL;
	uint32_t flags = 0;
	int err;

	err = read_words(app, argc, argv, &path, &flags);
	return err ? err : apply_file(app, path ? path : "-", flags, false);
}

int cmd_restore(struct app *app, int argc, char **argv)
{
	const struct keyword none = { NULL, NULL };
	const char *path = "-";
	int count;

	count = args_sort(app, argc, argv, &none, &path, 0, 1);
	return count < 0 ? count : apply_file(app, path, CIP_APPLY_PRUNE, true);
}
