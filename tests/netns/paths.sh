#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every packet that concerns a flow reaches the one node that owns it: IPv6 in all hash modes, ICMP errors by the packet
# that they quote, fragments, sources by their network.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
begin
# shellcheck source=paths-lib.sh
. "$here/paths-lib.sh"
with_ipv6_everywhere
v4=(
	"10.77.100.1/16 dev eth0 total 3"
	"10.77.100.2/16 dev eth0 total 16 hash sourceip-sourceport seed 7"
	"10.77.100.3/16 dev eth0 total 7 hash sourceip-sourceport-destport"
	"10.77.100.4/16 dev eth0 total 5 hash xt_cluster seed 0xdeadbeef"
	"10.77.100.5/16 dev eth0 total 6 source-prefix 28"
)
v6=(
	"fd77::100:1/64 dev eth0 total 3"
	"fd77::100:2/64 dev eth0 total 16 hash sourceip-sourceport seed 7"
	"fd77::100:3/64 dev eth0 total 7 hash sourceip-sourceport-destport"
	"fd77::100:4/64 dev eth0 total 5 hash xt_cluster seed 0xdeadbeef"
	"fd77::100:5/64 dev eth0 total 6 source-prefix 124"
)

# shellcheck disable=SC2317 # called by name
nft1() {
	in_ns n1 nft "$@"
}

# as an administrator would
# shellcheck disable=SC2317 # called by name
reload() {
	nft1 list ruleset >"$WORK/ruleset" && nft1 flush ruleset && nft1 -f "$WORK/ruleset"
}

# damage WHAT KIND COMMAND...: check on n1 finds a fault of that kind, and apply repairs it
damage() {
	local output what=$1 kind=$2
	shift 2
	works "$what" "$@"
	output=$(cip n1 check 2>&1)
	is "$what: check ends with 1" $? 1
	has "$what: check calls it $kind" "$output" "^[^ ]+: $kind: "
	works "$what: apply" cip n1 apply "$WORK/n1.conf"
	is "$what: check finds nothing" "$(cip n1 check 2>&1)" "2 cluster IPs, no fault"
}

# of fd77::100:1
damages() {
	damage "table deleted" table nft1 delete table ip6 clusterip
	damage "map of MACs emptied" arp nft1 flush map ip6 clusterip macs
	damage "rules for neighbours deleted" arp nft1 flush chain ip6 clusterip output
	damage "rules deleted" rule nft1 flush chain ip6 clusterip cip.1
	damage "rules for errors deleted" rule nft1 flush chain ip6 clusterip errors.1
	damage "base rules deleted" rule nft1 flush chain ip6 clusterip prerouting
	damage "entry deleted" dispatch nft1 flush map ip6 clusterip addresses
	damage "entry for errors deleted" dispatch nft1 flush map ip6 clusterip errors
	damage "record deleted" record nft1 flush map ip6 clusterip clusters
	damage "bucket taken away" bucket nft1 flush set ip6 clusterip buckets
	damage "assignment taken away" bucket nft1 flush set ip6 clusterip assigned
	damage "protocol deleted" table nft1 flush set ip6 clusterip quoted_opaque
	damage "MAC deleted" mac in_ns n1 bridge fdb del 03:bf:01:00:00:01 dev eth0 self
	damage "address deleted" address ip -n "$PREFIX-n1" addr del fd77::100:1/64 dev eth0
	# nft cannot say that the checksum changes with the MAC
	damage "ruleset saved and loaded" arp reload
}

# one cluster IP of a family has a shorter way through the rules than many
create "${v4[0]}" "${v6[0]}"
damages
scene announce
refuses "announce too often" 2 "0..1000" cip n1 announce fd77::100:1 count 1001
refuses "announce too slowly" 2 "0..60000" cip n1 announce fd77::100:1 interval 60001
refuses "announce what is not there" 3 "no such" cip n1 announce fd77::100:9
refuses "announce without a number" 2 count cip n1 announce fd77::100:1 count many
refuses "create with an announcement that is no number" 2 announce cip n1 --announce x create fd77::100:9 dev eth0 total 2
ip -n "$PREFIX-n1" link add down0 type veth peer name down1
works "create on a device that is down, where nothing can be announced" cip n1 create 10.99.0.1 dev down0 total 2
refuses "announce on a device that is down" 1 "down" cip n1 announce 10.99.0.1
works "destroy it" cip n1 destroy 10.99.0.1
ip -n "$PREFIX-n1" link del down0
scene flows
create "${v4[@]}" "${v6[@]}"
scene flows
scene errors
scene fragments
scene neighbours
scene match

# c is the router to far, whose way is narrower than both ends know
# shellcheck disable=SC2034 # lib.sh removes them
MORE=(far)
make_ns far
ip -n "$PREFIX-c" link add far type veth peer name eth0 netns "$PREFIX-far"
with_ipv6 far
in_ns c sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$PREFIX-c" link set far mtu 1400 up
ip -n "$PREFIX-far" link set eth0 up
ip -n "$PREFIX-c" -batch - <<<"addr add 10.78.0.254/16 dev far
addr add fd78::fe/64 dev far nodad"
{
	for ((i = 0; i < 200; i++)); do
		printf 'addr add 10.78.1.%d/16 dev eth0\naddr add fd78::1:%x/64 dev eth0 nodad\n' $((i + 1)) "$i"
	done
	echo route add default via 10.78.0.254
} | ip -n "$PREFIX-far" -batch -
ip -n "$PREFIX-far" -6 route add default via fd78::fe
EXPECT=whole scene mtu
for node in "${NODES[@]}"; do
	in_ns "$node" nft 'flush map ip clusterip errors; flush map ip6 clusterip errors'
	# they remember what they were told
	ip -n "$PREFIX-$node" route flush cache
	ip -n "$PREFIX-$node" -6 route flush cache
done
EXPECT=broken scene mtu
finish
