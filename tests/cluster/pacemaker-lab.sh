# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A cluster of corosync and Pacemaker in a lab, to be sourced. ADDRESS is what its nodes share.

LAB_SCRIPT=$(realpath "${BASH_SOURCE[0]}")
# shellcheck source=lab.sh
. "${LAB_SCRIPT%/*}/lab.sh"
OCF_AGENTS=/usr/lib/ocf/resource.d
# Agents have to be in that folder. This one, which nobody needs, is replaced by that of the lab.
FENCE_AGENT=/usr/sbin/fence_legacy
FENCER=

# ------------------------------------------------------------------ a node

corosync_conf() {
	local node
	cat <<-END
		totem {
		  version: 2
		  cluster_name: lab
		  transport: udpu
		  crypto_cipher: none
		  crypto_hash: none
		  token: 1000
		  token_coefficient: 0
		}
		system {
		  move_to_root_cgroup: no
		}
		logging {
		  to_stderr: no
		  to_syslog: no
		  to_logfile: yes
		  logfile: /var/log/corosync.log
		  timestamp: hires
		}
		quorum {
		  provider: corosync_votequorum
		}
		nodelist {
	END
	for node in "${NODES[@]}"; do
		printf '  node {\n    name: %s\n    nodeid: %d\n    ring0_addr: 10.77.0.%d\n  }\n' \
			"$node" "${node#n}" "${node#n}"
	done
	echo "}"
}

nvpair() {
	printf '<nvpair id="opt-%s" name="%s" value="%s"/>' "$1" "$1" "$2"
}

# A first CIB, the same on all nodes. Without one, a node that starts looks for a DC for 20 seconds. The load that
# Pacemaker sees, and would wait for, is that of the whole machine.
first_cib() {
	local options
	options=$(nvpair stonith-enabled false && nvpair no-quorum-policy ignore && nvpair dc-deadtime 1s &&
		nvpair load-threshold 10000%)
	cibadmin --empty |
		sed "s|<crm_config/>|<crm_config><cluster_property_set id='cib-bootstrap-options'>$options</cluster_property_set></crm_config>|"
}

node_disk() {
	local disk=$LAB/$1/disk node
	mkdir -p "$disk/etc/corosync/uidgid.d" "$disk/var/lib/corosync" "$disk/var/log/crmsh" &&
		install -d -m 755 "$disk/var/lib/pacemaker" &&
		install -d -m 750 -o hacluster -g haclient "$disk"/var/lib/pacemaker/{blackbox,cib,cores,pengine} &&
		install -d -m 770 -o hacluster -g haclient "$disk/var/log/pacemaker" || return
	# crm pings a node by its name before it believes that there is one
	{
		echo 127.0.0.1 localhost
		for node in "${NODES[@]}"; do echo "10.77.0.${node#n} $node"; done
	} >"$disk/etc/hosts"
	corosync_conf >"$disk/etc/corosync/corosync.conf"
	first_cib >"$disk/cib.xml" &&
		install -m 600 -o hacluster -g haclient "$disk/cib.xml" "$disk/var/lib/pacemaker/cib/cib.xml"
}

# Adds a provider to those that the machine has.
mount_agents() {
	local folder built
	mkdir -p "$LAB/$1/ocf" && mount -t tmpfs tmpfs "$LAB/$1/ocf" || return
	for folder in "$OCF_AGENTS"/*/; do
		[[ $folder != */libclusterip/ ]] || continue
		folder=$LAB/$1/ocf/$(basename "$folder")
		mkdir "$folder" && mount --bind "$OCF_AGENTS/${folder##*/}" "$folder" || return
	done
	built=$(find "$LAB/root" -type d -name libclusterip -path '*/resource.d/*')
	mkdir "$LAB/$1/ocf/libclusterip" && mount --bind "$built" "$LAB/$1/ocf/libclusterip" &&
		mount --rbind "$LAB/$1/ocf" "$OCF_AGENTS"
}

node_mounts() {
	local path
	mkdir -m 1777 /run/lock && install -d -m 1755 /run/resource-agents &&
		install -d -m 750 -o hacluster -g haclient /run/crm || return
	for path in /etc/hosts /etc/corosync /var/lib/corosync /var/lib/pacemaker /var/log; do
		mount --bind "$LAB/$1/disk$path" $path || return
	done
	mount_agents "$1" && mount --bind "${LAB_SCRIPT%/*}/fence.sh" "$FENCE_AGENT"
}

