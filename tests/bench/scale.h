/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SCALE_H
#define SCALE_H

#include "family.h"

/* How what verbs take grows with the number of cluster IPs, and what showing the most of them takes of memory. */
struct scale;

/* Measures, in namespaces "scale" of each of the counts, which are empty before and behind. */
struct scale *scale_measure(const char *prefix, enum family family, const char *cipadm);

/* A table, and promises, of which those that are kept and those that are not are added. */
void scale_print(const struct scale *scale);
void scale_promises(const struct scale *scale, unsigned int *ret_kept, unsigned int *ret_broken);

#endif
