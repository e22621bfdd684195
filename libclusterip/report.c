/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "report.h"
#include "text.h"

int report_new(struct cip_ctx *ctx, struct cip_report **ret_report)
{
	struct cip_report *report = calloc(1, sizeof(*report));

	if (!report)
		return cip_error_nomem(ctx);
	refcount_init(&report->refcount);
	*ret_report = report;
	return 0;
}

struct cip_report *report_unref(struct cip_report *report)
{
	if (!report || !refcount_drop(&report->refcount))
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

int report_add(struct cip_report *report, uint32_t kind, const struct addr *addr, const char *fmt, ...)
{
	struct fault *fault = append(report);
	va_list ap;

	if (!fault)
		return -ENOMEM;
	fault->kind = kind;
	fault->family = addr ? addr->family : report->sharing;
	if (addr) {
		fault->addr = *addr;
		addr_format(addr, fault->address);
	}
	va_start(ap, fmt);
	vsnprintf(fault->text, sizeof(fault->text), fmt, ap);
	va_end(ap);
	text_clean(fault->text);
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct fault *one = a, *other = b;
	int order = addr_compare(&one->addr, &other->addr);

	if (order == 0)
		order = one->family - other->family;
	if (order == 0 && one->kind != other->kind)
		order = one->kind < other->kind ? -1 : 1;
	return order ? order : strcmp(one->text, other->text);
}

void report_sort(struct cip_report *report)
{
	struct fault *faults = report->faults;
	uint32_t i, kept = 0;

	if (report->count)
		qsort(faults, report->count, sizeof(faults[0]), by_address);
	for (i = 0; i < report->count; i++)
		if (i == 0 || by_address(&faults[kept - 1], &faults[i]))
			faults[kept++] = faults[i];
	report->count = kept;
}

int report_add_down(struct cip_report *report, const struct cip_cluster *cluster)
{
	int rc = report_add(report, CIP_FAULT_DEVICE, &cluster->addr, "dev %s is down", cluster->ifname);

	if (rc == 0)
		report->faults[report->count - 1].outside = 1;
	return rc;
}
