/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_ELEM_H
#define CIP_NFT_ELEM_H

#include "nft.h"

/* One element of a set or map, as it is written and as it is read. */
struct nft_elem {
	uint8_t key[IFNAMSIZ + 16];
	uint32_t key_len;
	uint8_t data[6];
	uint32_t data_len;		/* 0: no data */
	char chain[NFT_CHAIN_NAME_MAX]; /* goto; "": none */
	int drops;			/* another verdict */
	char comment[NFT_COMMENT_MAX];
	struct counter counter; /* read only */
};

/* key: an address; an address and a slot; a device and an address; a MAC */
void nft_elem_key_addr(struct nft_elem *elem, const struct addr *addr);
void nft_elem_key_slot(struct nft_elem *elem, const struct addr *addr, uint32_t slot);
void nft_elem_key_dev(struct nft_elem *elem, const char *ifname, const struct addr *addr);
void nft_elem_key_mac(struct nft_elem *elem, const uint8_t mac[6]);
/* The slot of a key, and its address; 0: it is no such key. */
uint32_t nft_elem_slot(const struct nft_elem *elem, struct addr *ret_addr);
/* The address that another key ends with; family 0: none. */
struct addr nft_elem_addr(const struct nft_elem *elem);

/* Add to the batch the message that adds (with what it holds) or deletes (by key) an element. 0 or -ENOMEM. */
int nft_elem_put(struct nfnl *nfnl, int adding, uint8_t family, const char *set, const struct nft_elem *elem,
		 const char *what, const void *about);
/* The same for the slots of buckets, as many messages as it takes. NFT_BUCKETS or NFT_ASSIGNED. */
int nft_elem_put_slots(struct nfnl *nfnl, int adding, const char *set, const struct addr *addr, uint32_t class,
		       const struct bucketset *buckets, const char *what, const void *about);

typedef int (*nft_elem_cb)(const struct nft_elem *elem, void *data);

/* The elements that a message is about, be it an answer or what the kernel tells of a change. */
int nft_elem_each(const struct nlmsghdr *nlh, nft_elem_cb cb, void *data);
/* Read a whole set; -ENOENT: no such set or table. */
int nft_elem_dump(struct nfnl *nfnl, uint8_t family, const char *set, nft_elem_cb cb, void *data);
/* Read one element; the callback is not called if it is not there, nor if the set is not. */
int nft_elem_get(struct nfnl *nfnl, uint8_t family, const char *set, const struct nft_elem *key, nft_elem_cb cb,
		 void *data);
/* Read the slots of buckets 1..total, those that are there. */
int nft_elem_get_slots(struct nfnl *nfnl, const char *set, const struct addr *addr, uint32_t class,
		       uint32_t total, nft_elem_cb cb, void *data);

#endif
