#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# iptables adds and removes rules without a pause, and cipadm changes cluster IPs beside it. Whoever does not take the
# lock, or writes back a table that it read before the other one's change, loses a rule.

# shellcheck disable=SC2317 # works and the like call functions
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
begin

# iptables_loop: numbered rules in two chains, of which every second one goes again, until it is told to stop
iptables_loop() {
	local i
	for ((i = 1; ! $(wc -l <"$WORK/stop"); i++)); do
		iptables n1 -A INPUT -s 10.9.$((i / 256)).$((i % 256)) -j DROP && iptables n1 -I work -p tcp --dport $i || echo "failed: $i"
		((i % 2)) || iptables n1 -D INPUT -s 10.9.$((i / 256)).$((i % 256)) -j DROP || echo "failed: -D $i"
		echo >>"$WORK/done"
	done
}

# rounds: how often the loop has been through
rounds() {
	wc -l <"$WORK/done"
}

# again COMMAND...: until iptables has been there often enough for the race to prove something. The kernel does not
# hand out the lock in turn, and of five that want it on one slow processor iptables may get it hardly ever.
again() {
	local try
	for ((try = 0; try < 20; try++)); do
		"$@" || return
		(($(rounds) < 5)) || return 0
	done
}

# race WHAT COMMAND...: the command, beside iptables; then every rule has to be there
race() {
	local what=$1 loop count
	shift
	: >"$WORK/stop"
	: >"$WORK/done"
	iptables n1 -F INPUT && iptables n1 -F work
	$KEEP
	iptables_loop >"$WORK/loop" 2>&1 &
	loop=$!
	works "$what" again "$@"
	echo >"$WORK/stop"
	wait $loop
	count=$(rounds)
	is "$what: iptables never failed" "$(cat "$WORK/loop")" ""
	is "$what: no rule of INPUT was lost, none came back" "$(rules n1 | grep -c -e '-A INPUT -s 10.9')" $(((count + 1) / 2))
	is "$what: no rule of the other chain was lost" "$(rules n1 | grep -c -e '-A work')" "$count"
	is "$what: iptables was there all the time: $count rules" $((count >= 5)) 1
}

toggle() {
	local i
	for ((i = 0; i < 40; i++)); do
		cip n1 bucket add "$ADDRESS" 2,4 && [[ $(target_buckets n1) == 1,2,3,4 ]] || return
		cip n1 bucket del "$ADDRESS" 2,4 && [[ $(target_buckets n1) == 1,3 ]] || return
	done
}

rehash() {
	local i
	for ((i = 1; i <= 30; i++)); do
		cip n1 set "$ADDRESS" seed "$i" && [[ $(target_buckets n1) == 1,3 ]] || return
	done
}

come_and_go() {
	local i
	for ((i = 1; i <= 20; i++)); do
		on_target n1 create 10.77.0.101/16 dev eth0 total 5 buckets 1-5 && cip n1 destroy 10.77.0.101 || return
	done
}

keep() {
	on_target n1 create "$ADDRESS"/16 dev eth0 total 8 buckets 1,3 || not_ok "create"
}

iptables n1 -N work
KEEP=keep
race "buckets come and go" toggle
race "the seed changes" rehash
race "cluster IPs come and go" come_and_go
race "four processes change buckets" "$TOOLS/contend" "$PREFIX-n1" $ADDRESS 4 150
works "check" cip n1 check
finish
