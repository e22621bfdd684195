/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leak CLIENT NODE TIMES FOREIGN OWN X Y
 *
 * Changes a cluster IP in the namespace NODE between the configurations X and Y (lines in the words of "cipadm create";
 * X is there at the beginning) so many times with cip_modify(), on one CPU, while CLIENT floods it on another from the
 * addresses FOREIGN, whose bucket the node has in neither of them, and OWN, whose bucket it has in both.
 *
 * Prints one line. Exit status 1: a packet from FOREIGN was let in, or none from OWN.
 */
#include <errno.h>
#include <stdio.h>

#include "flood.h"
#include "line.h"
#include "tool.h"

#define TIMES_MAX 100000

static void modify(struct cip_ctx *ctx, struct cip_cluster *const lines[2], uint32_t times, struct flood *flood)
{
	for (uint32_t i = 1; i <= times; i++) {
		errno = 0;
		if (cip_modify(ctx, lines[i % 2]))
			die("change %u: %s", i, cip_get_error(ctx));
		flood_count(flood);
	}
}

int main(int argc, char **argv)
{
	struct cip_cluster *lines[2];
	struct flood_clients clients = { 0 };
	struct flood flood;
	struct cip_ctx *ctx;
	uint32_t times;
	char text[64];

	errno = 0;
	if (argc != 8)
		die("usage: leak CLIENT NODE TIMES FOREIGN OWN X Y");
	times = number(argv[3], TIMES_MAX);
	clients.foreign = address(argv[4]);
	clients.own = address(argv[5]);
	enter_netns(argv[2]);
	if (cip_new(&ctx))
		die("no context");
	for (int i = 0; i < 2; i++)
		lines[i] = line_parse(ctx, argv[6 + i]);
	cip_cluster_get_address(lines[0], text, sizeof(text));
	flood = flood_start(argv[1], argv[2], address(text), &clients);
	run_on_cpu(0);
	modify(ctx, lines, times, &flood);
	flood_stop(&flood);
	for (int i = 0; i < 2; i++)
		cip_cluster_unref(lines[i]);
	cip_unref(ctx);
	printf("%u changes, let in of another bucket %u, of the own %u\n", times, flood.foreign, flood.own);
	return flood.foreign || !flood.own;
}
