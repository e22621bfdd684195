#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every verb of cipadm, while the kernel's answers get lost, are cut off, come late or are refused: at its first
# netlink call, at its second, and so on. Each time the verb either succeeds, and then the kernel is as asked for,
# or it fails with a sentence, and then the kernel is exactly as it was before. A verb that is killed leaves what
# the same verb can finish.
#
# CIPADM is the program, PRELOAD the library that makes the faults (preload-netlink.c says which there are). The
# verbs are dealt to as many workers as there are processors, each in a network namespace of its own.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"

# Of each verb's calls so many at the beginning, where it reads, and at the end, where it writes, get a fault. All are
# cut off: which of the answers have several messages, and so something to lose, depends on the kernel.
AT_FIRST=${AT_FIRST:-3}
AT_LAST=${AT_LAST:-6}
KINDS=(eintr enomem enobufs lost trunc dumpintr restart die)
DEV=cip0
FIRST="10.0.0.100/24 dev $DEV total 16 seed 1 buckets 1-4"
# with a MAC of its own, nothing on the device says that it is a cluster IP's
SECOND="10.0.0.200/24 dev $DEV total 8 hash sourceip-sourceport-destport mac 03:01:02:03:04:05 buckets 1,3"
TRIED=0

# ------------------------------------------------------------------ the kernel's state

begin() {
	local folder
	folder=$(cd "$(dirname "$CIPADM")" && pwd)
	# in a build the program stands behind a script of libtool's
	if [[ -x $folder/.libs/cipadm ]]; then
		CIPADM=$folder/.libs/cipadm
		export LD_LIBRARY_PATH=$folder/../../libclusterip/.libs
	fi
	printf '%s\n' "10.0.0.100/24 dev $DEV total 32 hash sourceip-sourceport seed 1 buckets 7,9" \
		"10.0.0.101/24 dev $DEV total 4 buckets all" >"$WORK/input"
	cat >"$WORK/rules" <<-END
		*filter
		-A INPUT -d 10.0.0.101/32 -i $DEV -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:00:00:65 --total-nodes 4 --local-node 2 --hash-init 0
		-A INPUT -d 10.0.0.102/32 -i $DEV -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:00:00:66 --total-nodes 4 --local-node 3 --hash-init 0
		COMMIT
	END
	ip link set lo up &&
		ip link add "$DEV" type veth peer name peer0 &&
		ip link set "$DEV" addrgenmode none up &&
		ip link set peer0 addrgenmode none up
}

# macs: sets MACS to those that the device was told to receive; the kernel's own are 33:33:... and 01:00:5e:00:00:01
macs() {
	local device mac
	MACS=()
	while read -r _ device _ _ mac; do
		[[ $device == "$DEV" && $mac == 0[0-9a-f]* && $mac != 01005e000001 ]] || continue
		MACS+=("${mac:0:2}:${mac:2:2}:${mac:4:2}:${mac:6:2}:${mac:8:2}:${mac:10:2}")
	done </proc/net/dev_mcast
}

print_state() {
	ip -o -4 addr show dev "$DEV"
	macs
	printf '%s\n' "${MACS[@]}"
	"$CIPADM" --json show
	nft -s list ruleset
} 2>&1

# snapshot: sets STATE, which reset() looks at; programs start slowly, and there are thousands of snapshots
snapshot() {
	STATE=$(print_state)
}

