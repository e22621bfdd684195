/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <stdio.h>	/* libnftnl/rule.h needs FILE */
#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "nft-elem.h"
#include "nft-shape.h"
#include "nft-table.h"
#include "nft-verify.h"

/* Rules as they come, against the rules as they must be. */
struct rule_check {
	struct verify *verify;
	const char *chain;
	struct nftnl_rule **want;
	int count, next; /* want[next] is expected */
	uint32_t kind;
	const struct addr *about;
};

static int report_missing(struct rule_check *check, int until)
{
	char name[NFT_COMMENT_MAX];
	int rc = 0;

	for (; rc == 0 && check->next < until; check->next++) {
		nft_rule_name(check->want[check->next], name);
		rc = report_add(check->verify->report, check->kind, check->about,
				"rule \"%s\" of chain %s is missing", name, check->chain);
	}
	return rc;
}

/* Which of the expected rules is this? -1: none. */
static int find_rule(struct rule_check *check, const struct nftnl_rule *have)
{
	char name[NFT_COMMENT_MAX], expected[NFT_COMMENT_MAX];
	int i;

	nft_rule_name(have, name);
	for (i = check->next; i < check->count; i++) {
		nft_rule_name(check->want[i], expected);
		if (*name ? !strcmp(name, expected) : nft_rule_similar(check->want[i], have))
			return i;
	}
	return -1;
}

static int check_rule(const struct nftnl_rule *have, void *data)
{
	struct rule_check *check = data;
	char why[160], name[NFT_COMMENT_MAX];
	int i, rc;

	i = find_rule(check, have);
	if (i < 0)
		return report_add(check->verify->report, check->kind, check->about,
				  "chain %s has a rule that does not belong there", check->chain);
	rc = report_missing(check, i);
	check->next = i + 1;
	if (rc < 0 || nft_rule_same(check->want[i], have, why, sizeof(why)))
		return rc;
	nft_rule_name(check->want[i], name);
	return report_add(check->verify->report, check->kind, check->about, "rule \"%s\" of chain %s: %s", name,
			  check->chain, why);
}

int verify_rules(struct verify *verify, uint8_t family, const char *chain, struct nftnl_rule **want, int count,
		 uint32_t kind, const struct addr *about)
{
	struct rule_check check = { verify, chain, want, count, 0, kind, about };
	int rc;

	if (count < 0)
		return count;
	rc = nft_table_read_rules(&verify->nft->nfnl, family, chain, check_rule, &check);
	if (rc == 0 || rc == -ENOENT)
		rc = report_missing(&check, count);
	nft_rules_free(want, count);
	return rc;
}

static const char *table_word(uint8_t family)
{
	return family == NFPROTO_ARP ? "arp" : family == NFPROTO_IPV6 ? "ip6" : "ip";
}

struct set_check {
	struct verify *verify;
	uint32_t seen; /* bit for each of nft_shapes */
	int rc;
};

static int check_set(const struct nftnl_set *set, uint8_t family, struct set_check *check)
{
	const struct nft_shape *shape;
	const char *why;

	for (shape = nft_shapes; shape->name; shape++) {
		if (shape->family != family || strcmp(shape->name, nftnl_set_get_str(set, NFTNL_SET_NAME)))
			continue;
		check->seen |= 1u << (shape - nft_shapes);
		if (!nft_shape_same(shape, set, &why))
			return report_add(check->verify->report,
					  family == NFPROTO_ARP ? CIP_FAULT_ARP : CIP_FAULT_TABLE, NULL,
					  "%s is declared otherwise than it must be (%s)", shape->name, why);
	}
	return 0;
}

static int take_set(const struct nlmsghdr *nlh, void *data)
{
	struct nftnl_set *set = nftnl_set_alloc();
	int rc;

	if (!set)
		return -ENOMEM;
	rc = nftnl_set_nlmsg_parse(nlh, set) < 0 ? nft_unread() : 0;
	if (rc == 0)
		rc = check_set(set, (uint8_t)nftnl_set_get_u32(set, NFTNL_SET_FAMILY), data);
	nftnl_set_free(set);
	return rc;
}

static int read_sets(struct verify *verify, uint8_t family, struct set_check *check)
{
	struct nfnl *nfnl = &verify->nft->nfnl;
	struct nftnl_set *filter = nftnl_set_alloc();
	struct nlmsghdr *nlh = NULL;
	int rc;

	if (!filter)
		return -ENOMEM;
	nfnl_begin_requests(nfnl);
	if (nftnl_set_set_str(filter, NFTNL_SET_TABLE, NFT_TABLE) >= 0)
		nlh = nfnl_next(nfnl, NFT_MSG_GETSET, family, NLM_F_DUMP, "reading sets", NULL);
	if (nlh) {
		nftnl_set_nlmsg_build_payload(nlh, filter);
		nfnl_done(nfnl);
	}
	nftnl_set_free(filter);
	rc = nlh ? nfnl_dump(nfnl, take_set, check) : -ENOMEM;
	return rc == -ENOENT ? 0 : rc;
}

