/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the verb keepalived-config: from its words to what the configuration is made of */
#include "args.h"
#include "keepalived.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* keepalived gives other characters a meaning, or takes a word apart at them */
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
/* a line of keepalived's configuration has at most 1023 characters */
#define PATH_LENGTH_MAX 512

struct words {
	const char *address, *dev, *total, *hash, *seed, *mac, *node, *nodes, *vrid, *interval, *vip, *notify;
};

/* ------------------------------------------------------------------ the cluster IP */

static int add_word(const char **text, int count, const char *name, const char *value)
{
	if (!value)
		return count;
	text[count++] = name;
	text[count++] = value;
	return count;
}

static int parse_words(struct app *app, const struct words *words, struct cip_cluster *cluster)
{
	const char *text[16];
	int err, count = 0;
	char *joined;

	text[count++] = words->address;
	count = add_word(text, count, "dev", words->dev);
	count = add_word(text, count, "total", words->total);
	/* given to all nodes in words: one that has it already with other values shall not keep those */
	count = add_word(text, count, "hash", words->hash ? words->hash : "sourceip");
	count = add_word(text, count, "seed", words->seed ? words->seed : "0");
	count = add_word(text, count, "mac", words->mac);
	err = args_join(app, count, (char **)text, &joined);
	if (err)
		return err;
	err = cip_cluster_parse(cluster, joined);
	free(joined);
	return err ? fail_cip(app, err) : 0;
}

static int check_cluster(struct app *app, struct cip_cluster *cluster, struct keepalived *config)
{
	if (config->ifname[strspn(config->ifname, NAME_CHARACTERS)])
		return fail(app, -EINVAL, "dev",
			    "dev \"%s\" has a character other than letters, digits, '.', '_' and '-', which "
			    "keepalived would not take as part of a name",
			    config->ifname);
	config->total = cip_cluster_get_total_nodes(cluster);
	if (config->total > VRRP_ID_MAX)
		return fail(app, -EINVAL, "total", "total %u is not in 1..%d: each bucket needs a VRRP id",
			    config->total, VRRP_ID_MAX);
	return 0;
}

static int read_cluster(struct app *app, const struct words *words, struct keepalived *config)
{
	struct cip_cluster *cluster;
	int err;

	err = cip_cluster_new(app->ctx, &cluster);
	if (err)
		return fail_cip(app, err);
	err = parse_words(app, words, cluster);
	if (!err) {
		cip_cluster_get_address(cluster, config->address, sizeof(config->address));
		cip_cluster_get_ifname(cluster, config->ifname, sizeof(config->ifname));
		cip_cluster_format(cluster, config->cluster, sizeof(config->cluster));
		err = check_cluster(app, cluster, config);
	}
	cip_cluster_unref(cluster);
	return err;
}

/* ------------------------------------------------------------------ nodes */

static const struct node_name *find_node(const struct keepalived *config, const char *name)
{
	for (uint32_t i = 0; i < config->node_count; i++)
		if (!strcmp(config->nodes[i].text, name))
			return &config->nodes[i];
	return NULL;
}

static int check_node(struct app *app, const struct keepalived *config, const char *name)
{
	size_t length = strlen(name);

	if (length < 1 || length > NODE_NAME_MAX || name[strspn(name, NAME_CHARACTERS)])
		return fail(app, -EINVAL, "nodes",
			    "nodes: \"%.80s\" is not a name of 1..%d letters, digits, '.', '_' and '-'", name,
			    NODE_NAME_MAX);
	if (find_node(config, name))
		return fail(app, -EINVAL, "nodes", "nodes: \"%s\" is there twice", name);
	if (config->node_count == NODES_MAX)
		return fail(app, -EINVAL, "nodes", "nodes: more than %d, each needs a priority in 1..%d",
			    NODES_MAX, PRIORITY_MAX);
	return 0;
}

/* takes the list apart in place */
static int add_nodes(struct app *app, struct keepalived *config, char *list)
{
	char *name;
	int err;

	while ((name = strsep(&list, ","))) {
		err = check_node(app, config, name);
		if (err)
			return err;
		strcpy(config->nodes[config->node_count++].text, name);
	}
	return 0;
}

static int read_nodes(struct app *app, const struct words *words, struct keepalived *config)
{
	const struct node_name *self;
	char *list = strdup(words->nodes);
	int err;

	if (!list)
		return fail(app, -ENOMEM, NULL, "%s", strerror(ENOMEM));
	err = add_nodes(app, config, list);
	free(list);
	if (err)
		return err;
	self = find_node(config, words->node);
	if (!self)
		return fail(app, -EINVAL, "node", "node \"%.80s\" is none of nodes %.800s", words->node,
			    words->nodes);
	config->self = (uint32_t)(self - config->nodes);
	return 0;
}

/* ------------------------------------------------------------------ what VRRP needs */

