#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A cluster as the agent IPaddr2 sets it up, up to version 4.18, goes to nftables node by node while its clients ask.
# Nobody loses a packet, nobody is answered twice, everybody stays with the same node, and the cluster MAC stays.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
CLIENTS=200
begin
make_clients $CLIENTS
start_servers || not_ok "servers"

# nodes_of_clients: "CLIENT NODE" for each
nodes_of_clients() {
	in_ns c "$TOOLS/ask" udp $ADDRESS 8000 10.77.1.1 $CLIENTS
}

known_mac() {
	ip -n "$PREFIX-c" neigh show $ADDRESS | sed 's/.*lladdr \([^ ]*\).*/\1/'
}

for bucket in 1 2 3; do works "IPaddr2 starts instance $bucket" ipaddr2_start n$bucket $bucket 3 sourceip; done
mac=$(ipaddr2_mac $ADDRESS 16 10.77.255.255)
before=$(nodes_of_clients)
is "each client is answered by one node" "$(grep -c '^[^ ]* n[123]$' <<<"$before")" $CLIENTS
is "the client knows the cluster MAC" "$(known_mac)" "$mac"

start_trace $CLIENTS
sleep 1
for node in "${NODES[@]}"; do
	line=$(shown "$node")
	works "$node: migrate" cip "$node" migrate $ADDRESS
	sleep 1
	is "$node: no rule of the target is left" "$(target_rules "$node")" ""
	is "$node: every parameter is as it was" "$(shown "$node")" "$line"
	has "$node: it is nftables" "$(cip "$node" --json show)" '"backend":"nft"'
	works "$node: check" cip "$node" check
done
sleep 1
end_trace
traced ^sent
is "lost and doubled" "$(traced ^sent | sed 's/.* lost/lost/')" "lost 0 doubled 0"
is "every client stayed with its node" "$(traced ^client | sed 's/^client //')" "$before"
is "and is there now" "$(nodes_of_clients)" "$before"
ip -n "$PREFIX-c" neigh flush all
nodes_of_clients >/dev/null
is "the client learns the same cluster MAC" "$(known_mac)" "$mac"

# what one bucket of two nodes would look like
cip n2 bucket add $ADDRESS 1
is "doubled answers would be noticed" "$(nodes_of_clients | grep -c 'n1.*n2\|n2.*n1')" "$(grep -c n1 <<<"$before")"
finish
