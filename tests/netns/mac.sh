#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How frames reach every node: by the multicast MAC of a group that nodes join, on a bridge that snoops, and by a unicast
# MAC that the bridge never learns. x is a port that has nothing to do with it.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
begin
# shellcheck source=paths-lib.sh
. "$here/paths-lib.sh"
# shellcheck disable=SC2034 # lib.sh removes it
MORE=(x)
make_ns x
plug x br0 eth0 10.77.0.99/16 02:00:00:00:00:99
with_ipv6_everywhere
export MORE_PORTS=x
address=10.77.100.1
clients=60
make_clients $clients
start_servers || not_ok "servers"

# snoop: the bridge sends frames to a multicast MAC only where somebody has asked for them. It looks at the address in
# the packet rather than at the MAC, and nobody can ask for the address of a host; so nodes' ports have to be router ports.
snoop() {
	local node
	in_ns br sh -c 'cd /proc/sys/net/ipv6/conf && echo 0 | tee all/disable_ipv6 >br0/disable_ipv6'
	# a querier of IPv6 needs an address that is its own
	eventually "the bridge has an address" 1 eval "ip -n $PREFIX-br -6 addr show dev br0 scope link -tentative | grep -c inet6"
	# in version 2 of IGMP a host says that it leaves only if it was the last to say that it is there
	ip -n "$PREFIX-br" link set br0 type bridge mcast_igmp_version 3 mcast_mld_version 2 mcast_query_response_interval 10 \
		mcast_startup_query_interval 20 mcast_last_member_interval 10
	ip -n "$PREFIX-br" link set br0 type bridge mcast_snooping 1 mcast_querier 1
	for node in "${NODES[@]}"; do in_ns br bridge link set dev "${node}br0" mcast_router 2; done
	# whether there is a querier counts only after it has asked for the first time
	sleep 2
}

# members: of the groups, as the bridge knows them from what nodes say
# shellcheck disable=SC2317 # called by name
members() {
	in_ns br bridge mdb show dev br0 | sed -n "s/.* port \(n[123]\)br0 grp \($1\) .*/\1/p" | sort | paste -sd ' '
}

# eventually WHAT EXPECTED COMMAND...
eventually() {
	local i
	for ((i = 0; i < 100; i++)); do
		[[ $("${@:3}") != "$2" ]] || break
		sleep 0.1
	done
	is "$1" "$("${@:3}")" "$2"
}

# traces: what a cluster IP may leave on n1
traces() {
	in_ns n1 nft list ruleset
	ip -n "$PREFIX-n1" -o addr show dev eth0 | grep -v fe80
	ip -n "$PREFIX-n1" maddr show dev eth0
	in_ns n1 bridge fdb show dev eth0
}

# damage WHAT COMMAND...: check on n1 calls it mac, and apply repairs it
damage() {
	local output what=$1
	shift
	works "$what" "$@"
	output=$(cip n1 check 2>&1)
	is "$what: check ends with 1" $? 1
	has "$what: check calls it mac" "$output" "^[^ ]+: mac: "
	works "$what: apply" cip n1 apply "$WORK/n1.conf"
	is "$what: check finds nothing" "$(cip n1 check 2>&1)" "2 cluster IPs, no fault"
}

# destroyed NODE...
destroyed() {
	local node
	for node; do works "$node: destroy" cip "$node" apply /dev/null prune; done
}

# answered: every client by the node that has its bucket, by way of ARP
answered() {
	ip -n "$PREFIX-c" neigh flush dev eth0
	is "clients are answered by the right nodes" "$(answers)" "$(answers_due 1 total 3)"
}

before=$(traces)
echo "-- a multicast MAC of no group: a bridge that does not snoop floods it"
create "$address/16 dev eth0 total 3" "fd77::100:1/64 dev eth0 total 3"
FRAMES="n1 n2 n3 x" scene frames
snoop
FRAMES="n1 n2 n3" scene frames
destroyed "${NODES[@]}"

echo "-- igmp"
create "$address/16 dev eth0 total 3 mac-mode igmp" "fd77::100:1/64 dev eth0 total 3 mac-mode igmp"
eventually "the bridge knows who is in the group" "n1 n2 n3" members 239.255.100.1
eventually "and in the IPv6 group" "n1 n2 n3" members ff15::100:1
FRAMES="n1 n2 n3" scene frames
scene flows
answered
damage "group left" ip -n "$PREFIX-n1" addr del 239.255.100.1/32 dev eth0
damage "IPv6 group left" ip -n "$PREFIX-n1" addr del ff15::100:1/128 dev eth0
eventually "the bridge knows who is in the group again" "n1 n2 n3" members 239.255.100.1
destroyed n3
eventually "who is without it has left the group" "n1 n2" members 239.255.100.1
eventually "and the IPv6 group" "n1 n2" members ff15::100:1
destroyed n1 n2
eventually "nobody is in the group" "" members 239.255.100.1
is "nothing is left" "$(traces)" "$before"

in_ns n1 sysctl -qw net.ipv4.igmp_max_memberships=0
refuses "a group more than the kernel allows" 1 "igmp_max_memberships" cip n1 create $address/16 dev eth0 total 3 mac-mode igmp
is "and nothing is left of it" "$(traces)" "$before"
in_ns n1 sysctl -qw net.ipv4.igmp_max_memberships=20

echo "-- igmp, one MAC for both"
create "$address/16 dev eth0 total 3 mac-mode igmp" "fd77::100:1/64 dev eth0 total 3 mac-mode igmp mac 01:00:5e:7f:64:01"
FRAMES="n1 n2 n3" scene frames
works "n1: destroy of one" cip n1 destroy $address
is "the other still has the MAC" "$(cip n1 check 2>&1)" "1 cluster IP, no fault"
destroyed "${NODES[@]}"
is "nothing is left" "$(traces)" "$before"

