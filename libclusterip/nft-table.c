/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <stdio.h>	/* libnftnl/expr.h needs FILE */
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter_ipv4.h>
#include <string.h>

#include "nft-elem.h"
#include "nft-rule.h"
#include "nft-shape.h"
#include "nft-table.h"

static int put_table(struct nfnl *nfnl, uint16_t type, uint8_t family, uint16_t flags, const char *what)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct nlmsghdr *nlh = NULL;

	if (!table)
		return -ENOMEM;
	if (nftnl_table_set_str(table, NFTNL_TABLE_NAME, NFT_TABLE) >= 0)
		nlh = nfnl_next(nfnl, type, family, flags, what, NULL);
	if (nlh) {
		nftnl_table_nlmsg_build_payload(nlh, table);
		nfnl_done(nfnl);
	}
	nftnl_table_free(table);
	return nlh ? 0 : -ENOMEM;
}

int nft_table_put_removal(struct nfnl *nfnl, uint8_t family)
{
	return put_table(nfnl, NFT_MSG_DELTABLE, family, 0, "removing a table");
}

static struct nftnl_chain *new_chain(const char *name)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();

	if (chain && nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, NFT_TABLE) >= 0 &&
	    nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name) >= 0)
		return chain;
	if (chain)
		nftnl_chain_free(chain);
	return NULL;
}

/* hook NULL: a chain without hook */
static int put_chain(struct nfnl *nfnl, uint16_t type, uint8_t family, const char *name,
		     const struct nft_hook *hook, const void *about)
{
	struct nftnl_chain *chain = new_chain(name);
	struct nlmsghdr *nlh;

	if (!chain)
		return -ENOMEM;
	if (hook) {
		nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hook->number);
		nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, hook->priority);
		nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_ACCEPT);
		if (nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter") < 0 ||
		    (hook->device && nftnl_chain_set_str(chain, NFTNL_CHAIN_DEV, hook->device) < 0)) {
			nftnl_chain_free(chain);
			return -ENOMEM;
		}
	}
	nlh = nfnl_next(nfnl, type, family, type == NFT_MSG_NEWCHAIN ? NLM_F_CREATE : 0,
			type == NFT_MSG_NEWCHAIN ? "adding a chain" : "removing a chain", about);
	if (nlh) {
		nftnl_chain_nlmsg_build_payload(nlh, chain);
		nfnl_done(nfnl);
	}
	nftnl_chain_free(chain);
	return nlh ? 0 : -ENOMEM;
}

int nft_table_put_chain_removal(struct nfnl *nfnl, uint8_t family, const char *name, const void *about)
{
	/* adding first makes removing safe when somebody has removed it by hand */
	int rc = put_chain(nfnl, NFT_MSG_NEWCHAIN, family, name, NULL, about);

	return rc < 0 ? rc : put_chain(nfnl, NFT_MSG_DELCHAIN, family, name, NULL, about);
}

/* all rules of the chain */
static int put_removal(struct nfnl *nfnl, uint8_t family, const char *chain, const void *about)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct nlmsghdr *nlh = NULL;

	if (!rule)
		return -ENOMEM;
	if (nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, NFT_TABLE) >= 0 &&
	    nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain) >= 0)
		nlh = nfnl_next(nfnl, NFT_MSG_DELRULE, family, 0, "removing rules", about);
	if (nlh) {
		nftnl_rule_nlmsg_build_payload(nlh, rule);
		nfnl_done(nfnl);
	}
	nftnl_rule_free(rule);
	return nlh ? 0 : -ENOMEM;
}

static int put_rule(struct nfnl *nfnl, uint8_t family, struct nftnl_rule *rule, const void *about)
{
	struct nlmsghdr *nlh;

	nlh = nfnl_next(nfnl, NFT_MSG_NEWRULE, family, NLM_F_CREATE | NLM_F_APPEND, "adding a rule", about);
	if (!nlh)
		return -ENOMEM;
	nftnl_rule_nlmsg_build_payload(nlh, rule);
	nfnl_done(nfnl);
	return 0;
}

static int put_rules(struct nfnl *nfnl, uint8_t family, struct nftnl_rule **rules, int count, const void *about)
{
	int i, rc = count < 0 ? count : 0;

	for (i = 0; rc == 0 && i < count; i++)
		rc = put_rule(nfnl, family, rules[i], about);
	nft_rules_free(rules, count);
	return rc;
}

/* A chain at a hook (NULL: at none), emptied if it was there, and its rules, which are released. */
static int put_full_chain(struct nfnl *nfnl, uint8_t family, const char *name, const struct nft_hook *hook,
			  struct nftnl_rule **rules, int count, const void *about)
{
	int rc;

	rc = put_chain(nfnl, NFT_MSG_NEWCHAIN, family, name, hook, about);
	if (rc == 0)
		rc = put_removal(nfnl, family, name, about);
	if (rc < 0) {
		nft_rules_free(rules, count);
		return rc;
	}
	return put_rules(nfnl, family, rules, count, about);
}

