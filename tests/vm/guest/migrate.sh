#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# From the kernel's CLUSTERIP target to nftables, on a kernel that has both: three nodes, set up with iptables as
# IPaddr2 does it, are migrated one by one while clients ask.
#
# CIPADM and TOOLS are as in tests/netns.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../netns/lib.sh
. "$here/../../netns/lib.sh"
address=10.77.0.100
# as IPaddr2 makes it of "10.0.0.100 24 10.0.0.255"
mac=81:48:8f:53:39:b3
clients=60
begin
if ! modprobe -q ipt_CLUSTERIP || ! command -v iptables-legacy >/dev/null; then
	skip "migrate.sh: needs the CLUSTERIP target and iptables-legacy"
	finish
fi
make_clients $clients

# rule VERB NODE BUCKET: IPaddr2's
rule() {
	in_ns "$2" iptables-legacy -w "$1" INPUT -d $address -i eth0 -j CLUSTERIP --new --clustermac $mac \
		--total-nodes 6 --local-node "$3" --hashmode sourceip-sourceport
}

# proc NODE WORD: a bucket comes (+N) or goes (-N)
proc() {
	in_ns "$1" sh -c "echo $2 >/proc/net/ipt_CLUSTERIP/$address"
}

# set_up NODE: as IPaddr2 does it, with the node's two buckets
set_up() {
	local first=$((${1#n} * 2 - 1))
	rule -I "$1" $first && proc "$1" +$((first + 1)) &&
		ip -n "$PREFIX-$1" addr add $address/16 brd 10.77.255.255 dev eth0
}

# state NODE: everything that a cluster IP could leave there
state() {
	in_ns "$1" iptables-legacy-save -t filter | grep -v -e '^#' -e '^:'
	in_ns "$1" sh -c "cat /proc/net/ipt_CLUSTERIP/* 2>/dev/null"
	in_ns "$1" nft -s list ruleset
	ip -n "$PREFIX-$1" -o -4 addr show dev eth0
	in_ns "$1" sort /proc/net/dev_mcast
}

ask() {
	in_ns c "$TOOLS/ask" udp $address 8000 "$@"
}

for node in "${NODES[@]}"; do
	empty=$(state "$node")
	works "$node is set up by iptables" set_up "$node"
done
start_servers || not_ok "servers"

# ------------------------------------------------------------------ before

is "show has a rule that iptables made" "$(cip n1 show)" \
	"$address/16 dev eth0 mac $mac hash sourceip-sourceport total 6 seed 0x0 buckets 1,2"$'\n'"    backend clusterip"
is "check finds nothing" "$(cip n1 check)" "1 cluster IP, no fault"
before=$(state n1)
is "a dry run tells the steps" "$(cip n1 --dry-run migrate $address | wc -l)" 2
is "and takes none" "$(state n1)" "$before"
output=$(cip n1 --backend nft bucket add $address 3 2>&1)
is "asked of nftables alone it is not there" "$? $output" \
	"3 cipadm: no such cluster IP in backend nft: $address is in backend clusterip"
output=$(cip n1 --backend nft create $address/16 dev eth0 total 6 2>&1)
is "nor can it be created there, too" $? 1
is "and nothing has changed" "$(state n1)" "$before"

# ------------------------------------------------------------------ one by one, while clients ask

ask 10.77.1.1 $clients | sort >"$WORK/before"
is "every client has an answer" "$(grep -c ' n[123]$' "$WORK/before")" $clients
touch "$WORK/go"
for first in 1 21 41; do
	while [[ -e $WORK/go ]]; do ask 10.77.1.$first 20; done >"$WORK/asked.$first" &
done
sleep 2
for node in "${NODES[@]}"; do
	works "$node is migrated" cip "$node" migrate $address dev eth0
	sleep 2
done
rm "$WORK/go"
sleep 3
answers=$(cat "$WORK"/asked.*)
asked=$(wc -l <<<"$answers")
is "$asked datagrams meanwhile: lost" "$(grep -c -- '-$' <<<"$answers")" 0
is "$asked datagrams meanwhile: answered twice" "$(awk 'NF > 2' <<<"$answers" | wc -l)" 0
is "the kernel's target is out of use" "$(in_ns n1 iptables-legacy-save | grep -c CLUSTERIP)" 0
for node in "${NODES[@]}"; do is "check on $node" "$(cip "$node" check)" "1 cluster IP, no fault"; done
is "show on n1" "$(cip n1 show)" \
	"$address/16 dev eth0 mac $mac hash sourceip-sourceport total 6 seed 0x0 buckets 1,2"
works "again" cip n1 migrate $address
is "takes no step" "$(cip n1 --verbose migrate $address)" ""

# ------------------------------------------------------------------ what is left

migrated=$(state n1 | grep -v inet)
works "destroy" cip n1 destroy $address
is "leaves nothing" "$(state n1)" "${empty//10.77.0.3/10.77.0.1}"
works "create the same" cip n1 create $address/16 dev eth0 mac $mac hash sourceip-sourceport total 6 buckets 1,2
is "leaves what migration left" "$(state n1 | grep -v inet)" "$migrated"
works "destroy" cip n1 destroy $address

# ------------------------------------------------------------------ failing, being killed, two at once

works "n1 is set up again" set_up n1
before=$(state n1)
# iptables-restore takes the lock with the table's name, and keeps it until it is told the rest
mkfifo "$WORK/rules"
start n2 "$WORK/restore" iptables-legacy-restore --noflush "$WORK/rules"
exec 9>"$WORK/rules"
echo '*filter' >&9
sleep 1
output=$(cip n1 migrate $address 2>&1)
is "while somebody else has the lock: refused" $? 1
stop_last
exec 9>&-
has "with a sentence that names it" "$output" lock
is "and all is as it was" "$(state n1)" "$before"

killed=0 halfway=0 wrong='' LIMIT=200000
for ((i = 0; (killed < 30 || !halfway) && i < 150; i++)); do
	# LIMIT follows the time that it takes, of which the second half is of most interest
	outcome=$("$TOOLS/strike" $((LIMIT / 4 + RANDOM * 32 % LIMIT)) "$CIPADM" --netns "$PREFIX-n1" migrate $address 2>&1)
	if [[ $outcome == killed* ]]; then
		killed=$((killed + 1)) LIMIT=$((LIMIT + LIMIT / 16))
	else
		LIMIT=$((LIMIT - LIMIT / 8))
	fi
	output=$(cip n1 check)
	case $output in
	"1 cluster IP, no fault") ;;
	"$address: backend: it is in backend nft and in backend clusterip"*) halfway=$((halfway + 1)) ;;
	*) wrong+="$output"$'\n' ;;
	esac
	cip n1 migrate $address || wrong+="cannot finish"$'\n'
	[[ $(cip n1 check) == "1 cluster IP, no fault" ]] || wrong+="not clean after it was finished"$'\n'
	[[ $(state n1 | grep -v inet) == "$migrated" ]] || wrong+="another footprint"$'\n'
	cip n1 destroy $address && set_up n1 || wrong+="cannot begin again"$'\n'