static int verify_sets(struct verify *verify, uint8_t family)
{
	struct set_check check = { .verify = verify };
	const struct nft_shape *shape;
	int rc;

	rc = read_sets(verify, family, &check);
	if (rc == 0 && family == NFPROTO_IPV4)
		rc = read_sets(verify, NFPROTO_ARP, &check);
	for (shape = nft_shapes; rc == 0 && shape->name; shape++)
		if ((shape->family == family ||
		     (shape->family == NFT_MAC_FAMILY(family) && verify->snapshot.has_arp)) &&
		    !(check.seen >> (shape - nft_shapes) & 1))
			rc = report_add(verify->report,
					shape->family == NFPROTO_ARP ? CIP_FAULT_ARP : CIP_FAULT_TABLE, NULL,
					"%s is missing from table %s clusterip", shape->name,
					table_word(shape->family));
	return rc;
}

struct chain_check {
	const struct nft_hook *hook;
	int right;
};

static int on_device(const struct nftnl_chain *chain, const char *device)
{
	return !device || (nftnl_chain_is_set(chain, NFTNL_CHAIN_DEV) &&
			   !strcmp(nftnl_chain_get_str(chain, NFTNL_CHAIN_DEV), device));
}

static int take_chain(const struct nlmsghdr *nlh, void *data)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct chain_check *check = data;
	int rc = 0;

	if (!chain)
		return -ENOMEM;
	if (nftnl_chain_nlmsg_parse(nlh, chain) < 0)
		rc = nft_unread();
	else
		check->right = on_device(chain, check->hook->device) &&
			       nftnl_chain_is_set(chain, NFTNL_CHAIN_HOOKNUM) &&
			       nftnl_chain_get_u32(chain, NFTNL_CHAIN_HOOKNUM) == check->hook->number &&
			       nftnl_chain_get_s32(chain, NFTNL_CHAIN_PRIO) == check->hook->priority &&
			       nftnl_chain_get_u32(chain, NFTNL_CHAIN_POLICY) == NF_ACCEPT;
	nftnl_chain_free(chain);
	return rc;
}

static int verify_hook(struct verify *verify, uint8_t family, const char *name, const struct nft_hook *hook,
		       uint32_t kind, const struct addr *about)
{
	struct nfnl *nfnl = &verify->nft->nfnl;
	struct chain_check check = { .hook = hook };
	struct nftnl_chain *key = nftnl_chain_alloc();
	struct nlmsghdr *nlh = NULL;
	int rc;

	if (!key)
		return -ENOMEM;
	nfnl_begin_requests(nfnl);
	if (nftnl_chain_set_str(key, NFTNL_CHAIN_TABLE, NFT_TABLE) >= 0 &&
	    nftnl_chain_set_str(key, NFTNL_CHAIN_NAME, name) >= 0)
		nlh = nfnl_next(nfnl, NFT_MSG_GETCHAIN, family, 0, "reading a chain", NULL);
	if (nlh) {
		nftnl_chain_nlmsg_build_payload(nlh, key);
		nfnl_done(nfnl);
	}
	nftnl_chain_free(key);
	rc = nlh ? nfnl_fetch(nfnl, take_chain, &check) : -ENOMEM;
	if (rc < 0 || check.right)
		return rc;
	return report_add(verify->report, kind, about,
			  "chain %s is missing, or is not at its hook with policy accept", name);
}

struct constant_check {
	const struct nft_constant *constant;
	uint32_t seen; /* bit for each of its values, and the highest for what is none */
};

static int take_number(const struct nft_elem *elem, void *data)
{
	struct constant_check *check = data;
	uint32_t i;

	for (i = 0; i < check->constant->count; i++)
		if (elem->key[0] == check->constant->values[i]) {
			check->seen |= 1u << i;
			return 0;
		}
	check->seen |= 1u << 31;
	return 0;
}

static int verify_constant(struct verify *verify, const struct nft_constant *constant)
{
	struct constant_check check = { .constant = constant };
	int rc = nft_elem_dump(&verify->nft->nfnl, constant->family, constant->name, take_number, &check);

	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	if (check.seen == (1u << constant->count) - 1)
		return 0;
	return report_add(verify->report, CIP_FAULT_TABLE, NULL,
			  "set %s of table %s clusterip does not hold the numbers that it must", constant->name,
			  table_word(constant->family));
}

