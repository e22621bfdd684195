/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cluster-list.h"
#include "error.h"

int list_new(struct cip_ctx *ctx, struct cip_list **ret_list)
{
	struct cip_list *list = calloc(1, sizeof(*list));

	if (!list)
		return cip_error_nomem(ctx);
	refcount_init(&list->refcount);
	list->ctx = ctx ? cip_ref(ctx) : NULL;
	*ret_list = list;
	return 0;
}

struct cip_list *list_unref(struct cip_list *list)
{
	uint32_t i;

	if (!list || !refcount_drop(&list->refcount))
		return NULL;
	for (i = 0; i < list->count; i++)
		cluster_unref(list->items[i]);
	free(list->items);
	free(list->keys);
	cip_unref(list->ctx);
	free(list);
	return NULL;
}

static void drop_keys(struct cip_list *list)
{
	free(list->keys);
	list->keys = NULL;
}

static int is_behind_last(const struct cip_list *list, const struct addr *addr)
{
	return !list->count || addr_compare(&list->items[list->count - 1]->addr, addr) < 0;
}

int list_append(struct cip_list *list, struct cip_cluster *cluster)
{
	uint32_t space = list->space ? list->space * 2 : 4;
	struct cip_cluster **items;

	drop_keys(list);
	if (list->count == list->space) {
		items = realloc(list->items, space * sizeof(*items));
		if (!items)
			return cip_error_nomem(list->ctx);
		list->items = items;
		list->space = space;
	}
	list->is_sorted = (list->is_sorted || !list->count) && is_behind_last(list, &cluster->addr);
	list->items[list->count++] = cluster_ref(cluster);
	return 0;
}

int list_add(struct cip_list *list, struct cip_cluster *cluster)
{
	char label[CLUSTER_LABEL_MAX];

	if (!list_find(list, &cluster->addr))
		return list_append(list, cluster);
	return cip_error(list->ctx, -EEXIST, CIP_ATTR_ADDRESS, "%s: the address is in the list already",
			 cluster_label(cluster, label));
}

struct cip_cluster *list_find(const struct cip_list *list, const struct addr *addr)
{
	uint32_t i;

	if (list->is_sorted)
		return list_find_sorted(list, addr);
	for (i = 0; i < list->count; i++)
		if (!addr_compare(&list->items[i]->addr, addr))
			return list->items[i];
	return NULL;
}

static int by_key(const void *a, const void *b)
{
	const struct list_key *x = a, *y = b;
	int order = addr_compare(&x->addr, &y->addr);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static void sort_by_keys(struct cip_list *list)
{
	uint32_t i;

	for (i = 0; i < list->count; i++)
		list->keys[i] = (struct list_key){ list->items[i]->addr, i, list->items[i] };
	qsort(list->keys, list->count, sizeof(list->keys[0]), by_key);
	for (i = 0; i < list->count; i++)
		list->items[i] = list->keys[i].cluster;
}

/* Without memory for keys it is only slower. */
static void sort_in_place(struct cip_list *list)
{
	uint32_t i, at;

	for (i = 1; i < list->count; i++) {
		struct cip_cluster *moved = list->items[i];

		for (at = i; at > 0 && addr_compare(&list->items[at - 1]->addr, &moved->addr) > 0; at--)
			list->items[at] = list->items[at - 1];
		list->items[at] = moved;
	}
}

void list_sort(struct cip_list *list)
{
	drop_keys(list);
	if (list->count)
		list->keys = malloc(list->count * sizeof(list->keys[0]));
	if (list->keys)
		sort_by_keys(list);
	else
		sort_in_place(list);
	list->is_sorted = 1;
}

void list_sort_unique(struct cip_list *list)
{
	uint32_t i, kept = 0;

	list_sort(list);
	for (i = 0; i < list->count; i++) {
		if (kept && !addr_compare(&list->items[kept - 1]->addr, &list->items[i]->addr))
			cluster_unref(list->items[i]);
		else
			list->items[kept++] = list->items[i];
	}
	if (kept != list->count)
		drop_keys(list);
	list->count = kept;
}

static int of_key(const void *addr, const void *key)
{
	return addr_compare(addr, &((const struct list_key *)key)->addr);
}

static int of_address(const void *addr, const void *item)
{
	const struct cip_cluster *const *cluster = item;

	return addr_compare(addr, &(*cluster)->addr);
}

struct cip_cluster *list_find_sorted(const struct cip_list *list, const struct addr *addr)
{
	struct cip_cluster **found;
	struct list_key *key;

	if (!list->count)
		return NULL;
	if (list->keys) {
		key = bsearch(addr, list->keys, list->count, sizeof(list->keys[0]), of_key);
		return key ? key->cluster : NULL;
	}
	found = bsearch(addr, list->items, list->count, sizeof(list->items[0]), of_address);
	return found ? *found : NULL;
}

void list_remove(struct cip_list *list, const struct addr *addr)
{
	uint32_t i, kept = 0;

	drop_keys(list);
	for (i = 0; i < list->count; i++) {
		if (addr_compare(&list->items[i]->addr, addr))
			list->items[kept++] = list->items[i];
		else
			cluster_unref(list->items[i]);
	}
	list->count = kept;
}

int list_merge(struct cip_list *list, const struct cip_list *other)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < other->count; i++)
		rc = list_append(list, other->items[i]);
	list_sort(list);
	return rc;
}

int list_holds_mac(const struct cip_list *list, const char *ifname, const uint8_t mac[6])
{
	uint32_t i;

	for (i = 0; i < list->count; i++)
		if (list->items[i]->observed.recorded && !strcmp(list->items[i]->ifname, ifname) &&
		    !memcmp(list->items[i]->mac, mac, sizeof(list->items[i]->mac)))
			return 1;
	return 0;
}
