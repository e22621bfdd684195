#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What devices have before and beside a cluster IP: the same address in another form, by keepalived, IPaddr2 or an
# administrator. It is taken over, put back where the verb fails, and never outlives the rules.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck disable=SC2034 # lib.sh has it
NODES=(n1)
begin
in_ns n1 sh -c 'cd /proc/sys/net/ipv6/conf && echo 0 | tee all/disable_ipv6 default/disable_ipv6 eth0/disable_ipv6 >lo/disable_ipv6'
in_ns c sh -c 'cd /proc/sys/net/ipv6/conf && echo 0 | tee all/disable_ipv6 >eth0/disable_ipv6'
ip -n "$PREFIX-n1" -6 addr add fd77::1/64 dev eth0 nodad
ip -n "$PREFIX-c" -6 addr add fd77:0:0:0:9::1/64 dev eth0 nodad
NOTHING=$(in_ns n1 nft list ruleset)

ip1() { ip -n "$PREFIX-n1" "$@"; }

# entries: of the address, as the kernel lists it; lifetimes that pass are not said
entries() {
	ip1 -o addr show dev eth0 to "$address" | sed 's/.*\(inet6\? .*\)\\.*/\1/' | sort
}

# state NODE: all that a verb could leave there
state() {
	in_ns "$1" nft -s list ruleset
	ip -n "$PREFIX-$1" -o addr show | grep -v ' fe80::'
	# an IPv6 address joins its solicited-node group a little later than it is there
	in_ns "$1" bridge fdb show | grep -v ^33:33:ff: | sort
}

# replies: does the client get an answer from the address, at the cluster MAC or at any?
replies() {
	ip -n "$PREFIX-c" neigh flush dev eth0
	in_ns c ping -c 1 -W 1 -I eth0 "$address" >/dev/null 2>&1 && echo yes || echo no
}

# fault WHAT PATTERN: check says one sentence, of kind address
fault() {
	local output
	output=$(cip n1 check 2>&1)
	is "$1: check ends with 1" $? 1
	has "$1: check says it in one sentence" "$(grep -c '^[^ ]*: address: ' <<<"$output") $output" \
		"^1 $address: address: dev eth0 $2"
}

# family ADDRESS PREFIX OTHER WORD...: all of it for one family in one MAC mode
family() {
	local address=$1 prefix=$2 other=$3 before line
	shift 3
	local words="$address/$prefix dev eth0 total 1 buckets 1 $*" right
	echo "-- $words"
	# shellcheck disable=SC2086 # words
	works "create" cip n1 create $words
	right=$(entries)
	is "the address is there once" "$(grep -c "$address/$prefix" <<<"$right") $(wc -l <<<"$right")" "1 1"
	works "destroy" cip n1 destroy "$address"

	ip1 addr add "$address/$other" dev eth0 $nodad
	# shellcheck disable=SC2086
	works "create over the address with another prefix length" cip n1 create $words
	is "makes it right" "$(entries)" "$right"
	is "so that check is content" "$(cip n1 check 2>&1)" "1 cluster IP, no fault"
	is "and the client is answered" "$(replies)" yes
	# shellcheck disable=SC2086
	is "to create again does nothing" "$(cip n1 --verbose create $words)" ""

	ip1 addr del "$address/$prefix" dev eth0
	ip1 addr add "$address/$other" dev eth0 $nodad
	fault "another prefix length" "has the address with prefix length $other, not $prefix$"
	# shellcheck disable=SC2086
	works "another prefix length: create" cip n1 create $words
	is "another prefix length: is repaired" "$(entries)" "$right"
	is "another prefix length: and check is content" "$(cip n1 check 2>&1)" "1 cluster IP, no fault"

	ip1 addr del "$address/$prefix" dev eth0
	ip1 addr add "$address" peer "$peer/$prefix" dev eth0 $nodad
	fault "a peer" "has the address with prefix length $prefix and a peer, not $prefix$"
	echo "$words" >"$WORK/conf"
	works "a peer: apply" cip n1 apply "$WORK/conf"
	is "a peer: is repaired" "$(entries)" "$right"

	ip1 addr del "$address/$prefix" dev eth0
	ip1 addr add "$address/$other" dev eth0 $nodad
	works "destroy where it has another prefix length" cip n1 destroy "$address"
	is "leaves no address" "$(entries)" ""
	is "and no rules" "$(in_ns n1 nft list ruleset)" "$NOTHING"
	is "and the client is not answered" "$(replies)" no

	# a verb that fails when the address has been put there, by one that cannot be there
	for line in "$address/$other dev eth0 $nodad preferred_lft 3600 valid_lft 7200" "$address/$prefix dev eth0 $nodad" \
		"$address/$other dev eth0 $quiet" "$address peer $peer/$prefix dev eth0 $nodad"; do
		# shellcheck disable=SC2086
		ip1 addr add $line
		await_tentative
		before=$(state n1 | sed 's/[0-9]*sec/SEC/g')
		# shellcheck disable=SC2086
		printf '%s\n' "$words" "2001:db8::99/64 dev dead total 1 buckets 1 mac 03:bf:00:00:99:99" >"$WORK/conf"
		if cip n1 apply "$WORK/conf" >/dev/null 2>&1; then not_ok "apply of what cannot be"; fi
		is "undone over: $line" "$(state n1 | sed 's/[0-9]*sec/SEC/g')" "$before"
		ip1 addr flush dev eth0 to "$address"
	done
}

