#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line of cipadm, used rightly and wrongly, in network namespaces of its own.
# CIPADM: the program to test; default that of the build tree.
# Words are split, and conditions evaluated late, on purpose:
# shellcheck disable=SC2016,SC2034,SC2086,SC2154,SC2317
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
CIPADM=${CIPADM:-$here/../../examples/cipadm/cipadm}
vectors=$here/../data/clusterip-kernel-6.1.tsv
ns=cip-cli-$$-a
ns2=cip-cli-$$-b
tmp=''
ip=10.0.0.100
line="$ip/24 dev eth0 total 16 buckets 1-5"
passed=0 failed=0 skipped=0
out='' err='' text='' st=0

ok() { passed=$((passed + 1)); echo "ok $1"; }
not_ok() { failed=$((failed + 1)); echo "not ok $1: $2"; }
skip() { skipped=$((skipped + 1)); echo "skip $1: $2"; }

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
	exit
}

cleanup() {
	ip netns del "$ns" 2>/dev/null
	ip netns del "$ns2" 2>/dev/null
	[ -z "$tmp" ] || rm -rf "$tmp"
}

# ------------------------------------------------------------------ running and judging

# call COMMAND...: leaves out, err, st; what is JSON is kept for objects.sh
call() {
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	st=$?
	[[ ! ${OBJECTS-} || " $* " != *" --json "* ]] || cat "$tmp/out" >>"$OBJECTS/cli"
	out=$(tr -d '\0' <"$tmp/out")
	err=$(cat "$tmp/err")
}

cip() { call "$CIPADM" -n "$ns" "$@"; }
what_came() { echo "status $st, stdout '${out:0:300}', stderr '${err:0:300}'" | tr '\n' ' '; }

# everything a cluster IP could leave in a namespace, without counters
state() {
	ip netns exec "$1" nft -s list ruleset
	ip -n "$1" -o addr show
	ip netns exec "$1" bridge fdb show
}

# passes NAME COMMAND...: the command is true
passes() {
	local name=$1
	shift
	if "$@"; then ok "$name"; else not_ok "$name" "$(what_came)"; fi
}

is() { [ "$out" = "$1" ]; }
accepted() { [ "$st" = 0 ] && [ -z "$err" ]; }
silent() { accepted && [ -z "$out" ]; }
one_sentence() { [ "$(wc -l <"$tmp/err")" = 1 ] && [[ $err == "cipadm: "?* ]]; }
says() { [[ $err == *"$1"* ]]; }
refused() { [ "$st" = "$1" ] && [ -z "$out" ] && one_sentence && says "$2"; }
same_state() { [ "$(state "$ns")" = "$(cat "$tmp/before")" ]; }

# prints NAME TEXT WORDS...: succeeds and prints exactly this
prints() {
	local name=$1 text=$2
	shift 2
	cip "$@"
	passes "$name" eval 'accepted && is "$text"'
}

# changes NAME WORDS...: succeeds silently
changes() {
	local name=$1
	shift
	cip "$@"
	passes "$name" silent
}

# refuses NAME STATUS PART WORDS...: fails with one sentence that has PART, and changes nothing
refuses() {
	local name=$1 status=$2 part=$3
	shift 3
	state "$ns" >"$tmp/before"
	cip "$@"
	passes "$name" eval 'refused "$status" "$part" && same_state'
}

# json NAME STATUS CONDITION WORDS...: one JSON object j on one line, of which the Python condition is true
json() {
	local name=$1 status=$2 condition=$3
	shift 3
	cip --json "$@"
	[ "$(wc -l <"$tmp/out")" = 1 ] && [ "$st" = "$status" ] && python3 - "$condition" "$tmp/out" <<-'PY'
		import json, sys
		j = json.load(open(sys.argv[2]))
		sys.exit(not (j["version"] == 1 and "verb" in j and eval("(" + sys.argv[1] + ")")))
	PY
	passes "$name" [ $? = 0 ]
}

fresh() { cip destroy $ip; cip create ${1:-$line}; }

# ------------------------------------------------------------------ the tests

test_help() {
	local verb
	call "$CIPADM" --version
	passes "version" eval 'accepted && [[ $out == cipadm\ [0-9]* ]]'
	call "$CIPADM" --help
	passes "help" eval 'accepted && [[ $out == Usage:* ]]'
	for verb in create destroy set bucket show get check apply dump restore hash owner metrics; do
		call "$CIPADM" $verb --help
		passes "help after $verb" eval 'accepted && [[ $out == "Usage: cipadm "*$verb* ]]'
		text=$out
		call "$CIPADM" help $verb
		passes "help on $verb" eval 'accepted && is "$text"'
	done
	refuses "help on an unknown verb" 2 '"frob"' help frob
}

