#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The resource agent on hosts as they are, called as Pacemaker, and people, call it: many instances at once, addresses that
# a resolver does not know, no word of the clone, other addresses and routes beside.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../netns/lib.sh
. "$here/../netns/lib.sh"
# shellcheck source=../netns/paths-lib.sh
. "$here/../netns/paths-lib.sh"
# shellcheck source=agent-lib.sh
. "$here/agent-lib.sh"
# shellcheck disable=SC2034 # of lib.sh
NODES=(n1 n2)
ADDRESS=10.77.0.100
TOTAL=3
begin_agent
with_ipv6_everywhere

nothing_left() {
	is "$1: nothing is left" "$(ruleset "$2" && ip -n "$PREFIX-$2" -o addr show to "$ADDRESS" && macs "$2")" "$shared"
}
shared=$(macs n1)

# ------------------------------------------------------------------ announcing

# shellcheck disable=SC2317 # called by works
lock_is_free() { flock -n "$WORK/tmp-n1/ClusterIP-$ADDRESS" true; }

# shellcheck disable=SC2317 # called by works
has_buckets() { [[ $(cip n1 get buckets "$ADDRESS" 2>/dev/null) == "$1" ]]; }

# soon COMMAND...: until it works
# shellcheck disable=SC2317 # called by works
soon() {
	local i
	for ((i = 0; i < 600; i++)); do
		"$@" && return
		sleep 0.05
	done
	return 1
}

announcers() { ip netns pids "$PREFIX-n1" | xargs -r ps -o args= -p | grep -c '[c]ipadm.* announce '; }
# shellcheck disable=SC2317 # called by works
none_announces() { [[ $(announcers) == 0 ]]; }

long=(OCF_RESKEY_arp_count=1000 OCF_RESKEY_arp_interval=500)
ends "an instance starts, and is announced for minutes" 0 n1 0 start "${long[@]}"
works "meanwhile siblings need not wait" lock_is_free
is "it is being announced" "$(announcers)" 1
ends "a monitor announces for minutes" 0 n1 0 monitor OCF_RESKEY_arp_count_refresh=1000 OCF_RESKEY_arp_interval=500
works "meanwhile siblings need not wait" lock_is_free
agent n1 1 start "${long[@]}" OCF_RESKEY_arp_bg=false &
starting=$!
works "another one starts, not in the background" soon has_buckets 1,2
works "and siblings need not wait" soon lock_is_free
works "it goes on" kill -0 $starting
stop_all "while all of them announce" n1
works "announcers end with what they announce" soon none_announces
wait $starting
is "also the action that has waited for one" $? 0

TOTAL=40
: >"$WORK/failed"
since=${EPOCHREALTIME/./}
for ((instance = 0; instance < TOTAL; instance++)); do
	(agent n1 $instance start || echo "$instance" >>"$WORK/failed") &
	starts[instance]=$!
done
wait "${starts[@]}"
is "$TOTAL instances start at once, in $(((${EPOCHREALTIME/./} - since) / 1000)) ms" "$(cat "$WORK/failed")" ""
works "all of them are there" has_buckets "1-$TOTAL"
cip n1 destroy "$ADDRESS"
TOTAL=3

# ------------------------------------------------------------------ what is an address

ADDRESS=fd77::100
PREFIX_LENGTH=64
ends "IPv6: an instance starts" 0 n1 0 start
ip -n "$PREFIX-n1" link set eth0 down
ends "no device with IPv6 is up: monitor" 1 n1 0 monitor
ends "and stop" 0 n1 0 stop
is "the bucket is let in no more" "$(ruleset n1)" ""
ip -n "$PREFIX-n1" link set eth0 up
ipv6_node n1 2>/dev/null
nothing_left "the device is up again" n1

PARAMETERS=("OCF_RESKEY_network_namespace=$PREFIX-n1")
ip -n "$PREFIX-n2" link set eth0 down
ends "called where no device is up, for another network namespace: start" 0 n2 0 start
ends "monitor" 0 n2 0 monitor
ends "stop" 0 n2 0 stop
nothing_left "there" n1
PARAMETERS=()
ip -n "$PREFIX-n2" link set eth0 up
ipv6_node n2 2>/dev/null

