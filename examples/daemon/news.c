/* SPDX-License-Identifier: GPL-2.0-or-later */
/* what the kernel tells of changes by others, as far as it is about what the file has */
#include "cipd.h"

#include <string.h>
#include <unistd.h>

/* the name of a device that is gone may not have been to be had */
static bool has_device(const struct entries *entries, const char *ifname)
{
	for (size_t i = 0; i < entries->count; i++)
		if (!*ifname || !strcmp(entries->items[i].ifname, ifname))
			return true;
	return false;
}

static bool concerns_us(const struct keeper *keeper)
{
	const struct entries *entries = &keeper->entries;

	switch (cip_monitor_get_event(keeper->monitor)) {
	case CIP_EVENT_ADDRESS:
		return find_entry(entries, cip_monitor_get_address(keeper->monitor)) != NULL;
	case CIP_EVENT_DEVICE:
	case CIP_EVENT_MAC:
		return has_device(entries, cip_monitor_get_ifname(keeper->monitor));
	case CIP_EVENT_RULES:
		return cip_monitor_get_pid(keeper->monitor) != (uint32_t)getpid();
	}
	return true;
}

void read_news(struct keeper *keeper, bool applied)
{
	uint32_t event;
	int rc;

	while ((rc = cip_monitor_next(keeper->monitor)) == 1) {
		if (!concerns_us(keeper))
			continue;
		event = cip_monitor_get_event(keeper->monitor);
		keeper->news = true;
		say(LOG_DEBUG, "%s", cip_monitor_get_text(keeper->monitor));
		if (!applied || event == CIP_EVENT_RULES)
			add_cause(&keeper->causes, cip_monitor_get_text(keeper->monitor));
		if (event == CIP_EVENT_DEVICE)
			keeper->retry = true;
	}
	if (rc < 0)
		say(LOG_ERR, "%s", cip_get_error(keeper->ctx));
	keeper->deaf = rc < 0;
}
