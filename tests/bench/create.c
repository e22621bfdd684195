/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "create.h"

#include <clusterip/clusterip.h>
#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "series.h"
#include "util.h"

struct create {
	enum family family;
	uint32_t cluster_ips;
	char rules[256];	   /* a file */
	int alone, apply, restore; /* namespaces */
	struct cip_ctx *alone_ctx, *apply_ctx;
	struct cip_cluster *cluster;
	struct cip_list *list, *nothing;
};

static void check(struct cip_ctx *ctx, int err, const char *what)
{
	errno = 0;
	if (err)
		die("%s: %s", what, cip_get_error(ctx));
}

static struct cip_cluster *cluster_new(struct cip_ctx *ctx, enum family family, uint32_t index)
{
	struct cip_cluster *cluster;
	char address[TEXT_SIZE], text[128];

	cluster_text(family, index, address);
	snprintf(text, sizeof(text), "%s dev " DEVICE " total %d seed %d buckets " LOCAL_BUCKETS, address,
		 TOTAL_NODES, HASH_SEED);
	check(ctx, cip_cluster_new(ctx, &cluster), "cip_cluster_new");
	check(ctx, cip_cluster_parse(cluster, text), text);
	return cluster;
}

static struct cip_list *list_new(struct cip_ctx *ctx, enum family family, uint32_t cluster_ips)
{
	struct cip_list *list;
	struct cip_cluster *cluster;

	check(ctx, cip_list_new(ctx, &list), "cip_list_new");
	for (uint32_t i = 0; i < cluster_ips; i++) {
		cluster = cluster_new(ctx, family, i);
		check(ctx, cip_list_add(list, cluster), "cip_list_add");
		cip_cluster_unref(cluster);
	}
	return list;
}

struct create *create_new(const char *prefix, enum family family, uint32_t cluster_ips, const char *rules)
{
	struct create *create = allocate(1, sizeof(*create));

	create->family = family;
	create->cluster_ips = cluster_ips;
	snprintf(create->rules, sizeof(create->rules), "%s-%u", rules, families[family].number);
	create->alone = open_netns(prefix, "create", family, 1);
	create->apply = open_netns(prefix, "create", family, cluster_ips);
	create->restore = open_netns(prefix, "restore", family, cluster_ips);
	errno = 0;
	if (cip_new(&create->alone_ctx) || cip_new(&create->apply_ctx))
		die("no context");
	create->cluster = cluster_new(create->alone_ctx, family, 0);
	create->list = list_new(create->apply_ctx, family, cluster_ips);
	create->nothing = list_new(create->apply_ctx, family, 0);
	return create;
}

static double alone(const struct create *create)
{
	char address[TEXT_SIZE];
	double us;
	int err;

	enter_netns(create->alone);
	us = wall_us();
	err = cip_create(create->alone_ctx, create->cluster);
	us = wall_us() - us;
	check(create->alone_ctx, err, "cip_create");
	cluster_text(create->family, 0, address);
	check(create->alone_ctx, cip_destroy(create->alone_ctx, address, NULL), "cip_destroy");
	return us;
}

static double apply(const struct create *create)
{
	double us;
	int err;

	enter_netns(create->apply);
	us = wall_us();
	err = cip_apply(create->apply_ctx, create->list, 0);
	us = wall_us() - us;
	check(create->apply_ctx, err, "cip_apply");
	check(create->apply_ctx, cip_apply(create->apply_ctx, create->nothing, CIP_APPLY_PRUNE), "cip_apply");
	return us / create->cluster_ips;
}

static double restore(const struct create *create)
{
	const char *argv[] = { families[create->family].restore, create->rules, NULL };

	enter_netns(create->restore);
	return command_run(argv, 0) / create->cluster_ips;
}

static void add(const struct create *create, const char *way, double us)
{
	series_add(series_get("%s %u", way, families[create->family].number), us);
}

void create_measure(struct create *create)
{
	add(create, CREATE_ALONE, alone(create));
	add(create, CREATE_APPLY, apply(create));
	add(create, CREATE_RESTORE, restore(create));
}
