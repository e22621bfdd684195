#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every verb of the library while its calls of libc fail: each call alone, and a sample of pairs. The program FAULTS
# says in judge.h what is right; this deals its scenarios to workers, each in a network namespace of its own.
#
#     SEED           of the sample, which is another one each time unless told
#     PAIRS=N        of each scenario; 30 unless told
#     PAIRS_ALONE=1  and no single faults but the first ones of pairs
#     EVERY=N        of the allocations that fail alone, one in so many; 4 unless told, and the seed says which
#     ONLY=PART      scenarios with that in their names
#     ALL=1          every allocation, and all pairs, which takes days
#
# What goes wrong is printed with a script of faults; faults -o "SETUP: VERB" -r SCRIPT does that one alone.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"

SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
[[ ! ${ALL-} ]] || EVERY=1
OPTIONS=(-s "$SEED" -n "${PAIRS:-30}" -e "${EVERY:-4}" ${ONLY:+-o "$ONLY"} ${ALL:+-a} ${PAIRS_ALONE:+-2})
# where memory that was freed came from, but not from how far away; and not much of it is kept
export ASAN_OPTIONS=malloc_context_size=8:quarantine_size_mb=16${ASAN_OPTIONS:+:$ASAN_OPTIONS}

# shellcheck disable=SC2317 # called by traps
stop() {
	local pids
	mapfile -t pids < <(jobs -p)
	((!${#pids[@]})) || kill "${pids[@]}" 2>/dev/null
	wait
	exit "$1"
}

# share WORKER WORKERS: a share of the scenarios
share() {
	local how=(-n)
	((!EUID)) || how=(-rn)
	exec unshare "${how[@]}" "$FAULTS" "${OPTIONS[@]}" -w "$1/$2" >"$TOP/$1" 2>&1
}

# sum_up LOG: shows what a worker said, and counts it
sum_up() {
	if [[ $(tail -n 1 "$1") =~ ^([0-9]+)' passed, '([0-9]+)' failed, '([0-9]+)' skipped'$ ]]; then
		sed '$d' "$1"
		PASSED=$((PASSED + BASH_REMATCH[1]))
		FAILED=$((FAILED + BASH_REMATCH[2]))
	else
		cat "$1"
		not_ok "a worker ended without a last line" "$(tail -n 1 "$1")"
	fi
}

TOP=$(mktemp -d) || exit 1
trap 'rm -rf "$TOP"' EXIT
trap 'stop 129' HUP
trap 'stop 130' INT
trap 'stop 143' TERM
echo "seed $SEED"
# half of the time a worker waits for the kernel to wait for packets
workers=$((2 * $(nproc)))
for ((i = 0; i < workers; i++)); do share "$i" "$workers" & done
wait
for ((i = 0; i < workers; i++)); do sum_up "$TOP/$i"; done
finish
