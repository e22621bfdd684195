/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "report.h"

int report_new(struct cip_ctx *ctx, struct cip_report **ret_report)
{
	struct cip_report *report = calloc(1, sizeof(*report));

	if (!report)
		return cip_error_nomem(ctx);
	report->refcount = 1;
	*ret_report = report;
	return 0;
}

struct cip_report *report_unref(struct cip_report *report)
{
	if (!report || --report->refcount > 0)
		return NULL;
	free(report->faults);
	free(report);
	return NULL;
}

static struct fault *append(struct cip_report *report)
{
	uint32_t space = report->space ? report->space * 2 : 8;
	struct fault *faults;

	if (report->count == report->space) {
		faults = realloc(report->faults, space * sizeof(*faults));
		if (!faults)
			return NULL;
		report->faults = faults;
		report->space = space;
	}
	return memset(&report->faults[report->count++], 0, sizeof(*report->faults));
}

static int add(struct cip_report *report, const struct fault *kind, const char *fmt, va_list ap)
	CIP_PRINTF(3, 0);
static int add(struct cip_report *report, const struct fault *kind, const char *fmt, va_list ap)
{
	struct fault *fault = append(report);

	if (!fault)
		return -ENOMEM;
	*fault = *kind;
	if (fault->addr.family)
		addr_format(&fault->addr, fault->address);
	vsnprintf(fault->text, sizeof(fault->text), fmt, ap);
	return 0;
}

int report_add(struct cip_report *report, uint32_t kind, const struct addr *addr, const char *fmt, ...)
{
	struct fault fault = { .kind = kind };
	va_list ap;
	int rc;

	if (addr)
		fault.addr = *addr;
	va_start(ap, fmt);
	rc = add(report, &fault, fmt, ap);
	va_end(ap);
	return rc;
}

int report_add_outside(struct cip_report *report, uint32_t kind, const struct addr *addr, const char *fmt, ...)
{
	struct fault fault = { .kind = kind, .addr = *addr, .outside = 1 };
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = add(report, &fault, fmt, ap);
	va_end(ap);
	return rc;
}
