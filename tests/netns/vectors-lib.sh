# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The packets whose buckets were recorded from the kernel's CLUSTERIP target, for scripts that have sourced lib.sh and
# begun. Each group of them (hash mode, total nodes, seed) is one cluster IP, of which n1, n2 and n3 have the buckets
# in turn.

VECTORS=$(dirname "${BASH_SOURCE[0]}")/../data/clusterip-kernel-6.1.tsv
ALL=0
mapfile -t GROUPS_OF_VECTORS < <("$TOOLS/packets" groups "$VECTORS")

# share TOTAL NUMBER: the buckets of node NUMBER, as the program packets expects them
share() {
	local bucket list=
	for ((bucket = $2; bucket <= $1; bucket += 3)); do list+=,$bucket; done
	list=${list#,}
	echo "${list:-none}"
}

# lines NODE GROUP...: the node's configuration
lines() {
	local group address words total
	for group in "${@:2}"; do
		read -r address words <<<"$group"
		read -r _ total _ <<<"$words"
		echo "$address/16 dev eth0 $words buckets $(share "$total" "${1#n}")"
	done
}

# one line per group, as packets prints them; what went wrong before
send() {
	"$TOOLS/packets" send "$VECTORS" "$PREFIX-c" "$PREFIX-n1" "$PREFIX-n2" "$PREFIX-n3" 2>&1
}

# judge OUTPUT GROUP...: counts in ALL what was sent
judge() {
	local group address words sent output=$1
	for group in "${@:2}"; do
		read -r address words <<<"$group"
		sent=$(sed -n "s/^$address sent \([0-9]*\) .*/\1/p" <<<"$output")
		ALL=$((ALL + sent))
		has "$words: ${sent:-no} packets, each let in by the owner of its bucket alone" "$output" \
			"^$address sent ${sent:--} right ${sent:--} wrong 0 nobody 0 several 0\$"
	done
}

# judge_all: every group is right, and none of the table was forgotten
judge_all() {
	ALL=0
	judge "$(send)" "${GROUPS_OF_VECTORS[@]}"
	is "all of the table was sent" "$ALL" "$(grep -vc '^#' "$VECTORS")"
}
