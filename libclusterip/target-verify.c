/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "target-view.h"
#include "wire-devices.h"
#include "wire-procfs.h"

/* Tries to read the addresses of devices while others change them. */
#define TRIES 64

struct verify {
	struct cip_ctx *ctx;
	struct target_priv *priv;
	const struct addr *only;
	struct view view;
	struct devices devices;
	struct cip_report *report;
	int found;
};

static int add(struct verify *verify, const struct found *found, uint32_t kind, const char *text)
{
	return report_add(verify->report, kind, &found->cluster->addr, "%s", text);
}

static int verify_rules(struct verify *verify, const struct found *found)
{
	int rc = 0;

	if (found->holders && !found->rules)
		return add(verify, found, CIP_FAULT_RULE,
			   "a change was interrupted: its rule is gone, and all its packets are dropped");
	if (found->holders)
		rc = add(verify, found, CIP_FAULT_RULE,
			 "a change was interrupted: a rule before its own drops all its packets");
	if (rc == 0 && found->differ)
		rc = add(verify, found, CIP_FAULT_RULE,
			 "it has several rules with different parameters, and the kernel obeys one of them");
	else if (rc == 0 && found->rules > 1)
		rc = report_add(verify->report, CIP_FAULT_RULE, &found->cluster->addr, "it has %u rules",
				found->rules);
	if (rc == 0 && !found->is_reached)
		rc = add(verify, found, CIP_FAULT_DISPATCH,
			 "no packet gets to its rule: nothing leads from chain INPUT to the rule's chain");
	return rc;
}

/* The rule says what the local buckets can be. */
static int verify_local(struct verify *verify, const struct found *found)
{
	struct bucketset all = bucketset_first(found->cluster->total), beyond;
	char path[PROCFS_PATH_MAX], text[BUCKETSET_TEXT_MAX];

	procfs_path(&found->cluster->addr, path);
	if (found->local_rc < 0)
		return report_add(verify->report, CIP_FAULT_BUCKET, &found->cluster->addr, "%s is %s", path,
				  found->local_rc == -ENOENT ? "missing" : "not readable");
	beyond = bucketset_minus(&found->cluster->buckets, &all);
	if (bucketset_empty(&beyond))
		return 0;
	(void)bucketset_format(&beyond, text, sizeof(text));
	return report_add(
		verify->report, CIP_FAULT_RULE, &found->cluster->addr,
		"its rule was exchanged, which the kernel does not heed: buckets %.64s are local, but "
		"the rule says total %u",
		text, found->cluster->total);
}

static int verify_mac(struct verify *verify, const struct cip_cluster *cluster, uint32_t ifindex)
{
	char mac[MAC_TEXT_MAX];
	int rc, has = 0;

	rc = rtnl_mac_has(&verify->priv->rtnl, ifindex, cluster->mac, &has);
	if (rc < 0 || has)
		return rc == -EOPNOTSUPP ? 0 : rc;
	mac_format(cluster->mac, mac);
	return report_add(verify->report, CIP_FAULT_MAC, &cluster->addr,
			  "dev %s does not receive the cluster MAC %s", cluster->ifname, mac);
}

/* A rule of others does not say which prefix length is right: any is, and several are. */
static int verify_addr(struct verify *verify, const struct found *found, uint32_t ifindex)
{
	const struct cip_cluster *cluster = found->cluster;
	struct addr_place place = { ifindex, &cluster->addr, cluster->prefix };
	const struct addr_entry *entries;
	char fault[DEVICES_FAULT_MAX] = "does not have the address";

	if (cluster->noaddr)
		return 0;
	if (found->record != TARGET_FOREIGN)
		(void)devices_judge_addr(&verify->devices, &place, fault);
	else if (devices_find_addr(&verify->devices, ifindex, place.addr, &entries))
		return 0;
	return *fault ? report_add(verify->report, CIP_FAULT_ADDRESS, &cluster->addr, "dev %s %s",
				   cluster->ifname, fault)
		      : 0;
}

static int verify_device(struct verify *verify, const struct found *found)
{
	const struct cip_cluster *cluster = found->cluster;
	struct rtnl_link link;
	int rc;

	rc = rtnl_link_get(&verify->priv->rtnl, cluster->ifname, &link);
	if (rc == -ENODEV)
		return report_add(verify->report, CIP_FAULT_DEVICE, &cluster->addr,
				  "dev %s does not exist: was it renamed or removed?", cluster->ifname);
	if (rc == 0 && !link.up)
		rc = report_add_down(verify->report, cluster);
	if (rc == 0 && found->rules)
		rc = verify_mac(verify, cluster, link.index);
	return rc < 0 ? rc : verify_addr(verify, found, link.index);
}

static int verify_found(struct verify *verify, const struct found *found)
{
	int rc;

	verify->found = 1;
	rc = verify_rules(verify, found);
	if (rc == 0)
		rc = verify_local(verify, found);
	if (rc == 0)
		rc = verify_device(verify, found);
	if (rc == -ENOMEM)
		return cip_error_nomem(verify->ctx);
	return rc < 0 ? target_rtnl_failed(verify->ctx, verify->priv, rc, found->cluster,
					   "comparing the device with what it should have")
		      : 0;
}

/* A file without a rule in the table filter: the rule is in another table. */
static int verify_file(const struct addr *addr, void *data)
{
	struct verify *verify = data;

	if ((verify->only && addr_compare(verify->only, addr)) || view_find(&verify->view, addr))
		return 0;
	verify->found = 1;
	return report_add(verify->report, CIP_FAULT_RULE, addr,
			  "it has no rule in the table filter, but one in another table");
}

static int verify_all(struct verify *verify)
{
	uint32_t i;
	int rc = 0, tries;

	if (verify->view.count)
		rc = devices_read_addrs(&verify->priv->rtnl, 4, &verify->devices);
	for (tries = 1; tries < TRIES && (rc == -EINTR || rc == -ENOBUFS); tries++) {
		devices_clear(&verify->devices);
		rc = devices_read_addrs(&verify->priv->rtnl, 4, &verify->devices);
	}
	if (rc < 0)
		return target_rtnl_failed(verify->ctx, verify->priv, rc, verify->view.items[0].cluster,
					  "reading the addresses of devices");
	for (i = 0; rc == 0 && i < verify->view.count; i++)
		rc = verify_found(verify, &verify->view.items[i]);
	return rc;
}

int target_verify(struct cip_ctx *ctx, struct target_priv *priv, const struct addr *only,
		  struct cip_report *report)
{
	struct verify verify = { .ctx = ctx, .priv = priv, .only = only, .report = report };
	int rc;

	rc = view_read(ctx, priv, only, &verify.view);
	if (rc < 0)
		return rc;
	rc = verify_all(&verify);
	if (rc == 0) {
		rc = procfs_each(verify_file, &verify);
		if (rc < 0)
			rc = target_failed(ctx, rc, NULL, "reading /proc/net/ipt_CLUSTERIP");
	}
	view_clear(&verify.view);
	devices_clear(&verify.devices);
	return rc == 0 && only && !verify.found ? -ENOENT : rc;
}
