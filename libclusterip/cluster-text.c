/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster-text.h"
#include "error.h"
#include "names.h"

int cluster_set_prefix(struct cip_cluster *cluster, uint32_t prefix)
{
	uint32_t max = CLUSTER_HAS(cluster, CIP_ATTR_ADDRESS) ? addr_bits(&cluster->addr) : 128;

	if (prefix < 1 || prefix > max)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_PREFIX, "prefix length %u is not in 1..%u",
				 prefix, max);
	cluster->prefix = prefix;
	cluster_mark(cluster, CIP_ATTR_PREFIX);
	return 0;
}

/* Both parts are checked before either is taken. */
int cluster_set_address(struct cip_cluster *cluster, const char *text)
{
	char copy[ADDR_TEXT_MAX + 1] = "";
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct addr addr;
	uint32_t prefix = 0;

	if (len < sizeof(copy))
		memcpy(copy, text, len);
	if (len >= sizeof(copy) || addr_parse(copy, &addr) < 0)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_ADDRESS,
				 "address \"%.64s\" is not an IPv4 or IPv6 address", text);
	if (!addr_is_unicast(&addr))
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_ADDRESS,
				 "address %s cannot be a host's own: it must be unicast", copy);
	if (slash && (number_parse(slash + 1, addr_bits(&addr), &prefix) < 0 || !prefix))
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_PREFIX,
				 "prefix length \"%.32s\" is not in 1..%u", slash + 1, addr_bits(&addr));
	cluster->addr = addr;
	cluster_mark(cluster, CIP_ATTR_ADDRESS);
	if (slash) {
		cluster->prefix = prefix;
		cluster_mark(cluster, CIP_ATTR_PREFIX);
	}
	return 0;
}

int cluster_set_ifname(struct cip_cluster *cluster, const char *ifname)
{
	size_t len = strlen(ifname), i;
	int valid = len >= 1 && len < IFNAMSIZ && strcmp(ifname, ".") && strcmp(ifname, "..");

	for (i = 0; valid && i < len; i++)
		valid = isprint((unsigned char)ifname[i]) && !strchr(" /:\"*", ifname[i]);
	if (!valid)
		return cip_error(
			cluster->ctx, -EINVAL, CIP_ATTR_IFNAME,
			"dev \"%.32s\" is not a device name: 1..15 characters without blanks, '/', ':', '\"' "
			"and '*'",
			ifname);
	memset(cluster->ifname, 0, sizeof(cluster->ifname));
	memcpy(cluster->ifname, ifname, len);
	cluster_mark(cluster, CIP_ATTR_IFNAME);
	return 0;
}

int cluster_set_mac(struct cip_cluster *cluster, const char *text)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint8_t mac[6];

	if (mac_parse(text, mac) < 0)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_MAC,
				 "mac \"%.32s\" is not six hexadecimal octets such as 03:bf:0a:00:00:64", text);
	if (!(mac[0] & 1) || !memcmp(mac, broadcast, sizeof(mac)))
		return cip_error(
			cluster->ctx, -EINVAL, CIP_ATTR_MAC,
			"mac %s is not a multicast address: its first octet must be odd, and not all ones",
			text);
	memcpy(cluster->mac, mac, sizeof(mac));
	cluster_mark(cluster, CIP_ATTR_MAC);
	return 0;
}

int cluster_set_hash_mode(struct cip_cluster *cluster, uint32_t hash_mode)
{
	if (!names_hash_mode(hash_mode))
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_HASH_MODE, "hash mode %u is not in 1..4",
				 hash_mode);
	cluster->hash_mode = hash_mode;
	cluster_mark(cluster, CIP_ATTR_HASH_MODE);
	return 0;
}

int cluster_set_source_prefix(struct cip_cluster *cluster, uint32_t bits)
{
	uint32_t max = CLUSTER_HAS(cluster, CIP_ATTR_ADDRESS) ? addr_bits(&cluster->addr) : 128;

	if (bits < 1 || bits > max)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_SOURCE_PREFIX,
				 "source prefix length %u is not in 1..%u", bits, max);
	cluster->source_prefix = bits;
	cluster_mark(cluster, CIP_ATTR_SOURCE_PREFIX);
	return 0;
}

int cluster_set_total(struct cip_cluster *cluster, uint32_t total)
{
	if (total < 1 || total > CIP_TOTAL_NODES_MAX)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_TOTAL, "total nodes %u is not in 1..%u", total,
				 CIP_TOTAL_NODES_MAX);
	cluster->total = total;
	cluster_mark(cluster, CIP_ATTR_TOTAL);
	return 0;
}

static uint32_t bucket_max(const struct cip_cluster *cluster)
{
	return CLUSTER_HAS(cluster, CIP_ATTR_TOTAL) ? cluster->total : CIP_TOTAL_NODES_MAX;
}

int cluster_check_bucket(struct cip_cluster *cluster, uint32_t bucket)
{
	if (bucket < 1 || bucket > bucket_max(cluster))
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_BUCKETS, "buckets: %u is not in 1..%u", bucket,
				 bucket_max(cluster));
	return 0;
}

