/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_H
#define CIP_NFT_H

#include "cluster.h"
#include "wire-nfnl.h"

/* The names that docs/footprint.md promises. */
#define NFT_TABLE	     "clusterip" /* in families ip and arp, ip6, and netdev */
#define NFT_ADDRESSES	     "addresses"
#define NFT_BUCKETS	     "buckets"
#define NFT_ASSIGNED	     "assigned"
#define NFT_CLUSTERS	     "clusters"
#define NFT_RETIRED	     "retired"
#define NFT_PORTS	     "ports"
#define NFT_ERRORS	     "errors"
#define NFT_LATE_ADDRESSES   "late_addresses"
#define NFT_LATE_ERRORS	     "late_errors"
#define NFT_CHAIN_LATE	     "late"
#define NFT_ERROR_TYPES	     "error_types"
#define NFT_QUOTED_PORTS     "quoted_ports"
#define NFT_QUOTED_OPAQUE    "quoted_opaque"
#define NFT_MACS	     "macs"
#define NFT_CHAIN_PREROUTING "prerouting"
#define NFT_CHAIN_OUTPUT     "output"

#define NFT_CHAIN_DEFRAGMENT "defragment"

/* The chain for frames that come by a device: "in.eth0" */
#define NFT_INGRESS_NAME_MAX (IFNAMSIZ + 3)
const char *nft_ingress_name(const char *ifname, char buf[NFT_INGRESS_NAME_MAX]);

/* Where an advertisement or solicitation of a neighbour has the MAC, from its ICMP header on. */
#define NFT_ND_OFF_MAC 26

/* What libnftnl could not read, in an errno: there was no memory, or it is malformed. */
int nft_unread(void);

#define NFT_CHAIN_NAME_MAX 16
#define NFT_COMMENT_MAX	   128

/*
 * Cluster IPs whose packets are judged alike are of one class, which has a number. Bucket b of a cluster IP of class c is
 * the slot c * 1024 + b.
 */
#define NFT_CLASS_MAX		4194302u /* the slots of the next one would not fit into 32 bits */
#define NFT_SLOT(class, bucket) ((class) * CIP_TOTAL_NODES_MAX + (bucket))
#define NFT_SLOT_CLASS(slot)	(((slot)-1) / CIP_TOTAL_NODES_MAX)
#define NFT_SLOT_BUCKET(slot)	(((slot)-1) % CIP_TOTAL_NODES_MAX + 1)

/* The chains of a class: "cip.1" and "errors.1" */
const char *nft_chain_name(uint32_t class, char buf[NFT_CHAIN_NAME_MAX]);
const char *nft_error_chain_name(uint32_t class, char buf[NFT_CHAIN_NAME_MAX]);
/* The class that a chain is of; 0: of none. */
uint32_t nft_chain_class(const char *name);

/*
 * IPv4 and IPv6 cluster IPs have a table each, in families NFPROTO_IPV4 and NFPROTO_IPV6. Which MAC a neighbour is told
 * stands in table arp, for IPv6 in the same table as all else.
 */
uint8_t nft_family(const struct addr *addr);
/* The maps in which an address leads to rules, and ICMP errors to theirs; the latter two of outgoing cluster IPs. */
struct nft_entry_map {
	const char *name;
	int late; /* of outgoing cluster IPs */
	int errors;
};
#define NFT_ENTRY_MAPS OBSERVED_ENTRIES
extern const struct nft_entry_map nft_entry_maps[NFT_ENTRY_MAPS];
/* Does the cluster IP belong into the map? */
int nft_entry_belongs(const struct nft_entry_map *map, const struct cip_cluster *cluster);
/* The chain that an entry of the map leads to. */
const char *nft_entry_chain(const struct nft_entry_map *map, uint32_t class, char buf[NFT_CHAIN_NAME_MAX]);
uint8_t nft_mac_family(const struct addr *addr);
/* The same for an address of that family, NFPROTO_IPV4 or NFPROTO_IPV6 */
#define NFT_MAC_FAMILY(family)	((family) == NFPROTO_IPV6 ? NFPROTO_IPV6 : NFPROTO_ARP)
#define NFT_ADDR_FAMILY(family) ((family) == NFPROTO_IPV6 ? 6 : 4)

#endif
