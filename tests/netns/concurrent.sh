#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Several processes change the same cluster IP at the same time. No change may get lost.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
address=10.77.0.100
begin
RANDOM=1

works "create" cip n1 create $address/16 dev eth0 total 32 buckets 1-16

# contend WORKERS TIMES: through the library
contend() {
	local output
	if output=$("$TOOLS/contend" "$PREFIX-n1" $address "$1" "$2" 2>&1); then
		ok "$1 processes, $2 changes each: $output"
	else
		not_ok "$1 processes, $2 changes each" "$output"
	fi
	works "$1 processes: check" cip n1 check
}

contend 2 1000
contend 4 250

# client FIRST TIMES: changes every second bucket from FIRST at random with cipadm, then prints those it left local
client() {
	local i bucket local_buckets=()
	cip n1 bucket del $address "$(seq -s , "$1" 2 32)" || echo "cannot delete"
	for ((i = 0; i < $2; i++)); do
		bucket=$(($1 + 2 * (RANDOM % 16)))
		if [[ ${local_buckets[bucket]-} ]]; then
			cip n1 bucket del $address $bucket || echo "cannot delete $bucket"
			unset "local_buckets[bucket]"
		else
			cip n1 bucket add $address $bucket || echo "cannot add $bucket"
			local_buckets[bucket]=$bucket
		fi
	done
	printf '%s\n' "${local_buckets[@]}"
}

# shown: the local buckets, one per line
shown() {
	cip n1 --json show $address | sed 's/.*"buckets":\[\([0-9,]*\)\],"counters".*/\1/' | tr , '\n'
}

client 1 300 >"$WORK/odd" 2>&1 &
odd=$!
client 2 300 >"$WORK/even" 2>&1 &
even=$!
wait $odd $even
is "two loops of cipadm, 300 changes each: every bucket is as its loop left it" \
	"$(shown | sort -n | tr '\n' ' ')" "$(sort -n "$WORK/odd" "$WORK/even" | tr '\n' ' ')"
works "two loops of cipadm: check" cip n1 check

# cluster IPs of the same device come and go while the buckets of this one move
come_and_go() {
	local i
	for ((i = 0; i < 100; i++)); do
		cip n1 create "10.77.0.$1/16" dev eth0 total 8 buckets 1-4 || echo "cannot create 10.77.0.$1"
		cip n1 destroy "10.77.0.$1" || echo "cannot destroy 10.77.0.$1"
	done
}

come_and_go 101 >"$WORK/101" 2>&1 &
first=$!
come_and_go 102 >"$WORK/102" 2>&1 &
second=$!
client 1 100 >"$WORK/odd" 2>&1
wait $first $second
is "two cluster IPs created and destroyed 100 times at the same time" "$(cat "$WORK/101" "$WORK/102")" ""
is "and 100 changes of a third: every bucket is as it was left" \
	"$(shown | sort -n | tr '\n' ' ')" "$(sort -n "$WORK/odd" "$WORK/even" | tr '\n' ' ')"
works "and check finds nothing" cip n1 check
is "and only the third is there" "$(cip n1 show | wc -l)" 1
finish