test_options() {
	refuses "no verb" 2 verb
	refuses "unknown verb" 2 '"frob"' frob
	refuses "unknown short option" 2 '"-x"' -x show
	refuses "unknown long option" 2 '"--frob"' --frob show
	refuses "option without value" 2 '"-b"' -b
	refuses "option behind the verb" 2 '"--json"' show --json
	refuses "unknown backend" 2 frob --backend frob show
	refuses "no such namespace" 2 '"cip-cli-none"' -n cip-cli-none show
	refuses "a file that is no namespace" 2 /dev/null -n /dev/null show
	changes "backend nft" --backend nft show
	changes "backend auto" -b auto show
	changes "namespace by path" -n "/run/netns/$ns" show
	json "error without a verb" 2 'j["verb"] is None and j["error"]["status"] == 2'
	json "error in an option" 2 'j["error"]["errno"] == 22' --frob show
	call "$CIPADM" --frob --json show
	passes "error in an option before --json" eval '[ $st = 2 ] && [[ $out == "{"*"--frob"* ]] && one_sentence'
	json "error that is not UTF-8" 2 'j["error"]["text"]' show $'\xff\xfe'
	"$CIPADM" --version >/dev/full 2>"$tmp/err"
	st=$? out='' err=$(cat "$tmp/err")
	passes "full standard output" refused 1 "standard output"
}

test_nothing() {
	local words
	changes "show of nothing" show
	changes "dump of nothing" dump
	prints "check of nothing" "0 cluster IPs, no fault" check
	changes "quiet check of nothing" -q check
	json "show of nothing" 0 'j["verb"] == "show" and j["clusters"] == []' show
	json "check of nothing" 0 'j["clean"] is True and j["faults"] == []' check
	for words in "show $ip" "check $ip" "destroy $ip" "set $ip total 3" "bucket add $ip 1" "bucket del $ip 1" \
		"bucket set $ip 1" "get buckets $ip" "owner $ip 192.0.2.7"; do
		refuses "not there: $words" 3 $ip $words
		json "not there: $words" 3 'j["error"]["status"] == 3 and j["error"]["errno"] == 2' $words
	done
	passes "reading leaves nothing" [ -z "$(ip netns exec "$ns" nft list ruleset)" ]
}

# the word at fault, then the line; all of them exit with 2
test_create_badly() {
	local part words
	while read -r part words; do
		[ -n "$part" ] || continue
		refuses "create $words" 2 "$part" create $words
	done <<-END
		10.0.0.256 10.0.0.256/24 dev eth0 total 4
		10.0.0 10.0.0 dev eth0 total 4
		10.0.0.01x 10.0.0.01x dev eth0 total 4
		cluster.example cluster.example dev eth0 total 4
		224.0.0.1 224.0.0.1 dev eth0 total 4
		0.0.0.0 0.0.0.0 dev eth0 total 4
		127.0.0.1 127.0.0.1 dev eth0 total 4
		255.255.255.255 255.255.255.255 dev eth0 total 4
		prefix $ip/0 dev eth0 total 4
		prefix $ip/33 dev eth0 total 4
		prefix $ip/x dev eth0 total 4
		prefix $ip/ dev eth0 total 4
		prefix $ip/24/24 dev eth0 total 4
		mac $ip dev eth0 total 4 mac 02:bf:0a:00:00:64
		mac $ip dev eth0 total 4 mac ff:ff:ff:ff:ff:ff
		mac $ip dev eth0 total 4 mac 03:bf:0a:00:00
		mac $ip dev eth0 total 4 mac 03:bf:0a:00:00:64:01
		mac $ip dev eth0 total 4 mac 03:bf:0a:00:00:zz
		mac $ip dev eth0 total 4 mac
		total $ip dev eth0 total 0
		total $ip dev eth0 total 1025
		total $ip dev eth0 total -1
		total $ip dev eth0 total 4294967297
		total $ip dev eth0 total 18446744073709551617
		total $ip dev eth0 total four
		total $ip dev eth0 total 4x
		total $ip dev eth0 total
		total $ip dev eth0 total 4 total 4
		total $ip dev eth0
		dev $ip total 4
		dev $ip dev eth0 dev eth0 total 4
		dev $ip dev a-name-far-too-long total 4
		dev $ip dev eth/0 total 4
		nosuch0 $ip dev nosuch0 total 4
		hash $ip dev eth0 total 4 hash source
		hash $ip dev eth0 total 4 hash sourceip hash sourceip
		seed $ip dev eth0 total 4 seed 0x100000000
		seed $ip dev eth0 total 4 seed -1
		seed $ip dev eth0 total 4 seed 0x
		seed $ip dev eth0 total 4 seed 0x0x1
		seed $ip dev eth0 total 4 seed 1 seed 1
		buckets $ip dev eth0 total 4 buckets 5
		buckets $ip buckets 5 dev eth0 total 4
		buckets $ip dev eth0 total 4 buckets 0
		buckets $ip dev eth0 total 4 buckets -1
		buckets $ip dev eth0 total 4 buckets 1-
		buckets $ip dev eth0 total 4 buckets 3-1
		buckets $ip dev eth0 total 4 buckets 1,,2
		buckets $ip dev eth0 total 4 buckets 1,2,
		buckets $ip dev eth0 total 4 buckets ,1
		buckets $ip dev eth0 total 4 buckets 1;2
		buckets $ip dev eth0 total 4 buckets 4294967297
		buckets $ip dev eth0 total 4 buckets 1,all
		buckets $ip dev eth0 total 4 buckets 1 buckets 2
		noaddr $ip dev eth0 total 4 noaddr noaddr
		"frob" $ip dev eth0 total 4 frob
		"--json" $ip dev eth0 total 4 --json
		address
	END
	refuses "create with an empty address" 2 '""' create "" dev eth0 total 4
	refuses "create with words kept together" 2 '"eth0 total 4"' create $ip dev "eth0 total 4"
	refuses "create of an IPv6 address with the prefix of none" 2 1..128 create 2001:db8::1/129 dev eth0 total 4
	refuses "create with a source prefix beyond the address" 2 1..32 create $ip dev eth0 total 4 source-prefix 33
	json "error names the field" 2 'j["verb"] == "create" and j["error"]["field"] == "mac"' \
		create $ip dev eth0 total 4 mac 02:00:00:00:00:01
}

