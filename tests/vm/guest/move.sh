#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A bucket moves from a node on the CLUSTERIP target to one on nftables and back, again and again, while 200 clients
# ask. What a move may cost is what was under way while it lasted, and only clients of that bucket.

# shellcheck disable=SC2317 # works and the like call functions
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
CLIENTS=200
TIMES=100
MOVED=3
# what a request and its answer may take, in microseconds, when the machine is slow; and between moves, in seconds, a
# time in which nothing may be affected
FLIGHT=50000
PAUSE=0.2
begin
make_clients $CLIENTS
start_servers || not_ok "servers"

works "n1: on the target" on_target n1 create $ADDRESS/16 dev eth0 total 12 buckets 1-4
for node in n2 n3; do
	works "$node: on nftables" cip $node --backend nft create $ADDRESS/16 dev eth0 total 12 \
		buckets $((4 * ${node#n} - 3))-$((4 * ${node#n}))
done

# give FROM TO: the bucket, and a line "START END" in microseconds. The order decides what a move costs: doubled
# answers if the new owner comes first, lost requests if the old one goes first.
give() {
	local begin=${EPOCHREALTIME/./}
	cip "$2" bucket add "$ADDRESS" "$MOVED" && cip "$1" bucket del "$ADDRESS" "$MOVED" || return
	echo "$begin ${EPOCHREALTIME/./}" >>"$WORK/moves"
}

there_and_back() {
	local i
	for ((i = 0; i < TIMES; i++)); do
		give n1 n2 && sleep "$PAUSE" && give n2 n1 && sleep "$PAUSE" || return
	done
}

# clients_of BUCKET
clients_of() {
	local i
	for ((i = 1; i <= CLIENTS; i++)); do echo "10.77.1.$i $("$CIPADM" hash total 12 10.77.1.$i)"; done |
		awk -v bucket="$1" '$2 == bucket {print $1}'
}

# judge_moves: for each affected packet the move during which it was sent. Prints "OUTSIDE LOST DOUBLED MOST", OUTSIDE
# being those that no move explains, MOST those of the worst move
judge_moves() {
	awk -v flight=$FLIGHT '
		FILENAME ~ /moves$/ {start[++moves] = $1; end[moves] = $2; next}
		$1 != "lost" && $1 != "doubled" {next}
		{
			total[$1]++; explained = 0
			for (m = 1; m <= moves; m++)
				if ($3 >= start[m] - flight && $3 <= end[m]) {explained = 1; count[m]++; break}
			outside += !explained
		}
		END {
			for (m in count) if (count[m] > most) most = count[m]
			print outside + 0, total["lost"] + 0, total["doubled"] + 0, most + 0
		}' "$WORK/moves" "$WORK/trace"
}

clients_of $MOVED | sort >"$WORK/moved"
start_trace $CLIENTS
sleep 1
works "$TIMES times there and back" there_and_back
sleep 1
end_trace
read -r outside lost doubled most < <(judge_moves)
awk -v n="$(wc -l <"$WORK/moved")" '{sum += $2 - $1} END {printf "%d moves of a bucket of %d clients, %.1f ms each\n", NR, n, sum / NR / 1000}' \
	"$WORK/moves"
traced ^sent
echo "lost $lost, doubled $doubled, in the worst move $most"
is "the bucket moved" "$(wc -l <"$WORK/moves")" $((2 * TIMES))
is "clients of other buckets lost nothing and got nothing twice" \
	"$(traced '^(lost|doubled)' | awk '{print $2}' | sort -u | comm -23 - "$WORK/moved")" ""
is "nor were they served by another node" \
	"$(awk '$1 == "client" && NF != 3 {print $2}' "$WORK/trace" | sort | comm -23 - "$WORK/moved")" ""
is "those of the moved one were served by both" \
	"$(awk '$1 == "client" && NF == 4 {print $2}' "$WORK/trace" | sort | comm -3 - "$WORK/moved")" ""
is "what was lost or doubled was sent during a move" "$outside" 0
is "nothing was lost: the new owner is there before the old one goes" "$lost" 0
is "the target has its buckets again" "$(target_buckets n1)" 1,2,3,4
for node in "${NODES[@]}"; do works "$node: check" cip "$node" check; done
finish