static int put_base_chain(struct nfnl *nfnl, uint8_t family, const char *name, const struct nft_hook *hook,
			  struct nftnl_rule **rules, int count)
{
	return put_full_chain(nfnl, family, name, hook, rules, count, NULL);
}

int nft_table_put_chain(struct nfnl *nfnl, uint8_t family, const char *name, struct nftnl_rule **rules,
			int count, const void *about)
{
	return put_full_chain(nfnl, family, name, NULL, rules, count, about);
}

static int put_shape(struct nfnl *nfnl, const struct nft_shape *shape)
{
	struct nftnl_set *set = nft_shape_build(shape);
	struct nlmsghdr *nlh;

	if (!set)
		return -ENOMEM;
	nlh = nfnl_next(nfnl, NFT_MSG_NEWSET, shape->family, NLM_F_CREATE, "adding a set or map", NULL);
	if (nlh) {
		nftnl_set_nlmsg_build_payload(nlh, set);
		nfnl_done(nfnl);
	}
	nftnl_set_free(set);
	return nlh ? 0 : -ENOMEM;
}

static int put_shapes(struct nfnl *nfnl, uint8_t family)
{
	const struct nft_shape *shape;
	int rc = 0;

	for (shape = nft_shapes; rc == 0 && shape->name; shape++)
		if (shape->family == family || shape->family == NFT_MAC_FAMILY(family))
			rc = put_shape(nfnl, shape);
	return rc;
}

static int put_constants(struct nfnl *nfnl, uint8_t family)
{
	const struct nft_constant *constant;
	struct nft_elem elem = { .key_len = 1 };
	uint32_t i;
	int rc = 0;

	for (constant = nft_constants; constant->name; constant++)
		for (i = 0; rc == 0 && constant->family == family && i < constant->count; i++) {
			elem.key[0] = constant->values[i];
			rc = nft_elem_put(nfnl, 1, family, constant->name, &elem, "adding a number", NULL);
		}
	return rc;
}

int nft_table_put(struct nfnl *nfnl, uint8_t family)
{
	uint8_t mac_family = NFT_MAC_FAMILY(family);
	struct nftnl_rule *rules[NFT_RULES_MAX];
	int rc;

	rc = put_table(nfnl, NFT_MSG_NEWTABLE, family, NLM_F_CREATE, "adding table clusterip");
	if (rc == 0)
		rc = put_table(nfnl, NFT_MSG_NEWTABLE, mac_family, NLM_F_CREATE, "adding table clusterip");
	if (rc == 0)
		rc = put_shapes(nfnl, family);
	if (rc == 0)
		rc = put_constants(nfnl, family);
	if (rc == 0)
		rc = put_base_chain(nfnl, mac_family, NFT_CHAIN_OUTPUT, nft_mac_hook(family), rules,
				    nft_rules_macs(family, rules));
	return rc;
}

int nft_table_put_prerouting(struct nfnl *nfnl, uint8_t family, const struct nft_shortcut *shortcut)
{
	struct nftnl_rule *rules[NFT_RULES_MAX];

	return put_base_chain(nfnl, family, NFT_CHAIN_PREROUTING, &nft_hook_prerouting, rules,
			      nft_rules_prerouting(family, shortcut, rules));
}

int nft_table_put_late(struct nfnl *nfnl, uint8_t family)
{
	struct nftnl_rule *rules[NFT_RULES_MAX];

	return put_base_chain(nfnl, family, NFT_CHAIN_LATE, &nft_hook_late, rules,
			      nft_rules_late(family, rules));
}

int nft_table_put_late_removal(struct nfnl *nfnl, uint8_t family)
{
	int rc = put_chain(nfnl, NFT_MSG_NEWCHAIN, family, NFT_CHAIN_LATE, &nft_hook_late, NULL);

	if (rc == 0)
		rc = put_removal(nfnl, family, NFT_CHAIN_LATE, NULL);
	return rc < 0 ? rc : put_chain(nfnl, NFT_MSG_DELCHAIN, family, NFT_CHAIN_LATE, NULL, NULL);
}

/* The device is named once for all of its cluster IPs. */
static int is_first_on_device(struct cip_cluster *const *clusters, uint32_t at)
{
	uint32_t i;

	for (i = 0; i < at; i++)
		if (!strcmp(clusters[i]->ifname, clusters[at]->ifname))
			return 0;
	return 1;
}

static int put_ingress(struct nfnl *nfnl, struct cip_cluster *const *clusters, uint32_t at)
{
	struct nft_hook hook = { NF_NETDEV_INGRESS, 0, clusters[at]->ifname };
	struct nftnl_rule *rules[NFT_RULES_MAX];
	char chain[NFT_INGRESS_NAME_MAX];
	struct nft_elem elem = { 0 };
	int rc;

	nft_elem_key_mac(&elem, clusters[at]->mac);
	rc = nft_elem_put(nfnl, 1, NFPROTO_NETDEV, NFT_MACS, &elem, "adding a MAC", clusters[at]);
	if (rc < 0 || !is_first_on_device(clusters, at))
		return rc;
	nft_ingress_name(clusters[at]->ifname, chain);
	return put_base_chain(nfnl, NFPROTO_NETDEV, chain, &hook, rules, nft_rules_ingress(chain, rules));
}

