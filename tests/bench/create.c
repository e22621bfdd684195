/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "create.h"

#include <clusterip/clusterip.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "command.h"
#include "series.h"
#include "util.h"

struct create {
	uint32_t cluster_ips;
	const char *rules;
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

static struct cip_cluster *cluster_new(struct cip_ctx *ctx, uint32_t index)
{
	struct cip_cluster *cluster;
	char address[INET_ADDRSTRLEN], text[128];

	address_text(cluster_address(index), address, sizeof(address));
	snprintf(text, sizeof(text), "%s dev " DEVICE " total %d seed %d buckets " LOCAL_BUCKETS, address,
		 TOTAL_NODES, HASH_SEED);
	check(ctx, cip_cluster_new(ctx, &cluster), "cip_cluster_new");
	check(ctx, cip_cluster_parse(cluster, text), text);
	return cluster;
}

static struct cip_list *list_new(struct cip_ctx *ctx, uint32_t cluster_ips)
{
	struct cip_list *list;
	struct cip_cluster *cluster;

	check(ctx, cip_list_new(ctx, &list), "cip_list_new");
	for (uint32_t i = 0; i < cluster_ips; i++) {
		cluster = cluster_new(ctx, i);
		check(ctx, cip_list_add(list, cluster), "cip_list_add");
		cip_cluster_unref(cluster);
	}
	return list;
}

struct create *create_new(const char *prefix, uint32_t cluster_ips, const char *rules)
{
	struct create *create = allocate(1, sizeof(*create));

	create->cluster_ips = cluster_ips;
	create->rules = rules;
	create->alone = open_netns(prefix, "create", 1);
	create->apply = open_netns(prefix, "create", cluster_ips);
	create->restore = open_netns(prefix, "restore", cluster_ips);
	errno = 0;
	if (cip_new(&create->alone_ctx) || cip_new(&create->apply_ctx))
		die("no context");
	create->cluster = cluster_new(create->alone_ctx, 0);
	create->list = list_new(create->apply_ctx, cluster_ips);
	create->nothing = list_new(create->apply_ctx, 0);
	return create;
}

static double alone(const struct create *create)
{
	char address[INET_ADDRSTRLEN];
	double us;
	int err;

	enter_netns(create->alone);
	us = wall_us();
	err = cip_create(create->alone_ctx, create->cluster);
	us = wall_us() - us;
	check(create->alone_ctx, err, "cip_create");
	address_text(cluster_address(0), address, sizeof(address));
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
	const char *argv[] = { "iptables-legacy-restore", create->rules, NULL };

	enter_netns(create->restore);
	return command_run(argv, 0) / create->cluster_ips;
}

void create_measure(struct create *create)
{
	series_add(series_get(CREATE_ALONE), alone(create));
	series_add(series_get(CREATE_APPLY), apply(create));
	series_add(series_get(CREATE_RESTORE), restore(create));
}
