#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The recorded packets, sent to a cluster of which one node is on the kernel's CLUSTERIP target and two are on
# nftables: each is let in by exactly one node, the one whose bucket was recorded.

# shellcheck disable=SC2317 # works and the like call functions
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
begin
# shellcheck source=../../netns/vectors-lib.sh
. "$(dirname "$0")/../../netns/vectors-lib.sh"

# by_iptables LINE...: the cluster IPs of these lines on n1, without the library
by_iptables() {
	local address total mode seed buckets bucket mac line
	for line; do
		read -r address _ _ _ total _ mode _ seed _ buckets <<<"$line"
		# of N = 2 or 1 there may be nothing for it; the target has no rule without a bucket
		# shellcheck disable=SC2046,SC2183 # four words
		mac=$(printf '03:bf:%02x:%02x:%02x:%02x' $(tr . ' ' <<<"${address%/*}"))
		iptables n1 -A INPUT -d "${address%/*}" -i eth0 -j CLUSTERIP --new --clustermac "$mac" --total-nodes "$total" \
			--local-node "${buckets%%,*}" --hashmode "$mode" --hash-init "$seed" || return
		for bucket in ${buckets//,/ }; do
			in_ns n1 sh -c "echo +$bucket >/proc/net/ipt_CLUSTERIP/${address%/*}" 2>/dev/null
		done
		ip -n "$PREFIX-n1" addr add "$address" dev eth0 || return
	done
}

# The target drops what connection tracking finds invalid. The packets are about ports, not about checksums.
in_ns n1 sh -c 'echo 0 >/proc/sys/net/netfilter/nf_conntrack_checksum'
is "the table has fifteen groups" "${#GROUPS_OF_VECTORS[@]}" 15
for node in n2 n3; do
	lines "$node" "${GROUPS_OF_VECTORS[@]}" >"$WORK/$node.conf"
	works "$node: fifteen cluster IPs of nftables" cip "$node" --backend nft apply "$WORK/$node.conf"
done

mapfile -t all < <(lines n1 "${GROUPS_OF_VECTORS[@]}")
works "n1: fifteen rules of iptables" by_iptables "${all[@]}"
judge_all
works "n1 gives bucket 1 of 10.77.100.4 away" in_ns n1 sh -c 'echo -1 >/proc/net/ipt_CLUSTERIP/10.77.100.4'
works "n2 takes it" cip n2 bucket add 10.77.100.4 1
works "n3 takes bucket 1 of 10.77.100.5, which n1 has" cip n3 bucket add 10.77.100.5 1
output=$(send)
has "packets at a wrong owner are noticed" "$output" "^10.77.100.4 .* wrong [1-9][0-9]* nobody 0 several 0\$"
has "packets at two owners are noticed" "$output" "^10.77.100.5 .* wrong 0 nobody 0 several [1-9][0-9]*\$"
works "n2 gives it back" cip n2 bucket del 10.77.100.4 1
works "and so does n3" cip n3 bucket del 10.77.100.5 1

iptables n1 -F INPUT
for line in "${all[@]}"; do ip -n "$PREFIX-n1" addr del "${line%% *}" dev eth0; done
works "n1: fifteen cluster IPs of the library" on_target n1 apply - <<<"$(lines n1 "${GROUPS_OF_VECTORS[@]}")"
works "n1: check" cip n1 check
is "they are rules of the target" "$(target_rules n1 | wc -l)" 15
judge_all
finish