int cluster_set_buckets(struct cip_cluster *cluster, const char *text)
{
	uint32_t total = CLUSTER_HAS(cluster, CIP_ATTR_TOTAL) ? cluster->total : 0;

	switch (bucketset_parse(text, total, &cluster->buckets)) {
	case 0:
		cluster_mark(cluster, CIP_ATTR_BUCKETS);
		return 0;
	case -ERANGE:
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_BUCKETS,
				 "buckets \"%.64s\": a number or range is not in 1..%u, or runs backwards",
				 text, bucket_max(cluster));
	case -ENODATA:
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_BUCKETS,
				 "buckets \"all\" is not known before total nodes is");
	default:
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_BUCKETS,
				 "buckets \"%.64s\" is not a list such as 1,3,5-8, all or none", text);
	}
}

static int set_hash_word(struct cip_cluster *cluster, const char *word)
{
	uint32_t hash_mode = names_hash_mode_from(word);

	if (!hash_mode)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_HASH_MODE,
				 "hash \"%.64s\" is not sourceip, sourceip-sourceport, "
				 "sourceip-sourceport-destport or xt_cluster",
				 word);
	return cluster_set_hash_mode(cluster, hash_mode);
}

static int set_total_word(struct cip_cluster *cluster, const char *word)
{
	uint32_t total;

	if (number_parse(word, UINT32_MAX, &total) < 0)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_TOTAL,
				 "total \"%.32s\" is not a number in 1..%u", word, CIP_TOTAL_NODES_MAX);
	return cluster_set_total(cluster, total);
}

static int set_seed_word(struct cip_cluster *cluster, const char *word)
{
	if (number_parse(word, UINT32_MAX, &cluster->seed) < 0)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_SEED,
				 "seed \"%.32s\" is not a number in 0..4294967295 (0xffffffff)", word);
	cluster_mark(cluster, CIP_ATTR_SEED);
	return 0;
}

static int set_source_prefix_word(struct cip_cluster *cluster, const char *word)
{
	uint32_t bits;

	if (number_parse(word, UINT32_MAX, &bits) < 0)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_SOURCE_PREFIX,
				 "source-prefix \"%.32s\" is not a number in 1..%u", word,
				 CLUSTER_HAS(cluster, CIP_ATTR_ADDRESS) ? addr_bits(&cluster->addr) : 128);
	return cluster_set_source_prefix(cluster, bits);
}

static const struct word {
	const char *name;
	uint32_t attr;
	int (*set)(struct cip_cluster *cluster, const char *word); /* NULL: stands alone */
} words[] = {
	{ "dev", CIP_ATTR_IFNAME, cluster_set_ifname },
	{ "mac", CIP_ATTR_MAC, cluster_set_mac },
	{ "hash", CIP_ATTR_HASH_MODE, set_hash_word },
	{ "total", CIP_ATTR_TOTAL, set_total_word },
	{ "seed", CIP_ATTR_SEED, set_seed_word },
	{ "source-prefix", CIP_ATTR_SOURCE_PREFIX, set_source_prefix_word },
	{ "buckets", CIP_ATTR_BUCKETS, cluster_set_buckets },
	{ "noaddr", CIP_ATTR_NOADDR, NULL },
};

static const struct word *find_word(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].name, name))
			return &words[i];
	return NULL;
}

static int take_word(struct cip_cluster *cluster, const char *name, char **rest, uint32_t *seen, char **buckets)
{
	const struct word *word = find_word(name);
	char *value;

	if (!word)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_NONE, "unknown word \"%.64s\"", name);
	if (*seen >> word->attr & 1)
		return cip_error(cluster->ctx, -EINVAL, word->attr, "%s is given twice", name);
	*seen |= 1u << word->attr;
	if (!word->set) {
		cluster->noaddr = 1;
		cluster_mark(cluster, CIP_ATTR_NOADDR);
		return 0;
	}
	value = strtok_r(NULL, " \t\n", rest);
	if (!value)
		return cip_error(cluster->ctx, -EINVAL, word->attr, "%s has no value behind it", name);
	if (word->attr != CIP_ATTR_BUCKETS)
		return word->set(cluster, value);
	*buckets = value; /* their range is known when total is, which may come later in the line */
	return 0;
}

int cluster_parse_words(struct cip_cluster *cluster, const char *text)
{
	char *copy = strdup(text), *rest = NULL, *word, *buckets = NULL;
	uint32_t seen = 0;
	int rc = 0;

	if (!copy)
		return cip_error_nomem(cluster->ctx);
	for (word = strtok_r(copy, " \t\n", &rest); word && rc == 0; word = strtok_r(NULL, " \t\n", &rest))
		rc = take_word(cluster, word, &rest, &seen, &buckets);
	if (rc == 0 && buckets)
		rc = cluster_set_buckets(cluster, buckets);
	free(copy);
	return rc;
}

