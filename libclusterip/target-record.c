/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster-text.h"
#include "target-record.h"

#define WORD	       "libclusterip "
#define RECORD_VERSION "v1 "
#define HOLD	       "hold "
#define NOADDR	       "noaddr"
#define HOLD_MASK                                                                                              \
	(1u << CIP_ATTR_MAC | 1u << CIP_ATTR_HASH_MODE | 1u << CIP_ATTR_TOTAL | 1u << CIP_ATTR_SEED |          \
	 1u << CIP_ATTR_BUCKETS)

int target_record_format(enum target_record record, const struct cip_cluster *cluster,
			 char buf[TARGET_RECORD_MAX])
{
	char prefix[8] = NOADDR, words[TARGET_RECORD_MAX] = "";
	int len, hold = record == TARGET_HOLD;

	if (!cluster->noaddr && CLUSTER_HAS(cluster, CIP_ATTR_PREFIX))
		snprintf(prefix, sizeof(prefix), "/%u", cluster->prefix);
	if (hold && cluster_format_words(cluster, HOLD_MASK, words, sizeof(words)) < 0)
		return -ENOSPC;
	len = snprintf(buf, TARGET_RECORD_MAX, WORD RECORD_VERSION "%s%s%s%s", hold ? HOLD : "", prefix,
		       hold ? " " : "", words);
	return len < TARGET_RECORD_MAX ? 0 : -ENOSPC;
}

static int starts(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len))
		return 0;
	*text += len;
	return 1;
}

static int parse_prefix(struct cip_cluster *cluster, const char **text)
{
	char *end;

	if (starts(text, NOADDR)) {
		cluster->noaddr = 1;
	} else if (**text == '/') {
		if (cluster_set_prefix(cluster, (uint32_t)strtoul(*text + 1, &end, 10)) < 0)
			return -EBADMSG;
		*text = end;
	} else {
		return -EBADMSG;
	}
	cluster_mark(cluster, CIP_ATTR_NOADDR);
	return 0;
}

int target_record_parse(struct cip_cluster *cluster, const char *text, enum target_record *ret_record)
{
	int hold;

	if (!starts(&text, WORD)) {
		*ret_record = TARGET_FOREIGN;
		return 0;
	}
	if (!starts(&text, RECORD_VERSION))
		return -EBADMSG;
	hold = starts(&text, HOLD);
	if (parse_prefix(cluster, &text) < 0)
		return -EBADMSG;
	if (!hold && *text)
		return -EBADMSG;
	if (hold && (cluster_parse_words(cluster, text) < 0 || (cluster->set & HOLD_MASK) != HOLD_MASK))
		return -EBADMSG;
	*ret_record = hold ? TARGET_HOLD : TARGET_OWN;
	return 0;
}
