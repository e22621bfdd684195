#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Plans of several steps: what one of them does must not undo, hide or need what another one does. All of it happens to n1;
# clients are answered by the right nodes behind each.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# the first is on all nodes, which have four of its buckets each; the second comes and goes on n1
first=10.77.0.100
second=10.77.0.101
clients=24
begin
make_clients $clients
start_servers || not_ok "servers"
ip -n "$PREFIX-n1" link set eth0 addrgenmode none
in_ns n1 sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0

# answered WHAT ADDRESS TOTAL BUCKETS: clients ask the address, of which each node has so many buckets
answered() {
	address=$2
	ip -n "$PREFIX-c" neigh flush dev eth0
	is "$1: everybody is answered by the right node" "$(answers)" "$(answers_due "$4" total "$3")"
}

# writes ARGUMENT...: what cipadm does on n1, a line for each step
writes() {
	cip n1 --verbose "$@" 2>&1
}

# sound WHAT COUNT: check of n1 finds so many cluster IPs, and no fault
sound() {
	is "$1: check finds nothing" "$(cip n1 check 2>&1)" "$2"
}

# received MAC: how often the device is told to receive it, 0 or 1
received() {
	in_ns n1 cat /proc/net/dev_mcast | grep -c " ${1//:/}\$"
}

# on_device: addresses and MACs that somebody has put there
on_device() {
	ip -n "$PREFIX-n1" -o addr show dev eth0 | awk '{print $4}' | sort
	# an IPv6 address joins its solicited-node group a little later than it is there
	in_ns n1 bridge fdb show dev eth0 | awk '!/^33:33:ff:/ {print $1}' | sort
}

echo "-- prune beside create: what is created needs what the pruned has"
before=$(on_device)
for mode in multicast igmp unicast; do
	mac=01:00:5e:7f:00:64
	[[ $mode != unicast ]] || mac=02:bf:0a:4d:00:64
	same="16 dev eth0 total 4 mac $mac mac-mode $mode buckets all"
	# shellcheck disable=SC2086 # words
	works "$mode: create" cip n1 create $first/$same
	# shellcheck disable=SC2086 # words
	works "$mode: apply prune" cip n1 apply - prune <<<"$second/$same"
	sound "$mode: apply prune" "1 cluster IP, no fault"
	address=$second
	ip -n "$PREFIX-c" neigh flush dev eth0
	is "$mode: apply prune: n1 answers everybody" "$(answers)" "$(answers_due 4 total 4)"
	[[ $mode == unicast ]] || is "$mode: apply prune: the device receives the MAC" "$(received $mac)" 1
	[[ $mode != igmp ]] || has "$mode: apply prune: the group is joined" "$(on_device)" "^239\.255\.0\.100/32$"
	works "$mode: restore" cip n1 restore <<<"$first/$same"
	sound "$mode: restore" "1 cluster IP, no fault"
	[[ $mode == unicast ]] || is "$mode: restore: the device receives the MAC" "$(received $mac)" 1
	[[ $mode != igmp ]] || has "$mode: restore: the group is joined" "$(on_device)" "^239\.255\.0\.100/32$"
	works "$mode: restore nothing" cip n1 restore </dev/null
	is "$mode: nothing is left on the device" "$(on_device)" "$before"
done
# both have the MAC that ends with the last four octets
works "IPv6: create" cip n1 create 2001:db8:1::100/64 dev eth0 total 4
works "IPv6: apply prune" cip n1 apply - prune <<<"2001:db8:2::100/64 dev eth0 total 4 buckets 1"
sound "IPv6: apply prune" "1 cluster IP, no fault"
is "IPv6: apply prune: the device receives the MAC" "$(received 03:bf:00:00:01:00)" 1
works "IPv6: an IPv4 cluster IP in its place, with its MAC" cip n1 apply - prune \
	<<<"$first/16 dev eth0 total 4 mac 03:bf:00:00:01:00"
is "IPv6: an IPv4 cluster IP in its place: the device receives the MAC" "$(received 03:bf:00:00:01:00)" 1
works "IPv6: restore nothing" cip n1 restore </dev/null
is "IPv6: nothing is left on the device" "$(on_device)" "$before"

