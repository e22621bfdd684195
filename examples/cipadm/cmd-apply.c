/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the verb apply: a file of cluster IPs, one transaction */
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct input {
	const char *name;
	struct cip_list *list;
	unsigned int line;
	unsigned int *lines; /* where each member of the list stands */
};

static int fail_line(struct app *app, const struct input *input, int err)
{
	return fail(app, err, cip_error_field(app), "%s:%u: %s", input->name, input->line,
		    cip_error_text(app, err));
}

/* does "dev" stand before this word? */
static bool is_device(const char *text, const char *word)
{
	while (word > text && isspace((unsigned char)word[-1]))
		word--;
	return word - text > 4 && !strncmp(word - 3, "dev", 3) && isspace((unsigned char)word[-4]);
}

/* a # begins a comment where it begins a word; names of devices may contain one, or begin with it */
static void cut_comment(char *text)
{
	for (char *c = text; *c; c++) {
		if (*c == '#' && (c == text || isspace((unsigned char)c[-1])) && !is_device(text, c)) {
			*c = '\0';
			return;
		}
	}
}

/* the words of a line, without comment, blanks around them, and the optional "create" */
static char *trim_line(char *text)
{
	size_t length;

	cut_comment(text);
	text += strspn(text, " \t");
	for (length = strlen(text); length && isspace((unsigned char)text[length - 1]); length--)
		text[length - 1] = '\0';
	if (!strncmp(text, "create", 6) && (!text[6] || isblank((unsigned char)text[6])))
		text += 6 + strspn(text + 6, " \t");
	else if (!*text)
		return NULL;
	return text;
}

static int note_line(struct app *app, struct input *input)
{
	unsigned int *lines;

	lines = reallocarray(input->lines, cip_list_count(input->list) + 1, sizeof(*lines));
	if (!lines)
		return fail(app, -ENOMEM, NULL, "%s", strerror(ENOMEM));
	lines[cip_list_count(input->list)] = input->line;
	input->lines = lines;
	return 0;
}

static int parse_into(struct app *app, struct input *input, const char *text, struct cip_cluster *cluster)
{
	int err;

	err = cip_cluster_parse(cluster, text);
	if (err)
		return fail_line(app, input, err);
	err = note_line(app, input);
	if (err)
		return err;
	err = cip_list_add(input->list, cluster);
	if (!err)
		return 0;
	fail_line(app, input, err);
	/* two lines about one address are bad input; nothing in the kernel is in the way */
	if (err == -EEXIST)
		app->failure.status = STATUS_USAGE;
	return err;
}

static int add_line(struct app *app, struct input *input, const char *text)
{
	struct cip_cluster *cluster;
	int err;

	err = cip_cluster_new(app->ctx, &cluster);
	if (err)
		return fail_cip(app, err);
	err = parse_into(app, input, text, cluster);
	cip_cluster_unref(cluster);
	return err;
}

static int take_line(struct app *app, struct input *input, char *text, size_t length)
{
	input->line++;
	if (strlen(text) != length)
		return fail(app, -EINVAL, NULL, "%s:%u: a NUL byte", input->name, input->line);
	text = trim_line(text);
	return text ? add_line(app, input, text) : 0;
}

static int read_lines(struct app *app, struct input *input, FILE *file)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	int err = 0;

	while (!err && (length = getline(&text, &size, file)) >= 0)
		err = take_line(app, input, text, (size_t)length);
	/* half a file must not be taken for a whole one, least of all with prune */
	if (!err && !feof(file))
		err = fail_open(app, -errno, "file", input->name);
	free(text);
	return err;
}

static int read_input(struct app *app, struct input *input, const char *path)
{
	FILE *file;
	int err;

	if (!strcmp(path, "-")) {
		input->name = "stdin";
		return read_lines(app, input, stdin);
	}
	input->name = path;
	file = fopen(path, "re");
	if (!file)
		return fail_open(app, -errno, "file", path);
	err = read_lines(app, input, file);
	fclose(file);
	return err;
}

static int add_first(struct cip_list *to, struct cip_list *from, uint32_t count)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < count; i++)
		err = cip_list_add(to, cip_list_get(from, i));
	return err;
}

static int plan_first(struct app *app, struct cip_list *list, uint32_t count)
{
	struct cip_list *first;
	int err;

	err = cip_list_new(app->ctx, &first);
	if (err)
		return err;
	err = add_first(first, list, count);
	if (!err)
		err = cip_apply(app->ctx, first, 0);
	cip_list_unref(first);
	return err;
}

/* how many members it takes from the first one to fail like this in a dry run; 0 if none do */
static uint32_t count_to_failure(struct app *app, struct cip_list *list, int err)
{
	uint32_t good = 0, bad = cip_list_count(list), middle;

	if (cip_set_dry_run(app->ctx, 1) || plan_first(app, list, bad) != err)
		return 0;
	while (bad - good > 1) {
		middle = good + (bad - good) / 2;
		if (plan_first(app, list, middle) == err)
			bad = middle;
		else
			good = middle;
	}
	return bad;
}

static bool device_is_missing(struct cip_cluster *cluster)
{
	char ifname[IF_NAMESIZE];

	return cip_cluster_get_ifname(cluster, ifname, sizeof(ifname)) == 0 && if_nametoindex(ifname) == 0;
}

/* the same for -ENODEV: a dry run does not look for devices */
static uint32_t count_to_missing_device(struct cip_list *list)
{
	for (uint32_t i = 0; i < cip_list_count(list); i++)
		if (device_is_missing(cip_list_get(list, i)))
			return i + 1;
	return 0;
}

/* cip_apply() does not tell which member of the list it could not bring about. Returns its line, or 0. */
static unsigned int find_line(struct app *app, const struct input *input, int err)
{
	uint32_t count = 0;

	if (err == -ENODEV)
		count = count_to_missing_device(input->list);
	else if (err == -EINVAL || err == -EEXIST || err == -EOPNOTSUPP)
		count = count_to_failure(app, input->list, err);
	return count ? input->lines[count - 1] : 0;
}

static int fail_apply(struct app *app, const struct input *input, int err)
{
	const char *field = cip_error_field(app);
	char text[LINE_SIZE];
	unsigned int line;

	snprintf(text, sizeof(text), "%s", cip_error_text(app, err));
	line = find_line(app, input, err);
	if (line)
		return fail(app, err, field, "%s:%u: %s", input->name, line, text);
	return fail(app, err, field, "%s: %s", input->name, text);
}

static int apply_file(struct app *app, struct input *input, const char *path, uint32_t flags)
{
	int err;

	err = read_input(app, input, path);
	if (err)
		return err;
	err = cip_apply(app->ctx, input->list, flags);
	return err ? fail_apply(app, input, err) : app->out->plan(app);
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
	struct input input = { 0 };
	const char *path = NULL;
	uint32_t flags = 0;
	int err;

	err = read_words(app, argc, argv, &path, &flags);
	if (err)
		return err;
	err = cip_list_new(app->ctx, &input.list);
	if (err)
		return fail_cip(app, err);
	err = apply_file(app, &input, path ? path : "-", flags);
	cip_list_unref(input.list);
	free(input.lines);
	return err;
}
