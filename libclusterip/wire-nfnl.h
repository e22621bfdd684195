/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_NFNL_H
#define CIP_WIRE_NFNL_H

#include "wire-nl.h"

/* What one message of a batch does, for the sentence when the kernel refuses it. */
struct nfnl_note {
	uint32_t seq;
	const char *what;  /* lives as long as the library */
	const void *about; /* the caller's, may be NULL */
};

/* nf_tables over one socket, with one batch and one run of requests under construction. */
struct nfnl {
	struct nl nl;
	char *data;
	size_t len, space;
	uint32_t count, note_space;
	struct nfnl_note *notes;
	struct nlmsghdr *last;
	struct nlattr *list; /* the elements of the message under construction */
	uint32_t batch_last; /* sequence number of the last message of a batch before its end */
};

int nfnl_open(struct nfnl *nfnl);
/* Open a socket beside it, in the same network namespace, that the kernel tells of all commits. */
int nfnl_listen(const struct nfnl *nfnl, struct nl *ret_listener);
void nfnl_close(struct nfnl *nfnl);

/*
 * The ruleset's generation: it moves with every commit by anybody in the network namespace. What is under construction
 * stays.
 */
int nfnl_generation(struct nfnl *nfnl, uint32_t *ret_generation);

/*
 * Building: begin, then for each message next, fill the payload, done. nfnl_next() gives NULL when out of memory.
 * A message may take up to NFNL_MESSAGE_MAX bytes.
 */
#define NFNL_MESSAGE_MAX 49152
int nfnl_begin_batch(struct nfnl *nfnl, uint32_t generation);
void nfnl_begin_requests(struct nfnl *nfnl);
struct nlmsghdr *nfnl_next(struct nfnl *nfnl, uint16_t type, uint8_t family, uint16_t flags, const char *what,
			   const void *about);
void nfnl_done(struct nfnl *nfnl);

/*
 * A message that adds or deletes elements that are a key alone, written straight into the batch: moving a bucket is what
 * must be quick. 0 or -ENOMEM.
 */
struct nfnl_elems {
	const char *table, *set;
	uint8_t family;
	int adding;
};
int nfnl_elems_begin(struct nfnl *nfnl, const struct nfnl_elems *elems, const char *what, const void *about);
void nfnl_elems_add(struct nfnl *nfnl, const void *key, size_t len);
void nfnl_elems_end(struct nfnl *nfnl);

/*
 * Commit the batch. Returns 0; -ERESTART: the generation has moved, nothing was done; -ENOBUFS: the answer was
 * lost, it may have been done; else what the kernel answered, and which message it refused (NULL: the whole).
 */
int nfnl_commit(struct nfnl *nfnl, const struct nfnl_note **ret_refused);
/* The batch that was refused once more, on the condition of another generation; returns as nfnl_commit(). */
int nfnl_commit_again(struct nfnl *nfnl, uint32_t generation, const struct nfnl_note **ret_refused);
/*
 * The same, but have the kernel only check whether it could: it puts everything back when it has seen the last message.
 */
int nfnl_check(struct nfnl *nfnl, const struct nfnl_note **ret_refused);
/* Send the requests, each answered by one message; see nl_pipeline(). */
int nfnl_fetch(struct nfnl *nfnl, nl_cb cb, void *data);
/* Send the last message built, a dump, and take all its answers; see nl_request(). */
int nfnl_dump(struct nfnl *nfnl, nl_cb cb, void *data);

#endif
