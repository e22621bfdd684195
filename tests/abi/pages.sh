#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The pages of section 3 that are made from the header say what it says, all of it, and nothing else: under each of its
# headings the same functions in the same order, each with its prototype and its comment, word by word.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch
# a build from a tarball has made none of its own
pages=$BUILD/man
[[ -e $pages/cip-constants.3 ]] || pages=$SRC/man

# render PAGE: to $WORK/page, as it is read, on long lines, and without what is overstruck to make it bold
render() {
	mandoc -T ascii -O width=1000 "$pages/$1.3" | sed 's/.\x08//g' >"$WORK/page"
}

# section NAME: what the page has below a heading
section() {
	awk -v name="$1" '/^[A-Z]/ {on = $0 == name; next} on' "$WORK/page"
}

# squeezed: letters and figures alone; "or" goes where errors stand in a list
squeezed() {
	sed -E 's/,?;? or (-E)/\1/g' | tr '[:upper:]' '[:lower:]' | tr -cd 'a-z0-9\n'
}

# headings: the pages that there should be
headings() {
	sed -n 's,^/\* -* \(.*\) \*/$,cip-\1,p' "$HEADER" | tr '[:upper:] ' '[:lower:]-'
}

# cut_out PAGE: to $WORK/header, what the header has below its heading, the text of comments without marks, prototypes
# on one line
cut_out() {
	awk -v page="$1" '
		/^\/\* ---/ {
			gsub(/^\/\* -* | \*\/$/, "")
			heading = "cip-" tolower($0)
			gsub(/ /, "-", heading)
			next
		}
		heading == page' "$HEADER" |
		sed -E 's/^ \* cip_[a-z0-9_]+ - / * /; s/^ \* (Returns|Since): / * /' |
		awk '/^[a-z].*\(/ {open = 1} open {printf "%s", $0; if (/;/) {open = 0; print ""}; next} {print}' \
			>"$WORK/header"
}

prototypes() {
	grep -E '^[a-z].*\(.*;$' "$WORK/header"
}

names() {
	prototypes | grep -oE 'cip_[a-z0-9_]+\(' | tr -d '('
}

# Of each function the prototype and then the comment, on one line.
comments() {
	awk '/^\/\*\*$/ {text = ""; next} /^ \*/ {text = text " " $0} /^[a-z].*;$/ {print $0, text}' \
		"$WORK/header"
}

# The same as the page has it.
told() {
	section FUNCTIONS | awk '
		/^   [^ ]/ {if (text) print text; text = ""}
		/^ *(Parameters|Returns)$/ {next}
		{sub(/^ *Since /, ""); text = text " " $0}
		END {print text}'
}

# the header on errors in general
general_errors() {
	awk '/^ \*   - -EINVAL/ {on = 1} on; on && /answered\.$/ {exit}' "$HEADER" | tr '\n' ' '
}

check_functions() {
	local listed
	listed=$(section NAME | tr '\n' ' ' | sed 's/ - .*//' | tr -d ' ' | tr , '\n')
	is "$1(3) names its functions in NAME" "$listed" "$(printf '%s\n' "$1" && names)"
	is "$1(3) has their prototypes in SYNOPSIS" "$(section SYNOPSIS | grep -E '\(.*\);$' | squeezed)" \
		"$(prototypes | squeezed)"
	is "$1(3) has their comments, word by word" "$(told | squeezed)" "$(comments | squeezed)"
	if comments | grep -q -- ' -E'; then
		is "$1(3) explains errors" "$(section ERRORS | sed 1d | sed 's/out of memory//' | tr '\n' ' ' | squeezed)" \
			"$(general_errors | squeezed)"
	fi
}

check_constants() {
	local defines
	defines=$(grep '^#define' "$WORK/header")
	is "there are constants" $(($(wc -l <<<"$defines") >= 30)) 1
	is "cip-constants(3) has every constant, its number, and what it is for" \
		"$(section SYNOPSIS | grep -v '#include' | tr -d '\n' | squeezed)" \
		"$(tr -d '\n' <<<"$defines" | squeezed)"
}

# the text below a heading that is about no single function
check_group() {
	local text
	text=$(awk '/^\/\*\*$/ {on = 2} /^\/\*( |$)/ {on = 1} on == 1; /\*\/$/ {on = 0}' "$WORK/header")
	is "$1(3) has what holds for all" "$(section DESCRIPTION | tr '\n' ' ' | squeezed)" \
		"$(tr '\n' ' ' <<<"$text" | squeezed)"
}

mapfile -t wanted < <(headings)
is "headings in the header" $((${#wanted[@]} >= 9)) 1
is "each has a page, and each page has one" "$(cd "$pages" && printf '%s\n' cip-*.3 | sed 's/\.3$//' | sort)" \
	"$(printf '%s\n' "${wanted[@]}" | sort)"
for page in "${wanted[@]}"; do
	render "$page"
	cut_out "$page"
	if [[ $page == cip-constants ]]; then check_constants; else check_functions "$page"; fi
	check_group "$page"
	works "mandoc likes $page(3)" mandoc -T lint -W warning "$pages/$page.3"
	is "libclusterip(3) refers to $page(3)" "$(grep -cx "\.Xr $page 3.*" "$SRC/man/libclusterip.3")" 1
done
finish