done
is "killed $killed times, $halfway of them half way: check says so, and the next one finishes" "$wrong" ""
is "some of them were half way" $((halfway > 0)) 1

cip n1 migrate $address &
cip n1 migrate $address
first=$?
wait $!
is "two at once" "$first $?" "0 0"
is "and check" "$(cip n1 check)" "1 cluster IP, no fault"

# ------------------------------------------------------------------ in both

works "a rule of iptables beside what nftables has" rule -I n1 1
has "check says that there are two" "$(cip n1 check)" "^$address: backend: "
output=$(cip n1 bucket add $address 5 2>&1)
is "no bucket comes" $? 1
has "and the sentence says why" "$output" "backend nft and in backend clusterip"
works "with the rule's bucket as the only one there, migrate" cip n1 migrate $address
has "takes the rule's for the truth" "$(cip n1 show)" "buckets 1\$"
rule -I n1 1
works "destroy" cip n1 destroy $address
is "takes both" "$(in_ns n1 iptables-legacy-save | grep -c CLUSTERIP) $(cip n1 show)" "0 "

works "a rule without the address on the device" rule -I n1 1
works "migrate" cip n1 migrate $address
has "leaves the address to others" "$(cip n1 show)" "buckets 1 noaddr\$"
is "and puts none there" "$(ip -n "$PREFIX-n1" -o addr show to $address)" ""
finish
