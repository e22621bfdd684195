/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <string.h>

#include "nft-elem.h"
#include "nft-verify.h"
#include "wire-rtnl.h"

static int report_buckets(struct verify *verify, const struct cip_cluster *cluster,
			  const struct bucketset *buckets, const char *what)
{
	char text[160];

	if (bucketset_empty(buckets))
		return 0;
	if (bucketset_format(buckets, text, sizeof(text)) < 0)
		strcpy(text, "(many)");
	return report_add(verify->report, CIP_FAULT_BUCKET, &cluster->addr, "buckets %s %s", text, what);
}

static int verify_buckets(struct verify *verify, const struct cip_cluster *cluster)
{
	const struct observed *observed = &cluster->observed;
	struct bucketset dark = bucketset_minus(&observed->assigned, &cluster->buckets);
	struct bucketset stray = bucketset_minus(&cluster->buckets, &observed->assigned);
	int rc;

	rc = report_buckets(verify, cluster, &dark, "are assigned to this node but not let in");
	if (rc == 0)
		rc = report_buckets(verify, cluster, &stray, "are let in but not assigned to this node");
	return rc;
}

static int verify_entry(struct verify *verify, const struct cip_cluster *cluster, int i)
{
	const struct nft_entry_map *map = &nft_entry_maps[i];
	enum entry is = cluster->observed.entries[i];
	const char *packets = map->errors ? "ICMP errors" : "packets";

	if (!nft_entry_belongs(map, cluster))
		return is == ENTRY_ABSENT ? 0
					  : report_add(verify->report, CIP_FAULT_DISPATCH, &cluster->addr,
						       "it has an entry in map %s, where it does not belong: "
						       "%s pass other rules than its own",
						       map->name, packets);
	if (is == ENTRY_RIGHT)
		return 0;
	return report_add(verify->report, CIP_FAULT_DISPATCH, &cluster->addr,
			  "its entry in map %s %s: %s do not pass its rules", map->name,
			  is == ENTRY_WRONG ? "leads elsewhere" : "is missing", packets);
}

static int verify_entries(struct verify *verify, const struct cip_cluster *cluster)
{
	enum entry arp = cluster->observed.arp;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < NFT_ENTRY_MAPS; i++)
		rc = verify_entry(verify, cluster, i);
	if (rc == 0 && arp != ENTRY_RIGHT && (verify->snapshot.has_arp || cluster->addr.family == 6))
		rc = report_add(verify->report, CIP_FAULT_ARP, &cluster->addr,
				"its entry in map macs %s: %s packets do not carry the cluster MAC",
				arp == ENTRY_WRONG ? "holds another MAC" : "is missing",
				cluster->addr.family == 6 ? "neighbour discovery" : "ARP");
	return rc;
}

static int verify_mac(struct verify *verify, const struct cip_cluster *cluster, int has)
{
	char mac[MAC_TEXT_MAX];

	if (has)
		return 0;
	mac_format(cluster->mac, mac);
	return report_add(verify->report, CIP_FAULT_MAC, &cluster->addr,
			  "dev %s does not receive the cluster MAC %s", cluster->ifname, mac);
}

static int verify_address(struct verify *verify, const struct cip_cluster *cluster, uint32_t ifindex,
			  int has_mac)
{
	struct addr_place place = { ifindex, &cluster->addr, cluster->prefix };
	char fault[DEVICES_FAULT_MAX];
	int rc = 0, is_there;

	if (cluster->noaddr)
		return 0;
	is_there = devices_judge_addr(&verify->devices, &place, fault);
	if (*fault)
		rc = report_add(verify->report, CIP_FAULT_ADDRESS, &cluster->addr, "dev %s %s", cluster->ifname,
				fault);
	if (rc < 0 || is_there || has_mac)
		return rc;
	return report_add(verify->report, CIP_FAULT_DEVICE, &cluster->addr,
			  "dev %s has lost all that was put on it: was it made anew?", cluster->ifname);
}

static int verify_group(struct verify *verify, const struct cip_cluster *cluster, uint32_t ifindex)
{
	struct addr group = mac_group(cluster->mac);
	char text[ADDR_TEXT_MAX];

	if (cluster->mac_mode != CIP_MAC_IGMP || devices_have_joined(&verify->devices, ifindex, &group))
		return 0;
	addr_format(&group, text);
	return report_add(verify->report, CIP_FAULT_MAC, &cluster->addr,
			  "dev %s has not joined %s, the group of the cluster MAC", cluster->ifname, text);
}

