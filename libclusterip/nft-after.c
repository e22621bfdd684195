/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nft-after.h"

static int by_addr(const void *a, const void *b)
{
	const struct cip_cluster *const *x = a, *const *y = b;

	return addr_compare(&(*x)->addr, &(*y)->addr);
}

static int by_class(const void *a, const void *b)
{
	const struct cip_cluster *const *x = a, *const *y = b;

	if ((*x)->addr.family != (*y)->addr.family)
		return (*x)->addr.family < (*y)->addr.family ? -1 : 1;
	return ((*x)->observed.class > (*y)->observed.class) - ((*x)->observed.class < (*y)->observed.class);
}

/* Modes of a MAC stand beside each other; 0 stands for any. */
static int by_mac(const void *a, const void *b)
{
	const struct cip_cluster *const *x = a, *const *y = b;
	int order = strcmp((*x)->ifname, (*y)->ifname);

	if (!order)
		order = memcmp((*x)->mac, (*y)->mac, 6);
	if (order || !(*x)->mac_mode || !(*y)->mac_mode)
		return order;
	return ((*x)->mac_mode > (*y)->mac_mode) - ((*x)->mac_mode < (*y)->mac_mode);
}

static struct cip_cluster **sorted(struct cip_cluster *const *clusters, uint32_t count,
				   int (*order)(const void *a, const void *b))
{
	struct cip_cluster **copy = malloc((count + 1) * sizeof(*copy));

	if (!copy)
		return NULL;
	memcpy(copy, clusters, count * sizeof(*copy));
	qsort(copy, count, sizeof(*copy), order);
	return copy;
}

int nft_after_read(struct nft_after *after, const struct plan *plan, const struct plan_index *index,
		   const struct snapshot *snapshot)
{
	const struct cip_list *list = snapshot->list;
	struct cip_cluster **all = malloc((list->count + plan->count + 1) * sizeof(*all));
	uint32_t i, count = 0;

	if (!all)
		return -ENOMEM;
	for (i = 0; i < list->count; i++)
		if (!plan_index_find(index, &list->items[i]->addr))
			all[count++] = list->items[i];
	for (i = 0; i < plan->count; i++)
		if (plan->steps[i].want)
			all[count++] = plan->steps[i].want;
	qsort(all, count, sizeof(*all), by_addr);
	*after = (struct nft_after){ count, all, sorted(all, count, by_class), sorted(all, count, by_mac) };
	return after->by_class && after->by_mac ? 0 : -ENOMEM;
}

void nft_after_clear(struct nft_after *after)
{
	free(after->by_addr);
	free(after->by_class);
	free(after->by_mac);
	memset(after, 0, sizeof(*after));
}

static int has(struct cip_cluster *const *clusters, uint32_t count, const struct cip_cluster *key,
	       int (*order)(const void *a, const void *b))
{
	return count && bsearch(&key, clusters, count, sizeof(*clusters), order);
}

int nft_after_has_class(const struct nft_after *after, uint8_t addr_family, uint32_t class)
{
	const struct cip_cluster key = { .addr.family = addr_family, .observed.class = class };

	return has(after->by_class, after->count, &key, by_class);
}

int nft_after_has_mac(const struct nft_after *after, const struct cip_cluster *like, uint32_t mac_mode)
{
	struct cip_cluster key = { .mac_mode = mac_mode };

	memcpy(key.ifname, like->ifname, sizeof(key.ifname));
	memcpy(key.mac, like->mac, sizeof(key.mac));
	return has(after->by_mac, after->count, &key, by_mac);
}
