#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""objects.py SCHEMA FOLDER: every line of the folder's files is JSON as the schema says."""

import json
import pathlib
import sys

import jsonschema

WORST = 10  # so many are told


def form(value):
    """What a check can say of a value without looking at its members."""
    return value["verb"], "error" in value


def verbs(definition):
    """The verbs of one of the schema's forms."""
    verb = definition["properties"]["verb"]
    return verb["enum"] if "enum" in verb else [verb["const"]]


def not_seen(schema, seen):
    """Forms that no test made cipadm print; a verb's own, and failures."""
    forms = [each["$ref"].split("/")[-1] for each in schema["oneOf"]]
    for name in forms:
        for verb in verbs(schema["$defs"][name]):
            if (verb, name == "failed") not in seen and verb != "help":
                yield f"no test has seen {name} of {verb}"


def open_objects(node, path="schema"):
    """Objects of the schema that would take any member."""
    if isinstance(node, list):
        node = dict(enumerate(node))
    if not isinstance(node, dict):
        return
    if "properties" in node and node.get("additionalProperties") is not False:
        yield f"{path} takes members that it does not name"
    for key, value in node.items():
        yield from open_objects(value, f"{path}/{key}")


def wrong(validator, folder, seen):
    """What does not follow the schema; notes in seen what was there."""
    for file in sorted(folder.iterdir()):
        for line in file.read_text().splitlines():
            value = json.loads(line)
            error = jsonschema.exceptions.best_match(
                validator.iter_errors(value))
            if error:
                yield f"{error.message}: {line}"
            seen.append(form(value))


def main():
    """Prints what is wrong."""
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    folder = pathlib.Path(sys.argv[2])
    seen = []
    faults = [*open_objects(schema), *wrong(validator, folder, seen)]
    # only the tests of the command line go through all verbs
    if (folder / "cli").exists():
        faults.extend(not_seen(schema, set(seen)))
    print(f"{len(seen)} objects", *faults[:WORST], sep="\n")
    return bool(faults) or not seen


sys.exit(main())