int nft_table_put_ingress(struct nfnl *nfnl, struct cip_cluster *const *clusters, uint32_t count)
{
	uint32_t i;
	int rc;

	/* adding first makes removing safe */
	rc = put_table(nfnl, NFT_MSG_NEWTABLE, NFPROTO_NETDEV, NLM_F_CREATE, "adding table netdev clusterip");
	if (rc == 0)
		rc = nft_table_put_removal(nfnl, NFPROTO_NETDEV);
	if (rc < 0 || !count)
		return rc;
	rc = put_table(nfnl, NFT_MSG_NEWTABLE, NFPROTO_NETDEV, NLM_F_CREATE, "adding table netdev clusterip");
	if (rc == 0)
		rc = put_shape(nfnl, nft_ingress_macs());
	for (i = 0; rc == 0 && i < count; i++)
		rc = put_ingress(nfnl, clusters, i);
	return rc;
}

int nft_table_put_defragment(struct nfnl *nfnl, uint8_t family)
{
	struct nftnl_rule *rules[NFT_RULES_MAX];

	return nft_table_put_chain(nfnl, family, NFT_CHAIN_DEFRAGMENT, rules,
				   nft_rules_defragment(family, rules), NULL);
}

struct rule_reading {
	nft_rule_cb cb;
	void *data;
};

static int take_rule(const struct nlmsghdr *nlh, void *data)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct rule_reading *reading = data;
	int rc;

	if (!rule)
		return -ENOMEM;
	rc = nftnl_rule_nlmsg_parse(nlh, rule) < 0 ? nft_unread() : reading->cb(rule, reading->data);
	nftnl_rule_free(rule);
	return rc;
}

int nft_table_read_rules(struct nfnl *nfnl, uint8_t family, const char *chain, nft_rule_cb cb, void *data)
{
	struct rule_reading reading = { cb, data };
	struct nftnl_rule *filter = nftnl_rule_alloc();
	struct nlmsghdr *nlh = NULL;

	if (!filter)
		return -ENOMEM;
	nfnl_begin_requests(nfnl);
	if (nftnl_rule_set_str(filter, NFTNL_RULE_TABLE, NFT_TABLE) >= 0 &&
	    (!chain || nftnl_rule_set_str(filter, NFTNL_RULE_CHAIN, chain) >= 0))
		nlh = nfnl_next(nfnl, NFT_MSG_GETRULE, family, NLM_F_DUMP, "reading rules", NULL);
	if (nlh) {
		nftnl_rule_nlmsg_build_payload(nlh, filter);
		nfnl_done(nfnl);
	}
	nftnl_rule_free(filter);
	return nlh ? nfnl_dump(nfnl, take_rule, &reading) : -ENOMEM;
}

struct chain_reading {
	nft_chain_cb cb;
	void *data;
};

static int take_chain(const struct nlmsghdr *nlh, void *data)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct chain_reading *reading = data;
	const char *table, *name;
	int rc = 0;

	if (!chain)
		return -ENOMEM;
	if (nftnl_chain_nlmsg_parse(nlh, chain) < 0)
		rc = nft_unread();
	table = nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE);
	name = nftnl_chain_get_str(chain, NFTNL_CHAIN_NAME);
	/* older kernels dump the chains of every table */
	if (rc == 0 && table && name && !strcmp(table, NFT_TABLE))
		rc = reading->cb(name, reading->data);
	nftnl_chain_free(chain);
	return rc;
}

int nft_table_read_chains(struct nfnl *nfnl, uint8_t family, nft_chain_cb cb, void *data)
{
	struct chain_reading reading = { cb, data };
	struct nlmsghdr *nlh;

	nfnl_begin_requests(nfnl);
	nlh = nfnl_next(nfnl, NFT_MSG_GETCHAIN, family, NLM_F_DUMP, "reading chains", NULL);
	if (!nlh)
		return -ENOMEM;
	nfnl_done(nfnl);
	return nfnl_dump(nfnl, take_chain, &reading);
}

static int take_set(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	*(int *)data = 1;
	return 0;
}

int nft_table_has_set(struct nfnl *nfnl, uint8_t family, const char *set, int *ret_has)
{
	struct nlmsghdr *nlh;

	nfnl_begin_requests(nfnl);
	nlh = nfnl_next(nfnl, NFT_MSG_GETSET, family, 0, "reading a set", NULL);
	if (!nlh)
		return -ENOMEM;
	mnl_attr_put_strz(nlh, NFTA_SET_TABLE, NFT_TABLE);
	mnl_attr_put_strz(nlh, NFTA_SET_NAME, set);
	nfnl_done(nfnl);
	*ret_has = 0;
	return nfnl_fetch(nfnl, take_set, ret_has);
}
