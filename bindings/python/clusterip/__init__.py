# SPDX-License-Identifier: GPL-2.0-or-later
"""libclusterip: several Linux nodes share one IP address.

    import clusterip

    with clusterip.Context() as context:
        wanted = context.cluster("10.0.0.100/24 dev eth0 total 6",
                                 buckets=[1, 2])
        context.create(wanted)
        context.add_buckets("10.0.0.100", [5])
        for cluster in context:
            print(cluster)

The C library is found by its soname, or is the file that the environment
variable LIBCLUSTERIP names. clusterip.h documents what the verbs do.
"""

from ._cluster import ClusterIP, Counters, HashMode, MacMode, default_mac
from ._cluster import cluster_hash as hash  # pylint: disable=W0622
from ._context import Context, Fault, Finding
from ._library import Error, lib
from ._monitor import Event, EventKind, Monitor


def version() -> str:
    """Version of the C library."""
    return str(lib.cip_version_string().decode())


__all__ = ["ClusterIP", "Context", "Counters", "Error", "Event", "EventKind",
           "Fault", "Finding", "HashMode", "MacMode", "Monitor",
           "default_mac", "hash",
           "version"]
