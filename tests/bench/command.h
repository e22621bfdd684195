/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_H
#define COMMAND_H

/*
 * Runs a program in the namespace of this thread and returns the microseconds from its start to its end. Its exit
 * status has to be the expected one.
 */
double command_run(const char *const *argv, int status);

#endif