# await_tentative: until nobody is looked for any more
await_tentative() {
	local i
	for ((i = 0; i < 200; i++)); do
		ip1 -o addr show dev eth0 tentative | grep -qv dadfailed || return
		sleep 0.05
	done
	not_ok "an address stays tentative"
}

# a device that takes rules and MACs, and no IPv6 address
ip1 link add dead type veth peer name dead1
ip1 link set dead up
in_ns n1 sysctl -qw net.ipv6.conf.dead.disable_ipv6=1

for mode in multicast igmp unicast; do
	nodad='' quiet='label eth0:0 metric 77' peer=10.99.0.1
	family 10.77.0.100 16 32 mac-mode $mode
	family 10.77.0.100 24 16 mac-mode $mode
	nodad=nodad quiet='metric 77' peer=fd99::1
	family fd77::100 64 128 mac-mode $mode
done

# ------------------------------------------------------------------ IPv4 knows an address several times

address=10.77.0.100
words="$address/16 dev eth0 total 1 buckets 1"
nodad=''
ip1 addr add $address/32 dev eth0
ip1 addr add $address/24 dev eth0
# shellcheck disable=SC2086
works "create over two others" cip n1 create $words
is "removes them" "$(entries | cut -d ' ' -f 2)" "$address/16"
ip1 addr add $address/32 dev eth0
fault "one more" "has the address with prefix length 32, beside that with 16$"
# shellcheck disable=SC2086
works "one more: create" cip n1 create $words
is "one more: is removed" "$(entries | cut -d ' ' -f 2)" "$address/16"
ip1 addr add $address/32 dev eth0
ip1 route add 192.0.2.0/24 dev eth0 src $address
cip n1 create $address/16 dev eth0 total 1 buckets 1
is "what routes by the address stays" "$(ip1 route show 192.0.2.0/24 | wc -l)" 1
ip1 addr add $address/32 dev eth0
before=$(ip1 -o addr show dev eth0 | grep -v $address)
works "destroy" cip n1 destroy $address
is "removes both" "$(entries)" ""
is "and nothing else" "$(ip1 -o addr show dev eth0 | grep -v $address)" "$before"

# the cluster IP is the first of its network, and the node's own address would go with it
ip1 addr add 10.66.0.100/24 dev eth0
ip1 addr add 10.66.0.1/24 dev eth0
ip1 addr add 10.66.0.100/32 dev eth0
works "create over the first address of a network" cip n1 create 10.66.0.100/32 dev eth0 total 1 buckets 1
is "leaves the others" "$(ip1 -o addr show dev eth0 to 10.66.0.0/24 | awk '{print $4}' | sort | paste -sd ' ')" \
	"10.66.0.1/24 10.66.0.100/32"
cip n1 destroy 10.66.0.100
is "and so does destroy" "$(ip1 -o addr show dev eth0 to 10.66.0.0/24 | awk '{print $4}')" "10.66.0.1/24"
is "and the device promotes as before" "$(in_ns n1 sysctl -n net.ipv4.conf.eth0.promote_secondaries)" 0

