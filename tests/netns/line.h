/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LINE_H
#define LINE_H

#include <clusterip/clusterip.h>

/* The cluster IP of a line in the words of "cipadm create"; dies of one that is wrong. */
struct cip_cluster *line_parse(struct cip_ctx *ctx, const char *line);

#endif
