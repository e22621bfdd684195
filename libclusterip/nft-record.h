/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NFT_RECORD_H
#define CIP_NFT_RECORD_H

#include "nft.h"

/* The record of a cluster IP, docs/footprint.md "Record". 0 or -ENOSPC. */
int nft_record_format(const struct cip_cluster *cluster, char buf[NFT_COMMENT_MAX]);
/*
 * Take a record over into a cluster IP that has its address. 0; -EBADMSG: it is no record, nothing was taken;
 * -EPROTONOSUPPORT: it is of a version or has a word that is not known.
 */
int nft_record_parse(struct cip_cluster *cluster, const char *text);

#endif
