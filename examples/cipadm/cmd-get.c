/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the verb get: fields of a cluster IP for programs, which need not take a line apart */
#include "args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_text(const char *text)
{
	puts(text ? text : "");
}

static void print_number(uint32_t number)
{
	printf("%" PRIu32 "\n", number);
}

static void print_flag(int flag)
{
	puts(flag ? "yes" : "no");
}

/* a line of its own, which is empty where the kernel does not tell */
static void print_string(struct cip_cluster *cluster,
			 int (*get)(struct cip_cluster *cluster, char *buf, size_t size))
{
	char text[LINE_SIZE];

	print_text(get(cluster, text, sizeof(text)) == 0 ? text : "");
}

static void print_field(struct cip_cluster *cluster, uint32_t attr)
{
	switch (attr) {
	case CIP_ATTR_ADDRESS:
		return print_string(cluster, cip_cluster_get_address);
	case CIP_ATTR_IFNAME:
		return print_string(cluster, cip_cluster_get_ifname);
	case CIP_ATTR_MAC:
		return print_string(cluster, cip_cluster_get_mac);
	case CIP_ATTR_BUCKETS:
		return print_string(cluster, cip_cluster_get_buckets);
	case CIP_ATTR_MAC_MODE:
		return print_text(cip_mac_mode_get_name(cip_cluster_get_mac_mode(cluster)));
	case CIP_ATTR_HASH_MODE:
		return print_text(cip_hash_mode_get_name(cip_cluster_get_hash_mode(cluster)));
	case CIP_ATTR_BACKEND:
		return print_text(cip_cluster_get_backend(cluster));
	case CIP_ATTR_PREFIX:
		if (!cip_cluster_is_set(cluster, CIP_ATTR_PREFIX))
			return print_text("");
		return print_number(cip_cluster_get_prefix(cluster));
	case CIP_ATTR_TOTAL:
		return print_number(cip_cluster_get_total_nodes(cluster));
	case CIP_ATTR_SOURCE_PREFIX:
		return print_number(cip_cluster_get_source_prefix(cluster));
	case CIP_ATTR_SEED:
		printf("0x%" PRIx32 "\n", cip_cluster_get_hash_seed(cluster));
		return;
	case CIP_ATTR_OUTGOING:
		return print_flag(cip_cluster_get_outgoing(cluster));
	case CIP_ATTR_NOADDR:
		return print_flag(cip_cluster_get_noaddr(cluster));
	}
}

/* length: of the field in a list; CIP_ATTR_NONE: there is no such field */
static uint32_t find_field(const char *word, size_t length)
{
	static const uint32_t fields[] = { CIP_ATTR_ADDRESS,  CIP_ATTR_PREFIX,	 CIP_ATTR_IFNAME,
					   CIP_ATTR_MAC_MODE, CIP_ATTR_MAC,	 CIP_ATTR_HASH_MODE,
					   CIP_ATTR_TOTAL,    CIP_ATTR_SEED,	 CIP_ATTR_SOURCE_PREFIX,
					   CIP_ATTR_BUCKETS,  CIP_ATTR_OUTGOING, CIP_ATTR_NOADDR,
					   CIP_ATTR_BACKEND };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *name = cip_attr_get_name(fields[i]);

		if (strlen(name) == length && !strncmp(name, word, length))
			return fields[i];
	}
	return CIP_ATTR_NONE;
}

/* the next one of a list, and where the list goes on; NULL behind the last one */
static const char *next_field(const char *word, size_t *ret_length)
{
	*ret_length = strcspn(word, ",");
	return word[*ret_length] ? word + *ret_length + 1 : NULL;
}

static int check_fields(struct app *app, const char *word)
{
	size_t length;

	for (const char *next; word; word = next) {
		next = next_field(word, &length);
		if (find_field(word, length) == CIP_ATTR_NONE)
			return fail(app, -EINVAL, NULL, "get: unknown field \"%.*s\", see \"cipadm help get\"",
				    (int)(length < 80 ? length : 80), word);
	}
	return 0;
}

static void print_fields(struct cip_cluster *cluster, const char *word)
{
	size_t length;

	for (const char *next; word; word = next) {
		next = next_field(word, &length);
		print_field(cluster, find_field(word, length));
	}
}

/* the fields first, so that no device's name can be taken for one */
int cmd_get(struct app *app, int argc, char **argv)
{
	const char *address, *ifname = NULL;
	struct cip_list *list;
	int err;

	if (argc < 2)
		return fail(app, -EINVAL, NULL, "a word is missing: get %s", app->command->usage);
	err = check_fields(app, argv[0]);
	if (!err)
		err = args_target(app, argc - 1, argv + 1, 1, &address, &ifname);
	if (err < 0)
		return err;
	err = read_clusters(app, address, ifname, &list);
	if (err)
		return err;
	if (app->json)
		err = app->out->clusters(app, list);
	else
		print_fields(cip_list_get(list, 0), argv[0]);
	cip_list_unref(list);
	return err;
}
