/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
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

static int take_addr(uint32_t index, const struct addr *addr, uint32_t prefix, void *data)
{
	struct devices *devices = data;
	struct device_addr *addrs = grow(devices->addrs, devices->addr_count, sizeof(*addrs));

	if (!addrs)
		return -ENOMEM;
	devices->addrs = addrs;
	addrs[devices->addr_count++] = (struct device_addr){ index, *addr, prefix };
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
	const struct device_addr *x = a, *y = b;
	int rc;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	rc = addr_compare(&x->addr, &y->addr);
	/* prefix 0 is what is asked with, and equals any */
	return rc || !x->prefix || !y->prefix ? rc : (x->prefix > y->prefix) - (x->prefix < y->prefix);
}

int devices_read(struct nl *nl, struct devices *devices)
{
	int rc;

	memset(devices, 0, sizeof(*devices));
	rc = rtnl_mac_each(nl, take_mac, devices);
	if (rc == 0 || rc == -EOPNOTSUPP) /* no device keeps such a list */
		rc = rtnl_addr_each(nl, 4, take_addr, devices);
	if (rc == 0)
		rc = rtnl_addr_each(nl, 6, take_addr, devices);
	if (devices->mac_count)
		qsort(devices->macs, devices->mac_count, sizeof(*devices->macs), compare_macs);
	if (devices->addr_count)
		qsort(devices->addrs, devices->addr_count, sizeof(*devices->addrs), compare_addrs);
	return rc;
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

int devices_have_addr(const struct devices *devices, uint32_t index, const struct addr *addr, uint32_t prefix)
{
	struct device_addr key = { index, *addr, prefix };

	return devices->addr_count &&
	       bsearch(&key, devices->addrs, devices->addr_count, sizeof(key), compare_addrs) != NULL;
}
