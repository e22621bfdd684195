#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Three nodes with keepalived share an IPv6 address: every client is answered by one node, whichever are left. BUILD is
# the top of the build, TOOLS the folder of the programs of tests/netns.

# shellcheck disable=SC2317 # called by try
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"
ADDRESS=fd77::100
# shellcheck disable=SC2034 # of keepalived-lab.sh
PREFIX_LENGTH=64 TOTAL=6 INTERVAL=0.2
# shellcheck source=keepalived-lab.sh
. "$here/keepalived-lab.sh"
# shellcheck source=ping6.sh
. "$here/ping6.sh"
CLIENTS=24
EVERYBODY=$(seq $CLIENTS | xargs)

in_place() {
	# shellcheck disable=SC2046 # words
	[[ $(kernels $(powered)) == "$(placement $(powered))" ]]
}

# settled WHAT: each bucket is with the node it prefers of those that are there, and every client has one answer
settled() {
	local node bad=
	# shellcheck disable=SC2046 # words
	try 60 in_place || not_ok "$1: each bucket is on one live node" "$(kernels $(powered))"
	for node in $(powered); do
		enter "$node" cipadm check >"$LAB/check" 2>&1 || bad+="$node: $(<"$LAB/check")"$'\n'
	done
	is "$1: no kernel has a fault" "$bad" ""
	is "$1: every client is answered by one node" "$(answered "$LAB" enter c | xargs)" "$EVERYBODY"
}

trap lab_down EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
if ((EUID)) || ! command -v keepalived >/dev/null; then
	SKIPPED=1
	echo "skipped - needs root and keepalived"
	finish
fi
if ! lab_up 3 || ! client_addresses | enter c ip -batch - || ! enter c ip addr add fd77::fe/64 dev eth0 nodad; then
	not_ok "the cluster does not come up"
	finish
fi
settled "all start"

lab_crash n2
settled "n2 has no power"
boot n2
settled "n2 is back"
kill_keepalived n3
left() { [[ $(kernels "${NODES[@]}") == "$(placement n1 n2)" ]]; }
try 60 left || not_ok "keepalived is killed on n3: its buckets go to the others" "$(kernels "${NODES[@]}")"
is "keepalived is killed on n3: every client is answered by one node" \
	"$(answered "$LAB" enter c | xargs)" "$EVERYBODY"
finish
