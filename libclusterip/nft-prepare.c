/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nft-commit.h"
#include "nft-elem.h"
#include "nft-table.h"

static int by_address(const void *a, const void *b)
{
	const struct cip_cluster *const *x = a, *const *y = b;

	return addr_compare(&(*x)->addr, &(*y)->addr);
}

/* Of what there will be once the plan is done, sorted by address. It can only be few if little is there now. */
static void choose_shortcuts(struct commit *commit)
{
	const struct cip_list *list = commit->snapshot->list;
	struct cip_cluster *after[NFT_SHORTCUTS_MAX + 1];
	uint32_t i, count = 0;

	memset(&commit->job.shortcuts, 0, sizeof(commit->job.shortcuts));
	if (list->count > NFT_SHORTCUTS_MAX + commit->plan->count)
		return;
	for (i = 0; i < list->count && count <= NFT_SHORTCUTS_MAX; i++)
		if (!plan_find(commit->plan, &list->items[i]->addr))
			after[count++] = list->items[i];
	for (i = 0; i < commit->plan->count && count <= NFT_SHORTCUTS_MAX; i++)
		if (commit->plan->steps[i].want)
			after[count++] = commit->plan->steps[i].want;
	qsort(after, count, sizeof(after[0]), by_address);
	commit->job.shortcuts = nft_shortcuts(after, count);
}

struct handle_reading {
	const struct commit *commit;
	const struct plan_step *step;
	struct nft_handles *handles;
};

/* The cluster IP's own rules; for a repair also those that belong to nobody. */
static int is_to_go(const struct handle_reading *reading, const struct nftnl_rule *rule)
{
	const struct cip_cluster *about = reading->step->want ? reading->step->want : reading->step->have;
	struct addr addr = { .family = 4 };

	if (nft_rule_daddr(rule, addr.bytes) == 0 && !addr_compare(&addr, &about->addr))
		return 1;
	return reading->step->op == PLAN_REPAIR && !list_find_sorted(reading->commit->snapshot->list, &addr);
}

static int take_handle(const struct nftnl_rule *rule, void *data)
{
	struct handle_reading *reading = data;
	struct nft_handles *handles = reading->handles;
	const char *chain = nft_rule_chain(rule);
	struct nft_handle *items;

	/* the base chain is written anew as a whole */
	if (!strcmp(chain, NFT_CHAIN_PREROUTING) || !is_to_go(reading, rule))
		return 0;
	items = realloc(handles->items, (handles->count + 1) * sizeof(*items));
	if (!items)
		return -ENOMEM;
	handles->items = items;
	handles->items[handles->count].number = nft_rule_handle(rule);
	snprintf(handles->items[handles->count++].chain, NFT_CHAIN_NAME_MAX, "%s", chain);
	return 0;
}

/* The rules that a step replaces or removes are known by their handles only. */
static int find_rules(struct commit *commit)
{
	char chain[NFT_CHAIN_NAME_MAX];
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < commit->plan->count; i++) {
		struct handle_reading reading = { commit, &commit->plan->steps[i], &commit->job.handles[i] };
		uint32_t range = (reading.step->have ? reading.step->have : reading.step->want)->observed.range;

		if (reading.step->op == PLAN_BUCKETS)
			continue;
		/* without a record nobody knows the chain */
		rc = nft_table_read_rules(&commit->nft->nfnl, NFPROTO_IPV4,
					  range ? nft_chain_name(range, chain) : NULL, take_handle, &reading);
		if (rc == -ENOENT)
			rc = 0;
	}
	return rc;
}

static int note_orphan(const struct nft_elem *elem, void *data)
{
	(void)elem;
	*(enum entry *)data = ENTRY_WRONG;
	return 0;
}

/* Entries left of a cluster IP whose record was removed by hand: its successor replaces them. */
static int find_orphans(struct commit *commit)
{
	struct nfnl *nfnl = &commit->nft->nfnl;
	struct nft_elem key = { 0 };
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < commit->plan->count; i++) {
		struct cip_cluster *want = commit->plan->steps[i].want;

		if (commit->plan->steps[i].op != PLAN_CREATE)
			continue;
		want->observed.dispatch = ENTRY_ABSENT;
		want->observed.arp = ENTRY_ABSENT;
		nft_elem_key_addr(&key, &want->addr);
		rc = nft_elem_get(nfnl, NFPROTO_IPV4, NFT_ADDRESSES, &key, note_orphan,
				  &want->observed.dispatch);
		if (rc < 0)
			break;
		nft_elem_key_dev(&key, want->ifname, &want->addr);
		rc = nft_elem_get(nfnl, NFPROTO_ARP, NFT_MACS, &key, note_orphan, &want->observed.arp);
	}
	return rc;
}

int commit_prepare(struct commit *commit)
{
	int rc;

	rc = commit_find_devices(commit);
	if (rc < 0)
		return rc;
	choose_shortcuts(commit);
	rc = find_rules(commit);
	if (rc == 0)
		rc = find_orphans(commit);
	if (rc == -EINTR || rc == -ENOBUFS)
		return -ERESTART;
	return rc < 0 ? commit_failed(commit, &commit->nft->nfnl.nl, rc, NULL, "reading the ruleset") : 0;
}
