#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The public header stands alone, in every dialect that a caller may use.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch

# compile DIALECT COMPILER... FILE
compile() {
	works "$(basename "${*: -1}") as $1, with $2" "${@:2:$#-2}" "-std=$1" -pedantic -Wall -Wextra -Wundef -Werror \
		-I"$SRC/include" -c -o "$WORK/object.o" "${*: -1}"
}

for dialect in c89 c99 c11 gnu17; do
	# shellcheck disable=SC2086 # a compiler may be several words
	compile $dialect $CC "$ABI/header-c89.c"
done
for dialect in c++98 c++11 c++17; do
	# shellcheck disable=SC2086
	compile $dialect $CXX "$ABI/header-cxx.cc"
done
finish
