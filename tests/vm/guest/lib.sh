# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the scripts of this folder have in common, to be sourced: the topology of the tests in namespaces, and cluster
# IPs on the kernel's CLUSTERIP target.

# shellcheck source=../../netns/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../netns/lib.sh"
ADDRESS=10.77.0.100

# on_target NODE ARGUMENT...: cipadm there, with the CLUSTERIP target
on_target() {
	cip "$1" --backend clusterip "${@:2}"
}

# ------------------------------------------------------------------ as others do it

# iptables NODE ARGUMENT...
iptables() {
	in_ns "$1" iptables-legacy -w "${@:2}"
}

# ipaddr2_mac ADDRESS PREFIX [BROADCAST]: the cluster MAC that the agent IPaddr2 makes up
ipaddr2_mac() {
	# shellcheck disable=SC2048,SC2086 # it leaves out what is empty
	echo $* | md5sum | sed 's/^\(..\)\(..\)\(..\)\(..\)\(..\)\(..\).*/\1:\2:\3:\4:\5:\6/; s/^\(.\)[02468ace]/\11/'
}

# ipaddr2_start NODE BUCKET TOTAL MODE [HASH-WORDS]: what the agent does to start one instance, up to 4.18
ipaddr2_start() {
	local proc=/proc/net/ipt_CLUSTERIP/$ADDRESS
	if in_ns "$1" test -e $proc; then
		in_ns "$1" sh -c "echo +$2 >$proc"
		return
	fi
	# shellcheck disable=SC2086 # words
	iptables "$1" -I INPUT -d $ADDRESS -i eth0 -j CLUSTERIP --new --clustermac "$(ipaddr2_mac $ADDRESS 16 10.77.255.255)" \
		--total-nodes "$3" --local-node "$2" --hashmode "$4" ${5-} &&
		ip -n "$PREFIX-$1" -f inet addr add $ADDRESS/16 brd 10.77.255.255 dev eth0
}

# ------------------------------------------------------------------ what is there

# target_buckets NODE [ADDRESS]: the kernel's own list
target_buckets() {
	in_ns "$1" cat "/proc/net/ipt_CLUSTERIP/${2:-$ADDRESS}" 2>&1
}

# shown NODE: the cluster IP, without a word on where it lives
shown() {
	cip "$1" show $ADDRESS | head -n 1
}

# rules NODE: the tables of iptables without what counts or tells the time
rules() {
	in_ns "$1" iptables-legacy-save | sed '/^#/d; s/ \[[0-9:]*\]$//'
}

# target_rules NODE: those with the CLUSTERIP target
target_rules() {
	rules "$1" | grep -e '-j CLUSTERIP --new'
}

# state NODE: everything that a cluster IP could leave there
state() {
	rules "$1"
	# shellcheck disable=SC2016 # for the inner shell
	in_ns "$1" sh -c 'for file in /proc/net/ipt_CLUSTERIP/*; do echo "$file"; cat "$file"; done' 2>&1
	in_ns "$1" nft -s list ruleset
	ip -n "$PREFIX-$1" -o -4 addr show
	in_ns "$1" cat /proc/net/dev_mcast
}

# ------------------------------------------------------------------ traffic

# start_trace CLIENTS: from now on each of so many clients asks in turn, a request every millisecond
start_trace() {
	# ARP first: what waits for an answer fills the socket's buffer
	in_ns c "$TOOLS/ask" udp $ADDRESS 8000 10.77.1.1 1 >/dev/null
	start c "$WORK/trace" "$TOOLS/ask" trace $ADDRESS 8000 10.77.1.1 "$1"
	TRACE=$LAST
}

# end_trace: WORK/trace has the results then
end_trace() {
	kill "$TRACE"
	wait "$TRACE"
	grep -q ^sent "$WORK/trace" || not_ok "the traffic has results" "$(cat "$WORK/trace")"
}

# traced PATTERN: lines of the trace
traced() {
	grep -E "$1" "$WORK/trace"
}
