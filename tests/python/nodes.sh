#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Three nodes that nothing but Python has made: real clients, each answered by exactly one; then a rehash, a moved
# bucket, and a node that is dead. To be run by run.sh, which says where things are.

# shellcheck source=../netns/lib.sh
. "$SRC/tests/netns/lib.sh"
address=10.77.0.100
clients=60
PYTHON=/usr/bin/python3
declare -A share=([n1]=1-4 [n2]=5-8 [n3]=9-12)
begin
make_clients $clients

# python NODE STATEMENT...: with a context
python() {
	in_ns "$1" "$PYTHON" -c "import clusterip
with clusterip.Context() as context:
    $2"
}

# each node has four buckets of twelve
on_all() {
	local node
	for node in "${NODES[@]}"; do python "$node" "$1" || not_ok "$node: $1"; done
}

start_servers || not_ok "servers"
for node in "${NODES[@]}"; do
	python "$node" "context.create(context.cluster('$address/16 dev eth0 total 12 seed 7', buckets='${share[$node]}'))" ||
		not_ok "create on $node"
done
due=$(answers_due 4 total 12 seed 7)
is "each client is answered by the one node whose bucket it has" "$(answers)" "$due"
is "and its request reached one node alone" "$(cat "$WORK"/n?.log | grep -c '^udp ')" $clients

packets=$(for node in "${NODES[@]}"; do in_ns "$node" "$PYTHON" "$EXAMPLES/show.py"; done |
	awk '/^  bucket/ {sum += $3} END {print sum}')
is "the counters that show.py prints are those packets" "$packets" $clients

on_all "context.set_seed('$address', 99)"
rehashed=$(answers_due 4 total 12 seed 99)
is "with another seed the clients are spread anew" "$(answers)" "$rehashed"
is "differently" "$([[ $rehashed != "$due" ]] && echo yes)" yes

python n1 "context.add_buckets('$address', [5])"
python n2 "context.remove_buckets('$address', [5])"
# moved: who ought to answer with bucket 5 on n1
moved() {
	local i bucket
	for ((i = 1; i <= clients; i++)); do
		bucket=$("$CIPADM" hash total 12 seed 99 10.77.1.$i)
		echo "10.77.1.$i n$((bucket == 5 ? 1 : 1 + (bucket - 1) / 4))"
	done
}
is "the clients of a moved bucket are answered by its new node" "$(answers)" "$(moved)"

ip -n "$PREFIX-n3" link set eth0 down
lost=$(answers_due 4 total 12 seed 99 | grep -c ' n3$')
is "the clients of a dead node are not answered" "$(answers | grep -cE '^[0-9.]+ n[12]$')" $((clients - lost))
works "n1 takes over with failover.py" in_ns n1 "$PYTHON" "$EXAMPLES/failover.py" 9 10
works "and n2" in_ns n2 "$PYTHON" "$EXAMPLES/failover.py" 11 12
is "and they are answered again, each by one" "$(answers | grep -cE '^[0-9.]+ n[12]$')" $clients
finish
