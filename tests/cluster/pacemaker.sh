#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The resource agent in a cluster of three nodes, as people configure it: who answers 300 clients, and what they lose,
# while nodes go and come back. BUILD is the top of the build, TOOLS the folder of the programs of tests/netns.

# shellcheck disable=SC2317 # called by try
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"
# shellcheck source=pacemaker-lab.sh
. "$here/pacemaker-lab.sh"
# shellcheck source=ping6.sh
. "$here/ping6.sh"
ADDRESS=10.77.0.100
PREFIX_LENGTH=24
CLIENTS=300
TOTAL=3
pingers=()
SEED=${SEED:-$$}
RANDOM=$SEED

# ------------------------------------------------------------------ views

# each_once: one live node for each bucket, in Pacemaker's view and in the kernels'
each_once() {
	local view
	view=$(pacemaker_view)
	# shellcheck disable=SC2046 # words
	[[ $(cut -d ' ' -f 1 <<<"$view" | xargs) == $(seq "$TOTAL" | xargs) && $(kernels $(powered)) == "$view" &&
		$(total_nodes) == "$TOTAL" ]]
}

# settled WHAT [SECONDS]: each_once soon, and all kernels are well
settled() {
	if ! try "${2:-90}" each_once; then
		# shellcheck disable=SC2046 # words
		not_ok "$1: each bucket is on one live node" "Pacemaker: $(pacemaker_view | tr '\n' ',')
kernels: $(kernels $(powered) | tr '\n' ',')
$(enter "$(cluster)" crm_mon -1 -f </dev/null | tail -n 30)"
		return 1
	fi
	no_fault "$1: each bucket is on one live node, and no kernel has a fault"
}

# shares: how many buckets each node has, such as "1 1 1"
shares() {
	pacemaker_view | awk '{n[$2]++} END {for (node in n) print n[node]}' | sort -n | xargs
}

# ------------------------------------------------------------------ clients

# seed: that of the kernels
seed() {
	enter "$(powered | head -n 1)" cipadm show $ADDRESS | sed 's/.* seed \([^ ]*\) .*/\1/'
}

