/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_H
#define COMMAND_H

/*
 * Runs a program in the namespace of this thread and returns the microseconds from its start to its end. Its exit
 * status has to be the expected one.
 */
double command_run(const char *const *argv, int status);
/* The most memory that a program had, or this one at its start; it has to end with 0. */
double command_peak_mb(const char *const *argv);

#endif