/* What was put on a device that exists. */
static int verify_on_device(struct verify *verify, const struct cip_cluster *cluster, uint32_t ifindex)
{
	int has_mac = devices_have_mac(&verify->devices, ifindex, cluster->mac);
	int rc = verify_mac(verify, cluster, has_mac);

	if (rc == 0)
		rc = verify_group(verify, cluster, ifindex);
	if (rc == 0 && cluster->mac_mode == CIP_MAC_UNICAST)
		rc = verify_ingress(verify, cluster);
	return rc < 0 ? rc : verify_address(verify, cluster, ifindex, has_mac);
}

/* Most are on the same device as the one before. */
static int find_link(struct verify *verify, const char *ifname, struct rtnl_link *ret_link)
{
	if (strcmp(verify->link_name, ifname)) {
		verify->link_rc = rtnl_link_get(&verify->nft->rtnl, ifname, &verify->link);
		strcpy(verify->link_name, ifname);
	}
	if (verify->link_rc == 0)
		*ret_link = verify->link;
	return verify->link_rc;
}

static int verify_device(struct verify *verify, const struct cip_cluster *cluster, struct rtnl_link *link)
{
	int rc = find_link(verify, cluster->ifname, link);

	if (rc == -ENODEV)
		return report_add(verify->report, CIP_FAULT_DEVICE, &cluster->addr,
				  "dev %s does not exist: was it renamed or removed?", cluster->ifname);
	if (rc == 0 && !link->up)
		rc = report_add_down(verify->report, cluster);
	if (rc == 0 && link->index && !memcmp(link->mac, cluster->mac, sizeof(link->mac)))
		rc = report_add(verify->report, CIP_FAULT_MAC, &cluster->addr,
				"dev %s has the cluster MAC for its own: switches learn it", cluster->ifname);
	return rc;
}

/* Those of its class, which many share: what has just been found right is not read again. */
static int verify_chains(struct verify *verify, const struct cip_cluster *cluster)
{
	uint8_t family = nft_family(&cluster->addr);
	struct nftnl_rule *rules[NFT_RULES_MAX];
	uint32_t before = verify->report->count;
	char chain[NFT_CHAIN_NAME_MAX];
	int rc;

	if (verify->right && nft_class_shared(verify->right, cluster))
		return 0;
	rc = verify_rules(verify, family, nft_chain_name(cluster->observed.class, chain), rules,
			  nft_rules_cluster(cluster, rules), CIP_FAULT_RULE, &cluster->addr);
	if (rc == 0)
		rc = verify_rules(verify, family, nft_error_chain_name(cluster->observed.class, chain), rules,
				  nft_rules_errors(cluster, rules), CIP_FAULT_RULE, &cluster->addr);
	verify->right = rc == 0 && verify->report->count == before ? cluster : NULL;
	return rc;
}

static int verify_cluster(struct verify *verify, const struct cip_cluster *cluster)
{
	struct rtnl_link link = { 0 };
	int rc;

	if (!CLUSTER_HAS(cluster, CIP_ATTR_TOTAL))
		return report_add(verify->report, CIP_FAULT_RECORD, &cluster->addr,
				  "its record in map clusters is not readable");
	rc = verify_device(verify, cluster, &link);
	if (rc == 0)
		rc = verify_chains(verify, cluster);
	if (rc == 0)
		rc = verify_entries(verify, cluster);
	if (rc == 0)
		rc = verify_buckets(verify, cluster);
	return rc == 0 && link.index ? verify_on_device(verify, cluster, link.index) : rc;
}

/* A trace of a cluster IP that has no record. */
static int report_trace(struct verify *verify, const struct addr *addr, const char *what, const char *ifname)
{
	if (list_find_sorted(verify->snapshot.list, addr) || (verify->only && addr_compare(verify->only, addr)))
		return 0;
	verify->found = 1;
	if (!SNAPSHOT_HAS_TABLE(&verify->snapshot, addr->family))
		return report_add(verify->report, CIP_FAULT_TABLE, addr, "table %s clusterip is gone, but %s%s",
				  addr->family == 6 ? "ip6" : "ip", what, ifname);
	return report_add(verify->report, CIP_FAULT_RECORD, addr,
			  "its record in map clusters is missing, but %s%s", what, ifname);
}

static int take_trace_mac(const struct nft_elem *elem, void *data)
{
	struct addr addr = nft_elem_addr(elem);
	char ifname[IFNAMSIZ];

	memcpy(ifname, elem->key, IFNAMSIZ);
	ifname[IFNAMSIZ - 1] = '\0';
	return report_trace(data, &addr, "map macs still answers for it on dev ", ifname);
}

