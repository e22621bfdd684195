#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh [SCRIPT...]: runs the scripts of this folder, all unless told, and sums up what they say. CIPADM is the
# program to test, TOOLS the folder of the test programs. The scripts leave what they saw as JSON in the folder OBJECTS,
# and objects.sh, the last of all, holds it against the schema.

set -u
here=$(cd "$(dirname "$0")" && pwd)
child=

# end STATUS: the script that runs cleans up, then so do we
# shellcheck disable=SC2317 # called by traps
end() {
	[[ ! $child ]] || kill "$child" 2>/dev/null
	wait
	rm -rf "$work"
	exit "$1"
}

work=$(mktemp -d)
mkfifo "$work/pipe"
trap 'end 129' HUP
trap 'end 130' INT
trap 'end 143' TERM

if (($# == 0)); then
	set -- vectors.sh paths.sh announce.sh mac.sh devices.sh traffic.sh repair.sh steps.sh remains.sh random.sh crash.sh concurrent.sh \
		busy.sh atomic.sh backends.sh daemon.sh daemon-lines.sh daemon-deaf.sh metrics.sh watch.sh cli.sh completion.sh \
		objects.sh
fi
if [[ ! ${OBJECTS-} ]]; then
	export OBJECTS=$work/objects
	mkdir "$OBJECTS"
fi
passed=0 failed=0 skipped=0
for script in "$@"; do
	echo "== $script"
	seconds=$SECONDS
	tee "$work/output" <"$work/pipe" &
	bash "$here/$script" </dev/null >"$work/pipe" 2>&1 &
	child=$!
	wait "$child"
	status=$?
	child=
	wait
	if [[ $(tail -n 1 "$work/output") =~ ^([0-9]+)' passed, '([0-9]+)' failed, '([0-9]+)' skipped'$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		skipped=$((skipped + BASH_REMATCH[3]))
		((status == 0 || BASH_REMATCH[2])) || failed=$((failed + 1))
	else
		echo "NOT OK - $script ended with $status and without a last line"
		failed=$((failed + 1))
	fi
	echo "   $script took $((SECONDS - seconds)) s"
done
rm -rf "$work"
echo "$passed passed, $failed failed, $skipped skipped"
exit $((failed > 0))