test_create() {
	local full="$ip/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 16 seed 0x0 buckets 1-5"
	cip destroy $ip
	changes "create" create $line
	prints "show" "$full" show
	prints "show one" "$full" show $ip
	prints "show one on its device" "$full" show $ip dev eth0
	prints "dump" "$full" dump
	prints "check" "1 cluster IP, no fault" check
	prints "check one" "1 cluster IP, no fault" check $ip dev eth0
	changes "check quietly" --quiet check
	refuses "show on another device" 3 $ip show $ip dev eth1
	refuses "show of a device alone" 2 address show dev eth0
	refuses "show of two" 2 '"10.0.0.101"' show $ip 10.0.0.101
	refuses "show of no address" 2 '"frob"' show frob
	state "$ns" >"$tmp/before"
	json "create again" 0 'j["changed"] is False and j["steps"] == []' create $line
	json "create again, words in another order" 0 'j["changed"] is False' \
		create $ip/24 buckets 5,1-4,2 hash sourceip total 16 mac 03-BF-0A-00-00-64 seed 0 dev eth0
	json "create again without buckets" 0 'j["changed"] is False' create $ip/24 dev eth0 total 16
	passes "create again changes nothing" same_state
	refuses "create with another total" 1 total create $ip/24 dev eth0 total 8
	refuses "create with another seed" 1 seed create $ip/24 dev eth0 total 16 seed 1
	refuses "create on another device" 1 dev create $ip/24 dev eth1 total 16
	json "create with another total" 1 'j["error"]["errno"] == 17' create $ip/24 dev eth0 total 8
	json "show" 0 'j["clusters"][0]["address"] == "10.0.0.100" and j["clusters"][0]["prefix"] == 24 and
		j["clusters"][0]["buckets"] == [1, 2, 3, 4, 5] and j["clusters"][0]["seed"] == 0 and
		len(j["clusters"][0]["counters"]["buckets"]) == 5 and j["clusters"][0]["backend"] == "nft"' show
	json "dump" 0 'j["verb"] == "dump" and len(j["clusters"]) == 1' dump
	cip show -s
	passes "counters" eval 'accepted && grep -q "^    bucket 5: packets [0-9]* bytes [0-9]*$" "$tmp/out" &&
		grep -q "^    foreign: packets [0-9]* bytes [0-9]*$" "$tmp/out" && [ "$(wc -l <"$tmp/out")" = 7 ]'
	text=$out
	prints "counters, option before the verb" "$text" --stats show $ip
	changes "create on total 1" create 10.0.0.110/24 dev eth0 total 1 buckets all
	changes "create on total 1024" create 10.0.0.111/24 dev eth0 total 1024 buckets all
	cip destroy 10.0.0.110
	cip destroy 10.0.0.111
}

test_noaddr() {
	changes "create noaddr" create 10.0.0.120 noaddr dev eth0 total 2 seed 0xDEADbeef hash sourceip-sourceport
	prints "show noaddr" "10.0.0.120 dev eth0 mac 03:bf:0a:00:00:78 hash sourceip-sourceport total 2 \
seed 0xdeadbeef buckets none noaddr" show 10.0.0.120
	json "show noaddr" 0 'j["clusters"][0]["prefix"] is None and j["clusters"][0]["seed"] == 0xdeadbeef and
		j["clusters"][0]["buckets"] == []' show 10.0.0.120
	passes "noaddr adds no address" [ -z "$(ip -n "$ns" -o addr show to 10.0.0.120)" ]
	changes "destroy noaddr" destroy 10.0.0.120
}

