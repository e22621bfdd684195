/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel.h"
#include "state-put.h"

#define SETS_MAX    64
#define RETIRED_MAX 16

static struct {
	uint8_t family;
	char table[32], name[32];
} sets[SETS_MAX];
static uint32_t set_count;

static const char *text_of(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *attr;

	for (attr = attr_first(nlh, sizeof(struct nfgenmsg)); attr; attr = attr_next(nlh, attr))
		if (mnl_attr_get_type(attr) == type)
			return mnl_attr_get_str(attr);
	return "";
}

static int take_table(const struct nlmsghdr *nlh, void *data)
{
	(void)data;
	put_object(nlh, "table", 1u << NFTA_TABLE_USE | 1u << NFTA_TABLE_HANDLE);
	end_line();
	return MNL_CB_OK;
}

static int take_chain(const struct nlmsghdr *nlh, void *data)
{
	(void)data;
	put_object(nlh, "chain", 1u << NFTA_CHAIN_HANDLE | 1u << NFTA_CHAIN_USE | 1u << NFTA_CHAIN_COUNTERS);
	end_line();
	return MNL_CB_OK;
}

struct place {
	uint8_t family;
	char chain[64];
	uint32_t number;
};

static int take_rule(const struct nlmsghdr *nlh, void *data)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	const char *chain = text_of(nlh, NFTA_RULE_CHAIN);
	struct place *place = data;

	if (strcmp(place->chain, chain) || place->family != nfg->nfgen_family) {
		place->family = nfg->nfgen_family;
		snprintf(place->chain, sizeof(place->chain), "%s", chain);
		place->number = 0;
	}
	put_object(nlh, "rule", 1u << NFTA_RULE_HANDLE | 1u << NFTA_RULE_POSITION);
	put(" #%u", ++place->number);
	end_line();
	return MNL_CB_OK;
}

/* Since 6.16 there is also what implements it, 19, in which a kernel may tell an address of its own, and a count, 20. */
static int take_set(const struct nlmsghdr *nlh, void *data)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);

	(void)data;
	put_object(nlh, "set", 1u << NFTA_SET_ID | 1u << NFTA_SET_HANDLE | 3u << 19);
	end_line();
	if (set_count == SETS_MAX)
		die("too many sets");
	sets[set_count].family = nfg->nfgen_family;
	snprintf(sets[set_count].table, sizeof(sets[0].table), "%s", text_of(nlh, NFTA_SET_TABLE));
	snprintf(sets[set_count].name, sizeof(sets[0].name), "%s", text_of(nlh, NFTA_SET_NAME));
	set_count++;
	return MNL_CB_OK;
}

/* A key of an address and a slot, which is class * 1024 + bucket. */
struct slot {
	uint8_t family, len;
	const uint8_t *addr;
	uint32_t class, bucket;
};

static struct slot slot_of(uint8_t family, const struct nlattr *key)
{
	const struct nlattr *value = mnl_attr_get_payload(key);
	const uint8_t *data = mnl_attr_get_payload(value);
	struct slot slot = { .family = family,
			     .len = (uint8_t)(mnl_attr_get_payload_len(value) - 4),
			     .addr = data };
	uint32_t number;

	memcpy(&number, data + slot.len, sizeof(number));
	slot.class = number >> 10;
	slot.bucket = number & 1023;
	return slot;
}

static void put_slot(const struct slot *slot)
{
	put_value(slot->addr, slot->len);
	put(".%u", slot->bucket);
}

/*
 * Slots that a rehash has left behind: nobody looks at them any more, and they go now or with the next change. They are
 * in no state.
 */
static struct {
	uint8_t family, addr[16];
	uint32_t class;
} retired[RETIRED_MAX];
static uint32_t retired_count;

static void retire(const struct slot *slot)
{
	if (retired_count == RETIRED_MAX)
		die("too many slots were left behind");
	retired[retired_count].family = slot->family;
	memcpy(retired[retired_count].addr, slot->addr, slot->len);
	retired[retired_count++].class = slot->class;
}

static int is_retired(const struct slot *slot)
{
	uint32_t i;

	for (i = 0; i < retired_count; i++)
		if (retired[i].family == slot->family && retired[i].class == slot->class &&
		    !memcmp(retired[i].addr, slot->addr, slot->len))
			return 1;
	return 0;
}

static int has_slots(const char *set)
{
	return !strcmp(set, "buckets") || !strcmp(set, "assigned");
}

static void put_elem(uint8_t family, const char *set, const struct nlattr *elem)
{
	const struct nlattr *attr = nested_first(elem);
	struct slot slot;

	put("element of %s:", set);
	if (has_slots(set)) {
		slot = slot_of(family, attr);
		put_slot(&slot);
		attr = nested_next(elem, attr);
	}
	for (; attr; attr = nested_next(elem, attr)) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type == NFTA_SET_ELEM_EXPR || type == NFTA_SET_ELEM_EXPRESSIONS)
			continue;
		put(" %u=", type);
		if (type == NFTA_SET_ELEM_USERDATA)
			/* one comment: its type, its length, its text */
			put("%.*s", mnl_attr_get_payload_len(attr) - 2,
			    (const char *)mnl_attr_get_payload(attr) + 2);
		else
			put_value(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	}
	end_line();
}

/* The key comes first. */
static void take_elem(uint8_t family, const char *set, const struct nlattr *elem)
{
	struct slot slot = { 0 };

	if (!strcmp(set, "retired") || has_slots(set))
		slot = slot_of(family, nested_first(elem));
	if (!strcmp(set, "retired"))
		retire(&slot);
	else if (!has_slots(set) || !is_retired(&slot))
		put_elem(family, set, elem);
}

static int take_elems(const struct nlmsghdr *nlh, void *data)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr, *elem;

	for (attr = attr_first(nlh, sizeof(*nfg)); attr; attr = attr_next(nlh, attr)) {
		if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		for (elem = nested_first(attr); elem; elem = nested_next(attr, elem))
			take_elem(nfg->nfgen_family, data, elem);
	}
	return MNL_CB_OK;
}

static void dump_set(uint32_t i)
{
	struct nlmsghdr *nlh = nft_request(NFT_MSG_GETSETELEM, sets[i].family, NLM_F_DUMP);

	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, sets[i].table);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, sets[i].name);
	if (nft_ask(nlh, take_elems, sets[i].name) < 0)
		die("cannot read a set");
}

static void dump(uint16_t type, mnl_cb_t cb, void *data)
{
	if (nft_ask(nft_request(type, AF_UNSPEC, NLM_F_DUMP), cb, data) < 0)
		die("cannot read the ruleset");
}

void put_ruleset(void)
{
	struct place place = { .number = 0 };
	uint32_t i;

	set_count = retired_count = 0;
	dump(NFT_MSG_GETTABLE, take_table, NULL);
	dump(NFT_MSG_GETCHAIN, take_chain, NULL);
	dump(NFT_MSG_GETRULE, take_rule, &place);
	dump(NFT_MSG_GETSET, take_set, NULL);
	for (i = 0; i < set_count; i++)
		if (!strcmp(sets[i].name, "retired"))
			dump_set(i);
	for (i = 0; i < set_count; i++)
		if (strcmp(sets[i].name, "retired"))
			dump_set(i);
}
