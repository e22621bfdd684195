/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verbs about flows: hash, owner */
#include "args.h"
#include "flow.h"

#include <errno.h>

struct hash_words {
	const char *total, *mode, *seed, *source_prefix;
};

static int set_mode(struct app *app, struct cip_cluster *cluster, const char *word)
{
	uint32_t mode;
	int err;

	mode = cip_hash_mode_from_name(word);
	if (!mode)
		return fail(app, -EINVAL, "hash", "hash: \"%s\" is not a hash mode", word);
	err = cip_cluster_set_hash_mode(cluster, mode);
	return err ? fail_cip(app, err) : 0;
}

static int set_total(struct app *app, struct cip_cluster *cluster, const char *word)
{
	uint32_t total;
	int err;

	err = args_number(app, "total", word, &total);
	if (err)
		return err;
	err = cip_cluster_set_total_nodes(cluster, total);
	return err ? fail_cip(app, err) : 0;
}

static int set_seed(struct app *app, struct cip_cluster *cluster, const char *word)
{
	uint32_t seed;
	int err;

	err = args_number(app, "seed", word, &seed);
	if (err)
		return err;
	err = cip_cluster_set_hash_seed(cluster, seed);
	return err ? fail_cip(app, err) : 0;
}

static int set_source_prefix(struct app *app, struct cip_cluster *cluster, const char *word)
{
	uint32_t bits;
	int err;

	err = args_number(app, "source-prefix", word, &bits);
	if (err)
		return err;
	err = cip_cluster_set_source_prefix(cluster, bits);
	return err ? fail_cip(app, err) : 0;
}

static int set_hash_words(struct app *app, struct cip_cluster *cluster, const struct hash_words *words)
{
	int err;

	if (!words->total)
		return fail(app, -EINVAL, "total", "hash: 'total N' is missing");
	err = set_total(app, cluster, words->total);
	if (!err && words->mode)
		err = set_mode(app, cluster, words->mode);
	if (!err && words->seed)
		err = set_seed(app, cluster, words->seed);
	if (!err && words->source_prefix)
		err = set_source_prefix(app, cluster, words->source_prefix);
	return err;
}

static int hash_flow(struct app *app, struct cip_cluster *cluster, const struct flow *flow,
		     uint32_t *ret_bucket)
{
	int err;

	err = cip_cluster_hash(cluster, flow->saddr, flow->protocol, flow->sport, flow->dport, ret_bucket);
	return err ? fail_cip(app, err) : 0;
}

/* a value that is nowhere in the kernel: cip_hash() gives the same number, but no sentence when it fails */
static int print_hash(struct app *app, const struct hash_words *words, const struct flow *flow)
{
	struct cip_cluster *cluster;
	uint32_t bucket;
	int err;

	err = cip_cluster_new(app->ctx, &cluster);
	if (err)
		return fail_cip(app, err);
	err = set_hash_words(app, cluster, words);
	if (!err)
		err = hash_flow(app, cluster, flow, &bucket);
	cip_cluster_unref(cluster);
	return err ? err : app->out->bucket(app, bucket);
}

int cmd_hash(struct app *app, int argc, char **argv)
{
	struct hash_words words = { NULL, NULL, NULL, NULL };
	const struct keyword keywords[] = {
		{ "total", &words.total },
		{ "hash", &words.mode },
		{ "seed", &words.seed },
		{ "source-prefix", &words.source_prefix },
		{ NULL, NULL },
	};
	const char *plain[FLOW_WORDS_MAX];
	struct flow flow;
	int count, err;

	count = args_sort(app, argc, argv, keywords, plain, 1, FLOW_WORDS_MAX);
	if (count < 0)
		return count;
	err = flow_read(app, plain, count, &flow);
	return err ? err : print_hash(app, &words, &flow);
}

static int find_owner(struct app *app, struct cip_cluster *cluster, const struct flow *flow)
{
	uint32_t bucket;
	int err;

	err = hash_flow(app, cluster, flow, &bucket);
	return err ? err : app->out->owner(app, bucket, cip_cluster_has_bucket(cluster, bucket));
}

int cmd_owner(struct app *app, int argc, char **argv)
{
	const char *ifname = NULL, *plain[1 + FLOW_WORDS_MAX];
	const struct keyword keywords[] = { { "dev", &ifname }, { NULL, NULL } };
	struct cip_cluster *cluster;
	struct flow flow;
	int count, err;

	count = args_sort(app, argc, argv, keywords, plain, 2, 1 + FLOW_WORDS_MAX);
	if (count < 0)
		return count;
	err = flow_read(app, plain + 1, count - 1, &flow);
	if (err)
		return err;
	err = cip_query_one(app->ctx, plain[0], ifname, &cluster);
	if (err)
		return fail_cip(app, err);
	err = find_owner(app, cluster, &flow);
	cip_cluster_unref(cluster);
	return err;
}
