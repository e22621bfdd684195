/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <string.h>

#include "backend-nft.h"
#include "nft-elem.h"
#include "wire-addr.h"
#include "wire-rtnl.h"

/* The mode that leaves most behind: what is not there is not missed when it is taken away. */
static uint32_t mode_of(const uint8_t mac[6])
{
	uint32_t mode = CIP_MAC_UNICAST;

	while (mode > CIP_MAC_MULTICAST && !mac_fits(mode, mac))
		mode--;
	return mode;
}

static void set_device(struct cip_cluster *cluster, const char ifname[IFNAMSIZ], const uint8_t mac[6])
{
	cluster->mac_mode = mode_of(mac);
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

static int take_entry(const struct nft_elem *elem, void *data)
{
	(void)elem;
	*(enum entry *)data = ENTRY_WRONG;
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
	int held;

	if (list_holds_mac(list, ifname, mac))
		return 0;
	held = mac_is_held(&nft->rtnl, index, mac);
	/* where that cannot be told: anybody may have joined the group of a MAC that has one */
	return held < 0 ? !mac_fits(CIP_MAC_IGMP, mac) : held;
}

/* Is the address on a device that receives this cluster MAC? */
static int look_for(struct nft_priv *nft, const struct cip_list *list, struct cip_cluster *cluster,
		    const uint8_t mac[6])
{
	char ifname[IFNAMSIZ] = "";
	uint32_t index, prefix;
	int rc = nft_find_device(nft, &cluster->addr, mac, &index, &prefix);

	if (rc == 0)
		rc = rtnl_link_name(&nft->rtnl, index, ifname);
	if (rc < 0)
		return rc;
	/* the default has but 32 bits of the address, and so is no trace where another cluster IP has the same */
	if (!CLUSTER_HAS(cluster, CIP_ATTR_MAC) && !nft_mac_is_trace(nft, list, index, ifname, mac))
		return -ENODEV;
	set_device(cluster, ifname, mac);
	cluster->prefix = prefix;
	cluster_mark(cluster, CIP_ATTR_PREFIX);
	return 0;
}

/* Where the address and a cluster MAC are: the one that ARP gives, or the default of a mode. */
static int look_on_devices(struct nft_priv *nft, const struct cip_list *list, struct cip_cluster *cluster)
{
	uint32_t mode;
	uint8_t mac[6];
	int rc = -ENODEV;

	if (!addr_is_unicast(&cluster->addr))
		return 0; /* that of a group which nodes join */
	if (CLUSTER_HAS(cluster, CIP_ATTR_MAC)) {
		memcpy(mac, cluster->mac, sizeof(mac));
		rc = look_for(nft, list, cluster, mac);
	}
	for (mode = CIP_MAC_MULTICAST; rc == -ENODEV && mode <= CIP_MAC_UNICAST; mode++) {
		mac_default(mode, &cluster->addr, mac);
		rc = look_for(nft, list, cluster, mac);
	}
	return rc == -ENODEV ? 0 : rc;
}

int nft_trace_fill(struct nft_priv *nft, const struct cip_list *list, struct cip_cluster *cluster)
{
	struct observed *observed = &cluster->observed;
	uint8_t family = nft_family(&cluster->addr);
	struct nft_elem key = { 0 };
	int i, rc = 0, early = 0;

	nft_elem_key_addr(&key, &cluster->addr);
	for (i = 0; rc == 0 && i < NFT_ENTRY_MAPS; i++) {
		rc = nft_elem_get(&nft->nfnl, family, nft_entry_maps[i].name, &key, take_entry,
				  &observed->entries[i]);
		if (observed->entries[i] == ENTRY_ABSENT)
			continue;
		early |= !nft_entry_maps[i].late;
		cluster->outgoing = !early;
	}
	if (rc == 0)
		rc = nft_elem_dump(&nft->nfnl, NFT_MAC_FAMILY(family), NFT_MACS, take_mac, cluster);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	if (CLUSTER_HAS(cluster, CIP_ATTR_MAC))
		observed->arp = ENTRY_RIGHT;
	return look_on_devices(nft, list, cluster);
}

static int is_trace(const struct cip_cluster *cluster)
{
	int i, found = CLUSTER_HAS(cluster, CIP_ATTR_IFNAME);

	for (i = 0; i < NFT_ENTRY_MAPS; i++)
		found |= cluster->observed.entries[i] != ENTRY_ABSENT;
	return found;
}

int nft_trace(struct cip_ctx *ctx, struct nft_priv *nft, const struct addr *addr, const struct cip_list *list,
	      struct cip_cluster **ret_cluster)
{
	struct cip_cluster *cluster = NULL;
	int rc = cluster_new(ctx, &cluster);

	if (rc < 0)
		return rc;
	cluster->addr = *addr;
	cluster_mark(cluster, CIP_ATTR_ADDRESS);
	cluster->observed.backend = backend_nft.name;
	rc = nft_trace_fill(nft, list, cluster);
	if (rc < 0 || !is_trace(cluster))
		cluster = cluster_unref(cluster);
	*ret_cluster = cluster;
	return rc;
}
