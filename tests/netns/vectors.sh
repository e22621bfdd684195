#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every packet whose bucket was recorded from the kernel's CLUSTERIP target, sent as a real frame: exactly the
# node that owns the bucket lets it in. Each group of vectors (hash mode, total nodes, seed) is one cluster IP.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
begin
# shellcheck source=vectors-lib.sh
. "$here/vectors-lib.sh"
groups=("${GROUPS_OF_VECTORS[@]}")
is "the table has fifteen groups" "${#groups[@]}" 15

# configure GROUP...: exactly these, on every node in one transaction
configure() {
	local node
	for node in "${NODES[@]}"; do
		lines "$node" "$@" >"$WORK/$node.conf"
		works "$node: $# cluster IPs in one transaction" cip "$node" apply "$WORK/$node.conf" prune
		works "$node: check" cip "$node" check
	done
}

# one or two cluster IPs have a shorter way through the rules than many
configure "${groups[@]:1:2}"
judge "$(send)" "${groups[@]:1:2}"
configure "${groups[3]}"
judge "$(send)" "${groups[3]}"

configure "${groups[@]}"
judge_all

# the counter-test: with one bucket at another node, and one at two, the same packets must not all be right
works "n1 gives bucket 1 of 10.77.100.4 away" cip n1 bucket del 10.77.100.4 1
works "n2 takes it" cip n2 bucket add 10.77.100.4 1
works "n3 takes bucket 1 of 10.77.100.5, which n1 has" cip n3 bucket add 10.77.100.5 1
output=$(send)
has "packets at a wrong owner are noticed" "$output" "^10.77.100.4 .* wrong [1-9][0-9]* nobody 0 several 0\$"
has "packets at two owners are noticed" "$output" "^10.77.100.5 .* wrong 0 nobody 0 several [1-9][0-9]*\$"
finish
