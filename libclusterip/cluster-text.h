/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_CLUSTER_TEXT_H
#define CIP_CLUSTER_TEXT_H

#include "cluster.h"

#define CLUSTER_TEXT_MAX 4352

/*
 * Setting one attribute from text or number, checking that one. Failures name the attribute and its range in
 * the cluster's context.
 */
int cluster_set_address(struct cip_cluster *cluster, const char *text);
int cluster_set_prefix(struct cip_cluster *cluster, uint32_t prefix);
int cluster_set_ifname(struct cip_cluster *cluster, const char *ifname);
int cluster_set_mac(struct cip_cluster *cluster, const char *text);
int cluster_set_mac_mode(struct cip_cluster *cluster, uint32_t mac_mode);
int cluster_set_hash_mode(struct cip_cluster *cluster, uint32_t hash_mode);
int cluster_set_source_prefix(struct cip_cluster *cluster, uint32_t bits);
int cluster_set_total(struct cip_cluster *cluster, uint32_t total);
int cluster_set_buckets(struct cip_cluster *cluster, const char *text);
int cluster_check_bucket(struct cip_cluster *cluster, uint32_t bucket);

/* The words behind the address: "dev eth0 total 16 ..."; gains what they say. 0 or -EINVAL. */
int cluster_parse_words(struct cip_cluster *cluster, const char *text);
/* ADDRESS[/PREFIX] and the words. 0 or -EINVAL. */
int cluster_parse(struct cip_cluster *cluster, const char *text);
/* The same words for the attributes of "mask" that are set. 0 or -ENOSPC. */
int cluster_format_words(const struct cip_cluster *cluster, uint32_t mask, char *buf, size_t size);
/* ADDRESS[/PREFIX] and the words. 0, -ENODATA: no address, -ENOSPC. */
int cluster_format(const struct cip_cluster *cluster, char *buf, size_t size);
/* How the words differ, for the attributes of "mask": "mac 03:.. instead of 03:.." */
void cluster_format_difference(const struct cip_cluster *have, const struct cip_cluster *want, uint32_t mask,
			       char *buf, size_t size);

#endif
