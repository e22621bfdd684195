/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h> /* libnftnl/expr.h needs FILE */
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

/* Numbers of the nft command's own types and expressions (its src/datatype.h, src/expression.h and src/proto.h). */
#define TYPE_INTEGER	     4
#define TYPE_IPADDR	     7
#define TYPE_IP6ADDR	     8
#define TYPE_ETHERADDR	     9
#define TYPE_INET_PROTO	     12
#define TYPE_ICMP_TYPE	     14
#define TYPE_ICMP6_TYPE	     29
#define TYPE_IFNAME	     41
#define TYPE_CONCAT(a, b)    ((a) << 6 | (b))
#define TYPE_SLOT(addr)	     TYPE_CONCAT(addr, TYPE_INTEGER)
#define TYPE_VERDICT	     0xffffff00u
#define NFT_EXPR_META	     9
#define UDATA_META_KEY	     0
#define NFT_EXPR_PAYLOAD     7
#define UDATA_PAYLOAD_DESC   0
#define UDATA_PAYLOAD_TYPE   1
#define UDATA_PAYLOAD_BASE   2
#define UDATA_PAYLOAD_OFFSET 3
#define PROTO_BASE_TRANSPORT 3
#define NFT_EXPR_CONCAT	     13
#define UDATA_PAYLOAD_LEN    4
#define PROTO_DESC_IP	     12
#define PROTO_DESC_IP6	     13
#define IPHDR_TTL	     8
#define IPHDR_DADDR	     12
#define IP6HDR_SADDR	     8
#define IP6HDR_DADDR	     9
#define IP6HDR_HOPLIMIT	     7

#define ORDER_BIG 2

#define COUNTED(...) { __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

/*
 * Declared sizes make the kernel choose its fixed-size hash, which a packet passes quicker than the growing one.
 * Buckets are a set and not a verdict map because the kernel checks the whole table for loops after every change to
 * a map that holds "goto".
 */
#define SHAPES(family, type_addr, len, type_icmp)                                                                  \
	{ NFT_ADDRESSES, family, NFT_SET_MAP, type_addr, len, TYPE_VERDICT, 0, 16384, ORDER_BIG, 0, 0 },           \
		{ NFT_BUCKETS, family, 0, TYPE_SLOT(type_addr), len + 4, 0, 0, 65536, 0, TYPEOF_SLOT, 1 },         \
		{ NFT_ASSIGNED, family, 0, TYPE_SLOT(type_addr), len + 4, 0, 0, 65536, 0, TYPEOF_SLOT, 0 },        \
		{ NFT_CLUSTERS, family, NFT_SET_MAP, type_addr, len, TYPE_VERDICT, 0, 16384, ORDER_BIG, 0, 1 },    \
		{ NFT_RETIRED, family, 0, TYPE_SLOT(type_addr), len + 4, 0, 0, 0, 0, TYPEOF_SLOT, 0 },             \
		{ NFT_PORTS, family, 0, TYPE_INET_PROTO, 1, 0, 0, 0, 0, 0, 0 },                                    \
		{ NFT_ERROR_TYPES, family, 0, type_icmp, 1, 0, 0, 0, 0, 0, 0 },                                    \
		{ NFT_QUOTED_PORTS, family, 0, TYPE_INTEGER, 1, 0, 0, 0, ORDER_BIG, TYPEOF_TTL, 0 },               \
		{ NFT_QUOTED_OPAQUE, family, 0, TYPE_INTEGER, 1, 0, 0, 0, ORDER_BIG, TYPEOF_TTL, 0 },              \
		{ NFT_ERRORS, family, NFT_SET_MAP, type_addr, len, TYPE_VERDICT, 0, 16384, ORDER_BIG, 0, 0 },      \
		{ NFT_LATE_ERRORS, family, NFT_SET_MAP, type_addr, len, TYPE_VERDICT, 0, 16384, ORDER_BIG, 0, 0 }, \
	{                                                                                                          \
		NFT_LATE_ADDRESSES, family, NFT_SET_MAP, type_addr, len, TYPE_VERDICT, 0, 16384, ORDER_BIG, 0,     \
			0                                                                                          \
	}
