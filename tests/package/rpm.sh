#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tarball is also what rpmbuild takes, with the macros that Fedora has and Debian's rpm has not. What the packages
# need has Fedora's names, so nobody asks for it here.

# shellcheck disable=SC2317 # called by works
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"
cd "$WORK" || exit 1

build() {
	rpmbuild --load "$here/rpm.macros" --define "_topdir $WORK/rpm" --define "_smp_mflags -j$(nproc)" --nodeps \
		--define "optflags -O0" --without check -tb libclusterip-*.tar.xz
}

works "rpmbuild of the tarball" build
is "what it builds" "$(cd rpm/RPMS && rpm -qp --qf '%{NAME}\n' ./*/*.rpm | grep -v -e '-debug' | sort | xargs)" \
	"cipadm cipd libclusterip libclusterip-devel python3-clusterip resource-agents-clusterip"
works "rpmlint finds no error in the spec" rpmlint libclusterip-*/libclusterip.spec
finish
