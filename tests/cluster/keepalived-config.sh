#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What "cipadm keepalived-config" prints: keepalived accepts it, and the configurations of all nodes together place the
# buckets as they should. BUILD is the top of the build.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"
export LC_ALL=C
CIPADM=$BUILD/examples/cipadm/.libs/cipadm
export LD_LIBRARY_PATH=$BUILD/libclusterip/.libs
PORT=port0
ADDRESS=10.0.0.100
LINE=("$ADDRESS/24" dev "$PORT" total 6 node n1 nodes "n1,n2,n3")

# a device that every name in the configurations can be, and nobody else's network
if ((!EUID)) && [[ ! ${INSIDE-} ]]; then INSIDE=1 exec unshare -n bash "$0"; fi
WORK=$(mktemp -d -t clusterip-keepalived.XXXXXX) || exit 1
trap 'rm -rf "$WORK"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# below folders that only root can write to, which keepalived asks for
NOTIFY=$WORK/cipadm-notify
chmod 755 "$WORK" && install -m 755 "$here/../../examples/keepalived/cipadm-notify" "$NOTIFY" || exit 1

config() {
	"$CIPADM" keepalived-config "$@" notify "$NOTIFY"
}

# names COUNT: n1,n2,...
names() {
	seq -s , -f 'n%g' "$1"
}

# values KEYWORD WORD...: of all instances
values() {
	config "${@:2}" | awk -v word="$1" '$1 == word {print $2}' | tr '\n' ' '
}

# tables TOTAL COUNT WORD...: "BUCKET NODE PRIORITY" of all buckets on all nodes
tables() {
	local node
	for ((node = 1; node <= $2; node++)); do
		config $ADDRESS dev $PORT total "$1" node n$node nodes "$(names "$2")" "${@:3}" |
			awk -v node=$node '
				$1 == "vrrp_instance" {sub(/.*-/, "", $2); bucket = $2}
				$1 == "priority" {print bucket, node, $2}'
	done
}

# ------------------------------------------------------------------ keepalived accepts it

# shellcheck disable=SC2317 # called through works()
accepted() {
	local output
	config "$@" >"$WORK/keepalived.conf" || return
	output=$(keepalived --config-test --use-file "$WORK/keepalived.conf" 2>&1) || { echo "$output"; return 1; }
	# it also says nothing
	[[ ! $output ]] || { echo "$output"; return 1; }
}

test_accepted() {
	local total count
	if ((EUID)) || ! command -v keepalived >/dev/null; then
		SKIPPED=$((SKIPPED + 1))
		echo "skipped - keepalived --config-test: needs root and keepalived"
		return
	fi
	ip link add $PORT type veth peer name port1
	for total in 1 2 7 255; do
		for count in 1 3 254; do
			works "keepalived takes $total buckets on $count nodes" accepted $ADDRESS dev $PORT \
				total $total node n$count nodes "$(names $count)"
		done
	done
	works "and what all words make" accepted "${LINE[@]}" hash sourceip-sourceport seed 0x5eed \
		mac 03:00:5e:00:00:01 vrid 250 interval 0.05 vip 10.77.1.0
	works "and the slowest" accepted "${LINE[@]}" interval 40.95
	works "and an IPv6 address" accepted fd77:1111:2222:3333:4444:5555:6666:7777/64 "${LINE[@]:1}"
	sed -i 's/priority .*/priority 0/' "$WORK/keepalived.conf"
	is "keepalived would have found a fault" \
		"$(keepalived --config-test --use-file "$WORK/keepalived.conf" >/dev/null 2>&1 || echo found)" found
}

# ------------------------------------------------------------------ who gets what

# orders TABLES: "BUCKET NODE..." with the nodes as they come one after the other; a line with two of one priority, or
# one out of 1..254, says so
orders() {
	sort -k 1,1n -k 3,3nr <<<"$1" | awk '
		$1 != bucket {if (bucket) print line; bucket = $1; line = $1; last = 255}
		{line = line " " ($3 < last && $3 > 0 ? $2 : "bad"); last = $3}
		END {print line}'
}

# taken ORDERS FAILED...: "NODE BUCKETS" of the nodes that are left
taken() {
	awk -v failed=" ${*:2} " '
		{i = 2; while (index(failed, " " $i " ")) i++; own[$i]++}
		END {for (node in own) print node, own[node]}' <<<"$1" | sort -n
}

# share ORDERS FAILED...: the least and the most that a node has, and how many have any
share() {
	taken "$@" | awk '{if (NR == 1 || $2 < min) min = $2; if ($2 > max) max = $2} END {print min "-" max, NR}'
}

