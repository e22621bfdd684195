# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A cluster on one machine, to be sourced by pacemaker-lab.sh and keepalived-lab.sh:
#
#           ┌──────────────────────────────┐
#           │   holder: br0, a switch      │
#           │   c      n1     n2     n3    │
#           └───┬──────┬──────┬──────┬─────┘
#               │      │      │      └────────────────────┐
#               │      │      └────────────┐              │
#               │      └────┐              │              │
#       ┌───────┴──────┐ ┌──┴────────┐ ┌───┴───────┐ ┌────┴──────┐
#       │     eth0     │ │   eth0    │ │   eth0    │ │   eth0    │
#       │ 10.77.0.254  │ │ 10.77.0.1 │ │ 10.77.0.2 │ │ 10.77.0.3 │
#       │ 10.77.1.1... │ │           │ │           │ │           │
#       └──────────────┘ └───────────┘ └───────────┘ └───────────┘
#
# Each of them has a network, mounts, a name and processes of its own, and is a pid namespace inside that of the
# holder. So SIGKILL of a node's PID 1 is a power failure, SIGKILL of the holder ends everything, and nothing has a
# name by which it could be left over. The network is 10.77.0.0/24; the default route of the nodes is the client.
#
# Who sources this sets LAB_SCRIPT to its own path and has the functions
#   node_disk NODE      on the machine, once: files of the node that outlive a crash, in $LAB/NODE
#   node_mounts NODE    in the node, before it has a network
#   node_daemons NODE   in the node, with its network and a clean environment: starts what runs there, and returns

set -u
export LC_ALL=C
LAB=${LAB-}
NODES=()
# what programs in the nodes have in their environment; lab_up adds what was built
LAB_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LAB_ENV=("PATH=$LAB_PATH" LANG=C.UTF-8)
# a bash that calls a function of LAB_SCRIPT
# shellcheck disable=SC2016 # it is that bash that expands it
IN_LAB='. "$0" && "$@"'

# try SECONDS COMMAND...: until it succeeds. What is waited for needs the processors, too.
try() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return
		sleep 0.3
	done
}

# ------------------------------------------------------------------ in the namespaces

# The rest of the life of a PID 1: bash reaps what becomes its child.
lab_idle() {
	while :; do
		sleep infinity &
		wait $!
	done
}

# /proc still is the machine's, and tells by which number it knows this process.
lab_note_pid() {
	local pid
	read -r pid _ </proc/self/stat
	echo "$pid" >"$LAB/$1/pid.new"
}

# The name appears when all is prepared.
lab_ready() {
	mv "$LAB/$1/pid.new" "$LAB/$1/pid"
	lab_idle
}

lab_holder() {
	lab_note_pid holder
	# do not hold other people's network namespaces
	umount -R /run/netns 2>/dev/null
	ip link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0 && ip link set br0 up || return
	lab_ready holder
}

lab_machine() {
	lab_note_pid "$1"
	mount -t proc proc /proc && mount -t sysfs sysfs /sys && hostname "$1" && ip link set lo up || return
	# lost in a crash, as on any machine
	mount -t tmpfs -o mode=755 tmpfs /run && mount -t tmpfs -o mode=1777 tmpfs /dev/shm || return
	[[ $1 == c ]] || node_mounts "$1" || return
	lab_ready "$1"
}

# ------------------------------------------------------------------ on the machine

# lab_pid NAME: number of its PID 1, if it is up
lab_pid() {
	cat "$LAB/$1/pid" 2>/dev/null
}

# lab_spawn FUNCTION NAME COMMAND...: a PID 1 for NAME, made by COMMAND, that runs a function of this file
lab_spawn() {
	local function=$1 name=$2
	shift 2
	mkdir -p "$LAB/$name"
	# in a subshell: not a job of this shell, which would report its end
	(LAB=$LAB "$@" bash -c "$IN_LAB" "$LAB_SCRIPT" "$function" "$name" >"$LAB/$name/init.log" 2>&1 </dev/null &)
	try 60 test -s "$LAB/$name/pid" || {
		echo "$name does not come up: $(cat "$LAB/$name/init.log")" >&2
		return 1
	}
}

# in_switch COMMAND...
in_switch() {
	nsenter -t "$(lab_pid holder)" -n -- "$@"
}

# enter NAME COMMAND...: runs it there
enter() {
	local pid
	pid=$(lab_pid "$1") || return
	nsenter -t "$pid" -m -u -i -n -p -- env "HOME=$LAB/$1" "${LAB_ENV[@]}" "${@:2}"
}

# lab_plug NAME ADDRESS
lab_plug() {
	local pid
	pid=$(lab_pid "$1")
	# the port of a crashed node goes with its network namespace, but not at once
	try 60 eval "! in_switch ip link show $1 >/dev/null 2>&1" &&
		in_switch ip link add "$1" type veth peer name eth0 netns "$pid" &&
		in_switch ip link set "$1" master br0 up &&
		enter "$1" ip addr add "$2/24" brd + dev eth0 &&
		enter "$1" ip link set eth0 up
}

