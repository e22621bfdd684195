#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What bash offers behind cipadm, on a node with cluster IPs: verbs and words by their place, and what the kernel has.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# the file as bash-completion would load it
completion=$(cd "$(dirname "$0")/../../examples/cipadm" && pwd)/cipadm.bash
lines=() expected=()

# shellcheck disable=SC2317 # called by bash -c
# offer: a shell that reads lines and prints what can follow each, on a line of its own
offer() {
	PATH=$(dirname "$(command -v "$CIPADM")"):$PATH bash --norc -c '
		. /usr/share/bash-completion/bash_completion && . "$0" || exit
		while IFS= read -r COMP_LINE; do
			# words as readline takes them apart
			line=${COMP_LINE//:/ : }
			read -ra COMP_WORDS <<<"${line//=/ = }"
			[[ $COMP_LINE != *" " ]] || COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_POINT=${#COMP_LINE} COMPREPLY=()
			_cipadm cipadm "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
			echo "${COMPREPLY[*]}"
		done' "$completion"
}

# The lines of the input with their words in order.
ordered() {
	awk '{
		for (i = 2; i <= NF; i++) {
			word = $i
			for (j = i - 1; j > 0 && $j "" > word ""; j--)
				$(j + 1) = $j
			$(j + 1) = word
		}
		print
	}'
}

# offers LINE WORD...: to be checked by check_offers
offers() {
	lines+=("$1")
	expected+=("${*:2}")
}

# check_offers WHO COMMAND...: in one shell on n1, started by the command
check_offers() {
	local i found
	cd "$WORK/files" || return
	mapfile -t found < <(printf '%s\n' "${lines[@]}" | in_ns n1 "${@:2}" 2>"$WORK/errors" | ordered)
	mapfile -t expected < <(printf '%s\n' "${expected[@]}" | ordered)
	for i in "${!lines[@]}"; do is "$1: ${lines[i]}<TAB>" "${found[i]-nothing}" "${expected[i]}"; done
	is "$1: nothing is printed beside it" "$(cat "$WORK/errors")" ""
	lines=() expected=()
	cd /
}

expect_verbs() {
	local verbs
	mapfile -t verbs < <("$CIPADM" --help | sed -nE '/^Options/q; s/^  ([a-z-]+).*/\1/p')
	offers "cipadm " "${verbs[@]}"
	offers "cipadm --json -n $PREFIX-n2 " "${verbs[@]}"
	offers "cipadm help " "${verbs[@]}"
	offers "cipadm des" destroy
	offers "cipadm frob "
}

expect_options() {
	offers "cipadm --" --json --netns --backend --announce --dry-run --quiet --verbose --stats --help --version
	offers "cipadm --d" --dry-run
	offers "cipadm -b " auto nft clusterip
	offers "cipadm --backend c" clusterip
	offers "cipadm --backend=n" nft
	offers "cipadm --netns $PREFIX-n" "$PREFIX"-n{1,2,3}
	offers "cipadm --netns=$PREFIX-n" "$PREFIX"-n{1,2,3}
	offers "cipadm show -" -s --watch --help
	offers "cipadm metrics -" --output --help
}

# words where they can stand, and each once
expect_words() {
	offers "cipadm create 10.77.0.110/16 " dev total hash seed source-prefix mac-mode mac buckets outgoing noaddr
	offers "cipadm create 10.77.0.110/16 dev eth0 total 6 noaddr " hash seed source-prefix mac-mode mac buckets outgoing
	offers "cipadm create 10.77.0.110 mac 03:bf:0a:00:00:64 dev eth0 ha" hash
	offers "cipadm create 10.77.0.110 total "
	offers "cipadm create 10.77.0.110 hash " sourceip sourceip-sourceport sourceip-sourceport-destport xt_cluster
	offers "cipadm create 10.77.0.110 mac-mode " multicast igmp unicast
	offers "cipadm create 10.77.0.110 mac-mode igmp mac" mac
	offers "cipadm create 10.77.0.110 dev " lo eth0 eth1 eth2
	offers "cipadm create 10.77.0.110 dev eth" eth0 eth1 eth2
	offers "cipadm bucket " add del set
	offers "cipadm hash " total hash seed source-prefix
	offers "cipadm hash 192.0.2.1 " total hash seed source-prefix tcp udp sctp dccp udplite esp ah icmp
	offers "cipadm owner 10.77.0.100 192.0.2.1 u" udp udplite
	offers "cipadm apply " lines rules prune
	offers "cipadm restore l" lines
	offers "cipadm import rules " prefix noaddr
	offers "cipadm dump "
	offers "cipadm get " address prefix dev mac-mode mac hash total seed source-prefix buckets outgoing noaddr backend
	offers "cipadm get buck" buckets
	offers "cipadm get total,b" total,buckets total,backend
	offers "cipadm get mac,mac" mac,mac-mode
}

# what the kernel has, there and in another network namespace
expect_state() {
	local verb
	for verb in destroy set show check announce metrics migrate owner "bucket add" "bucket del" "bucket set" "get buckets" "get total,buckets"; do
		offers "cipadm $verb " 10.77.0.100 10.77.0.101
	done
	offers "cipadm destroy 10.77.0.101" 10.77.0.101
	offers "cipadm destroy 10.77.0.100 " dev
	offers "cipadm create 10.77" 10.77.0.100/16 10.77.0.101
	offers "cipadm -n $PREFIX-n2 destroy " 10.77.0.102
	offers "cipadm --netns=$PREFIX-n2 destroy " 10.77.0.102
	offers "cipadm -n $PREFIX-n2 destroy 10.77.0.102 dev " lo eth0
}

expect_buckets() {
	offers "cipadm bucket del 10.77.0.100 " all none dev 1 2 5
	offers "cipadm bucket add 10.77.0.100 " all none dev 3 4 6
	offers "cipadm bucket set 10.77.0.100 " all none dev 1 2 3 4 5 6
	offers "cipadm bucket add 10.77.0.101 dev eth0 " all none 1 2
	offers "cipadm bucket del 10.77.0.100 1," 1,2 1,5
	offers "cipadm bucket del 10.77.0.100 1-2," 1-2,5
	offers "cipadm bucket del 10.77.0.100 9"
	offers "cipadm set 10.77.0.100 buckets " all none 1 2 3 4 5 6
	offers "cipadm set 10.77.0.100 total 3 buckets " all none 1 2 3
	offers "cipadm create 10.77.0.110 total 4 buckets 1," 1,2 1,3 1,4
	offers "cipadm -n $PREFIX-n2 bucket del 10.77.0.102 " all none dev 12
}

# shellcheck disable=SC2317 # called by works
prepare() {
	mkdir "$WORK/files" && touch "$WORK/files/lines" "$WORK/files/rules" && chmod -R a+rX "$WORK" &&
		ip -n "$PREFIX-n1" link add eth1 type veth peer name eth2 &&
		cip n1 create 10.77.0.100/16 dev eth0 total 6 buckets 1,2,5 &&
		cip n1 create 10.77.0.101 dev eth0 total 2 noaddr &&
		cip n2 create 10.77.0.102 dev eth0 total 12 buckets 12
}

begin
works "two cluster IPs on n1, one on n2" prepare
export -f offer
export completion CIPADM
expect_verbs
expect_options
expect_words
expect_state
expect_buckets
check_offers root bash -c offer

works "another bucket is local" cip n1 bucket add 10.77.0.100 4
offers "cipadm bucket del 10.77.0.100 " all none dev 1 2 4 5
offers "cipadm bucket add 10.77.0.100 " all none dev 3 6
check_offers "after that" bash -c offer

offers "cipadm bucket del "
offers "cipadm bucket del 10.77.0.100 " all none dev
offers "cipadm des" destroy
check_offers "nobody" setpriv --reuid=65534 --regid=65534 --clear-groups bash -c offer
finish
