#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The house rules that a program can check. SRC is the top of the sources.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"
cd "${SRC:-$here/../..}" || exit 1

MAX_FILE_LINES=400
MAX_FUNCTION_LINES=80

# find_files EXPRESSION...: files of the project that match, without what autotools and compilers make
find_files() {
	find . \( -name .git -o -name autom4te.cache -o -name build-aux -o -name .libs -o -name .deps -o -name .cache \
		-o -path './libclusterip-[0-9]*' -o -path ./m4 -o -path './build*' \) -prune -o -type f \( "$@" \) -print |
		sed 's,^\./,,' | sort
}

# Shell scripts by name, and programs by their first line.
find_scripts() {
	local file
	find_files -name '*.sh' -o -name '*.bash'
	find_files -perm -u+x ! -name '*.sh' ! -name configure ! -name config.status ! -name libtool ! -name '*~' |
		while read -r file; do
			if head -n 1 "$file" | grep -aqE '^#!.*\<(ba|da|)sh\>'; then echo "$file"; fi
		done
}

mapfile -t c_files < <(find_files -name '*.c' -o -name '*.h' -o -name '*.cc' | grep -vx config.h)
mapfile -t scripts < <(find_scripts)
mapfile -t sources < <(
	printf '%s\n' "${c_files[@]}" "${scripts[@]}"
	find_files -name '*.am' -o -name '*.ac' -o -name '*.py' -o -name '*.go' -o -name '*.lua' -o -name '*.pl' \
		-o -name '*.sym' -o -name '*.pc.in'
	find_files -name '*.awk' -o -name Doxyfile
	find_files -name .clang-format
)
mapfile -t texts < <(find_files -name '*.md' -o -name NEWS -o -name '*.[1-8]' -o -name '*.json')

without_licence() {
	local file
	for file in "${sources[@]}"; do
		[[ $file == *.pc.in ]] || head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' ||
			echo "$file"
	done
}

long_files() {
	local file lines
	for file in "${c_files[@]}"; do
		lines=$(wc -l <"$file")
		if [[ $file == *.c ]] && ((lines > MAX_FILE_LINES)); then echo "$file: $lines lines"; fi
	done
}

# functions: "LINES FILE:LINE" of every function, from the brace in the first column to its partner
functions() {
	local file
	for file in "${c_files[@]}"; do
		awk -v file="$file" '/^{/ {start = NR} /^}$/ && start {print NR - start - 1, file ":" start; start = 0}' \
			"$file"
	done | sort -n
}

# A last line without its end, blanks before the end of a line, and ends of lines from elsewhere.
untidy() {
	grep -nE $'[ \t]+$|\r' "${sources[@]}" "${texts[@]}"
	local file
	for file in "${sources[@]}" "${texts[@]}"; do
		[[ ! -s $file || ! $(tail -c 1 "$file") ]] || echo "$file: no newline at the end"
	done
}

# shellcheck disable=SC2317 # called through clean()
# format: the places where clang-format would change something
format() {
	clang-format --dry-run -Werror "${c_files[@]}" 2>&1 | grep -E ': (error|warning):' | cut -d: -f1,2 | uniq
	return "${PIPESTATUS[0]}"
}

# clean WHAT COMMAND...: the command ends with 0; of what it has to say the beginning is enough
clean() {
	local what=$1 output
	shift
	if output=$("$@" 2>&1); then ok "$what"; else not_ok "$what" "$(head -n 40 <<<"$output")"; fi
}

# at_least WHAT FOUND EXPECTED: a check that looks at nothing finds nothing
at_least() {
	if (($2 >= $3)); then ok "$1: $2"; else not_ok "$1: $2, at least $3 expected"; fi
}

at_least "C files" ${#c_files[@]} 20
at_least "shell scripts" ${#scripts[@]} 8
clean "clang-format has nothing to change" format
clean "shellcheck has nothing to say" shellcheck -x -P SCRIPTDIR -f gcc "${scripts[@]}"
clean "codespell finds no misspelt word" codespell -L iif,nd "${sources[@]}" "${texts[@]}"
clean "cppcheck has nothing to say" cppcheck --quiet --enable=warning,performance,portability --inline-suppr \
	--suppress=missingIncludeSystem --std=c11 --error-exitcode=1 -D__GNUC__ -I include libclusterip examples
is "every source says its licence" "$(without_licence)" ""
is "no C file has more than $MAX_FILE_LINES lines" "$(long_files)" ""
list=$(functions)
at_least "functions" "$(wc -l <<<"$list")" 100
is "no function has more than $MAX_FUNCTION_LINES lines" \
	"$(awk -v max=$MAX_FUNCTION_LINES '$1 > max' <<<"$list")" ""
echo "functions: median $(awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}' <<<"$list") lines," \
	"longest $(tail -n 1 <<<"$list")"
is "no blanks at line ends, no line without its end" "$(untidy)" ""
finish
