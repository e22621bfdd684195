# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scripts that run cipd on n1, and that have sourced lib.sh. CIPD is the program. They use conf, its file; log, what it
# says; and $WORK/notify, what a service manager hears.

CIPD=${CIPD:-}
LAUNCH=() # what cipd is started by

# begin_daemon: the namespaces
begin_daemon() {
	if [[ ! $CIPD ]]; then
		skip "$(basename "$0"): built without the daemon"
		finish
	fi
	begin
	if [[ -x $(dirname "$CIPD")/.libs/cipd ]]; then CIPD=$(cd "$(dirname "$CIPD")" && pwd)/.libs/cipd; fi
	conf=$WORK/clusterip.conf
	log=$WORK/cipd.log
}

# start_cipd [OPTION...]: until it has looked for the first time
start_cipd() {
	: >"$WORK/notify"
	NOTIFY_SOCKET=$WORK/notify.socket nice -n -15 "${LAUNCH[@]}" "$CIPD" --netns "$PREFIX-n1" --file "$conf" "$@" </dev/null >>"$log" 2>&1 &
	cipd=$!
	await "$WORK/notify" READY=1
}

# stop_cipd [SIGNAL]: sets status
stop_cipd() {
	kill "-${1:-TERM}" "$cipd" 2>/dev/null
	wait "$cipd" 2>/dev/null
	# shellcheck disable=SC2034 # of the script
	status=$?
}

# What a service manager would hear.
listen() {
	python3 -uc '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    with open(sys.argv[2], "ab") as f:
        f.write(s.recv(65536) + b"\n")
' "$WORK/notify.socket" "$WORK/notify" >"$WORK/listen" 2>&1 &
	# shellcheck disable=SC2034 # of the script
	listener=$!
	await "$WORK/listen" listening
}

# ticks PID: of the CPU, used up so far
ticks() {
	awk '{print $14 + $15}' "/proc/$1/stat"
}

# eventually COMMAND...: it succeeds within ten seconds
eventually() {
	local i
	for ((i = 0; i < 200; i++)); do
		if "$@" >/dev/null 2>&1; then return 0; fi
		sleep 0.05
	done
	return 1
}

# reload: until it has read its file again
reload() {
	: >"$WORK/notify"
	kill -HUP "$cipd"
	await "$WORK/notify" READY=1
}
