#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The backend for the kernel's own target: packets while its rule is exchanged, what fails half way, rules that others
# made, and what verifying finds.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
begin
IP=10.77.0.100
MAC=81:48:8f:53:39:b3
RULE=(-d "$IP" -i eth0 -j CLUSTERIP --new --clustermac "$MAC" --total-nodes 3 --local-node 2 --hashmode sourceip)

target() {
	on_target n1 "$@"
}

# the rules alone
listed() {
	rules n1 | grep '^-A'
}

local_buckets() {
	target_buckets n1
}

has_address() {
	ip -n "$PREFIX-n1" -4 -o addr show dev eth0 | grep -c " $IP/"
}

# ------------------------------------------------------------------ packets

make_clients 40
start_servers
cip n2 --backend nft create $IP/16 dev eth0 total 4 mac $MAC buckets 3,4
target create $IP/16 dev eth0 total 4 mac $MAC buckets 1,2
in_ns c "$TOOLS/ask" udp $IP 8000 10.77.1.1 40 >"$WORK/before"
is "each of 40 clients is answered by one of two nodes" "$(grep -cE ' n[12]$' "$WORK/before")" 40
target set $IP seed 5
target set $IP seed 0
in_ns c "$TOOLS/ask" udp $IP 8000 10.77.1.1 40 >"$WORK/after"
is "after two changes of the seed by the same one" "$(diff "$WORK/before" "$WORK/after")" ""
target bucket add $IP 3
target bucket del $IP 3
in_ns c "$TOOLS/ask" udp $IP 8000 10.77.1.1 40 >"$WORK/after"
is "after a bucket came and went, too" "$(diff "$WORK/before" "$WORK/after")" ""
cip n2 destroy $IP
in_ns c "$TOOLS/ask" udp $IP 8000 10.77.1.1 40 >"$WORK/alone"
is "alone, the node lets in its own buckets only" "$(grep -c ' n1$' "$WORK/alone")" "$(grep -c ' n1$' "$WORK/before")"
target bucket set $IP none
is "no bucket: nothing" "$(in_ns c "$TOOLS/ask" udp $IP 8000 10.77.1.1 40 | grep -c ' n1$')" 0

# ------------------------------------------------------------------ form and place of the rule

iptables n1 -I INPUT -p tcp --dport 22 -j ACCEPT
target set $IP total 5
is "an exchanged rule keeps its place" "$(listed | grep -n CLUSTERIP | cut -d: -f1)" 2
line=$(listed | grep CLUSTERIP)
eval "iptables n1 ${line/#-A/-D}"
is "iptables deletes the rule that iptables-save printed" "$(listed | grep -c CLUSTERIP)" 0
ip -n "$PREFIX-n1" addr del $IP/16 dev eth0

# ------------------------------------------------------------------ rules that others made

iptables n1 -I INPUT "${RULE[@]}"
ip -n "$PREFIX-n1" addr add $IP/16 dev eth0
has "a rule by iptables is listed" "$(target show)" "^$IP/16 dev eth0 mac $MAC hash sourceip total 3 seed 0x0 buckets 2$"
before=$(listed)
target bucket add $IP 1
is "a bucket is added" "$(local_buckets)" 1,2
is "without touching the rule" "$(listed)" "$before"
iptables n1 -A INPUT "${RULE[@]}"
has "a second rule is found" "$(target check 2>&1)" "^$IP: rule: it has 2 rules"
iptables n1 -A INPUT -d $IP -i eth0 -j CLUSTERIP --new --clustermac $MAC --total-nodes 4 --local-node 2 --hashmode sourceip
has "rules that contradict each other are found" "$(target check 2>&1)" "^$IP: rule: .*different parameters"
works "create makes one of them" target create $IP/16 dev eth0 total 3 mac $MAC
is "one" "$(listed | grep -c CLUSTERIP)" 1
is "with the buckets it had" "$(local_buckets)" 1,2
works "and check is content" target check
ip -n "$PREFIX-n1" addr del $IP/16 dev eth0
has "a missing address is found" "$(target check 2>&1)" "^$IP: address: "
works "create puts it back" target create $IP/16 dev eth0 total 3 mac $MAC
is "it is there" "$(has_address)" 1
works "destroy" target destroy $IP
is "nothing is left but the rule of others" "$(listed)" "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"
is "nor the address" "$(has_address)" 0

# ------------------------------------------------------------------ an interrupted change

target create $IP/16 dev eth0 total 4 buckets 2,3
line=$(listed | grep CLUSTERIP)
eval "iptables n1 ${line/#-A INPUT/-R INPUT 1} "
iptables n1 -R INPUT 1 -d $IP/32 -i eth0 -m comment --comment \
	"libclusterip v1 hold /16 mac 03:bf:0a:4d:00:64 hash sourceip total 4 seed 0x0 buckets 2,3" -j DROP
has "check tells of it" "$(target check 2>&1)" "^$IP: rule: a change was interrupted"
has "the parameters are known" "$(target show)" "^$IP/16 dev eth0 .* total 4 seed 0x0 buckets none"
works "create finishes it" target create $IP/16 dev eth0 total 4
is "with the buckets that were local" "$(local_buckets)" 2,3
works "check" target check

# ------------------------------------------------------------------ failures

before=$(listed)
iptables n1 -t mangle -I INPUT -d 10.77.0.101 -i eth0 -j CLUSTERIP --new --clustermac $MAC \
	--total-nodes 3 --local-node 2 --hashmode sourceip
has "a rule in another table has the address" "$(target create 10.77.0.101/16 dev eth0 total 4 2>&1)" \
	"^cipadm: 10.77.0.101 dev eth0: another CLUSTERIP rule"
has "check finds it" "$(target check 2>&1)" "^10.77.0.101: rule: "
iptables n1 -t mangle -F
has "total 17 is refused by name" "$(target create 10.77.0.101/16 dev eth0 total 17 2>&1)" "total 17 .*1\\.\\.16"
# a device with so small an MTU takes no address: the second of two changes fails, and the first is undone
ip -n "$PREFIX-n1" link add small type dummy
ip -n "$PREFIX-n1" link set small mtu 60 up
printf '%s\n' "$IP/16 dev eth0 total 4 seed 9 buckets 2,3" "10.77.0.101/16 dev small total 4" >"$WORK/list"
target apply "$WORK/list" >"$WORK/refused" 2>&1
is "a change is refused half way" $? 1
is "the rules are as before" "$(listed)" "$before"
is "and the buckets" "$(local_buckets)" 2,3
works "check" target check
target destroy $IP
finish
