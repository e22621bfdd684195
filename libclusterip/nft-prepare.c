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
#include "wire-rtnl.h"

static int by_address(const void *a, const void *b)
{
	const struct cip_cluster *const *x = a, *const *y = b;

	return addr_compare(&(*x)->addr, &(*y)->addr);
}

static int changes_unicast(const struct plan *plan)
{
	uint32_t i;

	for (i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];

		if (step->op != PLAN_REHASH && step->op != PLAN_BUCKETS &&
		    (step->want ? step->want : step->have)->mac_mode == CIP_MAC_UNICAST)
			return 1;
	}
	return 0;
}

/* Of those that will be there, the ones in MAC mode unicast: a chain cannot hang on a device that is away. */
static int keep_unicast(struct commit *commit, uint32_t count)
{
	struct cip_cluster **unicast = commit->job.unicast;
	struct rtnl_link link;
	uint32_t i;
	int rc;

	for (i = 0; i < count; i++) {
		if (unicast[i]->mac_mode != CIP_MAC_UNICAST)
			continue;
		rc = rtnl_link_get(&commit->nft->rtnl, unicast[i]->ifname, &link);
		if (rc == 0)
			unicast[commit->job.unicast_count++] = unicast[i];
		else if (rc != -ENODEV)
			return rc;
	}
	return 0;
}

/* Of what there will be once the plan is done. */
static int choose_shared(struct commit *commit)
{
	const struct cip_list *list = commit->snapshot->list;
	const struct plan *plan = commit->plan;
	struct cip_cluster **after = malloc((list->count + plan->count + 1) * sizeof(*after));
	uint32_t i, count = 0;

	if (!after)
		return -ENOMEM;
	for (i = 0; i < list->count; i++)
		if (!plan_find(plan, &list->items[i]->addr))
			after[count++] = list->items[i];
	for (i = 0; i < plan->count; i++)
		if (plan->steps[i].want)
			after[count++] = plan->steps[i].want;
	qsort(after, count, sizeof(after[0]), by_address);
	commit->job.shared[0] = nft_shared(NFPROTO_IPV4, after, count);
	commit->job.shared[1] = nft_shared(NFPROTO_IPV6, after, count);
	if (!changes_unicast(plan)) {
		free(after);
		return 0;
	}
	commit->job.unicast = after;
	return keep_unicast(commit, count);
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

	if (nft_rule_daddr(rule, &addr) == 0 && !addr_compare(&addr, &about->addr))
		return 1;
	return reading->step->op == PLAN_REPAIR && !list_find_sorted(reading->commit->snapshot->list, &addr);
}

static int take_handle(const struct nftnl_rule *rule, void *data)
{
	struct handle_reading *reading = data;
	struct nft_handles *handles = reading->handles;
	const char *chain = nft_rule_chain(rule);
	struct nft_handle *items;

	/* these are written anew as a whole */
	if (!strcmp(chain, NFT_CHAIN_PREROUTING) || !strcmp(chain, NFT_CHAIN_OUTPUT) ||
	    !strcmp(chain, NFT_CHAIN_LATE) || !strcmp(chain, NFT_CHAIN_DEFRAGMENT) || !is_to_go(reading, rule))
		return 0;
	items = realloc(handles->items, (handles->count + 1) * sizeof(*items));
	if (!items)
		return -ENOMEM;
	handles->items = items;
	handles->items[handles->count].number = nft_rule_handle(rule);
	snprintf(handles->items[handles->count++].chain, NFT_CHAIN_NAME_MAX, "%s", chain);
	return 0;
}

/* chain NULL: in all of them */
static int find_in_chain(struct commit *commit, const char *chain, struct handle_reading *reading)
{
	const struct cip_cluster *about = reading->step->want ? reading->step->want : reading->step->have;
	int rc =
		nft_table_read_rules(&commit->nft->nfnl, nft_family(&about->addr), chain, take_handle, reading);

	return rc == -ENOENT ? 0 : rc;
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
		rc = find_in_chain(commit, range ? nft_chain_name(range, chain) : NULL, &reading);
		if (rc == 0 && range)
			rc = find_in_chain(commit, nft_error_chain_name(range, chain), &reading);
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
		want->observed.errors = ENTRY_ABSENT;
		want->observed.arp = ENTRY_ABSENT;
		nft_elem_key_addr(&key, &want->addr);
		rc = nft_elem_get(nfnl, nft_family(&want->addr), nft_addresses_map(want), &key, note_orphan,
				  &want->observed.dispatch);
		if (rc == 0)
			rc = nft_elem_get(nfnl, nft_family(&want->addr), nft_errors_map(want), &key,
					  note_orphan, &want->observed.errors);
		if (rc < 0)
			break;
		nft_elem_key_dev(&key, want->ifname, &want->addr);
		rc = nft_elem_get(nfnl, nft_mac_family(&want->addr), NFT_MACS, &key, note_orphan,
				  &want->observed.arp);
	}
	return rc;
}

int commit_prepare(struct commit *commit)
{
	int rc;

	rc = commit_find_devices(commit);
	if (rc < 0)
		return rc;
	rc = choose_shared(commit);
	if (rc == 0)
		rc = find_rules(commit);
	if (rc == 0)
		rc = find_orphans(commit);
	if (rc == -EINTR || rc == -ENOBUFS)
		return -ERESTART;
	return rc < 0 ? commit_failed(commit, &commit->nft->nfnl.nl, rc, NULL, "reading the ruleset") : 0;
}