# Sets pingers: for each bucket a client whose echo requests, which have no ports, are in it.
choose_pingers() {
	local i bucket
	pingers=()
	for ((i = 1; i < 255 && ${#pingers[@]} < TOTAL; i++)); do
		bucket=$(env "${LAB_ENV[@]}" cipadm hash total $TOTAL hash sourceip-sourceport seed "$(seed)" 10.77.1.$i icmp)
		pingers[bucket]=10.77.1.$i
	done
}

# pings_on: a client for each bucket begins to ping every 10 ms
pings_on() {
	local bucket
	((${#pingers[@]} == TOTAL)) || choose_pingers
	for ((bucket = 1; bucket <= TOTAL; bucket++)); do
		enter c ping -n -q -i 0.01 -I "${pingers[bucket]}" $ADDRESS >"$LAB/ping.$bucket" 2>&1 </dev/null &
	done
	sleep 0.5
}

# A ping that has just begun may not listen yet.
pings_end() {
	enter c pkill -INT -x ping
	[[ $(grep -l 'packets transmitted' "$LAB"/ping.* | wc -l) == "$TOTAL" ]]
}

# pings_off WHAT: prints for each bucket what was lost and doubled, and sets lost and doubled for each
pings_off() {
	local bucket sent received duplicates
	try 60 pings_end || not_ok "$1: pings end"
	lost=() doubled=()
	for ((bucket = 1; bucket <= TOTAL; bucket++)); do
		read -r sent received duplicates < <(sed -nE \
			's/^([0-9]+) packets transmitted, ([0-9]+) received,( \+([0-9]+) duplicates,)?.*/\1 \2 0\4/p' \
			"$LAB/ping.$bucket")
		lost[bucket]=$((sent - received)) doubled[bucket]=$((10#$duplicates))
		echo "# $1: bucket $bucket: $sent pings, lost ${lost[bucket]}, doubled ${doubled[bucket]}"
	done
}

# nothing_lost WHAT BUCKET...: but what was under way when the pings ended
nothing_lost() {
	local bucket sum=0
	for bucket in "${@:2}"; do sum=$((sum + (lost[bucket] > 1 ? lost[bucket] : 0) + doubled[bucket])); done
	is "$1" $sum 0
}

# took WHAT MILLISECONDS: prints how long it took until all buckets were served
took() {
	echo "# $1: $(($(date +%s%3N) - $2)) ms until each bucket has one live node"
}

# ------------------------------------------------------------------ scenes

# configure NAME: resource resNAME and clone cloneNAME
configure() {
	crm_on n1 configure <<-END
		primitive res$1 ocf:libclusterip:ClusterIP \
		  op monitor interval="10s" timeout="20s" \
		  params ip="$ADDRESS" nic="eth0" cidr_netmask="$PREFIX_LENGTH" clusterip_hash="sourceip-sourceport" \
		  meta resource-stickiness="0"
		clone clone$1 res$1 meta clone-max="3" globally-unique="true" clone-node-max="3"
		commit
	END
}

others_of() {
	local bucket
	for ((bucket = 1; bucket <= TOTAL; bucket++)); do [[ " $* " == *" $bucket "* ]] || echo $bucket; done
}

# buckets_of NODE
buckets_of() {
	pacemaker_view | awk -v node="$1" '$2 == node {print $1}' | xargs
}

# moved_since VIEW: buckets that Pacemaker has on another node now. It may exchange some among those that are left,
# too.
moved_since() {
	diff <(echo "$1") <(pacemaker_view) | awk '$1 == ">" {print $2}' | xargs
}

# gone WHAT NODE COMMAND...: the command takes the node away; its buckets move, nothing else is lost
gone() {
	local what=$1 node=$2 mine since before
	shift 2
	before=$(pacemaker_view)
	pings_on
	since=$(date +%s%3N)
	"$@"
	left() { [[ ! $(buckets_of "$node") ]] && each_once; }
	try 90 left || not_ok "$what: the buckets of $node move"
	took "$what" "$since"
	pings_off "$what"
	settled "$what"
	mine=$(moved_since "$before")
	echo "# $what: moved $mine"
	# shellcheck disable=SC2086,SC2046 # words
	nothing_lost "$what: buckets of other nodes lose nothing" $(others_of $mine)
}

standby() { crm_on "$(cluster)" node standby "$1" >/dev/null; }
online_again() { crm_on "$(cluster)" node online "$1" >/dev/null; }
kill_cluster() { enter "$1" pkill -KILL 'corosync|pacemaker' || :; }

# back WHAT NODE SHARES: the node is there again with as many buckets as the others
back() {
	local what=$1 since
	since=$(date +%s%3N)
	"${@:3}"
	even() { [[ $(shares) == "$EVEN" ]] && each_once; }
	try 90 even || not_ok "$what: $2 has its share again" "$(pacemaker_view)"
	took "$what" "$since"
	settled "$what"
}

power_on() { boot "$1" && try 90 online "$(powered | wc -l)"; }

scenes_without_fencing() {
	local mine
	mine=$(buckets_of n3)
	kill_cluster n3
	moved() { [[ ! $(buckets_of n3) && $(kernels n1 n2 | cut -d ' ' -f 1 | xargs) == "1 2 3" ]]; }
	works "without fencing, cluster processes of n3 killed: others have bucket $mine" try 90 moved
	is "but n3, which nobody has switched off, has it, too" "$(kernels n3 | cut -d ' ' -f 1)" "$mine"
	lab_daemons n3
	back "without fencing, n3 is a member again" n3 try 90 online 3
}

# flushed: somebody removes the rules of a node; the next monitor sees it
flushed() {
	local since
	since=$(date +%s%3N)
	enter n2 nft flush ruleset
	works "a flushed ruleset: the kernel has it again" try 90 enter n2 sh -c "cipadm show $ADDRESS 2>/dev/null"
	took "a flushed ruleset" "$since"
	settled "a flushed ruleset"
}

# stops: how often any node has stopped an instance
stops() {
	local node
	for node in "${NODES[@]}"; do
		enter "$node" grep -c 'rsc:resIP:.* action:stop' /var/log/pacemaker/pacemaker.log
	done | xargs
}

# reloaded: the seed changes while the resource runs
reloaded() {
	local before
	before=$(stops)
	crm_on n1 resource param resIP set clusterip_hash_seed 7 >/dev/null
	seven() {
		[[ $(for node in "${NODES[@]}"; do enter "$node" cipadm show "$ADDRESS"; done | grep -c 'seed 0x7 ') == 3 ]]
	}
	works "a changed seed is in all kernels" try 90 seven
	settled "a changed seed"
	is "and no instance was stopped for it" "$(stops)" "$before"
	all_answered "a changed seed"
	pingers=()
}

# stopped: the sum of that, all nodes together
stopped() {
	stops | tr ' ' '\n' | awk '{sum += $1} END {print sum}'
}

# twelve: four buckets for each node, while clients are served. Pacemaker goes on to monitor the instances that were there
# with the old clone-max, until that has failed once and it has started them again.
twelve() {
	local since before
	before=$(stopped)
	since=$(date +%s%3N)
	crm_on n1 resource meta cloneIP set clone-node-max 12 >/dev/null
	crm_on n1 resource meta cloneIP set clone-max 12 >/dev/null
	TOTAL=12 EVEN="4 4 4"
	try 120 each_once || not_ok "clone-max changes to 12 while the clone runs"
	took "clone-max changes to 12" "$since"
	restarted() { (($(stopped) >= before + 3)); }
	works "clone-max changes to 12: the instances that were there start again" try 90 restarted
	settled "clone-max changes to 12"
}

scenes() {
	local what=$1
	all_answered "$what"
	gone "$what, standby of n2" n2 standby n2
	back "$what, n2 online again" n2 online_again n2
	gone "$what, cluster processes of n3 killed" n3 kill_cluster n3
	back "$what, n3 on again" n3 power_on n3
	gone "$what, n2 without power" n2 lab_crash n2
	gone "$what, n3 without power, too" n3 lab_crash n3
	is "$what: the one node that is left has all buckets" "$(shares)" $TOTAL
	all_answered "$what, one node left"
	boot n2
	back "$what, n2 and n3 on again" n2 power_on n3
	all_answered "$what, all there again"
}

# ------------------------------------------------------------------ 20 rounds

# a_round: something random, but one node remains
declare -A state=([n1]=online [n2]=online [n3]=online)
a_round() {
	local node=n$((RANDOM % 3 + 1)) others=0 other
	for other in "${NODES[@]}"; do [[ $other == "$node" || ${state[$other]} != online ]] || others=$((others + 1)); done
	case ${state[$node]} in
	online)
		if ((others == 0)); then
			a_round
		elif ((RANDOM % 2)); then
			action="standby $node" state[$node]=standby
			standby "$node"
		else
			action="kill $node" state[$node]=off
			kill_cluster "$node"
			try 90 test ! -e "$LAB/$node/pid"
		fi
		;;
	standby)
		action="online $node" state[$node]=online
		online_again "$node"
		;;
	off)
		action="restart $node" state[$node]=online
		power_on "$node"
		;;
	esac
}

# rounds FIRST LAST
rounds() {
	local i action
	echo "# SEED=$SEED"
	enter c "$TOOLS/ask" stream $ADDRESS 8000 10.77.1.1 $CLIENTS >"$LAB/stream" 2>&1 </dev/null &
	for ((i = $1; i <= $2; i++)); do
		a_round
		settled "round $i of $TOTAL buckets, $action" || break
	done
	enter c pkill -TERM -x ask
	try 30 grep -q ^sent "$LAB/stream"
	sed "s/^/# rounds $1 to $2: /" "$LAB/stream"
	for action in "${NODES[@]}"; do
		case ${state[$action]} in
		standby) online_again "$action" ;;
		off) power_on "$action" ;;
		esac
		state[$action]=online
	done
	back "rounds $1 to $2" "every node" true
}

# ------------------------------------------------------------------ IPv6

# instead: the resource goes from all nodes, and another one with an IPv6 address takes its place
instead() {
	local one
	crm_on n1 resource stop cloneIP >/dev/null
	nowhere() { [[ ! $(pacemaker_view) && ! $(kernels "${NODES[@]}") ]]; }
	works "the clone stops" try 90 nowhere
	is "and leaves no rule" "$(for node in "${NODES[@]}"; do enter "$node" nft list ruleset; done)" ""
	crm_on n1 configure delete cloneIP resIP >/dev/null
	ADDRESS=fd77::100 PREFIX_LENGTH=64 TOTAL=3 CLIENTS=24
	{ echo addr add fd77::fe/64 dev eth0 nodad && client_addresses; } | enter c ip -batch -
	works "crm takes the configuration with an IPv6 address" configure IP6
	settled "IPv6"
	all_echoed "IPv6" "$LAB" enter c
	one=$(pacemaker_view | awk 'NR == 1 {print $2}')
	standby "$one"
	left() { [[ ! $(buckets_of "$one") ]] && each_once; }
	works "IPv6, standby of $one: its bucket moves" try 90 left
	settled "IPv6, standby of $one"
	all_echoed "IPv6, standby of $one" "$LAB" enter c
}

# ------------------------------------------------------------------

begin_lab end_lab
since=$(date +%s%3N)
if ! lab_up 3 || ! make_clients $CLIENTS || ! try 120 online 3; then
	not_ok "the cluster does not come up"
	finish
fi
for node in "${NODES[@]}"; do serve_on "$node"; done
echo "# three nodes online after $(($(date +%s%3N) - since)) ms"
works "crm takes the configuration" configure IP
EVEN="1 1 1"
back "configured" n1 true
scenes_without_fencing
# not by "works", which has a shell of its own for what it calls
if fencing_on n1; then ok "crm takes the fence agent"; else not_ok "crm takes the fence agent"; fi
scenes "3 buckets"
flushed
reloaded
rounds 1 16
twelve
scenes "12 buckets"
rounds 17 20
instead
finish
