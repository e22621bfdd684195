/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

#include "backend-clusterip.h"
#include "error.h"
#include "names.h"
#include "target-rule.h"
#include "wire-iptc.h"
#include "wire-netns.h"
#include "wire-procfs.h"

static const char *sentence(int rc)
{
	switch (rc) {
	case -EPERM:
	case -EACCES:
		return "not permitted: CAP_NET_ADMIN and CAP_NET_RAW are needed, in the user namespace that "
		       "owns "
		       "the network namespace";
	case -EBUSY:
		return "another process keeps it, for more than 5 seconds";
	case -EAGAIN:
	case -ESTALE:
		return "another process keeps changing the table without taking iptables' lock";
	case -ENOENT:
	case -ENOPROTOOPT:
		return "the kernel lacks it (ip_tables, iptable_filter, ipt_CLUSTERIP, xt_comment: "
		       "CONFIG_IP_NF_FILTER, CONFIG_IP_NF_TARGET_CLUSTERIP, "
		       "CONFIG_NETFILTER_XT_MATCH_COMMENT)";
	case -EINVAL:
		return "the kernel refuses it; its log says why";
	case -EPROTO:
		return "the kernel speaks another version of iptables' protocol";
	case -ENOSPC:
		return "the record of the change does not fit into a comment";
	case -ENOMEM:
		return "out of memory";
	}
	return strerror(-rc);
}

int target_failed(struct cip_ctx *ctx, int rc, const struct addr *about, const char *what)
{
	char address[ADDR_TEXT_MAX] = "";

	if (about)
		addr_format(about, address);
	cip_error(ctx, rc, CIP_ATTR_NONE, "%s%s%s: %s", address, about ? ": " : "", what, sentence(rc));
	if (rc == -ENOENT || rc == -ENOPROTOOPT)
		return -EOPNOTSUPP; /* -ENOENT means "no such cluster IP" to the caller */
	if (rc == -EAGAIN || rc == -ESTALE)
		return -EBUSY;
	return rc == -EACCES ? -EPERM : rc;
}

int target_rtnl_failed(struct cip_ctx *ctx, const struct target_priv *priv, int rc,
		       const struct cip_cluster *about, const char *what)
{
	const char *text = priv->rtnl.text;
	char label[CLUSTER_LABEL_MAX];

	return cip_error(ctx, rc, CIP_ATTR_IFNAME, "%s: %s: %s%s%s%s", cluster_label(about, label), what,
			 rc == -EPERM ? "not permitted: CAP_NET_ADMIN is needed" : strerror(-rc),
			 *text ? " (" : "", text, *text ? ")" : "");
}

static int target_open(struct cip_ctx *ctx, void *priv)
{
	struct target_priv *target = priv;
	int rc, back;

	if (!procfs_is_there())
		return cip_error(ctx, -EOPNOTSUPP, CIP_ATTR_BACKEND,
				 "/proc is not mounted, where the CLUSTERIP target has its local buckets");
	rc = netns_enter_kept(&ctx->netns, &back);
	if (rc < 0)
		return target_failed(ctx, rc, NULL, "entering the network namespace of the context");
	announce_open(&target->announcer, &target->rtnl);
	rc = nl_open(&target->rtnl, NETLINK_ROUTE);
	netns_leave(back);
	return rc < 0 ? cip_error(ctx, rc, CIP_ATTR_NONE, "opening rtnetlink: %s", strerror(-rc)) : 0;
}

static void target_close(void *priv)
{
	struct target_priv *target = priv;

	announce_close(&target->announcer);
	nl_close(&target->rtnl);
}

static int enter(struct cip_ctx *ctx, int *ret_back)
{
	int rc = netns_enter_kept(&ctx->netns, ret_back);

	return rc < 0 ? target_failed(ctx, rc, NULL, "entering the network namespace of the context") : 0;
}