test_order() {
	local orders
	orders=$(orders "$(tables 4 3)")
	is "the order of each bucket's nodes" "$orders" $'1 1 2 3\n2 2 3 1\n3 3 1 2\n4 1 3 2'
	orders=$(orders "$(tables 12 4)")
	is "12 buckets, 4 nodes: three each" "$(share "$orders")" "3-3 4"
	is "one fails: its three go to three" "$(share "$orders" 2)" "4-4 3"
	orders=$(orders "$(tables 120 5)")
	is "120 buckets, 5 nodes: one fails, 30 each" "$(share "$orders" 5)" "30-30 4"
	is "two fail, 40 each" "$(share "$orders" 1 3)" "40-40 3"
	is "three fail, 60 each" "$(share "$orders" 1 2 3)" "60-60 2"
	orders=$(orders "$(tables 255 16)")
	is "every priority is in 1..254 and another" "$(grep -c bad <<<"$orders")" 0
	is "and every node has one for every bucket" "$(awk '{print NF}' <<<"$orders" | sort -u)" 17
	is "the first of 254 nodes" "$(values priority $ADDRESS dev $PORT total 1 node n1 nodes "$(names 254)")" "254 "
	is "and the last" "$(values priority $ADDRESS dev $PORT total 1 node n254 nodes "$(names 254)")" "1 "
}

# ------------------------------------------------------------------ what is in it

vips() {
	config "${LINE[@]}" "$@" | grep -A 1 virtual_ipaddress | awk '/dev lo/ {print $1}' | tr '\n' ' '
}

script() {
	config "$@" | sed -n 's/.*vrrp_notify_fifo_script "\(.*\)"/\1/p'
}

test_content() {
	is "ids from 1" "$(values virtual_router_id "${LINE[@]}")" "1 2 3 4 5 6 "
	is "or from vrid" "$(values virtual_router_id "${LINE[@]}" vrid 250)" "250 251 252 253 254 255 "
	is "the device" "$(values interface "${LINE[@]}" | tr ' ' '\n' | sort -u | tr -d '\n')" $PORT
	is "the interval" "$(values advert_int "${LINE[@]}" interval 2.5 | cut -c 1-5)" "2.50 "
	is "an address for each id" "$(vips vrid 250)" \
		"169.254.0.250/32 169.254.0.251/32 169.254.0.252/32 169.254.0.253/32 169.254.0.254/32 169.254.0.255/32 "
	is "of another network" "$(vips vip 10.1.2.0 | cut -d ' ' -f 1)" 10.1.2.1/32
	is "what the reader is told" "$(script "${LINE[@]}" mac 03:00:5e:00:00:01)" \
		"$NOTIFY $ADDRESS/24 dev $PORT mac 03:00:5e:00:00:01 hash sourceip total 6 seed 0x0"
	is "but for the node, nodes are told the same" "$(script "${LINE[@]}")" \
		"$(script "${LINE[@]:0:5}" node n3 nodes n1,n2,n3)"
}

# repeated WORD...: what the command in the comment above prints, less what was printed
repeated() {
	local words
	config "$@" >"$WORK/first"
	read -ra words < <(sed '/^# Made/,$d; s/^#//' "$WORK/first" | tr -d '\n' | sed 's/,\t/,/g')
	diff <("$CIPADM" "${words[@]:1}") "$WORK/first"
}

test_repeated() {
	local name
	name=$(printf 'x%.0s' {1..60})
	is "the command above makes it again" "$(repeated "${LINE[@]}")" ""
	is "with all words" "$(repeated "${LINE[@]}" hash sourceip-sourceport seed 7 mac 03:00:5e:00:00:01 vrid 9 \
		interval 0.07 vip 10.1.2.0)" ""
	is "and many nodes" "$(repeated $ADDRESS dev $PORT total 2 node n254 nodes "$(names 254)")" ""
	is "lines are not too long for keepalived" "$(config $ADDRESS dev $PORT total 255 node "${name}1" \
		nodes "$(seq -s , -f "$name%g" 254)" | awk 'length($0) > 1000')" ""
}

# ------------------------------------------------------------------ what is refused

# refuses STATUS PART WORD...: with one sentence that has the part, and nothing printed
refuses() {
	local status=$1 part=$2 output is
	shift 2
	output=$("$CIPADM" "$@" 2>&1)
	is=$?
	if ((is == status)) && [[ $output == "cipadm: "*"$part"* && $output != *$'\n'* ]]; then
		ok "refused: ${output#cipadm: }"
	else
		not_ok "not refused with $status and \"$part\": $*" "exit $is: $output"
	fi
}

