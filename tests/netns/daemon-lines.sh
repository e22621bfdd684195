#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A file of many lines for cipd, some of which cannot be had: the others are brought about as if those were not there, those
# are named, once, and are tried again; and meanwhile the service manager hears that cipd lives. COUNT is how many.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=daemon-lib.sh
. "$here/daemon-lib.sh"
# shellcheck source=paths-lib.sh
. "$here/paths-lib.sh"
# shellcheck disable=SC2034 # of lib.sh
NODES=(n1)
COUNT=${COUNT:-1600}
address=10.77.0.100
clients=24

begin_daemon
with_ipv6 c n1
ip -n "$PREFIX-n1" addr add fd77::1/64 dev eth0 nodad
make_clients $clients
start_servers || not_ok "servers"
listen || not_ok "the listener"

# patiently COMMAND...: it succeeds within two minutes, which a busy machine may take for so many lines
patiently() {
	local i
	for ((i = 0; i < 12; i++)); do eventually "$@" && return; done
	return 1
}

start_patiently() {
	start_cipd --interval 0 2>/dev/null || patiently grep READY=1 "$WORK/notify"
}

# shellcheck disable=SC2317 # called by name
# has_clusters COUNT
has_clusters() {
	[[ $(cip n1 show 2>/dev/null | wc -l) == "$1" ]]
}

# named LINE PATTERN: how often the log has that about the line
named() {
	grep -Ec -- "$conf:$1: .*$2" "$log"
}

end() {
	stop_cipd TERM
	cip n1 restore </dev/null || not_ok "destroying all"
	: >"$log"
}

# lines BAD...: COUNT lines of addresses, those with these numbers on devices that are not there
lines() {
	awk -v count="$COUNT" -v bad=" $* " 'BEGIN {
		for (i = 1; i <= count; i++)
			printf "10.77.%d.%d/16 dev %s total 4 buckets 1\n", 16 + i / 256, i % 256,
				index(bad, " " i " ") ? "late" i : "eth0"
	}'
}

# ------------------------------------------------------------------ many lines

