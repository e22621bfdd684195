/* SPDX-License-Identifier: GPL-2.0-or-later */
/* a file, or the standard input, as one text */
#include "args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *text_name(const char *path)
{
	return strcmp(path, "-") ? path : "stdin";
}

static unsigned int count_lines(const char *text)
{
	unsigned int lines = 1;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* up to the end, so that the text has no NUL byte */
static int read_all(struct app *app, const char *name, FILE *file, char **text)
{
	size_t size = 0;
	ssize_t length;

	length = getdelim(text, &size, '\0', file);
	/* half a file must not be taken for a whole one, least of all where what it does not name is destroyed */
	if (length < 0 && !feof(file))
		return fail_open(app, -errno, "file", name);
	if (length > 0 && strlen(*text) != (size_t)length)
		return fail(app, -EINVAL, NULL, "%s:%u: a NUL byte", name, count_lines(*text));
	if (length >= 0)
		return 0;
	free(*text);
	*text = strdup("");
	return *text ? 0 : fail(app, -ENOMEM, NULL, "%s", strerror(ENOMEM));
}

int read_text(struct app *app, const char *path, char **ret_text)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *text = NULL;
	int err;

	if (!file)
		return fail_open(app, -errno, "file", path);
	err = read_all(app, text_name(path), file, &text);
	if (file != stdin)
		fclose(file);
	if (err)
		free(text);
	else
		*ret_text = text;
	return err;
}