echo "-- outgoing"
create "$address/16 dev eth0 total 3" "fd77::100:1/64 dev eth0 total 3"
EXPECT=broken scene outgoing
destroyed "${NODES[@]}"
create "$address/16 dev eth0 total 3 outgoing" "fd77::100:1/64 dev eth0 total 3 outgoing"
EXPECT=whole scene outgoing
scene flows
scene errors
answered
create "$address/16 dev eth0 total 7 outgoing hash sourceip-sourceport" \
	"fd77::100:1/64 dev eth0 total 7 outgoing hash sourceip-sourceport"
EXPECT=whole scene outgoing
scene flows
works "another one" cip n1 create 10.77.100.9 dev eth0 total 2 outgoing
works "its record and entry deleted" in_ns n1 nft "delete element ip clusterip clusters { 10.77.100.9 };
	delete element ip clusterip late_addresses { 10.77.100.9 }"
has "its record and entry deleted: check" "$(cip n1 check 2>&1)" "^10.77.100.9: record: "
works "its record and entry deleted: destroy" cip n1 destroy 10.77.100.9
is "its record and entry deleted: nothing is left of it" "$(in_ns n1 nft list ruleset | grep -c 10.77.100.9)" 0
works "late map emptied" in_ns n1 nft flush map ip clusterip late_addresses
has "late map emptied: check" "$(cip n1 check 2>&1)" "^$address: dispatch: .*late_addresses"
works "late chain emptied" in_ns n1 nft flush chain ip6 clusterip late
has "late chain emptied: check" "$(cip n1 check 2>&1)" "^all: rule: .*late"
works "repaired" cip n1 apply "$WORK/n1.conf"
is "repaired: check" "$(cip n1 check 2>&1)" "2 cluster IPs, no fault"
refuses "set of outgoing" 2 outgoing cip n1 set $address outgoing
refuses "another outgoing" 1 "outgoing" cip n1 create $address/16 dev eth0 total 7 hash sourceip-sourceport
destroyed "${NODES[@]}"
is "nothing is left" "$(traces)" "$before"

echo "-- unicast"
start br "$WORK/fdb" bridge monitor fdb
create "$address/16 dev eth0 total 3 mac-mode unicast" "fd77::100:1/64 dev eth0 total 3 mac-mode unicast"
FRAMES="n1 n2 n3 x" scene frames
scene flows
answered
scene neighbours
works "n1 takes over from n3" cip n1 bucket add $address 3
works "n3 lets go" cip n3 bucket del $address 3
ip -n "$PREFIX-n3" link set eth0 down
ip -n "$PREFIX-n3" link set eth0 up
works "n3 comes back" cip n3 apply "$WORK/n3.conf"
works "n1 lets go" cip n1 bucket del $address 3
answered
damage "table deleted" in_ns n1 nft delete table netdev clusterip
damage "rule deleted" in_ns n1 nft flush chain netdev clusterip in.eth0
damage "MAC deleted from the set" in_ns n1 nft flush set netdev clusterip macs
damage "MAC deleted from the device" in_ns n1 bridge fdb del 02:bf:0a:4d:64:01 dev eth0 self
in_ns n1 nft flush chain netdev clusterip in.eth0
is "a rule of all is missed once" "$(cip n1 check 2>&1 | sort | uniq -d | wc -l) $(cip n1 check 2>&1 | grep -c 'in.eth0')" "0 1"
works "repaired" cip n1 apply "$WORK/n1.conf"
damage "device made anew" eval "ip -n $PREFIX-n1 link del eth0 && plug_node n1 && with_ipv6 n1 && ipv6_node n1"
in_ns n1 nft list table netdev clusterip >"$WORK/table"
works "the table is deleted and loaded as it was listed" in_ns n1 sh -c "nft delete table netdev clusterip; nft -f $WORK/table"
is "which check takes for the same" "$(cip n1 check 2>&1)" "2 cluster IPs, no fault"
answered
refuses "the device's own MAC" 2 "itself" cip n1 create 10.77.100.9 dev eth0 total 2 mac-mode unicast mac 02:00:00:00:00:01
# on a device of its own: the bridge would learn it
ip -n "$PREFIX-n1" link add d0 type veth peer name d1
ip -n "$PREFIX-n1" link set d0 up
works "a cluster IP of another device" cip n1 create 10.78.0.1/16 dev d0 total 2 mac-mode unicast
ip -n "$PREFIX-n1" link set d0 address 02:bf:0a:4e:00:01
is "the device takes the cluster MAC for its own" "$(cip n1 check 10.78.0.1 2>&1 | grep -c 'for its own')" 1
refuses "a repair of that" 2 "itself" cip n1 create 10.78.0.1/16 dev d0 total 2 mac-mode unicast
ip -n "$PREFIX-n1" link set d0 address 02:00:00:00:00:09
is "and gives it back" "$(cip n1 check 2>&1)" "3 cluster IPs, no fault"
works "destroyed" cip n1 destroy 10.78.0.1
ip -n "$PREFIX-n1" link del d0
refuses "another mode" 1 "mac-mode" cip n1 create $address/16 dev eth0 total 3 mac-mode igmp
refuses "set of the mode" 2 "mac-mode" cip n1 set $address mac-mode igmp
destroyed "${NODES[@]}"
is "no table is left" "$(in_ns n1 nft list ruleset)" ""
stop_last
is "the bridge has never learnt the cluster MACs" "$(grep -ciE '02:bf:(0a:4d:64:01|01:00:00:01)' "$WORK/fdb")" 0
has "but others" "$(<"$WORK/fdb")" "02:00:00:00:00:0"
finish
