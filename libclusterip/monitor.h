/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_MONITOR_H
#define CIP_MONITOR_H

#include "ctx.h"
#include "wire-watch.h"

/* What the kernel tells, and what of it is about cluster IPs. */
struct cip_monitor {
	struct refcount refcount;
	struct cip_ctx *ctx;
	pid_t maker; /* the process that has made it */
	struct watch watch;
	struct nl nl;	      /* asks for names of devices */
	int touched, deleted; /* by the transaction whose messages are being read */
	/* the last event */
	uint32_t event;
	uint32_t pid;
	char process[64];
	char address[ADDR_TEXT_MAX];
	char ifname[16];
	char text[160];
};

int monitor_new(struct cip_ctx *ctx, struct cip_monitor **ret_monitor);
struct cip_monitor *monitor_unref(struct cip_monitor *monitor);
/* 1: there is an event, 0: there is none now, or a negative errno. */
int monitor_next(struct cip_monitor *monitor);

#endif
