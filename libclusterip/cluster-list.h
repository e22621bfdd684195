/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_CLUSTER_LIST_H
#define CIP_CLUSTER_LIST_H

#include "cluster.h"

struct list_key {
	struct addr addr;
	uint32_t at; /* before it was sorted */
	struct cip_cluster *cluster;
};

/* Cluster IPs in the order they were added, unique by address. */
struct cip_list {
	struct refcount refcount;
	struct cip_ctx *ctx;
	uint32_t count, space;
	int is_sorted; /* by address, as far as it has been filled */
	struct cip_cluster **items;
	struct list_key
		*keys; /* of a sorted list, side by side: thousands of values lie far apart; NULL: none */
};

int list_new(struct cip_ctx *ctx, struct cip_list **ret_list);
struct cip_list *list_unref(struct cip_list *list);
/* takes a reference; the caller has checked that the address is new */
int list_append(struct cip_list *list, struct cip_cluster *cluster);
/* the same, but -EEXIST if the address is not new */
int list_add(struct cip_list *list, struct cip_cluster *cluster);
struct cip_cluster *list_find(const struct cip_list *list, const struct addr *addr);
/* By address; those of the same one stay as they are to each other. */
void list_sort(struct cip_list *list);
/* and drop those whose address comes a second time */
void list_sort_unique(struct cip_list *list);
/* as list_find(), in a sorted list */
struct cip_cluster *list_find_sorted(const struct cip_list *list, const struct addr *addr);

/* Drop the member with that address, if there is one. */
void list_remove(struct cip_list *list, const struct addr *addr);
/* Add the members of another list to a sorted one, those of the same address behind the ones that are there. */
int list_merge(struct cip_list *list, const struct cip_list *other);
/* Is there one with a record that has this cluster MAC on the device? */
int list_holds_mac(const struct cip_list *list, const char *ifname, const uint8_t mac[6]);

#endif
