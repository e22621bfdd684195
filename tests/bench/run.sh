#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes namespaces of its own with all rulesets, measures in them, and removes them. CIPADM is the program to
# measure, TOOLS the folder of "measure" and "gen.bpf.o". BENCH_ROUNDS: how many rounds instead of 60;
# BENCH_SAMPLES: a file for every single measurement.

set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=rulesets.sh
. "$here/rulesets.sh"
PREFIX=cip-bench-$$
CIPADM=${CIPADM:-cipadm}
TOOLS=${TOOLS:-.}
COUNTS=(1 100 1000)
SCALE=(1000 4000 16384)
FAMILIES=(4 6)
declare -A RESTORE=([4]=iptables-legacy-restore [6]=ip6tables-legacy-restore)
work=
child=

# shellcheck disable=SC2317 # called by traps
clean_up() {
	local name
	[[ ! $child ]] || kill "$child" 2>/dev/null
	wait
	ip netns list | awk -v prefix="$PREFIX-" 'index($1, prefix) == 1 {print $1}' | while read -r name; do
		ip netns del "$name"
	done
	[[ ! $work ]] || rm -rf "$work"
}

# fail TEXT: the last line is one that counts, whatever happens
fail() {
	echo "bench: $1" >&2
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}

# A program in the build tree is a script of libtool around the real one. What is measured is the real one.
unwrap_cipadm() {
	local folder
	folder=$(dirname "$CIPADM")
	[[ -x $folder/.libs/cipadm ]] || return 0
	folder=$(cd "$folder" && pwd)
	CIPADM=$folder/.libs/cipadm
	export LD_LIBRARY_PATH=$folder/../../libclusterip/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

need() {
	local program
	for program; do
		command -v "$program" >/dev/null || fail "$program is missing"
	done
}

# allow_family NAMESPACE FAMILY: IPv6, where it is wanted, where packets arrive and nowhere else, and nothing in the
# namespace sends any by itself
allow_family() {
	(($2 == 4)) || ip netns exec "$1" sysctl -qw net.ipv6.conf.v1.{addr_gen_mode=1,accept_dad=0,disable_ipv6=0} \
		net.ipv6.conf.lo.disable_ipv6=0
}

# make_netns NAME FAMILY COUNT [ADDRESSES]: v1 is the device of the packets; without addresses, the ruleset brings them
make_netns() {
	local name=$PREFIX-$1-$2-$3
	if ! {
		ip netns add "$name" &&
			ip netns exec "$name" sysctl -qw net.ipv6.conf.{all,default}.disable_ipv6=1 &&
			ip -n "$name" link add v0 type veth peer name v1 &&
			allow_family "$name" "$2" &&
			printf 'link set %s up\n' lo v0 v1 | ip -n "$name" -batch - &&
			addresses "$2" "${4:-0}" | sed 's/.*/addr add & dev v1/' | ip -n "$name" -batch -
	}; then fail "cannot make the namespace $name"; fi
}

# load NAME FAMILY COUNT COMMAND...: what comes in is loaded by a command in the namespace
load() {
	local name=$PREFIX-$1-$2-$3
	shift 3
	ip netns exec "$name" "$@" || fail "cannot load the ruleset of $name"
}

# make_rulesets FAMILY COUNT
make_rulesets() {
	make_netns open "$@" "$2"
	make_netns library "$@"
	load library "$@" "$CIPADM" --quiet apply - < <(library_list "$@")
	make_netns match "$@" "$2"
	load match "$@" "${RESTORE[$1]}" < <(match_rules "$@")
	make_netns recipe "$@" "$2"
	load recipe "$@" "${RESTORE[$1]}" < <(recipe_rules "$@")
	(($1 == 4)) || return 0
	make_netns agent "$@" "$2"
	load agent "$@" nft -f - < <(agent_rules "$@")
}

# make_changes FAMILY COUNT: a copy of the library's tables for the nft command to change, and the rules of IPaddr2's
# iptables path
make_changes() {
	make_netns copy "$@"
	load copy "$@" nft -f - < <(ip netns exec "$PREFIX-library-$1-$2" nft list ruleset)
	make_netns iptables "$@"
	load iptables "$@" "${RESTORE[$1]}" < <(iptables_rules "$@")
}

# make_family FAMILY
make_family() {
	local count
	for count in "${COUNTS[@]}"; do
		make_rulesets "$1" "$count"
	done
	for count in 1 1000; do
		make_changes "$1" "$count"
		make_netns create "$1" "$count"
	done
	for count in "${SCALE[@]}"; do
		make_netns scale "$1" "$count"
	done
	make_netns restore "$1" 1000
	match_rules "$1" 1000 >"$work/rules-$1"
}

((EUID == 0)) || fail "network namespaces need root"
need ip nft iptables-legacy ip6tables-legacy "${RESTORE[@]}" awk sysctl
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
unwrap_cipadm
work=$(mktemp -d)
# the lock of the whole machine is none of our business
export XTABLES_LOCKFILE=$work/xtables.lock
for family in "${FAMILIES[@]}"; do
	make_family "$family"
done
"$TOOLS/measure" "$TOOLS/gen.bpf.o" "$PREFIX" "$CIPADM" "$work/rules" &
child=$!
wait "$child"
status=$?
child=
((status < 2)) || fail "measuring ended with $status"
exit "$status"