corosync_runs() {
	corosync-cmapctl -g runtime.votequorum.this_node_id >/dev/null 2>&1
}

node_daemons() {
	corosync -f >/var/log/corosync.out 2>&1 </dev/null &
	try 60 corosync_runs || return
	PCMK_logfile=/var/log/pacemaker/pacemaker.log pacemakerd -f >/var/log/pacemakerd.out 2>&1 </dev/null &
}

# ------------------------------------------------------------------ the cluster

# online COUNT: those whose Pacemaker answers agree on so many nodes online
online() {
	local node status asked=0
	for node in "${NODES[@]}"; do
		status=$(enter "$node" crm_mon -1 --output-as=xml 2>/dev/null </dev/null) || continue
		asked=$((asked + 1))
		[[ $(grep -c '<node name=.* online="true" .*pending="false"' <<<"$status") == "$1" ]] || return
	done
	((asked))
}

# crm_on NODE WORDS...: crmsh there, without what it says about the lab being without fencing
crm_on() {
	enter "$1" crm "${@:2}" 2>&1 | grep -v 'Blind faith' || :
	return "${PIPESTATUS[0]}"
}

# placement NODE: "INSTANCE NODE" for every started instance of a globally unique clone, as this node sees it
placement() {
	enter "$1" crm_mon -1 --output-as=xml </dev/null 2>/dev/null | awk -F '"' '
		/<resource id="[^"]*:/ {id = $2; role = ""; for (i = 1; i < NF; i++) if ($i ~ / role=$/) role = $(i + 1)}
		/<node name="/ && id != "" && role == "Started" {sub(/.*:/, "", id); print id, $2}
		/<\/resource>/ {id = ""}' | sort -n
}

# ------------------------------------------------------------------ who has what

# cluster: one of the nodes whose cluster manager runs
cluster() {
	local node
	for node in "${NODES[@]}"; do
		if enter "$node" crm_mon -1 >/dev/null 2>&1 </dev/null; then
			echo "$node"
			return
		fi
	done
}

# expand LIST: 1-3,5 in lines
expand() {
	local range
	[[ $1 != none ]] || return
	for range in ${1//,/ }; do seq "${range%-*}" "${range#*-}"; done
}

# kernels NODE...: "BUCKET NODE" for what is local there
kernels() {
	local node words
	for node; do
		read -ra words <<<"$(enter "$node" cipadm show "$ADDRESS" 2>/dev/null)"
		((${#words[@]} == 0)) || expand "${words[-1]}" | sed "s/\$/ $node/"
	done | sort -n
}

# total_nodes: those that the kernels divide by
total_nodes() {
	local node
	for node in $(powered); do enter "$node" cipadm show "$ADDRESS" 2>/dev/null; done |
		sed 's/.* total \([0-9]*\) .*/\1/' | sort -u
}

# pacemaker_view: the same in Pacemaker's eyes, those of the first node that answers
pacemaker_view() {
	local node view
	for node in $(powered); do
		view=$(placement "$node")
		[[ ! $view ]] || break
	done
	[[ ! $view ]] || awk '{print $1 + 1, $2}' <<<"$view"
}

# ------------------------------------------------------------------

# fencing_on NODE: configures it; from now on nodes that are lost have a power failure before others take over
fencing_on() {
	local node
	mkfifo "$LAB/fence" || return
	# shellcheck disable=SC2094 # a pipe that has a writer does not end
	while read -r node; do lab_crash "$node"; done <>"$LAB/fence" >/dev/null 2>&1 &
	FENCER=$!
	crm_on "$1" configure <<-END
		primitive fencing stonith:${FENCE_AGENT##*/} params pcmk_host_list="${NODES[*]}" lab="$LAB"
		property stonith-enabled=true stonith-action=off
		commit
	END
}

# end_lab: what a script that makes a lab does last
end_lab() {
	[[ ! $FENCER ]] || kill "$FENCER" 2>/dev/null
	lab_down
}
