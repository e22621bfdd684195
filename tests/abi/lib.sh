# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the scripts of this folder have in common, to be sourced.

ABI=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../tally.sh
. "$ABI/../tally.sh"

SRC=$(cd "${SRC:-$ABI/../..}" && pwd) || exit 1
BUILD=$(cd "${BUILD:-$SRC}" && pwd) || exit 1
CC=${CC:-gcc}
CXX=${CXX:-g++}
# shellcheck disable=SC2034 # used by those who source this
HEADER=$SRC/include/clusterip/clusterip.h

# declared: the functions of the header
declared() {
	sed -n '/^\(\/\*\| \*\)/d; s/^[a-z].*[ *]\(cip_[a-z0-9_]*\)(.*/\1/p' "$HEADER" | sort
}

# scratch: makes the folder $WORK, which is gone when the script ends
scratch() {
	WORK=$(mktemp -d) || exit 1
	trap 'rm -rf "$WORK"' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# built NAME: the path of a file of libtool's in the build
built() {
	echo "$BUILD/libclusterip/.libs/$1"
}

# installed PATTERN: paths below $root that match
installed() {
	(cd "$root" && find . -type f -path "$1" -o -type l -path "$1") | sort
}

# install_tree: "make install" to $root, below $WORK; pkg-config and the loader then look there
install_tree() {
	local output pc
	root=$WORK/root
	if ! output=$(make -C "$BUILD" install DESTDIR="$root" 2>&1); then
		not_ok "make install" "$output"
		finish
	fi
	ok "make install"
	pc=$(installed '*/pkgconfig/libclusterip.pc')
	libdir=$root/$(dirname "$(dirname "$pc")")
	export PKG_CONFIG_PATH=$libdir/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
	export LD_LIBRARY_PATH=$libdir
}

# with_library COMMAND...: runs a program that needs the library just built
with_library() {
	LD_LIBRARY_PATH=$BUILD/libclusterip/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} "$@"
}
