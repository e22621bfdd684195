# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that change the same cluster IP at the same time."""

import errno
import os
import random
import signal
import traceback
from typing import Callable, List, Set

import clusterip

from conftest import ADDRESS, DEVICE, kernel_buckets, macs


def start(work: Callable[[], object]) -> int:
    """A process that does the work, and ends with 0 if nothing is raised."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:  # pylint: disable=broad-except
            traceback.print_exc()
            os._exit(1)
    return child


def ends_well(child: int) -> bool:
    """Waits for it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def flips(first: int) -> List[int]:
    """Every second bucket from the first one, at random."""
    return random.Random(first).choices(range(first, 65, 2), k=400)


def flip(first: int) -> None:
    """A bucket that is local goes, another one comes."""
    mine: Set[int] = set()
    with clusterip.Context() as own:
        for bucket in flips(first):
            if bucket in mine:
                own.remove_buckets(ADDRESS, [bucket])
            else:
                own.add_buckets(ADDRESS, [bucket])
            mine ^= {bucket}


def come_and_go() -> None:
    """Another cluster IP of the same device."""
    with clusterip.Context() as own:
        other = own.cluster(f"10.0.0.101/24 dev {DEVICE} total 8")
        for _ in range(40):
            own.create(other)
            own.destroy("10.0.0.101")


def test_no_update_is_lost(context: clusterip.Context,
                           six: clusterip.ClusterIP) -> None:
    """Every bucket is as the one process that changes it has left it."""
    assert six.address
    context.set_total_nodes(ADDRESS, 64)
    context.set_buckets(ADDRESS, "none")
    children = [start(lambda: flip(1)), start(lambda: flip(2)),
                start(come_and_go)]
    assert all([ends_well(child) for child in children])
    left: Set[int] = set()
    for bucket in flips(1) + flips(2):
        left ^= {bucket}
    assert kernel_buckets() == sorted(left) != []
    assert macs() == ["03:bf:0a:00:00:64"]
    assert context.verify() == []


def test_busy(context: clusterip.Context) -> None:
    """Who never rests keeps nobody from reading all of it."""
    for net in range(6):
        context.apply(context.cluster(f"10.0.{net}.{i} dev {DEVICE} total 4 "
                                      "buckets all noaddr")
                      for i in range(1, 101))

    def hammer() -> None:
        with clusterip.Context() as own:
            while os.getppid() == parent:
                own.add_buckets("10.0.0.1", [1])
                own.remove_buckets("10.0.0.1", [1])

    def read() -> int:
        try:
            return len(context.query())
        except clusterip.Error as error:
            assert (error.errno, error.field) == (errno.EBUSY, None)
            return 0

    parent = os.getpid()
    child = start(hammer)
    try:
        counts = {read() for _ in range(20)}
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert 600 in counts <= {0, 600}
    assert len(context.query()) == 600
