/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "api-announce.h"
#include "api.h"
#include "error.h"
#include "log.h"

#define COUNT_MAX    1000
#define INTERVAL_MAX 60000

static void pause_ms(uint32_t ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
}

static int announce(struct cip_ctx *ctx, const struct opened *opened, const struct cip_cluster *cluster)
{
	char label[CLUSTER_LABEL_MAX];
	int rc = opened->backend->announce(opened->priv, cluster);

	if (rc == 0)
		return 0;
	return cip_error(ctx, rc, CIP_ATTR_IFNAME, "%s: announcing: %s", cluster_label(cluster, label),
			 rc == -EPERM ? "not permitted: CAP_NET_RAW is needed" : strerror(-rc));
}

static int is_same(const struct cip_cluster *one, const struct cip_cluster *other)
{
	return !memcmp(one->mac, other->mac, sizeof(one->mac)) && !strcmp(one->ifname, other->ifname);
}

/* 0: it is still what is being announced. Neighbours would believe what has been true before. */
static int wait_and_look(struct cip_ctx *ctx, const struct cip_cluster *cluster, uint32_t interval_ms)
{
	char address[ADDR_TEXT_MAX], label[CLUSTER_LABEL_MAX];
	struct cip_cluster *now;
	int rc;

	pause_ms(interval_ms);
	addr_format(&cluster->addr, address);
	rc = cip_query_one(ctx, address, NULL, &now);
	if (rc < 0)
		return rc;
	if (!is_same(cluster, now))
		rc = cip_error(ctx, -ENOENT, CIP_ATTR_MAC,
			       "%s: it has another cluster MAC or device since it is being announced",
			       cluster_label(cluster, label));
	cluster_unref(now);
	return rc;
}

static int check(struct cip_ctx *ctx, uint32_t count, uint32_t interval_ms)
{
	if (count > COUNT_MAX)
		return cip_error(ctx, -EINVAL, CIP_ATTR_NONE, "count %u is not in 0..%u", count, COUNT_MAX);
	if (interval_ms > INTERVAL_MAX)
		return cip_error(ctx, -EINVAL, CIP_ATTR_NONE, "interval %u is not in 0..%u (milliseconds)",
				 interval_ms, INTERVAL_MAX);
	return 0;
}

CIP_EXPORT int cip_set_announce(struct cip_ctx *ctx, uint32_t count, uint32_t interval_ms)
{
	int rc = check(ctx, count, interval_ms);

	if (rc < 0)
		return rc;
	ctx->announce_count = count;
	ctx->announce_interval = interval_ms;
	return 0;
}

CIP_EXPORT int cip_announce(struct cip_ctx *ctx, const char *address, const char *ifname, uint32_t count,
			    uint32_t interval_ms)
{
	struct cip_cluster *cluster;
	struct opened opened;
	uint32_t i;
	int rc = check(ctx, count, interval_ms);

	if (rc == 0)
		rc = cip_query_one(ctx, address, ifname, &cluster);
	if (rc < 0)
		return rc;
	opened = backend_opened(ctx, cluster->observed.backend);
	for (i = 0; rc == 0 && i < count; i++) {
		if (i)
			rc = wait_and_look(ctx, cluster, interval_ms);
		if (rc == 0)
			rc = announce(ctx, &opened, cluster);
	}
	cluster_unref(cluster);
	return rc;
}

/* now: what there is by now; NULL: it has just been created. Returns how many there were. */
static uint32_t announce_part(struct cip_ctx *ctx, const struct part *part, const struct cip_list *now)
{
	uint32_t i, created = 0;

	for (i = 0; part->done && i < part->done->count; i++) {
		const struct plan_step *step = &part->done->steps[i];
		const struct cip_cluster *there;

		/* where somebody else puts the address on the device, it need not be there yet */
		if (step->op != PLAN_CREATE || step->want->noaddr)
			continue;
		there = now ? list_find(now, &step->want->addr) : step->want;
		if (!there || !is_same(step->want, there))
			continue;
		created++;
		if (announce(ctx, &part->opened, step->want) < 0)
			cip_log(ctx, LOG_WARNING, "%s", ctx->error);
	}
	return created;
}

static uint32_t announce_parts(struct cip_ctx *ctx, const struct parts *parts, const struct cip_list *now)
{
	uint32_t i, created = 0;

	for (i = 0; i < parts->count; i++)
		created += announce_part(ctx, &parts->items[i], now);
	return created;
}

void announce_created(struct cip_ctx *ctx, const struct parts *parts)
{
	struct cip_list *now;
	struct kept_error kept;
	uint32_t round, created = 0;

	kept_error_save(ctx, &kept);
	if (ctx->announce_count)
		created = announce_parts(ctx, parts, NULL);
	for (round = 1; created && round < ctx->announce_count; round++) {
		pause_ms(ctx->announce_interval);
		/* of thousands, one at a time would take longer than the pause */
		if (cip_query(ctx, &now) < 0)
			break;
		created = announce_parts(ctx, parts, now);
		list_unref(now);
	}
	kept_error_restore(ctx, &kept);
}
