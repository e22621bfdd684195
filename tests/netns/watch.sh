#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cipadm show --watch: what it shows of real traffic, in terminals of all kinds and without one. CAPTURE is the file that
# the three nodes' terminals are copied to, to be kept in docs.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
address=10.77.0.100
clients=48
kept=$here/../../docs/show-watch.txt
if [[ ! -x $(command -v tmux) ]]; then
	skip "cipadm show --watch: there is no tmux"
	finish
fi
export LC_ALL=C.UTF-8
unset NO_COLOR TMUX
begin
trap 'in_tmux kill-server 2>/dev/null; remove_topology' EXIT
make_clients $clients
CAPTURE=${CAPTURE:-$WORK/capture}

# ------------------------------------------------------------------ terminals

in_tmux() {
	tmux -S "$WORK/tmux" -f /dev/null "$@"
}

# terminal NAME COLUMNS ROWS COMMAND: a window of that size, in which the command runs
terminal() {
	in_tmux new-session -d -s "$1" -x "$2" -y "$3" "$4"
}

# watch_on NODE [WORD...]: the command that watches there
watch_on() {
	echo "exec ip netns exec $PREFIX-$1 ${*:2} $CIPADM show --watch"
}

# seen NAME: what the terminal shows
seen() {
	in_tmux capture-pane -p -t "=$1:" "${@:2}"
}

# await_seen NAME PATTERN
await_seen() {
	local i
	for ((i = 0; i < 500; i++)); do
		grep -Eq -- "$2" <<<"$(seen "$1")" && return
		sleep 0.02
	done
	echo "never saw '$2' in terminal $1" >&2
	return 1
}

# modes NAME: is it a screen of its own, is there a cursor, do lines wrap, how many lines have left it
modes() {
	in_tmux display-message -p -t "=$1:" '#{alternate_on} #{cursor_flag} #{wrap_flag} #{history_size}'
}

# becomes WHAT EXPECTED COMMAND...: the command prints that, after a while
becomes() {
	local i found
	for ((i = 0; i < 500; i++)); do
		found=$("${@:3}")
		[[ $found != "$2" ]] || break
		sleep 0.02
	done
	is "$1" "$found" "$2"
}

# ------------------------------------------------------------------ three nodes

# form FILE: the text with names for what differs each time; traffic is more than nothing
form() {
	sed -E 's/[0-9]{2}:[0-9]{2}:[0-9]{2}/TIME/; s/ +(█+) +[1-9][0-9]*\.[0-9]\/s$/ BAR RATE/
		s/[1-9][0-9]*\.[0-9]\/s/RATE/g' "$1"
}

