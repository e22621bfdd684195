/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failover BUCKETS: a neighbour is dead, and known to be off. Its buckets are let in here, for every cluster IP at
 * once: one transaction, however many there are.
 */
#include <clusterip/clusterip.h>
#include <stdio.h>
#include <stdlib.h>

/* what a queried cluster IP will be, reduced to what changes */
static int add_wanted(struct cip_ctx *ctx, struct cip_list *wanted, struct cip_cluster *found,
		      const char *buckets)
{
	struct cip_cluster *cluster;
	char address[46], text[4352];
	int err = cip_cluster_new(ctx, &cluster);

	if (err < 0)
		return err;
	err = cip_cluster_get_address(found, address, sizeof(address));
	if (err == 0)
		err = cip_cluster_set_address(cluster, address);
	if (err == 0)
		err = cip_cluster_get_buckets(found, text, sizeof(text));
	if (err == 0)
		err = cip_cluster_set_buckets(cluster, text);
	for (const char *next = buckets; err == 0 && *next; next += *next == ',')
		err = cip_cluster_add_bucket(cluster, (uint32_t)strtoul(next, (char **)&next, 10));
	if (err == 0)
		err = cip_list_add(wanted, cluster);
	cip_cluster_unref(cluster);
	return err;
}

int main(int argc, char **argv)
{
	struct cip_ctx *ctx;
	struct cip_list *found = NULL, *wanted = NULL;
	int err;

	if (argc != 2 || cip_new(&ctx) < 0)
		return 2;
	err = cip_query(ctx, &found);
	if (err == 0)
		err = cip_list_new(ctx, &wanted);
	for (uint32_t i = 0; err == 0 && i < cip_list_count(found); i++)
		err = add_wanted(ctx, wanted, cip_list_get(found, i), argv[1]);
	if (err == 0)
		err = cip_apply(ctx, wanted, 0);
	if (err < 0)
		fprintf(stderr, "%s\n", cip_get_error(ctx));
	cip_list_unref(wanted);
	cip_list_unref(found);
	cip_unref(ctx);
	return err < 0;
}
