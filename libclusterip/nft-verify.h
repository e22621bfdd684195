/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_VERIFY_H
#define CIP_NFT_VERIFY_H

#include "backend-nft.h"
#include "nft-rule.h"
#include "wire-devices.h"
#include "wire-rtnl.h"

/* A verification while it runs. */
struct verify {
	struct cip_ctx *ctx;
	struct nft_priv *nft;
	const struct addr *only;
	const struct cip_list *elsewhere; /* what other backends have, sorted */
	struct snapshot snapshot;
	struct devices devices;
	struct cip_report *report;
	const struct cip_cluster *right; /* the chains of its class were read last, and are right; NULL: none */
	int found;			 /* is there any trace of "only"? */
	char link_name[IFNAMSIZ];	 /* the device that was looked for last; "": none */
	struct rtnl_link link;
	int link_rc;
};

/* Compare a chain with the rules it must have, which are released. about: the cluster IP that suffers; NULL: all. */
int verify_rules(struct verify *verify, uint8_t family, const char *chain, struct nftnl_rule **want, int count,
		 uint32_t kind, const struct addr *about);
/* Does its device take frames to the cluster MAC for its own? In MAC mode unicast. */
int verify_ingress(struct verify *verify, const struct cip_cluster *cluster);
/* What is left of cluster IPs that have no record. */
int verify_traces(struct verify *verify);
/* Each cluster IP that it is about, with its chains. */
int verify_clusters(struct verify *verify);
/* What all cluster IPs share: tables, sets, maps, chains, rules. */
int verify_shared(struct verify *verify, uint8_t family);

#endif