# lab_start NAME ADDRESS ROUTE-WORDS...: a machine, without daemons
lab_start() {
	lab_spawn lab_machine "$1" nsenter -t "$(lab_pid holder)" -m -p -- \
		unshare --fork --kill-child --pid --mount --uts --ipc --net &&
		lab_plug "$1" "$2" && enter "$1" ip route add default "${@:3}"
}

# lab_daemons NODE: starts them
lab_daemons() {
	enter "$1" env -i "HOME=$LAB/$1" "LAB=$LAB" "${LAB_ENV[@]}" \
		bash -c "$IN_LAB" "$LAB_SCRIPT" node_daemons "$1" >>"$LAB/$1/daemons.log" 2>&1 </dev/null
}

# lab_boot NODE: starts it, or where only its daemons have ended, those
lab_boot() {
	if [[ ! -e $LAB/$1/pid ]]; then lab_start "$1" "10.77.0.${1#n}" via 10.77.0.254 || return; fi
	lab_daemons "$1"
}

# lab_crash NODE: power failure. The link goes first: a network namespace that ends loses its rules before its devices,
# and would answer for everybody meanwhile.
lab_crash() {
	local pid
	pid=$(lab_pid "$1") || return 0
	rm -f "$LAB/$1/pid"
	lab_port "$1" down
	kill -9 "$pid" 2>/dev/null
	try 60 eval "! kill -0 $pid 2>/dev/null"
}

# lab_port NODE up|down: its port of the switch
lab_port() {
	in_switch ip link set "$1" "$2"
}

# make_clients COUNT: so many addresses, 10.77.1.1 and following, on the client
make_clients() {
	local i
	for ((i = 1; i <= $1; i++)); do
		echo "addr add 10.77.$((1 + i / 256)).$((i % 256))/32 dev eth0"
	done | enter c ip -batch -
}

# powered: the nodes that are there
powered() {
	local node
	for node in "${NODES[@]}"; do [[ ! -e $LAB/$node/pid ]] || echo "$node"; done
}

# serve_on NODE: the program serve, named as the node. TOOLS is the folder of the programs of tests/netns.
serve_on() {
	# shellcheck disable=SC2016 # expanded there
	enter "$1" sh -c '"$0" "$1" 8000 >/dev/null 2>&1 </dev/null &' "$TOOLS/serve" "$1"
}

# boot NODE: with what it serves
boot() {
	lab_boot "$1" && serve_on "$1"
}

# all_answered WHAT: every one of CLIENTS has an answer of one node, by TCP and by UDP
all_answered() {
	local kind
	for kind in tcp udp; do
		is "$1: $CLIENTS clients are answered by $kind, each by one node" \
			"$(enter c "$TOOLS/ask" $kind "$ADDRESS" 8000 10.77.1.1 "$CLIENTS" |
				grep -cE '^[0-9.]+ n[0-9]$')" "$CLIENTS"
	done
}

# The programs as "make install" leaves them, for all nodes. BUILD is the top of the build.
lab_install() {
	local cipadm library
	make -C "$BUILD" install DESTDIR="$LAB/root" >"$LAB/install.log" 2>&1 || {
		tail -n 20 "$LAB/install.log" >&2
		return 1
	}
	cipadm=$(find "$LAB/root" -name cipadm -type f -path '*/sbin/*')
	library=$(find "$LAB/root" -name libclusterip.so)
	LAB_ENV=("PATH=${cipadm%/*}:$LAB_PATH" "LD_LIBRARY_PATH=${library%/*}" LANG=C.UTF-8)
}

# begin_lab END [PROGRAM]: what a script that makes a lab does first; it needs that program, and END is what it does last
begin_lab() {
	# shellcheck disable=SC2064 # it is a name
	trap "$1" EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	if ((EUID)) || [[ ${2-} && ! $(command -v "$2") ]]; then
		skip "needs root${2:+ and $2}"
		finish
	fi
}

# no_fault WHAT: every node that is there says so of its kernel
no_fault() {
	local node bad=
	for node in $(powered); do
		enter "$node" cipadm check >"$LAB/check" 2>&1 || bad+="$node: $(<"$LAB/check")"$'\n'
	done
	is "$1" "$bad" ""
}

# lab_up COUNT: the switch, the client, and nodes n1, n2..., all starting at once
lab_up() {
	local i node jobs=()
	LAB=$(mktemp -d -t clusterip-lab.XXXXXX) && chmod 755 "$LAB" && lab_install || return
	for ((i = 1; i <= $1; i++)); do NODES+=("n$i"); done
	lab_spawn lab_holder holder unshare --fork --kill-child --pid --mount --net &&
		lab_start c 10.77.0.254 dev eth0 || return
	for node in "${NODES[@]}"; do mkdir "$LAB/$node" && node_disk "$node" || return; done
	for node in "${NODES[@]}"; do
		lab_boot "$node" &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do wait "$i" || return; done
}

lab_down() {
	local pid
	if pid=$(lab_pid holder); then
		kill -9 "$pid" 2>/dev/null
		try 60 eval "! kill -0 $pid 2>/dev/null"
	fi
	if [[ $LAB ]]; then rm -rf "$LAB"; fi
}
