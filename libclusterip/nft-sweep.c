/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "nft-commit.h"

/*
 * Wait until no packet can be in the middle of rules that were replaced. membarrier(GLOBAL) waits for an RCU
 * grace period, and packets pass the rules inside RCU read-side sections.
 */
static void wait_for_packets(void)
{
	/* where membarrier is refused (nohz_full): longer than a CPU stays with one packet */
	static const struct timespec long_enough = { 0, 200000000 };

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		(void)nanosleep(&long_enough, NULL);
}

/* What cannot be swept now is swept by a later change: nobody looks at it. */
static void sweep_left_behind(struct commit *commit)
{
	const struct snapshot *snapshot = commit->snapshot;
	uint32_t i;

	for (i = 0; i < snapshot->retired_count; i++)
		(void)nft_batch_sweep(&commit->nft->nfnl, &snapshot->retired[i]);
}

void commit_sweep_left_behind(struct commit *commit)
{
	wait_for_packets();
	sweep_left_behind(commit);
}

void commit_sweep(struct commit *commit)
{
	uint32_t i, rehashed = 0;

	for (i = 0; i < commit->plan->count; i++)
		rehashed += commit->plan->steps[i].op == PLAN_REHASH;
	if (!rehashed && !commit->snapshot->retired_count)
		return;
	wait_for_packets();
	sweep_left_behind(commit);
	for (i = 0; i < commit->plan->count; i++) {
		const struct cip_cluster *have = commit->plan->steps[i].have;
		struct retired retired;

		if (commit->plan->steps[i].op != PLAN_REHASH)
			continue;
		retired = (struct retired){ have->addr, have->observed.class, have->total };
		(void)nft_batch_sweep(&commit->nft->nfnl, &retired);
	}
}
