/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch: says what anybody does to cluster IPs, and what is wrong with them then, until it is stopped */
#include <clusterip/clusterip.h>
#include <poll.h>
#include <stdio.h>

static int report(struct cip_ctx *ctx)
{
	struct cip_report *report;
	int err = cip_verify(ctx, NULL, NULL, &report);

	if (err < 0)
		return err;
	for (uint32_t i = 0; i < cip_report_count(report); i++)
		printf("  %s %s\n", cip_report_get_address(report, i), cip_report_get_text(report, i));
	cip_report_unref(report);
	return 0;
}

static int watch(struct cip_ctx *ctx, struct cip_monitor *monitor)
{
	struct pollfd fd = { .fd = cip_monitor_get_fd(monitor), .events = POLLIN };
	int err;

	puts("watching");
	do {
		fflush(stdout);
		if (poll(&fd, 1, -1) < 0)
			return 0;
		while ((err = cip_monitor_next(monitor)) > 0)
			puts(cip_monitor_get_text(monitor));
		if (err == 0)
			err = report(ctx);
	} while (err == 0);
	return err;
}

int main(void)
{
	struct cip_ctx *ctx;
	struct cip_monitor *monitor;
	int err;

	if (cip_new(&ctx) < 0)
		return 1;
	err = cip_monitor_new(ctx, &monitor);
	if (err == 0) {
		err = watch(ctx, monitor);
		cip_monitor_unref(monitor);
	}
	if (err < 0)
		fprintf(stderr, "%s\n", cip_get_error(ctx));
	cip_unref(ctx);
	return err < 0;
}
