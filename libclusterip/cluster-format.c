/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cluster-text.h"
#include "names.h"

/* The value of one attribute as text; "" where the word stands alone. */
static int format_value(const struct cip_cluster *cluster, uint32_t attr, char *buf, size_t size)
{
	switch (attr) {
	case CIP_ATTR_IFNAME:
		return snprintf(buf, size, "%s", cluster->ifname) < (int)size ? 0 : -ENOSPC;
	case CIP_ATTR_MAC:
		mac_format(cluster->mac, buf);
		return 0;
	case CIP_ATTR_MAC_MODE:
		return snprintf(buf, size, "%s", names_mac_mode(cluster->mac_mode)) < (int)size ? 0 : -ENOSPC;
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
	       (attr == CIP_ATTR_OUTGOING && !cluster->outgoing) ||
	       (attr == CIP_ATTR_MAC_MODE && cluster->mac_mode == CIP_MAC_MULTICAST) ||
	       (attr == CIP_ATTR_SOURCE_PREFIX && cluster->source_prefix == addr_bits(&cluster->addr));
}

/* in which attributes stand in a line */
static const uint32_t order[] = { CIP_ATTR_IFNAME,	  CIP_ATTR_MAC_MODE, CIP_ATTR_MAC,
				  CIP_ATTR_HASH_MODE,	  CIP_ATTR_TOTAL,    CIP_ATTR_SEED,
				  CIP_ATTR_SOURCE_PREFIX, CIP_ATTR_BUCKETS,  CIP_ATTR_OUTGOING,
				  CIP_ATTR_NOADDR };

int cluster_format_words(const struct cip_cluster *cluster, uint32_t mask, char *buf, size_t size)
{
	char value[BUCKETSET_TEXT_MAX];
	size_t i, len = 0;

	if (!size)
		return -ENOSPC;
	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		uint32_t attr = order[i];

		if (!(mask >> attr & 1) || !CLUSTER_HAS(cluster, attr) || says_nothing(cluster, attr))
			continue;
		(void)format_value(cluster, attr, value, sizeof(value));
		len += (size_t)snprintf(buf + len, size - len, "%s%s%s%s", len ? " " : "", names_attr(attr),
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
		else if (attr == CIP_ATTR_OUTGOING)
			len += (size_t)snprintf(buf + len, size - len, "%s%s outgoing", len ? ", " : "",
						have->outgoing ? "with" : "without");
		else
			len += (size_t)snprintf(buf + len, size - len, "%s%s %s, not %s", len ? "; " : "",
						names_attr(attr), is, asked);
	}
}
