#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What can be in the way of a cluster IP on the CLUSTERIP target: one clear sentence each, and nothing has changed.

# shellcheck disable=SC2317 # works and the like call functions
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
begin
CREATE=(create "$ADDRESS/16" dev eth0)

# hide FILE...: as if it had never been installed
hide() {
	local file
	for file; do mv "$file" "$file.hidden" || not_ok "hide $file"; done
}

unhide() {
	local file
	for file; do mv "$file.hidden" "$file"; done
}

# ------------------------------------------------------------------ limits

refuses "too many nodes" 2 'total.*1\.\.16' on_target n1 "${CREATE[@]}" total 17
refuses "a MAC that is not multicast" 2 'mac.*multicast|multicast.*mac' on_target n1 "${CREATE[@]}" total 2 mac 02:00:00:00:00:01
refuses "no such device" 2 nosuch0 on_target n1 create $ADDRESS/16 dev nosuch0 total 2

# ------------------------------------------------------------------ the module

# an earlier script may have loaded it
rmmod ipt_CLUSTERIP 2>/dev/null
module=$(find /lib/modules -name ipt_CLUSTERIP.ko)
hide "$module"
refuses "no module" 1 'CLUSTERIP.*(module|CONFIG_IP_NF_TARGET_CLUSTERIP)|CONFIG_IP_NF_TARGET_CLUSTERIP' \
	on_target n1 "${CREATE[@]}" total 2
works "auto takes nftables then" cip n1 create 10.77.0.101/16 dev eth0 total 2
works "and lists it" cip n1 show
works "check" cip n1 check
works "destroy" cip n1 destroy 10.77.0.101
unhide "$module"

# ------------------------------------------------------------------ others

rule=(-d "$ADDRESS" -i eth0 -j CLUSTERIP --new --clustermac 81:48:8f:53:39:b3 --total-nodes 4 --local-node 1 --hashmode sourceip)
iptables n1 -A INPUT "${rule[@]}" || not_ok "iptables"
ip -n "$PREFIX-n1" addr add $ADDRESS/16 dev eth0
refuses "a rule of others has the address, with other parameters" 1 "$ADDRESS" on_target n1 "${CREATE[@]}" total 3
refuses "also from another device" 1 "$ADDRESS" on_target n1 create $ADDRESS/16 dev lo total 4
refuses "set beyond the limit" 2 'total.*1\.\.16' cip n1 set $ADDRESS total 17
refuses "no such bucket" 2 'bucket.*1\.\.4' cip n1 bucket add $ADDRESS 5

# Entries of /proc belong to root. In a container there may be root's capabilities without root.
chmod 666 /run/xtables.lock
cip_of_nobody() {
	in_ns n1 setpriv --reuid 65534 --clear-groups --inh-caps +net_admin,+net_raw --ambient-caps +net_admin,+net_raw \
		"$CIPADM" "$@"
}
refuses "the entry of /proc cannot be read" 4 "ipt_CLUSTERIP/$ADDRESS" cip_of_nobody bucket add $ADDRESS 2
refuses "by show neither" 4 "ipt_CLUSTERIP/$ADDRESS" cip_of_nobody show

# ------------------------------------------------------------------ the lock

start n1 "$WORK/lock" flock -o /run/xtables.lock sh -c 'echo locked; sleep 60'
await "$WORK/lock" locked
refuses "somebody keeps the lock" 1 "iptables' lock" cip n1 bucket set $ADDRESS none
refuses "and a rule is not made" 1 "iptables' lock" on_target n1 create 10.77.0.102/16 dev eth0 total 2
stop_last
works "then it is free" cip n1 bucket set $ADDRESS none
finish