# the address of a group is there, but nobody has joined it
ip1 addr add 239.255.0.100/32 dev eth0
words="$address/16 dev eth0 total 1 buckets 1 mac-mode igmp"
# shellcheck disable=SC2086
works "a group that was not joined: create" cip n1 create $words
has "a group that was not joined: is joined" "$(ip1 maddr show dev eth0)" "inet +239.255.0.100"
is "a group that was not joined: check is content" "$(cip n1 check 2>&1)" "1 cluster IP, no fault"
ip1 addr del 239.255.0.100/32 dev eth0
ip1 addr add 239.255.0.100/32 dev eth0
has "a group that was left: check names it" "$(cip n1 check 2>&1)" "^$address: mac: .*has not joined 239.255.0.100"
# shellcheck disable=SC2086
works "a group that was left: create" cip n1 create $words
has "a group that was left: is joined" "$(ip1 maddr show dev eth0)" "inet +239.255.0.100"
cip n1 destroy $address

# ------------------------------------------------------------------ duplicate address detection

address=fd77::100
duplicate="ip -n $PREFIX-c -6 addr add $address/128 dev eth0 nodad"
# flags: of the address, once the kernel has looked for it
flags() {
	await_tentative
	entries | grep -o 'dadfailed\|nodad'
}

for mode in multicast igmp unicast; do
	echo "-- duplicate address detection, mac-mode $mode"
	words="$address/64 dev eth0 total 1 buckets 1 mac-mode $mode"
	$duplicate
	ip1 addr add $address/64 dev eth0
	is "another node has the address" "$(flags)" dadfailed
	before=$(state n1)
	printf '%s\n' "$words" "2001:db8::99/64 dev dead total 1 buckets 1 mac 03:bf:00:00:99:99" >"$WORK/conf"
	if cip n1 apply "$WORK/conf" >/dev/null 2>&1; then not_ok "apply of what cannot be"; fi
	is "what was undone still is not used" "$(flags)" dadfailed
	is "and all is as before" "$(state n1)" "$before"
	# shellcheck disable=SC2086
	works "create" cip n1 create $words
	is "takes it over, and does not look" "$(flags)" nodad
	is "so that check is content" "$(cip n1 check 2>&1)" "1 cluster IP, no fault"
	ip1 addr del $address/64 dev eth0
	ip1 addr add $address/64 dev eth0
	is "found again on another node" "$(flags)" dadfailed
	fault "found again" "has the address and does not use it: duplicate address detection has failed$"
	echo "$words" >"$WORK/conf"
	works "found again: apply" cip n1 apply "$WORK/conf"
	is "found again: is repaired" "$(flags)" nodad
	ip -n "$PREFIX-c" -6 addr del $address/128 dev eth0
	is "and the client is answered" "$(replies)" yes
	works "destroy" cip n1 destroy $address
	is "leaves no address" "$(entries)" ""
done

# a device that has no carrier yet looks for duplicates when it gets one, and finds the other nodes
ip1 link add idle type veth peer name idle1
ip1 link set idle up
ip1 addr add $address/64 dev idle
works "no carrier: create" cip n1 create $address/64 dev idle total 1 buckets 1
is "no carrier: nobody is looked for any more" "$(ip1 -o addr show dev idle tentative | grep -c $address)" 0
is "no carrier: check is content" "$(cip n1 check 2>&1)" "1 cluster IP, no fault"
ip1 addr del $address/64 dev idle
ip1 addr add $address/64 dev idle
has "no carrier: check names it" "$(cip n1 check 2>&1)" "^$address: address: dev idle .*detection has not ended"
works "no carrier: repair" cip n1 create $address/64 dev idle total 1 buckets 1
is "no carrier: check is content again" "$(cip n1 check 2>&1)" "1 cluster IP, no fault"
cip n1 destroy $address
ip1 link del idle
address=10.77.0.100

# ------------------------------------------------------------------ the same 32 bits

# stranger WHAT ADDRESS: an ordinary address of which the device receives the default MAC for another reason
stranger() {
	local before
	before=$(state n1)
	is "$1: check is content" "$(cip n1 check 2>&1)" "$no_fault"
	refuses "$1: is no cluster IP to check" 3 "no such cluster IP" cip n1 check "$2"
	refuses "$1: is no cluster IP to destroy" 3 "no such cluster IP" cip n1 destroy "$2"
	is "$1: and stays where it is" "$(state n1)" "$before"
	is "$1: with the rest" "$(replies)" yes
}