form_due() {
	local node place
	local tables=("        1 local BAR RATE|        2 local BAR RATE|      3-6 not local"
		"      1-2 not local|        3 local BAR RATE|        4 dark      assigned, but not let in|      5-6 not local"
		"      1-4 not local|        5 local BAR RATE|        6 local BAR RATE")
	for node in "${NODES[@]}"; do
		place=${tables[${node#n} - 1]}
		echo "node${node#n}# cipadm show --watch"
		echo "TIME, every 1 s: 1 cluster IP; packets per second of each bucket"
		if [[ $node == n2 ]]; then
			echo "$address dev eth0: 1 of 6 local, 1 dark, let in RATE, foreign RATE"
		else
			echo "$address dev eth0: 2 of 6 local, let in RATE, foreign RATE"
		fi
		tr '|' '\n' <<<"$place"
		echo
	done
}

# capture: one terminal below the other
capture() {
	local node
	for node in "${NODES[@]}"; do
		echo "node${node#n}# cipadm show --watch"
		seen "$node" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
		echo
	done
}

for node in "${NODES[@]}"; do
	first=$((2 * ${node#n} - 1))
	cip "$node" create $address/16 dev eth0 total 6 buckets $first,$((first + 1)) || not_ok "create on $node"
done
in_ns n2 nft delete element ip clusterip buckets "{ $(slot n2 $address 4) }"
start_servers || not_ok "servers"
start c "$WORK/stream" "$TOOLS/ask" stream $address 8000 10.77.1.1 $clients
for node in "${NODES[@]}"; do terminal "$node" 76 9 "$(watch_on "$node")"; done
for ((i = 0; i < 100; i++)); do
	capture >"$CAPTURE"
	[[ $(form "$CAPTURE") != "$(form_due)" ]] || break
	sleep 0.1
done
stop_last
is "each node shows its own buckets with bars and rates, those of others, and a dark one" "$(form "$CAPTURE")" "$(form_due)"
is "docs/show-watch.txt is such a picture" "$(form "$kept")" "$(form_due)"
is "tables are drawn in place" "$(modes n1)" "1 0 0 0"
has "in colours" "$(seen n2 -e)" $'\e\\[32m.*local'
has "a dark one in its own" "$(seen n2 -e)" $'\e\\[1;?.*31m.*dark'
for node in n2 n3; do in_tmux kill-session -t "=$node"; done

# ------------------------------------------------------------------ signals, sizes

cip n1 create 10.77.0.101/16 dev eth0 total 1024 buckets 3,100-200
# nothing but a signal makes it draw in an hour
terminal shell 80 24 "exec env PS1='> ' sh"
in_tmux send-keys -t =shell: "$(watch_on n1 | sed 's/^exec //')=3600" Enter
await_seen shell '^   961 \.{64}$' || not_ok "a map"
is "what has no room is a map, a character for each bucket" "$(seen shell | sed -n '2,6p')" "\
$address dev eth0: 2 of 6 local, let in -, foreign -
     1 __....
10.77.0.101 dev eth0: 102 of 1024 local, let in -, foreign -
     1 .._.............................................................
    65 $(printf '.%.0s' {65..99})$(printf '_%.0s' {100..128})"
in_tmux resize-window -t =shell: -x 46 -y 4
await_seen shell '^10.77.0.101 ' || not_ok "a smaller terminal is drawn anew"
is "or a line for each cluster IP" "$(seen shell | sed 's/^[0-9:]*,//')" "\
 every 3600 s: 2 cluster IPs; no roo
$address dev eth0: 2 of 6 local, let in -,
10.77.0.101 dev eth0: 102 of 1024 local, let"
in_tmux resize-window -t =shell: -y 3
works "and it says how many are left out" await_seen shell '^and 2 more$'
in_tmux send-keys -t =shell: C-z
becomes "ctrl-Z gives the terminal back" "0 1 1" eval 'modes shell | cut -d" " -f1-3'
in_tmux send-keys -t =shell: fg Enter
becomes "fg draws again" "1 0 0" eval 'modes shell | cut -d" " -f1-3'
in_tmux send-keys -t =shell: C-c
becomes "and so does ctrl-C" "0 1 1" eval 'modes shell | cut -d" " -f1-3'
in_tmux send-keys -t =shell: 'echo "it was $?"' Enter
works "the shell knows that ctrl-C ended it" await_seen shell '^it was 130$'

terminal plain 72 40 "$(watch_on n1 env NO_COLOR=1) $address"
await_seen plain 'let in [0-9]' || not_ok "a terminal without colours"
is "NO_COLOR: in place, and without colours" "$(modes plain) $(seen plain -e | grep -c $'\e\\[[0-9;]*[1-9]')" "1 0 0 0 0"
terminal dumb 72 40 "$(watch_on n1 env TERM=dumb)=0.1 $address"
await_seen dumb 'let in [0-9]' || not_ok "a dumb terminal"
is "a dumb terminal: one table below the other" "$(modes dumb | cut -d' ' -f1-3) $(($(seen dumb | grep -c every) > 1))" \
	"0 1 1 1"
is "which has no blocks" "$(seen dumb | grep -c █)" 0

# ------------------------------------------------------------------ without a terminal

# clients_of BUCKET...: how many have one of these
clients_of() {
	local i bucket count=0
	for ((i = 1; i <= clients; i++)); do
		bucket=$("$CIPADM" hash total 6 10.77.1.$i)
		[[ " $* " != *" $bucket "* ]] || count=$((count + 1))
	done
	echo $count
}

# rates_fit ONE TWO OTHERS SECONDS: the first table with traffic has the rates of so many packets in at least so many
# seconds; all are known to a tenth, and have the same time in common
# shellcheck disable=SC2317 # called by works
rates_fit() {
	awk -v one="$1" -v two="$2" -v others="$3" -v least="$4" '
		/^10.77.0.100/ && / let in [0-9]/ && !/ let in 0.0/ && !found {
			found = 1
			match($0, /let in [0-9.]+/); all = substr($0, RSTART + 7, RLENGTH - 7)
			match($0, /foreign [0-9.]+/); foreign = substr($0, RSTART + 8, RLENGTH - 8)
		}
		found && $2 == "local" && !($1 in rate) { rate[$1] = $NF + 0 }
		function near(a, b) { return a - b < 0.11 && b - a < 0.11 }
		END {
			seconds = (one + two + others) / (all + foreign)
			exit !(found && seconds >= least - 0.2 && near(rate[1], one / seconds) && near(rate[2], two / seconds) &&
				near(all, rate[1] + rate[2]) && near(foreign, others / seconds))
		}' "$WORK/tables"
}

# stopped meanwhile, so that far more time goes by than between two looks
start n1 "$WORK/tables" "$CIPADM" show --watch=1 $address
await "$WORK/tables" '^ *3-6' || not_ok "a first table"
kill -STOP "$LAST"
in_ns c "$TOOLS/ask" udp $address 8000 10.77.1.1 $clients >/dev/null
sleep 3
kill -CONT "$LAST"
await "$WORK/tables" 'let in [1-9]\|let in 0.[1-9]' || not_ok "a table with rates"
await "$WORK/tables" 'let in 0.0/s' || not_ok "a table after that"
stop_last
works "rates are packets by the time that went by" rates_fit "$(clients_of 1)" "$(clients_of 2)" "$(clients_of 3 4 5 6)" 3
is "without a terminal there are neither escapes nor blocks" "$(grep -cE $'\e|█' "$WORK/tables")" 0
is "the first table knows no rates" "$(sed -n '2p' "$WORK/tables")" "$address dev eth0: 2 of 6 local, let in -, foreign -"
is "an empty line is between tables" "$(sed -n '6,7p' "$WORK/tables" | sed 's/^[0-9:]*,/TIME,/')" "
TIME, every 1 s: 1 cluster IP; packets per second of each bucket"

start n1 "$WORK/gone" "$CIPADM" show --watch=0.1 10.77.0.101
await "$WORK/gone" '102 of 1024' || not_ok "one that is there"
cip n1 destroy 10.77.0.101
works "one that goes is not there" await "$WORK/gone" ' 0 cluster IPs'
cip n1 create 10.77.0.101/16 dev eth0 total 3
works "and is when it comes back" await "$WORK/gone" '0 of 3 local'
stop_last
refuses "one that never was" 3 "no such cluster IP" cip n1 show 10.77.0.102 --watch
is "JSON: an object on each line" "$(cip n1 --json show --watch=0.1 $address | head -n 3 | grep -c '^{.*"counters".*}$')" 3
for seconds in 0 0.05 3601 1e3 -1 nan . 1,5 ''; do
	refuses "--watch=$seconds" 2 'seconds must be 0.1..3600' cip n1 show --watch=$seconds
done
finish
