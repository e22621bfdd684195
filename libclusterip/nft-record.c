/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster-text.h"
#include "error.h"
#include "nft-record.h"

#define RECORD_NEEDS                                                                                           \
	(1u << CIP_ATTR_ADDRESS | 1u << CIP_ATTR_IFNAME | 1u << CIP_ATTR_MAC | 1u << CIP_ATTR_HASH_MODE |      \
	 1u << CIP_ATTR_TOTAL | 1u << CIP_ATTR_SEED)

/* What is as usual is left out. Words are short because nft takes comments of 127 characters only. */
int nft_record_format(const struct cip_cluster *cluster, char buf[NFT_COMMENT_MAX])
{
	char mac[MAC_TEXT_MAX], prefix[8] = "", source[16] = "", mode[16] = "";
	int len;

	mac_format(cluster->mac, mac);
	if (!cluster->noaddr)
		snprintf(prefix, sizeof(prefix), "/%u ", cluster->prefix);
	if (cluster->source_prefix != addr_bits(&cluster->addr))
		snprintf(source, sizeof(source), " src %u", cluster->source_prefix);
	if (cluster->mac_mode != CIP_MAC_MULTICAST)
		snprintf(mode, sizeof(mode), " mode %u", cluster->mac_mode);
	len = snprintf(buf, NFT_COMMENT_MAX, "v1 %sdev %s mac %s hash %u total %u seed 0x%x%s%s%s class %u",
		       prefix, cluster->ifname, mac, cluster->hash_mode, cluster->total, cluster->seed, source,
		       mode, cluster->outgoing ? " out 1" : "", cluster->observed.class);
	return len < NFT_COMMENT_MAX ? 0 : -ENOSPC;
}

static int take_mac(struct cip_cluster *cluster, const char *value)
{
	if (mac_parse(value, cluster->mac) < 0)
		return -EBADMSG;
	cluster_mark(cluster, CIP_ATTR_MAC);
	return 0;
}

static int take_number(struct cip_cluster *cluster, const char *name, const char *value)
{
	uint32_t number;

	if (number_parse(value, UINT32_MAX, &number) < 0)
		return -EBADMSG;
	if (!strcmp(name, "hash"))
		return cluster_set_hash_mode(cluster, number);
	if (!strcmp(name, "total"))
		return cluster_set_total(cluster, number);
	if (!strcmp(name, "src"))
		return cluster_set_source_prefix(cluster, number);
	if (!strcmp(name, "mode"))
		return cluster_set_mac_mode(cluster, number);
	if (!strcmp(name, "out")) {
		cluster->outgoing = number == 1;
		return number > 1 ? -EBADMSG : 0;
	}
	if (!strcmp(name, "seed")) {
		cluster->seed = number;
		cluster_mark(cluster, CIP_ATTR_SEED);
		return 0;
	}
	if (strcmp(name, "class") || !number || number > NFT_CLASS_MAX)
		return -EBADMSG;
	cluster->observed.class = number;
	return 0;
}

static int take_pair(struct cip_cluster *cluster, const char *name, const char *value)
{
	if (!strcmp(name, "dev"))
		return cluster_set_ifname(cluster, value);
	return strcmp(name, "mac") ? take_number(cluster, name, value) : take_mac(cluster, value);
}

static int parse(struct cip_cluster *cluster, char *text)
{
	char *rest = NULL, *word = strtok_r(text, " ", &rest), *value;
	int rc = 0;

	cluster->noaddr = word && *word != '/';
	cluster_mark(cluster, CIP_ATTR_NOADDR);
	cluster->mac_mode = CIP_MAC_MULTICAST;
	cluster_mark(cluster, CIP_ATTR_MAC_MODE);
	cluster_mark(cluster, CIP_ATTR_OUTGOING);
	(void)cluster_set_source_prefix(cluster, addr_bits(&cluster->addr));
	if (word && *word == '/') {
		rc = cluster_set_prefix(cluster, (uint32_t)strtoul(word + 1, NULL, 10));
		word = strtok_r(NULL, " ", &rest);
	}
	for (; rc == 0 && word; word = strtok_r(NULL, " ", &rest)) {
		value = strtok_r(NULL, " ", &rest);
		rc = value ? take_pair(cluster, word, value) : -EBADMSG;
	}
	return rc < 0 || !cluster->observed.class || (cluster->set & RECORD_NEEDS) != RECORD_NEEDS ? -EBADMSG
												   : 0;
}

int nft_record_parse(struct cip_cluster *cluster, const char *record)
{
	char text[NFT_COMMENT_MAX];

	snprintf(text, sizeof(text), "%s", record);
	if (text[0] != 'v')
		return -EBADMSG;
	if (!strncmp(text, "v1 ", 3) && parse(cluster, text + 3) == 0)
		return 0;
	return cip_error(cluster->ctx, -EPROTONOSUPPORT, CIP_ATTR_NONE,
			 "the record \"%s\" was not written by a version of libclusterip that this one knows",
			 record);
}
