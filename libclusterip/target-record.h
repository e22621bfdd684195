/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_TARGET_RECORD_H
#define CIP_TARGET_RECORD_H

#include "cluster.h"

#define TARGET_RECORD_MAX 256

/* What a comment of ours says of the rule it stands in. */
enum target_record {
	TARGET_FOREIGN, /* it is none of ours */
	TARGET_OWN,	/* prefix length or noaddr; the rest is in the rule */
	TARGET_HOLD,	/* all parameters: the rule drops everything while the real one is exchanged */
};

/* record: TARGET_OWN or TARGET_HOLD. 0 or -ENOSPC. */
int target_record_format(enum target_record record, const struct cip_cluster *cluster,
			 char buf[TARGET_RECORD_MAX]);
/* The cluster gains what the text says. -EBADMSG: ours, but of another version or damaged. */
int target_record_parse(struct cip_cluster *cluster, const char *text, enum target_record *ret_record);

#endif