no_fault="1 cluster IP, no fault"
address=fd77::100
ip1 addr add fe80::100/64 dev eth0 nodad
ip1 addr add fd88::100/64 dev eth0 nodad
works "create a cluster IP" cip n1 create $address/64 dev eth0 total 1 buckets 1
stranger "the same last 32 bits, link-local" fe80::100
stranger "the same last 32 bits" fd88::100
echo "$address/64 dev eth0 total 1 buckets 1" >"$WORK/conf"
is "apply prune takes nothing away" "$(cip n1 --verbose apply "$WORK/conf" prune)" ""
works "destroy the cluster IP" cip n1 destroy $address
is "leaves the others" "$(ip1 -o addr show dev eth0 | grep -c -e ' fe80::100/64 ' -e ' fd88::100/64 ')" 2
works "one of them becomes one" cip n1 create fd88::100/64 dev eth0 total 1 buckets 1
works "and so does the other, with the same MAC" cip n1 create $address/64 dev eth0 total 1 buckets 1
works "one goes" cip n1 destroy fd88::100
is "check is content" "$(cip n1 check 2>&1)" "$no_fault"
cip n1 destroy $address
ip1 addr del fe80::100/64 dev eth0

address=10.77.0.100
ip1 addr add fd77::10.77.0.100/64 dev eth0 nodad
works "create an IPv4 cluster IP" cip n1 create $address/16 dev eth0 total 1 buckets 1
stranger "IPv6 with an IPv4 address at its end" fd77::10.77.0.100
cip n1 destroy $address
address=fd77::a4d:64
ip1 addr add 10.77.0.100/16 dev eth0
works "create an IPv6 cluster IP" cip n1 create $address/64 dev eth0 total 1 buckets 1
stranger "IPv4 at the end of an IPv6 address" 10.77.0.100
cip n1 destroy $address
ip1 addr add $address/64 dev eth0 nodad

# somebody else wants the MAC
ip1 link add link eth0 name mv0 type macvlan
ip1 link set mv0 up
ip1 maddr add 03:bf:0a:4d:00:64 dev mv0
has "the device receives the MAC" "$(in_ns n1 bridge fdb show dev eth0)" 03:bf:0a:4d:00:64
no_fault="0 cluster IPs, no fault"
stranger "the MAC is wanted by others" 10.77.0.100
ip1 link del mv0
ip1 addr del $address/64 dev eth0

# the counter-test: what is left of a cluster IP is found
address=10.77.0.100
works "create" cip n1 create $address/16 dev eth0 total 1 buckets 1
in_ns n1 nft flush ruleset
has "its tables are gone: check names it" "$(cip n1 check 2>&1)" "^$address: table: .*address and its cluster MAC"
works "its tables are gone: destroy" cip n1 destroy $address
is "leaves nothing" "$(entries)$(in_ns n1 bridge fdb show dev eth0 | grep 03:bf)" ""

# ------------------------------------------------------------------ names that a terminal obeys

# as if a cluster IP had been there
ip1 link add $'e\e[31m' type veth peer name x1
ip1 addr add 10.88.0.1/24 dev $'e\e[31m'
in_ns n1 bridge fdb add 03:bf:0a:58:00:01 dev $'e\e[31m' self
output=$(cip n1 check 2>&1)
has "check names the device" "$output" '^10.88.0.1: .*on dev e\?\[31m$'
output+=$(cip n1 --verbose destroy 10.88.0.1 2>&1)
has "and so does a plan" "$output" 'destroy 10.88.0.1 dev e\?\[31m$'
is "without what a terminal obeys" "$(grep -c $'\e' <<<"$output")" 0
ip1 link del $'e\e[31m'

# what everybody would get
for wrong in 10.77.255.255/16 10.77.0.0/16; do
	refuses "an address of no host" 2 "hosts have 10.77.0.1..10.77.255.254" cip n1 create $wrong dev eth0 total 2
	refuses "an address of no host, in a file" 2 "hosts have 10.77.0.1..10.77.255.254" \
		cip n1 apply - <<<"$wrong dev eth0 total 2"
done

# with noaddr all that is somebody else's
ip1 addr add $address/24 dev eth0
works "noaddr: create" cip n1 create $address dev eth0 total 1 buckets 1 noaddr
is "noaddr: check is content" "$(cip n1 check 2>&1)" "1 cluster IP, no fault"
works "noaddr: destroy" cip n1 destroy $address
is "noaddr: the address stays" "$(entries | cut -d ' ' -f 2)" "$address/24"
ip1 addr del $address/24 dev eth0

