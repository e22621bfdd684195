/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap CLIENT NODE KIND TIMES X Y [OTHER]
 *
 * Changes a cluster IP in the namespace NODE between the configurations X and Y (lines in the words of "cipadm
 * create"; X is there at the beginning) while a stream of packets from CLIENT runs, and finds from the packets
 * how often it really changed. KIND is
 *
 *     buckets   cip_set_buckets()
 *     modify    cip_modify()
 *     split     cip_remove_buckets() and then cip_add_buckets(): not one instant, and the verdict must say so
 *     others    the cluster IP stays at X; OTHER is created and destroyed in turn, and must not disturb it
 *
 * Prints one line and returns 0 if every packet met either X or Y as a whole and the number of switches is TIMES,
 * or 0 for "others".
 * Exit status 3: the machine dropped packets, the run says nothing.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "line.h"
#include "stream.h"
#include "tool.h"

#define ANSWER_US 10000000 /* without any packet let in for that long there is no point in waiting */

static struct progress *progress;
static struct cip_ctx *ctx;

/*
 * Waits until packets that were sent after this moment have been let in: the change that was just made has
 * then been seen, however late the receiving side of the machine is.
 */
static void wait_seen(void)
{
	uint32_t goal = atomic_load(&progress->sent) + 16;
	uint64_t end = now_us() + ANSWER_US;

	while (atomic_load(&progress->last_in) < goal) {
		errno = 0;
		if (now_us() > end)
			die("no packet is let in any more");
		sleep_us(200);
	}
}

static int swap_once(const char *kind, struct cip_cluster *from, struct cip_cluster *to)
{
	char address[64], old[4096], new[4096];
	int ret;

	if (!strcmp(kind, "modify"))
		return cip_modify(ctx, to);
	cip_cluster_get_address(to, address, sizeof(address));
	cip_cluster_get_buckets(to, new, sizeof(new));
	if (!strcmp(kind, "buckets"))
		return cip_set_buckets(ctx, address, NULL, new);
	cip_cluster_get_buckets(from, old, sizeof(old));
	ret = cip_remove_buckets(ctx, address, NULL, old);
	return ret ? ret : cip_add_buckets(ctx, address, NULL, new);
}

static int disturb(struct cip_cluster *other, uint32_t i)
{
	char address[64];

	if (i % 2 == 0)
		return cip_create(ctx, other);
	cip_cluster_get_address(other, address, sizeof(address));
	return cip_destroy(ctx, address, NULL);
}

static void swap_times(const char *kind, uint32_t times, struct cip_cluster *x, struct cip_cluster *y,
		       struct cip_cluster *other)
{
	uint32_t i;
	int ret;

	wait_seen();
	for (i = 0; i < times; i++) {
		if (other)
			ret = disturb(other, i);
		else
			ret = i % 2 ? swap_once(kind, y, x) : swap_once(kind, x, y);
		errno = -ret;
		if (ret)
			die("change %u: %s", i + 1, cip_get_error(ctx));
		wait_seen();
	}
}

static int print_verdict(uint32_t times, const struct verdict *verdict)
{
	printf("sent %u let-in %u switches %u of %u lost %u leaked %u dropped-by-machine %u\n", verdict->sent,
	       verdict->let_in, verdict->switches, times, verdict->lost, verdict->leaked, verdict->dropped);
	if (verdict->dropped)
		return 3;
	return verdict->switches != times || verdict->lost || verdict->leaked;
}

/* Both run in a loop and so each on a CPU of its own: a change then meets packets that are on their way. */
static int run(char **argv, uint32_t times, struct cip_cluster *x, struct cip_cluster *y,
	       struct cip_cluster *other)
{
	pid_t child;

	stream_open(argv[1], argv[2], x, y);
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	child = progress == MAP_FAILED ? -1 : fork();
	if (child < 0)
		die("fork");
	run_on_cpu(child ? 0 : 1);
	if (child)
		return stream_run(progress, child);
	enter_netns(argv[2]);
	swap_times(argv[3], times, x, y, other);
	_exit(0);
}

int main(int argc, char **argv)
{
	struct cip_cluster *x, *y, *other;
	struct verdict verdict;
	uint32_t times;
	int failed;

	errno = 0;
	if (argc != (argc > 3 && !strcmp(argv[3], "others") ? 8 : 7))
		die("usage: swap CLIENT NODE buckets|modify|split|others TIMES X Y [OTHER]");
	if (cip_new(&ctx))
		die("cip_new");
	times = number(argv[4], 1000000);
	x = line_parse(ctx, argv[5]);
	y = line_parse(ctx, argv[6]);
	other = argc == 8 ? line_parse(ctx, argv[7]) : NULL;
	failed = run(argv, times, x, y, other);
	cip_cluster_unref(x);
	cip_cluster_unref(y);
	cip_cluster_unref(other);
	cip_unref(ctx);
	if (failed)
		return 2;
	stream_judge(&verdict);
	return print_verdict(other ? 0 : times, &verdict);
}
