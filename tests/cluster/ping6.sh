# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Clients that ask an IPv6 cluster IP, to be sourced: CLIENTS addresses of a namespace, each with echo requests of its own.
# ADDRESS and TOTAL are those of the cluster IP, which hashes addresses; CIPADM is the program.

client() { printf 'fd77::1:%x' "$1"; }

# client_addresses: for ip -batch
client_addresses() {
	local i
	for ((i = 1; i <= CLIENTS; i++)); do echo "addr add $(client $i)/128 dev eth0 nodad"; done
}

# clients_of BUCKET...: those whose bucket is one of these
clients_of() {
	local i bucket
	for ((i = 1; i <= CLIENTS; i++)); do
		bucket=$("$CIPADM" hash total "$TOTAL" "$(client $i)" icmpv6)
		[[ " $* " != *" $bucket "* ]] || echo $i
	done
}

# all_echoed WHAT FOLDER COMMAND...: all of them have, see answered
all_echoed() {
	is "$1: $CLIENTS clients are answered by echo, each by one node" \
		"$(answered "${@:2}" | xargs)" "$(seq "$CLIENTS" | xargs)"
}

# answered FOLDER COMMAND...: the clients that have exactly one answer to each of their requests; all ask at once. The command
# runs another one in their namespace.
answered() {
	local i
	for ((i = 1; i <= CLIENTS; i++)); do
		"${@:2}" ping -6 -c 2 -i 0.2 -W 1 -I "$(client $i)" "$ADDRESS" >"$1/ping.$i" 2>&1 </dev/null &
	done
	wait
	for ((i = 1; i <= CLIENTS; i++)); do
		! grep -q '^2 packets transmitted, 2 received, 0% packet loss' "$1/ping.$i" || echo $i
	done
}
