/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_IPTABLES_TEXT_H
#define CIP_IPTABLES_TEXT_H

#include "cluster-list.h"

/*
 * Append to a list the cluster IPs of the CLUSTERIP rules in what iptables-save prints; the other lines are passed
 * over. The prefix length is set only where a comment of ours tells it. 0, -EINVAL with a sentence that names line
 * and option, -ENOMEM; the list may have gained members.
 */
int iptables_text_parse(struct cip_list *list, const char *text);

#endif