test_bucket() {
	fresh
	changes "bucket add" bucket add $ip 7-8
	json "bucket add again" 0 'j["changed"] is False and j["verb"] == "bucket"' bucket add $ip 7,8
	json "bucket add more" 0 'j["changed"] is True and len(j["steps"]) > 0' bucket add $ip 8,9
	changes "bucket del, device last" bucket del $ip 9 dev eth0
	json "bucket del again" 0 'j["changed"] is False' bucket del $ip 9
	json "bucket del none" 0 'j["changed"] is False' bucket del $ip none
	json "buckets now" 0 'j["clusters"][0]["buckets"] == [1, 2, 3, 4, 5, 7, 8]' show
	changes "bucket set, device first" bucket set dev eth0 $ip all
	json "all buckets" 0 'j["clusters"][0]["buckets"] == list(range(1, 17))' show
	json "bucket set again" 0 'j["changed"] is False' bucket set $ip 1-16
	changes "bucket del all" bucket del $ip all
	json "no buckets" 0 'j["clusters"][0]["buckets"] == []' show
	for list in 17 0 1- 3-1 1,,2 x 1,all ""; do
		refuses "bucket add '$list'" 2 buckets bucket add $ip "$list"
	done
	refuses "bucket without verb" 2 add bucket
	refuses "bucket with an unknown verb" 2 '"frob"' bucket frob $ip 1
	refuses "bucket without list" 2 missing bucket add $ip
	refuses "bucket with two lists" 2 '"2"' bucket add $ip 1 2
	refuses "bucket, device twice" 2 '"dev"' bucket add $ip dev eth0 dev eth0 1
	refuses "bucket, device without name" 2 '"dev"' bucket add $ip 1 dev
	refuses "bucket on another device" 3 $ip bucket add $ip dev eth1 1
	refuses "bucket of no address" 2 '"frob"' bucket add frob 1
}

test_set() {
	fresh
	changes "set all at once" set $ip dev eth0 hash sourceip-sourceport total 8 seed 0x7 buckets 2,4
	prints "show what was set" "$ip/24 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip-sourceport total 8 seed 0x7 \
buckets 2,4" show
	json "set again" 0 'j["changed"] is False' set $ip total 8 seed 7
	changes "set a smaller total" set $ip total 3
	json "buckets above it go" 0 'j["clusters"][0]["buckets"] == [2]' show
	changes "set total and all buckets" set $ip buckets all total 4
	json "all buckets of the new total" 0 'j["clusters"][0]["buckets"] == [1, 2, 3, 4]' show
	prints "check after set" "1 cluster IP, no fault" check
	refuses "set nothing" 2 nothing set $ip
	refuses "set the MAC" 2 '"mac"' set $ip mac 03:00:00:00:00:01
	refuses "set noaddr" 2 '"noaddr"' set $ip noaddr total 2
	refuses "set the prefix" 2 '"prefix"' set $ip/24 total 2
	refuses "set an unknown word" 2 frob set $ip frob 3
	refuses "set total 0" 2 total set $ip total 0
	refuses "set a bucket above total" 2 buckets set $ip total 2 buckets 3
	refuses "set on another device" 1 dev set $ip dev eth1 total 2
	refuses "set without address" 2 address set
}

test_destroy_badly() {
	fresh
	refuses "destroy without address" 2 missing destroy
	refuses "destroy with prefix" 2 $ip/24 destroy $ip/24
	refuses "destroy with an unknown word" 2 '"frob"' destroy $ip frob
	refuses "destroy on another device" 3 $ip destroy $ip dev eth1
	refuses "dump with a word" 2 '"frob"' dump frob
}

# a sample of the recorded packets of the kernel's CLUSTERIP target
test_hash_vectors() {
	local mode total seed proto saddr sport dport options bucket count=0 wrong=0
	while read -r mode total seed proto saddr sport dport options bucket; do
		out=$("$CIPADM" hash total "$total" hash "$mode" seed "$seed" "$saddr" "$proto" "$sport" "$dport")
		[ "$out" = "$bucket" ] || wrong=$((wrong + 1))
		count=$((count + 1))
	done < <(awk '!/^#/ && NR % 67 == 0' "$vectors")
	passes "hash of $count recorded packets" [ $wrong = 0 ]
}

test_hash() {
	local name text
	if [ -r "$vectors" ]; then test_hash_vectors; else skip "hash of recorded packets" "no vectors"; fi
	call "$CIPADM" hash total 1000 hash sourceip-sourceport 192.0.2.7 6 1234
	text=$out
	prints "protocol by name" "$text" hash 192.0.2.7 tcp 1234 hash sourceip-sourceport total 1000
	prints "protocol in capitals" "$text" hash 192.0.2.7 TCP 1234 hash sourceip-sourceport total 1000
	for name in udp udplite sctp dccp esp ah icmp icmpv6 ipv6-icmp gre; do
		cip hash total 7 192.0.2.7 $name
		passes "protocol $name" eval 'accepted && [ "$out" -ge 1 ] && [ "$out" -le 7 ]'
	done
	prints "one bucket" 1 hash total 1 192.0.2.7
	json "hash" 0 'j["verb"] == "hash" and 1 <= j["bucket"] <= 5' hash total 5 192.0.2.7
	json "address" 0 'j["verb"] == "address" and j["address"] == "fd77::100"' address FD77:0::0100
	json "address: none" 2 'j["verb"] == "address" and j["error"]["field"] == "address"' address nonsense
	prints "an IPv4 address" 192.0.2.7 address 192.0.2.7
	for name in 192.0.2 192.0.2.007 224.0.0.1 ::1 ff02::1 fd77::x fd77::1/64 ""; do
		refuses "address '$name'" 2 address address "$name"
	done
	refuses "two addresses" 2 192.0.2.8 address 192.0.2.7 192.0.2.8
	refuses "no address" 2 missing address
	refuses "hash without total" 2 total hash 192.0.2.7
	refuses "hash without address" 2 missing hash total 3
	refuses "hash, total 0" 2 total hash total 0 192.0.2.7
	refuses "hash, total 1025" 2 total hash total 1025 192.0.2.7
	refuses "hash, total twice" 2 '"total"' hash total 3 total 3 192.0.2.7
	refuses "hash, no such mode" 2 '"frob"' hash total 3 hash frob 192.0.2.7
	refuses "hash, no seed" 2 '"frob"' hash total 3 seed frob 192.0.2.7
	refuses "hash, no address" 2 frob hash total 3 frob
	refuses "hash, no protocol" 2 '"frob"' hash total 3 192.0.2.7 frob
	refuses "hash, protocol 256" 2 256 hash total 3 192.0.2.7 256
	refuses "hash, port 65536" 2 65536 hash total 3 192.0.2.7 tcp 65536
	refuses "hash, no port" 2 '"http"' hash total 3 192.0.2.7 tcp 1 http
	refuses "hash, too many words" 2 '"5"' hash total 3 192.0.2.7 tcp 1 2 5
	refuses "hash, no source prefix" 2 1..128 hash total 3 source-prefix 129 192.0.2.7
}

