// SPDX-License-Identifier: GPL-2.0-or-later
// The public header in C++: its names keep the linkage of C.
#include <clusterip/clusterip.h>

int main()
{
	struct cip_ctx *ctx = 0;
	struct cip_cluster *cluster = 0;
	int rc = cip_new(&ctx);

	if (rc == 0)
		rc = cip_cluster_new(ctx, &cluster);
	if (rc == 0)
		rc = cip_cluster_set_total_nodes(cluster, CIP_TOTAL_NODES_MAX);
	cip_cluster_unref(cluster);
	cip_unref(ctx);
	return rc == 0 && cip_version() ? 0 : 1;
}
