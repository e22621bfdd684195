#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""watch.py: says what anybody does to cluster IPs, and what is wrong then."""

import select
import sys

import clusterip


def watch() -> None:
    """Until it is stopped."""
    with clusterip.Context() as context:
        monitor = context.monitor()
        print("watching", flush=True)
        while select.select([monitor], [], []):
            for event in monitor:
                print(event.text)
            for finding in context.verify():
                print(f"  {finding.address or 'all'}: {finding.text}")
            sys.stdout.flush()


if __name__ == "__main__":
    try:
        watch()
    except KeyboardInterrupt:
        pass
    except clusterip.Error as error:
        sys.exit(str(error))