# every field, as the line for people has it where that has it
test_get() {
	local field line all=address,prefix,dev,mac-mode,mac,hash,total,seed,source-prefix,buckets,outgoing,noaddr,backend
	fresh "$ip/24 dev eth0 total 9 seed 77 buckets 1-3,5 outgoing"
	cip get $all $ip
	line=$(tr '\n' ' ' <<<"$out")
	passes "get: every field on a line of its own" \
		[ "${line% }" = "$ip 24 eth0 multicast 03:bf:0a:00:00:64 sourceip 9 0x4d 32 1-3,5 yes no nft" ]
	prints "get: in the order that is asked for" $'9\n1-3,5\n9' get total,buckets,total $ip dev eth0
	json "get" 0 "j['clusters'][0]['buckets'] == [1, 2, 3, 5]" get buckets $ip
	fresh "$ip dev eth0 total 9 mac-mode unicast source-prefix 24 buckets none noaddr outgoing"
	prints "get: what there is not is an empty line" $'none\n\nyes\nyes\nunicast\n24' \
		get buckets,prefix,noaddr,outgoing,mac-mode,source-prefix $ip
	for field in frob "" "buckets," ",buckets" buckets,frob protocol; do
		refuses "get: '$field' is no field" 2 field get "$field" $ip
	done
	refuses "get without address" 2 missing get buckets
	refuses "get on another device" 3 $ip get buckets $ip dev eth1
	refuses "get with a word too many" 2 frob get buckets $ip frob
}

test_owner() {
	local bucket
	fresh "$ip/24 dev eth0 total 9 hash sourceip-sourceport-destport seed 77 buckets none"
	call "$CIPADM" hash total 9 hash sourceip-sourceport-destport seed 77 192.0.2.7 udp 1000 53
	bucket=$out
	prints "owner of a foreign flow" "bucket $bucket foreign" owner $ip 192.0.2.7 udp 1000 53
	cip bucket add $ip "$bucket"
	prints "owner of a local flow" "bucket $bucket local" owner $ip dev eth0 192.0.2.7 udp 1000 53
	json "owner" 0 "j['bucket'] == $bucket and j['local'] is True" owner $ip 192.0.2.7 17 1000 53
	refuses "owner without flow" 2 missing owner $ip
	refuses "owner on another device" 3 $ip owner $ip dev eth1 192.0.2.7
	refuses "owner of no address" 2 frob owner $ip frob
}

test_dry_run() {
	local words
	cip destroy $ip
	state "$ns" >"$tmp/before"
	cip --dry-run create $line
	passes "dry run prints steps" eval 'accepted && [[ $out == *$ip* ]]'
	passes "dry run of create" same_state
	cip -d -q create $line
	passes "quiet dry run" silent
	cip -v create $line
	passes "verbose prints steps" eval 'accepted && [[ $out == *$ip* ]]'
	cip -v create $line
	passes "verbose, nothing done" silent
	state "$ns" >"$tmp/before"
	for words in "destroy $ip" "set $ip total 3 seed 9" "bucket add $ip 9" "bucket del $ip 1" "bucket set $ip 2"; do
		json "dry run: $words" 0 'j["dry_run"] is True and j["changed"] is True and j["steps"]' -d $words
	done
	echo "10.0.0.101/24 dev eth0 total 2 buckets 1" >"$tmp/file"
	json "dry run: apply" 0 'j["dry_run"] is True and len(j["steps"]) > 1' -d apply "$tmp/file" prune
	passes "dry runs change nothing" same_state
	cip destroy $ip
}

# bad NAME PART LINE: a file with this as third line is refused as a whole
bad_file() {
	printf '%s\n' "# a comment" "10.0.0.101/24 dev eth0 total 4 buckets 1" "$3" \
		"10.0.0.103/24 dev eth0 total 4" >"$tmp/file"
	refuses "apply: $1" "${4:-2}" "$tmp/file:3: " apply "$tmp/file"
	passes "apply: $1, what" says "$2"
}

