# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scripts that call the resource agent as Pacemaker calls it, in the network namespaces of ../netns/lib.sh, which they
# have sourced. They set ADDRESS and TOTAL, and have a function nothing_left WHAT NODE.

AGENT=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../examples/pacemaker/ClusterIP")
PREFIX_LENGTH=16
# what every call has; tests add to it
PARAMETERS=()

# begin_agent: the namespaces, and the few programs that the agent may need beside those of iproute2
begin_agent() {
	if [[ ! -e /usr/lib/ocf/lib/heartbeat/ocf-shellfuncs ]]; then
		skip "$(basename "$0"): needs the package resource-agents"
		finish
	fi
	begin
	# no GNU awk, no bash
	mkdir "$WORK/bin"
	ln -s "$(command -v mawk)" "$WORK/bin/awk"
}

# agent NODE INSTANCE ACTION [NAME=VALUE...]: its status; what it says is in $WORK/said
agent() {
	in_ns "$1" env "PATH=$WORK/bin:$(dirname "$CIPADM"):$PATH" OCF_ROOT=/usr/lib/ocf HA_RSCTMP="$WORK/tmp-$1" \
		HA_LOGFILE=/dev/null OCF_RESOURCE_INSTANCE="ip:$2" OCF_RESKEY_CRM_meta_clone="$2" \
		OCF_RESKEY_CRM_meta_clone_max="$TOTAL" OCF_RESKEY_CRM_meta_globally_unique=true \
		OCF_RESKEY_CRM_meta_interval=10000 OCF_RESKEY_ip="$ADDRESS" OCF_RESKEY_nic=eth0 \
		OCF_RESKEY_cidr_netmask=$PREFIX_LENGTH OCF_RESKEY_clusterip_hash=sourceip "${PARAMETERS[@]}" "${@:4}" \
		dash "$AGENT" "$3" >"$WORK/said" 2>&1
}

# ends WHAT STATUS NODE INSTANCE ACTION [NAME=VALUE...]
ends() {
	local status
	agent "${@:3}"
	status=$?
	if [[ $status == "$2" ]]; then ok "$1"; else not_ok "$1" "$5 of $4 on $3 ended with $status: $(<"$WORK/said")"; fi
}

# recover NODE INSTANCE: what Pacemaker does about a failure
recover() {
	ends "instance $2 stops" 0 "$1" "$2" stop
	ends "instance $2 starts" 0 "$1" "$2" start
	ends "instance $2 is well" 0 "$1" "$2" monitor
}

# stop_all WHAT NODE
stop_all() {
	local instance
	for ((instance = 0; instance < TOTAL; instance++)); do
		ends "$1: instance $instance stops" 0 "$2" $instance stop
	done
	nothing_left "$1" "$2"
}

ruleset() { in_ns "$1" nft -s list ruleset; }

macs() { in_ns "$1" bridge fdb show dev eth0 | sort; }

# begin_same: starts the instance whose cluster IP same() compares with
begin_same() {
	agent n1 0 start || not_ok "an instance starts" "$(<"$WORK/said")"
	plain=$(cip n1 show)
}

# same WHAT NAME=VALUE...: with these in place of those that all calls have, the cluster IP is the same
same() {
	ends "$1: monitor" 0 n1 0 monitor "${@:2}"
	ends "$1: start" 0 n1 0 start "${@:2}"
	is "$1: the same cluster IP" "$(cip n1 show)" "$plain"
}
