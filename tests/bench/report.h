/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_H
#define REPORT_H

#include "scale.h"

/* Prints what was measured and which promises are kept. Returns the number of those that are not. */
unsigned int report(unsigned int rounds, struct scale *const scales[FAMILIES]);

#endif
