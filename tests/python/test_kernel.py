# SPDX-License-Identifier: GPL-2.0-or-later
"""Verbs on a real kernel."""

import errno
import os
import select
from typing import Callable, List

import pytest

import clusterip

from conftest import (ADDRESS, DEVICE, addresses, kernel_buckets, kernel_hash,
                      kernel_state, macs, run)


def test_create(context: clusterip.Context,
                six: clusterip.ClusterIP) -> None:
    """Created once, with everything."""
    found = context.get(ADDRESS)
    assert six.differences(found) == 0
    assert found.backend == "nft"
    assert found.mac == "03:bf:0a:00:00:64"
    assert found.counters(1) == (0, 0)
    assert found.counters(3) is None
    assert found.foreign_counters == clusterip.Counters(0, 0)
    assert addresses() == [f"{ADDRESS}/24"]
    assert macs() == ["03:bf:0a:00:00:64"]
    assert kernel_buckets() == [1, 2]
    assert kernel_hash() == "mod 6 seed 0x0"
    assert context.create(six) == []
    assert [str(each) for each in context] == [str(found)]
    assert context.verify() == []


def test_create_differs(context: clusterip.Context,
                        six: clusterip.ClusterIP) -> None:
    """What exists with other parameters is refused, and stays."""
    other = six.copy()
    other.total_nodes = 7
    with pytest.raises(clusterip.Error) as caught:
        context.create(other)
    assert caught.value.errno == errno.EEXIST
    assert "total" in str(caught.value)
    assert context.get(ADDRESS).total_nodes == 6


def test_move(context: clusterip.Context, six: clusterip.ClusterIP) -> None:
    """Buckets come and go, and nothing happens twice."""
    assert six.buckets == (1, 2)
    assert context.add_buckets(ADDRESS, [5, 6]) == \
        [f"{ADDRESS} dev {DEVICE}: add buckets 5,6"]
    assert context.add_buckets(ADDRESS, "5-6") == []
    assert context.get(ADDRESS).buckets == (1, 2, 5, 6)
    assert kernel_buckets() == [1, 2, 5, 6]
    context.remove_buckets(ADDRESS, [1, 3], DEVICE)
    assert context.get(ADDRESS, DEVICE).buckets == (2, 5, 6)
    assert kernel_buckets() == [2, 5, 6]
    context.set_buckets(ADDRESS, "none")
    assert context.get(ADDRESS).buckets == ()
    assert kernel_buckets() == []
    context.set_buckets(ADDRESS, [4])
    assert kernel_buckets() == [4]


def test_rehash(context: clusterip.Context,
                six: clusterip.ClusterIP) -> None:
    """Mode, total nodes, seed: one by one, and at once."""
    context.set_hash_mode(ADDRESS, "sourceip-sourceport")
    context.set_total_nodes(ADDRESS, 8)
    context.set_seed(ADDRESS, 0xdeadbeef)
    found = context.get(ADDRESS)
    assert (str(found.hash_mode), found.total_nodes, found.seed) == \
        ("sourceip-sourceport", 8, 0xdeadbeef)
    assert kernel_hash() == "mod 8 seed 0xdeadbeef"
    assert kernel_buckets() == [1, 2]
    with pytest.raises(clusterip.Error) as caught:
        context.set_hash_mode(ADDRESS, "all")
    assert caught.value.field == "hash"
    change = context.cluster(f"{ADDRESS} hash sourceip total 3 seed 9 "
                             "buckets 3")
    assert len(context.modify(change)) == 1
    assert kernel_hash() == "mod 3 seed 0x9"
    assert kernel_buckets() == [3]
    context.set_total_nodes(ADDRESS, 2)
    assert kernel_buckets() == []
    assert six.total_nodes == 6
    assert context.verify(ADDRESS, DEVICE) == []


def test_destroy(context: clusterip.Context,
                 six: clusterip.ClusterIP) -> None:
    """Nothing is left, and nothing is to destroy then."""
    assert six.address
    assert context.destroy(ADDRESS) == [f"destroy {ADDRESS} dev {DEVICE}"]
    assert context.query() == []
    assert run("nft list ruleset") == ""
    assert (addresses(), macs()) == ([], [])
    verbs: List[Callable[[str], object]] = [
        context.destroy, context.get, context.verify, context.migrate]
    for verb in verbs:
        with pytest.raises(clusterip.Error) as caught:
            verb(ADDRESS)
        assert caught.value.errno == errno.ENOENT


