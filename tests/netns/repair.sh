#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Damage done by hand with the tools of the system: cipadm check names it, cipadm create with the same words
# repairs it, and clients are answered by the right nodes again. All of it happens to n1.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
address=10.77.0.100
mac=03:bf:0a:4d:00:64
clients=30
declare -A words=(
	[n1]="$address/16 dev eth0 total 12 hash sourceip seed 7 buckets 1-4"
	[n2]="$address/16 dev eth0 total 12 hash sourceip seed 7 buckets 5-8"
	[n3]="$address/16 dev eth0 total 12 hash sourceip seed 7 buckets 9-12"
)
begin
make_clients $clients

nft1() {
	in_ns n1 nft "$@"
}

# Cluster IPs that n1 has beside it. Only where all are of one class there is a shortcut.
others=()

# create NODE: what the node ought to have
create() {
	local other
	# shellcheck disable=SC2086 # words
	cip "$1" create ${words[$1]} || return
	[[ $1 == n1 ]] || return 0
	for other in "${others[@]}"; do
		# shellcheck disable=SC2086
		cip n1 create $other || return
	done
}

# class, chain: the cluster IP's, and the one that has the rules of it
class() { class_of n1 $address; }
chain() { echo "cip.$(class)"; }

# handle CHAIN PATTERN: of the first rule that matches
handle() {
	nft1 -a list chain ip clusterip "$1" | sed -n "/$2/s/.*# handle //p" | head -n 1
}

# rule NAME: chain and handle of the cluster IP's rule of that name
rule() {
	echo "$(chain) handle $(handle "$(chain)" "\"$1\"")"
}

# damage WHAT KIND TEXT COMMAND...: check must then find a fault of that kind, described with that text
damage() {
	local what=$1 kind=$2 text=$3 output status
	shift 3
	if ! output=$("$@" 2>&1); then
		not_ok "$what: cannot do the damage" "$output"
		return
	fi
	output=$(cip n1 check 2>&1)
	status=$?
	is "$what: check ends with 1" $status 1
	has "$what: check calls it $kind${text:+ and says $text}" "$output" "^[^ ]+: $kind: .*$text"
	if output=$(cip n1 check $address 2>&1); then not_ok "$what: check of the address" "$output"; fi
	repaired "$what"
}

# repaired WHAT: after create everything is as it was
repaired() {
	works "$1: create" create n1
	is "$1: check finds nothing" "$(cip n1 check 2>&1)" "$no_fault"
	is "$1: the cluster IP is as it was" "$(cip n1 show)" "$shown"
	is "$1: everybody is answered by the right node" "$(answers)" "$expected"
}

# shellcheck disable=SC2317 # called by name
reload() {
	nft1 list ruleset >"$WORK/ruleset" && nft1 flush ruleset && nft1 -f "$WORK/ruleset"
}

# the record stays, but what is foreign is let in
# shellcheck disable=SC2317 # called by name
accept_foreign() {
	local record
	record=$(nft1 list map ip clusterip clusters | sed -n "s/.*$address counter[^\"]*\(\"[^\"]*\"\).*/\1/p")
	nft1 "delete element ip clusterip clusters { $address };
		add element ip clusterip clusters { $address comment $record : accept }"
}

# with another seed, and as nft writes it
# shellcheck disable=SC2317 # called by name
reseed_with_nft() {
	local text
	text=$(nft1 list chain ip clusterip "$(chain)" |
		sed -n "s/^[ \t]*\(ip daddr . jhash.*\)seed 0x[0-9a-f]*\(.*\)/\1seed 0x63\2/p")
	# shellcheck disable=SC2046 # words
	nft1 replace rule ip clusterip $(rule hash) "$text"
}

rename_device() {
	ip -n "$PREFIX-n1" link set eth0 down && ip -n "$PREFIX-n1" link set eth0 name eth9 &&
		ip -n "$PREFIX-n1" link set eth9 up
}

rename_back() {
	ip -n "$PREFIX-n1" link set eth9 down && ip -n "$PREFIX-n1" link set eth9 name eth0 &&
		ip -n "$PREFIX-n1" link set eth0 up && ip -n "$PREFIX-n1" route replace default via 10.77.0.254
}

# shellcheck disable=SC2317 # called by name
recreate_device() {
	ip -n "$PREFIX-n1" link del eth0 && plug_node n1
}

