#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the manual and the README say is so: verbs, options, names, and the example.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch
cipadm=$BUILD/examples/cipadm/cipadm
manual=$SRC/man/cipadm.8

# The manual as plain text: what mandoc overstrikes to make it bold is struck once.
plain() {
	mandoc -T ascii "$1" | sed 's/.\x08//g'
}

# missing_from TEXT: the words of the input that the text does not have
missing_from() {
	local word
	while read -r word; do
		grep -qwF -e "$word" <<<"$1" || echo "$word"
	done
}

verbs() {
	awk '/^Usage:/ {in_verbs = 1; next} in_verbs && /^  [a-z]/ {print $1} /^Options/ {exit}' "$WORK/help"
}

options() {
	grep -oE '(^| )--?[a-zA-Z][a-z-]*' "$WORK/help" | tr -d ' ' | sort -u
}

# example: the first C program of the README
example() {
	awk '/^```c$/ {on = 1; next} /^```/ && on {exit} on' "$SRC/README.md"
}

check_manual() {
	local text
	text=$(plain "$manual")
	is "verbs in --help" $(($(verbs | wc -l) >= 8)) 1
	is "options in --help" $(($(options | wc -l) >= 10)) 1
	is "every verb of --help is in cipadm(8)" "$(verbs | missing_from "$text")" ""
	is "every option of --help is in cipadm(8)" "$(options | missing_from "$text")" ""
}

# The daemon's options, if it was built.
check_daemon() {
	local cipd=$BUILD/examples/daemon/cipd
	[[ -x $cipd ]] || return 0
	with_library "$cipd" --help >"$WORK/help"
	is "options in cipd --help" $(($(options | wc -l) >= 10)) 1
	is "every option of cipd --help is in cipd(8)" "$(options | missing_from "$(plain "$SRC/man/cipd.8")")" ""
}

# The names in libclusterip(3) are those of the header.
check_names() {
	local declared listed
	declared=$(grep -oE '^[a-z].*[ *]cip_[a-z0-9_]+\(' "$HEADER" | grep -oE 'cip_[a-z0-9_]+' | sort -u)
	declared=$(grep -vxE 'cip_(ctx|cluster|list|report|monitor)' <<<"$declared")
	listed=$(plain "$SRC/man/libclusterip.3" | grep -oE '\<cip_[a-z0-9_]+' | grep -vxE 'cip_(ctx|cluster|list|report|monitor)')
	is "libclusterip(3) names what the header declares" "$(diff <(echo "$declared") <(sort -u <<<"$listed"))" ""
}

check_lint() {
	local page
	for page in "$SRC"/man/*.[1-8]; do works "mandoc likes ${page##*/}" mandoc -T lint -W warning "$page"; done
}

check_example() {
	example >"$WORK/example.c"
	is "the README has an example in C" "$(($(wc -l <"$WORK/example.c") > 0))" 1
	is "the example is short" $(($(grep -c . "$WORK/example.c") <= 20)) 1
	# shellcheck disable=SC2086 # a compiler may be several words
	works "the README's example compiles and links" $CC -Wall -Wextra -Werror -I"$SRC/include" \
		-o "$WORK/example" "$WORK/example.c" -L"$(built .)" -lclusterip -Wl,-rpath-link,"$(built .)"
}

if ! with_library "$cipadm" --help >"$WORK/help"; then
	not_ok "cipadm --help does not work"
	finish
fi
check_manual
check_daemon
check_names
check_lint
check_example
finish