const struct nft_shape nft_shapes[] = {
	SHAPES(NFPROTO_IPV4, TYPE_IPADDR, 4, TYPE_ICMP_TYPE),
	{ NFT_MACS, NFPROTO_ARP, NFT_SET_MAP, TYPE_CONCAT(TYPE_IFNAME, TYPE_IPADDR), IFNAMSIZ + 4,
	  TYPE_ETHERADDR, 6, 0, 0, TYPEOF_NONE, 0 },
	SHAPES(NFPROTO_IPV6, TYPE_IP6ADDR, 16, TYPE_ICMP6_TYPE),
	/* nft knows no type of the place where neighbour discovery has a MAC */
	{ NFT_MACS, NFPROTO_IPV6, NFT_SET_MAP, TYPE_CONCAT(TYPE_IFNAME, TYPE_IP6ADDR), IFNAMSIZ + 16,
	  TYPE_INTEGER, 6, 0, 0, TYPEOF_SENDER_MAC, 0 },
	{ NFT_MACS, NFPROTO_NETDEV, 0, TYPE_ETHERADDR, 6, 0, 0, 0, ORDER_BIG, TYPEOF_NONE, 0 },
	{ NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 },
};

const struct nft_hook nft_hook_prerouting = { NF_INET_PRE_ROUTING, NF_IP_PRI_RAW, NULL };
const struct nft_hook nft_hook_late = { NF_INET_PRE_ROUTING, NF_IP_PRI_MANGLE, NULL };
static const struct nft_hook nft_hook_arp_output = { NF_ARP_OUT, 0, NULL };
static const struct nft_hook nft_hook_output = { NF_INET_LOCAL_OUT, 0, NULL };

/* protocols whose ports begin the transport header, and one whose SPI does */
#define WITH_PORTS IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_SCTP, IPPROTO_DCCP

/*
 * Which types of ICMP are about other packets, or, in IPv6, about neighbours: those are for every node. In a quoted
 * packet an SPI tells nothing, for it is not the one of the other direction, nor does a header with others behind it.
 */
const struct nft_constant nft_constants[] = {
	{ NFT_PORTS, NFPROTO_IPV4, COUNTED(WITH_PORTS, IPPROTO_ESP) },
	{ NFT_PORTS, NFPROTO_IPV6, COUNTED(WITH_PORTS, IPPROTO_ESP) },
	{ NFT_QUOTED_PORTS, NFPROTO_IPV4, COUNTED(WITH_PORTS) },
	{ NFT_QUOTED_PORTS, NFPROTO_IPV6, COUNTED(WITH_PORTS) },
	{ NFT_QUOTED_OPAQUE, NFPROTO_IPV4, COUNTED(IPPROTO_ESP, IPPROTO_AH) },
	{ NFT_QUOTED_OPAQUE, NFPROTO_IPV6,
	  COUNTED(IPPROTO_ESP, IPPROTO_AH, IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT,
		  IPPROTO_DSTOPTS) },
	{ NFT_ERROR_TYPES, NFPROTO_IPV4,
	  COUNTED(ICMP_DEST_UNREACH, ICMP_SOURCE_QUENCH, ICMP_REDIRECT, ICMP_TIME_EXCEEDED,
		  ICMP_PARAMETERPROB) },
	{ NFT_ERROR_TYPES, NFPROTO_IPV6,
	  COUNTED(ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG, ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB,
		  ND_ROUTER_SOLICIT, ND_ROUTER_ADVERT, ND_NEIGHBOR_SOLICIT, ND_NEIGHBOR_ADVERT, ND_REDIRECT) },
	{ NULL, 0, { 0 }, 0 },
};

const struct nft_shape *nft_ingress_macs(void)
{
	const struct nft_shape *shape = nft_shapes;

	while (shape->family != NFPROTO_NETDEV)
		shape++;
	return shape;
}

const struct nft_hook *nft_mac_hook(uint8_t family)
{
	return family == NFPROTO_IPV6 ? &nft_hook_output : &nft_hook_arp_output;
}

/*
 * "typeof" in nft's user data: what makes it print plain numbers, and accept the listing again. An expression is its
 * kind and what that needs.
 */
struct type_of {
	struct nftnl_udata *outer, *inner;
};

