#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""show.py: every cluster IP, and what its buckets have let in."""

import sys

import clusterip


def show(cluster: clusterip.ClusterIP) -> None:
    """The cluster IP, and a line for each local bucket."""
    print(cluster)
    for bucket in cluster.buckets or ():
        counters = cluster.counters(bucket)
        if counters:
            print(f"  bucket {bucket}: {counters.packets} packets, "
                  f"{counters.bytes} bytes")


def main() -> None:
    """All of them."""
    with clusterip.Context() as context:
        for cluster in context:
            show(cluster)


if __name__ == "__main__":
    try:
        main()
    except clusterip.Error as error:
        sys.exit(str(error))
