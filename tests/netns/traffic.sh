#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real clients, real servers: who answers whom, what ARP says, what the counters say, in every mode and shape.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
address=10.77.0.100
mac=03:bf:0a:4d:00:64
begin
make_clients 200

declare -A share

# shares A-B C-D E-F: the buckets of n1, n2 and n3 from now on
shares() {
	share=([n1]=$1 [n2]=$2 [n3]=$3)
}

# on_all WORDS: creates the cluster IP on the nodes, each with its share of the buckets
on_all() {
	local node
	for node in "${NODES[@]}"; do
		# shellcheck disable=SC2086 # words
		cip "$node" create $1 buckets "${share[$node]}" || not_ok "create on $node: $1"
	done
}

destroy_all() {
	local node
	for node in "${NODES[@]}"; do cip "$node" destroy "$1" || not_ok "destroy $1 on $node"; done
}

# ask KIND TARGET COUNT [SIZE]
ask() {
	in_ns c "$TOOLS/ask" "$1" "$2" 8000 10.77.1.1 "${@:3}"
}

# owner BUCKET: the node that has it in its share
owner() {
	local node
	for node in "${NODES[@]}"; do
		if (($1 >= ${share[$node]%-*} && $1 <= ${share[$node]#*-})); then echo "$node"; fi
	done
}

# expected COUNT HASH-WORDS...: who ought to answer, computed with cipadm hash
expected() {
	local i bucket
	for ((i = 1; i <= $1; i++)); do
		bucket=$("$CIPADM" hash "${@:2}" 10.77.1.$i)
		echo "10.77.1.$i $(owner "$bucket")"
	done
}

# served WORD: how often each client was served with that protocol, by all nodes together: "COUNT times N"
served() {
	awk -v word="$1" '$1 == word {n[$2]++} END {for (c in n) t[n[c]]++; for (i in t) print t[i] " times " i}' \
		"$WORK"/n?.log
}

forget_served() {
	local node
	for node in "${NODES[@]}"; do : >"$WORK/$node.log"; done
}

start br "$WORK/arp" "$TOOLS/arpdump" "$PREFIX-br"
await "$WORK/arp" ready || not_ok "arpdump"
start_servers || not_ok "servers"

# ------------------------------------------------------------------ who answers

shares 1-4 5-8 9-12
on_all "$address/16 dev eth0 total 12 hash sourceip seed 99"
is "TCP from 200 clients: each is answered by the node that cipadm hash names" \
	"$(ask tcp $address 200)" "$(expected 200 total 12 seed 99)"
is "and each was served once in all" "$(served tcp)" "200 times 1"

# counters NODE: packets let in, and packets let in and foreign together
counters() {
	cip "$1" --json show $address | awk '{
		split($0, half, "\"foreign\":")
		n = split(half[1], word, "\"packets\":"); for (i = 2; i <= n; i++) local_sum += word[i]
		split(half[2], word, "\"packets\":"); print local_sum + 0, local_sum + word[2]
	}'
}

declare -A before_local before_all
for node in "${NODES[@]}"; do read -r "before_local[$node]" "before_all[$node]" <<<"$(counters "$node")"; done
is "UDP from 200 clients: each is answered by that node alone" \
	"$(ask udp $address 200)" "$(expected 200 total 12 seed 99)"
local_sum=0
for node in "${NODES[@]}"; do
	read -r in_here all_here <<<"$(counters "$node")"
	is "counters of $node: local and foreign packets are what was sent" $((all_here - before_all[$node])) 200
	is "counters of $node: local packets are those it served" \
		$((in_here - before_local[$node])) "$(grep -c ^udp "$WORK/$node.log")"
	local_sum=$((local_sum + in_here - before_local[$node]))
done
is "counters: together the nodes let in what was sent" $local_sum 200

# ------------------------------------------------------------------ ARP

is "the client knows the cluster IP by the cluster MAC" \
	"$(ip -n "$PREFIX-c" neigh show $address | sed 's/.*lladdr \([^ ]*\).*/\1/')" $mac
# nodes that ask with the cluster IP as sender
for node in "${NODES[@]}"; do
	ip -n "$PREFIX-$node" neigh flush all
	in_ns "$node" "$TOOLS/ask" udp 10.77.0.254 8000 $address 1 >/dev/null
	ip -n "$PREFIX-$node" neigh flush all
	in_ns "$node" "$TOOLS/ask" udp 10.77.0.254 8000 "10.77.0.${node#n}" 1 >/dev/null
done
ip -n "$PREFIX-c" neigh flush all
ask udp $address 10 >/dev/null
is "nodes sent ARP replies for the cluster IP" $(($(grep -c "^reply $address " "$WORK/arp") > 0)) 1
is "nodes sent ARP requests from the cluster IP" $(($(grep -c "^request $address " "$WORK/arp") >= 3)) 1
is "no ARP packet names another MAC for the cluster IP" \
	"$(grep -E "^(request|reply) $address " "$WORK/arp" | grep -vE "^[a-z]+ $address $mac ")" ""
is "no frame came from the cluster MAC, from which switches would learn it" "$(grep "from $mac" "$WORK/arp")" ""
is "the nodes' own addresses keep their own MAC" \
	"$(awk '$2 == "10.77.0.1" {print $3}' "$WORK/arp" | sort -u)" "02:00:00:00:00:01"

# ------------------------------------------------------------------ the node itself

is "a node that connects to the cluster IP reaches itself" \
	"$(in_ns n1 "$TOOLS/ask" tcp $address 8000 10.77.0.1 1)" "10.77.0.1 n1"
cip n1 bucket set $address none
is "also without any bucket" "$(in_ns n1 "$TOOLS/ask" tcp $address 8000 10.77.0.1 1)" "10.77.0.1 n1"
is "but then it answers nobody else" "$(ask udp $address 200 | grep -c n1)" 0
cip n1 bucket set $address "${share[n1]}"

# ------------------------------------------------------------------ another device

make_bridge br1
for node in "${NODES[@]}"; do
	plug "$node" br1 eth1 "10.78.0.${node#n}/16" "02:00:00:00:01:0${node#n}"
done
plug c br1 eth1 10.78.0.254/16 02:00:00:00:01:fe
read -r in_before all_before <<<"$(counters n2)"
ip -n "$PREFIX-c" route add $address/32 via 10.78.0.2
is "packets to the cluster IP by another device are not filtered" \
	"$(ask udp $address 50 | awk '{print $2, NF}' | sort | uniq -c | xargs)" "50 n2 2"
read -r in_here all_here <<<"$(counters n2)"
is "and not counted as foreign" $((all_here - in_here)) $((all_before - in_before))
ip -n "$PREFIX-c" route del $address/32

# several cluster IPs, on both devices, in other modes and seeds
shares 1-3 4-4 5-7
on_all "10.77.0.101/16 dev eth0 total 7 seed 1"
on_all "10.78.0.100/16 dev eth1 total 7 seed 2"
shares 1-100 101-900 901-1024
on_all "10.78.0.101/16 dev eth1 total 1024 seed 3"
for node in "${NODES[@]}"; do
	is "$node has four cluster IPs" "$(cip "$node" show | wc -l)" 4
	works "$node: check" cip "$node" check
done
is "N = 1024, on the second device" "$(ask tcp 10.78.0.101 200)" "$(expected 200 total 1024 seed 3)"
shares 1-3 4-4 5-7
is "second cluster IP of a device" "$(ask tcp 10.77.0.101 100)" "$(expected 100 total 7 seed 1)"
is "first one of the second device" "$(ask udp 10.78.0.100 100)" "$(expected 100 total 7 seed 2)"
for one in 10.77.0.101 10.78.0.100 10.78.0.101; do destroy_all $one; done
shares 1-4 5-8 9-12
is "the first cluster IP outlives the others" "$(ask udp $address 200)" "$(expected 200 total 12 seed 99)"

# ------------------------------------------------------------------ noaddr

shares 1-1 2-2 3-3
on_all "10.77.0.102 dev eth0 total 3 noaddr"
is "noaddr: create leaves the address to others" "$(ip -n "$PREFIX-n1" addr show to 10.77.0.102)" ""
for node in "${NODES[@]}"; do ip -n "$PREFIX-$node" addr add 10.77.0.102/16 dev eth0; done
is "noaddr: it works once they have put it there" "$(ask udp 10.77.0.102 50)" "$(expected 50 total 3)"
works "noaddr: check" cip n1 check
destroy_all 10.77.0.102
has "noaddr: destroy leaves the address" "$(ip -n "$PREFIX-n1" addr show to 10.77.0.102)" 10.77.0.102
for node in "${NODES[@]}"; do ip -n "$PREFIX-$node" addr del 10.77.0.102/16 dev eth0; done

# ------------------------------------------------------------------ N = 1

cip n2 create 10.77.0.103/16 dev eth0 total 1 buckets 1
cip n1 create 10.77.0.103/16 dev eth0 total 1 buckets none
is "N = 1: the node with the bucket answers everybody" \
	"$(ask tcp 10.77.0.103 50 | awk '{print $2}' | sort | uniq -c | xargs)" "50 n2"
cip n1 bucket add 10.77.0.103 1
cip n2 bucket del 10.77.0.103 1
is "N = 1: then the other one" "$(ask udp 10.77.0.103 50 | awk '{print $2, NF}' | sort | uniq -c | xargs)" "50 n1 2"
cip n1 destroy 10.77.0.103
cip n2 destroy 10.77.0.103

# ------------------------------------------------------------------ ports and fragments

for mode in sourceip-sourceport sourceip-sourceport-destport; do
	shares 1-4 5-8 9-12
	on_all "10.77.0.104/16 dev eth0 total 12 hash $mode seed 5"
	forget_served
	is "$mode: all of 200 TCP clients are answered" "$(ask tcp 10.77.0.104 200 | grep -c ' n[123]$')" 200
	is "$mode: each was served once in all" "$(served tcp)" "200 times 1"
	for node in "${NODES[@]}"; do
		is "$mode: $node has a share of them" $(($(grep -c ^tcp "$WORK/$node.log") > 20)) 1
	done
	is "$mode: UDP" "$(ask udp 10.77.0.104 200 | grep -c '^[^ ]* n[123]$')" 200
	forget_served
	is "$mode: datagrams of 4000 bytes, in fragments, are answered by one node each" \
		"$(ask udp 10.77.0.104 100 4000 | grep -c '^[^ ]* n[123]$')" 100
	is "$mode: and served once each" "$(served udp)" "100 times 1"
	is "$mode: whole" "$(cat "$WORK"/n?.log | awk '{print $3}' | sort -u)" 4000
	works "$mode: check" cip n1 check
	destroy_all 10.77.0.104
done

# ------------------------------------------------------------------ nothing left

destroy_all $address
for node in "${NODES[@]}"; do
	is "$node: destroy leaves no rules" "$(in_ns "$node" nft list ruleset)" ""
	is "$node: destroy leaves no address" "$(ip -n "$PREFIX-$node" addr show to $address)" ""
	is "$node: destroy leaves no MAC" "$(in_ns "$node" bridge fdb show | grep -i 03:bf)" ""
done
is "nobody answers any more" "$(ask udp $address 5 | grep -c n)" 0
finish