static int check_limits(struct cip_ctx *ctx, const struct cip_cluster *want)
{
	char mac[MAC_TEXT_MAX];

	if (want->addr.family != 4)
		return cip_error(ctx, -EOPNOTSUPP, CIP_ATTR_ADDRESS, "the CLUSTERIP target knows IPv4 alone");
	if (want->hash_mode == CIP_HASH_XT_CLUSTER)
		return cip_error(ctx, -EOPNOTSUPP, CIP_ATTR_HASH_MODE,
				 "the CLUSTERIP target has no hash mode xt_cluster");
	if (want->source_prefix != addr_bits(&want->addr))
		return cip_error(
			ctx, -EOPNOTSUPP, CIP_ATTR_SOURCE_PREFIX,
			"the CLUSTERIP target hashes whole addresses alone: source-prefix %u is not %u",
			want->source_prefix, addr_bits(&want->addr));
	if (want->outgoing)
		return cip_error(ctx, -EOPNOTSUPP, CIP_ATTR_OUTGOING,
				 "the CLUSTERIP target knows nothing of outgoing");
	if (want->mac_mode != CIP_MAC_MULTICAST)
		return cip_error(ctx, -EOPNOTSUPP, CIP_ATTR_MAC_MODE, "the CLUSTERIP target has no mac-mode %s",
				 names_mac_mode(want->mac_mode));
	if (want->total < 1 || want->total > TARGET_TOTAL_MAX)
		return cip_error(ctx, -EINVAL, CIP_ATTR_TOTAL,
				 "total %u is out of range: 1..%u with the CLUSTERIP target", want->total,
				 TARGET_TOTAL_MAX);
	if (want->mac[0] & 1)
		return 0;
	mac_format(want->mac, mac);
	return cip_error(ctx, -EINVAL, CIP_ATTR_MAC,
			 "mac %s is not multicast: the CLUSTERIP target takes multicast MACs alone", mac);
}

static int probe(struct cip_ctx *ctx)
{
	int rc = xtables_probe_target();

	if (rc == -ENOPROTOOPT)
		return cip_error(
			ctx, -EOPNOTSUPP, CIP_ATTR_BACKEND,
			"the kernel has no iptables: module ip_tables (CONFIG_IP_NF_IPTABLES) is missing");
	if (rc == -ENOENT)
		return cip_error(ctx, -EOPNOTSUPP, CIP_ATTR_BACKEND,
				 "the kernel has no CLUSTERIP target: module ipt_CLUSTERIP "
				 "(CONFIG_IP_NF_TARGET_CLUSTERIP, in kernels before 6.3) is missing");
	return rc < 0 ? target_failed(ctx, rc, NULL, "asking for the CLUSTERIP target") : 0;
}

static int can(struct cip_ctx *ctx, void *priv, const struct cip_cluster *want)
{
	int back, rc = check_limits(ctx, want);

	(void)priv; /* libiptc opens a socket for itself */
	if (rc == 0)
		rc = enter(ctx, &back);
	if (rc < 0)
		return rc;
	rc = probe(ctx);
	netns_leave(back);
	return rc;
}

static int query(struct cip_ctx *ctx, void *priv, const struct addr *only, uint32_t flags,
		 struct snapshot *ret_snapshot)
{
	int back, rc = enter(ctx, &back);

	(void)flags; /* the target counts nothing, and reading the rest costs nothing */
	if (rc < 0)
		return rc;
	rc = target_query(ctx, priv, only, ret_snapshot);
	netns_leave(back);
	return rc;
}

static int verify(struct cip_ctx *ctx, void *priv, const struct addr *only, const struct cip_list *elsewhere,
		  struct cip_report *report)
{
	int back, rc = enter(ctx, &back);

	(void)elsewhere; /* the rule is all there is: there are no traces without it */
	if (rc < 0)
		return rc;
	rc = target_verify(ctx, priv, only, report);
	netns_leave(back);
	return rc;
}

static int commit(struct cip_ctx *ctx, void *priv, struct plan *plan, const struct snapshot *snapshot)
{
	int back, rc = enter(ctx, &back);

	(void)snapshot; /* the steps say what they were made from */
	if (rc < 0)
		return rc;
	rc = target_commit(ctx, priv, plan);
	netns_leave(back);
	return rc;
}

static int target_announce(void *priv, const struct cip_cluster *cluster)
{
	struct target_priv *target = priv;

	return announce_send(&target->announcer, cluster->ifname, &cluster->addr, cluster->mac);
}

const struct backend backend_clusterip = {
	.name = "clusterip",
	.priv_size = sizeof(struct target_priv),
	.open = target_open,
	.close = target_close,
	.query = query,
	.verify = verify,
	.can = can,
	.commit = commit,
	.announce = target_announce,
};
