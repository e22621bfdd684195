#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What has lost its record, or has one that nobody can read: check names it, create and apply make it anew, and destroy and
# prune leave nothing of it. All of it happens to n1.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
begin
ip -n "$PREFIX-n1" link set eth0 addrgenmode none
in_ns n1 sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0
nft1() { in_ns n1 nft "$@"; }

# left: what a cluster IP may leave on n1
left() {
	nft1 list ruleset
	ip -n "$PREFIX-n1" -o addr show dev eth0
	# an IPv6 address joins its solicited-node group a little later than it is there
	in_ns n1 bridge fdb show dev eth0 | grep -v ^33:33:ff: | sort
	ip -n "$PREFIX-n1" maddr show dev eth0 | grep -v -e 33:33:ff: -e ff02::1:ff
}

# record ADDRESS: its record, with quotes
record() {
	nft1 list map "$family" clusterip clusters | tr , '\n' | sed -n "s/.* $1 counter[^\"]*\(\"[^\"]*\"\).*/\1/p"
}

# unreadable ADDRESS: its record stays, and lets in what is foreign
unreadable() {
	local text
	text=$(record "$1")
	nft1 "delete element $family clusterip clusters { $1 };
		add element $family clusterip clusters { $1 comment $text : accept }"
}

# lost ADDRESS: its record is not there any more
lost() { nft1 delete element "$family" clusterip clusters "{ $1 }"; }

# sound WHAT COUNT
sound() {
	is "$1: check finds nothing" "$(cip n1 check 2>&1)" "$2"
}

# named WHAT ADDRESS KIND: check finds fault with it
named() {
	has "$1: check names it" "$(cip n1 check 2>&1)" "^$2: $3: "
}

