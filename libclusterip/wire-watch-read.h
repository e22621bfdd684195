/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_WATCH_READ_H
#define CIP_WIRE_WATCH_READ_H

#include "wire-watch.h"

/* What a message says; *news comes zeroed, and its kind stays WATCH_NONE if that is nothing of what is watched. */
void watch_read_nft(const struct nlmsghdr *nlh, struct watch_news *news);
void watch_read_rtnl(const struct nlmsghdr *nlh, struct watch_news *news);

#endif