static int verify_constants(struct verify *verify, uint8_t family)
{
	const struct nft_constant *constant;
	int rc = 0;

	for (constant = nft_constants; rc == 0 && constant->name; constant++)
		if (constant->family == family)
			rc = verify_constant(verify, constant);
	return rc;
}

/* What neighbours are told. */
static int verify_macs(struct verify *verify, uint8_t family)
{
	uint8_t mac_family = NFT_MAC_FAMILY(family);
	struct nftnl_rule *rules[NFT_RULES_MAX];
	int rc;

	if (mac_family == NFPROTO_ARP && !verify->snapshot.has_arp)
		return report_add(verify->report, CIP_FAULT_ARP, NULL,
				  "table arp clusterip is gone: this node answers ARP with its own MAC");
	rc = verify_hook(verify, mac_family, NFT_CHAIN_OUTPUT, nft_mac_hook(family), CIP_FAULT_ARP, NULL);
	if (rc == 0)
		rc = verify_rules(verify, mac_family, NFT_CHAIN_OUTPUT, rules, nft_rules_macs(family, rules),
				  CIP_FAULT_ARP, NULL);
	return rc;
}

static int verify_base_chains(struct verify *verify, uint8_t family, const struct nft_shared *shared)
{
	struct nftnl_rule *rules[NFT_RULES_MAX];
	int rc;

	rc = verify_hook(verify, family, NFT_CHAIN_PREROUTING, &nft_hook_prerouting, CIP_FAULT_TABLE, NULL);
	if (rc == 0)
		rc = verify_rules(verify, family, NFT_CHAIN_PREROUTING, rules,
				  nft_rules_prerouting(family, &shared->shortcut, rules), CIP_FAULT_RULE, NULL);
	if (rc == 0 && shared->late)
		rc = verify_hook(verify, family, NFT_CHAIN_LATE, &nft_hook_late, CIP_FAULT_TABLE, NULL);
	if (rc == 0 && shared->late)
		rc = verify_rules(verify, family, NFT_CHAIN_LATE, rules, nft_rules_late(family, rules),
				  CIP_FAULT_RULE, NULL);
	if (rc == 0 && shared->defragment)
		rc = verify_rules(verify, family, NFT_CHAIN_DEFRAGMENT, rules,
				  nft_rules_defragment(family, rules), CIP_FAULT_RULE, NULL);
	return rc;
}

static int count_elem(const struct nft_elem *elem, void *data)
{
	(void)elem;
	++*(uint32_t *)data;
	return 0;
}

int verify_ingress(struct verify *verify, const struct cip_cluster *cluster)
{
	struct nft_hook hook = { NF_NETDEV_INGRESS, 0, cluster->ifname };
	struct nftnl_rule *rules[NFT_RULES_MAX];
	char chain[NFT_INGRESS_NAME_MAX];
	struct nft_elem key = { 0 };
	uint32_t there = 0;
	int rc;

	verify->report->sharing = 0;
	nft_ingress_name(cluster->ifname, chain);
	nft_elem_key_mac(&key, cluster->mac);
	rc = nft_elem_get(&verify->nft->nfnl, NFPROTO_NETDEV, NFT_MACS, &key, count_elem, &there);
	if (rc == 0 && !there)
		rc = report_add(verify->report, CIP_FAULT_MAC, &cluster->addr,
				"set macs of table netdev clusterip does not have the cluster MAC: frames to "
				"it are dropped");
	if (rc == 0)
		rc = verify_hook(verify, NFPROTO_NETDEV, chain, &hook, CIP_FAULT_MAC, &cluster->addr);
	if (rc == 0)
		rc = verify_rules(verify, NFPROTO_NETDEV, chain, rules, nft_rules_ingress(chain, rules),
				  CIP_FAULT_MAC, NULL);
	return rc;
}

int verify_shared(struct verify *verify, uint8_t family)
{
	const struct cip_list *list = verify->snapshot.list;
	struct nft_shared shared = nft_shared(family, list->items, list->count);
	int rc;

	if (!shared.members)
		return 0;
	verify->report->sharing = NFT_ADDR_FAMILY(family);
	rc = verify_sets(verify, family);
	if (rc == 0)
		rc = verify_constants(verify, family);
	if (rc == 0)
		rc = verify_base_chains(verify, family, &shared);
	if (rc == 0)
		rc = verify_macs(verify, family);
	return rc;
}
