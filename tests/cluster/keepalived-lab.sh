# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A cluster of keepalived in a lab, to be sourced. ADDRESS, TOTAL and INTERVAL say what it is to do.

LAB_SCRIPT=$(realpath "${BASH_SOURCE[0]}")
# shellcheck source=lab.sh
. "${LAB_SCRIPT%/*}/lab.sh"

# ------------------------------------------------------------------ a node

node_disk() {
	env "${LAB_ENV[@]}" cipadm keepalived-config "$ADDRESS/24" dev eth0 total "$TOTAL" seed 0x5eed \
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

# competing: the nodes that can be master
competing() {
	local node
	for node in "${NODES[@]}"; do
		[[ -e $LAB/$node/pid && $(enter "$node" cat /sys/class/net/eth0/operstate) == up ]] &&
			enter "$node" pgrep -x keepalived >/dev/null && echo "$node"
	done
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
	local node range
	for node; do
		for range in $(enter "$node" cipadm show "$ADDRESS" 2>/dev/null | sed 's/.* buckets //; s/none//; s/,/ /g'); do
			seq -f "%g $node" "${range%-*}" "${range#*-}"
		done
	done | sort -n
}
