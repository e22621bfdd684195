/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dry-run ADDRESS BUCKETS: what would have to be done to let in exactly these buckets */
#include <clusterip/clusterip.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct cip_ctx *ctx;
	char step[4352];
	int err;

	if (argc != 3 || cip_new(&ctx) < 0)
		return 2;
	err = cip_set_dry_run(ctx, 1);
	if (err == 0)
		err = cip_set_buckets(ctx, argv[1], NULL, argv[2]);
	if (err < 0)
		fprintf(stderr, "%s\n", cip_get_error(ctx));
	for (uint32_t i = 0; err == 0 && i < cip_plan_count(ctx); i++)
		if (cip_plan_format(ctx, i, step, sizeof(step)) == 0)
			puts(step);
	cip_unref(ctx);
	return err < 0;
}
