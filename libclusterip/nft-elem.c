/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings its own copy otherwise */
#include <stdio.h>	/* libnftnl/expr.h needs FILE */
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "nft-elem.h"

/* Elements in a message: well below NFNL_MESSAGE_MAX, and below the 64 KB of a netlink attribute. */
#define PER_MESSAGE 256
/* Requests sent before their answers are taken: they must fit into the receive queue. */
#define PER_PIPELINE 32

void nft_elem_key_addr(struct nft_elem *elem, const struct addr *addr)
{
	elem->key_len = (uint32_t)addr_len(addr);
	memcpy(elem->key, addr->bytes, elem->key_len);
}

void nft_elem_key_slot(struct nft_elem *elem, const struct addr *addr, uint32_t slot)
{
	nft_elem_key_addr(elem, addr);
	memcpy(elem->key + elem->key_len, &slot, sizeof(slot));
	elem->key_len += sizeof(slot);
}

void nft_elem_key_dev(struct nft_elem *elem, const char *ifname, const struct addr *addr)
{
	elem->key_len = IFNAMSIZ + (uint32_t)addr_len(addr);
	memset(elem->key, 0, IFNAMSIZ);
	memcpy(elem->key, ifname, strnlen(ifname, IFNAMSIZ - 1));
	memcpy(elem->key + IFNAMSIZ, addr->bytes, addr_len(addr));
}

struct addr nft_elem_addr(const struct nft_elem *elem)
{
	uint32_t skip = elem->key_len > 16 ? IFNAMSIZ : 0, len = elem->key_len - skip;
	struct addr addr = { .family = len == 16 ? 6 : len == 4 ? 4 : 0 };

	if (addr.family)
		memcpy(addr.bytes, elem->key + skip, len);
	return addr;
}

void nft_elem_key_mac(struct nft_elem *elem, const uint8_t mac[6])
{
	elem->key_len = 6;
	memcpy(elem->key, mac, 6);
}

uint32_t nft_elem_slot(const struct nft_elem *elem, struct addr *ret_addr)
{
	size_t len = elem->key_len - sizeof(uint32_t);
	uint32_t slot;

	if (elem->key_len != 16 + sizeof(slot) && elem->key_len != 4 + sizeof(slot))
		return 0;
	*ret_addr = (struct addr){ .family = len == 16 ? 6 : 4 };
	memcpy(ret_addr->bytes, elem->key, len);
	memcpy(&slot, elem->key + len, sizeof(slot));
	return slot;
}

static int set_comment(struct nftnl_set_elem *e, const char *comment)
{
	struct nftnl_udata_buf *udata = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	int rc = -ENOMEM;

	if (udata && nftnl_udata_put_strz(udata, NFTNL_UDATA_SET_ELEM_COMMENT, comment))
		rc = nftnl_set_elem_set(e, NFTNL_SET_ELEM_USERDATA, nftnl_udata_buf_data(udata),
					nftnl_udata_buf_len(udata));
	if (udata)
		nftnl_udata_buf_free(udata);
	return rc;
}

static int fill(struct nftnl_set_elem *e, const struct nft_elem *elem, int adding)
{
	int rc = nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, elem->key, elem->key_len);

	if (rc < 0 || !adding)
		return rc;
	if (elem->data_len)
		rc = nftnl_set_elem_set(e, NFTNL_SET_ELEM_DATA, elem->data, elem->data_len);
	if (rc >= 0 && elem->chain[0]) {
		nftnl_set_elem_set_u32(e, NFTNL_SET_ELEM_VERDICT, (uint32_t)NFT_GOTO);
		rc = nftnl_set_elem_set_str(e, NFTNL_SET_ELEM_CHAIN, elem->chain);
	}
	if (rc >= 0 && elem->drops)
		nftnl_set_elem_set_u32(e, NFTNL_SET_ELEM_VERDICT, NF_DROP);
	if (rc >= 0 && elem->comment[0])
		rc = set_comment(e, elem->comment);
	return rc;
}

