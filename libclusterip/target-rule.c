/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <net/if.h>	/* these two before linux/if.h and */
#include <netinet/in.h> /* linux/netfilter.h, which bring their own copies otherwise */
#include <linux/netfilter.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv4/ipt_CLUSTERIP.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target-rule.h"

#define TARGET_NAME  "CLUSTERIP"
#define COMMENT_SIZE (XT_ALIGN(sizeof(struct xt_entry_match)) + XT_ALIGN(sizeof(struct xt_comment_info)))
#define TARGET_SIZE  (XT_ALIGN(sizeof(struct xt_entry_target)) + XT_ALIGN(sizeof(struct ipt_clusterip_tgt_info)))
#define DROP_SIZE    XT_ALIGN(sizeof(struct xt_standard_target))

/* Entries are aligned to 8 bytes, and so is all that is inside them. */
static void *at(const struct ipt_entry *entry, size_t offset)
{
	return (void *)((uintptr_t)entry + offset);
}

static struct ipt_clusterip_tgt_info *info_of(const struct ipt_entry *entry)
{
	return at(entry, entry->target_offset + XT_ALIGN(sizeof(struct xt_entry_target)));
}

static int has_target(const struct ipt_entry *entry)
{
	const struct xt_entry_target *target = at(entry, entry->target_offset);

	return !strcmp(target->u.user.name, TARGET_NAME) && target->u.target_size >= TARGET_SIZE;
}

static int drops(const struct ipt_entry *entry)
{
	const struct xt_standard_target *target = at(entry, entry->target_offset);

	return (!target->target.u.user.name[0] && target->verdict == -NF_DROP - 1) ||
	       !strcmp(target->target.u.user.name, "DROP");
}

/* The text of the first comment; "" if there is none. */
static void read_comment(const struct ipt_entry *entry, char buf[XT_MAX_COMMENT_LEN])
{
	const struct xt_entry_match *match;
	const struct xt_comment_info *info;
	size_t offset;

	buf[0] = '\0';
	for (offset = sizeof(*entry); offset < entry->target_offset; offset += match->u.match_size) {
		match = at(entry, offset);
		if (strcmp(match->u.user.name, "comment"))
			continue;
		info = at(entry, offset + XT_ALIGN(sizeof(*match)));
		snprintf(buf, XT_MAX_COMMENT_LEN, "%.*s", XT_MAX_COMMENT_LEN - 1, info->comment);
		return;
	}
}

static void read_match(const struct ipt_entry *entry, struct cip_cluster *cluster)
{
	cluster->addr.family = 4;
	memcpy(cluster->addr.bytes, &entry->ip.dst.s_addr, 4);
	cluster_mark(cluster, CIP_ATTR_ADDRESS);
	if (!entry->ip.iniface[0])
		return;
	memcpy(cluster->ifname, entry->ip.iniface, IFNAMSIZ);
	cluster->ifname[IFNAMSIZ - 1] = '\0';
	cluster_mark(cluster, CIP_ATTR_IFNAME);
}

static void read_target(const struct ipt_clusterip_tgt_info *info, struct cip_cluster *cluster)
{
	memcpy(cluster->mac, info->clustermac, sizeof(cluster->mac));
	cluster->total = info->num_total_nodes;
	cluster->hash_mode = info->hash_mode + 1;
	cluster->seed = info->hash_initval;
	cluster->set |=
		1u << CIP_ATTR_MAC | 1u << CIP_ATTR_TOTAL | 1u << CIP_ATTR_HASH_MODE | 1u << CIP_ATTR_SEED;
}

int target_rule_read(const struct ipt_entry *entry, struct cip_cluster *cluster, enum target_kind *ret_kind,
		     enum target_record *ret_record)
{
	char comment[XT_MAX_COMMENT_LEN];
	enum target_record record;
	int rc, target = has_target(entry);

	*ret_kind = TARGET_NONE;
	if (!target && !drops(entry))
		return 0;
	read_comment(entry, comment);
	rc = target_record_parse(cluster, comment, &record);
	if (rc < 0 || (!target && record != TARGET_HOLD))
		return target ? rc : 0;
	read_match(entry, cluster);
	if (target)
		read_target(info_of(entry), cluster);
	*ret_kind = target ? TARGET_RULE : TARGET_HOLDER;
	*ret_record = record;
	return 0;
}

