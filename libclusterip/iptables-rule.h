/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_IPTABLES_RULE_H
#define CIP_IPTABLES_RULE_H

#include "cluster-list.h"

/* One line while it is read. */
struct rule {
	struct cip_list *list;
	unsigned int line;
	uint32_t count; /* of words */
	char **words;
	struct cip_cluster *cluster;
	uint32_t seen; /* bit for each of options[] */
	int broken;    /* a quote is not closed */
};

/* A sentence with the line: -EINVAL. */
int rule_refuse(const struct rule *rule, uint32_t attr, const char *fmt, ...) CIP_PRINTF(3, 4);
/* Read the options of a CLUSTERIP rule, from a word on, into rule->cluster. 0 or -EINVAL. */
int rule_take(struct rule *rule, uint32_t at);
/* Does the rule make the cluster IP? Else it has no parameters, and refers to one that does. */
int rule_is_new(const struct rule *rule);

#endif