static int take_trace_dispatch(const struct nft_elem *elem, void *data)
{
	struct addr addr = nft_elem_addr(elem);

	return report_trace(data, &addr, "a map of addresses or errors still has it", "");
}

/* Does the device receive this default cluster MAC of the address, for no other reason that is known? */
static int is_trace(struct verify *verify, const struct addr_entry *on, const char *ifname, uint32_t mac_mode)
{
	uint8_t mac[6];

	mac_default(mac_mode, &on->addr, mac);
	return devices_have_mac(&verify->devices, on->index, mac) &&
	       !list_holds_mac(verify->elsewhere, ifname, mac) &&
	       nft_mac_is_trace(verify->nft, verify->snapshot.list, on->index, ifname, mac);
}

static int may_be_trace(struct verify *verify, const struct addr_entry *on)
{
	uint32_t mode;
	uint8_t mac[6];
	int has = 0;

	/* the address of a group is that of a MAC mode */
	if (!addr_is_unicast(&on->addr) || list_find_sorted(verify->snapshot.list, &on->addr) ||
	    list_find_sorted(verify->elsewhere, &on->addr))
		return 0;
	for (mode = CIP_MAC_MULTICAST; !has && mode <= CIP_MAC_UNICAST; mode++) {
		mac_default(mode, &on->addr, mac);
		has = devices_have_mac(&verify->devices, on->index, mac);
	}
	return has;
}

/* An address whose device receives a cluster MAC made from it: the MAC has but 32 bits of the address. */
static int verify_trace(struct verify *verify, const struct addr_entry *on)
{
	char ifname[IFNAMSIZ];
	uint32_t mode;
	int rc;

	if (!may_be_trace(verify, on))
		return 0;
	rc = rtnl_link_name(&verify->nft->rtnl, on->index, ifname);
	if (rc < 0)
		return rc;
	for (mode = CIP_MAC_MULTICAST; mode <= CIP_MAC_UNICAST; mode++)
		if (is_trace(verify, on, ifname, mode))
			return report_trace(verify, &on->addr, "the address and its cluster MAC are on dev ",
					    ifname);
	return 0;
}

static int verify_entries_left(struct verify *verify, uint8_t family)
{
	int i, rc = 0;

	for (i = 0; (rc == 0 || rc == -ENOENT) && i < NFT_ENTRY_MAPS; i++)
		rc = nft_elem_dump(&verify->nft->nfnl, family, nft_entry_maps[i].name, take_trace_dispatch,
				   verify);
	if (rc == 0 || rc == -ENOENT)
		rc = nft_elem_dump(&verify->nft->nfnl, NFT_MAC_FAMILY(family), NFT_MACS, take_trace_mac,
				   verify);
	return rc == -ENOENT ? 0 : rc;
}

static int find_traces(struct verify *verify)
{
	uint32_t i;
	int rc;

	rc = verify_entries_left(verify, NFPROTO_IPV4);
	if (rc == 0)
		rc = verify_entries_left(verify, NFPROTO_IPV6);
	for (i = 0; rc == 0 && i < verify->devices.addr_count; i++)
		rc = verify_trace(verify, &verify->devices.addrs[i]);
	return rc;
}

static int note_record(const struct nft_elem *elem, void *data)
{
	(void)elem;
	*(int *)data = 1;
	return 0;
}

/* What has come since the snapshot is no trace. */
static int drop_new_traces(struct verify *verify, uint32_t from)
{
	struct cip_report *report = verify->report;
	struct nft_elem key = { 0 };
	uint32_t i, kept = from;
	int rc = 0, there;

	for (i = from; rc == 0 && i < report->count; i++) {
		const struct addr *addr = &report->faults[i].addr;

		there = 0;
		nft_elem_key_addr(&key, addr);
		rc = nft_elem_get(&verify->nft->nfnl, nft_family(addr), NFT_CLUSTERS, &key, note_record,
				  &there);
		if (!there)
			report->faults[kept++] = report->faults[i];
	}
	report->count = kept;
	return rc;
}

int verify_traces(struct verify *verify)
{
	uint32_t before = verify->report->count;
	int rc;

	/* what has a record leaves no traces */
	if (verify->only && list_find_sorted(verify->snapshot.list, verify->only))
		return 0;
	rc = find_traces(verify);
	return rc < 0 ? rc : drop_new_traces(verify, before);
}

int verify_clusters(struct verify *verify)
{
	const struct cip_list *list = verify->snapshot.list;
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->count; i++) {
		if (verify->only && addr_compare(verify->only, &list->items[i]->addr))
			continue;
		verify->found = 1;
		rc = verify_cluster(verify, list->items[i]);
	}
	return rc;
}