static int read_first_id(struct app *app, const char *word, struct keepalived *config)
{
	uint32_t max = VRRP_ID_MAX + 1 - config->total;
	int err;

	config->first_id = 1;
	if (!word)
		return 0;
	err = args_number(app, "vrid", word, &config->first_id);
	if (err)
		return err;
	if (config->first_id < 1 || config->first_id > max)
		return fail(app, -EINVAL, "vrid",
			    "vrid %u is not in 1..%u, from where %u buckets end at most at %d",
			    config->first_id, max, config->total, VRRP_ID_MAX);
	return 0;
}

/* SECONDS with at most two decimals; returns hundredths, or 0 */
static uint32_t hundredths(const char *word)
{
	size_t whole = strspn(word, "0123456789"), decimals = 0;
	const char *end = word + whole;
	uint32_t value;

	if (*end == '.') {
		decimals = strspn(end + 1, "0123456789");
		end += 1 + decimals;
	}
	if (*end || whole < 1 || whole > 4 || decimals > 2 || (word[whole] && !decimals))
		return 0;
	value = (uint32_t)strtoul(word, NULL, 10) * 100;
	if (decimals)
		value += (uint32_t)(word[whole + 1] - '0') * 10;
	if (decimals == 2)
		value += (uint32_t)(word[whole + 2] - '0');
	return value;
}

static int read_interval(struct app *app, const char *word, struct keepalived *config)
{
	config->interval = word ? hundredths(word) : 100;
	if (config->interval < 1 || config->interval > INTERVAL_MAX)
		return fail(app, -EINVAL, "interval",
			    "interval \"%.32s\" is not in 0.01..%d.%d seconds, with at most two decimals", word,
			    INTERVAL_MAX / 100, INTERVAL_MAX % 100);
	return 0;
}

/*
 * VRRPv3 demands an address for every instance. On lo and with /32 nobody else sees it but in advertisements; RFC
 * 3927 keeps the first 256 link-local addresses for what is to come, so no host gives itself one.
 */
static int read_vip(struct app *app, const char *word, struct keepalived *config)
{
	struct in_addr in;

	if (inet_pton(AF_INET, word ? word : "169.254.0.0", &in) != 1 || ntohl(in.s_addr) & 255)
		return fail(app, -EINVAL, "vip",
			    "vip \"%.64s\" is not a network of 256 addresses, such as 169.254.0.0", word);
	config->vip = ntohl(in.s_addr);
	if (config->vip >> 24 < 1 || config->vip >> 24 > 223)
		return fail(app, -EINVAL, "vip", "vip \"%.64s\" is not in 1.0.0.0..223.255.255.0", word);
	return 0;
}

static int read_notify(struct app *app, const char *word, struct keepalived *config)
{
	config->notify = word ? word : PKGLIBEXECDIR "/cipadm-notify";
	if (config->notify[0] != '/' || config->notify[strspn(config->notify, NAME_CHARACTERS "/")])
		return fail(
			app, -EINVAL, "notify",
			"notify \"%.800s\" is not an absolute path of letters, digits, '.', '_', '-' and '/'",
			config->notify);
	return 0;
}

/* ------------------------------------------------------------------ the verb */

static int check_needed(struct app *app, const struct words *words)
{
	const struct {
		const char *text, *value;
	} needed[] = { { "dev IF", words->dev },
		       { "total N", words->total },
		       { "node NAME", words->node },
		       { "nodes NAME,NAME,...", words->nodes } };

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!needed[i].value)
			return fail(app, -EINVAL, NULL, "%s: '%s' is missing", app->command->name,
				    needed[i].text);
	return 0;
}

static int read_config(struct app *app, const struct words *words, struct keepalived *config)
{
	int err;

	err = check_needed(app, words);
	if (!err)
		err = read_cluster(app, words, config);
	if (!err)
		err = read_nodes(app, words, config);
	if (!err)
		err = read_first_id(app, words->vrid, config);
	if (!err)
		err = read_interval(app, words->interval, config);
	if (!err)
		err = read_vip(app, words->vip, config);
	if (!err)
		err = read_notify(app, words->notify, config);
	return err;
}

int cmd_keepalived_config(struct app *app, int argc, char **argv)
{
	struct words words = { 0 };
	const struct keyword keywords[] = { { "dev", &words.dev },	     { "total", &words.total },
					    { "hash", &words.hash },	     { "seed", &words.seed },
					    { "mac", &words.mac },	     { "node", &words.node },
					    { "nodes", &words.nodes },	     { "vrid", &words.vrid },
					    { "interval", &words.interval }, { "vip", &words.vip },
					    { "notify", &words.notify },     { NULL, NULL } };
	static struct keepalived config;
	int err;

	if (app->json)
		return fail(app, -EINVAL, NULL,
			    "%s: a configuration of keepalived is not JSON, leave out --json",
			    app->command->name);
	err = args_sort(app, argc, argv, keywords, &words.address, 1, 1);
	if (err < 0)
		return err;
	err = read_config(app, &words, &config);
	if (err)
		return err;
	keepalived_print(&config);
	return STATUS_DONE;
}