# What one run leaves is the same as what another leaves, but for the numbers of classes that it took, and so for the
# order of elements, and for which address of a network is its first. That rules are in order is for check to say.
canonical() {
	sed -E 's/global secondary/global/; s/class [0-9]+/class C/g; s/(cip|errors)\.[0-9]+/\1.C/g; s/offset [0-9]+/offset O/; s/( \. )[0-9]{4,}/\1S/g
		s/^[[:space:]]*(elements = \{ )?//; s/ \}$//; s/, */\n/g' | sort
}

# Slots that were left behind, and that nobody looks at any more, go with the next change of anything. After
# this, STATE is as it is without.
sweep() {
	snapshot
	[[ $STATE =~ set\ retired\ \{[^\}]*elements ]] || return 0
	"$CIPADM" create 10.0.0.250 dev "$DEV" total 2 noaddr && "$CIPADM" destroy 10.0.0.250 || return
	snapshot
}

clear_kernel() {
	nft flush ruleset
	ip -4 addr flush dev "$DEV"
	macs
	((!${#MACS[@]})) || printf "fdb del %s dev $DEV self\\n" "${MACS[@]}" | bridge -batch -
}

# setup empty|one|two|damaged
setup() {
	clear_kernel
	# shellcheck disable=SC2086 # words
	[[ $1 == empty ]] || "$CIPADM" create $FIRST
	# shellcheck disable=SC2086
	[[ $1 != two && $1 != damaged ]] || "$CIPADM" create $SECOND
	if [[ $1 == damaged ]]; then
		ip addr del 10.0.0.100/24 dev "$DEV"
		# went with it, as a second address of the same network
		ip addr replace 10.0.0.200/24 dev "$DEV"
		bridge fdb del 03:bf:0a:00:00:64 dev "$DEV" self
		nft delete element ip clusterip addresses '{ 10.0.0.100 }'
	fi
}

# ------------------------------------------------------------------ one verb under one fault

# run FAULT: the verb under a fault; sets STATUS and OUTPUT, and is false if there was no occasion for the fault
run() {
	: >"$WORK/injected"
	OUTPUT=$(CIP_FAULT=$1 CIP_FAULT_LOG=$WORK/injected LD_PRELOAD=$PRELOAD timeout -k 1 20 \
		"$CIPADM" "${VERB[@]}" <"$WORK/input" 2>&1)
	STATUS=$?
	[[ -s $WORK/injected ]] || return
	: >"$OCCASIONS/${1%%:*}"
	FAULTS=$((FAULTS + 1))
}

wrong() {
	WRONG+="$FAULT: $1"$'\n'
}

# differs FROM TO: a few lines of the difference
differs() {
	diff <(echo "$1") <(echo "$2") | grep '^[<>]' | cut -c 1-160 | head -n 12
}

# The verb said that it did what it should.
judge_success() {
	local output after
	if ! output=$("$CIPADM" check 2>&1); then wrong "succeeds, then check: $output"; fi
	sweep || wrong "succeeds, and the next change fails"
	if [[ $STATE != "$DONE" ]]; then
		after=$(canonical <<<"$STATE")
		[[ $after == "$EXPECTED" ]] ||
			wrong "succeeds, and leaves another state"$'\n'"$(differs "$EXPECTED" "$after")"
	fi
	if [[ $READS ]]; then [[ $OUTPUT == "$READS" ]] || wrong "succeeds, and says: $OUTPUT"; fi
	SUCCEEDED=$((SUCCEEDED + 1))
}

# A repair that fails may have put back a part, which the next one completes; anything else leaves all as it was.
judge_failure() {
	local after found
	[[ $OUTPUT == "cipadm: "* ]] || wrong "fails with $STATUS and no sentence: $OUTPUT"
	if [[ $SETUP == damaged && ${VERB[0]} == create ]]; then
		REFUSED=$((REFUSED + 1)) SUCCEEDED=$((SUCCEEDED - 1))
		judge_killed
		return
	fi
	found=$("$CIPADM" check 2>&1)
	[[ $found == "$FOUND" ]] || wrong "fails with $STATUS ($OUTPUT), then check: $found"
	sweep
	[[ $STATE == "$BEFORE" ]] || after=$(canonical <<<"$STATE")
	[[ $STATE == "$BEFORE" || $after == "$(canonical <<<"$BEFORE")" ]] ||
		wrong "fails with $STATUS ($OUTPUT), and changes the state"$'\n'"$(differs "$(canonical <<<"$BEFORE")" "$after")"
	REFUSED=$((REFUSED + 1))
}

# The verb was killed: the same verb again does the rest. What was destroyed already is not there (3).
judge_killed() {
	local output status
	output=$("$CIPADM" "${VERB[@]}" <"$WORK/input" 2>&1)
	status=$?
	((status == 0)) || [[ $status == 3 && ${VERB[0]} == destroy ]] ||
		wrong "was killed, and the same again fails with $status: $output"
	OUTPUT=$output
	judge_success
}

# The fault's own demands on a verb that met it: an interruption that is over, or one change by somebody else,
# is no reason to fail; refusals without end are. Dumps that say without end that they were interrupted, while the journal
# tells of no change, may be either.
judge_kind() {
	case $FAULT in
	eintr:* | restart:1:1 | dumpintr:*:1) ((STATUS == 0)) || wrong "fails with $STATUS: $OUTPUT" ;;
	restart:1:100000) ((STATUS == 1)) || wrong "ends with $STATUS: $OUTPUT" ;;
	esac
}

judge() {
	case $FAULT:$STATUS in
	die:*:137) judge_killed ;;
	*:124) wrong "hangs" ;;
	*:0) judge_success ;;
	*:[1-4]) judge_failure ;;
	*) wrong "ends with $STATUS: $OUTPUT" ;;
	esac
	judge_kind
}

# the state that each run begins with
reset() {
	[[ $STATE == "$BEFORE" ]] || setup "$SETUP"
	STATE=
}

# calls KIND: how many calls of the verb could have a fault of this kind
calls() {
	: >"$WORK/injected"
	CIP_FAULT=$1:0 CIP_FAULT_LOG=$WORK/injected LD_PRELOAD=$PRELOAD "$CIPADM" "${VERB[@]}" <"$WORK/input" >/dev/null
	tail -n 1 "$WORK/injected"
}

