/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_JOURNAL_H
#define CIP_NFT_JOURNAL_H

#include "plan.h"
#include "wire-nfnl.h"

/*
 * What commits change in the library's tables, as the kernel tells it. Where others commit more often than everything can
 * be read, that the generation has moved says too little: the journal says whether it matters.
 */

/* One change. */
struct nft_entry {
	uint32_t generation; /* that it led to */
	uint8_t family;	     /* NFPROTO_* */
	int gone;
	const char *set;  /* of which it is an element; NULL: a table, set, chain or rule */
	int holds;	  /* a table that came or went, or a set that went: and what it has with it */
	struct addr addr; /* that the element is about; family 0: none */
};

struct nft_journal {
	struct nl nl;	      /* no socket: closed */
	uint32_t first, last; /* it has the commits behind the first of these generations, up to the last */
	uint32_t count, space, told; /* "told" of the entries belong to commits that are over */
	struct nft_entry *entries;
};

/* Begin to keep it, if it is not kept yet. Where that is not possible everything is as without. */
void nft_journal_open(struct nft_journal *journal, struct nfnl *nfnl);
void nft_journal_close(struct nft_journal *journal, struct nfnl *nfnl);
int nft_journal_is_open(const struct nft_journal *journal);
/* Take down what has happened by now, and say which generation that is. 0, -EINTR: some of it was lost, or errno. */
int nft_journal_read(struct nft_journal *journal, struct nfnl *nfnl, uint32_t *ret_generation);
/*
 * Was an element removed from a set, by an entry behind the first "from"? 1, 0, -EINTR: that was lost, or errno; 0 where no
 * journal is kept.
 */
int nft_journal_took(struct nft_journal *journal, struct nfnl *nfnl, uint32_t from, uint8_t family,
		     const char *set);
/* Does it tell all that happened since a generation? */
int nft_journal_covers(const struct nft_journal *journal, uint32_t generation);
/* Is an entry about the buckets of one cluster IP, and nothing else? */
int nft_entry_is_slot(const struct nft_entry *entry);
/* Is an entry behind the generation? */
int nft_entry_is_since(const struct nft_entry *entry, uint32_t generation);

/*
 * Commit the batch; if it is refused because the generation has moved, look whether anything has changed since that one
 * which matters to the plan, and commit it again if not. *generation becomes the one that it builds upon. Returns as
 * nfnl_commit().
 */
int nft_journal_commit(struct nft_journal *journal, struct nfnl *nfnl, const struct plan *plan,
		       uint32_t *generation, const struct nfnl_note **ret_refused);

#endif
