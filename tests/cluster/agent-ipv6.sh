#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The resource agent with an IPv6 address, called as Pacemaker calls it, in network namespaces: who answers the echo
# requests of clients, and what is left behind.

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
NODES=(n1 n2)
ADDRESS=fd77::100
PREFIX_LENGTH=64
CLIENTS=24
TOTAL=3

begin_agent
with_ipv6_everywhere
client_addresses | ip -n "$PREFIX-c" -batch -

nothing_left() {
	is "$1: nothing is left" \
		"$(ruleset "$2" && ip -n "$PREFIX-$2" -6 -o addr show to $ADDRESS && macs "$2" | grep -v '^33:33:\|^01:00:5e:')" ""
}

# serves WHAT BUCKET...: clients of these are answered, once, and no others
serves() {
	is "$1" "$(answered "$WORK" in_ns c | xargs)" "$(clients_of "${@:2}" | xargs)"
}

parameters() { cip "$1" show | sed 's/ buckets.*//'; }

nothing_left "before" n1
ends "an instance that is nowhere: monitor says so" 7 n1 0 monitor
ends "an instance starts" 0 n1 0 start
serves "and serves its bucket" 1
ends "it is well" 0 n1 0 monitor
ends "a sibling starts" 0 n1 1 start
serves "the node serves both" 1 2
ends "the third one starts on another node" 0 n2 2 start
serves "every client is answered, by one node" 1 2 3
is "both nodes have the same cluster MAC" "$(parameters n2)" "$(parameters n1)"
is "it is what clients have learned" "$(ip -n "$PREFIX-c" -6 neigh show $ADDRESS | sed 's/.*lladdr \([^ ]*\).*/\1/')" \
	"$(cip n1 show | sed 's/.* mac \([^ ]*\).*/\1/')"
ends "the third one stops" 0 n2 2 stop
nothing_left "the other node" n2
serves "which takes its bucket away" 1 2

ip -n "$PREFIX-n1" addr del $ADDRESS/64 dev eth0
ends "the address is removed by hand: monitor" 1 n1 0 monitor
has "says why" "$(<"$WORK/said")" "address"
recover n1 0
ends "its sibling is well" 0 n1 1 monitor
serves "and both buckets are served" 1 2
ip -n "$PREFIX-n1" link set eth0 down
ip -n "$PREFIX-n1" link set eth0 up
ipv6_node n1 2>/dev/null
ends "the interface was down, which takes IPv6 addresses away: monitor" 1 n1 1 monitor
recover n1 1
serves "and recovered" 1 2
in_ns n1 nft flush ruleset
ends "the ruleset is flushed: a stop" 0 n1 0 stop
nothing_left "without rules the address goes with the first stop" n1
stop_all "after that" n1

begin_same
same "the address in other digits" OCF_RESKEY_ip=FD77:0000::0100
same "interface and prefix length of the route" OCF_RESKEY_nic= OCF_RESKEY_cidr_netmask=
ends "its stop, in other digits" 0 n1 0 stop OCF_RESKEY_ip=fd77::0:100
nothing_left "after that" n1

PARAMETERS=(OCF_RESKEY_noprefixroute=true)
ends "an address without a route: start" 0 n1 0 start
has "the address is so, and not looked for as a duplicate" "$(ip -n "$PREFIX-n1" -6 -o addr show to $ADDRESS)" \
	"fd77::100/64 .* nodad noprefixroute|fd77::100/64 .* noprefixroute.* nodad"
serves "its bucket is served" 1
stop_all "after that" n1
PARAMETERS=()

for wrong in ip=fd77::1::2 ip=fd77::x ip=ff02::1 ip=::1 cidr_netmask=129 cidr_netmask=0 cidr_netmask=255.255.0.0 broadcast=+ iflabel=web; do
	ends "$wrong is refused" 6 n1 0 start "OCF_RESKEY_$wrong"
	has "and named" "$(<"$WORK/said")" "^ocf-exit-reason:${wrong%%=*}: "
done
nothing_left "all this" n1
finish
