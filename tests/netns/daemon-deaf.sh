#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cipd while the kernel refuses to be read: whichever receive fails, what is torn down afterwards comes back, or cipd ends
# and says so, and is started anew by its service manager. It is never alive and deaf. PRELOAD is the library that makes
# the faults.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=daemon-lib.sh
. "$here/daemon-lib.sh"
# shellcheck disable=SC2034 # of lib.sh
NODES=(n1)
PRELOAD=${PRELOAD:-}
MOMENTS=${MOMENTS:-16} # behind the start, of which the first ones read what the kernel tells
address=10.77.0.100
followed=10.77.0.101

if [[ ! -e $PRELOAD ]]; then
	skip "daemon-deaf.sh: no library PRELOAD=$PRELOAD"
	finish
fi
begin_daemon
listen || not_ok "the listener"
printf '%s\n' "$address/16 dev eth0 total 4 buckets 1,2" "$followed/16 dev eth0 total 4" >"$conf"

alive() {
	kill -0 "$cipd" 2>/dev/null && [[ $(ps -o stat= -p "$cipd") != Z* ]]
}

# shellcheck disable=SC2317 # called by name
is_whole() {
	[[ $(cip n1 get buckets "$address") == 1,2 && $(cip n1 get buckets "$followed") == 3 ]] && cip n1 check
}

# shellcheck disable=SC2317 # called by name
whole_or_ended() {
	! alive || is_whole
}

# tear_down WHAT: and cipd hears of it, or it has ended
tear_down() {
	in_ns n1 nft flush ruleset
	if ! eventually whole_or_ended; then
		not_ok "$1: put back, or ended" "alive, and: $(cip n1 show 2>&1; tail -n 2 "$log")"
		return 1
	fi
}

# with_fault SCRIPT: starts cipd with it, on a node that has all
with_fault() {
	cip n1 restore <<<"$address/16 dev eth0 total 4 buckets 1,2
$followed/16 dev eth0 total 4 buckets 3" || not_ok "restore"
	LAUNCH=(env "CIP_FAULT=$1" "CIP_FAULT_LOG=$WORK/injected" "LD_PRELOAD=$PRELOAD")
	: >"$log"
	rm -f "$WORK/injected"
	start_cipd --interval 0
}

# count_receives: until cipd is ready and nothing happens any more
count_receives() {
	with_fault deaf:0 || not_ok "cipd does not start"
	sleep 0.5
	stop_cipd TERM
	first=$(cat "$WORK/injected")
}

# Twice: what was there when the monitor could not be read, and what came later.
test_once() {
	local moment ended=0 heard=0
	for ((moment = first + 1; moment <= first + MOMENTS; moment++)); do
		with_fault "deaf:$moment" || alive || ended=$((ended + 1))
		tear_down "receive $moment fails" || break
		tear_down "receive $moment fails, and then more is torn down" || break
		heard=$((heard + $(grep -c "out of memory" "$log")))
		if alive; then
			stop_cipd TERM
			is "receive $moment fails: all is put back, and it ends when it is told to" $status 0
		else
			stop_cipd TERM
			is "receive $moment fails: it ends with 1" $status 1
		fi
	done
	is "receives that fail: what the kernel tells was among them" $((heard > 0)) 1
	is "receives that fail: cipd survives each of them" $ended 0
}

# shellcheck disable=SC2317 # called by name
ended() {
	! alive
}

test_for_ever() {
	with_fault "deaf:$((first + 1)):1000000"
	in_ns n1 nft flush ruleset
	works "all receives fail: cipd ends" eventually ended
	stop_cipd TERM
	is "all receives fail: with 1" $status 1
	has "all receives fail: and says so" "$(cat "$log")" "cannot go on"
	has "its unit starts it anew" "$(cat "$here/../../examples/daemon/cipd.service.in")" "^Restart=(on-failure|always)$"
	has "however often" "$(cat "$here/../../examples/daemon/cipd.service.in")" "^StartLimitIntervalSec=0$"
}

count_receives
test_once
test_for_ever
kill "$listener"
finish
