/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_TARGET_RULE_H
#define CIP_TARGET_RULE_H

#include "target-record.h"

struct ipt_entry;

/* iptables' own limit: its option --total-nodes and the kernel's list of local nodes end there */
#define TARGET_TOTAL_MAX 16

enum target_kind {
	TARGET_NONE,   /* a rule that is not about a cluster IP */
	TARGET_RULE,   /* has the target CLUSTERIP */
	TARGET_HOLDER, /* stands in front of it, or in its place, and drops everything */
};

/* The bytes of a rule as the kernel has them -> the model, and back. */

/* The cluster gains what the rule says of it. -EBADMSG: a record of ours that is not readable. */
int target_rule_read(const struct ipt_entry *entry, struct cip_cluster *cluster, enum target_kind *ret_kind,
		     enum target_record *ret_record);

/* A new rule, which the caller frees. 0, -ENOMEM, -ENOSPC. */
int target_rule_write(const struct cip_cluster *cluster, struct ipt_entry **ret_entry);
int target_rule_write_holder(const struct cip_cluster *cluster, struct ipt_entry **ret_entry);
/* An existing rule with the target of the cluster; what it matches stays. */
int target_rule_rewrite(const struct ipt_entry *entry, const struct cip_cluster *cluster,
			struct ipt_entry **ret_entry);
int target_rule_copy(const struct ipt_entry *entry, struct ipt_entry **ret_entry);

#endif
