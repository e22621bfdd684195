/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * again NETNS TIMES
 *
 * Reads all cluster IPs so many times in one context, and prints a line for each time: how many there are, or the sentence
 * that says why they cannot be read.
 */
#include <errno.h>
#include <stdio.h>

#include <clusterip/clusterip.h>

#include "tool.h"

int main(int argc, char **argv)
{
	struct cip_list *list;
	struct cip_ctx *ctx;
	uint32_t times;

	errno = 0;
	if (argc != 3)
		die("usage: again NETNS TIMES");
	enter_netns(argv[1]);
	if (cip_new(&ctx))
		die("cip_new");
	for (times = number(argv[2], 1000); times; times--) {
		if (cip_query(ctx, &list)) {
			puts(cip_get_error(ctx));
			continue;
		}
		printf("%u\n", cip_list_count(list));
		cip_list_unref(list);
	}
	cip_unref(ctx);
	return 0;
}