/* The match on address and device, the comment, and room for a target. */
static int write_head(const struct cip_cluster *cluster, enum target_record record, size_t target_size,
		      struct ipt_entry **ret_entry)
{
	size_t size = sizeof(struct ipt_entry) + COMMENT_SIZE + target_size;
	struct xt_entry_target *target;
	struct xt_entry_match *match;
	char comment[TARGET_RECORD_MAX] = ""; /* iptables compares all of it */
	struct ipt_entry *entry;

	if (target_record_format(record, cluster, comment) < 0)
		return -ENOSPC;
	entry = calloc(1, size);
	if (!entry)
		return -ENOMEM;
	memcpy(&entry->ip.dst.s_addr, cluster->addr.bytes, 4);
	entry->ip.dmsk.s_addr = 0xffffffff;
	memcpy(entry->ip.iniface, cluster->ifname, IFNAMSIZ);
	memset(entry->ip.iniface_mask, 0xff, strlen(cluster->ifname) + 1);
	entry->target_offset = (uint16_t)(sizeof(*entry) + COMMENT_SIZE);
	entry->next_offset = (uint16_t)size;
	match = at(entry, sizeof(*entry));
	match->u.match_size = (uint16_t)COMMENT_SIZE;
	strcpy(match->u.user.name, "comment");
	memcpy(at(entry, sizeof(*entry) + XT_ALIGN(sizeof(*match))), comment, sizeof(comment));
	target = at(entry, entry->target_offset);
	target->u.target_size = (uint16_t)target_size;
	*ret_entry = entry;
	return 0;
}

/*
 * One local node, as iptables writes it: it can then list, save and delete the rule. The others become local through
 * procfs, and so does this one cease to be if the node has none.
 */
static void write_target(struct ipt_entry *entry, const struct cip_cluster *cluster)
{
	struct xt_entry_target *target = at(entry, entry->target_offset);
	struct ipt_clusterip_tgt_info *info = info_of(entry);
	uint32_t first = bucketset_next(&cluster->buckets, 0);

	strcpy(target->u.user.name, TARGET_NAME);
	memset(info, 0, sizeof(*info));
	info->flags = CLUSTERIP_FLAG_NEW;
	memcpy(info->clustermac, cluster->mac, sizeof(info->clustermac));
	info->num_total_nodes = (uint16_t)cluster->total;
	info->num_local_nodes = 1;
	info->local_nodes[0] = (uint16_t)(first ? first : 1);
	info->hash_mode = cluster->hash_mode - 1;
	info->hash_initval = cluster->seed;
}

int target_rule_write(const struct cip_cluster *cluster, struct ipt_entry **ret_entry)
{
	struct ipt_entry *entry;
	int rc = write_head(cluster, TARGET_OWN, TARGET_SIZE, &entry);

	if (rc < 0)
		return rc;
	write_target(entry, cluster);
	*ret_entry = entry;
	return 0;
}

int target_rule_write_holder(const struct cip_cluster *cluster, struct ipt_entry **ret_entry)
{
	struct xt_standard_target *target;
	struct ipt_entry *entry;
	int rc = write_head(cluster, TARGET_HOLD, DROP_SIZE, &entry);

	if (rc < 0)
		return rc;
	/* by its name: libiptc turns it into the verdict */
	target = at(entry, entry->target_offset);
	strcpy(target->target.u.user.name, "DROP");
	*ret_entry = entry;
	return 0;
}

int target_rule_copy(const struct ipt_entry *entry, struct ipt_entry **ret_entry)
{
	struct ipt_entry *copy = malloc(entry->next_offset);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, entry, entry->next_offset);
	*ret_entry = copy;
	return 0;
}

int target_rule_rewrite(const struct ipt_entry *entry, const struct cip_cluster *cluster,
			struct ipt_entry **ret_entry)
{
	int rc = target_rule_copy(entry, ret_entry);

	if (rc == 0)
		write_target(*ret_entry, cluster);
	return rc;
}
