/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIPADM_WATCH_H
#define CIPADM_WATCH_H

#include "cipadm.h"

#include <stdio.h>

/* where tables go: a terminal, in place, or anything else, one below the other */
struct screen {
	bool live, colour, unicode;
	uint32_t rows, columns; /* rows 0: as many as it takes */
};

/* what the kernel had at a moment; list NULL: not looked at yet */
struct sample {
	struct cip_list *list;
	double seconds; /* of a clock that only goes on */
};

/* watch-screen.c */
void screen_find(struct screen *screen);
void screen_measure(struct screen *screen);
void screen_enter(const struct screen *screen);
void screen_leave(const struct screen *screen);

/* watch-rate.c: packets per second between two samples, NAN if that is not known */
struct change {
	struct cip_cluster *now, *before;
	double seconds;
};
struct change change_of(const struct sample *now, const struct sample *before, uint32_t index);
double bucket_rate(const struct change *change, uint32_t bucket);
double foreign_rate(const struct change *change);

/* watch-draw.c: one table, to the standard output */
void draw_table(const struct screen *screen, const struct sample *now, const struct sample *before,
		double interval);

#endif
