/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contend NETNS ADDRESS WORKERS TIMES
 *
 * So many processes add and remove buckets of one cluster IP at the same time, each TIMES changes and each its own
 * buckets (bucket b belongs to worker b mod WORKERS). A worker knows which of its buckets must be local, and asks
 * the kernel now and then; in the end all of them are compared.
 *
 *     changes N busy N lost N
 *
 * busy: changes that were refused with -EBUSY and made again. Returns 0 if no update was lost.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clusterip/clusterip.h>

#include "tool.h"

#define CHECK_EVERY 20

struct shared {
	atomic_uint changes, busy, lost;
	uint8_t local[CIP_TOTAL_NODES_MAX + 1];
};

static struct shared *shared;
static const char *target;
static uint32_t workers, total;

static struct cip_cluster *query(struct cip_ctx *ctx)
{
	struct cip_cluster *cluster;
	int ret = cip_query_one(ctx, target, NULL, &cluster);

	errno = -ret;
	if (ret)
		die("query: %s", cip_get_error(ctx));
	return cluster;
}

/* Compares the buckets of one worker. */
static void compare(struct cip_ctx *ctx, uint32_t worker)
{
	struct cip_cluster *cluster = query(ctx);
	uint32_t bucket;

	for (bucket = 1; bucket <= total; bucket++) {
		if (bucket % workers != worker ||
		    cip_cluster_has_bucket(cluster, bucket) == shared->local[bucket])
			continue;
		fprintf(stderr, "bucket %u is %slocal, it was %s last\n", bucket,
			shared->local[bucket] ? "not " : "", shared->local[bucket] ? "added" : "removed");
		atomic_fetch_add(&shared->lost, 1);
	}
	cip_cluster_unref(cluster);
}

static void change(struct cip_ctx *ctx, uint32_t bucket)
{
	char text[16];
	int ret;

	snprintf(text, sizeof(text), "%u", bucket);
	do {
		ret = shared->local[bucket] ? cip_remove_buckets(ctx, target, NULL, text)
					    : cip_add_buckets(ctx, target, NULL, text);
		if (ret == -EBUSY)
			atomic_fetch_add(&shared->busy, 1);
	} while (ret == -EBUSY);
	errno = -ret;
	if (ret)
		die("bucket %u: %s", bucket, cip_get_error(ctx));
	shared->local[bucket] ^= 1;
	atomic_fetch_add(&shared->changes, 1);
}

static _Noreturn void work(uint32_t worker, uint32_t times)
{
	uint64_t random = worker;
	struct cip_ctx *ctx;
	uint32_t i, bucket;

	if (cip_new(&ctx))
		die("cip_new");
	for (i = 1; i <= times; i++) {
		do
			bucket = 1 + random_u32(&random) % total;
		while (bucket % workers != worker);
		change(ctx, bucket);
		if (i % CHECK_EVERY == 0)
			compare(ctx, worker);
	}
	cip_unref(ctx);
	_exit(0);
}

static void read_start(struct cip_ctx *ctx)
{
	struct cip_cluster *cluster = query(ctx);
	uint32_t bucket;

	total = cip_cluster_get_total_nodes(cluster);
	if (total < workers)
		die("fewer buckets than workers");
	for (bucket = 1; bucket <= total; bucket++)
		shared->local[bucket] = (uint8_t)cip_cluster_has_bucket(cluster, bucket);
	cip_cluster_unref(cluster);
}

static int start(uint32_t times)
{
	int status, failed = 0;
	uint32_t worker;

	for (worker = 0; worker < workers; worker++) {
		pid_t child = fork();

		if (child < 0)
			die("fork");
		if (child == 0)
			work(worker, times);
	}
	while (wait(&status) > 0)
		failed |= status;
	return failed;
}

int main(int argc, char **argv)
{
	struct cip_ctx *ctx;
	uint32_t worker;
	int failed;

	errno = 0;
	if (argc != 5)
		die("usage: contend NETNS ADDRESS WORKERS TIMES");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || cip_new(&ctx))
		die("no memory");
	target = argv[2];
	workers = number(argv[3], 64);
	enter_netns(argv[1]);
	read_start(ctx);
	failed = start(number(argv[4], 1000000));
	for (worker = 0; worker < workers; worker++)
		compare(ctx, worker);
	cip_unref(ctx);
	printf("changes %u busy %u lost %u\n", shared->changes, shared->busy, shared->lost);
	return failed || shared->lost;
}
