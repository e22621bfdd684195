#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh [--build DIR] [SCRIPT...]: runs scripts under a kernel that has the CLUSTERIP target, in a virtual machine, and
# sums up what they say. A SCRIPT is a name in guest/ or ../netns, or a path with a slash in it to any script; without
# any, those of guest/ and some of ../netns. DIR is the build tree to test, else that of CIPADM and TOOLS.
#
# CIP_VM_CACHE: a folder to keep the kernel in, for the next time. CIP_VM_TIMEOUT: seconds that the machine may take.

set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"
# shellcheck source=image.sh
. "$here/image.sh"
# auto comes first: it is about modules that nothing has loaded yet
RING=(../vm/guest/{auto,smoke,target,errors,foreign,migrate,mixed-vectors,upgrade,move,race,kill}.sh)
TIMEOUT=${CIP_VM_TIMEOUT:-1800}
LAST_LINE='^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$'
build=${TOOLS:+$TOOLS/../..}
machine=
work=

# shellcheck disable=SC2317 # called by traps
clean_up() {
	[[ ! $machine ]] || { kill "$machine" && wait "$machine"; } 2>/dev/null
	[[ ! $work ]] || rm -rf "$work"
}

# fail WHAT [DETAIL]
fail() {
	echo "NOT OK - $1"
	[[ ! ${2-} ]] || echo "    ${2//$'\n'/$'\n'    }"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}

# name_scripts SCRIPT...: sets LIST to what netns/run.sh will be told in the guest, EXTRA to what has to be brought there
name_scripts() {
	local script
	LIST=() EXTRA=()
	for script; do
		case $script in
		*/*) EXTRA+=("$script") LIST+=("../../scripts/${script##*/}") ;;
		*) if [[ -e $here/guest/$script ]]; then LIST+=("../vm/guest/$script"); else LIST+=("$script"); fi ;;
		esac
	done
	(($#)) || LIST=("${RING[@]}")
}

make_image() {
	local cache=${CIP_VM_CACHE:-$work}
	mkdir -p "$cache" && find_kernel "$cache" && add_base "$work/root" && add_plugins "$work/root" &&
		add_modules "$work/root" && add_build "$build" "$work/root" &&
		add_scripts "$here/.." "$work/root" ${EXTRA[@]+"${EXTRA[@]}"} &&
		printf '%s\n' "${LIST[@]}" >"$work/root/list" && pack "$work/root" "$work/initrd"
}

# Emulation: it works wherever the tests run, inside of other virtual machines too.
boot() {
	exec timeout "$TIMEOUT" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 768 -display none -monitor none \
		-no-reboot -nic none -serial "file:$work/console" -serial stdio -kernel "$KERNEL/vmlinuz" \
		-initrd "$work/initrd" -append "console=ttyS0 loglevel=4 panic=-1 rdinit=/init mitigations=off" \
		</dev/null 2>"$work/errors"
}

# relay: passes the guest's lines on, but the last one, and leaves the three numbers of that or of what there was; JSON
# that the scripts have seen goes to a folder
relay() {
	local line held=0 last='' passed=0 failed=0
	while IFS= read -r line; do
		if [[ $line == 'json '* ]]; then
			echo "${line#json }" >>"$work/objects/guest"
			continue
		fi
		((!held)) || echo "$last"
		last=$line held=1
		case $line in
		'ok - '*) passed=$((passed + 1)) ;;
		'NOT OK - '*) failed=$((failed + 1)) ;;
		esac
	done
	if [[ $last =~ $LAST_LINE ]]; then
		echo "${BASH_REMATCH[*]:1}" >"$work/sums"
		return
	fi
	((!held)) || echo "$last"
	echo "NOT OK - the guest ended without a last line, or was stopped after $TIMEOUT s"
	tail -n 40 "$work/console" "$work/errors" 2>/dev/null | sed 's/^/    /'
	echo "$passed $((failed + 1)) 0" >"$work/sums"
}

if [[ ${1-} == --build ]]; then
	build=${2?}
	shift 2
fi
if [[ $(uname -m) != x86_64 ]]; then
	echo "skipped - the guest is made of this machine's programs, and its kernel is for x86_64"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
[[ -x ${build:-.}/examples/cipadm/.libs/cipadm ]] || fail "no build tree with a shared library in '${build-}'"
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
work=$(mktemp -d -t clusterip-vm.XXXXXX) || exit 1
name_scripts "$@"
make_image >"$work/log" 2>&1 || fail "cannot make the image of the guest" "$(tail -n 20 "$work/log")"
mkfifo "$work/pipe" && mkdir "$work/objects" || exit 1
boot >"$work/pipe" &
machine=$!
relay <"$work/pipe"
wait "$machine"
machine=
read -r PASSED FAILED SKIPPED <"$work/sums"
[[ ! -e $work/objects/guest ]] || OBJECTS=$work/objects run_scripts "$here/../netns/objects.sh"
finish
