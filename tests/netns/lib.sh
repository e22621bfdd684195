# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the scripts of this folder have in common, to be sourced. Everything happens in namespaces of their own:
#
#                         P-br
#           ┌──────────────────────────────┐
#           │    br0, no mcast snooping    │
#           │   c      n1     n2     n3    │
#           └───┬──────┬──────┬──────┬─────┘
#               │      │      │      └────────────────────┐
#               │      │      └────────────┐              │
#               │      └────┐              │              │
#       ┌───────┴──────┐ ┌──┴────────┐ ┌───┴───────┐ ┌────┴──────┐
#       │     eth0     │ │   eth0    │ │   eth0    │ │   eth0    │
#       │ 10.77.0.254  │ │ 10.77.0.1 │ │ 10.77.0.2 │ │ 10.77.0.3 │
#       │ 10.77.1.1... │ │           │ │           │ │           │
#       └──────────────┘ └───────────┘ └───────────┘ └───────────┘
#             P-c            P-n1          P-n2          P-n3
#
# P is a prefix that no other run has. The network is 10.77.0.0/16; the default route of everybody is the client.

set -u
NODES=(n1 n2 n3)
MORE=() # namespaces that a script makes beside those
PREFIX=${PREFIX:-cip-test-$$}
CIPADM=${CIPADM:-cipadm}
TOOLS=${TOOLS:-.}
LAST=
WORK=
PASSED=0
FAILED=0
SKIPPED=0