# without WORD: the line less a word and its value
refuses_without() {
	local i words=(keepalived-config "${LINE[@]}")
	for ((i = 0; i < ${#words[@]}; i++)); do
		[[ ${words[i]} != "$1" ]] || { refuses 2 "'$1 " "${words[@]:0:i}" "${words[@]:i+2}"; return; }
	done
}

# refuses_value PART WORD VALUE: the line with another value of that word
refuses_value() {
	local i words=(keepalived-config "${LINE[@]}")
	for ((i = 0; i < ${#words[@]}; i++)); do
		[[ ${words[i]} != "$2" ]] || { refuses 2 "$1" "${words[@]:0:i+1}" "$3" "${words[@]:i+2}"; return; }
	done
	refuses 2 "$1" "${words[@]}" "$2" "$3"
}

test_refused() {
	local word
	refuses 2 "a word is missing" keepalived-config
	for word in dev total node nodes; do refuses_without $word; done
	refuses_value "1..255" total 256
	refuses_value "1..1024" total 1025
	refuses_value "1..1024" total 0
	refuses_value "dev" dev 'e{0'
	refuses_value "dev" dev 'e#0'
	refuses_value "none of nodes" node n4
	refuses_value "\"n1\" is there twice" nodes n1,n2,n1
	refuses_value "\"\" is not a name of 1..64" nodes n1,,n2
	refuses_value "is not a name of 1..64" nodes "n1,n 2"
	refuses_value "is not a name of 1..64" nodes "n1,$(printf 'n%.0s' {1..65})"
	refuses_value "more than 254" nodes "$(names 255)"
	refuses_value "1..250" vrid 251
	refuses_value "1..250" vrid 0
	refuses_value "not a number" vrid x
	for word in 0 0.001 0. .5 40.96 41 1e1 -1 1,5 99999999999; do refuses_value "0.01..40.95" interval $word; done
	for word in 10.1.2.3 10.1.2 x 0.0.0.0 224.0.0.0; do refuses_value "vip" vip $word; done
	refuses_value "absolute path" notify cipadm-notify
	refuses_value "absolute path" notify '/a b'
	refuses_value "seed" seed x
	refuses_value "hash" hash x
	refuses_value "mac" mac 02:00:00:00:00:01
	refuses 2 "unknown word \"buckets\"" keepalived-config "${LINE[@]}" buckets 1
	refuses 2 "\"vrid\" is given twice" keepalived-config "${LINE[@]}" vrid 1 vrid 2
	is "--json is refused, in JSON" \
		"$("$CIPADM" --json keepalived-config "${LINE[@]}" 2>/dev/null | grep -c '"status": *2')" 1
}

test_privilege() {
	if ((EUID)); then
		works "without privilege" config "${LINE[@]}"
	else
		works "without privilege" setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all \
			"$CIPADM" keepalived-config "${LINE[@]}"
	fi
}

local_buckets() {
	"$CIPADM" get buckets $ADDRESS 2>/dev/null
}

# soon WHAT BUCKETS: they are what is local, within ten seconds
soon() {
	local i
	for ((i = 0; i < 100; i++)); do
		[[ $(local_buckets) == "$2" ]] && break
		sleep 0.1
	done
	is "$1" "$(local_buckets)" "$2"
}

# The reader is woken every second, also in the middle of a line that comes slowly.
test_reader() {
	local reader
	((!EUID)) || return 0
	mkfifo "$WORK/fifo"
	ip link set $PORT up
	mkdir "$WORK/bin" && ln -s "$CIPADM" "$WORK/bin/cipadm"
	PATH=$WORK/bin:$PATH bash "$NOTIFY" $ADDRESS/24 dev $PORT total 6 "$WORK/fifo" 2>/dev/null &
	reader=$!
	exec 5>"$WORK/fifo"
	soon "the reader makes the cluster IP" none
	printf 'INSTANCE "%s-3" MAS' $ADDRESS >&5
	sleep 1.5
	printf 'TER 190\nINSTANCE "%s-5" MASTER 190\nINSTANCE "10.0.0.9-6" MASTER 190\n' $ADDRESS >&5
	soon "a line that comes in pieces counts, one about another address does not" 3,5
	printf 'INSTANCE "%s-3" BACKUP 190\n' $ADDRESS >&5
	soon "a bucket is let go" 5
	exec 5>&-
	wait "$reader"
}

test_order
test_content
test_repeated
test_refused
test_privilege
test_accepted
test_reader
finish
