/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_TARGET_CHANGE_H
#define CIP_TARGET_CHANGE_H

#include "target-view.h"

/*
 * Changes of the kernel, under the lock. Each may have done a part when it fails; that part is always one that
 * change_hold() or change_lower() can follow. All return 0 or a negative errno without a sentence.
 */

/*
 * A rule that drops everything takes the place of all rules about the address, and remembers the cluster. Without a
 * rule it goes where "spot" says.
 */
int change_hold(const struct cip_cluster *cluster, const struct spot *spot);
/* The rule takes the place of its holder, and begins with these local buckets. */
int change_raise(const struct cip_cluster *cluster, const struct ipt_entry *rule);
/* Remove every rule about the address. */
int change_lower(const struct addr *addr);
/* Make the local buckets these: what is added comes before what is removed. */
int change_local(const struct addr *addr, const struct bucketset *want);

#endif
