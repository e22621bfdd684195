/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <string.h>

#include "backend-nft.h"
#include "nft-elem.h"
#include "wire-addr.h"
#include "wire-rtnl.h"

static void set_device(struct cip_cluster *cluster, const char ifname[IFNAMSIZ], const uint8_t mac[6])
{
	memcpy(cluster->ifname, ifname, IFNAMSIZ);
	cluster->ifname[IFNAMSIZ - 1] = '\0';
	memcpy(cluster->mac, mac, sizeof(cluster->mac));
	cluster_mark(cluster, CIP_ATTR_IFNAME);
	cluster_mark(cluster, CIP_ATTR_MAC);
}

static int take_mac(const struct nft_elem *elem, void *data)
{
	struct cip_cluster *cluster = data;

	struct addr addr = nft_elem_addr(elem);

	if (elem->data_len == 6 && !addr_compare(&addr, &cluster->addr))
		set_device(cluster, (const char *)elem->key, elem->data);
	return 0;
}

static int take_dispatch(const struct nft_elem *elem, void *data)
{
	(void)elem;
	((struct cip_cluster *)data)->observed.dispatch = ENTRY_WRONG;
	return 0;
}

static int take_errors(const struct nft_elem *elem, void *data)
{
	(void)elem;
	((struct cip_cluster *)data)->observed.errors = ENTRY_WRONG;
	return 0;
}

/* Devices that receive a cluster MAC: the socket is in the middle of a dump, so they are asked later. */
struct receivers {
	const uint8_t *mac;
	uint32_t count;
	uint32_t index[16];
};

static int take_receiver(uint32_t index, const uint8_t mac[6], void *data)
{
	struct receivers *receivers = data;

	if (!memcmp(mac, receivers->mac, 6) && receivers->count < ARRAY_SIZE(receivers->index))
		receivers->index[receivers->count++] = index;
	return 0;
}

int nft_find_device(struct nft_priv *nft, const struct addr *addr, const uint8_t mac[6], uint32_t *ret_index,
		    uint32_t *ret_prefix)
{
	struct receivers receivers = { .mac = mac };
	uint32_t i, prefix = 0;
	int rc;

	rc = rtnl_mac_each(&nft->rtnl, take_receiver, &receivers);
	if (rc == -EOPNOTSUPP)
		rc = 0; /* no device keeps such a list */
	for (i = 0; rc == 0 && !prefix && i < receivers.count; i++) {
		rc = addr_find(&nft->rtnl, receivers.index[i], addr, &prefix);
		if (rc == 0 && prefix) {
			*ret_index = receivers.index[i];
			*ret_prefix = prefix;
		}
	}
	return rc < 0 || prefix ? rc : -ENODEV;
}

int nft_mac_is_trace(struct nft_priv *nft, const struct cip_list *list, uint32_t index, const char *ifname,
		     const uint8_t mac[6])
{
	return !list_holds_mac(list, ifname, mac) && mac_is_held(&nft->rtnl, index, mac) != 0;
}

/*
 * Where the address and a cluster MAC are: the one that ARP gives, or the default. That has but 32 bits of the address,
 * and so is no trace where another cluster IP has the same.
 */
static int look_on_devices(struct nft_priv *nft, const struct cip_list *list, struct cip_cluster *cluster)
{
	char ifname[IFNAMSIZ] = "";
	uint32_t index, prefix;
	uint8_t mac[6];
	int rc;

	memcpy(mac, cluster->mac, sizeof(mac));
	if (!CLUSTER_HAS(cluster, CIP_ATTR_MAC))
		mac_default(CIP_MAC_MULTICAST, &cluster->addr, mac);
	rc = nft_find_device(nft, &cluster->addr, mac, &index, &prefix);
	if (rc == 0)
		rc = rtnl_link_name(&nft->rtnl, index, ifname);
	if (rc < 0)
		return rc == -ENODEV ? 0 : rc;
	if (!CLUSTER_HAS(cluster, CIP_ATTR_MAC) && !nft_mac_is_trace(nft, list, index, ifname, mac))
		return 0;
	set_device(cluster, ifname, mac);
	cluster->prefix = prefix;
	cluster_mark(cluster, CIP_ATTR_PREFIX);
	return 0;
}

int nft_trace(struct cip_ctx *ctx, struct nft_priv *nft, const struct addr *addr, const struct cip_list *list,
	      struct cip_cluster **ret_cluster)
{
	struct cip_cluster *cluster = NULL;
	struct nft_elem key = { 0 };
	int rc;

	rc = cluster_new(ctx, &cluster);
	if (rc < 0)
		return rc;
	cluster->addr = *addr;
	cluster_mark(cluster, CIP_ATTR_ADDRESS);
	cluster->observed.backend = backend_nft.name;
	nft_elem_key_addr(&key, addr);
	rc = nft_elem_get(&nft->nfnl, nft_family(addr), NFT_ADDRESSES, &key, take_dispatch, cluster);
	if (rc == 0)
		rc = nft_elem_get(&nft->nfnl, nft_family(addr), NFT_ERRORS, &key, take_errors, cluster);
	/* in neither: then it is outgoing, if it is there at all */
	if (rc == 0 && cluster->observed.dispatch == ENTRY_ABSENT && cluster->observed.errors == ENTRY_ABSENT) {
		rc = nft_elem_get(&nft->nfnl, nft_family(addr), NFT_LATE_ADDRESSES, &key, take_dispatch,
				  cluster);
		if (rc == 0)
			rc = nft_elem_get(&nft->nfnl, nft_family(addr), NFT_LATE_ERRORS, &key, take_errors,
					  cluster);
		cluster->outgoing =
			cluster->observed.dispatch != ENTRY_ABSENT || cluster->observed.errors != ENTRY_ABSENT;
	}
	if (rc == 0)
		rc = nft_elem_dump(&nft->nfnl, nft_mac_family(addr), NFT_MACS, take_mac, cluster);
	if (rc == 0 || rc == -ENOENT)
		rc = look_on_devices(nft, list, cluster);
	if (rc < 0 || (!CLUSTER_HAS(cluster, CIP_ATTR_IFNAME) && cluster->observed.dispatch == ENTRY_ABSENT &&
		       cluster->observed.errors == ENTRY_ABSENT))
		cluster = cluster_unref(cluster);
	*ret_cluster = cluster;
	return rc;
}