static struct type_of begin_expr(struct nftnl_udata_buf *udata, uint8_t attr, uint32_t kind)
{
	struct type_of expr = { .outer = nftnl_udata_nest_start(udata, attr) };

	nftnl_udata_put_u32(udata, NFTNL_UDATA_SET_TYPEOF_EXPR, kind);
	expr.inner = nftnl_udata_nest_start(udata, NFTNL_UDATA_SET_TYPEOF_DATA);
	return expr;
}

static void end_expr(struct nftnl_udata_buf *udata, struct type_of expr)
{
	nftnl_udata_nest_end(udata, expr.inner);
	nftnl_udata_nest_end(udata, expr.outer);
}

static void put_meta(struct nftnl_udata_buf *udata, uint8_t attr, uint32_t key)
{
	struct type_of expr = begin_expr(udata, attr, NFT_EXPR_META);

	nftnl_udata_put_u32(udata, UDATA_META_KEY, key);
	end_expr(udata, expr);
}

/* bits: of a field that is a plain number, else 0 */
static void put_field(struct nftnl_udata_buf *udata, uint8_t attr, uint32_t desc, uint32_t field, uint32_t bits)
{
	struct type_of expr = begin_expr(udata, attr, NFT_EXPR_PAYLOAD);

	nftnl_udata_put_u32(udata, UDATA_PAYLOAD_DESC, desc);
	nftnl_udata_put_u32(udata, UDATA_PAYLOAD_TYPE, field);
	if (bits)
		nftnl_udata_put_u32(udata, UDATA_PAYLOAD_LEN, bits);
	end_expr(udata, expr);
}

/* "@th,OFFSET,BITS" */
static void put_raw(struct nftnl_udata_buf *udata, uint8_t attr, uint32_t offset, uint32_t bits)
{
	struct type_of expr = begin_expr(udata, attr, NFT_EXPR_PAYLOAD);

	nftnl_udata_put_u32(udata, UDATA_PAYLOAD_DESC, 0);
	nftnl_udata_put_u32(udata, UDATA_PAYLOAD_TYPE, 0);
	nftnl_udata_put_u32(udata, UDATA_PAYLOAD_BASE, PROTO_BASE_TRANSPORT);
	nftnl_udata_put_u32(udata, UDATA_PAYLOAD_OFFSET, offset);
	nftnl_udata_put_u32(udata, UDATA_PAYLOAD_LEN, bits);
	end_expr(udata, expr);
}

static void put_typeof(struct nftnl_udata_buf *udata, const struct nft_shape *shape)
{
	struct type_of concat;

	switch (shape->type_of) {
	case TYPEOF_NONE:
		break;
	case TYPEOF_SLOT:
		concat = begin_expr(udata, NFTNL_UDATA_SET_KEY_TYPEOF, NFT_EXPR_CONCAT);
		if (shape->family == NFPROTO_IPV6)
			put_field(udata, 0, PROTO_DESC_IP6, IP6HDR_DADDR, 0);
		else
			put_field(udata, 0, PROTO_DESC_IP, IPHDR_DADDR, 0);
		put_meta(udata, 1, NFT_META_LEN);
		end_expr(udata, concat);
		break;
	case TYPEOF_TTL:
		if (shape->family == NFPROTO_IPV6)
			put_field(udata, NFTNL_UDATA_SET_KEY_TYPEOF, PROTO_DESC_IP6, IP6HDR_HOPLIMIT, 8);
		else
			put_field(udata, NFTNL_UDATA_SET_KEY_TYPEOF, PROTO_DESC_IP, IPHDR_TTL, 8);
		break;
	case TYPEOF_SENDER_MAC:
		concat = begin_expr(udata, NFTNL_UDATA_SET_KEY_TYPEOF, NFT_EXPR_CONCAT);
		put_meta(udata, 0, NFT_META_OIFNAME);
		put_field(udata, 1, PROTO_DESC_IP6, IP6HDR_SADDR, 0);
		end_expr(udata, concat);
		put_raw(udata, NFTNL_UDATA_SET_DATA_TYPEOF, NFT_ND_OFF_MAC * 8, 48);
		break;
	}
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
	put_typeof(udata, shape);
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