test_apply_badly() {
	fresh
	bad_file "unknown word" frob "10.0.0.102 dev eth0 total 4 frob"
	bad_file "no address" frob "frob"
	bad_file "no address behind create" address "create"
	bad_file "bucket above total" buckets "10.0.0.102/24 dev eth0 total 4 buckets 5"
	bad_file "address twice" 10.0.0.101 "10.0.0.101/24 dev eth0 total 8"
	bad_file "no device given" dev "10.0.0.102/24 total 4"
	bad_file "no such device" nosuch0 "10.0.0.102/24 dev nosuch0 total 4"
	bad_file "cannot be changed" mac "$ip/24 dev eth0 total 16 mac 03:00:00:00:00:01" 1
	bad_file "IPv6 with a long prefix" prefix "2001:db8::1/129 dev eth0 total 4"
	printf '10.0.0.101 dev eth0 total 4\n10.0.0.102 dev eth0\0 total 4\n' >"$tmp/file"
	refuses "apply: NUL byte" 2 "$tmp/file:2: " apply "$tmp/file"
	refuses "apply: no such file" 2 "$tmp/none" apply "$tmp/none" prune
	refuses "apply: a directory" 1 "$tmp" apply "$tmp" prune
	refuses "apply: two files" 2 '"b"' apply a b
	refuses "apply: prune twice" 2 '"prune"' apply prune prune
	refuses "apply: option behind" 2 '"--prune"' apply --prune
	json "apply: error" 2 'j["verb"] == "apply" and j["error"]["status"] == 2' apply "$tmp/none"
}

test_apply() {
	fresh
	cat >"$tmp/file" <<-END
		# two new ones, one changed

		create 10.0.0.101/24 dev eth0 total 4 buckets 1,2   # with create
		  	10.0.0.20	dev eth0 total 3 buckets all noaddr
		$ip buckets 6
	END
	changes "apply" apply "$tmp/file"
	json "apply again" 0 'j["changed"] is False' apply "$tmp/file"
	json "applied, in order" 0 '[c["address"] for c in j["clusters"]] == ["10.0.0.20", "10.0.0.100", "10.0.0.101"]
		and j["clusters"][1]["buckets"] == [6] and j["clusters"][1]["total"] == 16' show
	prints "check of three" "3 cluster IPs, no fault" check
	cip create 10.0.0.104/24 dev "#1" total 2 buckets 2
	cip dump
	text=$out
	echo "$text" >"$tmp/dump"
	call "$CIPADM" -n "$ns2" apply "$tmp/dump"
	passes "dump applied elsewhere" silent
	call "$CIPADM" -n "$ns2" dump
	passes "dump of that is the same" is "$text"
	state "$ns" >"$tmp/before"
	: >"$tmp/empty"
	changes "apply of an empty file" apply "$tmp/empty"
	passes "apply of an empty file changes nothing" same_state
	printf '%s' "10.0.0.101 total 4" | "$CIPADM" -n "$ns" apply prune >"$tmp/out" 2>"$tmp/err"
	st=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	passes "apply of the standard input, prune" silent
	json "others are gone" 0 '[c["address"] for c in j["clusters"]] == ["10.0.0.101"]' dump
	printf 'frob\n' | "$CIPADM" -n "$ns" apply - 2>"$tmp/err"
	st=$? out='' err=$(cat "$tmp/err")
	passes "error in the standard input" refused 2 "stdin:1: "
	changes "apply of an empty file, prune" apply "$tmp/empty" prune
	changes "nothing is left" show
	call "$CIPADM" -n "$ns2" apply - prune
}

# Cluster IPs share chains: of some chains all members go, of others a few.
test_prune() {
	local every
	fresh
	seq -f '10.0.0.%g dev eth0 total 4 buckets 1' 120 160 >"$tmp/file"
	for every in 2 3 7 11; do
		changes "apply of many" apply "$tmp/file" prune
		sed -n "1~$every p" "$tmp/file" >"$tmp/some"
		changes "prune to one of $every" apply "$tmp/some" prune
		prints "check of those left" "$(wc -l <"$tmp/some") cluster IPs, no fault" check
	done
	: >"$tmp/empty"
	changes "prune to none" apply "$tmp/empty" prune
}

