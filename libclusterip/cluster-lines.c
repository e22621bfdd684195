/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster-lines.h"
#include "cluster-text.h"
#include "error.h"

int lines_refuse(struct cip_ctx *ctx, uint32_t line, int rc)
{
	char text[sizeof(ctx->error)];

	snprintf(text, sizeof(text), "%s", ctx->error);
	return cip_error(ctx, rc, ctx->error_attr, "line %u: %s", line, text);
}

/* Does "dev" stand before this word? */
static int is_device(const char *line, const char *word)
{
	while (word > line && isspace((unsigned char)word[-1]))
		word--;
	return word - line > 4 && !strncmp(word - 3, "dev", 3) && isspace((unsigned char)word[-4]);
}

/* A # begins a comment where it begins a word; names of devices may contain one, or begin with it. */
static void cut_comment(char *line)
{
	char *c;

	for (c = line; *c; c++) {
		if (*c == '#' && (c == line || isspace((unsigned char)c[-1])) && !is_device(line, c)) {
			*c = '\0';
			return;
		}
	}
}

/* The words of a line without the optional "create"; NULL: there are none. */
static char *find_words(char *line)
{
	size_t len;

	cut_comment(line);
	line += strspn(line, " \t");
	for (len = strlen(line); len && isspace((unsigned char)line[len - 1]); len--)
		line[len - 1] = '\0';
	if (!strncmp(line, "create", 6) && (!line[6] || isblank((unsigned char)line[6])))
		return line + 6 + strspn(line + 6, " \t");
	return *line ? line : NULL;
}

static int add_words(struct cip_list *list, const char *words, uint32_t line)
{
	struct cip_cluster *cluster;
	int rc;

	rc = cluster_new(list->ctx, &cluster);
	if (rc < 0)
		return rc;
	cluster->line = line;
	rc = cluster_parse(cluster, words);
	if (rc == 0)
		rc = list_add(list, cluster);
	cluster_unref(cluster);
	return rc;
}

static int take_line(struct cip_list *list, const char *text, size_t len, uint32_t line)
{
	char *copy = strndup(text, len), *words;
	int rc;

	if (!copy)
		return cip_error_nomem(list->ctx);
	words = find_words(copy);
	rc = words ? add_words(list, words, line) : 0;
	free(copy);
	return rc == -EINVAL || rc == -EEXIST ? lines_refuse(list->ctx, line, rc) : rc;
}

int lines_parse(struct cip_list *list, const char *text)
{
	uint32_t line = 0;
	int rc = 0;

	while (rc == 0 && *text) {
		size_t len = strcspn(text, "\n");

		rc = take_line(list, text, len, ++line);
		text += len + (text[len] == '\n');
	}
	return rc;
}
