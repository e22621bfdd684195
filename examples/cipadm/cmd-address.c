/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the verb address: what the library takes for one, for programs, which need not judge it */
#include "args.h"

#include <errno.h>

static int print_address(struct app *app, struct cip_cluster *cluster, const char *word)
{
	char address[46];
	int err;

	err = cip_cluster_set_address(cluster, word);
	if (!err && cip_cluster_is_set(cluster, CIP_ATTR_PREFIX))
		return fail(app, -EINVAL, "address", "address: \"%.64s\" has a prefix length", word);
	if (!err)
		err = cip_cluster_get_address(cluster, address, sizeof(address));
	return err ? fail_cip(app, err) : app->out->address(app, address);
}

int cmd_address(struct app *app, int argc, char **argv)
{
	const struct keyword none = { NULL, NULL };
	struct cip_cluster *cluster;
	const char *word;
	int err;

	err = args_sort(app, argc, argv, &none, &word, 1, 1);
	if (err < 0)
		return err;
	err = cip_cluster_new(app->ctx, &cluster);
	if (err)
		return fail_cip(app, err);
	err = print_address(app, cluster, word);
	cip_cluster_unref(cluster);
	return err;
}
