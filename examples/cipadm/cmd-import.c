/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the verb import: rules of the CLUSTERIP target, as iptables-save printed them, become cluster IPs */
#include "args.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>

/* what the rules do not tell */
struct extra {
	const char *path;
	uint32_t prefix; /* 0: that of the device */
	bool noaddr;
};

static uint32_t count_bits(const struct sockaddr *mask)
{
	return (uint32_t)__builtin_popcount(((const struct sockaddr_in *)(const void *)mask)->sin_addr.s_addr);
}

static bool is_on(const struct ifaddrs *entry, const char *ifname)
{
	return !strcmp(entry->ifa_name, ifname) && entry->ifa_addr && entry->ifa_netmask &&
	       entry->ifa_addr->sa_family == AF_INET;
}

/* The prefix length with which the device has the address, or else that of the longest of its networks it is in. */
static uint32_t find_prefix(const struct ifaddrs *entries, const char *ifname, struct in_addr address)
{
	const struct ifaddrs *entry;
	uint32_t found = 0, bits;
	in_addr_t own, mask;

	for (entry = entries; entry; entry = entry->ifa_next) {
		if (!is_on(entry, ifname))
			continue;
		own = ((const struct sockaddr_in *)(const void *)entry->ifa_addr)->sin_addr.s_addr;
		mask = ((const struct sockaddr_in *)(const void *)entry->ifa_netmask)->sin_addr.s_addr;
		bits = count_bits(entry->ifa_netmask);
		if (own == address.s_addr)
			return bits;
		if (!((own ^ address.s_addr) & mask) && bits > found)
			found = bits;
	}
	return found;
}

static int complete(struct app *app, struct cip_cluster *cluster, const struct extra *extra,
		    const struct ifaddrs *entries)
{
	uint32_t prefix = extra->prefix;
	char address[46], ifname[16];
	struct in_addr in;
	int err = 0;

	if (cip_cluster_is_set(cluster, CIP_ATTR_PREFIX) || cip_cluster_is_set(cluster, CIP_ATTR_NOADDR))
		return 0; /* the rule's own comment has told */
	if (extra->noaddr)
		err = cip_cluster_set_noaddr(cluster, 1);
	else if (!prefix && !cip_cluster_get_address(cluster, address, sizeof(address)) &&
		 !cip_cluster_get_ifname(cluster, ifname, sizeof(ifname)) &&
		 inet_pton(AF_INET, address, &in) == 1)
		prefix = find_prefix(entries, ifname, in);
	if (!err && prefix)
		err = cip_cluster_set_prefix(cluster, prefix);
	return err ? fail_cip(app, err) : 0;
}

/* one that is there stays as it is: it may have got more buckets than its rule was made with */
static int keep_existing(struct app *app, struct cip_cluster *cluster)
{
	char address[46];
	struct cip_cluster *have;
	uint32_t attr = CIP_ATTR_ADDRESS, differs;
	int err;

	err = cip_cluster_get_address(cluster, address, sizeof(address));
	if (!err)
		err = cip_query_one(app->ctx, address, NULL, &have);
	if (err)
		return err == -ENOENT ? 0 : fail_cip(app, err);
	differs = cip_cluster_compare(have, cluster) & ~(UINT32_C(1) << CIP_ATTR_BUCKETS);
	cip_cluster_unref(have);
	if (!differs)
		return cip_cluster_unset(cluster, CIP_ATTR_BUCKETS);
	while (!(differs >> attr & 1))
		attr++;
	return fail(app, -EEXIST, cip_attr_get_name(attr), "%s exists and differs from its rule in %s", address,
		    cip_attr_get_name(attr));
}

static int complete_all(struct app *app, struct cip_list *list, const struct extra *extra)
{
	struct cip_cluster *cluster;
	struct ifaddrs *entries;
	int err = 0;

	if (getifaddrs(&entries))
		return fail(app, -errno, NULL, "cannot read the addresses of the devices: %s", strerror(errno));
	for (uint32_t i = 0; !err && (cluster = cip_list_get(list, i)); i++) {
		err = complete(app, cluster, extra, entries);
		if (!err)
			err = keep_existing(app, cluster);
	}
	freeifaddrs(entries);
	return err;
}

static int import_text(struct app *app, const char *name, const char *text, const struct extra *extra)
{
	struct cip_list *list;
	int err;

	err = cip_list_new(app->ctx, &list);
	if (err)
		return fail_cip(app, err);
	err = cip_list_import(list, text);
	if (err)
		err = fail(app, err, cip_error_field(app), "%s: %s", name, cip_error_text(app, err));
	if (!err)
		err = complete_all(app, list, extra);
	if (!err) {
		err = cip_apply(app->ctx, list, 0);
		err = err ? fail_cip(app, err) : app->out->plan(app);
	}
	cip_list_unref(list);
	return err;
}

static int read_prefix(struct app *app, const char *word, struct extra *extra)
{
	int err;

	if (!word)
		return 0;
	err = args_number(app, "prefix", word, &extra->prefix);
	if (!err && (extra->prefix < 1 || extra->prefix > 32))
		err = fail(app, -EINVAL, "prefix", "import: prefix %s is not in 1..32", word);
	if (!err && extra->noaddr)
		err = fail(app, -EINVAL, "noaddr", "import: \"noaddr\" has no prefix");
	return err;
}

/* takes noaddr out of the words; returns how many are left */
static int take_noaddr(int argc, char **argv, struct extra *extra)
{
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		if (!extra->noaddr && !strcmp(argv[i], "noaddr"))
			extra->noaddr = true;
		else
			argv[kept++] = argv[i];
	}
	return kept;
}

int cmd_import(struct app *app, int argc, char **argv)
{
	const char *prefix = NULL;
	const struct keyword keywords[] = { { "prefix", &prefix }, { NULL, NULL } };
	struct extra extra = { .path = "-" };
	char *text;
	int err;

	argc = take_noaddr(argc, argv, &extra);
	err = args_sort(app, argc, argv, keywords, &extra.path, 0, 1);
	if (err >= 0)
		err = read_prefix(app, prefix, &extra);
	if (err)
		return err;
	err = read_text(app, extra.path, &text);
	if (err)
		return err;
	err = import_text(app, text_name(extra.path), text, &extra);
	free(text);
	return err;
}
