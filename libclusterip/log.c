/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "log.h"

void cip_log_write(struct cip_ctx *ctx, const char *fmt, ...)
{
	char line[640];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	if ((size_t)len >= sizeof(line) - 1)
		len = (int)sizeof(line) - 2;
	line[len++] = '\n';
	/* one write, so that lines of several processes do not mix; a log that cannot be written is no error */
	if (write(ctx->log_fd, line, (size_t)len) < 0)
		return;
}