# damages: all that create can repair
damages() {
	damage "table deleted" table "" nft1 delete table ip clusterip
	damage "ARP table deleted" arp "" nft1 delete table arp clusterip
	damage "ARP rule deleted" arp "" nft1 flush chain arp clusterip output
	damage "ARP entry deleted" arp "" nft1 flush map arp clusterip macs
	# shellcheck disable=SC2046 # words
	{
		damage "hash rule deleted" rule "" nft1 delete rule ip clusterip $(rule hash)
		damage "foreign rule deleted" rule "" nft1 delete rule ip clusterip $(rule foreign)
	}
	damage "rule added that lets everybody in" rule "" nft1 insert rule ip clusterip "$(chain)" accept
	damage "chain emptied" rule "" nft1 flush chain ip clusterip "$(chain)"
	damage "rule added in prerouting" rule "" nft1 insert rule ip clusterip prerouting accept
	damage "prerouting emptied" rule "" nft1 flush chain ip clusterip prerouting
	damage "dispatch rule deleted" rule dispatch nft1 delete rule ip clusterip prerouting \
		handle "$(handle prerouting '"dispatch"')"
	damage "dispatch entry deleted" dispatch "" nft1 delete element ip clusterip addresses "{ $address }"
	damage "dispatch rule for errors deleted" rule "dispatch errors" nft1 delete rule ip clusterip prerouting \
		handle "$(handle prerouting '"dispatch errors"')"
	damage "entry for errors deleted" dispatch "errors" nft1 delete element ip clusterip errors "{ $address }"
	damage "chain for errors emptied" rule "errors" nft1 flush chain ip clusterip "errors.$(class)"
	damage "type of error deleted" table error_types nft1 delete element ip clusterip error_types "{ 3 }"
	damage "quoted protocol deleted" table quoted_ports nft1 delete element ip clusterip quoted_ports "{ 6 }"
	damage "protocol deleted" table "" nft1 delete element ip clusterip ports "{ udp }"
	damage "record deleted" record "" nft1 delete element ip clusterip clusters "{ $address }"
	damage "record that lets foreign packets in" record "not readable" accept_foreign
	damage "hash rule replaced with nft" rule "" reseed_with_nft
	damage "other seed" rule seed "$TOOLS/tamper" "$PREFIX-n1" "$(chain)" seed 8
	damage "other modulus" rule modulus "$TOOLS/tamper" "$PREFIX-n1" "$(chain)" modulus 11
	damage "other offset" rule "" "$TOOLS/tamper" "$PREFIX-n1" "$(chain)" offset 12345
	damage "bucket taken away" bucket "" nft1 delete element ip clusterip buckets "{ $(slot n1 $address 2) }"
	damage "bucket added" bucket "" nft1 add element ip clusterip buckets "{ $(slot n1 $address 7) }"
	damage "assignment taken away" bucket "" nft1 delete element ip clusterip assigned "{ $(slot n1 $address 1) }"
	damage "assignment added" bucket "" nft1 add element ip clusterip assigned "{ $(slot n1 $address 7) }"
	damage "MAC deleted" mac "" in_ns n1 bridge fdb del $mac dev eth0 self
	damage "address deleted" address "" ip -n "$PREFIX-n1" addr del $address/16 dev eth0
	damage "address with another prefix" address "" eval \
		"ip -n $PREFIX-n1 addr del $address/16 dev eth0 && ip -n $PREFIX-n1 addr add $address/24 dev eth0"
	damage "device deleted and made again" "(mac|address)" "" recreate_device
	damage "ruleset saved and loaded, without the byte order step" rule "" reload
}

start_servers || not_ok "servers"
for node in "${NODES[@]}"; do create "$node" || not_ok "create on $node"; done
expected=$(answers_due 4 total 12 seed 7)
is "before any damage everybody is answered by the right node" "$(answers)" "$expected"
no_fault="1 cluster IP, no fault"
is "and check finds nothing" "$(cip n1 check 2>&1)" "$no_fault"
shown=$(cip n1 show)
damages
damage "other seed in prerouting" rule seed "$TOOLS/tamper" "$PREFIX-n1" prerouting seed 8
damage "other modulus in prerouting" rule modulus "$TOOLS/tamper" "$PREFIX-n1" prerouting modulus 11

