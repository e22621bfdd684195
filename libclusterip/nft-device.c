/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "error.h"
#include "nft-commit.h"
#include "refused.h"
#include "wire-devices.h"

static int rtnl_failed(struct commit *commit, int rc, const struct cip_cluster *about, const char *what)
{
	rc = commit_failed(commit, &commit->nft->rtnl, rc, about, what);
	commit->ctx->error_attr = CIP_ATTR_IFNAME;
	return rc;
}

/* A switch would learn where a node sends from that MAC. */
static int check_own_mac(struct commit *commit, const struct cip_cluster *want, const struct rtnl_link *link)
{
	if (memcmp(want->mac, link->mac, sizeof(link->mac)))
		return 0;
	return cip_error(commit->ctx, -EINVAL, CIP_ATTR_MAC, "mac: dev %s has this MAC itself", want->ifname);
}

/* Only creating needs the device: the rest must work while it is away. */
static int find_device(struct commit *commit, uint32_t i)
{
	const struct plan_step *step = &commit->plan->steps[i];
	const struct cip_cluster *cluster = step->want ? step->want : step->have;
	struct rtnl_link link;
	uint32_t prefix;
	int rc;

	if (!CLUSTER_HAS(cluster, CIP_ATTR_IFNAME))
		return 0;
	rc = rtnl_link_get(&commit->nft->rtnl, cluster->ifname, &link);
	if (rc == -ENODEV && !step->want)
		rc = nft_find_device(commit->nft, &cluster->addr, cluster->mac, &link.index, &prefix);
	if (rc == 0)
		commit->ifindex[i] = link.index;
	if (rc == 0 && step->want)
		return check_own_mac(commit, step->want, &link);
	if (rc == -ENODEV && plan_step_writes(step))
		return cip_error(commit->ctx, -ENODEV, CIP_ATTR_IFNAME, "dev %s: no such device",
				 cluster->ifname);
	return rc == 0 || rc == -ENODEV ? 0 : rtnl_failed(commit, rc, cluster, "looking for the device");
}

/* What a step came to: a failure is about its cluster IP. */
static int refuse_step(struct commit *commit, uint32_t i, int rc)
{
	const struct plan_step *step = &commit->plan->steps[i];

	return rc < 0 ? refused_add(commit->ctx, rc, &(step->want ? step->want : step->have)->addr) : rc;
}

int commit_find_devices(struct commit *commit)
{
	uint32_t i, before = commit->ctx->refused_count;
	int rc = 0;

	for (i = 0; rc == 0 && i < commit->plan->count; i++)
		rc = refuse_step(commit, i, find_device(commit, i));
	return rc < 0 ? rc : refused_since(commit->ctx, before);
}

static int join_group(struct commit *commit, uint32_t i)
{
	const struct cip_cluster *want = commit->plan->steps[i].want;
	struct addr group = mac_group(want->mac);
	int rc;

	if (want->mac_mode != CIP_MAC_IGMP)
		return 0;
	rc = rtnl_group_join(&commit->nft->rtnl, commit->ifindex[i], &group, &commit->done[i].group_joined);
	if (rc == -ENOSPC)
		return cip_error(
			commit->ctx, rc, CIP_ATTR_MAC_MODE,
			"dev %s: joining the group of the cluster MAC: there are as many groups as sysctl "
			"net.ipv4.igmp_max_memberships allows",
			want->ifname);
	return rc == 0 ? 0 : rtnl_failed(commit, rc, want, "joining the group of the cluster MAC");
}

static int add_mac(struct commit *commit, uint32_t i)
{
	const struct cip_cluster *want = commit->plan->steps[i].want;
	int rc = rtnl_mac_add(&commit->nft->rtnl, commit->ifindex[i], want->mac, &commit->done[i].mac_added);

	return rc == 0 ? join_group(commit, i)
		       : rtnl_failed(commit, rc, want, "adding the cluster MAC to the device");
}

static int puts_addr(const struct plan_step *step)
{
	return plan_step_writes(step) && !step->want->noaddr;
}

static int takes_addr(const struct plan_step *step)
{
	return step->op == PLAN_DESTROY && CLUSTER_HAS(step->have, CIP_ATTR_PREFIX);
}

