# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The rulesets that are compared, for the device v1, to be sourced: functions that print them for COUNT cluster IPs
# of FAMILY, 4 or 6. All do the same job: of 16 buckets of source addresses, 1 to 5 are let in. The hash of the cluster
# match and of nft is the same, that of libclusterip is the one of the kernel's CLUSTERIP target; of an IPv6 address the
# cluster match hashes the first word, libclusterip all.

TOTAL=16
SEED=0x1234
LAST_LOCAL=5
# the mask of these buckets; iptables refuses more than 32
LOCAL_MASK=0x1f
CLUSTER_HASH="-m cluster --cluster-hash-seed $SEED --cluster-total-nodes $TOTAL"

# addresses FAMILY COUNT: the cluster IPs, 198.18.0.1 or 2001:2::1 and on
addresses() {
	awk -v family="$1" -v count="$2" 'BEGIN {
		for (i = 1; i <= count; i++)
			print family == 4 ? sprintf("198.18.%d.%d", int(i / 256), i % 256) : sprintf("2001:2::%x", i)
	}'
}

# for cipadm apply
library_list() {
	addresses "$1" "$2" | sed "s/\$/ dev v1 total $TOTAL seed $SEED buckets 1-$LAST_LOCAL/"
}

# The shortest way with the cluster match: a rule for each cluster IP, behind routing and connection tracking.
match_rules() {
	echo "*filter"
	addresses "$1" "$2" | sed "s/.*/-A INPUT -d & -i v1 $CLUSTER_HASH ! --cluster-local-nodemask $LOCAL_MASK -j DROP/"
	echo COMMIT
}

# libxt_cluster(8), narrowed down to the cluster IPs: mark what is ours, drop the rest.
recipe_rules() {
	echo "*mangle"
	addresses "$1" "$2" | awk -v hash="$CLUSTER_HASH --cluster-local-nodemask $LOCAL_MASK" '{
		print "-A PREROUTING -d", $1, "-i v1", hash, "-j MARK --set-mark 0xffff"
		print "-A PREROUTING -d", $1, "-i v1 -m mark ! --mark 0xffff -j DROP"
	}'
	echo COMMIT
}

# IPaddr2's main branch with nft: a table for each cluster IP, a rule for each local bucket, each put before the
# others. It shares the load of IPv4 alone.
agent_rules() {
	addresses "$1" "$2" | awk -v total=$TOTAL -v seed=$SEED -v last=$LAST_LOCAL '{
		table = $1
		gsub(/\./, "_", table)
		print "table ip IPaddr2_" table " {\nchain prerouting {\ntype filter hook prerouting priority mangle"
		for (bucket = last; bucket; bucket--)
			print "iif v1 ip daddr", $1, "jhash ip saddr mod", total, "seed", seed, "offset 1 ==", bucket,
				"meta pkttype set host accept comment \"cip-node-" bucket "\""
		print "iif v1 ip daddr", $1, "drop\n}\n}"
	}'
}

# The same with its iptables path.
iptables_rules() {
	echo "*mangle"
	addresses "$1" "$2" | awk -v hash="$CLUSTER_HASH" -v last=$LAST_LOCAL '{
		for (bucket = last; bucket; bucket--)
			print "-A PREROUTING -d", $1, "-i v1", hash, "--cluster-local-node", bucket, "-j ACCEPT"
		print "-A PREROUTING -d", $1, "-i v1 -j DROP"
	}'
	echo COMMIT
}
