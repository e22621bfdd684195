/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "backend-nft.h"
#include "error.h"
#include "nft.h"
#include "wire-netns.h"

const struct nft_entry_map nft_entry_maps[NFT_ENTRY_MAPS] = {
	{ NFT_ADDRESSES, 0, 0 },
	{ NFT_ERRORS, 0, 1 },
	{ NFT_LATE_ADDRESSES, 1, 0 },
	{ NFT_LATE_ERRORS, 1, 1 },
};

int nft_entry_belongs(const struct nft_entry_map *map, const struct cip_cluster *cluster)
{
	return map->late == cluster->outgoing;
}

const char *nft_entry_chain(const struct nft_entry_map *map, uint32_t class, char buf[NFT_CHAIN_NAME_MAX])
{
	return map->errors ? nft_error_chain_name(class, buf) : nft_chain_name(class, buf);
}

const char *nft_ingress_name(const char *ifname, char buf[NFT_INGRESS_NAME_MAX])
{
	snprintf(buf, NFT_INGRESS_NAME_MAX, "in.%s", ifname);
	return buf;
}

uint8_t nft_family(const struct addr *addr)
{
	return addr->family == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

uint8_t nft_mac_family(const struct addr *addr)
{
	return NFT_MAC_FAMILY(nft_family(addr));
}

const char *nft_error_chain_name(uint32_t class, char buf[NFT_CHAIN_NAME_MAX])
{
	snprintf(buf, NFT_CHAIN_NAME_MAX, NFT_ERRORS ".%u", class);
	return buf;
}

const char *nft_chain_name(uint32_t class, char buf[NFT_CHAIN_NAME_MAX])
{
	snprintf(buf, NFT_CHAIN_NAME_MAX, "cip.%u", class);
	return buf;
}

/* It says -1 whatever was wrong; what it has freed since leaves errno as malloc() did. */
int nft_unread(void)
{
	return errno == ENOMEM ? -ENOMEM : -EBADMSG;
}

uint32_t nft_chain_class(const char *name)
{
	char same[NFT_CHAIN_NAME_MAX];
	const char *dot = strchr(name, '.');
	uint32_t class;

	if (!dot || number_parse(dot + 1, NFT_CLASS_MAX, &class) < 0)
		return 0;
	if (strcmp(nft_chain_name(class, same), name) && strcmp(nft_error_chain_name(class, same), name))
		return 0;
	return class;
}

static const char *sentence(int rc)
{
	switch (rc) {
	case -EPERM:
		return "not permitted: CAP_NET_ADMIN is needed";
	case -ENFILE:
		return "the map is full (16384 cluster IPs, 65536 local buckets; a rehash needs room for the "
		       "old buckets "
		       "and the new ones)";
	case -EEXIST:
		return "something of that name is there and has another form; if it is not in use, remove the "
		       "tables: nft delete table ip clusterip, nft delete table arp clusterip";
	case -ENOENT:
		return "the kernel lacks it (nf_tables with nft_hash and nft_numgen: CONFIG_NFT_HASH, "
		       "CONFIG_NFT_NUMGEN, CONFIG_NF_TABLES_ARP)";
	case -EOPNOTSUPP:
	case -EPROTONOSUPPORT:
	case -EAFNOSUPPORT:
		return "the kernel cannot do it (CONFIG_NF_TABLES, CONFIG_NF_TABLES_IPV4, "
		       "CONFIG_NF_TABLES_ARP)";
	case -ENOMEM:
		return "out of memory";
	}
	return strerror(-rc);
}

int nft_failed(struct cip_ctx *ctx, const struct nl *nl, int rc, const char *what)
{
	cip_error(ctx, rc, CIP_ATTR_NONE, "%s: %s%s%s%s", what, sentence(rc), nl->text[0] ? " (" : "", nl->text,
		  nl->text[0] ? ")" : "");
	if (rc == -ENOENT || rc == -EAFNOSUPPORT || rc == -EPROTONOSUPPORT)
		return -EOPNOTSUPP; /* -ENOENT means "no such cluster IP" to the caller */
	if (rc == -EEXIST)
		return -ENOTUNIQ;
	return rc == -ENFILE ? -ENOSPC : rc;
}

static void nft_close(void *priv)
{
	struct nft_priv *nft = priv;

	announce_close(&nft->announcer);
	nft_journal_close(&nft->journal, &nft->nfnl);
	nfnl_close(&nft->nfnl);
	nl_close(&nft->rtnl);
}

static int open_sockets(struct nft_priv *nft)
{
	uint32_t generation;
	int rc;

	announce_open(&nft->announcer, &nft->rtnl);
	rc = nfnl_open(&nft->nfnl);
	if (rc == 0)
		rc = nl_open(&nft->rtnl, NETLINK_ROUTE);
	if (rc == 0)
		rc = nfnl_generation(&nft->nfnl, &generation);
	return rc == -EINVAL ? -EOPNOTSUPP : rc; /* nfnetlink knows no such subsystem */
}

static int nft_open(struct cip_ctx *ctx, void *priv)
{
	struct nft_priv *nft = priv;
	int back, rc = netns_enter_kept(&ctx->netns, &back);

	if (rc < 0)
		return cip_error(ctx, rc, CIP_ATTR_NONE, "entering the network namespace of the context: %s",
				 strerror(-rc));
	rc = open_sockets(nft);
	netns_leave(back);
	if (rc < 0) {
		rc = nft_failed(ctx, &nft->nfnl.nl, rc, "opening nftables");
		nft_close(priv);
	}
	return rc;
}

static int nft_announce(void *priv, const struct cip_cluster *cluster)
{
	struct nft_priv *nft = priv;

	return announce_send(&nft->announcer, cluster->ifname, &cluster->addr, cluster->mac);
}

static void nft_rest(void *priv)
{
	struct nft_priv *nft = priv;

	nft_journal_close(&nft->journal, &nft->nfnl);
}

const struct backend backend_nft = {
	.name = "nft",
	.priv_size = sizeof(struct nft_priv),
	.open = nft_open,
	.close = nft_close,
	.query = nft_query,
	.verify = nft_verify,
	.can = nft_can,
	.commit = nft_commit,
	.announce = nft_announce,
	.rest = nft_rest,
};
