#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is known to go wrong with load sharing by IPaddr2, done to ClusterIP. The agent is called as Pacemaker calls it,
# in network namespaces; what packets and kernel say counts.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../netns/lib.sh
. "$here/../netns/lib.sh"
# shellcheck disable=SC2034 # of lib.sh
NODES=(n1 n2)
ADDRESS=10.77.0.100
CLIENTS=60
TOTAL=3
# shellcheck source=agent-lib.sh
. "$here/agent-lib.sh"
begin_agent
make_clients $CLIENTS
start_servers || not_ok "servers"

start_two() {
	if ! agent n1 0 start || ! agent n1 1 start; then not_ok "two instances start" "$(<"$WORK/said")"; fi
}

# clients_of BUCKET...: how many there are
clients_of() {
	local i bucket count=0
	for ((i = 1; i <= CLIENTS; i++)); do
		bucket=$("$CIPADM" hash total $TOTAL 10.77.1.$i)
		[[ " $* " != *" $bucket "* ]] || count=$((count + 1))
	done
	echo $count
}

# answered NODE: clients that are answered by that node
answered() {
	in_ns c "$TOOLS/ask" udp $ADDRESS 8000 10.77.1.1 $CLIENTS | grep -c "$1"
}

# serves WHAT NODE BUCKET...: clients of these are answered by the node, and no others
serves() {
	is "$1" "$(answered "$2")" "$(clients_of "${@:3}")"
}

untouched=$(macs n1)

nothing_left() {
	is "$1: nothing is left" "$(ruleset "$2" && ip -n "$PREFIX-$2" -o addr show to $ADDRESS && macs "$2")" "$untouched"
}

# ------------------------------------------------------------------ a start, and a second one

nothing_left "before" n1
ends "an instance that is nowhere: monitor says so" 7 n1 0 monitor
ends "without the CLUSTERIP target an instance starts" 0 n1 0 start
serves "and serves its bucket" n1 1
before=$(ruleset n1)
ends "the probe of an instance whose sibling is here" 7 n1 1 monitor OCF_RESKEY_CRM_meta_interval=0
is "says nothing" "$(<"$WORK/said")" ""
is "and changes nothing" "$(ruleset n1)" "$before"
ends "a second instance starts on the node" 0 n1 1 start
ends "it is well" 0 n1 1 monitor
ends "and so is the first" 0 n1 0 monitor
serves "the node serves both" n1 1 2
ends "the first starts again" 0 n1 0 start
serves "which changes nothing" n1 1 2
ip -n "$PREFIX-c" neigh replace $ADDRESS lladdr 02:00:00:00:00:77 dev eth0 nud stale
ends "monitor with arp_count_refresh" 0 n1 0 monitor OCF_RESKEY_arp_count_refresh=1 OCF_RESKEY_arp_bg=false
has "what a monitor announces, clients learn" "$(ip -n "$PREFIX-c" neigh show $ADDRESS)" \
	" $(cip n1 show | sed 's/.* mac \([^ ]*\).*/\1/') "
is "ARP names the cluster MAC, without being asked to" \
	"$(ip -n "$PREFIX-c" neigh show $ADDRESS | sed 's/.*lladdr \([^ ]*\).*/\1/')" \
	"$(cip n1 show | sed 's/.* mac \([^ ]*\).*/\1/')"

# ------------------------------------------------------------------ the same MAC everywhere

# n1's own address has no broadcast address, that of n2 has one
ip -n "$PREFIX-n2" addr flush dev eth0
ip -n "$PREFIX-n2" addr add 10.77.0.2/16 brd + dev eth0
ip -n "$PREFIX-n2" route add default via 10.77.0.254
ends "the third instance starts on another node" 0 n2 2 start
is "it has the same cluster MAC, however the node's own address was made" \
	"$(cip n2 show | sed 's/ buckets.*//')" "$(cip n1 show | sed 's/ buckets.*//')"
is "it is that of IPaddr2" "$(cip n1 show | sed 's/.* mac \([^ ]*\).*/\1/')" \
	"$(echo 10.77.0.100 16 10.77.255.255 | md5sum | sed 's/^\(.\)./\11/; s/../&:/g' | cut -c -17 |
		sed "s/^../$(echo 10.77.0.100 16 10.77.255.255 | md5sum | cut -c -2 | sed 's/[02468ace]$/1/')/")"
is "every client is answered by one node" "$(in_ns c "$TOOLS/ask" udp $ADDRESS 8000 10.77.1.1 $CLIENTS | grep -c ' n[12]$')" \
	$CLIENTS
