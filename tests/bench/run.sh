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

# make_netns NAME COUNT [ADDRESSES]: v1 is the device of the packets; without addresses, the ruleset brings them
make_netns() {
	local name=$PREFIX-$1-$2
	if ! {
		ip netns add "$name" &&
			ip netns exec "$name" sysctl -qw net.ipv6.conf.{all,default}.disable_ipv6=1 &&
			ip -n "$name" link add v0 type veth peer name v1 &&
			printf 'link set %s up\n' lo v0 v1 | ip -n "$name" -batch - &&
			addresses "${3:-0}" | sed 's,.*,addr add &/32 dev v1,' | ip -n "$name" -batch -
	}; then fail "cannot make the namespace $name"; fi
}

# load NAME COUNT COMMAND...: what comes in is loaded by a command in the namespace
load() {
	local name=$PREFIX-$1-$2
	shift 2
	ip netns exec "$name" "$@" || fail "cannot load the ruleset of $name"
}

make_rulesets() {
	local count
	for count in "${COUNTS[@]}"; do
		make_netns open "$count" "$count"
		make_netns library "$count"
		load library "$count" "$CIPADM" --quiet apply - < <(library_list "$count")
		make_netns match "$count" "$count"
		load match "$count" iptables-legacy-restore < <(match_rules "$count")
		make_netns recipe "$count" "$count"
		load recipe "$count" iptables-legacy-restore < <(recipe_rules "$count")
		make_netns agent "$count" "$count"
		load agent "$count" nft -f - < <(agent_rules "$count")
	done
}

# For the changes: a copy of the library's tables for the nft command to change, and the rules of IPaddr2's iptables
# path.
make_changes() {
	local count
	for count in 1 1000; do
		make_netns copy "$count"
		load copy "$count" nft -f - < <(ip netns exec "$PREFIX-library-$count" nft list ruleset)
		make_netns iptables "$count"
		load iptables "$count" iptables-legacy-restore < <(iptables_rules "$count")
	done
	make_netns create 1
	make_netns create 1000
	make_netns restore 1000
}

((EUID == 0)) || fail "network namespaces need root"
need ip nft iptables-legacy iptables-legacy-restore awk sysctl
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
unwrap_cipadm
work=$(mktemp -d)
# the lock of the whole machine is none of our business
export XTABLES_LOCKFILE=$work/xtables.lock
match_rules 1000 >"$work/rules"
make_rulesets
make_changes
"$TOOLS/measure" "$TOOLS/gen.bpf.o" "$PREFIX" "$CIPADM" "$work/rules" &
child=$!
wait "$child"
status=$?
child=
((status < 2)) || fail "measuring ended with $status"
exit "$status"