echo "-- rehash beside repair"
# shellcheck disable=SC2317 # called by name
# on_nodes TOTAL WORDS...: the first on all nodes, each with its third of the buckets
on_nodes() {
	local node number=0 part=$(($1 / 3))
	for node in "${NODES[@]}"; do
		cip "$node" apply - <<<"$first/16 dev eth0 total $1 buckets $((number * part + 1))-$((number * part + part)) ${*:2}" \
			>/dev/null || return
		number=$((number + 1))
	done
}

# damage KIND
# shellcheck disable=SC2317,SC2086 # called by name; an address
damage() {
	case $1 in
	no_dispatch) in_ns n1 nft flush chain ip clusterip prerouting ;;
	no_entry) in_ns n1 nft delete element ip clusterip addresses "{ $first }" ;;
	no_error_entry) in_ns n1 nft delete element ip clusterip errors "{ $first }" ;;
	no_arp) in_ns n1 nft delete table arp clusterip ;;
	no_arp_entry) in_ns n1 nft flush map arp clusterip macs ;;
	no_mac) in_ns n1 bridge fdb del 03:bf:0a:4d:00:64 dev eth0 self ;;
	no_address) ip -n "$PREFIX-n1" addr del $first/16 dev eth0 ;;
	no_port) in_ns n1 nft delete element ip clusterip ports '{ tcp }' ;;
	dark) in_ns n1 nft flush set ip clusterip buckets ;;
	esac
}
total=12
works "on all nodes" on_nodes 12
for kind in no_dispatch no_entry no_error_entry no_arp no_arp_entry no_mac no_address no_port dark; do
	total=$((total == 12 ? 24 : 12))
	works "$kind" damage "$kind"
	works "$kind: the total changes" on_nodes $total
	sound "$kind: the total changes" "1 cluster IP, no fault"
	answered "$kind: the total changes" $first $total $((total / 3))
	is "$kind: there is nothing more to do" "$(writes apply - <<<"$first/16 dev eth0 total $total")" ""
done
# of another class, so that there is no shortcut, and the rules that all share are not written for that
works "another class" cip n1 create $second/16 dev eth0 total 3 buckets none
for kind in no_dispatch no_entry no_port; do
	total=$((total == 12 ? 24 : 12))
	works "$kind, two classes" damage "$kind"
	works "$kind, two classes: the total changes" on_nodes $total
	sound "$kind, two classes: the total changes" "2 cluster IPs, no fault"
	answered "$kind, two classes: the total changes" $first $total $((total / 3))
done
works "another class goes" cip n1 destroy $second
# sets that rules of other modes alone look into
for name in ports quoted_ports quoted_opaque; do
	works "without set $name" in_ns n1 nft delete set ip clusterip $name
	works "without set $name: another mode" cip n1 set $first hash sourceip-sourceport
	sound "without set $name: another mode" "1 cluster IP, no fault"
	works "without set $name: and back" cip n1 set $first hash sourceip
done
works "no dispatch" damage no_dispatch
works "no dispatch: set" cip n1 set $first seed 5
sound "no dispatch: set" "1 cluster IP, no fault"
works "no dispatch" damage no_dispatch
works "no dispatch: the same again" cip n1 set $first seed 5
sound "no dispatch: the same again" "1 cluster IP, no fault"
for node in n2 n3; do works "$node: set" cip $node set $first seed 5; done

echo "-- create beside damage of what all share"
for kind in no_dispatch no_port; do
	works "$kind" damage "$kind"
	works "$kind: create another" cip n1 create $second/16 dev eth0 total 3 buckets none
	sound "$kind: create another" "2 cluster IPs, no fault"
	address=$second
	is "$kind: n1 answers nobody" "$(answers | grep -c n1)" 0
	works "$kind: destroy it" cip n1 destroy $second
done
works "no_arp" damage no_arp
works "no_arp: create another" cip n1 create $second/16 dev eth0 total 3 buckets none
is "no_arp: the other one still is not answered for" "$(cip n1 check 2>&1)" \
	"$first: arp: its entry in map macs is missing: ARP packets do not carry the cluster MAC"
works "no_arp: create that, too" cip n1 create $first/16 dev eth0 total $total seed 5
sound "no_arp: create that, too" "2 cluster IPs, no fault"
works "no_arp: destroy it" cip n1 destroy $second