before=$(left)
for mode in multicast igmp unicast; do
	for one in 10.77.0.100/16 2001:db8::100/64; do
		address=${one%/*}
		[[ $one == *:* ]] && family=ip6 other=2001:db8::7/64 || family=ip other=10.77.0.7/16
		line="$one dev eth0 total 4 buckets 1 mac-mode $mode"
		for damage in unreadable lost; do
			what="$mode, $family, $damage"
			# shellcheck disable=SC2086 # words
			works "$what: two" cip n1 apply - prune <<<"$line"$'\n'"$other dev eth0 total 5 buckets 2"
			works "$what" "$damage" "$address"
			named "$what" "$address" record
			works "$what: apply" cip n1 apply - <<<"$line"
			sound "$what: apply" "2 cluster IPs, no fault"
			"$damage" "$address"
			works "$what: destroy" cip n1 destroy "$address"
			sound "$what: destroy" "1 cluster IP, no fault"
			works "$what: create" cip n1 apply - <<<"$line"
			"$damage" "$address"
			works "$what: prune" cip n1 apply - prune <<<"$other dev eth0 total 5"
			sound "$what: prune" "1 cluster IP, no fault"
			works "$what: create" cip n1 apply - <<<"$line"
			"$damage" "$address"
			works "$what: restore nothing" cip n1 restore </dev/null
			is "$what: nothing is left" "$(left)" "$before"
		done
		# shellcheck disable=SC2086 # words
		works "$mode, $family, table gone: create" cip n1 create $line
		nft1 delete table "$family" clusterip
		named "$mode, $family, table gone" "$address" table
		works "$mode, $family, table gone: destroy" cip n1 destroy "$address"
		is "$mode, $family, table gone: nothing is left" "$(left)" "$before"
	done
done

echo "-- entries in the wrong maps"
family=ip
works "two" cip n1 apply - <<<$'10.77.0.100/16 dev eth0 total 4 buckets 1\n10.77.0.7/16 dev eth0 total 5 buckets 2'
lost 10.77.0.100
works "without its record, now outgoing" cip n1 apply - <<<"10.77.0.100/16 dev eth0 total 4 buckets 1 outgoing"
sound "without its record, now outgoing" "2 cluster IPs, no fault"
is "without its record, now outgoing: nothing leads to the old rules" \
	"$(nft1 list map ip clusterip addresses | grep -c 10.77.0.100)" 0
unreadable 10.77.0.100
works "unreadable, now not outgoing" cip n1 apply - <<<"10.77.0.100/16 dev eth0 total 4 buckets 1"
sound "unreadable, now not outgoing" "2 cluster IPs, no fault"
is "unreadable, now not outgoing: nothing leads to the old rules" "$(nft1 list map ip clusterip late_addresses 2>/dev/null | grep -c 10.77.0.100)" 0
nft1 add element ip clusterip late_addresses "{ 10.77.0.100 : goto $(nft1 list map ip clusterip addresses | sed -n 's/.*10.77.0.7 : goto \(cip.[0-9]*\).*/\1/p') }"
named "an entry beside its own" 10.77.0.100 dispatch
works "an entry beside its own: create" cip n1 create 10.77.0.100/16 dev eth0 total 4
sound "an entry beside its own: create" "2 cluster IPs, no fault"
nft1 "delete element arp clusterip macs { \"eth0\" . 10.77.0.100 };
	add element arp clusterip macs { \"eth0\" . 10.77.0.100 : 02:00:00:00:00:99 }"
unreadable 10.77.0.100
works "unreadable, with another MAC: create" cip n1 create 10.77.0.100/16 dev eth0 total 4 buckets 1
sound "unreadable, with another MAC: create" "2 cluster IPs, no fault"
works "restore nothing" cip n1 restore </dev/null
is "nothing is left" "$(left)" "$before"

echo "-- chains that only one had whose record is lost"
works "two, one with ports" cip n1 apply - <<<$'10.77.0.100/16 dev eth0 total 4 hash sourceip-sourceport\n10.77.0.7/16 dev eth0 total 5'
lost 10.77.0.100
works "with ports: destroy" cip n1 destroy 10.77.0.100
is "with ports: nothing is put together any more" "$(nft1 list chains ip | grep -c defragment)" 0
works "two, one outgoing" cip n1 apply - <<<$'10.77.0.100/16 dev eth0 total 4 outgoing\n10.77.0.7/16 dev eth0 total 5'
lost 10.77.0.100
works "outgoing: not any more" cip n1 apply - <<<"10.77.0.100/16 dev eth0 total 4"
is "outgoing: nothing is judged late any more" "$(nft1 list chains ip | grep -c late)" 0
works "restore nothing" cip n1 restore </dev/null
is "nothing is left" "$(left)" "$before"

echo "-- a MAC that two have, in two modes"
works "two" cip n1 apply - <<<$'10.77.0.100/16 dev eth0 total 4 mac-mode igmp mac 01:00:5e:7f:00:64\n10.77.0.7/16 dev eth0 total 5 mac 01:00:5e:7f:00:64'
in_ns n1 bridge fdb del 01:00:5e:7f:00:64 dev eth0 self
works "one reference less: destroy" cip n1 destroy 10.77.0.100
sound "one reference less: destroy" "1 cluster IP, no fault"
works "restore nothing" cip n1 restore </dev/null
is "nothing is left" "$(left)" "$before"

echo "-- what is taken for a remain, and is none"
works "its MAC is that of a group" cip n1 create 2001:db8:1::1/64 dev eth0 total 4 buckets 1
works "and the group is joined" cip n1 create 2001:db8:2::1/64 dev eth0 total 4 buckets 1 mac-mode igmp
sound "the address of a group" "2 cluster IPs, no fault"
works "restore nothing" cip n1 restore </dev/null
is "nothing is left" "$(left)" "$before"

echo "-- slots behind a rehash that is undone"
family=ip
works "create" cip n1 create 10.77.0.100/16 dev eth0 total 4 buckets 1,2
shown=$(nft1 list set ip clusterip buckets | grep -o '10.77.0.100' | wc -l)
in_ns n1 sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
is "a list of which one cannot be had" "$(cip n1 apply - <<<$'10.77.0.100 seed 5\n2001:db8::1/64 dev eth0 total 4 buckets 1' >/dev/null 2>&1; echo $?)" 4
sound "a list of which one cannot be had" "1 cluster IP, no fault"
is "no slots are left of it" "$(nft1 list set ip clusterip buckets | grep -o '10.77.0.100' | wc -l)" "$shown"
is "nor notes of them" "$(nft1 list set ip clusterip retired | grep -c elements)" 0
finish
