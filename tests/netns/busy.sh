#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many cluster IPs: what one that cannot be read does to those who read again, what reading all of them takes, and whether
# one that is damaged is found and repaired while others commit all the time.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
begin

# many COUNT: lines of so many cluster IPs, which need nothing of a device but one MAC
many() {
	local i
	for ((i = 0; i < $1; i++)); do
		echo "10.64.$((i / 256)).$((i % 256)) dev eth0 total 1024 buckets 1,2 noaddr mac 03:bf:00:00:00:01"
	done
}

# shellcheck disable=SC2317 # called by name
# lean ARGUMENT...: cipadm with 64 MB for all that it maps and allocates
lean() (
	ulimit -v 65536
	cip n1 "$@" >/dev/null
)

works "2000 cluster IPs" cip n1 --quiet apply - < <(many 2000)
in_ns n1 nft delete element ip clusterip clusters '{ 10.64.3.3 }'
in_ns n1 nft add element ip clusterip clusters '{ 10.64.3.3 comment "v9 unknown" : drop }'
is "one record of a later version: reading again and again finds the same" \
	"$("$TOOLS/again" "$PREFIX-n1" 6 | sed 's/"[^"]*"/RECORD/' | sort | uniq -c | awk '{ print $1 }')" 6
has "which is the record" "$("$TOOLS/again" "$PREFIX-n1" 2 | tail -n 1)" "record .v9 unknown. was not written"

in_ns n1 nft flush ruleset
works "16383 cluster IPs of total 1024, all at once" cip n1 --quiet apply - < <(many 16383)
for verb in show "show -s" "--json show" dump metrics; do
	# shellcheck disable=SC2086 # words
	works "$verb takes less than 64 MB" lean $verb
done

# ------------------------------------------------------------------ while others commit

target=10.64.0.77
line="$target dev eth0 total 1024 noaddr mac 03:bf:00:00:00:01"

# limited SECONDS ARGUMENT...: cipadm on n1, which must not take longer
limited() {
	timeout "$1" "$CIPADM" --netns "$PREFIX-n1" "${@:2}" 2>&1
}

# leads: where packets to the target are led; nothing if nowhere. The nft command would read until nobody commits.
leads() {
	[[ ! $LAST ]] || kill -STOP "$LAST" 2>/dev/null
	in_ns n1 nft get element ip clusterip addresses "{ $target }" 2>/dev/null | grep -o 'goto cip.*[0-9]'
	[[ ! $LAST ]] || kill -CONT "$LAST" 2>/dev/null
}

# under WHAT MODE...: somebody commits every 50 ms
under() {
	local what=$1 before i
	before=$(leads)
	: >"$WORK/busy"
	start n1 "$WORK/busy" "$TOOLS/busy" "$PREFIX-n1" 50 "${@:2}"
	await "$WORK/busy" busy || return
	works "$what: check of one" limited 20 check $target
	works "$what: check of all" limited 60 check
	for i in 1 2 3; do
		in_ns n1 nft delete element ip clusterip addresses "{ $target }"
		has "$what: check of one finds what is missing" "$(limited 20 check $target)" "^$target: dispatch: .*missing"
		# shellcheck disable=SC2086 # words
		works "$what: it is repaired" limited 20 create $line
		is "$what: and packets are led to its rules again" "$(leads)" "$before"
	done
	works "$what: reading all" limited 60 --quiet show
	stop_last
	LAST=
	is "$what: nothing disturbed those who commit" "$(cat "$WORK/busy")" busy
	works "$what: in the end all is as it should be" cip n1 check
}

under "commits elsewhere" elsewhere
under "buckets of another move" move 10.64.9.9
under "its own buckets move" move $target
under "another comes and goes" come 10.77.0.9

# cipd: what is missing is put back while somebody commits
if [[ ${CIPD-} ]]; then
	if [[ -x $(dirname "$CIPD")/.libs/cipd ]]; then CIPD=$(cd "$(dirname "$CIPD")" && pwd)/.libs/cipd; fi
	cip n1 dump >"$WORK/clusterip.conf"
	before=$(leads)
	start n1 "$WORK/cipd.log" "$CIPD" --file "$WORK/clusterip.conf"
	start n1 "$WORK/busy" "$TOOLS/busy" "$PREFIX-n1" 50 elsewhere
	await "$WORK/busy" busy
	in_ns n1 nft delete element ip clusterip addresses "{ $target }"
	for ((i = 0; i < 60; i++)); do
		sleep 0.5
		[[ $(leads) != "$before" ]] || break
	done
	is "cipd leads the packets back while others commit" "$(leads)" "$before"
fi
finish
