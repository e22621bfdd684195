#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Three nodes with keepalived, configured by cipadm: whose buckets are where, and what clients lose, while nodes go
# and come back. BUILD is the top of the build, TOOLS the folder of the programs of tests/netns.
#
# Functions are called by their names, and some conditions are evaluated late:
# shellcheck disable=SC2016,SC2317

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"
ADDRESS=10.77.0.100
PREFIX_LENGTH=24
TOTAL=6
INTERVAL=0.2
# shellcheck source=keepalived-lab.sh
. "$here/keepalived-lab.sh"
CLIENTS=240
ROUNDS=${ROUNDS:-10}
seed=${SEED:-$$}
RANDOM=$seed

now() { date +%s%6N; }

# ------------------------------------------------------------------ clients

# write_map: "CLIENT BUCKET" for all clients
write_map() {
	enter c sh -c 'for i in $(seq "$1"); do
		echo "10.77.1.$i $(cipadm hash total "$2" seed 0x5eed "10.77.1.$i")"
	done' sh $CLIENTS $TOTAL >"$LAB/map"
}

ask_on() {
	enter c "$TOOLS/ask" trace $ADDRESS 8000 10.77.1.1 $CLIENTS >"$LAB/trace" 2>&1 </dev/null &
	asker=$!
	# before anything happens, it has asked
	sleep 0.2
}

ask_off() {
	enter c pkill -TERM -x ask
	wait "$asker"
}

# lost FROM TO: "LOST DOUBLED MILLISECONDS" between two times; the last is from the first lost to the last lost
lost() {
	awk -v from="$1" -v to="$2" '
		$3 < from || $3 >= to {next}
		$1 == "lost" {lost++; if (!first || $3 < first) first = $3; if ($3 > last) last = $3}
		$1 == "doubled" {doubled++}
		END {printf "lost %d in %d ms, doubled %d\n", lost, (last - first) / 1000, doubled}' "$LAB/trace"
}

# affected: buckets that lost a request, or had two answers
affected() {
	awk 'NR == FNR {bucket[$1] = $2; next} $1 == "lost" || $1 == "doubled" {print bucket[$2]}' "$LAB/map" \
		"$LAB/trace" | sort -un | xargs
}

# unmoved BUCKET...: those affected that are none of these
unmoved() {
	local bucket
	for bucket in $(affected); do [[ " $* " == *" $bucket "* ]] || echo "$bucket"; done | xargs
}

# preferring NODE: buckets whose place it is when all are there
preferring() {
	placement "${NODES[@]}" | awk -v node="$1" '$2 == node {print $1}' | xargs
}

# ------------------------------------------------------------------ a node goes and comes back

crash() { lab_crash "$1"; }
cut() { lab_port "$1" down; }
stop() { signal_keepalived "$1" TERM; }
from_crash() { boot "$1"; }
from_cut() { lab_port "$1" up; }
from_kill_keepalived() { lab_daemons "$1"; }
from_stop() {
	# it ends a second after its goodbye
	try 30 eval "! enter $1 pgrep -x keepalived >/dev/null" && lab_daemons "$1"
}

# goes WHAT NODE HOW: it goes, others take over, it comes back
goes() {
	local what=$1 node=$2 how=$3 began took back
	ask_on
	began=$(now)
	"$how" "$node"
	settled "$what"
	took=$((($(now) - began) / 1000))
	back=$(now)
	"from_$how" "$node"
	settled "$what, back again"
	echo "# $what: in place after $took ms, back after $((($(now) - back) / 1000)) ms"
	ask_off
	echo "# $what: $(lost "$began" "$back"); as it came back $(lost "$back" 9999999999999999)"
	# shellcheck disable=SC2046 # words
	is "$what: buckets of other nodes lose nothing" "$(unmoved $(preferring "$node"))" ""
}

rounds() {
	local i how node
	local -a ways=(kill_keepalived cut crash)
	echo "# SEED=$seed"
	for ((i = 0; i < ROUNDS; i++)); do
		how=${ways[i % 3]} node=n$((RANDOM % 3 + 1))
		goes "round $((i + 1)), ${how//_/ } $node" "$node" "$how"
	done
}

# ------------------------------------------------------------------ other scenes

one_master() {
	is "each bucket has one master, whose kernel lets it in" "$(masters "${NODES[@]}")" "$(kernels "${NODES[@]}")"
	is "and as many as there are" "$(masters "${NODES[@]}" | wc -l)" $TOTAL
}

reader_of() {
	enter "$1" pgrep -f cipadm-notify
}

reloads() {
	local node before
	before=$(for node in "${NODES[@]}"; do reader_of "$node"; done | xargs)
	ask_on
	for node in "${NODES[@]}"; do signal_keepalived "$node" HUP; done
	sleep 1.5
	ask_off
	is "keepalived reloads: nothing is lost or doubled" "$(affected)" ""
	settled "keepalived has reloaded"
	is "it has reloaded, as there are other readers" \
		"$(for node in "${NODES[@]}"; do reader_of "$node"; done | grep -cwF "${before// /$'\n'}")" 0
}

# The child has all instances; the parent starts another one.
child_dies() {
	# n1 is without its buckets for a moment only
	enter n1 nft monitor destroy elements >"$LAB/monitor" 2>&1 </dev/null &
	sleep 0.5
	ask_on
	enter n1 pkill -KILL -n -x keepalived
	works "keepalived's child is killed: its buckets are let go" \
		try 30 eval '[[ $(grep -c "element ip clusterip buckets" "$LAB/monitor") -ge 2 ]]'
	settled "keepalived's child is there again"
	ask_off
	enter n1 pkill -x nft
	# shellcheck disable=SC2046 # words
	is "keepalived's child is killed: buckets of other nodes lose nothing" "$(unmoved $(preferring n1))" ""
}

# What nobody has let go is let go by the next start, also by one that finds its link down.
leftovers() {
	enter n1 pkill -STOP -x keepalived
	enter n1 pkill -KILL -f cipadm-notify
	enter n1 pkill -KILL -x keepalived
	enter n1 cipadm bucket add $ADDRESS 2
	try 60 eval '[[ $(kernels n2 n3) == "$(placement n2 n3)" ]]'
	is "killed with the reader, a node keeps its buckets" "$(kernels n1)" $'1 n1\n2 n1\n4 n1'
	lab_port n1 down
	lab_daemons n1
	try 60 eval '[[ ! $(kernels n1) ]]'
	sleep 0.5
	is "and loses them when keepalived starts" "$(kernels n1)" ""
	lab_port n1 up
	settled "all are there again"
}

# Whatever takes away the rules, or puts others there.
repairs() {
	enter n2 nft flush ruleset
	settled "the rules come back after nft flush ruleset"
	enter n2 sh -c "cipadm destroy $ADDRESS && cipadm create $ADDRESS dev eth0 mac 03:00:00:00:00:01 total 3"
	sleep 1.5
	enter n2 cipadm destroy $ADDRESS
	settled "what could not be done is tried again"
}

begin_lab lab_down keepalived
if ! lab_up 3 || ! make_clients $CLIENTS || ! write_map; then
	not_ok "the cluster does not come up"
	finish
fi
for node in "${NODES[@]}"; do serve_on "$node"; done
settled "all start"
one_master
all_answered "all there"
child_dies
leftovers
repairs
goes "keepalived stops on n2" n2 stop
rounds
reloads
all_answered "all there"
finish
