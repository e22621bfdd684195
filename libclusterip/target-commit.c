/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "log.h"
#include "refused.h"
#include "target-change.h"
#include "wire-procfs.h"
#include "wire-devices.h"

/* What was done for one step, to be undone if a later part fails. */
struct done {
	uint32_t ifindex; /* of the step's device, 0: there is none */
	int rules, local;
	struct addr_done addr;
};

struct commit {
	struct cip_ctx *ctx;
	struct target_priv *priv;
	const struct plan *plan;
	struct view view; /* before anything was done */
	struct done *done;
};

/* Where a new rule goes: nothing before it can let a packet pass by it. */
static const struct spot head = { .chain = "INPUT", .number = 1 };

#define PARAMETERS                                                                                             \
	(1u << CIP_ATTR_IFNAME | 1u << CIP_ATTR_MAC | 1u << CIP_ATTR_HASH_MODE | 1u << CIP_ATTR_TOTAL |        \
	 1u << CIP_ATTR_SEED)

/* Is what the step was planned from still true? */
static int is_current(const struct plan_step *step, const struct found *found)
{
	if (!step->have || !found)
		return !step->have && !found;
	return !(cluster_compare(step->have, found->cluster) & ~(1u << CIP_ATTR_BUCKETS)) &&
	       bucketset_equal(&step->have->buckets, &found->cluster->buckets) &&
	       bucketset_equal(&step->have->observed.assigned, &found->cluster->observed.assigned);
}

/* A rule in another table makes the kernel have a configuration for the address, and it can have but one. */
static int check_owner(struct cip_ctx *ctx, const struct plan_step *step)
{
	char label[CLUSTER_LABEL_MAX];
	struct bucketset local;

	if (step->op != PLAN_CREATE || procfs_read(&step->want->addr, &local) == -ENOENT)
		return 0;
	return cip_error(ctx, -EADDRINUSE, CIP_ATTR_ADDRESS,
			 "%s: another CLUSTERIP rule, outside the table filter, has the address",
			 cluster_label(step->want, label));
}

static int find_device(struct commit *commit, uint32_t i)
{
	const struct plan_step *step = &commit->plan->steps[i];
	const struct cip_cluster *cluster = step->want ? step->want : step->have;
	struct rtnl_link link;
	int rc;

	if (!CLUSTER_HAS(cluster, CIP_ATTR_IFNAME))
		return 0;
	rc = rtnl_link_get(&commit->priv->rtnl, cluster->ifname, &link);
	if (rc == 0)
		commit->done[i].ifindex = link.index;
	else if (rc == -ENODEV && step->want && step->op != PLAN_BUCKETS)
		return cip_error(commit->ctx, -ENODEV, CIP_ATTR_IFNAME, "dev %s: no such device",
				 cluster->ifname);
	else if (rc != -ENODEV)
		return target_rtnl_failed(commit->ctx, commit->priv, rc, cluster, "looking for the device");
	return 0;
}

static int check_step(struct commit *commit, uint32_t i)
{
	const struct plan_step *step = &commit->plan->steps[i];
	const struct cip_cluster *about = step->want ? step->want : step->have;
	const struct found *found = view_find(&commit->view, &about->addr);
	int rc;

	if (!is_current(step, found))
		return -ERESTART;
	if (found && found->local_rc < 0 && step->op != PLAN_REPAIR)
		return view_local_failed(commit->ctx, found);
	rc = check_owner(commit->ctx, step);
	return rc < 0 ? rc : find_device(commit, i);
}

/* The table is read and written for each step, too: so can the addresses be. */
static int read_addrs(struct commit *commit, const struct cip_cluster *about, struct devices *devices)
{
	int rc;

	memset(devices, 0, sizeof(*devices));
	rc = devices_read_addrs(&commit->priv->rtnl, about->addr.family, devices);
	if (rc == 0)
		return 0;
	devices_clear(devices);
	if (rc == -EINTR || rc == -ENOBUFS)
		return -ERESTART;
	return target_rtnl_failed(commit->ctx, commit->priv, rc, about, "reading the addresses of the device");
}

static int add_addr(struct commit *commit, uint32_t i, const struct cip_cluster *want)
{
	struct addr_place place = { commit->done[i].ifindex, &want->addr, want->prefix };
	const struct addr_entry *entries = NULL;
	struct addr_promotion promotion = { 0 };
	struct devices devices;
	uint32_t count;
	int rc;

	if (want->noaddr || !CLUSTER_HAS(want, CIP_ATTR_PREFIX))
		return 0;
	rc = read_addrs(commit, want, &devices);
	if (rc < 0)
		return rc;
	count = devices_find_addr(&devices, place.index, place.addr, &entries);
	rc = addr_put(&commit->priv->rtnl, &place, entries, count, &promotion, &commit->done[i].addr);
	addr_promotion_end(&commit->priv->rtnl, &promotion);
	devices_clear(&devices);
	if (rc == 0 || rc == -ERESTART)
		return rc;
	return target_rtnl_failed(commit->ctx, commit->priv, rc, want, "putting the address on the device");
}