# A program in the build tree is a script of libtool around the real one. The scripts here start the program
# thousands of times and kill it, so it has to be the program itself.
unwrap_cipadm() {
	local folder
	folder=$(dirname "$CIPADM")
	[[ -x $folder/.libs/cipadm ]] || return 0
	folder=$(cd "$folder" && pwd)
	CIPADM=$folder/.libs/cipadm
	export LD_LIBRARY_PATH=$folder/../../libclusterip/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# ------------------------------------------------------------------ counting

ok() {
	PASSED=$((PASSED + 1))
	echo "ok - $1"
}

# not_ok WHAT [DETAIL]
not_ok() {
	FAILED=$((FAILED + 1))
	echo "NOT OK - $1"
	if [[ ${2-} ]]; then echo "    ${2//$'\n'/$'\n'    }"; fi
}

skip() {
	SKIPPED=$((SKIPPED + 1))
	echo "skipped - $1"
}

# is WHAT FOUND EXPECTED
is() {
	if [[ $2 == "$3" ]]; then ok "$1"; else not_ok "$1" "found:    $2"$'\n'"expected: $3"; fi
}

# has WHAT TEXT PATTERN: a line of the text matches the extended regular expression
has() {
	if grep -Eq -- "$3" <<<"$2"; then ok "$1"; else not_ok "$1" "no line matches: $3"$'\n'"$2"; fi
}

# works WHAT COMMAND...: the command ends with 0
works() {
	local what=$1 output
	shift
	if output=$("$@" 2>&1); then ok "$what"; else not_ok "$what" "exit $?: $*"$'\n'"$output"; fi
}

# What refuses finds unchanged; scripts say what that is.
state() { :; }

# refuses WHAT STATUS PATTERN COMMAND...: cipadm fails with that status and one sentence that matches, and the state of
# n1 is as before
refuses() {
	local what=$1 status=$2 pattern=$3 before output is
	shift 3
	before=$(state n1)
	output=$("$@" 2>&1)
	is=$?
	if [[ $is == "$status" && $output =~ ^cipadm:\ [^$'\n']*$ && $output =~ $pattern && $(state n1) == "$before" ]]; then
		ok "$what: ${output#cipadm: }"
	else
		not_ok "$what" "exit $is: $output"$'\n'"$(diff <(echo "$before") <(state n1))"
	fi
}

# The last line of every script.
finish() {
	echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
	exit $((FAILED > 0))
}

# ------------------------------------------------------------------ namespaces

# in_ns NAME COMMAND...
in_ns() {
	ip netns exec "$PREFIX-$1" "${@:2}"
}

# cip NODE ARGUMENT...: cipadm there; what is JSON is kept for objects.sh
cip() {
	if [[ ${OBJECTS-} && " $* " == *" --json "* ]]; then
		"$CIPADM" --netns "$PREFIX-$1" "${@:2}" | tee -a "$OBJECTS/$BASHPID"
		return "${PIPESTATUS[0]}"
	fi
	"$CIPADM" --netns "$PREFIX-$1" "${@:2}"
}

make_ns() {
	ip netns add "$PREFIX-$1" && ip -n "$PREFIX-$1" link set lo up || return
	in_ns "$1" sh -c 'cd /proc/sys/net
		echo 0 | tee ipv4/conf/all/rp_filter >ipv4/conf/default/rp_filter
		test ! -d ipv6 || echo 1 | tee ipv6/conf/all/disable_ipv6 >ipv6/conf/default/disable_ipv6'
}

# plug NAME BRIDGE DEVICE ADDRESS MAC: a port of the bridge, and at the other end a device of the namespace
plug() {
	ip -n "$PREFIX-br" link add "$1$2" type veth peer name "$3" netns "$PREFIX-$1" &&
		ip -n "$PREFIX-br" link set "$1$2" master "$2" up &&
		ip -n "$PREFIX-$1" link set "$3" address "$5" up &&
		ip -n "$PREFIX-$1" addr add "$4" dev "$3"
}

# plug_node NODE: the node's eth0, also when it has lost it
plug_node() {
	plug "$1" br0 eth0 "10.77.0.${1#n}/16" "02:00:00:00:00:0${1#n}" &&
		ip -n "$PREFIX-$1" route add default via 10.77.0.254
}

make_bridge() {
	ip -n "$PREFIX-br" link add "$1" type bridge forward_delay 0 stp_state 0 mcast_snooping 0 &&
		ip -n "$PREFIX-br" link set "$1" up
}

make_topology() {
	local node
	make_ns br && make_bridge br0 && make_ns c || return
	plug c br0 eth0 10.77.0.254/16 02:00:00:00:00:fe || return
	ip -n "$PREFIX-c" route add default dev eth0 || return
	for node in "${NODES[@]}"; do
		make_ns "$node" && plug_node "$node" || return
	done
}

# make_clients COUNT: so many addresses, 10.77.1.1 and following, on the client
make_clients() {
	local i
	for ((i = 1; i <= $1; i++)); do
		echo "addr add 10.77.$((1 + i / 256)).$((i % 256))/32 dev eth0"
	done | ip -n "$PREFIX-c" -batch -
}

# class_of NODE ADDRESS: the number of an IPv4 cluster IP's class, from where its packets are led
class_of() {
	in_ns "$1" nft list map ip clusterip addresses | sed -n "s/.*$2 : goto cip\.\([0-9]*\).*/\1/p"
}

# slot NODE ADDRESS BUCKET: the key of a bucket in the sets
slot() {
	echo "$2 . $(($(class_of "$1" "$2") * 1024 + $3))"
}

# start NAME LOG COMMAND...: leaves the command running in a namespace, its output in the file
start() {
	# not in_ns: the process in the background would be a shell, which alone would be killed
	ip netns exec "$PREFIX-$1" "${@:3}" </dev/null >>"$2" 2>&1 &
	LAST=$!
}

# stop_last: ends what was started last
stop_last() {
	kill "$LAST" 2>/dev/null
	wait "$LAST" 2>/dev/null
}

# await FILE PATTERN: until a line of the file matches
await() {
	local i
	for ((i = 0; i < 500; i++)); do
		grep -q -- "$2" "$1" 2>/dev/null && return
		sleep 0.02
	done
	echo "never saw '$2' in $1" >&2
	return 1
}

# start_servers: the program serve, on port 8000 of every node, named as the node
start_servers() {
	local node
	for node in "${NODES[@]}"; do start "$node" "$WORK/$node.log" "$TOOLS/serve" "$node" 8000; done
	for node in "${NODES[@]}"; do await "$WORK/$node.log" ready || return; done
}

# answers: "CLIENT NODE" for each of the script's clients, which ask its address with UDP
answers() {
	# shellcheck disable=SC2154 # the script has them
	in_ns c "$TOOLS/ask" udp "$address" 8000 10.77.1.1 "$clients"
}

# answers_due BUCKETS HASH-WORDS...: the same, computed; each node has so many buckets, n1 the first ones
answers_due() {
	local i bucket
	for ((i = 1; i <= clients; i++)); do
		bucket=$("$CIPADM" hash "${@:2}" 10.77.1.$i)
		echo "10.77.1.$i n$((1 + (bucket - 1) / $1))"
	done
}

remove_topology() {
	local name running
	running=$(jobs -pr)
	# shellcheck disable=SC2086 # words
	[[ ! $running ]] || kill $running 2>/dev/null
	wait
	for name in "${NODES[@]}" "${MORE[@]}" c br; do
		[[ ! -e /run/netns/$PREFIX-$name ]] || ip netns del "$PREFIX-$name"
	done
	if [[ $WORK ]]; then rm -rf "$WORK"; fi
}

# begin: what each test script does first
begin() {
	if ((EUID)); then
		skip "$(basename "$0"): needs root"
		finish
	fi
	if [[ ! $(command -v "$CIPADM") || ! -x $TOOLS/ask ]]; then
		not_ok "$(basename "$0"): no program CIPADM=$CIPADM, or no test programs in TOOLS=$TOOLS"
		finish
	fi
	WORK=$(mktemp -d)
	trap remove_topology EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	if ! make_topology; then
		not_ok "cannot make the namespaces"
		finish
	fi
}

unwrap_cipadm
