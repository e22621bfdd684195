# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A cluster of keepalived in a lab, to be sourced. ADDRESS, PREFIX_LENGTH, TOTAL and INTERVAL say what it is to do.

LAB_SCRIPT=$(realpath "${BASH_SOURCE[0]}")
# shellcheck source=lab.sh
. "${LAB_SCRIPT%/*}/lab.sh"

# ------------------------------------------------------------------ a node

node_disk() {
	env "${LAB_ENV[@]}" cipadm keepalived-config "$ADDRESS/$PREFIX_LENGTH" dev eth0 total "$TOTAL" seed 0x5eed \
		node "$1" nodes "$(IFS=, && echo "${NODES[*]}")" interval "$INTERVAL" \
		notify "$(find "$LAB/root" -name cipadm-notify -type f)" >"$LAB/$1/keepalived.conf"
}

node_mounts() { :; }

node_daemons() {
	setsid keepalived -n -l -D -P -f "$LAB/$1/keepalived.conf" >>"$LAB/$1/keepalived.log" 2>&1 </dev/null &
}

# ------------------------------------------------------------------ what is done to it

# kill_keepalived NODE: both processes at once. Stopped first, as the child would say goodbye when its parent dies.
kill_keepalived() {
	enter "$1" pkill -STOP -x keepalived
	enter "$1" pkill -KILL -x keepalived
}

# signal_keepalived NODE SIGNAL: to the process that the others are children of
signal_keepalived() {
	enter "$1" pkill "-$2" -o -x keepalived
}

# ------------------------------------------------------------------ what it should be

# look NODE...: "NODE competes" if it can be master, and "BUCKET NODE" for every bucket that is local there
look() {
	local node
	for node; do
		# shellcheck disable=SC2016 # expanded there
		enter "$node" sh -c 'read -r state </sys/class/net/eth0/operstate
			[ "$state" != up ] || ! pgrep -x keepalived >/dev/null || echo competes
			cipadm show "$0"' "$ADDRESS" 2>/dev/null | awk -v node="$node" '
				/^competes$/ {print node, $1; next}
				/ buckets / {
					count = split($NF, ranges, ",")
					for (i = 1; i <= count && $NF != "none"; i++) {
						ends = split(ranges[i], range, "-")
						for (b = range[1]; b <= range[ends]; b++) print b, node
					}
				}'
	done | sort -n
}

# competing: the nodes that can be master
competing() {
	look "$@" | awk '$2 == "competes" {print $1}'
}

# placement NODE...: "BUCKET NODE" for every bucket, if these nodes compete
placement() {
	sed -n 's/^# bucket //p' "$LAB/n1/keepalived.conf" | awk -v nodes=" $* " '
		{for (i = 3; i <= NF; i++) if (index(nodes, " " $i " ")) {print $1, $i; next}; print $1, "-"}'
}

# masters NODE...: "BUCKET NODE" for the dummy address of each instance that is master there
masters() {
	local node
	for node; do
		enter "$node" ip -o addr show dev lo |
			sed -nE "s/.* 169\.254\.0\.([0-9]+)\/32 .*/\1 $node/p"
	done | sort -n
}

# kernels NODE...: "BUCKET NODE" for every bucket that is local there
kernels() {
	look "$@" | grep -v competes
}

# in_place: each bucket is with the node it prefers of those that compete, and nobody else has it
in_place() {
	local seen
	# shellcheck disable=SC2046 # words
	seen=$(look $(powered))
	# shellcheck disable=SC2046 # words
	[[ $(grep -v competes <<<"$seen") == "$(placement $(awk '$2 == "competes" {print $1}' <<<"$seen"))" ]]
}

# shellcheck disable=SC2046 # words
views() {
	echo "competing: $(competing $(powered) | xargs)
expected: $(placement $(competing $(powered)) | tr '\n' ',')
masters:  $(masters $(powered) | tr '\n' ',')
kernels:  $(kernels $(powered) | tr '\n' ',')"
}

# settled WHAT: in_place soon, one master for each, and no kernel has a fault
settled() {
	if ! try 60 in_place; then
		not_ok "$1: each bucket is on one live node" "$(views)"
		return
	fi
	no_fault "$1: each bucket is on one live node, and no kernel has a fault"
}
