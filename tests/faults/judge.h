/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef JUDGE_H
#define JUDGE_H

#include "inject.h"
#include "verbs.h"

/*
 * What a verb under faults must keep to.
 *
 * It succeeds, and then the kernel is as without faults, or it fails, with a sentence, and then the kernel is as before. In
 * either case nothing is leaked, and the next call works. An allocation that fails is -ENOMEM; what a verb must get over, it
 * gets over.
 *
 * A verb whose undoing is refused may leave a part, which the next call completes: what is left either is named by
 * cip_verify(), or it does no harm: received MACs, chains that nothing leads to. It never is an address without its rules.
 * That goes for the second fault of two if the first has made the verb fail, and for faults that stay. A fault that passes
 * (an answer that was lost, somebody else's commit) is no refusal.
 */

struct verdict {
	int rc;
	int met; /* all faults of the script had their occasion */
	int wrong;
};

/* The states and answers of a scenario without faults; false, and a line, if they are not as they should be. */
int judge_begin(const struct scenario *scenario);

/* first: how the verb ended under the first of two faults alone; tells: prints what has become of the kernel. */
struct verdict judge(const struct script *script, int first, int tells);

/* The moments of the verb without faults. */
unsigned int judge_count(void);
const uint8_t *judge_trace(void);
/* Those of the verb under the script that was judged last. */
unsigned int judge_last_count(void);
const uint8_t *judge_last_trace(void);

#endif
