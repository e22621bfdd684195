/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>
#include <string.h>

#include "backend-nft.h"
#include "error.h"
#include "nft-rule.h"
#include "nft-table.h"

#define CHAIN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

static int put_trial(struct nfnl *nfnl, struct cip_cluster *want)
{
	struct nftnl_rule *rules[NFT_RULES_MAX];
	char chain[NFT_CHAIN_NAME_MAX];
	uint8_t family = nft_family(&want->addr);
	uint32_t generation;
	int rc;

	/* any class will do */
	want->observed.class = 1;
	rc = nfnl_generation(nfnl, &generation);
	if (rc == 0)
		rc = nfnl_begin_batch(nfnl, generation);
	if (rc == 0)
		rc = nft_table_put(nfnl, family);
	if (rc == 0)
		rc = nft_table_put_chain(nfnl, family, nft_chain_name(want->observed.class, chain), rules,
					 nft_rules_cluster(want, rules), want);
	if (rc == 0)
		rc = nft_table_put_chain(nfnl, family, nft_error_chain_name(want->observed.class, chain), rules,
					 nft_rules_errors(want, rules), want);
	return rc == 0 && nft_hashes_ports(want) ? nft_table_put_defragment(nfnl, family) : rc;
}

/* Everything that a cluster IP needs goes to the kernel in a batch that is only checked. */
static int try_rules(struct cip_ctx *ctx, struct nft_priv *nft, struct cip_cluster *want)
{
	const struct nfnl_note *refused = NULL;
	int rc = -ERESTART, tries;

	for (tries = 0; tries < NFT_READ_TRIES && (rc == -ERESTART || rc == -ENOBUFS); tries++) {
		backend_wait(tries);
		rc = put_trial(&nft->nfnl, want);
		if (rc == 0)
			rc = nfnl_check(&nft->nfnl, &refused);
	}
	if (rc == -ERESTART || rc == -ENOBUFS)
		return cip_error(ctx, -EBUSY, CIP_ATTR_NONE,
				 "the ruleset kept changing while rules were tried, %d times", tries);
	return rc < 0 ? nft_failed(ctx, &nft->nfnl.nl, rc, refused ? refused->what : "trying the rules") : 0;
}

int *nft_able(struct nft_priv *nft, const struct cip_cluster *cluster)
{
	uint32_t hashes = nft_hashes_ports(cluster) ? 2 : cluster->total > 1;

	return &nft->able[cluster->addr.family == 6][hashes + (cluster->outgoing ? 3 : 0)];
}

int nft_can(struct cip_ctx *ctx, void *priv, const struct cip_cluster *want)
{
	struct nft_priv *nft = priv;
	struct cip_cluster *copy;
	int rc;

	if (want->mac_mode == CIP_MAC_UNICAST && want->ifname[strspn(want->ifname, CHAIN_CHARACTERS)])
		return cip_error(ctx, -EINVAL, CIP_ATTR_IFNAME,
				 "dev \"%s\": in mac-mode unicast there is a chain with the name of the "
				 "device, for which nft "
				 "takes letters, digits, '.', '_' and '-' only",
				 want->ifname);
	if (*nft_able(nft, want))
		return 0;
	rc = cluster_copy(NULL, want, &copy);
	if (rc < 0)
		return cip_error_nomem(ctx);
	rc = try_rules(ctx, nft, copy);
	*nft_able(nft, want) = rc == 0;
	cluster_unref(copy);
	return rc;
}