ends "it stops" 0 n2 2 stop
nothing_left "the other node" n2

# ------------------------------------------------------------------ the address is removed by hand

before=$(ruleset n1)
ip -n "$PREFIX-n1" addr del $ADDRESS/16 dev eth0
ends "the address is removed by hand: monitor of the first" 1 n1 0 monitor
has "says why" "$(<"$WORK/said")" "address"
recover n1 0
serves "after one of two has recovered, the node serves both" n1 1 2
is "with the same rules" "$(ruleset n1)" "$before"
ends "the other one is well" 0 n1 1 monitor
ip -n "$PREFIX-n1" addr del $ADDRESS/16 dev eth0
ends "again, and this time a start alone puts it right" 0 n1 0 start
serves "for both" n1 1 2
is "with the same rules" "$(ruleset n1)" "$before"
stop_all "after that" n1

# ------------------------------------------------------------------ the ruleset is flushed

start_two
in_ns n1 nft flush ruleset
for instance in 0 1; do
	agent n1 $instance monitor
	is "the ruleset is flushed: monitor of $instance is not 0" $(($? != 0)) 1
done
recover n1 0
serves "the one that has recovered serves its bucket, the address is there" n1 1
recover n1 1
serves "and with its sibling both" n1 1 2
in_ns n1 nft flush ruleset
ends "flushed again, a stop" 0 n1 0 stop
nothing_left "without rules the address goes with the first stop" n1
is "so that nobody answers for all" "$(answered n1)" 0
stop_all "after that" n1

# ------------------------------------------------------------------ clone-max changes

start_two
TOTAL=12
ends "clone-max has become 12: monitor" 1 n1 0 monitor
has "says why" "$(<"$WORK/said")" "total 12"
recover n1 0
serves "after that the node divides by 12" n1 1 2
ends "and its sibling is well" 0 n1 1 monitor
ends "the last of the twelve starts" 0 n1 11 start
TOTAL=3
ends "clone-max is 3 again: an instance above it stops" 0 n1 11 stop
recover n1 0
serves "the node divides by 3" n1 1 2
stop_all "after that" n1

# ------------------------------------------------------------------ the interface is made anew

start_two
ip -n "$PREFIX-n1" link add other type bridge
ip -n "$PREFIX-br" link del n1br0
ends "the interface is gone: monitor" 1 n1 0 monitor
plug_node n1
ip -n "$PREFIX-n1" addr add $ADDRESS/16 dev eth0
ends "it is back under another number: monitor" 1 n1 0 monitor
recover n1 0
ends "its sibling is well" 0 n1 1 monitor
serves "and packets are filtered" n1 1 2

# ------------------------------------------------------------------ pieces are missing at the last stop

mac=$(cip n1 show | sed 's/.* mac \([^ ]*\).*/\1/')
damage() {
	start_two
	in_ns n1 "$@" || not_ok "$*"
	stop_all "$*" n1
}
stop_all "whole" n1
damage bridge fdb del "$mac" dev eth0 self
damage ip addr del $ADDRESS/16 dev eth0
damage nft delete table arp clusterip
damage nft flush chain ip clusterip prerouting
damage nft flush set ip clusterip buckets
damage nft flush map ip clusterip clusters
damage sh -c "nft flush ruleset && ip addr del $ADDRESS/16 dev eth0"
damage sh -c "nft flush ruleset && bridge fdb del $mac dev eth0 self"
start_two
ip -n "$PREFIX-n1" link set eth0 down
for instance in 0 1; do ends "the interface is down: stop of $instance" 0 n1 $instance stop; done
ip -n "$PREFIX-n1" link set eth0 up
ip -n "$PREFIX-n1" route replace default via 10.77.0.254
nothing_left "the interface is up again" n1
agent n1 0 start || not_ok "an instance starts"
ip -n "$PREFIX-br" link del n1br0
ends "the interface is gone: stop" 0 n1 0 stop
is "and the rules are gone" "$(ruleset n1)" ""
ends "and a start fails" 2 n1 0 start
is "and leaves nothing" "$(ruleset n1)" ""
plug_node n1

# ------------------------------------------------------------------ many at once

: >"$WORK/failed"
TOTAL=6
for ((instance = 0; instance < TOTAL; instance++)); do
	(agent n1 $instance start || echo "$instance" >>"$WORK/failed") &
	starts[instance]=$!
done
wait "${starts[@]}"
is "six instances start at once" "$(cat "$WORK/failed")" ""
serves "the node serves all" n1 1 2 3 4 5 6
works "and is well" cip n1 check
for ((instance = 1; instance < TOTAL; instance++)); do
	(agent n1 $instance stop || echo "$instance" >>"$WORK/failed") &
	starts[instance]=$!
