#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An announcer that has a lot to say ends when what it announces is gone, or another one by now: what neighbours have
# learned of the new one stays. Announcements are 50 ms apart and would take 50 seconds.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=paths-lib.sh
. "$here/paths-lib.sh"
# shellcheck disable=SC2034 # of lib.sh
NODES=(n1)
begin
with_ipv6_everywhere

# shellcheck disable=SC2317 # called by name
ends_soon() {
	local i
	for ((i = 0; i < 200; i++)); do
		[[ -e /proc/$LAST && $(sed 's/.*) //; s/ .*//' "/proc/$LAST/stat" 2>/dev/null) != Z ]] || return 0
		sleep 0.05
	done
	return 1
}

# the MAC that the client has learned
learned() { ip -n "$PREFIX-c" neigh show "$address" | sed -n 's/.*lladdr \([^ ]*\).*/\1/p'; }

# an announcement changes neighbours that are there, and makes none
ask_to_be_told() {
	ip -n "$PREFIX-c" neigh replace "$address" lladdr 02:00:00:00:00:77 dev eth0 nud stale
}

# shellcheck disable=SC2317 # called by name
told() {
	local i
	for ((i = 0; i < 200; i++)); do
		[[ $(learned) != "$1" ]] || return 0
		sleep 0.05
	done
	return 1
}

# shellcheck disable=SC2317 # called by name
# begin_announcing KIND MAC: what announces for long
begin_announcing() {
	: >"$WORK/said"
	ask_to_be_told
	if [[ $1 == announce ]]; then
		cip n1 create "$target" dev eth0 total 2 mac "$2"
		ask_to_be_told
		start n1 "$WORK/said" "$CIPADM" announce "$address" count 1000 interval 50
	else
		start n1 "$WORK/said" "$CIPADM" --announce 250 create "$target" dev eth0 total 2 mac "$2"
	fi
	works "$address, $1: it is announced" told "$2"
}

# ended WHAT STATUS
ended() {
	works "$1: the announcer ends" ends_soon
	kill "$LAST" 2>/dev/null
	wait "$LAST"
	is "$1: and how" "$?" "$2"
}

# over KIND STATUS: STATUS is that of an announcer whose cluster IP is no more
over() {
	begin_announcing "$1" 03:00:00:00:00:01
	cip n1 destroy "$address"
	ended "$address, $1, destroyed" "$2"

	begin_announcing "$1" 03:00:00:00:00:01
	cip n1 destroy "$address"
	cip n1 create "$target" dev eth0 total 2 mac 03:00:00:00:00:02
	cip n1 announce "$address"
	ended "$address, $1, made anew with another MAC" "$2"
	is "$address, $1: the client knows the new MAC" "$(learned)" 03:00:00:00:00:02
	cip n1 destroy "$address"
}

for target in 10.77.0.100/16 fd77::100/64; do
	address=${target%/*}
	over announce 3
	over create 0
done

cip n1 create 10.77.0.100/16 dev eth0 total 2
works "what stays as it is, is announced to the end" cip n1 announce 10.77.0.100 count 5 interval 10
finish
