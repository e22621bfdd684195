/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_LOG_H
#define CIP_LOG_H

#include <syslog.h>

#include "ctx.h"

void cip_log_write(struct cip_ctx *ctx, const char *fmt, ...) CIP_PRINTF(2, 3);

/* Tests the priority before anything is formatted. */
#define cip_log(ctx, priority, ...)                                                                            \
	do {                                                                                                   \
		if ((ctx)->log_fd >= 0 && (priority) <= (ctx)->log_priority)                                   \
			cip_log_write((ctx), __VA_ARGS__);                                                     \
	} while (0)

#endif