ADDRESS=10.77.0.100
PREFIX_LENGTH=16
found=(OCF_RESKEY_nic= OCF_RESKEY_cidr_netmask=)
ends "device and prefix length of the route: start" 0 n1 0 start "${found[@]}"
in_ns n1 nft flush ruleset
ip -n "$PREFIX-n1" link set eth0 down
ends "no rules, and no route as the device is down: stop" 0 n1 0 stop "${found[@]}"
ip -n "$PREFIX-n1" link set eth0 up
ip -n "$PREFIX-n1" route replace default via 10.77.0.254
nothing_left "an address without rules would answer everybody" n1

mkdir "$WORK/broken"
printf '#!/bin/sh\nexit 1\n' >"$WORK/broken/cipadm"
chmod +x "$WORK/broken/cipadm"
ends "an instance starts" 0 n1 0 start
ends "cipadm does not work: stop does not say that it has stopped" 1 n1 0 stop "PATH=$WORK/broken:$PATH"
stop_all "it works again" n1

# ------------------------------------------------------------------ called without words of the clone

unknown=(OCF_RESKEY_CRM_meta_clone_max= OCF_RESKEY_CRM_meta_globally_unique= OCF_RESKEY_CRM_meta_clone= OCF_RESOURCE_INSTANCE=ip)
numbered=("${unknown[@]:0:3}" OCF_RESOURCE_INSTANCE=ip:1)
ends "an instance starts" 0 n1 1 start
before=$(ruleset n1 && ip -n "$PREFIX-n1" addr)
for action in start reload-agent monitor; do
	for words in "${unknown[*]}" "${numbered[*]}" "OCF_RESKEY_CRM_meta_clone= OCF_RESOURCE_INSTANCE=ip"; do
		# shellcheck disable=SC2086 # words
		ends "$action, $words" 6 n1 1 $action $words
		has "it says so" "$(<"$WORK/said")" "not known"
		is "and touches nothing" "$(ruleset n1 && ip -n "$PREFIX-n1" addr)" "$before"
	done
	ends "$action where it is not, $action" 6 n2 1 $action "${unknown[@]}"
done
is "where it is not: nothing is left" "$(ruleset n2 && ip -n "$PREFIX-n2" -o addr show to $ADDRESS)" ""
ends "validate-all is about parameters" 0 n1 1 validate-all "${unknown[@]}"
ends "and of them all" 6 n1 1 validate-all "${unknown[@]}" OCF_RESKEY_lvs_support=true
ends "stop of one that is not told which" 6 n1 1 stop "${unknown[@]}"
is "does not touch others" "$(ruleset n1 && ip -n "$PREFIX-n1" addr)" "$before"
ends "stop of another one, known by its name" 0 n1 1 stop "${unknown[@]}" OCF_RESOURCE_INSTANCE=ip:2
works "does not either" has_buckets 2
ends "its own" 0 n1 1 stop "${numbered[@]}"
nothing_left "after that" n1
ends "again" 0 n1 1 stop "${numbered[@]}"
ends "an instance starts" 0 n1 1 start
in_ns n1 nft flush ruleset
ends "without rules, stop of what is in the configuration no more" 0 n1 1 stop "${numbered[@]}"
nothing_left "after that" n1
ends "an instance starts" 0 n1 1 start
in_ns n1 nft flush map ip clusterip clusters
ends "without a record, stop of what is in the configuration no more" 0 n1 1 stop "${numbered[@]}"
nothing_left "after that" n1

# ------------------------------------------------------------------ the cluster IP is the first address of its network

promotes() { in_ns n1 sh -c 'cat /proc/sys/net/ipv4/conf/*/promote_secondaries' | sort -u; }

# shellcheck disable=SC2016 # expanded by that shell
in_ns n1 sh -c 'for all in /proc/sys/net/ipv4/conf/*/promote_secondaries; do echo 0 >$all; done'
for node in n1 n2; do
	PARAMETERS=(OCF_RESKEY_iflabel=web "OCF_RESKEY_network_namespace=$PREFIX-n1")
	ip -n "$PREFIX-n1" addr flush dev eth0
	ends "the network's first address, with a label: start on $node" 0 $node 0 start
	ip -n "$PREFIX-n1" addr add 10.77.0.1/16 dev eth0
	has "the node's own comes behind it" "$(ip -n "$PREFIX-n1" addr show to 10.77.0.1)" secondary
	ends "stop" 0 $node 0 stop
	is "the node's own address is left, alone" "$(ip -n "$PREFIX-n1" -4 -o addr show dev eth0 | awk '{print $4}')" 10.77.0.1/16
	is "the device is as it was" "$(promotes)" 0
