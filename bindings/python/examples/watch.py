#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""watch.py: says what anybody does to cluster IPs, and what is wrong then."""

import os
import select
import sys

import clusterip


def say(line: str) -> None:
    """One line, at once. Names of devices need not be UTF-8."""
    os.write(1, os.fsencode(line + "\n"))


def watch() -> None:
    """Until it is stopped."""
    with clusterip.Context() as context:
        monitor = context.monitor()
        say("watching")
        while select.select([monitor], [], []):
            for event in monitor:
                say(event.text)
            for finding in context.verify():
                say(f"  {finding.address or 'all'}: {finding.text}")


if __name__ == "__main__":
    try:
        watch()
    except KeyboardInterrupt:
        pass
    except clusterip.Error as error:
        sys.exit(str(error))
