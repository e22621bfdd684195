#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lists thrown at random, applied to whatever there is; plans/walk.py says how. RANDOM_COUNT is how many, 300 unless
# given; the first half begins with the same seed every time, the other one with a new one. RANDOM_SEED is the seed of a
# walk that has failed.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck disable=SC2034 # lib.sh makes and removes them
NODES=() MORE=(peers)
begin
count=${RANDOM_COUNT:-300}
export PYTHONPATH=$here/../../bindings/python PYTHONDONTWRITEBYTECODE=1 CIPADM
library=$(dirname "$CIPADM")/../../../libclusterip/.libs/libclusterip.so.0
[[ ! -e $library ]] || export LIBCLUSTERIP=$library

# walk SEED COUNT
walk() {
	local output
	if output=$(/usr/bin/python3 "$here/plans/walk.py" "$PREFIX-peers" "$1" "$2" 2>&1); then
		ok "from seed $1: $output"
	else
		not_ok "from seed $1" "$output"
	fi
}

# only what is put there by hand is an address
make_ns peers && in_ns peers sh -c 'cd /proc/sys/net/ipv6/conf && echo 1 >default/addr_gen_mode &&
	echo 0 | tee all/disable_ipv6 >default/disable_ipv6'
if [[ ${RANDOM_SEED-} ]]; then
	walk "$RANDOM_SEED" "$count"
else
	walk 1 $(((count + 1) / 2))
	walk $((SRANDOM % 1000000000)) $((count / 2))
fi
finish
