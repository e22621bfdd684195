/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster-text.h"
#include "error.h"
#include "nft-record.h"

#define RECORD_ATTRS                                                                                           \
	(1u << CIP_ATTR_IFNAME | 1u << CIP_ATTR_MAC | 1u << CIP_ATTR_HASH_MODE | 1u << CIP_ATTR_TOTAL |        \
	 1u << CIP_ATTR_SEED | 1u << CIP_ATTR_SOURCE_PREFIX)
#define RECORD_NEEDS (RECORD_ATTRS | 1u << CIP_ATTR_ADDRESS)

int nft_record_format(const struct cip_cluster *cluster, char buf[NFT_COMMENT_MAX])
{
	char words[NFT_COMMENT_MAX], prefix[8] = "";
	int len;

	if (cluster_format_words(cluster, RECORD_ATTRS, words, sizeof(words)) < 0)
		return -ENOSPC;
	if (!cluster->noaddr)
		snprintf(prefix, sizeof(prefix), "/%u ", cluster->prefix);
	len = snprintf(buf, NFT_COMMENT_MAX, "v1 %s%s range %u", prefix, words, cluster->observed.range);
	return len < NFT_COMMENT_MAX ? 0 : -ENOSPC;
}

/* Cut "range N" off the end. */
static int take_range(char *text, uint32_t *ret_range)
{
	char *range = strstr(text, " range ");

	if (!range || number_parse(range + 7, NFT_RANGE_MAX, ret_range) < 0 || !*ret_range)
		return -EBADMSG;
	*range = '\0';
	return 0;
}

static int parse(struct cip_cluster *cluster, char *text)
{
	char *end;

	if (take_range(text, &cluster->observed.range) < 0)
		return -EBADMSG;
	cluster->noaddr = *text != '/';
	cluster_mark(cluster, CIP_ATTR_NOADDR);
	if (*text == '/') {
		if (cluster_set_prefix(cluster, (uint32_t)strtoul(text + 1, &end, 10)) < 0)
			return -EBADMSG;
		text = end;
	}
	/* unless it says otherwise */
	(void)cluster_set_source_prefix(cluster, addr_bits(&cluster->addr));
	if (cluster_parse_words(cluster, text) < 0 || (cluster->set & RECORD_NEEDS) != RECORD_NEEDS)
		return -EBADMSG;
	return 0;
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
