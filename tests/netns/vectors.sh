#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every packet whose bucket was recorded from the kernel's CLUSTERIP target, sent as a real frame: exactly the
# node that owns the bucket lets it in. Each group of vectors (hash mode, total nodes, seed) is one cluster IP.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
table=$here/../data/clusterip-kernel-6.1.tsv
begin

# share TOTAL NUMBER: the buckets of node NUMBER, as the program packets expects them
share() {
	local bucket list=
	for ((bucket = $2; bucket <= $1; bucket += 3)); do list+=,$bucket; done
	list=${list#,}
	echo "${list:-none}"
}

# one line per group, as packets prints them; what went wrong before
send() {
	"$TOOLS/packets" send "$table" "$PREFIX-c" "$PREFIX-n1" "$PREFIX-n2" "$PREFIX-n3" 2>&1
}

mapfile -t groups < <("$TOOLS/packets" groups "$table")
all=0
is "the table has fifteen groups" "${#groups[@]}" 15

# configure GROUP...: exactly these, on every node in one transaction
configure() {
	local node group address words total
	for node in "${NODES[@]}"; do
		for group; do
			read -r address words <<<"$group"
			read -r _ total _ <<<"$words"
			echo "$address/16 dev eth0 $words buckets $(share "$total" "${node#n}")"
		done >"$WORK/$node.conf"
		works "$node: $# cluster IPs in one transaction" cip "$node" apply "$WORK/$node.conf" prune
		works "$node: check" cip "$node" check
	done
}

# judge OUTPUT GROUP...
judge() {
	local group address words sent output=$1
	for group in "${@:2}"; do
		read -r address words <<<"$group"
		sent=$(sed -n "s/^$address sent \([0-9]*\) .*/\1/p" <<<"$output")
		all=$((all + sent))
		has "$words: ${sent:-no} packets, each let in by the owner of its bucket alone" "$output" \
			"^$address sent ${sent:--} right ${sent:--} wrong 0 nobody 0 several 0\$"
	done
}

# one or two cluster IPs have a shorter way through the rules than many
configure "${groups[@]:1:2}"
judge "$(send)" "${groups[@]:1:2}"
configure "${groups[3]}"
judge "$(send)" "${groups[3]}"

all=0
configure "${groups[@]}"
judge "$(send)" "${groups[@]}"
is "all of the table was sent" "$all" "$(grep -vc '^#' "$table")"

# the counter-test: with one bucket at another node, and one at two, the same packets must not all be right
works "n1 gives bucket 1 of 10.77.100.4 away" cip n1 bucket del 10.77.100.4 1
works "n2 takes it" cip n2 bucket add 10.77.100.4 1
works "n3 takes bucket 1 of 10.77.100.5, which n1 has" cip n3 bucket add 10.77.100.5 1
output=$(send)
has "packets at a wrong owner are noticed" "$output" "^10.77.100.4 .* wrong [1-9][0-9]* nobody 0 several 0\$"
has "packets at two owners are noticed" "$output" "^10.77.100.5 .* wrong 0 nobody 0 several [1-9][0-9]*\$"
finish