# test_many BAD...
test_many() {
	local what="$# bad among $COUNT lines" bad line alive again plain cost
	lines >"$conf"
	start_patiently || not_ok "$what: cipd does not start"
	plain=$(ticks "$cipd")
	end
	lines "$@" >"$conf"
	LAUNCH=(env WATCHDOG_USEC=60000000)
	if start_patiently; then ok "$what: ready"; else not_ok "$what: ready" "$(tail -n 3 "$log")"; fi
	cost=$(ticks "$cipd")
	is "$what: they cost some times what it takes without ($cost and $plain ticks), and not as often as there are lines" \
		$((cost < 50 + 10 * plain)) 1
	alive=$(grep -c WATCHDOG=1 "$WORK/notify")
	is "$what: the service manager has heard more than once that it lives" $((alive >= 2)) 1
	has "$what: and how it stands" "$(cat "$WORK/notify")" "^STATUS=$((COUNT - $#)) of $COUNT cluster IPs in place"
	is "$what: all others are in the kernel" "$(cip n1 show | wc -l)" $((COUNT - $#))
	again=$(wc -l <"$log")
	sleep 1
	bad=$(for line; do named "$line" "dev late$line: no such device"; done | sort | uniq -c | xargs)
	is "$what: each bad line is named, once" "$bad" "$# 1"
	is "$what: nothing else is said when they are tried again" "$(wc -l <"$log")" "$again"
	# the last of them, so that those before it must not stand in its way
	ip -n "$PREFIX-n1" link add "late${!#}" type veth peer name late0
	works "$what: a device comes, and its line is brought about" patiently has_clusters $((COUNT - $# + 1))
	kill -STOP "$cipd"
	in_ns n1 nft flush ruleset
	is "$what: the ruleset is flushed" "$(cip n1 show)" ""
	kill -CONT "$cipd"
	works "$what: all come back" patiently has_clusters $((COUNT - $# + 1))
	ip -n "$PREFIX-n1" link del late0
	end
}

# ------------------------------------------------------------------ all that can be wrong with a line

# spoil ADDRESS: its record cannot be read any more
spoil() {
	in_ns n1 nft "delete element ip clusterip clusters { $1 }; add element ip clusterip clusters { $1 comment \"w1 rubbish\" : drop }"
}

# What is wrong with some lines comes to light in the text, in the plan, on the device, or only when rules are there.
test_kinds() {
	local line shown
	ip -n "$PREFIX-n1" link add dark0 type veth peer name dark1
	in_ns n1 sh -c 'echo 1 >/proc/sys/net/ipv6/conf/dark0/disable_ipv6; echo 2 >/proc/sys/net/ipv4/igmp_max_memberships'
	ip -n "$PREFIX-n1" link set dark0 up
	cip n1 create 10.77.0.101/24 dev eth0 total 4 buckets 1 || not_ok "create"
	cip n1 create 10.77.0.102/16 dev eth0 total 4 buckets 1 || not_ok "create"
	spoil 10.77.0.102
	cat >"$conf" <<-END
		$address/16 dev eth0 total 4 buckets 1-4
		10.77.0.101/16 dev eth0 total 4 buckets 1
		10.77.0.102/16 dev eth0 total 4 buckets 2
		10.77.0.103/16 dev eth0 total 4 mac-mode unicast mac 02:00:00:00:00:01
		10.77.0.104/16 dev eth0 total 4 mac-mode igmp
		10.77.0.105/16 dev eth0 total 4 mac-mode igmp
		10.77.0.106/16 dev eth0 total 4 mac-mode igmp
		10.77.0.107/16 dev eth0 total 4 mac-mode igmp
		10.77.0.108/16 dev late0 total 4
		10.77.0.109/16 dev late1 total 4 mac-mode unicast
		fd77::101/64 dev dark0 total 4
		fd77::102/64 dev dark0 total 4 outgoing
		fd77::103/64 dev late0 total 4 mac-mode igmp
		fd77::104/64 dev eth0 total 4 buckets 3
		10.77.0.110/16 dev eth0 total 4 buckets 4
	END
	start_patiently || not_ok "cipd does not start"
	shown=$(cip n1 show | sed -E 's/ .* buckets/ buckets/')
	is "all kinds: what can be had is there" "$(grep -v '^10.77.0.10[4-7]\|^10.77.0.101/' <<<"$shown")" \
		"$address/16 buckets 1-4"$'\n'"10.77.0.102/16 buckets 2"$'\n'"10.77.0.110/16 buckets 4"$'\n'"fd77::104/64 buckets 3"
	is "all kinds: of the groups as many as the kernel takes" "$(grep -c '^10.77.0.10[4-7]/' <<<"$shown")" 2
	works "all kinds: it is whole" cip n1 check
	is "all kinds: its clients are answered" "$(answers | cut -d' ' -f2 | sort | uniq -c | xargs)" "$clients n1"
	sleep 1
	for line in "2 prefix" "4 mac:" "7 igmp_max_memberships" "8 igmp_max_memberships" "9 late0" "10 late1" "11 fd77::101" \
		"12 fd77::102" "13 late0"; do
		is "all kinds: line ${line%% *} is named, once" "$(named "${line%% *}" "${line#* }")" 1
	done
	is "all kinds: and no other" "$(grep -c "$conf:" "$log")" 9
	in_ns n1 sh -c 'echo 0 >/proc/sys/net/ipv6/conf/dark0/disable_ipv6; echo 20 >/proc/sys/net/ipv4/igmp_max_memberships'
	cip n1 destroy 10.77.0.101
	ip -n "$PREFIX-n1" link add late0 type veth peer name late1
	ip -n "$PREFIX-n1" link set late0 up
	ip -n "$PREFIX-n1" link set late1 up
	works "all kinds: when all but one can be had, all but one are" patiently has_clusters 14
	works "all kinds: and whole" patiently cip n1 check
	end
	ip -n "$PREFIX-n1" link del late0
	ip -n "$PREFIX-n1" link del dark0
}

# ------------------------------------------------------------------

step=$((COUNT / 31))
# shellcheck disable=SC2046 # words
test_many $(seq $step $step $((step * 30)))
COUNT=300
test_many 150
test_kinds
kill "$listener"
finish
