#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many cluster IPs: what one that cannot be read does to those who read again, and what reading all of them takes.

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
works "16384 cluster IPs of total 1024, all at once" cip n1 --quiet apply - < <(many 16384)
for verb in show "show -s" "--json show" dump metrics; do
	# shellcheck disable=SC2086 # words
	works "$verb takes less than 64 MB" lean $verb
done
finish
