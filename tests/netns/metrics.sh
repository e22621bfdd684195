#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cipadm metrics: Prometheus' parsers and node_exporter take it, and its numbers are those of packets that were sent and
# of damage that was done.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
address=10.77.0.100
clients=48
size=100
if ! /usr/bin/python3 -c 'import prometheus_client.openmetrics.parser' 2>/dev/null; then
	skip "cipadm metrics: Python has no prometheus_client"
	finish
fi
begin
make_clients $clients
folder=$WORK/textfiles
prom=$folder/clusterip.prom
mkdir "$folder"

# read_metrics NODE WORD...: METRICS is what the parser makes of it then, STATUS how cipadm ended
read_metrics() {
	cip "$1" metrics "${@:2}" >"$WORK/text" 2>"$WORK/errors"
	STATUS=$?
	METRICS=$(/usr/bin/python3 "$here/metrics.py" parse "$WORK/text" 2>&1) || not_ok "it is OpenMetrics" "$METRICS"
}

# value NAME LABEL=VALUE...: of that sample
value() {
	sed -n "s/^$* //p" <<<"$METRICS"
}

# traffic_due: what the packets to each local bucket of n1 and to the others make in metrics
traffic_due() {
	local i bucket counts=(0 0 0 0)
	for ((i = 1; i <= clients; i++)); do
		bucket=$("$CIPADM" hash total 6 10.77.1.$i)
		((bucket <= 2)) || bucket=3
		counts[bucket]=$((counts[bucket] + 1))
	done
	for bucket in 1 2; do
		echo "clusterip_bucket_packets_total address=$address bucket=$bucket ${counts[bucket]}"
		echo "clusterip_bucket_bytes_total address=$address bucket=$bucket $((counts[bucket] * (size + 28)))"
	done
	echo "clusterip_foreign_packets_total address=$address ${counts[3]}"
	echo "clusterip_foreign_bytes_total address=$address $((counts[3] * (size + 28)))"
}

# ------------------------------------------------------------------ what packets count

