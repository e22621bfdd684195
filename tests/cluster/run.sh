#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh [SCRIPT...]: as run.sh of ../netns, for the scripts of this folder. CIPADM is the program to test, TOOLS the
# folder of the test programs, BUILD the top of the build.

here=$(cd "$(dirname "$0")" && pwd)
if (($# == 0)); then set -- keepalived-config.sh ocf.sh defects.sh agent-ipv6.sh agent-words.sh agent-hosts.sh keepalived.sh keepalived-ipv6.sh pacemaker.sh; fi
exec bash "$here/../netns/run.sh" "${@/#/../cluster/}"