done
PARAMETERS=()
ip -n "$PREFIX-n1" route replace default via 10.77.0.254

# ------------------------------------------------------------------ two devices in the network

ip -n "$PREFIX-n1" link add other type veth peer name end
for device in other end; do ip -n "$PREFIX-n1" link set $device up; done
found=(OCF_RESKEY_nic= OCF_RESKEY_cidr_netmask=)
# chosen WHAT DEVICE LENGTH: as the kernel does
chosen() {
	has "$1: so the kernel does" "$(ip -n "$PREFIX-n1" route get "${ADDRESS%100}77")" " dev $2 "
	ends "$1: start" 0 n1 0 start "${found[@]}"
	is "$1: the device" "$(cip n1 get dev,prefix "$ADDRESS" | xargs)" "$2 $3"
	ends "$1: monitor" 0 n1 0 monitor "${found[@]}"
	ends "$1: stop" 0 n1 0 stop "${found[@]}"
}

# one at a time: "flush" leaves some of IPv6
delete_all() { while "${route[@]}" del "$1" 2>/dev/null; do :; done; }

# routes NETWORK LENGTH WIDER: "other" has both
routes() {
	route=(ip -n "$PREFIX-n1" route)
	delete_all "$1/$2"
	"${route[@]}" add "$1/$2" dev eth0 metric 100
	"${route[@]}" add "$1/$2" dev other metric 200
	"${route[@]}" add "$3" dev other metric 10
	chosen "$1, the lower metric comes first" eth0 "$2"
	delete_all "$1/$2"
	"${route[@]}" add "$1/$2" dev eth0 metric 200
	"${route[@]}" add "$1/$2" dev other metric 100
	chosen "$1, the lower metric comes last" other "$2"
	delete_all "$1/$2"
	delete_all "$3"
}
routes 10.77.0.0 16 10.64.0.0/12
ADDRESS=fd77::100
routes fd77:: 64 fd77::/48
ip -n "$PREFIX-n1" link del other

# ------------------------------------------------------------------ the MAC that hangs on a route

ADDRESS=10.77.0.100
warned() { grep -c 'WARN.*cidr_netmask.* mac' "$WORK/log"; }
# warns HOW-OFTEN NODE INSTANCE ACTION [NAME=VALUE...]
warns() {
	: >"$WORK/log"
	ends "${*:4}: ends well" 0 "${@:2}" HA_LOGFILE="$WORK/log"
	is "and warns, or does not" "$(warned)" "$1"
}
for node in n1 n2; do ip -n "$PREFIX-$node" addr flush dev eth0; done
ip -n "$PREFIX-n1" addr add 10.77.0.1/16 dev eth0
ip -n "$PREFIX-n2" addr add 10.77.0.2/24 dev eth0
warns 1 n1 0 validate-all OCF_RESKEY_cidr_netmask=
warns 1 n1 0 start OCF_RESKEY_cidr_netmask=
warns 1 n2 1 start OCF_RESKEY_cidr_netmask=
is "rightly so: two nodes with other masks have other cluster MACs" \
	"$([[ $(cip n1 get mac $ADDRESS) == "$(cip n2 get mac $ADDRESS)" ]] || echo other)" other
warns 0 n2 1 monitor OCF_RESKEY_cidr_netmask=
for node in n1 n2; do cip $node destroy $ADDRESS; done
for given in OCF_RESKEY_cidr_netmask=16 "OCF_RESKEY_cidr_netmask= OCF_RESKEY_mac=03:00:00:00:00:01"; do
	for action in validate-all start; do
		# shellcheck disable=SC2086 # words
		for node in n1 n2; do warns 0 $node 0 $action $given; done
	done
	is "$given: both have the same" "$(cip n1 get mac $ADDRESS)" "$(cip n2 get mac $ADDRESS)"
	for node in n1 n2; do cip $node destroy $ADDRESS; done
done

finish
