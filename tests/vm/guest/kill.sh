#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cipadm is killed at a random moment, again and again, while it changes a cluster IP on the CLUSTERIP target. There is
# no transaction around rule, buckets and address, so something may be half done: check says what, create makes it whole,
# and what is not ours is as it was.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
TIMES=100
begin
RANDOM=1
CREATE=(create "$ADDRESS/16" dev eth0 total 8 buckets 1-4)
CHANGED=(create "$ADDRESS/16" dev eth0 hash sourceip-sourceport total 12 buckets 1-4)
LIMIT=150000 KILLED=0 HALF=0 SILENT='' BROKEN='' LOST='' ODD=''

# look: RULES and ADDRESSES of n1 as they are now
look() {
	RULES=$(rules n1)
	ADDRESSES=$(ip -n "$PREFIX-n1" -o -4 addr show)
}

# foreign: what look saw of others
foreign() {
	grep -v libclusterip.v1 <<<"$RULES"
	grep -v " $ADDRESS/" <<<"$ADDRESSES"
}

# whole: what look saw is the cluster IP as CREATE describes it
whole() {
	local ours
	ours=$(grep -e '-j CLUSTERIP --new' <<<"$RULES")
	[[ $ours != *$'\n'* && $ours == *"--hashmode sourceip --"*"--total-nodes 8"* && $RULES != *" hold "* &&
		$ADDRESSES == *" $ADDRESS/16 "* && $(target_buckets n1) == 1,2,3,4 ]]
}

# repair: leaves in OUTPUT what went wrong
repair() {
	OUTPUT=$(on_target n1 "${CREATE[@]}" 2>&1) && return
	# set came to its end, or half of the way: create is not there to undo that
	[[ $OUTPUT == *"other parameters"* ]] &&
		OUTPUT=$(on_target n1 "${CHANGED[@]}" 2>&1 && on_target n1 check 2>&1 &&
			on_target n1 set $ADDRESS hash sourceip total 8 2>&1)
}

# strike COMMAND...: kills cipadm within LIMIT microseconds; LIMIT follows the time that cipadm needs
strike() {
	local outcome
	# the first third of the time goes to starting the program, and would be a waste of blows
	outcome=$("$TOOLS/strike" $((LIMIT / 3 + (RANDOM * 32768 + RANDOM) % LIMIT)) "$CIPADM" --netns "$PREFIX-n1" --backend clusterip \
		"$@" 2>&1)
	if [[ $outcome == killed* ]]; then
		KILLED=$((KILLED + 1)) LIMIT=$((LIMIT + LIMIT / 16))
	else
		LIMIT=$((LIMIT - LIMIT / 8))
	fi
}

# strike_once COMMAND...
strike_once() {
	local output status
	strike "$@"
	output=$(on_target n1 check 2>&1)
	status=$?
	((status < 2)) || ODD+="check after $*: $status $output"$'\n'
	if ((status == 1)); then
		HALF=$((HALF + 1))
		[[ $output == *$ADDRESS* ]] || SILENT+="after $*: $output"$'\n'
	fi
	repair || BROKEN+="after $*: $OUTPUT"$'\n'
	output=$(on_target n1 check 2>&1) || BROKEN+="after $* and create: $output"$'\n'
	look
	whole || BROKEN+="after $* and create: $(target_buckets n1) $RULES"$'\n'
	[[ $(foreign) == "$FOREIGN" ]] || LOST+="after $*: $(diff <(echo "$FOREIGN") <(foreign))"$'\n'
}

in_ns n1 iptables-legacy-restore <<-END
	*filter
	:mine - [0:0]
	-A INPUT -s 10.1.0.0/16 -j mine
	-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "libclusterip has no version here" -j ACCEPT
	-A mine -j RETURN
	COMMIT
END
look
FOREIGN=$(foreign)
works "create" on_target n1 "${CREATE[@]}"
look
is "it is whole" "$(whole && echo yes)" yes
for ((i = 0; KILLED < TIMES && i < 5 * TIMES && ! ${#BROKEN}; i++)); do
	case $((i % 4)) in
	0) strike_once bucket set $ADDRESS 3-8 ;;
	1) strike_once set $ADDRESS hash sourceip-sourceport total 12 ;;
	2) strike_once destroy $ADDRESS ;;
	3) on_target n1 destroy $ADDRESS && strike_once "${CREATE[@]}" ;;
	esac
done
echo "killed $KILLED times in $i tries, check named a fault $HALF times"
is "cipadm was killed $TIMES times" "$KILLED" $TIMES
is "check says yes or no" "$ODD" ""
is "and which cluster IP it is about" "$SILENT" ""
is "create repairs" "$BROKEN" ""
is "nothing of others is lost" "$LOST" ""
finish
