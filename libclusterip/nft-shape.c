/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <stdio.h>	/* libnftnl/expr.h needs FILE */
#include <libnftnl/expr.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter_ipv4.h>
#include <string.h>

#include "nft-shape.h"
#include "nft.h"

/* Numbers of the nft command's own types and expressions (its src/datatype.h and src/expression.h). */
#define TYPE_INTEGER	  4
#define TYPE_IPADDR	  7
#define TYPE_ETHERADDR	  9
#define TYPE_INET_PROTO	  12
#define TYPE_IFNAME	  41
#define TYPE_CONCAT(a, b) ((a) << 6 | (b))
#define TYPE_VERDICT	  0xffffff00u
#define NFT_EXPR_META	  9
#define UDATA_META_KEY	  0

#define ORDER_HOST 1
#define ORDER_BIG  2

/*
 * Declared sizes make the kernel choose its fixed-size hash, which a packet passes quicker than the growing one.
 * Buckets are a set and not a verdict map because the kernel checks the whole table for loops after every change to
 * a map that holds "goto".
 */
const struct nft_shape nft_shapes[] = {
	{ NFT_ADDRESSES, NFPROTO_IPV4, NFT_SET_MAP, TYPE_IPADDR, 4, TYPE_VERDICT, 0, 16384, ORDER_BIG, 0, 0 },
	{ NFT_BUCKETS, NFPROTO_IPV4, 0, TYPE_INTEGER, 4, 0, 0, 65536, ORDER_HOST, 1, 1 },
	{ NFT_ASSIGNED, NFPROTO_IPV4, 0, TYPE_INTEGER, 4, 0, 0, 65536, ORDER_HOST, 1, 0 },
	{ NFT_CLUSTERS, NFPROTO_IPV4, 0, TYPE_IPADDR, 4, 0, 0, 0, ORDER_BIG, 0, 0 },
	{ NFT_RETIRED, NFPROTO_IPV4, 0, TYPE_INTEGER, 4, 0, 0, 0, ORDER_HOST, 1, 0 },
	{ NFT_PORTS, NFPROTO_IPV4, 0, TYPE_INET_PROTO, 1, 0, 0, 0, 0, 0, 0 },
	{ NFT_MACS, NFPROTO_ARP, NFT_SET_MAP, TYPE_CONCAT(TYPE_IFNAME, TYPE_IPADDR), IFNAMSIZ + 4,
	  TYPE_ETHERADDR, 6, 0, 0, 0, 0 },
	{ NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 },
};

const struct nft_hook nft_hook_prerouting = { NF_INET_PRE_ROUTING, NF_IP_PRI_RAW };
const struct nft_hook nft_hook_output = { NF_ARP_OUT, 0 };

const uint8_t nft_port_protocols[] = { IPPROTO_TCP,  IPPROTO_UDP,  IPPROTO_UDPLITE,
				       IPPROTO_SCTP, IPPROTO_DCCP, IPPROTO_ESP };
const size_t nft_port_protocols_count = sizeof(nft_port_protocols);

/* "typeof meta length" in nft's user data: what makes it print a 32-bit number, and accept the listing again. */
static void put_typeof(struct nftnl_udata_buf *udata)
{
	struct nftnl_udata *outer, *inner;

	outer = nftnl_udata_nest_start(udata, NFTNL_UDATA_SET_KEY_TYPEOF);
	nftnl_udata_put_u32(udata, NFTNL_UDATA_SET_TYPEOF_EXPR, NFT_EXPR_META);
	inner = nftnl_udata_nest_start(udata, NFTNL_UDATA_SET_TYPEOF_DATA);
	nftnl_udata_put_u32(udata, UDATA_META_KEY, NFT_META_LEN);
	nftnl_udata_nest_end(udata, inner);
	nftnl_udata_nest_end(udata, outer);
}

static int set_udata(struct nftnl_set *set, const struct nft_shape *shape)
{
	struct nftnl_udata_buf *udata = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	int rc;

	if (!udata)
		return -1;
	nftnl_udata_put_u32(udata, NFTNL_UDATA_SET_KEYBYTEORDER, shape->key_order);
	if (shape->flags & NFT_SET_MAP)
		nftnl_udata_put_u32(udata, NFTNL_UDATA_SET_DATABYTEORDER, shape->data_len ? ORDER_BIG : 0);
	if (shape->typeof_length)
		put_typeof(udata);
	rc = nftnl_set_set_data(set, NFTNL_SET_USERDATA, nftnl_udata_buf_data(udata),
				nftnl_udata_buf_len(udata));
	nftnl_udata_buf_free(udata);
	return rc;
}

static int set_counters(struct nftnl_set *set)
{
	struct nftnl_expr *counter = nftnl_expr_alloc("counter");

	if (!counter)
		return -1;
	nftnl_set_add_expr(set, counter);
	return 0;
}

struct nftnl_set *nft_shape_build(const struct nft_shape *shape)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (!set)
		return NULL;
	nftnl_set_set_u32(set, NFTNL_SET_FAMILY, shape->family);
	nftnl_set_set_u32(set, NFTNL_SET_ID, (uint32_t)(shape - nft_shapes) + 1);
	nftnl_set_set_u32(set, NFTNL_SET_FLAGS, shape->flags);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, shape->key_type);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, shape->key_len);
	if (shape->flags & NFT_SET_MAP) {
		nftnl_set_set_u32(set, NFTNL_SET_DATA_TYPE, shape->data_type);
		nftnl_set_set_u32(set, NFTNL_SET_DATA_LEN, shape->data_len);
	}
	if (shape->size)
		nftnl_set_set_u32(set, NFTNL_SET_DESC_SIZE, shape->size);
	if (nftnl_set_set_str(set, NFTNL_SET_TABLE, NFT_TABLE) < 0 ||
	    nftnl_set_set_str(set, NFTNL_SET_NAME, shape->name) < 0 || set_udata(set, shape) < 0 ||
	    (shape->counters && set_counters(set) < 0)) {
		nftnl_set_free(set);
		return NULL;
	}
	return set;
}

static int count_exprs(struct nftnl_expr *expr, void *data)
{
	if (!strcmp(nftnl_expr_get_str(expr, NFTNL_EXPR_NAME), "counter"))
		++*(int *)data;
	return 0;
}

int nft_shape_same(const struct nft_shape *shape, const struct nftnl_set *set, const char **ret_why)
{
	uint32_t size =
		nftnl_set_is_set(set, NFTNL_SET_DESC_SIZE) ? nftnl_set_get_u32(set, NFTNL_SET_DESC_SIZE) : 0;
	uint32_t data_len =
		nftnl_set_is_set(set, NFTNL_SET_DATA_LEN) ? nftnl_set_get_u32(set, NFTNL_SET_DATA_LEN) : 0;
	int counters = 0;

	(void)nftnl_set_expr_foreach(set, count_exprs, &counters);
	if (nftnl_set_is_set(set, NFTNL_SET_EXPR))
		counters = 1;
	*ret_why = NULL;
	if ((nftnl_set_get_u32(set, NFTNL_SET_FLAGS) & ~NFT_SET_EXPR) != shape->flags)
		*ret_why = "flags";
	else if (nftnl_set_get_u32(set, NFTNL_SET_KEY_LEN) != shape->key_len)
		*ret_why = "key";
	else if (shape->data_len && data_len != shape->data_len)
		*ret_why = "data";
	else if (size != shape->size)
		*ret_why = "size";
	else if (!!counters != shape->counters)
		*ret_why = "counters";
	return !*ret_why;
}