# faults KIND: the scripts to run under this kind
faults() {
	local n count
	count=$(calls "$1")
	((count)) || return
	case $1 in
	restart)
		for n in {1..12} 100000; do echo "$1:1:$n"; done
		return
		;;
	dumpintr) echo "$1:1:1000" ;;
	esac
	for ((n = 1; n <= count; n++)); do
		((n > AT_FIRST && n <= count - AT_LAST)) && [[ $1 != trunc ]] || echo "$1:$n:1"
	done
}

# under KIND: the verb under all faults of a kind, each from the same state
under() {
	local list
	FAULTS=0 SUCCEEDED=0 REFUSED=0 WRONG=
	reset
	list=$(faults "$1")
	for FAULT in $list; do
		reset
		if run "$FAULT"; then judge; fi
	done
	((FAULTS)) || return
	if [[ ! $WRONG ]]; then
		ok "$SETUP: ${VERB[*]}: $1: $FAULTS faults, $SUCCEEDED times done, $REFUSED times refused"
	else
		not_ok "$SETUP: ${VERB[*]}: $1" "$WRONG"
	fi
}

# try SETUP VERB...: all faults, if it is this worker's turn. What is asked for is what the verb does without any.
try() {
	local kind output
	# shellcheck disable=SC2153 # see share()
	((TRIED++ % WORKERS == WORKER)) || return
	SETUP=$1
	shift
	VERB=("$@")
	READS=
	setup "$SETUP"
	snapshot
	BEFORE=$STATE
	FOUND=$("$CIPADM" check 2>&1)
	if ! output=$("$CIPADM" "${VERB[@]}" <"$WORK/input" 2>&1); then
		not_ok "$SETUP: ${VERB[*]}: without any fault" "$output"
		return
	fi
	snapshot
	DONE=$STATE
	EXPECTED=$(canonical <<<"$STATE")
	case $1 in
	show | check | dump | owner) READS=$output ;;
	esac
	for kind in "${KINDS[@]}"; do under "$kind"; done
}

# shellcheck disable=SC2086 # words
try_all() {
	try two show
	try two show 10.0.0.100 -s
	try two check
	try two dump
	try two owner 10.0.0.100 192.0.2.1 tcp 1 2
	try empty create $FIRST
	try one create $SECOND
	try one create 10.0.0.101 dev $DEV total 1 buckets all noaddr
	try two create $FIRST
	try damaged create $FIRST
	try two destroy 10.0.0.100
	try two destroy 10.0.0.200
	try one destroy 10.0.0.100
	try damaged destroy 10.0.0.100
	try two set 10.0.0.100 hash sourceip-sourceport
	try two set 10.0.0.100 total 3 seed 7 buckets 1,3
	try two bucket add 10.0.0.100 5,9-12
	try two bucket del 10.0.0.100 2-4
	try two bucket set 10.0.0.100 1,16
	try two bucket set 10.0.0.100 none
	try two apply -
	try two apply - prune
	try one import "$WORK/rules"
}

# ------------------------------------------------------------------ workers

work() {
	WORK=$(mktemp -d "$OCCASIONS.worker.XXXXXX") || exit 1
	if begin; then try_all; else not_ok "cannot make a device"; fi
	finish
}

# shellcheck disable=SC2317 # called by traps
stop() {
	local pids
	mapfile -t pids < <(jobs -p)
	((!${#pids[@]})) || kill "${pids[@]}" 2>/dev/null
	wait
	exit "$1"
}

# share: one worker, as a script of its own
share() {
	local how=(-n)
	((!EUID)) || how=(-rn)
	OCCASIONS=$TOP/occasions WORKER=$1 WORKERS=$2 unshare "${how[@]}" bash "$0" >"$TOP/$1" 2>&1
}

# sum_up LOG: shows what a worker said, and counts it
sum_up() {
	sed '$d' "$1"
	if [[ $(tail -n 1 "$1") =~ ^([0-9]+)' passed, '([0-9]+)' failed, '([0-9]+)' skipped'$ ]]; then
		PASSED=$((PASSED + BASH_REMATCH[1]))
		FAILED=$((FAILED + BASH_REMATCH[2]))
	else
		not_ok "a worker ended without a last line" "$(tail -n 1 "$1")"
	fi
}

if [[ ${WORKER-} ]]; then work; fi
TOP=$(mktemp -d) || exit 1
trap 'rm -rf "$TOP"' EXIT
trap 'stop 129' HUP
trap 'stop 130' INT
trap 'stop 143' TERM
mkdir "$TOP/occasions"
workers=$(nproc)
for ((i = 0; i < workers; i++)); do share "$i" "$workers" & done
wait
for ((i = 0; i < workers; i++)); do sum_up "$TOP/$i"; done
for kind in "${KINDS[@]}"; do works "there was occasion for $kind" test -e "$TOP/occasions/$kind"; done
finish