# ------------------------------------------------------------------ without /proc

# blind NODE ARGUMENT...: cipadm there, where nobody has mounted /proc
# shellcheck disable=SC2317 # called by name
blind() {
	unshare -m sh -c 'umount -l /proc && exec "$@"' sh "$CIPADM" --netns "$PREFIX-$1" "${@:2}"
}

refuses "without /proc: destroy of what is not there" 3 "no such cluster IP" blind n1 destroy $address
works "without /proc: create" blind n1 create $address/16 dev eth0 total 2 buckets 1
is "without /proc: check" "$(blind n1 check 2>&1)" "1 cluster IP, no fault"
# shellcheck disable=SC2016 # awk's
is "without /proc: the MAC is held" "$(in_ns n1 awk '$5 == "03bf0a4d0064" {print $4}' /proc/net/dev_mcast)" 1
works "without /proc: bucket" blind n1 bucket add $address 2
is "without /proc: it is there" "$(blind n1 show 2>&1 | grep -c 'buckets 1,2$')" 1
works "without /proc: announce" blind n1 announce $address
works "without /proc: create again" blind n1 create $address/16 dev eth0 total 2 buckets 1
refuses "without /proc: the backend that needs it" 1 "/proc is not mounted" blind n1 --backend clusterip show
refuses "without /proc: destroy in the backend that needs it" 1 "/proc is not mounted" \
	blind n1 --backend clusterip destroy $address
works "without /proc: destroy" blind n1 destroy $address
is "without /proc: nothing is left" "$(in_ns n1 nft list ruleset)$(entries)" "$NOTHING"

# ------------------------------------------------------------------ in a user namespace

# lines COUNT TOTAL: cipadm lines of so many cluster IPs, each with all buckets
lines() {
	local i
	for ((i = 0; i < $1; i++)); do echo "10.77.$((100 + i / 250)).$((1 + i % 250)) dev eth0 total $2 buckets 1-$2 noaddr"; done
}

# narrow SEND RECEIVE ARGUMENT...: cipadm on n1, with that much room for messages
# shellcheck disable=SC2317 # called by name
narrow() {
	LD_PRELOAD=$(cd "$TOOLS" && pwd)/.libs/preload-narrow.so NARROW_SEND=$1 NARROW_RECEIVE=$2 cip n1 "${@:3}"
}

lines 1000 32 >"$WORK/thousand"
refuses "more than a socket may send: says which sysctl" 1 \
	"bytes in one piece: .*sysctl net.core.wmem_max has to be [0-9]+ or more" narrow 212992 4194304 apply "$WORK/thousand"
least=$(narrow 212992 4194304 apply "$WORK/thousand" 2>&1 | sed -n 's/.*has to be \([0-9]*\) or more.*/\1/p')
refuses "a byte less is not enough" 1 wmem_max narrow $((least - 1)) 4194304 apply "$WORK/thousand"
works "so much is enough" narrow "$least" 4194304 apply "$WORK/thousand"
is "and all are there" "$(narrow 212992 212992 check 2>&1)" "1000 cluster IPs, no fault"
works "the next change" narrow 212992 212992 bucket del 10.77.100.1 1
is "is there" "$(narrow 212992 212992 show 10.77.100.1 | grep -c 'buckets 2-32 ')" 1
is "answers are waited for where there is no room for many" "$(narrow 212992 4608 show 10.77.100.1 2>&1 | grep -c 'buckets 2-32 ')" 1
is "and so it is while all is compared" "$(narrow 212992 4608 check 2>&1)" "1000 cluster IPs, no fault"
works "destroy all" cip n1 apply /dev/null prune

# where SO_SNDBUF reaches depends on the machine
# shellcheck disable=SC2016 # the inner shell's
output=$(unshare -Urn sh -c 'ip link add eth0 type veth peer name eth1 && ip link set eth0 up && "$1" apply "$2" && "$1" check' \
	sh "$CIPADM" "$WORK/thousand" 2>&1)
if [[ $output == "1000 cluster IPs, no fault" || $output =~ net\.core\.wmem_max ]]; then
	ok "unshare -Urn: $output"
else
	not_ok "unshare -Urn: 1000 cluster IPs" "$output"
fi
finish
