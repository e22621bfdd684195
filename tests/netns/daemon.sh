#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cipd on n1, and everything that people do to its kernel: it is put back, the right clients are answered by the right
# nodes again, and what is as it should be is not touched. CIPD is the program.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=daemon-lib.sh
. "$here/daemon-lib.sh"
FLUSHES=${FLUSHES:-200}
address=10.77.0.100
followed=10.77.0.101
mac=03:bf:0a:4d:00:64
clients=24
line1="$address/16 dev eth0 total 12 hash sourceip seed 7 buckets"
line2="$followed/16 dev eth0 total 12 hash sourceip-sourceport"

begin_daemon
make_clients $clients

nft1() {
	in_ns n1 nft "$@"
}

# ------------------------------------------------------------------ what is there

# words ADDRESS: what the kernel has of it
words() {
	cip n1 show "$1" 2>/dev/null
}

has_buckets() {
	[[ $(words "$1") == *" buckets $2" ]]
}

# client NODE: the first client that belongs to the node
client() {
	sed -n "s/ $1\$//p" <<<"$expected" | head -n 1
}

# shellcheck disable=SC2317 # called by name
# is_whole: nothing is wrong, and everything is as it was
is_whole() {
	cip n1 check && [[ $(cip n1 show) == "$shown" ]]
}

# shellcheck disable=SC2317 # called by name
# logged BEFORE PATTERN: behind so many lines
logged() {
	tail -n "+$(($1 + 1))" "$log" | grep -Eq -- "$2"
}

# restored WHAT CAUSE COMMAND...: the damage is done, it is put back, and the log says who or what it was
restored() {
	local what=$1 cause=$2 output before
	shift 2
	before=$(wc -l <"$log")
	if ! output=$("$@" 2>&1); then
		not_ok "$what: cannot do the damage" "$output"
		return
	fi
	if ! eventually is_whole; then
		not_ok "$what: put back" "$(cip n1 check 2>&1)"$'\n'"$(diff <(cip n1 show) <(echo "$shown"))"
		return
	fi
	ok "$what: put back"
	eventually logged "$before" "$cause"
	has "$what: the log has the cause" "$(tail -n "+$((before + 1))" "$log")" "$cause"
	is "$what: everybody is answered by the right node" "$(answers)" "$expected"
}

# ------------------------------------------------------------------ what is written

# watch: lets the system's own tools write down every change of n1; unwatch: prints it
watch() {
	: >"$WORK/changes"
	WATCHERS=()
	start n1 "$WORK/changes" nft monitor
	WATCHERS+=("$LAST")
	start n1 "$WORK/changes" ip -4 monitor address
	WATCHERS+=("$LAST")
	start n1 "$WORK/changes" bridge monitor fdb
	WATCHERS+=("$LAST")
	sleep 0.3
}

unwatch() {
	sleep 0.2
	kill "${WATCHERS[@]}" 2>/dev/null
	wait "${WATCHERS[@]}" 2>/dev/null
	cat "$WORK/changes"
}

# ------------------------------------------------------------------ the parts

test_start() {
	listen || not_ok "the listener"
	echo "$line1 1-4" >"$conf"
	echo "$line2 # followed" >>"$conf"
	if start_cipd --interval 0; then ok "cipd says that it is ready"; else not_ok "cipd does not start" "$(cat "$log")"; fi
	is "its file is in the kernel" "$(words $address; words $followed)" \
		"$address/16 dev eth0 mac $mac hash sourceip total 12 seed 0x7 buckets 1-4
$followed/16 dev eth0 mac 03:bf:0a:4d:00:65 hash sourceip-sourceport total 12 seed 0x0 buckets none"
	has "the service manager is told how it stands" "$(cat "$WORK/notify")" \
		"^STATUS=2 of 2 cluster IPs in place, put back 0 times"
	works "buckets of the line without buckets are moved with cipadm" cip n1 bucket add $followed 2,5
	works "and a cluster IP is there that the file does not know" cip n1 create 10.77.0.102/16 dev eth0 total 2
	sleep 0.3
	shown=$(cip n1 show)
	has "they stay" "$shown" "^$followed.* buckets 2,5$"
	is "everybody is answered by the right node" "$(answers)" "$expected"
	cip n1 destroy 10.77.0.102
	sleep 0.3
	shown=$(cip n1 show)
}

