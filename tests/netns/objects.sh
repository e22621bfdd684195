#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything that the scripts before this one saw of cipadm --json follows the schema that is installed.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"
schema=$here/../../examples/cipadm/cipadm-1.schema.json

if [[ ! $(ls -A "${OBJECTS:-/nowhere}" 2>/dev/null) ]]; then
	skip "JSON follows the schema: these scripts have seen none"
elif ! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
	skip "JSON follows the schema: Python has no jsonschema"
else
	works "the schema is a schema, JSON follows it, and all of it was seen" \
		/usr/bin/python3 "$here/objects.py" "$schema" "$OBJECTS"
fi
finish
