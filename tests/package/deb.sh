#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tarball is a Debian source package; its packages are built as users build them, and lintian looks at them. Unit
# tests have a ring of their own. Leaves the packages in $WORK, and the unpacked sources in $WORK/libclusterip-*.

# shellcheck disable=SC2317 # called by works
# shellcheck source=../tally.sh
. "$(dirname "$0")/../tally.sh"
cd "$WORK" || exit 1

# build: in the unpacked tarball
build() {
	tar -xf libclusterip-*.tar.xz && cd libclusterip-*/ &&
		DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" dpkg-buildpackage -us -uc
}

# packages: what was built, without what debuggers want
packages() {
	local deb
	for deb in *.deb; do [[ $deb == *-dbgsym_* ]] || echo "${deb%%_*}"; done
}

works "dpkg-buildpackage in the unpacked tarball" build
is "what it builds" "$(packages | xargs)" \
	"cipadm cipd libclusterip-dev libclusterip0 python3-clusterip resource-agents-clusterip"
is "lintian finds no error, no warning and nothing to remark" \
	"$(lintian --allow-root --display-info ./*.changes 2>&1 || echo "it ended with $?")" ""
finish