static int remove_addr(struct commit *commit, uint32_t i, const struct cip_cluster *have)
{
	const struct addr_entry *entries = NULL;
	struct addr_promotion promotion = { 0 };
	struct done *done = &commit->done[i];
	struct devices devices;
	uint32_t count;
	int rc;

	if (have->noaddr || !CLUSTER_HAS(have, CIP_ATTR_PREFIX) || !done->ifindex)
		return 0;
	rc = read_addrs(commit, have, &devices);
	if (rc < 0)
		return rc;
	count = devices_find_addr(&devices, done->ifindex, &have->addr, &entries);
	rc = addr_take(&commit->priv->rtnl, entries, count, &promotion, &done->addr);
	addr_promotion_end(&commit->priv->rtnl, &promotion);
	devices_clear(&devices);
	if (rc == 0)
		return 0;
	return target_rtnl_failed(commit->ctx, commit->priv, rc, have, "removing the address from the device");
}

/* The rule as it is to be: that of others keeps what it matches. */
static int make_rule(const struct found *found, const struct cip_cluster *want, struct ipt_entry **ret_rule)
{
	if (found && found->rule && found->record == TARGET_FOREIGN)
		return target_rule_rewrite(found->rule, want, ret_rule);
	return target_rule_write(want, ret_rule);
}

/* held: what the holder remembers, in case that nobody comes to finish this */
static int exchange(struct commit *commit, uint32_t i, const struct cip_cluster *held,
		    const struct cip_cluster *want)
{
	const struct found *found = view_find(&commit->view, &want->addr);
	struct ipt_entry *rule;
	int rc = make_rule(found, want, &rule);

	if (rc == 0) {
		commit->done[i].rules = 1;
		rc = change_hold(held, &head);
		if (rc == 0)
			rc = change_raise(want, rule);
		free(rule);
	}
	return rc < 0 ? target_failed(commit->ctx, rc, &want->addr, "writing its rule") : 0;
}

/* What the holder remembers of buckets is what the node was told to own. */
static int exchange_kept(struct commit *commit, uint32_t i, const struct cip_cluster *have,
			 const struct cip_cluster *want)
{
	struct cip_cluster *held;
	int rc = cluster_copy(NULL, have, &held);

	if (rc < 0)
		return cip_error_nomem(commit->ctx);
	held->buckets = have->observed.assigned;
	rc = exchange(commit, i, held, want);
	cluster_unref(held);
	return rc;
}

static int set_local(struct commit *commit, uint32_t i, const struct bucketset *buckets)
{
	const struct cip_cluster *want = commit->plan->steps[i].want;
	int rc;

	commit->done[i].local = 1;
	rc = change_local(&want->addr, buckets);
	return rc < 0 ? target_failed(commit->ctx, rc, &want->addr, "changing its local buckets") : 0;
}

/* Only buckets in the scope of the verb: those named. */
static int move_buckets(struct commit *commit, uint32_t i, const struct found *found)
{
	const struct plan_step *step = &commit->plan->steps[i];
	struct cip_cluster *result;
	int rc;

	rc = plan_step_result(step, &result);
	if (rc < 0)
		return cip_error_nomem(commit->ctx);
	if (found->holders) {
		result->buckets = result->observed.assigned;
		rc = exchange_kept(commit, i, step->have, result);
	} else {
		rc = set_local(commit, i, &result->buckets);
	}
	cluster_unref(result);
	return rc;
}

/* Is there exactly the rule that must be there, and does the device receive its MAC? */
static int is_sound(struct commit *commit, uint32_t i, const struct found *found)
{
	const struct cip_cluster *want = commit->plan->steps[i].want;
	int has = 0;

	if (found->holders || found->rules != 1 || found->local_rc < 0 || !found->is_reached ||
	    cluster_compare(found->cluster, want) & PARAMETERS)
		return 0;
	return rtnl_mac_has(&commit->priv->rtnl, commit->done[i].ifindex, want->mac, &has) < 0 || has;
}

static int repair(struct commit *commit, uint32_t i, const struct found *found)
{
	const struct plan_step *step = &commit->plan->steps[i];
	int rc;

	if (is_sound(commit, i, found))
		rc = set_local(commit, i, &step->want->buckets);
	else
		rc = exchange_kept(commit, i, step->have, step->want);
	return rc < 0 ? rc : add_addr(commit, i, step->want);
}

static int lower(struct commit *commit, uint32_t i, const struct cip_cluster *have)
{
	int rc;

	commit->done[i].rules = 1;
	rc = change_lower(&have->addr);
	return rc < 0 ? target_failed(commit->ctx, rc, &have->addr, "removing its rule") : 0;
}

