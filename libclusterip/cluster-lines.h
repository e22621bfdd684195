/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_CLUSTER_LINES_H
#define CIP_CLUSTER_LINES_H

#include "cluster-list.h"

/* Append the cluster IPs of lines, up to the first one that is wrong: -EINVAL or -EEXIST. */
int lines_parse(struct cip_list *list, const char *text);
/* Put the number of the line before the sentence in the context; rc */
int lines_refuse(struct cip_ctx *ctx, uint32_t line, int rc);

#endif
