/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "series.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define SERIES_MAX 128

struct series {
	char name[64];
	size_t count;
	double values[SERIES_ROUNDS_MAX];
};

static struct series *all[SERIES_MAX];
static size_t all_count;

static struct series *series_new(const char *name)
{
	struct series *series;

	errno = 0;
	if (all_count == SERIES_MAX)
		die("too many series");
	series = allocate(1, sizeof(*series));
	strcpy(series->name, name);
	all[all_count++] = series;
	return series;
}

struct series *series_get(const char *format, ...)
{
	char name[sizeof(all[0]->name)];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	for (size_t i = 0; i < all_count; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return series_new(name);
}

void series_add(struct series *series, double value)
{
	errno = 0;
	if (series->count == SERIES_ROUNDS_MAX)
		die("too many rounds");
	series->values[series->count++] = value;
}

const char *series_name(const struct series *series)
{
	return series->name;
}

size_t series_count(const struct series *series)
{
	return series->count;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

double series_above(const struct series *a, const struct series *floor)
{
	double values[SERIES_ROUNDS_MAX];

	errno = 0;
	if (!a->count || (floor && floor->count != a->count))
		die("nothing was measured as '%s'", a->name);
	for (size_t i = 0; i < a->count; i++)
		values[i] = a->values[i] - (floor ? floor->values[i] : 0);
	return median(values, a->count);
}

double series_median(const struct series *series)
{
	return series_above(series, NULL);
}

double series_ratio(const struct series *a, const struct series *b, const struct series *floor)
{
	double values[SERIES_ROUNDS_MAX], base;

	errno = 0;
	if (!a->count || a->count != b->count || (floor && floor->count != a->count))
		die("'%s' and '%s' were not measured in the same rounds", a->name, b->name);
	for (size_t i = 0; i < a->count; i++) {
		base = floor ? floor->values[i] : 0;
		values[i] = (a->values[i] - base) / (b->values[i] - base);
	}
	return median(values, a->count);
}

void series_dump(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		die("%s", path);
	for (size_t i = 0; i < all_count; i++) {
		fputs(all[i]->name, file);
		for (size_t j = 0; j < all[i]->count; j++)
			fprintf(file, "\t%.2f", all[i]->values[j]);
		fputc('\n', file);
	}
	if (fclose(file))
		die("%s", path);
}
