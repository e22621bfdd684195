/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packets per second, from counters of two samples */
#include "watch.h"

#include <math.h>

static bool same_address(struct cip_cluster *a, struct cip_cluster *b)
{
	return !(cip_cluster_compare(a, b) & 1 << CIP_ATTR_ADDRESS);
}

struct change change_of(const struct sample *now, const struct sample *before, uint32_t index)
{
	struct change change = { .now = cip_list_get(now->list, index) };
	char address[46];

	if (!before->list)
		return change;
	change.seconds = now->seconds - before->seconds;
	change.before = cip_list_get(before->list, index);
	/* the same place in the list, unless one came or went */
	if (!change.before || !same_address(change.now, change.before))
		change.before = cip_cluster_get_address(change.now, address, sizeof(address))
					? NULL
					: cip_list_find(before->list, address);
	return change;
}

/* a counter that is new, or smaller than before, has begun at 0 in between */
static double rate(const struct change *change, uint64_t now, uint64_t before)
{
	return change->seconds > 0 ? (double)(now < before ? now : now - before) / change->seconds : NAN;
}

double bucket_rate(const struct change *change, uint32_t bucket)
{
	uint64_t now, before, bytes;

	if (cip_cluster_get_bucket_counters(change->now, bucket, &now, &bytes))
		return NAN;
	if (!change->before || cip_cluster_get_bucket_counters(change->before, bucket, &before, &bytes))
		before = 0;
	return rate(change, now, before);
}

double foreign_rate(const struct change *change)
{
	uint64_t now, before, bytes;

	if (cip_cluster_get_foreign_counters(change->now, &now, &bytes))
		return NAN;
	if (!change->before || cip_cluster_get_foreign_counters(change->before, &before, &bytes))
		before = 0;
	return rate(change, now, before);
}
