#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tarball becomes: Debian packages, which are installed in a root of their own, used and removed, and packages
# of Fedora's kind. SRC is the top of the sources, BUILD that of the build.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"
if ((EUID)); then
	not_ok "this needs root"
	finish
fi
WORK=$(mktemp -d -t clusterip-package.XXXXXX) || exit 1
trap 'rm -rf "$WORK"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
export WORK
# as on a machine that does nothing but build: Debian's own tools, and nothing that was left in the environment
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
unset MAKEFLAGS MFLAGS MAKELEVEL CC CXX CFLAGS CPPFLAGS LDFLAGS

works "make dist" make -C "$BUILD" dist
cp "$BUILD"/libclusterip-*.tar.xz "$WORK" || finish
run_scripts "$here/deb.sh" "$here/root.sh" "$here/rpm.sh"
finish
