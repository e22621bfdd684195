/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "api.h"
#include "cluster-lines.h"
#include "cluster-list.h"
#include "error.h"
#include "iptables-text.h"
#include "report.h"

CIP_EXPORT int cip_list_new(struct cip_ctx *ctx, struct cip_list **ret_list)
{
	if (!ctx || !ret_list)
		return api_null(ctx, "ret_list");
	return list_new(ctx, ret_list);
}

CIP_EXPORT struct cip_list *cip_list_ref(struct cip_list *list)
{
	refcount_take(&list->refcount);
	return list;
}

CIP_EXPORT struct cip_list *cip_list_unref(struct cip_list *list)
{
	return list_unref(list);
}

CIP_EXPORT int cip_list_add(struct cip_list *list, struct cip_cluster *cluster)
{
	if (!cluster || !CLUSTER_HAS(cluster, CIP_ATTR_ADDRESS))
		return cip_error(list->ctx, -EINVAL, CIP_ATTR_ADDRESS, "address is missing");
	return list_add(list, cluster);
}

/* Every member, or none. */
static int add_all(struct cip_list *list, const struct cip_list *from)
{
	uint32_t i, before = list->count;
	int rc = 0;

	for (i = 0; rc == 0 && i < from->count; i++)
		rc = list_add(list, from->items[i]);
	if (rc == -EEXIST && from->items[i - 1]->line)
		rc = lines_refuse(list->ctx, from->items[i - 1]->line, rc);
	while (rc < 0 && list->count > before)
		cluster_unref(list->items[--list->count]);
	return rc;
}

/* What a text has, all of it or nothing. */
static int take_text(struct cip_list *list, const char *text,
		     int (*parse)(struct cip_list *list, const char *text))
{
	struct cip_list *found;
	int rc;

	if (!text)
		return cip_error(list->ctx, -EINVAL, CIP_ATTR_NONE, "the text is NULL");
	rc = list_new(list->ctx, &found);
	if (rc < 0)
		return rc;
	rc = parse(found, text);
	if (rc == 0)
		rc = add_all(list, found);
	list_unref(found);
	return rc;
}

CIP_EXPORT int cip_list_import(struct cip_list *list, const char *text)
{
	return take_text(list, text, iptables_text_parse);
}

CIP_EXPORT int cip_list_parse(struct cip_list *list, const char *text)
{
	return take_text(list, text, lines_parse);
}

CIP_EXPORT uint32_t cip_list_count(struct cip_list *list)
{
	return list->count;
}

CIP_EXPORT struct cip_cluster *cip_list_get(struct cip_list *list, uint32_t index)
{
	return index < list->count ? list->items[index] : NULL;
}

CIP_EXPORT uint32_t cip_list_get_line(struct cip_list *list, uint32_t index)
{
	return index < list->count ? list->items[index]->line : 0;
}

CIP_EXPORT struct cip_cluster *cip_list_find(struct cip_list *list, const char *address)
{
	struct addr addr;

	return address && addr_parse(address, &addr) == 0 ? list_find(list, &addr) : NULL;
}

CIP_EXPORT struct cip_report *cip_report_ref(struct cip_report *report)
{
	refcount_take(&report->refcount);
	return report;
}

CIP_EXPORT struct cip_report *cip_report_unref(struct cip_report *report)
{
	return report_unref(report);
}

CIP_EXPORT uint32_t cip_report_count(struct cip_report *report)
{
	return report->count;
}

CIP_EXPORT uint32_t cip_report_get_fault(struct cip_report *report, uint32_t index)
{
	return index < report->count ? report->faults[index].kind : 0;
}

CIP_EXPORT const char *cip_report_get_address(struct cip_report *report, uint32_t index)
{
	return index < report->count ? report->faults[index].address : NULL;
}

CIP_EXPORT const char *cip_report_get_text(struct cip_report *report, uint32_t index)
{
	return index < report->count ? report->faults[index].text : NULL;
}