start_servers || not_ok "servers"
for node in "${NODES[@]}"; do
	first=$((2 * ${node#n} - 1))
	cip "$node" create $address/16 dev eth0 total 6 buckets $first,$((first + 1)) || not_ok "create on $node"
done
in_ns c "$TOOLS/ask" udp $address 8000 10.77.1.1 $clients $size >/dev/null
read_metrics n1
is "packets and bytes are those that were sent, for each bucket and the others" \
	"$(grep -E '_(packets|bytes)_total' <<<"$METRICS" | sort)" "$(traffic_due | sort)"
is "families, types and units" "$(sed -n 's/^family //p' <<<"$METRICS")" "\
clusterip_info gauge -
clusterip_total_nodes gauge -
clusterip_local_buckets gauge -
clusterip_dark_buckets gauge -
clusterip_bucket_packets counter -
clusterip_bucket_bytes counter bytes
clusterip_foreign_packets counter -
clusterip_foreign_bytes counter bytes
clusterip_intact gauge -
clusterip_faults gauge -
clusterip_scrape_errors gauge -"
is "what a cluster IP is" "$(value clusterip_info)" \
	"address=$address backend=nft device=eth0 hash=sourceip mac=03:bf:0a:4d:00:64 mac_mode=multicast \
outgoing=false source_prefix=32 1"
is "it has 6 buckets, 2 local ones, and none dark" "$(value clusterip_total_nodes "address=$address") \
$(value clusterip_local_buckets "address=$address") $(value clusterip_dark_buckets "address=$address")" "6 2 0"
is "it is intact, and nothing failed" "$STATUS $(value clusterip_intact "address=$address") \
$(value clusterip_scrape_errors)" "0 1 0"
is "every kind of fault has a number" "$(value clusterip_faults)" "$(printf 'kind=%s 0\n' \
	table arp rule bucket mac address device dispatch record backend)"
is "the dashboard asks for what there is" "$(/usr/bin/python3 "$here/metrics.py" dashboard "$WORK/text" \
	"$here/../../examples/metrics/grafana.json" 2>&1)" "11 asked"

# ------------------------------------------------------------------ node_exporter

# exported PATTERN: lines of node_exporter's page
exported() {
	in_ns n1 /usr/bin/python3 "$here/metrics.py" get http://127.0.0.1:9100/metrics | grep -E "$1" | sort
}

if [[ -x $(command -v prometheus-node-exporter) ]]; then
	cip n1 metrics --output "$prom" || not_ok "metrics to a file"
	start n1 "$WORK/exporter" prometheus-node-exporter --collector.disable-defaults --collector.textfile \
		--collector.textfile.directory="$folder" --web.listen-address=127.0.0.1:9100
	page=$(exported .)
	has "node_exporter takes the file" "$page" '^node_textfile_scrape_error 0$'
	is "and has its samples" "$(grep -c '^clusterip_' <<<"$page")" "$(grep -c '^clusterip_' "$prom")"
	is "the number of a bucket's packets, too" "$(grep -F 'packets_total{' <<<"$page" | grep -F 'bucket="2"')" \
		"$(grep -F 'packets_total{' "$prom" | grep -F 'bucket="2"')"
	is "gauges are gauges there, and counters have no type, as the manual says" \
		"$(grep -E '^# TYPE clusterip_(info|bucket_bytes)' <<<"$page")" "\
# TYPE clusterip_bucket_bytes_total untyped
# TYPE clusterip_info gauge"
	stop_last
else
	skip "node_exporter takes the file: there is none"
fi

# ------------------------------------------------------------------ the file

exec {old}<"$prom"
was=$(stat -c %i "$prom")
(umask 077 && cip n1 metrics --output "$prom") || not_ok "metrics to the file again"
is "whoever has the old file open still has all of it" "$(tail -n 1 <&$old)" "# EOF"
exec {old}<&-
is "the new one is another" "$(($(stat -c %i "$prom") != was))" 1
is "which all can read" "$(stat -c %a "$prom")" 644
is "and is alone" "$(ls -A "$folder")" clusterip.prom
mkdir "$folder/taken.prom"
refuses "what cannot be put in place" 1 taken.prom cip n1 metrics --output "$folder/taken.prom"
is "leaves nothing" "$(ls -A "$folder")" $'clusterip.prom\ntaken.prom'

# shellcheck disable=SC2317 # called by refuses
to_full() { cip n1 metrics >/dev/full; }
refuses "metrics to what is full" 1 write to_full

# on_full_disk: leaves on the standard output what is on the disk then
on_full_disk() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'mount -t tmpfs -o size=4k none "$0" && head -c 4096 /dev/zero >"$0/filler" &&
		"$1" -n "$2" metrics --output "$0/full.prom"; ls -A "$0"' "$folder/taken.prom" "$CIPADM" "$PREFIX-n1" 2>&1
}
is "a full disk is told, and nothing is left" "$(on_full_disk)" \
	"cipadm: file \"$folder/taken.prom/full.prom\": No space left on device"$'\nfiller'

# ------------------------------------------------------------------ damage

in_ns n1 nft delete element ip clusterip buckets "{ $(slot n1 $address 1) }"
in_ns n1 bridge fdb del 03:bf:0a:4d:00:64 dev eth0 self
read_metrics n1
is "a bucket that went is dark" "$(value clusterip_local_buckets "address=$address") \
$(value clusterip_dark_buckets "address=$address")" "1 1"
is "faults are counted by kind" "$(value clusterip_faults | grep -v ' 0$')" $'kind=bucket 1\nkind=mac 1'
is "and the cluster IP is not intact" "$(value clusterip_intact "address=$address")" 0
cip n1 create 10.77.0.101/16 dev eth0 total 2
read_metrics n1 10.77.0.101 10.77.0.101
is "one that is named twice is there once, without an error" "$STATUS $(value clusterip_info | wc -l)" "0 1"
is "the faults of others are not its own" "$(value clusterip_intact "address=10.77.0.101") \
$(value clusterip_faults | grep -vc ' 0$')" "1 0"
read_metrics n1 10.77.0.99 10.77.0.101
is "one that is not there is an error, and hides no other" \
	"$STATUS $(value clusterip_scrape_errors) $(value clusterip_info | wc -l) $(cat "$WORK/errors")" \
	"3 1 1 cipadm: no such cluster IP: 10.77.0.99"
in_ns n1 setpriv --reuid=65534 --regid=65534 --clear-groups "$CIPADM" metrics >"$WORK/text" 2>/dev/null
is "without privilege there are errors, and no numbers" \
	"$? $(/usr/bin/python3 "$here/metrics.py" parse "$WORK/text" | grep -v ^family)" "4 clusterip_scrape_errors 2"
refuses "metrics of what is no address" 2 '"10.77.0.x"' cip n1 metrics 10.77.0.x

# ------------------------------------------------------------------ labels

# a backslash and an n, not a new line
ip -n "$PREFIX-n3" link add 'a\n' type veth peer name peer0
ip -n "$PREFIX-n3" link set 'a\n' up
cip n3 create 10.78.0.1/16 dev 'a\n' total 1
read_metrics n3 10.78.0.1
has "a device with a backslash" "$METRICS" 'device=a\\n '
finish