def test_apply(context: clusterip.Context) -> None:
    """Many at once, all or nothing; and what is not named goes."""
    lines = [f"10.0.1.{i}/24 dev {DEVICE} total 4 buckets {i % 4 + 1}"
             for i in range(1, 51)]
    clusters = context.parse("\n".join(lines))
    assert len(context.apply(clusters)) == 50
    assert context.apply(clusters) == []
    assert len(context.apply(clusters[:2], prune=True)) == 48
    assert [each.address for each in context] == ["10.0.1.1", "10.0.1.2"]
    assert sorted(addresses()) == ["10.0.1.1/24", "10.0.1.2/24"]
    assert len(macs()) == 2
    assert kernel_buckets("10.0.1.2") == [3]
    bad = context.cluster(f"10.0.1.9 dev {DEVICE}")
    with pytest.raises(clusterip.Error) as caught:
        context.apply([clusters[5], bad])
    assert caught.value.errno == errno.EINVAL
    assert len(context.query()) == len(addresses()) == 2
    with pytest.raises(clusterip.Error) as caught:
        context.apply([clusters[0], clusters[0]])
    assert caught.value.errno == errno.EEXIST


def test_keep_buckets(context: clusterip.Context) -> None:
    """Those given are for what is created, the rest is as without."""
    first, second = (context.cluster(
        f"10.0.1.{i} dev {DEVICE} total 8 buckets 5,6") for i in (1, 2))
    context.create(first)
    context.set_buckets("10.0.1.1", "1,7")
    assert len(context.apply([first, second], keep_buckets=True)) == 1
    assert kernel_buckets("10.0.1.1") == [1, 7]
    assert kernel_buckets("10.0.1.2") == [5, 6]
    assert context.apply([first, second], keep_buckets=True) == []
    fewer = context.cluster(f"10.0.1.1 dev {DEVICE} total 6 buckets 5,6")
    assert len(context.apply([fewer], keep_buckets=True)) == 1
    assert kernel_buckets("10.0.1.1") == [1]
    assert context.verify() == []
    run("nft flush ruleset")
    context.apply([fewer, second], keep_buckets=True)
    assert kernel_buckets("10.0.1.1") == [5, 6]
    assert context.verify() == []
    assert len(context.apply([first], keep_buckets=True, prune=True)) == 2


@pytest.mark.parametrize("every", [2, 3, 7, 11])
def test_prune(context: clusterip.Context, every: int) -> None:
    """Of chains that cluster IPs share all members go, or a few."""
    clusters = [context.cluster(f"10.0.1.{i} dev {DEVICE} total 4 buckets 1")
                for i in range(1, 41)]
    context.apply(clusters)
    kept = clusters[::every]
    assert len(context.apply(kept, prune=True)) == 40 - len(kept)
    assert set(addresses()) == {f"{each.address}/32" for each in kept}
    assert len(macs()) == len(kept)
    assert all(kernel_buckets(str(each.address)) == [1] for each in kept[:3])
    assert context.verify() == []
    context.apply([], prune=True)
    assert run("nft list ruleset") == ""


def test_dump(context: clusterip.Context,
              six: clusterip.ClusterIP) -> None:
    """What is printed brings the same about."""
    assert six.address
    context.apply(context.parse(
        f"10.0.0.101 dev {DEVICE} total 3 seed 7 buckets all noaddr\n"
        f"10.0.0.102/24 dev {DEVICE} total 4 hash sourceip-sourceport\n"))
    dumped = "\n".join(str(each) for each in context)
    assert len(dumped.splitlines()) == 3
    context.apply([], prune=True)
    assert context.query() == []
    context.apply(context.parse(dumped))
    assert "\n".join(str(each) for each in context) == dumped
    assert set(addresses()) == {f"{ADDRESS}/24", "10.0.0.102/24"}
    assert kernel_buckets("10.0.0.101") == [1, 2, 3]
    assert kernel_hash("10.0.0.101") == "mod 3 seed 0x7"
    assert context.verify() == []


def test_dry_run(context: clusterip.Context,
                 six: clusterip.ClusterIP) -> None:
    """Steps without taking them."""
    assert six.address
    context.dry_run = True
    before = kernel_state()
    assert context.add_buckets(ADDRESS, [3]) != []
    assert context.set_seed(ADDRESS, 3) != []
    assert context.destroy(ADDRESS) != []
    assert context.apply([], prune=True) != []
    assert kernel_state() == before
    context.dry_run = False
    assert context.destroy(ADDRESS) != []
    assert kernel_state() != before


