# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Counting results, to be sourced by test scripts. The last line of each is "N passed, N failed, N skipped".

set -u
PASSED=0
FAILED=0
SKIPPED=0

ok() {
	PASSED=$((PASSED + 1))
	echo "ok - $1"
}

# not_ok WHAT [DETAIL]
not_ok() {
	FAILED=$((FAILED + 1))
	echo "not ok - $1"
	if [[ ${2-} ]]; then printf '    %s\n' "${2//$'\n'/$'\n    '}"; fi
}

skip() {
	SKIPPED=$((SKIPPED + 1))
	echo "skipped - $1"
}

# is WHAT FOUND EXPECTED
is() {
	if [[ $2 == "$3" ]]; then ok "$1"; else not_ok "$1" "found:    $2"$'\n'"expected: $3"; fi
}

# works WHAT COMMAND...: the command ends with 0
works() {
	local what=$1 output
	shift
	if output=$("$@" 2>&1); then ok "$what"; else not_ok "$what" "exit $?: $*"$'\n'"$output"; fi
}

finish() {
	echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
	exit $((FAILED > 0))
}

# run_scripts SCRIPT...: runs each, and counts what it counted; one without a last line has failed
run_scripts() {
	local script status last
	for script; do
		echo "== ${script##*/}"
		last=$(mktemp)
		bash "$script" </dev/null 2>&1 | tee "$last"
		status=${PIPESTATUS[0]}
		if [[ $(tail -n 1 "$last") =~ ^([0-9]+)' passed, '([0-9]+)' failed, '([0-9]+)' skipped'$ ]]; then
			PASSED=$((PASSED + BASH_REMATCH[1]))
			FAILED=$((FAILED + BASH_REMATCH[2]))
			SKIPPED=$((SKIPPED + BASH_REMATCH[3]))
			((status == 0 || BASH_REMATCH[2])) || not_ok "${script##*/} ended with $status"
		else
			not_ok "${script##*/} ended with $status and without a last line"
		fi
		rm -f "$last"
	done
}
