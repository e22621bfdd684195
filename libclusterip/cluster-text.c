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

static int check_mac(struct cip_cluster *cluster, uint32_t attr, uint32_t mac_mode, const uint8_t mac[6])
{
	static const char *const must[] = {
		[CIP_MAC_MULTICAST] = "a multicast address: its first octet must be odd, and not all ones",
		[CIP_MAC_IGMP] = "that of a group: 01:00:5e:00:00:00 to 01:00:5e:7f:ff:ff, or 33:33:...",
		[CIP_MAC_UNICAST] =
			"a locally administered unicast address: its first octet must be 02, 06, 0a or so",
	};
	char text[MAC_TEXT_MAX];

	if (mac_fits(mac_mode, mac))
		return 0;
	mac_format(mac, text);
	return cip_error(cluster->ctx, -EINVAL, attr, "mac %s is not %s (mac-mode %s)", text, must[mac_mode],
			 names_mac_mode(mac_mode));
}

int cluster_set_mac(struct cip_cluster *cluster, const char *text)
{
	uint32_t mac_mode = CLUSTER_HAS(cluster, CIP_ATTR_MAC_MODE) ? cluster->mac_mode : CIP_MAC_MULTICAST;
	uint8_t mac[6];
	int rc;

	if (mac_parse(text, mac) < 0)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_MAC,
				 "mac \"%.32s\" is not six hexadecimal octets such as 03:bf:0a:00:00:64", text);
	rc = check_mac(cluster, CIP_ATTR_MAC, mac_mode, mac);
	if (rc < 0)
		return rc;
	memcpy(cluster->mac, mac, sizeof(mac));
	cluster_mark(cluster, CIP_ATTR_MAC);
	return 0;
}

int cluster_set_mac_mode(struct cip_cluster *cluster, uint32_t mac_mode)
{
	int rc = 0;

	if (!names_mac_mode(mac_mode))
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_MAC_MODE, "mac-mode %u is not in 1..3",
				 mac_mode);
	if (CLUSTER_HAS(cluster, CIP_ATTR_MAC))
		rc = check_mac(cluster, CIP_ATTR_MAC_MODE, mac_mode, cluster->mac);
	if (rc < 0)
		return rc;
	cluster->mac_mode = mac_mode;
	cluster_mark(cluster, CIP_ATTR_MAC_MODE);
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

static int set_mac_mode_word(struct cip_cluster *cluster, const char *word)
{
	uint32_t mac_mode = names_mac_mode_from(word);

	if (!mac_mode)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_MAC_MODE,
				 "mac-mode \"%.64s\" is not multicast, igmp or unicast", word);
	return cluster_set_mac_mode(cluster, mac_mode);
}

static const struct word {
	const char *name;
	uint32_t attr;
	int (*set)(struct cip_cluster *cluster, const char *word); /* NULL: stands alone */
} words[] = {
	{ "dev", CIP_ATTR_IFNAME, cluster_set_ifname },
	{ "mac-mode", CIP_ATTR_MAC_MODE, set_mac_mode_word },
	{ "mac", CIP_ATTR_MAC, cluster_set_mac },
	{ "hash", CIP_ATTR_HASH_MODE, set_hash_word },
	{ "total", CIP_ATTR_TOTAL, set_total_word },
	{ "seed", CIP_ATTR_SEED, set_seed_word },
	{ "source-prefix", CIP_ATTR_SOURCE_PREFIX, set_source_prefix_word },
	{ "buckets", CIP_ATTR_BUCKETS, cluster_set_buckets },
	{ "outgoing", CIP_ATTR_OUTGOING, NULL },
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

/* Values that are judged by others, which may come later in the line. */
struct later {
	char *buckets, *mac;
};

static int take_word(struct cip_cluster *cluster, const char *name, char **rest, uint32_t *seen,
		     struct later *later)
{
	const struct word *word = find_word(name);
	char *value;

	if (!word)
		return cip_error(cluster->ctx, -EINVAL, CIP_ATTR_NONE, "unknown word \"%.64s\"", name);
	if (*seen >> word->attr & 1)
		return cip_error(cluster->ctx, -EINVAL, word->attr, "%s is given twice", name);
	*seen |= 1u << word->attr;
	if (!word->set) {
		*(word->attr == CIP_ATTR_NOADDR ? &cluster->noaddr : &cluster->outgoing) = 1;
		cluster_mark(cluster, word->attr);
		return 0;
	}
	value = strtok_r(NULL, " \t\n", rest);
	if (!value)
		return cip_error(cluster->ctx, -EINVAL, word->attr, "%s has no value behind it", name);
	if (word->attr == CIP_ATTR_BUCKETS)
		later->buckets = value;
	else if (word->attr == CIP_ATTR_MAC)
		later->mac = value;
	else
		return word->set(cluster, value);
	return 0;
}

int cluster_parse_words(struct cip_cluster *cluster, const char *text)
{
	char *copy = strdup(text), *rest = NULL, *word;
	struct later later = { 0 };
	uint32_t seen = 0;
	int rc = 0;

	if (!copy)
		return cip_error_nomem(cluster->ctx);
	for (word = strtok_r(copy, " \t\n", &rest); word && rc == 0; word = strtok_r(NULL, " \t\n", &rest))
		rc = take_word(cluster, word, &rest, &seen, &later);
	if (rc == 0 && later.mac)
		rc = cluster_set_mac(cluster, later.mac);
	if (rc == 0 && later.buckets)
		rc = cluster_set_buckets(cluster, later.buckets);
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
