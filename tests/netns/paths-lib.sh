# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scripts that have paths.py look who lets in which packet, and that have sourced lib.sh and begun: IPv6 on every
# node, and cluster IPs of which n1, n2 and n3 have the buckets in turn.

PYTHON=/usr/bin/python3

# with_ipv6 NAME...: namespaces that lib.sh made without
with_ipv6() {
	local name
	for name; do
		in_ns "$name" sh -c 'cd /proc/sys/net/ipv6/conf && echo 0 | tee all/accept_dad default/accept_dad \
			eth0/accept_dad all/disable_ipv6 default/disable_ipv6 >eth0/disable_ipv6'
	done
}

# scene NAME: what paths.py says of the cluster IPs that n1 has
scene() {
	local line text
	while IFS= read -r line; do
		text=${line#* - }
		case $line in
		"ok - "*) ok "$text" ;;
		"NOT OK - "*) not_ok "$text" ;;
		*) echo "$line" ;;
		esac
	done < <(CLUSTERS=$(cip n1 show) "$PYTHON" "$(dirname "${BASH_SOURCE[0]}")/paths.py" "$1" "$PREFIX" "${NODES[@]}" 2>&1 || echo "NOT OK - scene $1")
}

# create LINE...: on every node, each with the buckets of its number
create() {
	local node line
	for node in "${NODES[@]}"; do
		for line; do echo "$line buckets $(share "$line" "${node#n}")"; done >"$WORK/$node.conf"
		works "$node: $# cluster IPs" cip "$node" apply "$WORK/$node.conf" prune
		works "$node: check" cip "$node" check
	done
}

# share LINE NUMBER: every third bucket
share() {
	local bucket list total=${1#* total }
	list=$2
	for ((bucket = $2 + 3; bucket <= ${total%% *}; bucket += 3)); do list+=,$bucket; done
	echo "$list"
}

ipv6_node() {
	ip -n "$PREFIX-$1" addr add "fd77::${1#n}/64" dev eth0 nodad
	ip -n "$PREFIX-$1" -6 route add default via fd77::fe
}

with_ipv6_everywhere() {
	local node
	with_ipv6 c "${NODES[@]}"
	ip -n "$PREFIX-c" addr add fd77::fe/64 dev eth0 nodad
	for node in "${NODES[@]}"; do ipv6_node "$node"; done
}