test_restore() {
	fresh
	cip create 10.0.0.101/24 dev eth0 total 4 buckets 1,2 noaddr
	cip create 10.0.0.104/24 dev "#1" total 2 hash sourceip-sourceport buckets 2
	cip dump
	text=$out
	echo "$text" >"$tmp/dump"
	cip destroy 10.0.0.101
	cip set $ip seed 77 total 8 buckets 2
	cip create 10.0.0.102/24 dev eth0 total 4
	changes "restore" restore "$tmp/dump"
	prints "restored: dump is the same, what was not in it is gone" "$text" dump
	prints "check of three" "3 cluster IPs, no fault" check
	json "restore again" 0 'j["changed"] is False' restore "$tmp/dump"
	# what a dump leaves out is as usual
	cip set 10.0.0.101 hash sourceip-sourceport seed 9 source-prefix 16
	changes "restore of what a line leaves out" restore "$tmp/dump"
	prints "restored: the source prefix, too" "$text" dump
	cip destroy 10.0.0.101
	cip create 10.0.0.101/24 dev eth0 total 4 buckets 1,2 noaddr outgoing
	refuses "restore: outgoing cannot be taken back" 1 outgoing restore "$tmp/dump"
	cip destroy 10.0.0.101
	changes "restore: and then it can" restore "$tmp/dump"
	call "$CIPADM" -n "$ns2" create 10.0.0.99 dev eth0 total 2
	"$CIPADM" -n "$ns2" restore <"$tmp/dump" >"$tmp/out" 2>"$tmp/err"
	st=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	passes "restore of the standard input, elsewhere" silent
	call "$CIPADM" -n "$ns2" dump
	passes "dump of that is the same" is "$text"
	printf '%s\n' "$text" "$ip total 0" >"$tmp/file"
	refuses "restore: a bad line" 2 "$tmp/file:4: " restore "$tmp/file"
	refuses "restore: two files" 2 '"b"' restore a b
	refuses "restore: no such file" 2 "$tmp/none" restore "$tmp/none"
	json "restore: dry run" 0 'j["dry_run"] is True and len(j["steps"]) == 3' -d restore "$tmp/empty"
	changes "restore of an empty file" restore "$tmp/empty"
	changes "nothing is left" show
	call "$CIPADM" -n "$ns2" restore "$tmp/empty"
}

nobody() { call ip netns exec "$ns" setpriv --reuid=65534 --regid=65534 --clear-groups "$CIPADM" "$@"; }

test_permission() {
	local words
	nobody --version
	if [ "$st" != 0 ]; then
		skip "without privilege" "nobody cannot run $CIPADM or setpriv"
		return
	fi
	fresh
	state "$ns" >"$tmp/before"
	echo "$line" >"$tmp/file"
	for words in "create $line" "create 10.0.0.101 dev eth0 total 2" "destroy $ip" "set $ip total 3" \
		"bucket add $ip 1" "bucket del $ip 1" "bucket set $ip 1" "apply $tmp/file" "apply - prune" "restore $tmp/file" show \
		"show $ip" check dump "get buckets $ip" "owner $ip 192.0.2.7"; do
		nobody $words
		passes "not permitted: $words" refused 4 ""
	done
	nobody -n "$ns" show
	passes "not permitted: another namespace" refused 4 "$ns"
	nobody hash total 1 192.0.2.7
	passes "hash needs no privilege" eval 'accepted && is 1'
	nobody destroy frob
	passes "bad input comes before permission" refused 2 frob
	passes "without privilege nothing changes" same_state
}

# fault NAME KIND COMMAND...: after the command, check tells a fault of this kind, and create repairs it
fault() {
	local name=$1 kind=$2
	shift 2
	fresh
	ip netns exec "$ns" "$@"
	cip check
	passes "check: $name" eval '[ $st = 1 ] && [ -z "$err" ] && grep -q "^$ip: $kind: ." "$tmp/out"'
	json "check: $name" 1 "j['clean'] is False and [f for f in j['faults'] if f['address'] == '$ip' and
		f['kind'] == '$kind' and f['text']]" check $ip
	cip -q check
	passes "check: $name, quietly" eval '[ $st = 1 ] && [ -n "$out" ]'
	cip create $line
	prints "check: $name, repaired" "1 cluster IP, no fault" check
}

test_check() {
	fault "MAC not received" mac bridge fdb del 03:bf:0a:00:00:64 dev eth0 self
	fault "address gone" address ip addr del $ip/24 dev eth0
	fault "rule gone" rule sh -c \
		'nft flush chain ip clusterip "$(nft list map ip clusterip addresses | sed -n "s/.*goto \([^ ,}]*\).*/\1/p")"'
	fault "ARP entry gone" arp nft flush map arp clusterip macs
	fresh
	ip -n "$ns" link set eth0 down
	cip check
	passes "check: device down" eval '[ $st = 1 ] && grep -q "^$ip: device: ." "$tmp/out"'
	ip -n "$ns" link set eth0 up
	ip netns exec "$ns" nft flush chain ip clusterip prerouting
	cip check
	passes "check: a fault of all" eval '[ $st = 1 ] && grep -q "^all: [a-z]*: ." "$tmp/out"'
	json "check: a fault of all" 1 '[f for f in j["faults"] if f["address"] is None]' check
	refuses "check with an unknown word" 2 '"frob"' check $ip frob
}