static int add_elem(struct nftnl_set *set, const struct nft_elem *elem, int adding)
{
	struct nftnl_set_elem *e = nftnl_set_elem_alloc();

	if (!e)
		return -ENOMEM;
	if (fill(e, elem, adding) < 0) {
		nftnl_set_elem_free(e);
		return -ENOMEM;
	}
	nftnl_set_elem_add(set, e);
	return 0;
}

static struct nftnl_set *new_set(const char *name)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (set && nftnl_set_set_str(set, NFTNL_SET_TABLE, NFT_TABLE) >= 0 &&
	    nftnl_set_set_str(set, NFTNL_SET_NAME, name) >= 0)
		return set;
	if (set)
		nftnl_set_free(set);
	return NULL;
}

/* Takes the set over. */
static int put_set(struct nfnl *nfnl, uint16_t type, uint8_t family, uint16_t flags, struct nftnl_set *set,
		   const char *what, const void *about)
{
	struct nlmsghdr *nlh = nfnl_next(nfnl, type, family, flags, what, about);

	if (nlh) {
		nftnl_set_elems_nlmsg_build_payload(nlh, set);
		nfnl_done(nfnl);
	}
	nftnl_set_free(set);
	return nlh ? 0 : -ENOMEM;
}

static int put_change(struct nfnl *nfnl, int adding, uint8_t family, struct nftnl_set *set, const char *what,
		      const void *about)
{
	return put_set(nfnl, adding ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM, family,
		       adding ? NLM_F_CREATE : 0, set, what, about);
}

int nft_elem_put(struct nfnl *nfnl, int adding, uint8_t family, const char *set, const struct nft_elem *elem,
		 const char *what, const void *about)
{
	struct nftnl_set *s = new_set(set);

	if (!s)
		return -ENOMEM;
	if (add_elem(s, elem, adding) < 0) {
		nftnl_set_free(s);
		return -ENOMEM;
	}
	return put_change(nfnl, adding, family, s, what, about);
}

int nft_elem_put_slots(struct nfnl *nfnl, int adding, const char *set, const struct addr *addr, uint32_t class,
		       const struct bucketset *buckets, const char *what, const void *about)
{
	struct nfnl_elems elems = { NFT_TABLE, set, nft_family(addr), adding };
	uint32_t bucket = bucketset_next(buckets, 0), n;
	struct nft_elem elem;

	while (bucket) {
		if (nfnl_elems_begin(nfnl, &elems, what, about) < 0)
			return -ENOMEM;
		for (n = 0; bucket && n < PER_MESSAGE; n++, bucket = bucketset_next(buckets, bucket)) {
			nft_elem_key_slot(&elem, addr, NFT_SLOT(class, bucket));
			nfnl_elems_add(nfnl, elem.key, elem.key_len);
		}
		nfnl_elems_end(nfnl);
	}
	return 0;
}

struct reading {
	nft_elem_cb cb;
	void *data;
};

static int take_comment(const struct nftnl_udata *attr, void *data)
{
	struct nft_elem *elem = data;

	if (nftnl_udata_type(attr) == NFTNL_UDATA_SET_ELEM_COMMENT)
		snprintf(elem->comment, sizeof(elem->comment), "%.*s", (int)nftnl_udata_len(attr),
			 (const char *)nftnl_udata_get(attr));
	return 0;
}

static int take_counter(struct nftnl_expr *expr, void *data)
{
	struct nft_elem *elem = data;

	if (!strcmp(nftnl_expr_get_str(expr, NFTNL_EXPR_NAME), "counter")) {
		elem->counter.packets = nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_PACKETS);
		elem->counter.bytes = nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_BYTES);
	}
	return 0;
}

static uint32_t copy_bytes(struct nftnl_set_elem *e, uint16_t attr, uint8_t *to, uint32_t size)
{
	uint32_t len = 0;
	const void *from = nftnl_set_elem_is_set(e, attr) ? nftnl_set_elem_get(e, attr, &len) : NULL;

	if (!from || len > size)
		return 0;
	memcpy(to, from, len);
	return len;
}

