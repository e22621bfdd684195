/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line.h"

#include <errno.h>

#include "tool.h"

struct cip_cluster *line_parse(struct cip_ctx *ctx, const char *line)
{
	struct cip_cluster *cluster;

	errno = 0;
	if (cip_cluster_new(ctx, &cluster) || cip_cluster_parse(cluster, line))
		die("'%s': %s", line, cip_get_error(ctx));
	return cluster;
}
