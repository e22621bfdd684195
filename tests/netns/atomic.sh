#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Changes are one instant for the packets: while a stream of packets runs through one node, the configuration
# changes hundreds of times, and every packet must have met either the old one or the new one as a whole. From
# who was let in follows when it changed; that must be as often as it was changed.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
address=10.77.0.100
begin

# swap KIND TIMES X Y [OTHER]: the program's line, and its exit status; again if the machine itself dropped packets
swap() {
	local try status
	for try in 1 2 3; do
		"$CIPADM" --netns "$PREFIX-n1" destroy $address 2>/dev/null
		# shellcheck disable=SC2086 # words
		cip n1 create $address/16 dev eth0 $3 || return
		"$TOOLS/swap" "$PREFIX-c" "$PREFIX-n1" "$1" "$2" "$address/16 dev eth0 $3" \
			"$address/16 dev eth0 $4" "${@:5}" 2>&1
		status=$?
		((status == 3)) || return $status
		echo "try $try says nothing"
	done
	return $status
}

# instant WHAT KIND TIMES X Y [OTHER]
instant() {
	local output
	if output=$(swap "${@:2}"); then ok "$1: ${output##*$'\n'}"; else not_ok "$1" "$output"; fi
	works "$1: check" cip n1 check
	has "$1: the last one stays" "$(cip n1 show)" "$4\$"
}

half="hash sourceip total 8 seed 0x0 buckets 1-4"
instant "bucket set" buckets 500 "$half" "hash sourceip total 8 seed 0x0 buckets 5-8"
ports="hash sourceip-sourceport-destport total 8 seed 0x5"
instant "bucket set, mode with ports" buckets 100 "$ports buckets 1,3,5,7" "$ports buckets 2,4,6,8"
many="hash sourceip total 1024 seed 0x0"
instant "bucket set, 512 of 1024" buckets 50 "$many buckets 1-512" "$many buckets 513-1024"

instant "rehash" modify 200 "hash sourceip total 8 seed 0x1 buckets 1-4" \
	"hash sourceip-sourceport total 5 seed 0x7 buckets 1,3"
instant "new seed, same buckets" modify 50 "$half" "hash sourceip total 8 seed 0x1 buckets 1-4"
instant "rehash from and to one bucket" modify 50 "hash sourceip total 1 seed 0x0 buckets 1" "$half"

# a single cluster IP has the shortest way, those of one class have a shorter one than those of several
rest="hash sourceip total 8 seed 0x0 buckets 5-8"
like="10.77.0.101/16 dev eth0 total 8 buckets 1-2"
unlike="10.77.0.102/16 dev eth0 total 4 buckets 1-2"
instant "another of the class comes and goes" others 100 "$half" "$rest" "$like"
# shellcheck disable=SC2086 # words
cip n1 create $like
instant "one of another class comes and goes" others 100 "$half" "$rest" "$unlike"
instant "bucket set, one of two" buckets 200 "$half" "$rest"
instant "rehash, one of two leaves the class and comes back" modify 100 "$half" \
	"hash sourceip-sourceport total 5 seed 0x7 buckets 1,3"
# shellcheck disable=SC2086
cip n1 create $unlike
instant "bucket set, one of three" buckets 200 "$half" "$rest"
instant "rehash, one of three" modify 200 "hash sourceip total 8 seed 0x1 buckets 1-4" \
	"hash sourceip-sourceport total 5 seed 0x7 buckets 1,3"
instant "rehash, between the classes of the others" modify 100 "$half" "hash sourceip total 4 seed 0x0 buckets 1"

# A stream has too few packets to meet the moment of a commit itself. A flood does: some of 400,000 packets of a client
# whose bucket is another node's, however it is hashed, would be let in if one of them met half a change.
make_clients 60
ip -n "$PREFIX-c" neigh replace $address lladdr 03:bf:0a:4d:00:64 dev eth0 nud permanent
seeds=(1 3)
foreign='' own=''
for ((i = 1; i <= 60; i++)); do
	buckets=$(for seed in "${seeds[@]}"; do "$CIPADM" hash total 8 seed "$seed" 10.77.1.$i; done | sort -n | paste -sd' ')
	case $buckets in
	[1-4]' '[1-4]) own=10.77.1.$i ;;
	[5-8]' '[5-8]) foreign=10.77.1.$i ;;
	esac
done

# tight WHAT: nothing of others is let in while the seed changes
tight() {
	local output lines=()
	for seed in "${seeds[@]}"; do lines+=("$address/16 dev eth0 total 8 seed $seed buckets 1-4"); done
	cip n1 destroy $address
	# shellcheck disable=SC2086 # words
	cip n1 create ${lines[0]} || return
	if output=$("$TOOLS/leak" "$PREFIX-c" "$PREFIX-n1" 3000 "$foreign" "$own" "${lines[@]}" 2>&1); then
		ok "$1: $output"
	else
		not_ok "$1" "$output"
	fi
}

tight "flood, one of three"
cip n1 destroy 10.77.0.102
cip n1 set 10.77.0.101 seed 1
tight "flood, one of two leaves the class and comes back"
cip n1 destroy 10.77.0.101
tight "flood, a single one"

# the counter-test: two transactions are not one instant, and the packets must show it
output=$(swap split 50 "$half" "hash sourceip total 8 seed 0x0 buckets 5-8")
is "removing and then adding is noticed" $? 1
has "removing and then adding is noticed in the number of switches" "$output" \
	"switches (5[1-9]|[6-9][0-9]|[0-9]{3,}) of 50"
finish
