# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debian 12 packages that ./demo and ./check need. To be sourced.

# shellcheck disable=SC2034 # used by those who source this
BUILD_PACKAGES=(autoconf automake libtool pkg-config gcc g++ make libmnl-dev libnftnl-dev libiptc-dev libxtables-dev
	libjansson-dev libsystemd-dev doxygen check)
# shellcheck disable=SC2034
DEMO_PACKAGES=(iproute2)
# shellcheck disable=SC2034
TEST_PACKAGES=(
	nftables iptables procps python3 bash-completion
	valgrind clang clang-format libclang-rt-14-dev codespell shellcheck mandoc libbpf-dev libc6-dev file cppcheck
	python3-scapy python3-jsonschema python3-prometheus-client python3-pytest python3-coverage mypy flake8 xz-utils
	qemu-system-x86 busybox-static cpio kmod util-linux
	corosync pacemaker pacemaker-cli-utils crmsh resource-agents keepalived iputils-ping libxml2-utils
	luajit lua-cjson libffi-platypus-perl golang-go python3-setuptools python3-wheel python3-pip
	prometheus-node-exporter tmux systemd
	abigail-tools build-essential debhelper dh-python pybuild-plugin-pyproject lintian rpm rpmlint
)
# what asks whether daemons may start when their package is installed
POLICY=/usr/sbin/policy-rc.d

# Prints those of the packages $@ that are not installed.
missing_packages() {
	local package
	for package; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
			echo "$package"
	done
}

# Tests start their daemons themselves, in namespaces; on the machine none is to start.
forbid_daemons() {
	[[ ! -e $POLICY ]] || return 0
	printf '#!/bin/sh\nexit 101\n' >"$POLICY" && chmod 755 "$POLICY" && trap 'rm -f "$POLICY"' EXIT
}

# Installs those of the packages $@ that are missing; without any missing it asks nobody and needs no network.
install_packages() {
	local missing
	mapfile -t missing < <(missing_packages "$@")
	((${#missing[@]})) || return 0
	if ((EUID)); then
		echo "missing packages, and only root can install them: ${missing[*]}" >&2
		return 1
	fi
	if ! command -v apt-get >/dev/null; then
		echo "this is not Debian; install by other means: ${missing[*]}" >&2
		return 1
	fi
	echo "installing ${missing[*]}"
	(
		forbid_daemons &&
			apt-get -qq update </dev/null &&
			DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}" \
				</dev/null >/dev/null
	)
}
