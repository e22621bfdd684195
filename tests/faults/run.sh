#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Faults in the calls that the library makes, and in those of cipadm.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"

run_scripts "$here/calls.sh" "$here/../unit/faults.sh"
finish
