#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which backend a new cluster IP gets, on a kernel that has both, one, or none of them. Modules are hidden before
# anything has loaded them.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../netns/lib.sh
. "$here/../../netns/lib.sh"
address=10.77.0.100
words="$address/16 dev eth0 total 3"
hidden=$(mktemp -d)
begin
make_clients 30

# hide MODULE, unhide MODULE
hide() {
	local file
	for file in /lib/modules/*/kernel/net/{netfilter,ipv4/netfilter}/"$1".ko; do
		[[ ! -e $file ]] || echo "$file" >"$hidden/$1.path" && mv "$file" "$hidden/" 2>/dev/null
	done
	[[ -e $hidden/$1.ko ]]
}

unhide() {
	mv "$hidden/$1.ko" "$(<"$hidden/$1.path")"
}

backend() {
	cip "$1" --json show | sed -n 's/.*"backend":"\([a-z]*\)".*/\1/p'
}

if [[ -e /sys/module/nf_tables || -e /sys/module/ipt_CLUSTERIP ]] || ! hide nf_tables || ! hide ipt_CLUSTERIP; then
	skip "auto.sh: the modules are not there, or somebody has loaded them"
	finish
fi

# ------------------------------------------------------------------ none

# shellcheck disable=SC2086 # words
refuses "neither can do it: the sentence names what both lack" 1 'nft: .*CONFIG_NF_TABLES.*; clusterip: .*CLUSTERIP' \
	cip n1 create $words
is "there is nothing to show" "$(cip n1 show)" ""
is "nor to check" "$(cip n1 check)" "0 cluster IPs, no fault"
refuses "nor to migrate, for want of a goal" 1 CONFIG_NF_TABLES cip n1 migrate $address

# ------------------------------------------------------------------ the target alone

unhide ipt_CLUSTERIP
for node in "${NODES[@]}"; do
	# shellcheck disable=SC2086
	works "without nf_tables: create on $node" cip "$node" create $words buckets "${node#n}"
	is "it is the target" "$(backend "$node")" clusterip
	is "check" "$(cip "$node" check)" "1 cluster IP, no fault"
done
start_servers || not_ok "servers"
expected() {
	local i
	for ((i = 1; i <= 30; i++)); do echo "10.77.1.$i n$("$CIPADM" hash total 3 10.77.1.$i)"; done
}
ask() {
	in_ns c "$TOOLS/ask" udp $address 8000 10.77.1.1 30
}
is "clients are answered by the nodes that have their buckets" "$(ask)" "$(expected)"
refuses "more than the target can" 1 'nft: .*; clusterip: total 33' cip n1 create 10.77.0.101 dev eth0 total 33
refuses "a rehash to more than it can" 2 'total 33' cip n1 set $address total 33
refuses "migrate without a goal" 1 CONFIG_NF_TABLES cip n1 migrate $address
is "and all clients are answered as before" "$(ask)" "$(expected)"
works "destroy on n3" cip n3 destroy $address

# ------------------------------------------------------------------ both

unhide nf_tables
hide nft_hash
# shellcheck disable=SC2086
works "without nft_hash: create on n3" cip n3 create $words buckets 3
is "it is the target" "$(backend n3)" clusterip
refuses "asked for nftables: the sentence says what is missing" 1 CONFIG_NFT_HASH \
	cip n3 --backend nft create 10.77.0.102 dev eth0 total 3
is "and nothing of it is left" "$(in_ns n3 nft list ruleset)" ""
refuses "migrate says so, too" 1 CONFIG_NFT_HASH cip n3 migrate $address
is "and all clients are answered as before" "$(ask)" "$(expected)"
works "destroy on n3" cip n3 destroy $address
unhide nft_hash
# shellcheck disable=SC2086
works "with all of nftables: create on n3" cip n3 create $words buckets 3
is "it is nftables" "$(backend n3)" nft
is "both kinds of nodes serve one cluster" "$(ask)" "$(expected)"
works "a bucket leaves n1, which has the target" cip n1 bucket del $address 1
works "and comes to n3, which has nftables" cip n3 bucket add $address 1
is "its clients follow" "$(ask)" "$(expected | sed 's/n1$/n3/')"
printf '%s\n' "$address buckets 1" "10.77.0.101/16 dev eth0 total 20 buckets 20" >"$WORK/list"
works "a list over two backends" cip n1 apply "$WORK/list"
is "changes each where it is, and creates in nftables" \
	"$(cip n1 --json show | grep -o '"backend":"[a-z]*","buckets":[^]]*]' | tr '\n' ' ')" \
	'"backend":"clusterip","buckets":[1] "backend":"nft","buckets":[20] '
printf '%s\n' "$address buckets 1,2" "10.77.0.101/16 dev nosuch0 total 20" >"$WORK/list"
before=$(cip n1 dump)
refuses "a list of which one part is impossible" 1 dev cip n1 apply "$WORK/list"
is "changes nothing in the other backend" "$(cip n1 dump)" "$before"
works "an empty list, prune" cip n1 apply - prune </dev/null
is "empties both" "$(cip n1 show)$(in_ns n1 iptables-legacy-save | grep CLUSTERIP)$(in_ns n1 nft list ruleset)" ""
finish