def test_recalled(context: clusterip.Context,
                  six: clusterip.ClusterIP) -> None:
    """What is remembered of the last move answers for no one."""
    context.add_buckets(ADDRESS, [3])
    run("nft delete table ip clusterip")
    context.dry_run = True
    with pytest.raises(clusterip.Error) as caught:
        context.add_buckets(ADDRESS, [4])
    assert caught.value.errno == errno.ENOENT
    context.dry_run = False
    context.create(six)
    context.add_buckets(ADDRESS, [3])
    # somebody else makes more buckets of it, on another device
    other = clusterip.Context()
    other.set_total_nodes(ADDRESS, 12)
    assert context.add_buckets(ADDRESS, [9]) == \
        [f"{ADDRESS} dev {DEVICE}: add buckets 9"]
    other.destroy(ADDRESS)
    run("ip link add cip1 type veth peer name peer1")
    moved = six.copy()
    moved.ifname = "cip1"
    other.create(moved)
    assert context.add_buckets(ADDRESS, [4], "cip1") == \
        [f"{ADDRESS} dev cip1: add buckets 4"]
    other.destroy(ADDRESS)
    run("ip link del cip1")


def test_mac_mode(context: clusterip.Context) -> None:
    """A MAC mode, by word and by number, brings its own MAC."""
    made = context.cluster(f"10.0.1.1/24 dev {DEVICE} total 2")
    assert made.mac_mode is None
    setattr(made, "mac_mode", "igmp")
    made.complete()
    assert made.mac == "01:00:5e:7f:01:01"
    assert made.mac_mode == clusterip.MacMode.IGMP
    context.create(made)
    assert str(context.get("10.0.1.1").mac_mode) == "igmp"
    context.destroy("10.0.1.1")
    for wrong in ("broadcast", 4, clusterip.MacMode.UNICAST):
        with pytest.raises(clusterip.Error):
            setattr(made, "mac_mode", wrong)


def test_announce(context: clusterip.Context,
                  six: clusterip.ClusterIP) -> None:
    """What is there can be announced, so often and no more."""
    assert six.address
    context.announce(ADDRESS, DEVICE, count=2, interval_ms=1)
    context.announce_created(0)
    for wrong in (1001, 2 ** 32 - 1):
        with pytest.raises(clusterip.Error) as caught:
            context.announce_created(wrong)
        assert caught.value.errno == errno.EINVAL
    with pytest.raises(clusterip.Error) as caught:
        context.announce("10.9.9.9")
    assert caught.value.errno == errno.ENOENT


def test_ipv6(context: clusterip.Context) -> None:
    """IPv6 is like IPv4; clients of a network can share a bucket."""
    made = context.cluster(f"2001:db8::1/64 dev {DEVICE} total 2 buckets 1")
    made.source_prefix = 64
    made.outgoing = True
    context.create(made)
    there = context.get("2001:db8::1")
    assert (there.family, there.prefix, there.source_prefix) == (6, 64, 64)
    assert there.outgoing and not made.noaddr
    assert there.bucket_of("2001:db8:1::1") == there.bucket_of("2001:db8:1::2")
    assert not context.verify()
    context.destroy("2001:db8::1")


def test_monitor(context: clusterip.Context,
                 six: clusterip.ClusterIP) -> None:
    """Damage is told of, and who did it."""
    assert six.address
    monitor = context.monitor()
    assert monitor.take() is None
    run("nft flush ruleset")
    run(f"ip addr del {ADDRESS}/24 dev {DEVICE}")
    assert select.select([monitor], [], [], 10)[0]
    rules, address = list(monitor)
    assert (rules.kind, rules.process) == (clusterip.EventKind.RULES, "nft")
    assert rules.pid > 1 and str(rules.pid) in rules.text
    assert (address.kind, address.address, address.ifname) == \
        (clusterip.EventKind.ADDRESS, ADDRESS, DEVICE)
    monitor.close()
    monitor.close()


def test_monitor_kinds(context: clusterip.Context,
                       six: clusterip.ClusterIP) -> None:
    """MACs and devices are told of; what is none of our business is not."""
    assert six.address
    monitor = context.monitor()
    run("nft add table ip theirs")
    run(f"bridge fdb add 03:bf:0a:00:00:65 dev {DEVICE} self")
    run("nft delete table ip theirs")
    run("ip link set peer0 name renamed0")
    run("ip link set renamed0 name peer0")
    events = list(monitor)
    assert {event.kind for event in events} == \
        {clusterip.EventKind.MAC, clusterip.EventKind.DEVICE}
    assert [event.ifname for event in events
            if "03:bf:0a:00:00:65" in event.text] == [DEVICE]
    assert all(event.text and not event.process for event in events)


def test_log(context: clusterip.Context) -> None:
    """Log lines go where they are told to."""
    readable, writable = os.pipe()
    context.log(writable, 7)
    context.query()
    context.log(-1)
    os.close(writable)
    with open(readable, "rb") as file:
        assert b"\n" in file.read()
