/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_BACKEND_H
#define CIP_BACKEND_H

#include "cluster-list.h"
#include "plan.h"
#include "report.h"

#define SNAPSHOT_HAS_TABLE(snapshot, addr_family) ((snapshot)->has_table[(addr_family) == 6])

/* Slots of a cluster IP in a class that a rehash left behind and nobody has swept yet. */
struct retired {
	struct addr addr;
	uint32_t class, total;
};

/* What a backend has read: true as long as the generation stands. */
struct snapshot {
	uint32_t generation;
	struct cip_list *list; /* sorted */
	uint32_t retired_count;
	struct retired *retired;
	int has_table[2]; /* of IPv4, of IPv6 */
	int has_arp;
	int complete; /* every slot was read, */
	int strays;   /* and there were some of nobody */
};

#define QUERY_COUNTERS 1 /* counters too */
#define QUERY_PLAN     2 /* what a plan that is not only about buckets needs: the others' parameters, entries */
#define QUERY_RECORDED 4 /* leave out what has no record */

void snapshot_clear(struct snapshot *snapshot);

/*
 * One way of programming a kernel. The core allocates priv_size zeroed bytes and frees them after close().
 * Verbs return 0 or a negative errno and leave a sentence in the context.
 */
struct backend {
	const char *name;
	size_t priv_size;
	/* -EOPNOTSUPP: the kernel has nothing of it. Loads no module that only a cluster IP would need. */
	int (*open)(struct cip_ctx *ctx, void *priv);
	void (*close)(void *priv);
	/* Read every cluster IP, or only one (the list is then empty or has one). flags: QUERY_* */
	int (*query)(struct cip_ctx *ctx, void *priv, const struct addr *only, uint32_t flags,
		     struct snapshot *ret_snapshot);
	/*
	 * Append what is not as it should be, for every cluster IP or only one. What devices have for those
	 * "elsewhere", a sorted list of what other backends hold, is not to be taken for a trace of this one's.
	 */
	int (*verify)(struct cip_ctx *ctx, void *priv, const struct addr *only,
		      const struct cip_list *elsewhere, struct cip_report *report);
	/*
	 * Could a cluster IP be here as wanted, with every attribute set? Asks the kernel, never its version, and
	 * touches nothing. 0, or -EOPNOTSUPP or -EINVAL with a sentence that says what is missing, or which field
	 * has which limit. Called before a commit that creates, rehashes or repairs.
	 */
	int (*can)(struct cip_ctx *ctx, void *priv, const struct cip_cluster *want);
	/*
	 * Carry out a plan, all or nothing. The snapshot says what it was made from; if the world has moved since:
	 * -ERESTART, and nothing was done. On a dry run of the context it stops before it touches anything.
	 */
	int (*commit)(struct cip_ctx *ctx, void *priv, struct plan *plan, const struct snapshot *snapshot);
	/* Tell the neighbours once where a cluster IP is. 0 or a negative errno, without a sentence. */
	int (*announce)(void *priv, const struct cip_cluster *cluster);
	/* A verb is over: let go of what was kept for its sake. NULL: there is no such thing. */
	void (*rest)(void *priv);
};

extern const struct backend backend_nft;
extern const struct backend backend_clusterip;

/* A backend that is open in a context. */
struct opened {
	const struct backend *backend;
	void *priv;
};

/* The backends there are, in order of preference; NULL behind the last. */
const struct backend *backend_at(size_t index);
/* Is there a backend of that name ("auto" included)? Its name as a constant, or NULL. */
const char *backend_find_name(const char *name);
/* Before trying again what others disturbed: the longer the more often, and not in step with them. */
void backend_wait(int tries);
/* An undo, which is tried whatever it fails with: what is not undone would serve. Others may stand in its way long. */
struct undoing {
	int tries, failures;
};
/* Is it due once more, after a try that ended with rc? Waits before it. */
int backend_undo_again(struct undoing *undoing, int rc);
/* The ruleset's generation after one commit: the kernel never has 0, which means any. */
uint32_t backend_next_generation(uint32_t generation);
/*
 * What a child of fork() has inherited is its parent's: sockets whose answers either of them would take. It closes its
 * copies, and opens its own when it needs them.
 */
void backend_leave_parent(struct cip_ctx *ctx);
/* Open a backend in the context, if it is not open yet. */
int backend_open(struct cip_ctx *ctx, const struct backend *backend, struct opened *ret_opened);
/* The backend of that name, which is open. */
struct opened backend_opened(const struct cip_ctx *ctx, const char *name);
void backend_close_all(struct cip_ctx *ctx);

#endif
