#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Three nodes with keepalived share an IPv6 address: every client is answered by one node, whichever are left. BUILD is
# the top of the build, TOOLS the folder of the programs of tests/netns.

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

all_well() {
	settled "$1"
	all_echoed "$1" "$LAB" enter c
}

begin_lab lab_down keepalived
if ! lab_up 3 || ! { echo addr add fd77::fe/64 dev eth0 nodad && client_addresses; } | enter c ip -batch -; then
	not_ok "the cluster does not come up"
	finish
fi
all_well "all start"
lab_crash n2
all_well "n2 has no power"
boot n2
all_well "n2 is back"
kill_keepalived n3
all_well "keepalived is killed on n3"
finish
