/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <string.h>

#include <clusterip/clusterip.h>

#include "macro.h"
#include "names.h"

static const char *const hash_modes[] = {
	[CIP_HASH_SOURCEIP] = "sourceip",
	[CIP_HASH_SOURCEIP_SOURCEPORT] = "sourceip-sourceport",
	[CIP_HASH_SOURCEIP_SOURCEPORT_DESTPORT] = "sourceip-sourceport-destport",
	[CIP_HASH_XT_CLUSTER] = "xt_cluster",
};

static const char *const mac_modes[] = {
	[CIP_MAC_MULTICAST] = "multicast",
	[CIP_MAC_IGMP] = "igmp",
	[CIP_MAC_UNICAST] = "unicast",
};

static const char *const attrs[] = {
	[CIP_ATTR_ADDRESS] = "address",
	[CIP_ATTR_PREFIX] = "prefix",
	[CIP_ATTR_IFNAME] = "dev",
	[CIP_ATTR_MAC] = "mac",
	[CIP_ATTR_HASH_MODE] = "hash",
	[CIP_ATTR_TOTAL] = "total",
	[CIP_ATTR_SEED] = "seed",
	[CIP_ATTR_BUCKETS] = "buckets",
	[CIP_ATTR_NOADDR] = "noaddr",
	[CIP_ATTR_PROTOCOL] = "protocol",
	[CIP_ATTR_SPORT] = "sport",
	[CIP_ATTR_DPORT] = "dport",
	[CIP_ATTR_SADDR] = "saddr",
	[CIP_ATTR_BACKEND] = "backend",
	[CIP_ATTR_SOURCE_PREFIX] = "source-prefix",
	[CIP_ATTR_MAC_MODE] = "mac-mode",
	[CIP_ATTR_OUTGOING] = "outgoing",
};

static const char *const faults[] = {
	[CIP_FAULT_TABLE] = "table",	 [CIP_FAULT_ARP] = "arp",	    [CIP_FAULT_RULE] = "rule",
	[CIP_FAULT_BUCKET] = "bucket",	 [CIP_FAULT_MAC] = "mac",	    [CIP_FAULT_ADDRESS] = "address",
	[CIP_FAULT_DEVICE] = "device",	 [CIP_FAULT_DISPATCH] = "dispatch", [CIP_FAULT_RECORD] = "record",
	[CIP_FAULT_BACKEND] = "backend",
};

static const char *const events[] = {
	[CIP_EVENT_RULES] = "rules", [CIP_EVENT_ADDRESS] = "address", [CIP_EVENT_DEVICE] = "device",
	[CIP_EVENT_MAC] = "mac",     [CIP_EVENT_LOST] = "lost",
};

static const char *name_of(const char *const *table, size_t size, uint32_t value)
{
	return value < size ? table[value] : NULL;
}

/* 0: there is no such name */
static uint32_t value_of(const char *const *table, size_t size, const char *name)
{
	uint32_t i;

	for (i = 1; name && i < size; i++)
		if (!strcmp(table[i], name))
			return i;
	return 0;
}

const char *names_hash_mode(uint32_t hash_mode)
{
	return name_of(hash_modes, ARRAY_SIZE(hash_modes), hash_mode);
}

uint32_t names_hash_mode_from(const char *name)
{
	return value_of(hash_modes, ARRAY_SIZE(hash_modes), name);
}

const char *names_mac_mode(uint32_t mac_mode)
{
	return name_of(mac_modes, ARRAY_SIZE(mac_modes), mac_mode);
}

uint32_t names_mac_mode_from(const char *name)
{
	return value_of(mac_modes, ARRAY_SIZE(mac_modes), name);
}

const char *names_attr(uint32_t attr)
{
	return name_of(attrs, ARRAY_SIZE(attrs), attr);
}

const char *names_fault(uint32_t fault)
{
	return name_of(faults, ARRAY_SIZE(faults), fault);
}

const char *names_event(uint32_t event)
{
	return name_of(events, ARRAY_SIZE(events), event);
}
