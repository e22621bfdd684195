#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""failover.py BUCKET...: a neighbour is dead, and known to be off.

Its buckets are let in here, for every cluster IP at once: one transaction,
however many there are.
"""

import sys
from typing import Iterable

import clusterip


def fail_over(buckets: Iterable[int]) -> None:
    """Says what was done; nothing if the buckets were local already."""
    with clusterip.Context() as context:
        clusters = context.query()
        for cluster in clusters:
            for bucket in buckets:
                cluster.add_bucket(bucket)
        for step in context.apply(clusters):
            print(step)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: failover.py BUCKET...")
    try:
        fail_over([int(word) for word in sys.argv[1:]])
    except (clusterip.Error, ValueError) as error:
        sys.exit(str(error))