static int do_step(struct commit *commit, uint32_t i)
{
	const struct plan_step *step = &commit->plan->steps[i];
	const struct found *found = step->have ? view_find(&commit->view, &step->have->addr) : NULL;
	int rc;

	switch (step->op) {
	case PLAN_CREATE:
		rc = exchange(commit, i, step->want, step->want);
		return rc < 0 ? rc : add_addr(commit, i, step->want);
	case PLAN_DESTROY:
		rc = remove_addr(commit, i, step->have);
		return rc < 0 ? rc : lower(commit, i, step->have);
	case PLAN_LEAVE:
		return lower(commit, i, step->have);
	case PLAN_REHASH:
		rc = exchange_kept(commit, i, step->have, step->want);
		return rc < 0 || !step->repair ? rc : add_addr(commit, i, step->want);
	case PLAN_BUCKETS:
		return move_buckets(commit, i, found);
	case PLAN_REPAIR:
		return repair(commit, i, found);
	}
	return 0;
}

/* Put the rule back as it was, with the buckets that were local. */
static int restore_rule(const struct found *found)
{
	struct cip_cluster *was;
	int rc = cluster_copy(NULL, found->cluster, &was);

	if (rc < 0)
		return rc;
	was->buckets = was->observed.assigned;
	rc = change_hold(was, &found->spot);
	if (rc == 0 && !found->holders)
		rc = change_raise(was, found->rule);
	cluster_unref(was);
	return rc;
}

static int undo_rules(struct commit *commit, uint32_t i)
{
	const struct plan_step *step = &commit->plan->steps[i];
	const struct found *found;

	if (!step->have)
		return change_lower(&step->want->addr);
	found = view_find(&commit->view, &step->have->addr);
	if (commit->done[i].rules)
		return restore_rule(found);
	return commit->done[i].local ? change_local(&step->have->addr, &found->cluster->buckets) : 0;
}

/* Never the address without its rule. What fails here check finds. */
static void undo_step(struct commit *commit, uint32_t i)
{
	const struct plan_step *step = &commit->plan->steps[i];
	struct addr_place place = { commit->done[i].ifindex, &(step->want ? step->want : step->have)->addr,
				    step->want ? step->want->prefix : 0 };
	struct nl *rtnl = &commit->priv->rtnl;
	struct addr_promotion promotion = { 0 };
	struct done *done = &commit->done[i];
	int rc = 0;

	if (step->want)
		rc = addr_undo(rtnl, &place, &promotion, &done->addr);
	if (done->rules || done->local)
		rc |= undo_rules(commit, i);
	if (!step->want)
		rc |= addr_undo(rtnl, &place, &promotion, &done->addr);
	addr_promotion_end(rtnl, &promotion);
	if (rc < 0)
		cip_log(commit->ctx, LOG_WARNING, "not everything could be undone: see what verifying finds");
}

/* The failure is about the step: 0, or rc if there is nothing more to find. */
static int refuse_step(struct commit *commit, uint32_t i, int rc)
{
	const struct plan_step *step = &commit->plan->steps[i];

	return refused_add(commit->ctx, rc, &(step->want ? step->want : step->have)->addr);
}

static int check(struct commit *commit)
{
	uint32_t i, before = commit->ctx->refused_count;
	int rc = view_read_locked(commit->ctx, commit->priv, NULL, &commit->view);

	for (i = 0; rc == 0 && i < commit->plan->count; i++) {
		rc = check_step(commit, i);
		if (rc < 0)
			rc = refuse_step(commit, i, rc);
	}
	return rc < 0 ? rc : refused_since(commit->ctx, before);
}

static int run(struct commit *commit)
{
	uint32_t i;
	int rc;

	rc = check(commit);
	if (rc < 0 || commit->ctx->dry_run)
		return rc;
	for (i = 0; rc == 0 && i < commit->plan->count; i++)
		rc = do_step(commit, i);
	if (rc < 0)
		(void)refuse_step(commit, i - 1, rc);
	while (rc < 0 && i > 0)
		undo_step(commit, --i);
	return rc;
}

int target_commit(struct cip_ctx *ctx, struct target_priv *priv, const struct plan *plan)
{
	struct commit commit = { .ctx = ctx, .priv = priv, .plan = plan };
	int fd, rc;

	commit.done = calloc(plan->count, sizeof(*commit.done));
	if (!commit.done)
		return cip_error_nomem(ctx);
	rc = xtables_lock_take(&fd);
	if (rc < 0) {
		rc = target_failed(ctx, rc, NULL, "taking iptables' lock, /run/xtables.lock");
	} else {
		rc = run(&commit);
		(void)close(fd);
	}
	view_clear(&commit.view);
	free(commit.done);
	return rc;
}