echo "-- damage that is not of the family, or not of the MAC mode"
works "IPv6" cip n1 create 2001:db8:1::100/64 dev eth0 total 4 buckets 1
in_ns n1 nft delete element ip6 clusterip ports '{ tcp }'
is "IPv6: check finds it" "$(cip n1 check 2>&1 | grep -c 'ip6 clusterip')" 1
is "IPv6: applying IPv4 writes nothing" "$(writes apply - <<<"$first/16 dev eth0 total $total")" ""
has "IPv6: applying IPv6 repairs it" "$(writes apply - <<<"2001:db8:1::100/64 dev eth0 total 4")" "repair"
sound "IPv6: applying IPv6 repairs it" "2 cluster IPs, no fault"
in_ns n1 nft delete element ip clusterip ports '{ tcp }'
is "IPv4: applying IPv6 writes nothing" "$(writes apply - <<<"2001:db8:1::100/64 dev eth0 total 4")" ""
has "IPv4: applying IPv4 repairs it" "$(writes apply - <<<"$first/16 dev eth0 total $total")" "repair"
sound "IPv4: applying IPv4 repairs it" "2 cluster IPs, no fault"
works "unicast" cip n1 create $second/16 dev eth0 total 4 mac-mode unicast buckets 1
in_ns n1 nft add rule netdev clusterip in.eth0 counter
is "unicast: applying multicast writes nothing" "$(writes apply - <<<"$first/16 dev eth0 total $total")" ""
has "unicast: applying unicast repairs it" "$(writes apply - <<<"$second/16 dev eth0 total 4 mac-mode unicast")" "repair"
sound "unicast: applying unicast repairs it" "3 cluster IPs, no fault"
works "restore nothing" cip n1 restore </dev/null
is "nothing is left on the device" "$(on_device)" "$before"

echo "-- undoing while others change the ruleset"
# the last step fails, and what was done before is undone in competition with who moves buckets all the time
works "create" cip n1 create $first/16 dev eth0 total 32 buckets 1-16
in_ns n1 sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
start n1 "$WORK/contend" "$TOOLS/contend" "$PREFIX-n1" $first 1 1000000
failed=0 otherwise=
for ((i = 0; i < 50; i++)); do
	output=$(cip n1 create 2001:db8::100/64 dev eth0 total 4 buckets 1 2>&1)
	status=$?
	if ((status == 4)); then failed=$((failed + 1)); else otherwise+="$status: $output"$'\n'; fi
done
stop_last
is "a step that cannot be done: says so each time" "$failed$otherwise" 50
is "a step that cannot be done: nothing is left of the others" "$(in_ns n1 nft list table ip6 clusterip 2>&1 | grep -c ::100)" 0
in_ns n1 sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0
works "restore nothing" cip n1 restore </dev/null
is "nothing is left on the device" "$(on_device)" "$before"

echo "-- more than the maps hold"
# lines COUNT WORDS...
lines() {
	seq "$1" | awk -v words="${*:2}" '{ printf "10.78.%d.%d/16 dev eth0 noaddr mac 03:bf:00:00:00:01 %s\n", $1 / 250, $1 % 250 + 1, words }'
}
lines 16400 total 1 >"$WORK/many"
refuses "16,400 cluster IPs" 1 "the map is full" timeout 60 "$CIPADM" --netns "$PREFIX-n1" apply "$WORK/many"
lines 11000 total 8 buckets 1-3 >"$WORK/many"
works "33,000 buckets" timeout 60 "$CIPADM" --netns "$PREFIX-n1" --quiet apply "$WORK/many"
lines 11000 total 8 seed 1 >"$WORK/many"
refuses "33,000 buckets, rehashed at once" 1 "the map is full.* a rehash needs room for the old buckets and the new" \
	timeout 60 "$CIPADM" --netns "$PREFIX-n1" apply "$WORK/many"
sound "33,000 buckets" "11000 cluster IPs, no fault"
works "all of them destroyed" timeout 60 "$CIPADM" --netns "$PREFIX-n1" --quiet restore </dev/null
is "nothing is left on the device" "$(on_device)" "$before"
finish
