/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"
#include "vectors.h"

#define FIELDS 9

static struct vectors table;

static unsigned int find_group(const char *mode, const char *total, const char *seed)
{
	struct group *group;
	unsigned int i;

	for (i = 0; i < table.groups; i++) {
		group = &table.group[i];
		if (!strcmp(group->mode, mode) && group->total == number(total, 1024) &&
		    !strcmp(group->seed, seed))
			return i;
	}
	if (i == GROUPS_MAX)
		die("more than %d groups", GROUPS_MAX);
	group = &table.group[table.groups++];
	snprintf(group->mode, sizeof(group->mode), "%s", mode);
	snprintf(group->seed, sizeof(group->seed), "%s", seed);
	group->total = number(total, 1024);
	group->address = htonl(ntohl(address("10.77.100.1")) + i);
	return i;
}

static void read_line(char *line)
{
	struct vector *vector = &table.vector[table.vectors];
	char *field[FIELDS], *rest = line;
	int i;

	for (i = 0; i < FIELDS; i++) {
		field[i] = strsep(&rest, "\t\n");
		if (!field[i])
			die("line %u has fewer than %d fields", table.vectors + 1, FIELDS);
	}
	if (table.vectors++ == VECTORS_MAX)
		die("more than %d vectors", VECTORS_MAX);
	vector->group = find_group(field[0], field[1], field[2]);
	vector->protocol = (uint8_t)number(field[3], 255);
	vector->saddr = address(field[4]);
	vector->sport = (uint16_t)number(field[5], 65535);
	vector->dport = (uint16_t)number(field[6], 65535);
	vector->options = number(field[7], 1);
	vector->bucket = number(field[8], 1024);
}

const struct vectors *vectors_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[256];

	if (!file)
		die("%s", path);
	errno = 0;
	while (fgets(line, sizeof(line), file))
		if (line[0] != '#' && line[0] != '\n')
			read_line(line);
	fclose(file);
	if (!table.vectors)
		die("%s has no vectors", path);
	return &table;
}
