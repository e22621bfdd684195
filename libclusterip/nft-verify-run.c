/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <linux/netfilter.h>

#include "error.h"
#include "nft-verify.h"

/* How often what changes meanwhile is given the benefit of the doubt. */
#define DISPUTES 8

/* Does what was read of rules, entries and records belong to the snapshot? Its buckets do in any case. */
static int is_of_snapshot(struct verify *verify)
{
	struct nft_journal *journal = &verify->nft->journal;
	uint32_t generation = verify->snapshot.generation, now, i;
	int rc = nfnl_generation(&verify->nft->nfnl, &now);

	if (rc < 0 || now == generation)
		return rc;
	if (!nft_journal_covers(journal, generation))
		return -EINTR;
	rc = nft_journal_read(journal, &verify->nft->nfnl, &now);
	for (i = 0; rc == 0 && i < journal->count; i++)
		if (nft_entry_is_since(&journal->entries[i], generation) &&
		    !nft_entry_is_slot(&journal->entries[i]))
			rc = -EINTR;
	return rc;
}

static int verify_rest(struct verify *verify)
{
	int rc = verify_shared(verify, NFPROTO_IPV4);

	if (rc == 0)
		rc = verify_shared(verify, NFPROTO_IPV6);
	if (rc == 0)
		rc = verify_clusters(verify);
	return rc < 0 ? rc : is_of_snapshot(verify);
}

/* What takes long is not done again because of what comes and goes meanwhile. */
static int verify_snapshot(struct verify *verify)
{
	uint32_t before;
	int rc = verify_traces(verify), tries;

	if (rc < 0)
		return rc;
	before = verify->report->count;
	rc = verify_rest(verify);
	for (tries = 0; rc == -EINTR && tries < NFT_READ_TRIES; tries++) {
		verify->report->count = before;
		verify->right = NULL;
		rc = nft_query_again(verify->ctx, verify->nft, verify->only, QUERY_PLAN | QUERY_RECORDED,
				     &verify->snapshot);
		if (rc == 0)
			rc = verify_rest(verify);
		else
			break;
	}
	return rc;
}

static int has_fault(const struct cip_report *report, const struct addr *addr)
{
	uint32_t i;

	for (i = 0; i < report->count; i++)
		if (!addr_compare(&report->faults[i].addr, addr))
			return 1;
	return 0;
}

/* Is a fault of what has come, gone or been changed since the devices were read? It may be none. */
static int is_disputed(struct verify *verify, uint32_t begun)
{
	const struct nft_journal *journal = &verify->nft->journal;
	uint32_t i;

	if (!verify->report->count || verify->snapshot.generation == begun)
		return 0;
	if (!nft_journal_covers(journal, begun))
		return 1;
	for (i = 0; i < journal->count; i++)
		if (nft_entry_is_since(&journal->entries[i], begun) && journal->entries[i].addr.family &&
		    !nft_entry_is_slot(&journal->entries[i]) &&
		    has_fault(verify->report, &journal->entries[i].addr))
			return 1;
	return 0;
}

/* Devices first: they take their time, and their changes do not count as the ruleset's. */
static int verify_once(struct verify *verify, int may_dispute)
{
	uint32_t begun = 0;
	int rc = nfnl_generation(&verify->nft->nfnl, &begun);

	if (rc == 0)
		rc = devices_read(&verify->nft->rtnl, &verify->devices);
	if (rc == -EINTR || rc == -ENOBUFS)
		return rc;
	if (rc < 0)
		return nft_failed(verify->ctx, &verify->nft->rtnl, rc, "reading what devices have");
	rc = nft_query(verify->ctx, verify->nft, verify->only, QUERY_PLAN | QUERY_RECORDED, &verify->snapshot);
	if (rc < 0)
		return rc;
	rc = verify_snapshot(verify);
	if (rc == 0 && may_dispute && is_disputed(verify, begun))
		return -EINTR;
	if (rc < 0 && rc != -EINTR && rc != -ENOBUFS)
		rc = nft_failed(verify->ctx, &verify->nft->nfnl.nl, rc,
				"comparing the kernel with what it should be");
	return rc;
}

int nft_verify(struct cip_ctx *ctx, void *priv, const struct addr *only, const struct cip_list *elsewhere,
	       struct cip_report *report)
{
	struct verify verify = {
		.ctx = ctx, .nft = priv, .only = only, .elsewhere = elsewhere, .report = report
	};
	uint32_t before = report->count;
	int rc = -EINTR, tries;

	for (tries = 0; tries < NFT_READ_TRIES && (rc == -EINTR || rc == -ENOBUFS); tries++) {
		backend_wait(tries);
		if (tries)
			nft_journal_open(&verify.nft->journal, &verify.nft->nfnl);
		report->count = before;
		verify.found = 0;
		verify.right = NULL;
		verify.link_name[0] = '\0';
		rc = verify_once(&verify, tries < DISPUTES);
		snapshot_clear(&verify.snapshot);
		devices_clear(&verify.devices);
	}
	if (rc == -EINTR || rc == -ENOBUFS)
		return cip_error(ctx, -EBUSY, CIP_ATTR_NONE,
				 "the ruleset kept changing while it was compared, %d times", tries);
	return rc < 0 || !only || verify.found ? rc : -ENOENT;
}
