#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh [SCRIPT...]: the scripts of this folder, all unless told. SRC is the top of the sources, BUILD that of the
# build; CC and CXX are the compilers.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"

if (($# == 0)); then set -- headers.sh symbols.sh baseline.sh arrows.sh docs.sh pages.sh installed.sh ffi.sh; fi
run_scripts "${@/#/$here/}"
finish
