#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The resource agent finds a cluster IP that somebody has made by hand, in all the words that "cipadm create" knows: the
# buckets that are here are here, those that are not are not, and what is not as the agent would have it becomes so.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../netns/lib.sh
. "$here/../netns/lib.sh"
# shellcheck source=../netns/paths-lib.sh
. "$here/../netns/paths-lib.sh"
# shellcheck source=agent-lib.sh
. "$here/agent-lib.sh"
# shellcheck source=ping6.sh
. "$here/ping6.sh"
# shellcheck disable=SC2034 # of lib.sh
NODES=(n1)
CLIENTS=24
TOTAL=6
FIRST=(10.77.0.100 fd77::100)
LENGTH=(16 64)
MAC=(03:bf:0a:4d:00:64 33:33:0a:4d:00:64)
GROUP=(01:00:5e:7f:00:64 33:33:0a:4d:00:65)
BITS=(24 48)

begin_agent
with_ipv6_everywhere
make_clients $CLIENTS
client_addresses | ip -n "$PREFIX-c" -batch -
start_servers || not_ok "servers"
shared=$(macs n1)

nothing_left() {
	is "$1: nothing is left" "$(ruleset "$2" && ip -n "$PREFIX-$2" -o addr show to "$ADDRESS" && macs "$2")" "$shared"
}

# serves WHAT BUCKET...: clients of these are answered, and no others
serves() {
	local i found due=
	if [[ $ADDRESS == *:* ]]; then
		found=$(answered "$WORK" in_ns c | xargs) due=$(clients_of "${@:2}" | xargs)
	else
		found=$(in_ns c "$TOOLS/ask" udp "$ADDRESS" 8000 10.77.1.1 $CLIENTS | sed -n 's/ n1$//p' | xargs)
		due=$(for ((i = 1; i <= CLIENTS; i++)); do
			[[ " ${*:2} " != *" $("$CIPADM" hash total $TOTAL 10.77.1.$i) "* ]] || echo 10.77.1.$i
		done | xargs)
	fi
	is "$1" "$found" "$due"
}

# by_hand VERDICT WORD...: made by hand with these words, an instance whose bucket is here is well, or is not (0 or 1)
by_hand() {
	local what="$ADDRESS, ${*:2}"
	works "$what: buckets 1-3 are here" cip n1 create "$target" dev eth0 total $TOTAL buckets 1-3 "${@:2}"
	ends "$what: the monitor of bucket 2" "$1" n1 1 monitor
	ends "$what: the monitor of bucket 5" 7 n1 4 monitor
	ends "$what: its probe" 7 n1 4 monitor OCF_RESKEY_CRM_meta_interval=0
	ends "$what: bucket 5 stops where it is not" 0 n1 4 stop
	is "$what: which changes nothing" "$(cip n1 get buckets "$ADDRESS")" 1-3
	ends "$what: bucket 5 starts" 0 n1 4 start
	ends "$what: and is well" 0 n1 4 monitor
	ends "$what: and bucket 2 is" 0 n1 1 monitor
	ends "$what: and bucket 6 is not here" 7 n1 5 monitor
	is "$what: the buckets of both are here" "$(cip n1 get buckets "$ADDRESS")" 1-3,5
}

all_stop() {
	local instance
	for ((instance = 0; instance < TOTAL; instance++)); do agent n1 $instance stop; done
	nothing_left "$ADDRESS, $*" n1
}

for family in 0 1; do
	ADDRESS=${FIRST[family]}
	target=$ADDRESS/${LENGTH[family]}
	# shellcheck disable=SC2034 # of agent-lib.sh
	PREFIX_LENGTH=${LENGTH[family]}
	PARAMETERS=("OCF_RESKEY_mac=${MAC[family]}")
	by_hand 0 mac "${MAC[family]}" outgoing
	serves "$ADDRESS, outgoing: they are served" 1 2 3 5
	all_stop outgoing
	by_hand 0 mac "${MAC[family]}"
	all_stop "no words"
	for words in "source-prefix ${BITS[family]} mac ${MAC[family]}" "mac-mode unicast" "mac-mode unicast outgoing" \
		"mac-mode igmp outgoing" "mac-mode igmp" "mac 03:00:00:00:00:01 outgoing"; do
		# shellcheck disable=SC2086 # words
		by_hand 1 $words
		serves "$ADDRESS, $words: they are served" 1 2 3 5
		all_stop "$words"
	done
	# the agent may have the same MAC for its own, but no mode
	PARAMETERS=("OCF_RESKEY_mac=${GROUP[family]}")
	by_hand 1 mac-mode igmp mac "${GROUP[family]}" outgoing
	all_stop "igmp with the MAC of the agent"
	# an address that the agent puts on the device, without a route
	PARAMETERS=("OCF_RESKEY_mac=${MAC[family]}" OCF_RESKEY_noprefixroute=true)
	target=$ADDRESS
	ip -n "$PREFIX-n1" addr add "$ADDRESS/${LENGTH[family]}" dev eth0 noprefixroute
	by_hand 0 mac "${MAC[family]}" noaddr outgoing
	serves "$ADDRESS, noaddr outgoing: they are served" 1 2 3 5
	all_stop "noaddr outgoing"
	ip -n "$PREFIX-n1" addr add "$ADDRESS/${LENGTH[family]}" dev eth0 noprefixroute
	by_hand 1 source-prefix "${BITS[family]}" mac-mode unicast noaddr outgoing
	all_stop "every word"
done
finish
