#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# baseline.sh [renew]: the library's interface is the one that is recorded in this folder: prototypes and types in
# baseline.abi, as libabigail reads them from gcc's debug information, and the header's constants in baseline.txt. With
# "renew" it records the interface as it is.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
library=$(built libclusterip.so)
PUBLIC=(--drop-private-types)

# types: without what says where and how the library was built
types() {
	abidw "${PUBLIC[@]}" --headers-dir "$SRC/include" --exported-interfaces-only --drop-undefined-syms --no-show-locs \
		--no-comp-dir-path --no-corpus-path --no-elf-needed --no-parameter-names --no-write-default-sizes \
		--type-id-style hash "$library" | sed "s,\( path='\)[^']*/,\1,"
}

constants() {
	sed -nE 's/^#define[[:space:]]+(CIP_[A-Z0-9_]+)[[:space:]]+([^[:space:]]+).*/\1 \2/p' "$HEADER"
}

# shellcheck disable=SC2317 # called by works
# compare OPTION...: harmless to abidiff is also what a caller's compiler warns of
compare() {
	abidiff "${PUBLIC[@]}" --headers-dir2 "$SRC/include" --harmless "$@" "$ABI/baseline.abi" "$library"
}

# is the debug information gcc's, on the machine of the baseline?
comparable() {
	[[ $(uname -m) == x86_64 ]] && readelf -p .comment "$library" | grep -q GCC
}

if [[ ${1-} == renew ]]; then
	comparable && types >"$ABI/baseline.abi" && constants >"$ABI/baseline.txt"
	exit
fi
is "constants are those recorded (new ones: make abi-baseline)" "$(diff "$ABI/baseline.txt" <(constants))" ""
if comparable; then
	works "nothing of the recorded ABI was removed or changed" compare --no-added-syms
	works "nothing was added to it that is not recorded (make abi-baseline)" compare
else
	SKIPPED=$((SKIPPED + 2))
	echo "the recorded ABI is that of gcc on x86_64: not compared"
fi
finish
