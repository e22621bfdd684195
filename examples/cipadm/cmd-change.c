/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verbs that change one cluster IP: create, destroy, migrate, set, bucket */
#include "args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int finish(struct app *app, int err)
{
	return err ? fail_cip(app, err) : app->out->plan(app);
}

static int parse_cluster(struct app *app, int argc, char **argv, struct cip_cluster *cluster)
{
	char *text;
	int err;

	err = args_join(app, argc, argv, &text);
	if (err)
		return err;
	err = cip_cluster_parse(cluster, text);
	free(text);
	return err ? fail_cip(app, err) : 0;
}

static int read_cluster(struct app *app, int argc, char **argv, struct cip_cluster **ret_cluster)
{
	struct cip_cluster *cluster;
	int err;

	if (argc == 0)
		return fail(app, -EINVAL, "address", "%s: an address is missing", app->command->name);
	err = cip_cluster_new(app->ctx, &cluster);
	if (err)
		return fail_cip(app, err);
	err = parse_cluster(app, argc, argv, cluster);
	if (err)
		cip_cluster_unref(cluster);
	else
		*ret_cluster = cluster;
	return err;
}

int cmd_create(struct app *app, int argc, char **argv)
{
	struct cip_cluster *cluster;
	int err;

	err = read_cluster(app, argc, argv, &cluster);
	if (err)
		return err;
	err = finish(app, cip_create(app->ctx, cluster));
	cip_cluster_unref(cluster);
	return err;
}

int cmd_destroy(struct app *app, int argc, char **argv)
{
	const char *address, *ifname = NULL;
	int count;

	count = args_target(app, argc, argv, 1, &address, &ifname);
	return count < 0 ? count : finish(app, cip_destroy(app->ctx, address, ifname));
}

int cmd_migrate(struct app *app, int argc, char **argv)
{
	const char *address, *ifname = NULL;
	int count;

	count = args_target(app, argc, argv, 1, &address, &ifname);
	return count < 0 ? count : finish(app, cip_migrate(app->ctx, address, ifname));
}

static bool changes_something(struct cip_cluster *cluster)
{
	return cip_cluster_is_set(cluster, CIP_ATTR_HASH_MODE) || cip_cluster_is_set(cluster, CIP_ATTR_TOTAL) ||
	       cip_cluster_is_set(cluster, CIP_ATTR_SEED) || cip_cluster_is_set(cluster, CIP_ATTR_BUCKETS) ||
	       cip_cluster_is_set(cluster, CIP_ATTR_SOURCE_PREFIX);
}

/* the line of create has words that no cluster IP can change */
static int check_set(struct app *app, struct cip_cluster *cluster)
{
	static const uint32_t fixed[] = { CIP_ATTR_PREFIX, CIP_ATTR_MAC, CIP_ATTR_MAC_MODE, CIP_ATTR_OUTGOING,
					  CIP_ATTR_NOADDR };
	const char *name;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (!cip_cluster_is_set(cluster, fixed[i]))
			continue;
		name = cip_attr_get_name(fixed[i]);
		return fail(app, -EINVAL, name, "set: \"%s\" cannot be set, destroy and create instead", name);
	}
	if (changes_something(cluster))
		return 0;
	return fail(app, -EINVAL, NULL, "set: nothing to set: hash, total, seed or buckets");
}

int cmd_set(struct app *app, int argc, char **argv)
{
	struct cip_cluster *cluster;
	int err;

	err = read_cluster(app, argc, argv, &cluster);
	if (err)
		return err;
	err = check_set(app, cluster);
	if (!err)
		err = finish(app, cip_modify(app->ctx, cluster));
	cip_cluster_unref(cluster);
	return err;
}

typedef int bucket_verb(struct cip_ctx *ctx, const char *address, const char *ifname, const char *buckets);

static bucket_verb *find_bucket_verb(const char *word)
{
	if (!strcmp(word, "add"))
		return cip_add_buckets;
	if (!strcmp(word, "del"))
		return cip_remove_buckets;
	if (!strcmp(word, "set"))
		return cip_set_buckets;
	return NULL;
}

int cmd_bucket(struct app *app, int argc, char **argv)
{
	const char *ifname = NULL, *plain[2];
	const struct keyword keywords[] = { { "dev", &ifname }, { NULL, NULL } };
	bucket_verb *verb;
	int count;

	verb = argc ? find_bucket_verb(argv[0]) : NULL;
	if (!verb)
		return fail(app, -EINVAL, NULL, "bucket: \"%s\" is none of add, del, set", argc ? argv[0] : "");
	count = args_sort(app, argc - 1, argv + 1, keywords, plain, 2, 2);
	return count < 0 ? count : finish(app, verb(app->ctx, plain[0], ifname, plain[1]));
}
