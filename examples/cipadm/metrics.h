/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIPADM_METRICS_H
#define CIPADM_METRICS_H

#include "cipadm.h"

#include <stdio.h>

/* what one scrape has read; what could not be read is NULL */
struct scrape {
	struct cip_list *list;
	struct cip_report *report;
	bool named; /* the list is of those named, the report of all */
	uint32_t errors;
};

/* OpenMetrics text; errors of the file show in ferror() */
void metrics_print(FILE *file, const struct scrape *scrape);

#endif
