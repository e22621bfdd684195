/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_WATCH_H
#define CIP_WIRE_WATCH_H

#include "addr.h"
#include "wire-nl.h"

enum watch_kind {
	WATCH_NONE,   /* the message is about nothing of these */
	WATCH_OBJECT, /* an object of an nftables table */
	WATCH_COMMIT, /* the end of a transaction of nftables */
	WATCH_LINK,
	WATCH_ADDR,
	WATCH_MAC, /* in a device's list of received addresses */
	WATCH_LOST /* the kernel had to drop messages */
};

/* What one message says; strings that it does not have are "". */
struct watch_news {
	enum watch_kind kind;
	int gone; /* deleted, not added or changed */
	/* WATCH_OBJECT */
	uint8_t family; /* NFPROTO_* */
	char table[32];
	int is_table;
	/* WATCH_COMMIT: who has made it; pid 0: not told */
	uint32_t pid;
	char process[64];
	/* WATCH_LINK, WATCH_ADDR, WATCH_MAC */
	uint32_t index;
	char ifname[16];
	int up;
	struct addr addr;
	uint32_t prefix;
	uint8_t mac[6];
};

/* Messages of one socket, taken one by one. */
struct watch_source {
	struct nl nl;
	const struct nlmsghdr *next;
	int left; /* bytes from there on */
};

/* What the kernel tells of changes by anybody in the network namespace, and one descriptor to wait for it. */
struct watch {
	int fd; /* epoll */
	struct watch_source nft, rtnl;
};

int watch_open(struct watch *watch);
void watch_close(struct watch *watch);
/* 1: *ret_news is the next message, 0: there is none now, or a negative errno. */
int watch_next(struct watch *watch, struct watch_news *ret_news);

#endif
