/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "nft.h"
#include "nft-query.h"

/* When more than that has changed, it is quicker to read everything anew. */
#define ANEW_MAX 1024

static int by_address(const void *a, const void *b)
{
	return addr_compare(a, b);
}

/* Does an entry spoil what is read, whatever it is about? */
static int spoils(const struct query *query, const struct nft_entry *entry)
{
	if (entry->holds)
		return 1;
	return query->flags & QUERY_PLAN && entry->set && !strcmp(entry->set, NFT_RETIRED);
}

/* Is it about something that is read? */
static int concerns(const struct query *query, const struct nft_entry *entry)
{
	if (!entry->addr.family)
		return 0;
	if (!query->only || !addr_compare(query->only, &entry->addr))
		return 1;
	return query->flags & QUERY_PLAN && !nft_entry_is_slot(entry);
}

/* The addresses that entries of the journal are about, in order. Returns how many, or -EINTR: everything may be. */
static int find_changed(const struct query *query, uint32_t from, uint32_t until, struct addr addrs[ANEW_MAX])
{
	const struct nft_entry *entries = query->nft->journal.entries;
	uint32_t i;
	int count = 0, j, kept = 0;

	for (i = from; i < until; i++) {
		if (spoils(query, &entries[i]))
			return -EINTR;
		if (!concerns(query, &entries[i]))
			continue;
		if (count == ANEW_MAX)
			return -EINTR;
		addrs[count++] = entries[i].addr;
	}
	qsort(addrs, (size_t)count, sizeof(addrs[0]), by_address);
	for (j = 0; j < count; j++)
		if (!kept || addr_compare(&addrs[kept - 1], &addrs[j]))
			addrs[kept++] = addrs[j];
	return kept;
}

static int catch_up(struct query *query, uint32_t from, uint32_t until)
{
	struct addr addrs[ANEW_MAX] = { 0 };
	int count = find_changed(query, from, until, addrs), i, rc = count < 0 ? count : 0;

	for (i = 0; rc == 0 && i < count; i++)
		rc = query_anew(query, &addrs[i]);
	return rc;
}

/* Read again what has changed until nothing has: then all of it is of one generation, the last. */
static int settle(struct query *query, uint32_t from)
{
	struct nft_journal *journal = &query->nft->journal;
	uint32_t begun = query->snapshot.generation, until;
	int rc, tries;

	for (tries = 0; tries < NFT_READ_TRIES; tries++) {
		rc = nft_journal_read(journal, query->nfnl, &query->snapshot.generation);
		until = journal->count;
		if (rc == 0 && !nft_journal_covers(journal, begun))
			return -EINTR;
		if (rc < 0 || from == until)
			return rc;
		rc = catch_up(query, from, until);
		if (rc < 0)
			return rc;
		from = until;
	}
	return -EINTR;
}

static int compare_generation(struct query *query)
{
	uint32_t after;
	int rc = nfnl_generation(query->nfnl, &after);

	return rc == 0 && after != query->snapshot.generation ? -EINTR : rc;
}

static int begin(struct query *query)
{
	int rc = list_new(query->ctx, &query->snapshot.list);

	query->snapshot.complete = !query->only;
	if (rc < 0)
		return rc;
	if (nft_journal_is_open(&query->nft->journal))
		return nft_journal_read(&query->nft->journal, query->nfnl, &query->snapshot.generation);
	return nfnl_generation(query->nfnl, &query->snapshot.generation);
}

static int read_once(struct query *query)
{
	int rc = begin(query);
	uint32_t from = query->nft->journal.count;

	if (rc == 0)
		rc = query_records(query);
	if (rc == 0)
		rc = query_rest(query);
	if (rc == 0)
		rc = nft_journal_is_open(&query->nft->journal) ? settle(query, from)
							       : compare_generation(query);
	if (rc == 0 && query->flags & QUERY_COUNTERS)
		rc = query_foreign(query);
	if (rc < 0)
		snapshot_clear(&query->snapshot);
	return rc;
}

int nft_query(struct cip_ctx *ctx, void *priv, const struct addr *only, uint32_t flags,
	      struct snapshot *ret_snapshot)
{
	struct nft_priv *nft = priv;
	struct query query = { .ctx = ctx, .nft = nft, .nfnl = &nft->nfnl, .only = only, .flags = flags };
	int rc = -EINTR, tries;

	/* -EINTR: somebody changed the ruleset meanwhile; -ENOBUFS: answers were lost */
	for (tries = 0; tries < NFT_READ_TRIES && (rc == -EINTR || rc == -ENOBUFS); tries++) {
		backend_wait(tries);
		if (tries)
			nft_journal_open(&nft->journal, &nft->nfnl);
		rc = read_once(&query);
	}
	if (rc == -EINTR || rc == -ENOBUFS)
		return cip_error(ctx, -EBUSY, CIP_ATTR_NONE,
				 "the ruleset kept changing while it was read, %d times", tries);
	if (rc == -EPROTONOSUPPORT)
		return rc; /* a record, which has left its own sentence */
	if (rc < 0)
		return nft_failed(ctx, &nft->nfnl.nl, rc, "reading the ruleset");
	if (query.snapshot.list->count && CLUSTER_HAS(query.snapshot.list->items[0], CIP_ATTR_TOTAL))
		*nft_able(nft, query.snapshot.list->items[0]) = 1;
	*ret_snapshot = query.snapshot;
	return 0;
}

int nft_query_again(struct cip_ctx *ctx, struct nft_priv *nft, const struct addr *only, uint32_t flags,
		    struct snapshot *snapshot)
{
	struct query query = {
		.ctx = ctx, .nft = nft, .nfnl = &nft->nfnl, .only = only, .flags = flags, .snapshot = *snapshot
	};
	const struct nft_journal *journal = &nft->journal;
	uint32_t from = 0;
	int rc;

	while (from < journal->count && from < journal->told &&
	       !nft_entry_is_since(&journal->entries[from], snapshot->generation))
		from++;
	rc = nft_journal_covers(journal, snapshot->generation) ? settle(&query, from) : -EINTR;
	*snapshot = query.snapshot;
	return rc;
}
