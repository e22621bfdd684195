/* SPDX-License-Identifier: GPL-2.0-or-later */
/* create ADDRESS/PREFIX DEVICE: a cluster IP of 6 buckets, of which this node has 1 and 2 */
#include <clusterip/clusterip.h>
#include <stdio.h>

static int describe(struct cip_cluster *cluster, const char *address, const char *device)
{
	int err = cip_cluster_set_address(cluster, address);

	if (err == 0)
		err = cip_cluster_set_ifname(cluster, device);
	if (err == 0)
		err = cip_cluster_set_total_nodes(cluster, 6);
	if (err == 0)
		err = cip_cluster_set_hash_mode(cluster, CIP_HASH_SOURCEIP_SOURCEPORT);
	return err < 0 ? err : cip_cluster_set_buckets(cluster, "1,2");
}

int main(int argc, char **argv)
{
	struct cip_ctx *ctx;
	struct cip_cluster *cluster = NULL;
	int err;

	if (argc != 3 || cip_new(&ctx) < 0)
		return 2;
	err = cip_cluster_new(ctx, &cluster);
	if (err == 0)
		err = describe(cluster, argv[1], argv[2]);
	if (err == 0)
		err = cip_create(ctx, cluster);
	if (err < 0)
		fprintf(stderr, "%s: %s\n", cip_attr_get_name(cip_get_error_attr(ctx)) ?: "create",
			cip_get_error(ctx));
	cip_cluster_unref(cluster);
	cip_unref(ctx);
	return err < 0;
}