test_destroy() {
	cip apply "$tmp/empty" prune
	state "$ns" >"$tmp/before"
	for i in 101 102 103; do
		changes "create $i" create 10.0.0.$i/24 dev eth0 total 4 buckets $((i - 100))
	done
	for i in 102 103 101; do
		changes "destroy $i" destroy 10.0.0.$i
	done
	passes "destroy leaves nothing" same_state
	passes "destroy leaves no rules" [ -z "$(ip netns exec "$ns" nft list ruleset)" ]
	passes "destroy leaves no address" [ -z "$(ip -n "$ns" -4 -o addr show dev eth0)" ]
	passes "destroy leaves no MAC" eval '! ip netns exec "$ns" bridge fdb show | grep -qi 03:bf:'
	refuses "destroy again" 3 10.0.0.101 destroy 10.0.0.101
	# the kernel takes all addresses of a network away with the first one
	cip create 10.0.0.101/24 dev eth0 total 4
	cip create 10.0.0.102/24 dev eth0 total 4
	ip -n "$ns" addr add 10.0.0.1/24 dev eth0
	cip destroy 10.0.0.101
	passes "destroy leaves the node's own address" [ -n "$(ip -n "$ns" -o addr show to 10.0.0.1)" ]
	prints "destroy leaves the other cluster IP" "1 cluster IP, no fault" check
}

# the forms of JSON that no other test asks for
test_json() {
	fresh
	json "migrate what is with nftables" 0 'j["changed"] is False and j["steps"] == []' migrate $ip
	json "import of nothing" 0 'j["changed"] is False and j["dry_run"] is False' import "$tmp/empty"
	json "announce" 0 'j["dry_run"] is True and isinstance(j["steps"], list)' -d announce $ip
	json "announce many times" 2 'j["verb"] == "announce" and "frob" in j["error"]["text"]' announce $ip count frob
	json "dump of one" 2 'j["verb"] == "dump" and "frob" in j["error"]["text"]' dump frob
	json "restore of no file" 2 'j["verb"] == "restore" and j["error"]["errno"] == 2' restore "$tmp/none"
	json "migrate what is not there" 3 'j["error"]["field"] == "address"' migrate 10.0.0.9
	json "import of no file" 2 'j["verb"] == "import" and j["error"]["field"] is None' import "$tmp/none"
	json "hash without total" 2 'j["verb"] == "hash" and "total" in j["error"]["text"]' hash 192.0.2.7
	json "a configuration of keepalived" 2 'j["verb"] == "keepalived-config" and j["error"]["status"] == 2' \
		keepalived-config $ip dev eth0
	json "metrics" 2 'j["verb"] == "metrics" and j["error"]["status"] == 2' metrics
}

# addresses and buckets whose order as text is another
test_order() {
	local i
	cip apply "$tmp/empty" prune
	for i in 100 9 20; do cip create 10.0.0.$i/24 dev eth0 total 16 buckets 10,2,9; done
	cip show -s
	text=$(for i in 9 20 100; do
		echo "10.0.0.$i/24 dev eth0 mac 03:bf:0a:00:00:$(printf %02x $i) hash sourceip total 16 seed 0x0 buckets 2,9,10"
		printf '    bucket %s: packets 0 bytes 0\n' 2 9 10
		echo "    foreign: packets 0 bytes 0"
	done)
	passes "show: by address and bucket as numbers" eval 'accepted && is "$text"'
	ip -n "$ns" addr del 10.0.0.9/24 dev eth0
	for i in 20 100; do ip netns exec "$ns" bridge fdb del "03:bf:0a:00:00:$(printf %02x $i)" dev eth0 self; done
	# what is left of one that nobody knows is found last
	ip -n "$ns" addr add 10.0.0.5/24 dev eth0
	ip netns exec "$ns" bridge fdb add 03:bf:0a:00:00:05 dev eth0 self
	ip netns exec "$ns" nft "flush chain arp clusterip output; flush map arp clusterip macs"
	cip check
	text=$(cut -d: -f1,2 "$tmp/out" | tr '\n' ' ')
	passes "check: all first, then by address as a number, then by kind" [ "$text" = \
		"all: arp 10.0.0.5: record 10.0.0.9: arp 10.0.0.9: address 10.0.0.20: arp 10.0.0.20: mac 10.0.0.100: arp 10.0.0.100: mac " ]
	json "check: in the same order" 1 '[f["address"] for f in j["faults"]] ==
		[None, "10.0.0.5"] + ["10.0.0.9"] * 2 + ["10.0.0.20"] * 2 + ["10.0.0.100"] * 2' check
	cip destroy 10.0.0.5
	cip apply "$tmp/empty" prune
}

# ------------------------------------------------------------------ the ground

make_ground() {
	local name
	tmp=$(mktemp -d) && chmod 755 "$tmp" || return
	: >"$tmp/empty"
	for name in "$ns" "$ns2"; do
		ip netns add "$name" || return
		ip -n "$name" link set lo up || return
		ip -n "$name" link add eth0 type veth peer name peer0 || return
		ip -n "$name" link add eth1 type veth peer name peer1 || return
		ip -n "$name" link add "#1" type veth peer name peer2 || return
		for dev in eth0 peer0 eth1 peer1 "#1" peer2; do
			ip -n "$name" link set "$dev" addrgenmode none up || return
		done
	done
}

main() {
	local part
	trap cleanup EXIT
	trap 'exit 1' INT TERM
	if ! make_ground; then
		skip "the command line" "no network namespaces here (root is needed)"
		finish
	fi
	for part in help options nothing create_badly create noaddr bucket set destroy_badly hash owner get dry_run \
		apply_badly apply prune restore permission check destroy json order; do
		"test_$part"
	done
	finish
}

main