# what means nothing must not stop anybody, nor come to life: slots of nobody, and of the class that comes next
nft1 add element ip clusterip buckets "{ 10.77.0.99 . 1029, $address . 9999999 }"
for set in buckets assigned; do nft1 add element ip clusterip $set "{ $address . $(((3 - $(class)) * 1024 + 9)) }"; done
works "slots of nobody: set" cip n1 set $address seed 8
has "slots of nobody: none comes to life" "$(cip n1 show)" "buckets 1-4$"
echo "${words[n1]}" >"$WORK/conf"
works "slots of nobody: apply" cip n1 apply "$WORK/conf"
nft1 delete element ip clusterip buckets "{ 10.77.0.99 . 1029, $address . 9999999 }"
repaired "slots of nobody"

# an entry of a record that is gone holds its chain, and stops nobody
works "a record deleted" eval "cip n1 create 10.77.0.103/16 dev eth0 total 5 noaddr &&
	nft1 delete element ip clusterip clusters '{ 10.77.0.103 }'"
works "a record deleted: set of another" cip n1 set $address seed 8
works "a record deleted: and back" cip n1 set $address seed 7
works "a record deleted: destroy" cip n1 destroy 10.77.0.103
repaired "a record deleted"
is "a record deleted: no chain is left of it" "$(nft1 list chains ip | grep -c 'cip\.')" 1

echo "-- the same with two cluster IPs of one class"
others=("10.77.0.101/16 dev eth0 total 12 seed 7 buckets 2")
create n1 || not_ok "create the other"
no_fault="2 cluster IPs, no fault"
shown=$(cip n1 show)
damages
damage "foreign rule in prerouting deleted" rule foreign nft1 delete rule ip clusterip prerouting \
	handle "$(handle prerouting '"foreign"')"
damage "other seed in prerouting" rule seed "$TOOLS/tamper" "$PREFIX-n1" prerouting seed 8

# the chains of a class are read once where they are right, which must not hide what is wrong from anybody
"$TOOLS/tamper" "$PREFIX-n1" "errors.$(class)" seed 8 || not_ok "a rule of both: cannot do the damage"
is "a rule of both: check names both" "$(cip n1 check 2>&1 | sed -n 's/: rule: .*seed.*//p' | tr '\n' ' ')" \
	"$address 10.77.0.101 "
repaired "a rule of both"

# as if who made it leave the class had been killed before it could sweep up
first=$(($(class) * 1024 + 1))
works "back to a class: away" cip n1 set $address seed 8
works "back to a class: with slots that wait to be swept up" nft1 "add element ip clusterip retired { $address . $first };
	add element ip clusterip buckets { $address . $((first + 8)) }"
works "back to a class: back" cip n1 set $address seed 7
is "back to a class: check finds nothing" "$(cip n1 check 2>&1)" "$no_fault"
is "back to a class: the cluster IP is as it was" "$(cip n1 show)" "$shown"
is "back to a class: nothing waits to be swept up" "$(nft1 list set ip clusterip retired | grep elements)" ""
cip n1 destroy 10.77.0.101

echo "-- the same with three of two classes"
others=("10.77.0.101/16 dev eth0 total 4 hash sourceip-sourceport buckets 1"
	"10.77.0.102/16 dev eth0 total 4 noaddr")
create n1 || not_ok "create the others"
no_fault="3 cluster IPs, no fault"
shown=$(cip n1 show)
damages
damage "rule for fragments deleted" rule defragment nft1 flush chain ip clusterip defragment

# What is wrong with the device is nothing that create could repair, but check must see it, and create get over it.
ip -n "$PREFIX-n1" link set eth0 down
output=$(cip n1 check 2>&1)
is "device down: check ends with 1" $? 1
has "device down: check calls it device" "$output" "^[^ ]+: device: "
ip -n "$PREFIX-n1" link set eth0 up
ip -n "$PREFIX-n1" route replace default via 10.77.0.254
repaired "device up again"

rename_device
output=$(cip n1 check 2>&1)
is "device renamed: check ends with 1" $? 1
has "device renamed: check calls it device" "$output" "^[^ ]+: device: "
create n1 2>/dev/null
is "device renamed: create refuses a device that is not there" $? 2
rename_back
repaired "device renamed back"

# the counter-test: without repair the clients of n1 are not answered
nft1 delete table ip clusterip
is "without its rules n1 answers everybody" "$(answers | grep -c '.* n1')" $clients
finish
