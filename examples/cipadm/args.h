/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIPADM_ARGS_H
#define CIPADM_ARGS_H

#include "cipadm.h"

/* a word that is followed by its value; *value is NULL until it was found */
struct keyword {
	const char *name;
	const char **value;
};

/*
 * Sorts words into keywords with their values, and plain words in their order. The keywords end with one
 * without a name. Returns the number of plain words, min..max, or a negative errno after fail().
 */
int args_sort(struct app *app, int argc, char **argv, const struct keyword *keywords, const char **plain,
	      int min, int max);

/* ADDRESS [dev IF], optional if min is 0; returns the number of addresses */
int args_target(struct app *app, int argc, char **argv, int min, const char **address, const char **ifname);

/* always -EINVAL: the verb does not know this word */
int args_refuse(struct app *app, const char *word);

/* the words as one text for cip_cluster_parse(), to be freed */
int args_join(struct app *app, int argc, char **argv, char **ret_text);

/* text.c: a whole file, or the standard input for "-", to be freed; and what it is called in sentences */
int read_text(struct app *app, const char *path, char **ret_text);
const char *text_name(const char *path);

/* returns 0, or -EINVAL after fail() */
int args_number(struct app *app, const char *field, const char *word, uint32_t *ret_number);

#endif