/* The addresses that there are, of the families of the steps that are about them. */
static int read_addrs(struct commit *commit, int (*is_about)(const struct plan_step *), struct devices *devices)
{
	struct nl *rtnl = &commit->nft->rtnl;
	int rc = 0, needed[2] = { 0 };
	uint32_t i;

	memset(devices, 0, sizeof(*devices));
	for (i = 0; i < commit->plan->count; i++)
		if (is_about(&commit->plan->steps[i]))
			needed[plan_step_family(&commit->plan->steps[i]) == 6] = 1;
	if (needed[0])
		rc = devices_read_addrs(rtnl, 4, devices);
	if (rc == 0 && needed[1])
		rc = devices_read_addrs(rtnl, 6, devices);
	if (rc == -EINTR || rc == -ENOBUFS)
		return -ERESTART;
	return rc == 0 ? 0 : commit_failed(commit, rtnl, rc, NULL, "reading the addresses of devices");
}

static int add_addr(struct commit *commit, uint32_t i, const struct devices *devices,
		    struct addr_promotion *promotion)
{
	const struct cip_cluster *want = commit->plan->steps[i].want;
	struct addr_place place = { commit->ifindex[i], &want->addr, want->prefix };
	const struct addr_entry *entries = NULL;
	uint32_t count;
	int rc;

	count = devices_find_addr(devices, place.index, place.addr, &entries);
	rc = addr_put(&commit->nft->rtnl, &place, entries, count, promotion, &commit->done[i].addr);
	return rc == 0 || rc == -ERESTART ? rc
					  : rtnl_failed(commit, rc, want, "putting the address on the device");
}

/* secondary: only if it is one, or only if it is none */
static int remove_addr(struct commit *commit, uint32_t i, const struct devices *devices, int secondary,
		       struct addr_promotion *promotion)
{
	const struct cip_cluster *have = commit->plan->steps[i].have;
	const struct addr_entry *entries = NULL;
	uint32_t count;
	int rc;

	if (!commit->ifindex[i] || !takes_addr(&commit->plan->steps[i]))
		return 0;
	count = devices_find_addr(devices, commit->ifindex[i], &have->addr, &entries);
	if (!count || addr_is_secondary(entries) != secondary)
		return 0;
	rc = addr_take(&commit->nft->rtnl, entries, count, promotion, &commit->done[i].addr);
	return rc == 0 ? 0 : rtnl_failed(commit, rc, have, "removing the address from the device");
}

/* Behind the first address of a network the kernel looks through all the others, so that goes last. */
static int remove_addrs(struct commit *commit)
{
	struct addr_promotion promotion = { 0 };
	struct devices devices;
	int rc = read_addrs(commit, takes_addr, &devices), secondary;
	uint32_t i;

	for (secondary = 1; secondary >= 0; secondary--)
		for (i = 0; rc == 0 && i < commit->plan->count; i++)
			rc = remove_addr(commit, i, &devices, secondary, &promotion);
	addr_promotion_end(&commit->nft->rtnl, &promotion);
	devices_clear(&devices);
	return rc;
}

static int leave_group(struct commit *commit, uint32_t i)
{
	const struct cip_cluster *have = commit->plan->steps[i].have;
	struct addr group = mac_group(have->mac);
	int rc;

	if (have->mac_mode != CIP_MAC_IGMP || nft_after_has_mac(&commit->after, have, CIP_MAC_IGMP))
		return 0;
	rc = rtnl_group_leave(&commit->nft->rtnl, commit->ifindex[i], &group, &commit->done[i].group_left);
	return rc == 0 ? 0 : rtnl_failed(commit, rc, have, "leaving the group of the cluster MAC");
}

/* That it is received was also the group's doing, and need not be ours any more. */
static int hold_mac(struct commit *commit, uint32_t i)
{
	const struct cip_cluster *have = commit->plan->steps[i].have;
	int changed, rc = 0;

	if (commit->done[i].group_left)
		rc = rtnl_mac_add(&commit->nft->rtnl, commit->ifindex[i], have->mac, &changed);
	return rc == 0 ? 0 : rtnl_failed(commit, rc, have, "keeping the cluster MAC on the device");
}

