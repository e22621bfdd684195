/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SERIES_H
#define SERIES_H

#include <stddef.h>

#define SERIES_ROUNDS_MAX 1000

/* One value a round, in the order of the rounds, so that two series can be compared round by round. */
struct series;

/* The series of that name; made when it is asked for the first time. */
struct series *series_get(const char *format, ...) __attribute__((format(printf, 1, 2)));

void series_add(struct series *series, double value);
const char *series_name(const struct series *series);
size_t series_count(const struct series *series);
double series_median(const struct series *series);

/* Medians of a - floor and of (a - floor) / (b - floor) over the rounds; no floor: NULL */
double series_above(const struct series *a, const struct series *floor);
double series_ratio(const struct series *a, const struct series *b, const struct series *floor);

/* What all series hold, one line each, for those who want to look closer. */
void series_dump(const char *path);

double median(double *values, size_t count);

#endif
