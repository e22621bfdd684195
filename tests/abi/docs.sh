#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the manual and the README say is so: verbs, options, names, and the example.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch
cipadm=$BUILD/examples/cipadm/cipadm
cipd=$BUILD/examples/daemon/cipd

# The manual as plain text on long lines: what mandoc overstrikes to make it bold is struck once.
plain() {
	mandoc -T ascii -O width=500 "$1" | sed 's/.\x08//g'
}

# section PAGE HEADING
section() {
	plain "$SRC/man/$1" | awk -v name="$2" '/^[A-Z]/ {on = $0 == name; next} on'
}

verbs() {
	awk '/^Usage:/ {in_verbs = 1; next} in_verbs && /^  [a-z]/ {print $1} /^Options/ {exit}' "$WORK/help"
}

# What each verb wants, as its help says it, and as the manual does.
usages_of_help() {
	local verb
	for verb in $(verbs); do with_library "$cipadm" "$verb" --help | head -n 1; done |
		sed 's/^Usage: cipadm \[OPTION\]\.\.\. //'
}

usages_of_manual() {
	section cipadm.8 SYNOPSIS | sed -nE 's/^ *cipadm (\[OPTION \.\.\.\] )?//p' | sed 's/ | -/|-/'
}

verbs_explained() {
	awk '/^\.Sh/ {on = $2 == "VERBS"} on && /^\.It Cm/ {print $3}' "$SRC/man/cipadm.8" | sed 's/\\//g' | uniq
}

# The words in capitals that are explained in the input.
words() {
	sed -nE 's/^  ([A-Z]+) +[^ ].*/\1/p'
}

# astray VERB: words of its help that its usage does not have, or the other way round
astray() {
	local help
	help=$(with_library "$cipadm" "$1" --help)
	diff <(words <<<"$help") <(words <"$WORK/help" | grep -xE "$(head -n 1 <<<"$help" | grep -oE '[A-Z]+' | paste -sd '|')")
}

# example: the first C program of the README
example() {
	awk '/^```c$/ {on = 1; next} /^```/ && on {exit} on' "$SRC/README.md"
}

# Options as the help has them, such as "-n, --netns NAME"
options_of_help() {
	sed -nE 's/^  (-.*[^ ])  .*/\1/p' "$WORK/help" | sed 's/ *$//' | sort
}

options_of_manual() {
	plain "$SRC/man/$1" | sed -nE 's/^ {5}(-)/\1/p' | sed -E 's/ {2,}.*//' | sort
}

# accepted PROGRAM: the short options that it does not call bad; one that wants a value has the first -h
accepted() {
	local letter
	for letter in {a..z} {A..Z} {0..9}; do
		with_library "$1" "-$letter" -h -h 2>&1 | grep -qE "(bad|invalid) option (\"-|-- ')$letter" ||
			printf -- '-%s\n' "$letter"
	done | sort
}

# check_options PROGRAM PAGE SOURCE
check_options() {
	local name
	name=$(basename "$1")
	with_library "$1" --help >"$WORK/help"
	is "options in $name --help" $(($(options_of_help | wc -l) >= 7)) 1
	is "the options of $name --help are those of $name(8)" "$(diff <(options_of_help) <(options_of_manual "$2"))" ""
	is "no others are accepted" "$(diff <(options_of_help | cut -d, -f1) <(accepted "$1"))" ""
	is "and none with a long name" "$(grep -oE '\{ "[a-z-]+", [a-z]+_argument' "$SRC/$3" | cut -d'"' -f2 | sort)" \
		"$(options_of_help | sed -nE 's/.*--([a-z-]+).*/\1/p' | sort)"
}

check_verbs() {
	local verb
	is "verbs in --help" $(($(verbs | wc -l) >= 8)) 1
	is "the verbs of --help, and what they want, are those of cipadm(8)" "$(diff <(usages_of_help) <(usages_of_manual))" ""
	is "the help of a verb explains the words in its usage, and no others" \
		"$(for verb in $(verbs); do astray "$verb"; done)" ""
	is "cipadm(8) explains each, and no others" "$(verbs_explained)" "$(verbs)"
}

# The names in libclusterip(3) are those of the header.
check_names() {
	local listed
	listed=$(plain "$SRC/man/libclusterip.3" | grep -oE '\<cip_[a-z0-9_]+' | grep -vxE 'cip_(ctx|cluster|list|report|monitor)')
	is "libclusterip(3) names what the header declares" "$(diff <(declared) <(sort -u <<<"$listed"))" ""
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
check_verbs
check_options "$cipadm" cipadm.8 examples/cipadm/options.c
if [[ -x $cipd ]]; then check_options "$cipd" cipd.8 examples/daemon/options.c; fi
check_names
check_lint
check_example
finish
