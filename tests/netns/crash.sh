#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cipadm is killed at a random moment, again and again. What it was about to do has then happened completely or
# not at all, the kernel is in order, and the next command works.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
address=10.77.0.100
begin
RANDOM=1

# state: the cluster IP without its counters
state() {
	cip n1 --json show $address | sed 's/,"counters":.*//'
}

# strike COMMAND...: kills cipadm within LIMIT microseconds, half of the time much sooner, since what it does at the
# beginning is soon over; LIMIT follows the time that cipadm needs
strike() {
	local delay
	delay=$((1 + (RANDOM * 32768 + RANDOM) % LIMIT))
	((RANDOM % 2)) || delay=$((1 + delay / 8))
	OUTCOME=$("$TOOLS/strike" $delay "$CIPADM" --netns "$PREFIX-n1" "$@" 2>&1)
	if [[ $OUTCOME == killed* ]]; then LIMIT=$((LIMIT + LIMIT / 16)); else LIMIT=$((LIMIT - LIMIT / 8)); fi
}

# strike_once COMMAND...: and notes what came of it
strike_once() {
	local before after output
	before=$(state)
	strike "$@"
	after=$(state)
	output=$(cip n1 check 2>&1) || UNCLEAN+="after $*: $output"$'\n'
	# the same command again makes the state that the first one should have made
	output=$(cip n1 "$@" 2>&1) || BROKEN+="$*: $output"$'\n'
	if [[ $OUTCOME != killed* ]]; then
		LATE=$((LATE + 1))
	elif [[ $after == "$before" ]]; then
		BEFORE=$((BEFORE + 1))
	elif [[ $after == "$(state)" ]]; then
		AFTER=$((AFTER + 1))
	else
		MIXED+="$*: $before, then $after, not $(state)"$'\n'
	fi
}

# strikes WHAT TIMES FIRST SECOND: two command lines in turn, until cipadm has been killed so many times
strikes() {
	local i what=$1
	LIMIT=10000 BEFORE=0 AFTER=0 LATE=0 MIXED='' UNCLEAN='' BROKEN=''
	# shellcheck disable=SC2086 # words
	cip n1 $3 || not_ok "$what: $3"
	for ((i = 0; (BEFORE + AFTER < $2 || !BEFORE || !AFTER) && i < 10 * $2 && ! ${#MIXED}; i++)); do
		# shellcheck disable=SC2086 # words
		if ((i % 2)); then strike_once $3; else strike_once $4; fi
	done
	echo "$what: killed $BEFORE times before the change and $AFTER times after it, came $LATE times too late"
	is "$what: none is half done" "$MIXED" ""
	is "$what: check finds nothing" "$UNCLEAN" ""
	is "$what: the next command works" "$BROKEN" ""
	is "$what: cipadm was killed $2 times at least" $((BEFORE + AFTER >= $2)) 1
	# kills that all come too early or too late would prove nothing
	is "$what: some of them before the change and some after it" $((BEFORE > 0 && AFTER > 0)) 1
}

cip n1 create $address/16 dev eth0 total 16 buckets 1-8 || not_ok "create"
strikes "bucket set" 60 "bucket set $address 1-8" "bucket set $address 5-16"
strikes "set hash total seed" 100 "set $address hash sourceip total 16 seed 0" \
	"set $address hash sourceip-sourceport total 24 seed 7"
cip n1 set $address hash sourceip total 1024 seed 0
strikes "bucket set of 1024" 40 "bucket set $address 1-512" "bucket set $address 513-1024"

# ------------------------------------------------------------------ many in a row

# A command that was killed after the change may have left something to sweep up. However often that happens in a row,
# the next one that gets the time sweeps up after all of them.
cip n1 set $address total 16
LIMIT=10000 AFTER=0
for ((i = 0; AFTER < 20 && i < 1000; i++)); do
	strike set $address seed $((i + 1))
	if [[ $OUTCOME == killed* && $(state) == *"\"seed\":$((i + 1)),"* ]]; then AFTER=$((AFTER + 1)); fi
done
is "in a row: cipadm was killed 20 times after the change" $AFTER 20
works "in a row: check" cip n1 check
works "in a row: the next command works" cip n1 set $address seed 1000
is "in a row: nothing waits to be swept up" "$(in_ns n1 nft list set ip clusterip retired | grep elements)" ""

# ------------------------------------------------------------------ create and destroy

# These also change the device, which is no part of the transaction. Whatever remains, the address must never be
# there without its rules, and the same command must finish the work.
bare() {
	[[ $(ip -n "$PREFIX-n1" addr show to $address) && ! $(cip n1 show $address 2>/dev/null) ]]
}

left() {
	in_ns n1 nft list ruleset
	ip -n "$PREFIX-n1" addr show to $address
	in_ns n1 bridge fdb show dev eth0 | grep 03:bf
}

LIMIT=10000 killed=0 BARE='' UNCLEAN='' LEFT=''
cip n1 destroy $address
for ((i = 0; killed < 60 && i < 600; i++)); do
	strike create $address/16 dev eth0 total 16 buckets 1-8
	if [[ $OUTCOME == killed* ]]; then killed=$((killed + 1)); fi
	if bare; then BARE+="create $i "; fi
	output=$(cip n1 create $address/16 dev eth0 total 16 buckets 1-8 2>&1 && cip n1 check 2>&1) ||
		UNCLEAN+="$output"$'\n'
	strike destroy $address
	if [[ $OUTCOME == killed* ]]; then killed=$((killed + 1)); fi
	if bare; then BARE+="destroy $i "; fi
	cip n1 destroy $address 2>/dev/null
	LEFT+=$(left)
done
is "create and destroy: cipadm was killed" $((killed >= 60)) 1
is "create and destroy: the address is never there without its rules" "$BARE" ""
is "create and destroy: create finishes the work" "$UNCLEAN" ""
is "create and destroy: destroy finishes the work" "$LEFT" ""
finish
