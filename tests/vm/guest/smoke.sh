#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guest has what the other scripts need: the target itself, and nftables with all that the library uses.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
begin
works "iptables makes a rule with the CLUSTERIP target" in_ns n1 iptables-legacy -I INPUT -d 10.77.0.100 -i eth0 \
	-j CLUSTERIP --new --clustermac 81:48:8f:53:39:b3 --total-nodes 3 --local-node 1 --hashmode sourceip
is "the kernel lists its bucket" "$(in_ns n1 cat /proc/net/ipt_CLUSTERIP/10.77.0.100)" 1
works "iptables removes it" in_ns n1 iptables-legacy -F INPUT
works "cipadm makes a cluster IP of nftables" cip n2 --backend nft create 10.77.0.100/16 dev eth0 total 3 buckets 2
works "check" cip n2 check
works "cipadm removes it" cip n2 destroy 10.77.0.100
finish
