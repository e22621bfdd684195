#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The fence agent of a lab, in the way in which Pacemaker calls those: options on standard input. It asks the
# script that made the lab, by a pipe in the lab's folder, for a power failure of the node.

meta_data() {
	cat <<-END
		<?xml version="1.0"?>
		<resource-agent name="fence_lab" shortdesc="Fences nodes of a lab">
		<longdesc>Power failure of a node</longdesc>
		<vendor-url/>
		<parameters>
		<parameter name="lab" unique="0" required="1"><content type="string"/><shortdesc lang="en">Folder</shortdesc></parameter>
		</parameters>
		<actions>
		<action name="off"/><action name="monitor"/><action name="metadata"/>
		</actions>
		</resource-agent>
	END
}

off() {
	local i
	[[ -p $lab/fence && $1 ]] || exit 1
	[[ ! -e $lab/$1/pid ]] || echo "$1" >"$lab/fence"
	for ((i = 0; i < 100; i++)); do
		[[ -e $lab/$1/pid ]] || exit 0
		sleep 0.1
	done
	exit 1
}

action='' node='' lab=''
while IFS='=' read -r name value; do
	case $name in
	action) action=$value ;;
	nodename) node=$value ;;
	lab) lab=$value ;;
	esac
done
case $action in
metadata) meta_data ;;
off) off "$node" ;;
monitor) ;;
*) exit 1 ;;
esac
