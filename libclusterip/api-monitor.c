/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "api.h"
#include "monitor.h"
#include "names.h"

CIP_EXPORT int cip_monitor_new(struct cip_ctx *ctx, struct cip_monitor **ret_monitor)
{
	if (!ctx || !ret_monitor)
		return api_null(ctx, "ret_monitor");
	return monitor_new(ctx, ret_monitor);
}

CIP_EXPORT struct cip_monitor *cip_monitor_ref(struct cip_monitor *monitor)
{
	refcount_take(&monitor->refcount);
	return monitor;
}

CIP_EXPORT struct cip_monitor *cip_monitor_unref(struct cip_monitor *monitor)
{
	return monitor_unref(monitor);
}

CIP_EXPORT int cip_monitor_get_fd(struct cip_monitor *monitor)
{
	return monitor->watch.fd;
}

CIP_EXPORT int cip_monitor_next(struct cip_monitor *monitor)
{
	return monitor_next(monitor);
}

CIP_EXPORT uint32_t cip_monitor_get_event(struct cip_monitor *monitor)
{
	return monitor->event;
}

CIP_EXPORT const char *cip_monitor_get_address(struct cip_monitor *monitor)
{
	return monitor->address;
}

CIP_EXPORT const char *cip_monitor_get_ifname(struct cip_monitor *monitor)
{
	return monitor->ifname;
}

CIP_EXPORT uint32_t cip_monitor_get_pid(struct cip_monitor *monitor)
{
	return monitor->pid;
}

CIP_EXPORT const char *cip_monitor_get_process(struct cip_monitor *monitor)
{
	return monitor->process;
}

CIP_EXPORT const char *cip_monitor_get_text(struct cip_monitor *monitor)
{
	return monitor->text;
}

CIP_EXPORT const char *cip_event_get_name(uint32_t event)
{
	return names_event(event);
}
