#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rules of others in the hands of cipadm, rules of cipadm in the hands of iptables, and a thousand rules around them
# that are nobody's business.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
begin

# a_thousand_rules: in three tables and seven chains, with matches of all kinds, counters that are not 0, and quotes
a_thousand_rules() {
	local i
	echo '*mangle'
	for ((i = 0; i < 100; i++)); do echo "[$i:$((i * 60))] -A PREROUTING -s 10.1.$i.0/24 -j MARK --set-mark $i"; done
	echo COMMIT
	echo '*filter'
	printf ':%s - [0:0]\n' one two three
	echo ':FORWARD DROP [7:420]'
	for ((i = 0; i < 200; i++)); do
		echo "[3:180] -A one -p tcp -m tcp --dport $i -j ACCEPT"
		echo "-A two -s 10.2.$i.0/24 -m comment --comment \"it is \\\"$i\\\", not -j CLUSTERIP\" -j RETURN"
		echo "-A three -p udp -m multiport --dports $i,$((i + 1000)) -m conntrack --ctstate NEW -j DROP"
		echo "[$i:1] -A FORWARD -i eth9 -m mark --mark $i -j one"
	done
	for ((i = 0; i < 50; i++)); do
		echo "-A INPUT -d 10.3.$i.1/32 -j two"
		echo "-A OUTPUT -d 10.4.$i.1/32 -p icmp -j three"
	done
	echo COMMIT
}

# others: all but ours. Counters stay, those of built-in chains count what the tests send
others() {
	in_ns n1 iptables-legacy-save -c | grep -v -e '-j CLUSTERIP --new' -e '^#' | sed 's/^\(:[A-Z]* [A-Z]*\) .*/\1/'
}

# untouched WHAT
untouched() {
	local now
	now=$(others)
	if [[ $now == "$OTHERS" ]]; then ok "$1"; else not_ok "$1" "$(diff <(echo "$OTHERS") <(echo "$now") | head -n 20)"; fi
}

works "a thousand rules" in_ns n1 iptables-legacy-restore -c <<<"$(a_thousand_rules)"
OTHERS=$(others)
is "are there" "$(grep -c '^\[.*-A' <<<"$OTHERS")" 1000

# ------------------------------------------------------------------ theirs

rule=(-d "$ADDRESS" -i eth0 -j CLUSTERIP --new --clustermac 81:48:8f:53:39:b3 --total-nodes 4 --local-node 1 --hashmode
	sourceip-sourceport --hash-init 77)
works "iptables makes a rule" iptables n1 -I INPUT 25 "${rule[@]}"
ip -n "$PREFIX-n1" addr add $ADDRESS/16 dev eth0
line="$ADDRESS/16 dev eth0 mac 81:48:8f:53:39:b3 hash sourceip-sourceport total 4 seed 0x4d buckets"
theirs=$(target_rules n1)
is "show lists it" "$(shown n1)" "$line 1"
works "bucket add" cip n1 bucket add $ADDRESS 2,4
is "the kernel has the buckets" "$(target_buckets n1)" 1,2,4
is "the rule is as they made it" "$(target_rules n1)" "$theirs"
works "bucket del" cip n1 bucket del $ADDRESS 1
is "also the bucket that the rule names" "$(target_buckets n1)" 2,4
works "bucket set none" cip n1 bucket set $ADDRESS none
is "none is left" "$(target_buckets n1)" ""
works "bucket set" cip n1 bucket set $ADDRESS 1,3
untouched "the thousand rules after moving buckets"
works "set seed and hash" cip n1 set $ADDRESS seed 5 hash sourceip
is "buckets stay" "$(target_buckets n1)" 1,3
is "show tells" "$(shown n1)" "${line/sourceip-sourceport total 4 seed 0x4d/sourceip total 4 seed 0x5} 1,3"
is "the rule has kept its place" "$(rules n1 | grep -e '-A INPUT' | grep -n -e --new | cut -d: -f1)" 25
untouched "the thousand rules after a rehash"
works "check" cip n1 check
works "destroy" cip n1 destroy $ADDRESS
is "no rule of the target" "$(target_rules n1)" ""
is "no entry in /proc" "$(in_ns n1 ls /proc/net/ipt_CLUSTERIP)" ""
is "no address" "$(ip -n "$PREFIX-n1" addr show to $ADDRESS)" ""
is "no cluster MAC" "$(in_ns n1 grep -i 81488f5339b3 /proc/net/dev_mcast)" ""
untouched "the thousand rules after destroy"

# ------------------------------------------------------------------ ours

works "create" on_target n1 create $ADDRESS/16 dev eth0 total 4 seed 9 buckets 1,2
untouched "the thousand rules after create"
ours=$(target_rules n1)
has "iptables-save understands it" "$ours" \
	"^-A INPUT -d $ADDRESS/32 -i eth0 .*-j CLUSTERIP --new --hashmode sourceip --clustermac 03:BF:0A:4D:00:64 --total-nodes 4 --local-node [12] --hash-init 9"
is "there is one" "$(wc -l <<<"$ours")" 1
works "iptables finds it" eval "iptables n1 ${ours/-A/-C}"
works "iptables removes it" eval "iptables n1 ${ours/-A/-D}"
is "show has nothing" "$(cip n1 show)" ""
untouched "the thousand rules after iptables -D"
works "create again, with what was left of the first one" on_target n1 create $ADDRESS/16 dev eth0 total 4 buckets 3
is "the bucket is there" "$(target_buckets n1)" 3
works "check" cip n1 check
works "destroy" cip n1 destroy $ADDRESS
untouched "the thousand rules at the end"
finish
