/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/if_addr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "macro.h"
#include "wire-devices.h"

/* Room for one more: the array doubles whenever its size is a power of two. */
static void *grow(void *items, uint32_t count, size_t size)
{
	return count & (count - 1) ? items : realloc(items, (count ? count * 2 : 1) * size);
}

static int take_mac(uint32_t index, const uint8_t mac[6], void *data)
{
	struct devices *devices = data;
	struct device_mac *macs = grow(devices->macs, devices->mac_count, sizeof(*macs));

	if (!macs)
		return -ENOMEM;
	devices->macs = macs;
	macs[devices->mac_count].index = index;
	memcpy(macs[devices->mac_count++].mac, mac, sizeof(macs->mac));
	return 0;
}

static int take_addr(const struct addr_entry *entry, void *data)
{
	struct devices *devices = data;
	struct addr_entry *addrs = grow(devices->addrs, devices->addr_count, sizeof(*addrs));

	if (!addrs)
		return -ENOMEM;
	devices->addrs = addrs;
	addrs[devices->addr_count++] = *entry;
	return 0;
}

static int compare_macs(const void *a, const void *b)
{
	const struct device_mac *x = a, *y = b;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return memcmp(x->mac, y->mac, sizeof(x->mac));
}

static int compare_addrs(const void *a, const void *b)
{
	const struct addr_entry *x = a, *y = b;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return addr_compare(&x->addr, &y->addr);
}

int devices_read_addrs(struct nl *nl, uint8_t family, struct devices *devices)
{
	int rc = addr_each(nl, family, take_addr, devices);

	if (devices->addr_count)
		qsort(devices->addrs, devices->addr_count, sizeof(*devices->addrs), compare_addrs);
	return rc;
}

int devices_read(struct nl *nl, struct devices *devices)
{
	int rc;

	memset(devices, 0, sizeof(*devices));
	rc = rtnl_mac_each(nl, take_mac, devices);
	if (devices->mac_count)
		qsort(devices->macs, devices->mac_count, sizeof(*devices->macs), compare_macs);
	if (rc == 0 || rc == -EOPNOTSUPP) /* no device keeps such a list */
		rc = devices_read_addrs(nl, 4, devices);
	return rc < 0 ? rc : devices_read_addrs(nl, 6, devices);
}

void devices_clear(struct devices *devices)
{
	free(devices->macs);
	free(devices->addrs);
	memset(devices, 0, sizeof(*devices));
}

int devices_have_mac(const struct devices *devices, uint32_t index, const uint8_t mac[6])
{
	struct device_mac key = { .index = index };

	memcpy(key.mac, mac, sizeof(key.mac));
	return devices->mac_count &&
	       bsearch(&key, devices->macs, devices->mac_count, sizeof(key), compare_macs) != NULL;
}

uint32_t devices_find_addr(const struct devices *devices, uint32_t index, const struct addr *addr,
			   const struct addr_entry **ret_first)
{
	const struct addr_entry key = { .index = index, .addr = *addr }, *first, *end;

	if (!devices->addr_count)
		return 0;
	first = bsearch(&key, devices->addrs, devices->addr_count, sizeof(key), compare_addrs);
	if (!first)
		return 0;
	while (first > devices->addrs && !compare_addrs(first - 1, &key))
		first--;
	for (end = first; end < devices->addrs + devices->addr_count && !compare_addrs(end, &key); end++)
		;
	*ret_first = first;
	return (uint32_t)(end - first);
}

int devices_have_joined(const struct devices *devices, uint32_t index, const struct addr *group)
{
	const struct addr_entry *entries = NULL;
	uint32_t i, count = devices_find_addr(devices, index, group, &entries);
	int joined = 0;

	for (i = 0; i < count; i++)
		joined |= addr_is_joined(&entries[i]);
	return joined;
}

int devices_judge_addr(const struct devices *devices, const struct addr_place *place,
		       char buf[DEVICES_FAULT_MAX])
{
	const struct addr_entry *entries = NULL, *wrong = NULL;
	uint32_t i, right = 0, count = devices_find_addr(devices, place->index, place->addr, &entries);

	for (i = 0; i < count; i++)
		if (addr_is_right(&entries[i], place->prefix))
			right++;
		else
			wrong = &entries[i];
	buf[0] = '\0';
	if (!count)
		snprintf(buf, DEVICES_FAULT_MAX, "does not have the address with prefix length %u",
			 place->prefix);
	else if (wrong && wrong->prefix == place->prefix && !wrong->has_peer)
		snprintf(buf, DEVICES_FAULT_MAX,
			 "has the address and does not use it: duplicate address detection has %s",
			 wrong->flags & IFA_F_DADFAILED ? "failed" : "not ended");
	else if (wrong)
		snprintf(buf, DEVICES_FAULT_MAX, "has the address with prefix length %u%s, %s %u",
			 wrong->prefix, wrong->has_peer ? " and a peer" : "",
			 right ? "beside that with" : "not", place->prefix);
	return count > 0;
}