done
failures=0
while [[ $(jobs -pr | wc -l) -gt 2 ]]; do agent n1 0 monitor || failures=$((failures + 1)); done
wait "${starts[@]:1}"
is "five stop at once" "$(cat "$WORK/failed")" ""
is "meanwhile monitor finds no fault with the sixth" $failures 0
serves "and its bucket remains" n1 1
TOTAL=3
stop_all "after that" n1

# ------------------------------------------------------------------ parameters

ends "an anonymous clone is refused" 6 n1 0 start OCF_RESKEY_CRM_meta_globally_unique=false
for wrong in ip=2001:db8::x ip=10.77.0 ip=10.77.0.100/16 ip=-h ip=224.0.0.1 ip= cidr_netmask=33 cidr_netmask=255.0.255.0 broadcast=x \
	mac=02:00:00:00:00:01 mac=z1:zz:zz:zz:zz:zz clusterip_hash=destip clusterip_hash_seed=0x100000000 \
	clusterip_firewall=pf lvs_support=true unique_clone_address=yes arp_count=0 arp_sender=mail nic=a/b; do
	ends "$wrong is refused" 6 n1 0 start "OCF_RESKEY_$wrong"
	has "and named" "$(<"$WORK/said")" "^ocf-exit-reason:${wrong%%=*}: "
done
ends "clone-max 1025 is refused" 6 n1 0 start OCF_RESKEY_CRM_meta_clone_max=1025
ends "validate-all does not look at the node" 0 n1 0 validate-all OCF_RESKEY_nic=none
ends "unless asked to" 5 n1 0 validate-all OCF_RESKEY_nic=none OCF_CHECK_LEVEL=10
ends "and finds what there is" 0 n1 0 validate-all OCF_CHECK_LEVEL=10
ends "an unknown action" 3 n1 0 promote
nothing_left "all this" n1

begin_same
same "interface and prefix length of the route" OCF_RESKEY_nic= OCF_RESKEY_cidr_netmask=
same "a dotted mask" OCF_RESKEY_cidr_netmask=255.255.0.0
same "the mask by its old name" OCF_RESKEY_cidr_netmask= OCF_RESKEY_netmask=16
same "a seed in other digits" OCF_RESKEY_clusterip_hash_seed=0x00
same "a MAC in other digits" "OCF_RESKEY_mac=$(sed 's/.* mac \([^ ]*\).*/\1/; s/:/-/g' <<<"$plain" | tr a-f A-F)"
ends "the hash changes: reload-agent" 0 n1 0 reload-agent OCF_RESKEY_clusterip_hash_seed=5
has "the cluster IP has the new one, and its bucket" "$(cip n1 show)" "seed 0x5 buckets 1$"
ends "reload-agent of what does not run" 7 n2 0 monitor
ends "fails" 1 n2 0 reload-agent
ends "another cluster MAC: start" 0 n1 0 start OCF_RESKEY_mac=03:00:00:00:00:01
has "replaces the cluster IP" "$(cip n1 show)" "mac 03:00:00:00:00:01 .* seed 0x0 buckets 1$"
is "and leaves nothing of the other MAC" "$(macs n1 | grep -c permanent)" \
	$(($(wc -l <<<"$untouched") + 1))
stop_all "after that" n1

PARAMETERS=(OCF_RESKEY_iflabel=web OCF_RESKEY_broadcast=10.77.255.255 OCF_RESKEY_noprefixroute=true)
ends "an address with a label: start" 0 n1 0 start
has "the address has it" "$(ip -n "$PREFIX-n1" -o addr show to $ADDRESS)" "brd 10.77.255.255 .*noprefixroute.* eth0:web"
ends "a second instance" 0 n1 1 start
serves "both buckets are served" n1 1 2
ip -n "$PREFIX-n1" addr del $ADDRESS/16 dev eth0
ends "that address is removed by hand: monitor" 1 n1 0 monitor
recover n1 0
serves "and recovered" n1 1 2
in_ns n1 nft flush ruleset
stop_all "with a flushed ruleset" n1
PARAMETERS=()

PARAMETERS=("OCF_RESKEY_network_namespace=$PREFIX-n1")
ends "in another network namespace: start" 0 n2 0 start
serves "it is that one that serves" n1 1
ends "and that is monitored" 0 n2 0 monitor
ends "stop" 0 n2 0 stop
PARAMETERS=()
nothing_left "that one" n1
nothing_left "the node" n2
finish