# shellcheck disable=SC2317 # called by name
recreate_device() {
	ip -n "$PREFIX-n1" link del eth0 && sleep 0.2 && plug_node n1
}

# shellcheck disable=SC2317 # called by name
table_without_address() {
	nft1 delete table ip clusterip && ip -n "$PREFIX-n1" addr del "$address/16" dev eth0
}

# shellcheck disable=SC2317 # called by name
address_and_table() {
	ip -n "$PREFIX-n1" addr del "$address/16" dev eth0 && nft1 delete table ip clusterip
}

test_damage() {
	restored "ruleset flushed" "nft \(pid [0-9]+\) deleted a table" nft1 flush ruleset
	restored "table deleted" "nft \(pid [0-9]+\) deleted a table" nft1 delete table ip clusterip
	restored "ARP table deleted" "nft \(pid [0-9]+\) deleted a table" nft1 delete table arp clusterip
	restored "one element removed" "nft \(pid [0-9]+\) changed the tables" \
		nft1 delete element ip clusterip buckets "{ $(slot n1 $address 2) }"
	restored "one element added" "nft \(pid [0-9]+\) changed the tables" \
		nft1 add element ip clusterip buckets "{ $(slot n1 $address 7) }"
	restored "an element of the followed one removed" "nft \(pid [0-9]+\) changed the tables" \
		nft1 delete element ip clusterip assigned "{ $(slot n1 $followed 2) }"
	restored "rule added that lets everybody in" "nft \(pid [0-9]+\) changed the tables" \
		nft1 insert rule ip clusterip prerouting accept
	restored "address removed" "address $address/16 was removed from dev eth0" \
		ip -n "$PREFIX-n1" addr del $address/16 dev eth0
	restored "MAC removed" "MAC $mac was removed from dev eth0" in_ns n1 bridge fdb del $mac dev eth0 self
	# the first of the two is all that there was when it was put back, or both
	restored "table deleted and address removed" "nft \(pid [0-9]+\) deleted a table|address $address/16 was removed" \
		table_without_address
	restored "address removed and table deleted" "address $address/16 was removed" address_and_table
	restored "device deleted and made again" "$conf:1: $address is as it should be again" recreate_device
	restored "a bucket added by hand to a line that has buckets" "cipadm \(pid [0-9]+\) changed" cip n1 bucket add $address 5-8
	restored "total nodes changed by hand" "cipadm \(pid [0-9]+\) changed" cip n1 set $address total 6 buckets 1-6
	restored "destroyed by hand" "cipadm \(pid [0-9]+\) (deleted|changed)|address $address/16 was removed" cip n1 destroy $address
}

# Moved through the library: that is how it has to be from now on.
test_followed() {
	works "followed: buckets move" cip n1 bucket set $followed 3,7-9
	sleep 0.3
	is "followed: they stay moved" "$(has_buckets $followed 3,7-9 && echo yes)" yes
	shown=$(cip n1 show)
	restored "followed: ruleset flushed" "nft \(pid [0-9]+\) deleted a table" nft1 flush ruleset
	cip n1 bucket set $followed none
	sleep 0.3
	nft1 flush ruleset
	eventually has_buckets $followed none && eventually cip n1 check
	is "followed: given up, and then the ruleset flushed: they stay given up" \
		"$(has_buckets $followed none && echo yes)" yes
	cip n1 bucket set $followed 2,5
	sleep 0.3
	shown=$(cip n1 show)
}

# Torn down while cipd looks because of something else: what is followed must not begin anew, without buckets.
test_meanwhile() {
	local i
	for ((i = 0; i < 60; i++)); do
		cip n1 create 10.77.0.102/16 dev eth0 total 2 &
		nft1 flush ruleset
		wait $!
		eventually has_buckets $followed 2,5 && sleep 0.1
		has_buckets $followed 2,5 || break
	done
	is "torn down in the middle of a look: buckets of the followed one are put back" $i 60
	cip n1 destroy 10.77.0.102
	eventually is_whole
	is "torn down in the middle of a look: all is as it was" "$(cip n1 check 2>&1; cip n1 show)" \
		"2 cluster IPs, no fault"$'\n'"$shown"
}