static int remove_mac(struct commit *commit, uint32_t i)
{
	const struct cip_cluster *have = commit->plan->steps[i].have;
	int rc;

	if (!commit->ifindex[i] || !CLUSTER_HAS(have, CIP_ATTR_MAC))
		return 0;
	rc = leave_group(commit, i);
	if (rc < 0)
		return rc;
	if (nft_after_has_mac(&commit->after, have, 0))
		return hold_mac(commit, i);
	rc = rtnl_mac_remove(&commit->nft->rtnl, commit->ifindex[i], have->mac, &commit->done[i].mac_removed);
	return rc == 0 ? 0 : rtnl_failed(commit, rc, have, "removing the cluster MAC from the device");
}

/* While there is a record, what is left by a crash in between is found again. */
int commit_before_rules(struct commit *commit)
{
	uint32_t i, before = commit->ctx->refused_count;
	int rc = 0;

	for (i = 0; rc == 0 && i < commit->plan->count; i++)
		if (plan_step_writes(&commit->plan->steps[i]))
			rc = refuse_step(commit, i, add_mac(commit, i));
	if (rc == 0)
		rc = refused_since(commit->ctx, before);
	if (rc == 0)
		rc = remove_addrs(commit);
	for (i = 0; rc == 0 && i < commit->plan->count; i++)
		if (!commit->plan->steps[i].want)
			rc = remove_mac(commit, i);
	return rc;
}

int commit_after_rules(struct commit *commit)
{
	uint32_t i, before = commit->ctx->refused_count;
	struct addr_promotion promotion = { 0 };
	struct devices devices;
	int rc = read_addrs(commit, puts_addr, &devices);

	for (i = 0; rc == 0 && i < commit->plan->count; i++)
		if (puts_addr(&commit->plan->steps[i]))
			rc = refuse_step(commit, i, add_addr(commit, i, &devices, &promotion));
	addr_promotion_end(&commit->nft->rtnl, &promotion);
	devices_clear(&devices);
	return rc < 0 ? rc : refused_since(commit->ctx, before);
}

/* What fails is tried again: it would serve. */
#define UNDO_TRIES 8

static int undo_group(struct nl *rtnl, uint32_t ifindex, const struct plan_step *step, struct done *done)
{
	struct addr group = mac_group((step->want ? step->want : step->have)->mac);
	int changed, rc = 0;

	if (done->group_joined)
		rc = rtnl_group_leave(rtnl, ifindex, &group, &changed);
	if (done->group_left)
		rc = rtnl_group_join(rtnl, ifindex, &group, &changed);
	return rc;
}

static int undo_macs(struct nl *rtnl, uint32_t ifindex, const struct plan_step *step, struct done *done)
{
	int changed, rc = undo_group(rtnl, ifindex, step, done);

	if (rc == 0 && done->mac_added)
		rc = rtnl_mac_remove(rtnl, ifindex, step->want->mac, &changed);
	if (rc == 0 && done->mac_removed)
		rc = rtnl_mac_add(rtnl, ifindex, step->have->mac, &changed);
	return rc;
}

static void undo_addrs(struct commit *commit, int added)
{
	struct addr_promotion promotion = { 0 };
	struct nl *rtnl = &commit->nft->rtnl;
	uint32_t i;
	int tries;

	for (i = 0; i < commit->plan->count; i++) {
		const struct cip_cluster *want = commit->plan->steps[i].want;
		struct addr_place place = { commit->ifindex[i], plan_step_addr(&commit->plan->steps[i]),
					    want ? want->prefix : 0 };

		if (added != (want != NULL))
			continue;
		for (tries = 0; tries < UNDO_TRIES; tries++)
			if (addr_undo(rtnl, &place, &promotion, &commit->done[i].addr) == 0)
				break;
	}
	addr_promotion_end(rtnl, &promotion);
}

void commit_undo_addrs(struct commit *commit)
{
	undo_addrs(commit, 1);
}

void commit_keep_off(struct commit *commit)
{
	uint32_t i;

	for (i = 0; i < commit->plan->count; i++)
		if (!commit->plan->steps[i].want)
			commit->done[i] = (struct done){ 0 };
}

void commit_undo_devices(struct commit *commit)
{
	uint32_t i;
	int tries;

	for (i = 0; i < commit->plan->count; i++)
		for (tries = 0; tries < UNDO_TRIES; tries++)
			if (undo_macs(&commit->nft->rtnl, commit->ifindex[i], &commit->plan->steps[i],
				      &commit->done[i]) == 0)
				break;
	undo_addrs(commit, 0);
}
