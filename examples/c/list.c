/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list: every cluster IP, and how much each local bucket has let in */
#include <clusterip/clusterip.h>
#include <inttypes.h>
#include <stdio.h>

static void print(struct cip_cluster *cluster)
{
	char line[4352];
	uint64_t packets, bytes;

	if (cip_cluster_format(cluster, line, sizeof(line)) == 0)
		puts(line);
	for (uint32_t bucket = cip_cluster_next_bucket(cluster, 0); bucket;
	     bucket = cip_cluster_next_bucket(cluster, bucket))
		if (cip_cluster_get_bucket_counters(cluster, bucket, &packets, &bytes) == 0)
			printf("  bucket %" PRIu32 ": %" PRIu64 " packets, %" PRIu64 " bytes\n", bucket,
			       packets, bytes);
}

int main(void)
{
	struct cip_ctx *ctx;
	struct cip_list *list = NULL;
	int err = cip_new(&ctx);

	if (err < 0)
		return 1;
	err = cip_query(ctx, &list);
	if (err < 0)
		fprintf(stderr, "%s\n", cip_get_error(ctx));
	for (uint32_t i = 0; err == 0 && i < cip_list_count(list); i++)
		print(cip_list_get(list, i));
	cip_list_unref(list);
	cip_unref(ctx);
	return err < 0;
}