test_flood() {
	local output status
	ip -n "$PREFIX-c" neigh replace $address lladdr $mac dev eth0 nud permanent
	output=$("$TOOLS/dark" "$PREFIX-c" "$PREFIX-n1" $address "$FLUSHES" "$(client n2)" "$(client n1)" 2>&1)
	status=$?
	ip -n "$PREFIX-c" neigh del $address dev eth0
	if ((status == 0)); then ok "flood: $output"; else not_ok "flood" "$output"; fi
	is "flood: all is as it was" "$(cip n1 check 2>&1; cip n1 show)" "2 cluster IPs, no fault"$'\n'"$shown"
	has "flood: the service manager is told" "$(tail -n 1 "$WORK/notify")" "^STATUS=2 of 2 .*put back [1-9][0-9]* times"
}

test_reload() {
	echo "$line1 1-3" >"$conf"
	works "SIGHUP: the new file is in force" reload
	is "SIGHUP: in the kernel, too" "$(has_buckets $address 1-3 && echo yes)" yes
	has "SIGHUP: the service manager hears of it" "$(head -n 1 "$WORK/notify")" "^RELOADING=1"
	has "SIGHUP: and when" "$(cat "$WORK/notify")" "^MONOTONIC_USEC=[0-9]+$"
	is "SIGHUP: what has left the file is not destroyed" "$(words $followed)" "$(grep "^$followed" <<<"$shown")"
	printf '%s\n' "$line1 1-4" "10.77.0.103/16 dev eth0 total 0" >"$conf"
	works "SIGHUP with a bad file" reload
	has "SIGHUP with a bad file: it is said what is wrong, and where" "$(tail -n 3 "$log")" \
		"$conf:2: .*total.* 1\.\.1024"
	nft1 flush ruleset
	eventually has_buckets $address 1-3
	is "SIGHUP with a bad file: the old one stays in force" \
		"$(has_buckets $address 1-3 && cip n1 check $address)" "1 cluster IP, no fault"
	rm "$conf"
	works "SIGHUP without a file" reload
	printf '%s\n' "$line1 1-4" "$line2" >"$conf"
	reload
	cip n1 bucket set $followed 2,5
	eventually is_whole
	is "SIGHUP: all is as it was" "$(cip n1 show)" "$shown"
}

# A line that cannot be had now must not keep the others from it.
test_missing_device() {
	printf '%s\n' "$line1 1-4" "10.77.0.104/16 dev late0 total 2 buckets 1" "10.77.0.105/16 dev late9 total 2" "$line2" >"$conf"
	local before
	before=$(wc -l <"$log")
	reload
	nft1 flush ruleset
	eventually has_buckets $address 1-4 && eventually has_buckets $followed 2,5
	is "a device that is not there: the other lines are in force" "$(words $address; words $followed)" "$shown"
	has "a device that is not there: the status says so" "$(tail -n 1 "$WORK/notify")" "^STATUS=2 of 4"
	sleep 1
	is "a device that is not there: that is said once" \
		"$(tail -n "+$((before + 1))" "$log" | grep -c "$conf:2: dev late0: ")" 1
	ip -n "$PREFIX-n1" link add late0 type veth peer name late1
	ip -n "$PREFIX-n1" link set late0 up
	eventually cip n1 check 10.77.0.104
	works "the device appears: its line is in force" cip n1 check 10.77.0.104
	# down again: nothing that could be repaired, and nothing to write
	ip -n "$PREFIX-n1" link set late0 down
	sleep 0.3
	watch
	reload
	is "a device is down: that is no reason to write" "$(unwatch)" ""
	cip n1 destroy 10.77.0.104
	printf '%s\n' "$line1 1-4" "$line2" >"$conf"
	reload
	ip -n "$PREFIX-n1" link del late0
	cip n1 destroy 10.77.0.104 2>/dev/null
	eventually is_whole
}