int cluster_parse(struct cip_cluster *cluster, const char *text)
{
	char address[ADDR_TEXT_MAX + 8];
	size_t len;
	int rc;

	text += strspn(text, " \t\n");
	len = strcspn(text, " \t\n");
	if (!len || len >= sizeof(address))
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_ADDRESS,
				 "address \"%.*s\" is not an IPv4 or IPv6 address", (int)(len < 64 ? len : 64),
				 text);
	memcpy(address, text, len);
	address[len] = '\0';
	rc = cluster_set_address(cluster, address);
	return rc < 0 ? rc : cluster_parse_words(cluster, text + len);
}

/* The value of one attribute as text; "" where the word stands alone. */
static int format_value(const struct cip_cluster *cluster, uint32_t attr, char *buf, size_t size)
{
	switch (attr) {
	case CIP_ATTR_IFNAME:
		return snprintf(buf, size, "%s", cluster->ifname) < (int)size ? 0 : -ENOSPC;
	case CIP_ATTR_MAC:
		mac_format(cluster->mac, buf);
		return 0;
	case CIP_ATTR_HASH_MODE:
		return snprintf(buf, size, "%s", names_hash_mode(cluster->hash_mode)) < (int)size ? 0 : -ENOSPC;
	case CIP_ATTR_TOTAL:
		return snprintf(buf, size, "%u", cluster->total) < (int)size ? 0 : -ENOSPC;
	case CIP_ATTR_SEED:
		return snprintf(buf, size, "0x%x", cluster->seed) < (int)size ? 0 : -ENOSPC;
	case CIP_ATTR_SOURCE_PREFIX:
		return snprintf(buf, size, "%u", cluster->source_prefix) < (int)size ? 0 : -ENOSPC;
	case CIP_ATTR_PREFIX:
		return snprintf(buf, size, "%u", cluster->prefix) < (int)size ? 0 : -ENOSPC;
	case CIP_ATTR_BUCKETS:
		return bucketset_format(&cluster->buckets, buf, size);
	}
	buf[0] = '\0';
	return 0;
}

/* Words that say what goes without saying are left out. */
static int says_nothing(const struct cip_cluster *cluster, uint32_t attr)
{
	return (attr == CIP_ATTR_NOADDR && !cluster->noaddr) ||
	       (attr == CIP_ATTR_SOURCE_PREFIX && cluster->source_prefix == addr_bits(&cluster->addr));
}

int cluster_format_words(const struct cip_cluster *cluster, uint32_t mask, char *buf, size_t size)
{
	char value[BUCKETSET_TEXT_MAX];
	size_t i, len = 0;

	if (!size)
		return -ENOSPC;
	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		uint32_t attr = words[i].attr;

		if (!(mask >> attr & 1) || !CLUSTER_HAS(cluster, attr) || says_nothing(cluster, attr))
			continue;
		(void)format_value(cluster, attr, value, sizeof(value));
		len += (size_t)snprintf(buf + len, size - len, "%s%s%s%s", len ? " " : "", words[i].name,
					*value ? " " : "", value);
		if (len >= size)
			return -ENOSPC;
	}
	return 0;
}

int cluster_format(const struct cip_cluster *cluster, char *buf, size_t size)
{
	char text[CLUSTER_TEXT_MAX], address[ADDR_TEXT_MAX];
	size_t len;

	if (!CLUSTER_HAS(cluster, CIP_ATTR_ADDRESS))
		return -ENODATA;
	addr_format(&cluster->addr, address);
	len = (size_t)snprintf(text, sizeof(text), "%s", address);
	if (CLUSTER_HAS(cluster, CIP_ATTR_PREFIX))
		len += (size_t)snprintf(text + len, sizeof(text) - len, "/%u", cluster->prefix);
	text[len++] = ' ';
	(void)cluster_format_words(cluster, ~0u, text + len, sizeof(text) - len);
	if (!text[len])
		text[--len] = '\0';
	len = strlen(text);
	if (len >= size)
		return -ENOSPC;
	memcpy(buf, text, len + 1);
	return 0;
}

void cluster_format_difference(const struct cip_cluster *have, const struct cip_cluster *want, uint32_t mask,
			       char *buf, size_t size)
{
	char is[BUCKETSET_TEXT_MAX], asked[BUCKETSET_TEXT_MAX];
	size_t len = 0;
	uint32_t attr;

	buf[0] = '\0';
	for (attr = CIP_ATTR_ADDRESS; attr <= CIP_ATTR_LAST && len < size; attr++) {
		if (!(mask >> attr & 1))
			continue;
		(void)format_value(have, attr, is, sizeof(is));
		(void)format_value(want, attr, asked, sizeof(asked));
		if (attr == CIP_ATTR_NOADDR)
			len += (size_t)snprintf(buf + len, size - len, "%s%s noaddr", len ? ", " : "",
						have->noaddr ? "with" : "without");
		else
			len += (size_t)snprintf(buf + len, size - len, "%s%s %s, not %s", len ? "; " : "",
						names_attr(attr), is, asked);
	}
}