static void read_verdict(struct nftnl_set_elem *e, struct nft_elem *elem)
{
	int verdict;

	if (!nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_VERDICT))
		return;
	verdict = (int)nftnl_set_elem_get_u32(e, NFTNL_SET_ELEM_VERDICT);
	elem->drops = verdict == NF_DROP;
	if (verdict == NFT_GOTO && nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_CHAIN))
		snprintf(elem->chain, sizeof(elem->chain), "%s",
			 nftnl_set_elem_get_str(e, NFTNL_SET_ELEM_CHAIN));
}

static int take_elem(struct nftnl_set_elem *e, void *data)
{
	struct reading *reading = data;
	struct nft_elem elem = { 0 };
	const void *udata;
	uint32_t len;

	elem.key_len = copy_bytes(e, NFTNL_SET_ELEM_KEY, elem.key, sizeof(elem.key));
	elem.data_len = copy_bytes(e, NFTNL_SET_ELEM_DATA, elem.data, sizeof(elem.data));
	read_verdict(e, &elem);
	if (nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_USERDATA)) {
		udata = nftnl_set_elem_get(e, NFTNL_SET_ELEM_USERDATA, &len);
		(void)nftnl_udata_parse(udata, len, take_comment, &elem);
	}
	(void)nftnl_set_elem_expr_foreach(e, take_counter, &elem);
	return reading->cb(&elem, reading->data);
}

static int take_message(const struct nlmsghdr *nlh, void *data)
{
	struct nftnl_set *set = nftnl_set_alloc();
	int rc;

	if (!set)
		return -ENOMEM;
	rc = nftnl_set_elems_nlmsg_parse(nlh, set) < 0 ? nft_unread() : 0;
	if (rc == 0)
		rc = nftnl_set_elem_foreach(set, take_elem, data);
	nftnl_set_free(set);
	return rc;
}

int nft_elem_each(const struct nlmsghdr *nlh, nft_elem_cb cb, void *data)
{
	struct reading reading = { cb, data };

	return take_message(nlh, &reading);
}

int nft_elem_dump(struct nfnl *nfnl, uint8_t family, const char *set, nft_elem_cb cb, void *data)
{
	struct reading reading = { cb, data };
	struct nftnl_set *s = new_set(set);
	int rc;

	if (!s)
		return -ENOMEM;
	nfnl_begin_requests(nfnl);
	rc = put_set(nfnl, NFT_MSG_GETSETELEM, family, NLM_F_DUMP, s, set, NULL);
	return rc < 0 ? rc : nfnl_dump(nfnl, take_message, &reading);
}

static int put_get(struct nfnl *nfnl, uint8_t family, const char *set, const struct nft_elem *key)
{
	struct nftnl_set *s = new_set(set);

	if (!s)
		return -ENOMEM;
	if (add_elem(s, key, 0) < 0) {
		nftnl_set_free(s);
		return -ENOMEM;
	}
	return put_set(nfnl, NFT_MSG_GETSETELEM, family, 0, s, set, NULL);
}

int nft_elem_get(struct nfnl *nfnl, uint8_t family, const char *set, const struct nft_elem *key, nft_elem_cb cb,
		 void *data)
{
	struct reading reading = { cb, data };
	int rc;

	nfnl_begin_requests(nfnl);
	rc = put_get(nfnl, family, set, key);
	return rc < 0 ? rc : nfnl_fetch(nfnl, take_message, &reading);
}

int nft_elem_get_slots(struct nfnl *nfnl, const char *set, const struct addr *addr, uint32_t class,
		       uint32_t total, nft_elem_cb cb, void *data)
{
	struct reading reading = { cb, data };
	struct nft_elem key = { 0 };
	uint32_t bucket = 1;
	int rc = 0, n;

	while (rc == 0 && bucket <= total) {
		nfnl_begin_requests(nfnl);
		for (n = 0; rc == 0 && n < PER_PIPELINE && bucket <= total; n++, bucket++) {
			nft_elem_key_slot(&key, addr, NFT_SLOT(class, bucket));
			rc = put_get(nfnl, nft_family(addr), set, &key);
		}
		if (rc == 0)
			rc = nfnl_fetch(nfnl, take_message, &reading);
	}
	return rc;
}
