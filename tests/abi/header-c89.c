/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The public header alone, before any other, in the oldest C there is; and once more behind itself. */
#include <clusterip/clusterip.h>
#include <clusterip/clusterip.h>

int use_the_header(uint32_t *ret_bucket);

int use_the_header(uint32_t *ret_bucket)
{
	struct cip_ctx *ctx = 0;
	uint32_t mask = 1u << CIP_ATTR_NOADDR;

	if (cip_new(&ctx) < 0)
		return -1;
	cip_unref(ctx);
	return cip_hash(CIP_HASH_SOURCEIP, CIP_TOTAL_NODES_MAX, mask, "192.0.2.1", 6, 1, 2, ret_bucket);
}