test_restart() {
	watch
	stop_cipd
	is "SIGTERM: ends with 0" $status 0
	start_cipd --interval 1
	sleep 1.5
	stop_cipd KILL
	start_cipd --interval 0
	is "stopped, started, killed, started, and looked from time to time: nothing was written" "$(unwatch)" ""
	is "and all is as it was" "$(cip n1 check 2>&1; cip n1 show)" "2 cluster IPs, no fault"$'\n'"$shown"
	# the counter-test: what the tools write down if there is something
	watch
	cip n1 bucket add $followed 6
	cip n1 bucket del $followed 6
	is "a change is seen by those who look for it" "$(($(unwatch | wc -l) > 0))" 1
	stop_cipd INT
	is "SIGINT: ends with 0" $status 0
	nft1 flush ruleset
	sleep 0.3
	is "without cipd nothing comes back" "$(cip n1 show)" ""
	start_cipd --interval 0
	cip n1 bucket set $followed 2,5
	is "it starts with nothing in the kernel" "$(cip n1 check 2>&1; cip n1 show)" "2 cluster IPs, no fault"$'\n'"$shown"
}

# What the kernel tells nobody of.
test_interval() {
	stop_cipd
	start_cipd --interval 1
	restored "MAC removed behind the kernel's back" "put back" ip -n "$PREFIX-n1" maddr del $mac dev eth0
	stop_cipd
	start_cipd --interval 0
}

test_two() {
	local first=$cipd second i
	start_cipd --interval 0
	second=$cipd
	for ((i = 0; i < 20; i++)); do
		nft1 flush ruleset
		eventually is_whole || break
	done
	is "two cipd: 20 flushes are put back" $i 20
	sleep 0.5
	watch
	sleep 0.3
	is "two cipd: they leave each other alone" "$(unwatch)" ""
	cipd=$second
	stop_cipd
	cipd=$first
}

test_storm() {
	local before start output share
	# more than the socket can keep, while cipd cannot read
	kill -STOP "$cipd"
	{
		echo "table ip other { set numbers { type ipv4_addr; elements = { 10.9.9.9,"
		python3 -c 'print(",".join(f"10.{a}.{b}.{c}" for a in range(4) for b in range(100) for c in range(100)))'
		echo "}; }; }"
	} >"$WORK/burst"
	nft1 -f "$WORK/burst" && nft1 flush ruleset
	nft1 -f "$WORK/burst" && nft1 flush ruleset
	kill -CONT "$cipd"
	eventually is_whole
	works "more changes than the kernel can tell of: put back all the same" is_whole
	has "and that is the cause that the log has" "$(tail -n 6 "$log")" "more changes than the kernel could tell of"
	before=$(ticks "$cipd") start=$EPOCHREALTIME
	output=$("$TOOLS/contend" "$PREFIX-n1" $followed 1 3000 2>&1)
	status=$?
	share=$(awk -v ticks=$(($(ticks "$cipd") - before)) -v hz="$(getconf CLK_TCK)" -v start="$start" \
		-v end="$EPOCHREALTIME" 'BEGIN {printf "%d", 100 * ticks / hz / (end - start)}')
	is "3000 changes of a followed one by somebody else: none is lost; cipd took $share% of a CPU: $output" $status 0
	cip n1 bucket set $followed 2,5
	sleep 0.5
	restored "and then a flush" "nft \(pid [0-9]+\) deleted a table" nft1 flush ruleset
}

# Usage, and files that cannot be used.
test_refusals() {
	local output
	for words in "--frob" "frob" "--interval x" "--interval -1" "--interval 86401" "--file $WORK/none" "--backend frob" \
		"--netns $PREFIX-none" "--file $WORK/bad"; do
		echo "10.0.0.1 dev eth0" >"$WORK/bad"
		# shellcheck disable=SC2086 # words
		output=$("$CIPD" --netns "$PREFIX-n1" $words 2>&1)
		is "cipd $words: ends with 2 and says why: ${output##*$'\n'}" "$?:$((${#output} > 10))" 2:1
	done
}

# ------------------------------------------------------------------

start_servers || not_ok "servers"
cip n2 create "$address/16" dev eth0 total 12 seed 7 buckets 5-8 || not_ok "create on n2"
cip n3 create "$address/16" dev eth0 total 12 seed 7 buckets 9-12 || not_ok "create on n3"
expected=$(answers_due 4 total 12 seed 7)
test_start
test_damage
test_followed
test_meanwhile
test_flood
test_reload
test_missing_device
test_restart
test_interval
test_two
test_storm
test_refusals
stop_cipd
kill "$listener"
finish
