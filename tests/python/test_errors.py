# SPDX-License-Identifier: GPL-2.0-or-later
"""Every error of the header: errno, field, sentence; the kernel as before."""

import errno
import os
import re
import subprocess
from typing import Callable, Optional

import pytest

import clusterip

from conftest import ADDRESS, DEVICE, kernel_state, run, shell

# the field that is named, and the words that are wrong behind a good line
BAD_WORDS = [
    ("address", "10.0.0.256/24 dev {dev} total 4"),
    ("address", "10.0.0 dev {dev} total 4"),
    ("address", "cluster.example dev {dev} total 4"),
    ("address", "224.0.0.1 dev {dev} total 4"),
    ("address", "0.0.0.0 dev {dev} total 4"),
    ("address", "127.0.0.1 dev {dev} total 4"),
    ("address", "255.255.255.255 dev {dev} total 4"),
    ("prefix", "10.0.0.9/0 dev {dev} total 4"),
    ("prefix", "10.0.0.9/33 dev {dev} total 4"),
    ("prefix", "10.0.0.9/x dev {dev} total 4"),
    ("mac", "10.0.0.9 dev {dev} total 4 mac 02:bf:0a:00:00:64"),
    ("mac", "10.0.0.9 dev {dev} total 4 mac ff:ff:ff:ff:ff:ff"),
    ("mac", "10.0.0.9 dev {dev} total 4 mac 03:bf:0a:00:00"),
    ("total", "10.0.0.9 dev {dev} total 0"),
    ("total", "10.0.0.9 dev {dev} total 1025"),
    ("total", "10.0.0.9 dev {dev} total -1"),
    ("total", "10.0.0.9 dev {dev} total 4294967297"),
    ("total", "10.0.0.9 dev {dev} total 4 total 4"),
    ("total", "10.0.0.9 dev {dev}"),
    ("dev", "10.0.0.9 total 4"),
    ("dev", "10.0.0.9 dev a-name-far-too-long total 4"),
    ("dev", "10.0.0.9 dev eth/0 total 4"),
    ("hash", "10.0.0.9 dev {dev} total 4 hash source"),
    ("seed", "10.0.0.9 dev {dev} total 4 seed 0x100000000"),
    ("seed", "10.0.0.9 dev {dev} total 4 seed -1"),
    ("buckets", "10.0.0.9 dev {dev} total 4 buckets 5"),
    ("buckets", "10.0.0.9 dev {dev} total 4 buckets 0"),
    ("buckets", "10.0.0.9 dev {dev} total 4 buckets 3-1"),
    ("buckets", "10.0.0.9 dev {dev} total 4 buckets 1,,2"),
    ("noaddr", "10.0.0.9 dev {dev} total 4 noaddr noaddr"),
    (None, "10.0.0.9 dev {dev} total 4 frob"),
]


Call = Callable[[], object]


def refused(number: int, field: Optional[str], *calls: Call) -> str:
    """Each with that number and field, and the kernel is as before.

    Returns the last one's sentence.
    """
    before = kernel_state()
    for call in calls:
        with pytest.raises(clusterip.Error) as caught:
            call()
        assert (caught.value.errno, caught.value.field) == (number, field)
        sentence = str(caught.value)
        assert sentence and "\n" not in sentence
    assert kernel_state() == before
    return sentence


@pytest.mark.parametrize("field,words", BAD_WORDS)
def test_bad_words(context: clusterip.Context, field: Optional[str],
                   words: str) -> None:
    """Bad input is EINVAL, and names its field."""
    line = words.format(dev=DEVICE)
    refused(errno.EINVAL, field,
            lambda: context.create(context.cluster(line)))


def test_bad_arguments(context: clusterip.Context,
                       six: clusterip.ClusterIP) -> None:
    """Verbs that take no value check what they are given."""
    assert six.address
    refused(errno.EINVAL, "address", lambda: context.destroy("nowhere"),
            lambda: context.get("10.0.0"))
    refused(errno.EINVAL, "hash", lambda: context.set_hash_mode(ADDRESS, 5))
    refused(errno.EINVAL, "total",
            lambda: context.set_total_nodes(ADDRESS, 0),
            lambda: context.set_total_nodes(ADDRESS, 1025))
    assert "1..6" in refused(
        errno.EINVAL, "buckets", lambda: context.remove_buckets(ADDRESS, "0"),
        lambda: context.set_buckets(ADDRESS, "1-7"),
        lambda: context.add_buckets(ADDRESS, [7]))


def test_cut_short(context: clusterip.Context,
                   six: clusterip.ClusterIP) -> None:
    """A text with a NUL is not its beginning, nor a number its end."""
    other = f"10.0.0.101 dev {DEVICE} total 4"
    context.create(context.cluster(other))
    refused(errno.EINVAL, None, lambda: context.apply(
        context.parse(f"{six}\n\0\n{other}\n"), prune=True))
    refused(errno.EINVAL, "total",
            lambda: context.set_total_nodes(ADDRESS, 2 ** 32 + 5))
    refused(errno.EINVAL, "seed",
            lambda: context.set_seed(ADDRESS, 2 ** 32 + 5))
    refused(errno.EINVAL, "buckets",
            lambda: context.add_buckets(ADDRESS, "3\0,4"),
            lambda: context.set_buckets(ADDRESS, [2 ** 32 + 3]))
    refused(errno.EINVAL, "address",
            lambda: context.destroy(f"{ADDRESS}\0.1"))
    refused(errno.EINVAL, "dev",
            lambda: context.destroy(ADDRESS, f"{DEVICE}\0.1"))


def test_values_of_another_context(context: clusterip.Context,
                                   six: clusterip.ClusterIP) -> None:
    """What a verb refuses of them is told by the verb's context."""
    assert six.address
    other = clusterip.Context()
    nowhere = other.cluster("10.0.0.9 total 4")
    many = other.cluster(f"{ADDRESS} buckets 7")
    refused(errno.EINVAL, "address",
            lambda: context.create(other.cluster()),
            lambda: context.modify(other.cluster()))
    assert "dev" in refused(
        errno.EINVAL, "dev", lambda: context.create(nowhere),
        lambda: context.apply([nowhere]))
    assert "1..6" in refused(
        errno.EINVAL, "buckets", lambda: context.modify(many),
        lambda: context.apply([many]))


@pytest.mark.parametrize("address,ifname", [
    ("10.0.0.9", None), (ADDRESS, "peer0")])
def test_not_there(context: clusterip.Context, six: clusterip.ClusterIP,
                   address: str, ifname: Optional[str]) -> None:
    """ENOENT for another address, and for another device."""
    assert six.address
    refused(errno.ENOENT, "address",
            lambda: context.destroy(address, ifname),
            lambda: context.get(address, ifname),
            lambda: context.verify(address, ifname),
            lambda: context.migrate(address, ifname),
            lambda: context.set_hash_mode(address, 1, ifname),
            lambda: context.set_total_nodes(address, 4, ifname),
            lambda: context.set_seed(address, 4, ifname),
            lambda: context.add_buckets(address, [4], ifname),
            lambda: context.remove_buckets(address, [1], ifname),
            lambda: context.set_buckets(address, [4], ifname),
            lambda: context.modify(context.cluster("10.0.0.9 total 4")))


def test_no_device(context: clusterip.Context) -> None:
    """ENODEV, by its name."""
    missing = context.cluster("10.0.0.9 dev gone0 total 4")
    assert "gone0" in refused(
        errno.ENODEV, "dev", lambda: context.create(missing),
        lambda: context.apply([missing]))


def test_refused(context: clusterip.Context,
                 six: clusterip.ClusterIP) -> None:
    """apply() names all that it could not have, and why; nothing is done."""
    assert six.address
    lines = [f"10.0.0.1 dev {DEVICE} total 4", "10.0.0.2 dev gone0 total 4",
             "2001:db8::3 dev gone1 total 4",
             "2001:db8::4 dev gone0 total 4 mac-mode unicast",
             f"10.0.0.5 dev {DEVICE} total 4"]
    for order in lines, lines[::-1]:
        with pytest.raises(clusterip.Error) as caught:
            context.apply([context.cluster(line) for line in order])
        refusals = caught.value.refused
        assert sorted(refusals) == ["10.0.0.2", "2001:db8::3", "2001:db8::4"]
        assert {error.errno for error in refusals.values()} == {errno.ENODEV}
        assert "gone1" in str(refusals["2001:db8::3"])
        assert str(caught.value) == str(next(iter(refusals.values())))
        assert len(context.query()) == 1
    lines[1] = f"{ADDRESS}/16 dev {DEVICE} total 6"
    lines[2] = f"2001:db8::3/64 dev {DEVICE} total 4"
    with pytest.raises(clusterip.Error) as caught:
        context.apply([context.cluster(line) for line in lines])
    assert list(caught.value.refused) == [ADDRESS]
    assert caught.value.errno == errno.EEXIST
    del lines[1]
    with pytest.raises(clusterip.Error) as caught:
        context.apply([context.cluster(line) for line in lines])
    assert list(caught.value.refused) == ["2001:db8::4"]
    del lines[2]
    assert len(context.apply([context.cluster(line) for line in lines])) == 3
    with pytest.raises(clusterip.Error) as caught:
        context.create(context.cluster("10.0.0.9 dev gone0 total 4"))
    assert caught.value.refused == {}


@pytest.mark.parametrize("field,words", [
    ("prefix", f"{ADDRESS}/16 dev {DEVICE} total 6"),
    ("dev", f"{ADDRESS}/24 dev peer0 total 6"),
    ("mac", f"{ADDRESS}/24 dev {DEVICE} total 6 mac 03:00:00:00:00:01"),
    ("noaddr", f"{ADDRESS}/24 dev {DEVICE} total 6 noaddr")])
def test_exists(context: clusterip.Context, six: clusterip.ClusterIP,
                field: str, words: str) -> None:
    """What cannot be changed is EEXIST for each verb that would have to."""
    assert six.address
    other = context.cluster(words)
    refused(errno.EEXIST, field, lambda: context.create(other),
            lambda: context.modify(other), lambda: context.apply([other]))


@pytest.mark.parametrize("field,words", [
    ("total", "total 7"), ("hash", "total 6 hash sourceip-sourceport"),
    ("seed", "total 6 seed 1")])
def test_create_is_no_modify(context: clusterip.Context,
                             six: clusterip.ClusterIP, field: str,
                             words: str) -> None:
    """What can be changed is EEXIST for create() alone."""
    assert six.address
    other = context.cluster(f"{ADDRESS}/24 dev {DEVICE} {words}")
    refused(errno.EEXIST, field, lambda: context.create(other))
    assert context.modify(other) != []


def test_cannot(context: clusterip.Context) -> None:
    """EOPNOTSUPP: what the CLUSTERIP target does not know."""
    context.backend = "clusterip"
    for words in ("2001:db8::1", "10.0.0.1 mac-mode igmp",
                  "10.0.0.1 hash xt_cluster", "10.0.0.1 outgoing",
                  "10.0.0.1 source-prefix 24"):
        with pytest.raises(clusterip.Error) as caught:
            context.create(context.cluster(f"{words} dev {DEVICE} total 4"))
        assert caught.value.errno == errno.EOPNOTSUPP
    context.backend = "auto"


@pytest.mark.parametrize("version,number", [
    ("v9", errno.EPROTONOSUPPORT), ("w1", errno.EBADMSG)])
def test_record(context: clusterip.Context, six: clusterip.ClusterIP,
                version: str, number: int) -> None:
    """A record of a newer version, and one that is damaged."""
    found = re.search(r'comment "v1 ([^"]*)"',
                      run("nft list map ip clusterip clusters"))
    assert found
    record = f"{version} {found.group(1)}"
    elements = "element ip clusterip clusters"
    shell(f"nft 'delete {elements} {{ {ADDRESS} }}; "
          f"add {elements} {{ {ADDRESS} comment \"{record}\" : drop }}'")
    refused(number, None, lambda: context.add_buckets(ADDRESS, [3]))
    if number == errno.EBADMSG:
        context.create(six)
        assert context.verify() == []


def test_name_is_taken(context: clusterip.Context) -> None:
    """ENOTUNIQ: somebody else has a table of our name."""
    run("nft add table ip clusterip")
    shell("nft 'add set ip clusterip buckets { type ipv4_addr; }'")
    refused(errno.ENOTUNIQ, None, lambda: context.create(
        context.cluster(f"{ADDRESS} dev {DEVICE} total 4")))


def test_no_room(context: clusterip.Context) -> None:
    """ENOSPC: more local buckets than the kernel's set is declared for."""
    full = [context.cluster(f"10.0.2.{i + 1} dev {DEVICE} total 1024 buckets "
                            "all noaddr") for i in range(64)]
    context.apply(full)
    before = run("nft -s list map ip clusterip addresses")
    with pytest.raises(clusterip.Error, match="65536") as caught:
        context.create(context.cluster(
            f"10.0.3.1 dev {DEVICE} total 2 buckets 1"))
    assert caught.value.errno == errno.ENOSPC
    assert run("nft -s list map ip clusterip addresses") == before


AS_NOBODY = """
import os, sys, clusterip
context = clusterip.Context()
cluster = context.cluster(sys.argv[1])
os.setgid(65534)
os.setuid(65534)
for verb in (context.query, context.verify, context.monitor,
             lambda: context.get(cluster.address),
             lambda: context.create(cluster),
             lambda: context.modify(cluster),
             lambda: context.apply([cluster]),
             lambda: context.destroy(cluster.address),
             lambda: context.migrate(cluster.address),
             lambda: context.add_buckets(cluster.address, [3])):
    try:
        verb()
        print("done")
    except clusterip.Error as error:
        print(error.errno, error.field)
"""


def test_no_privilege(six: clusterip.ClusterIP) -> None:
    """EPERM from every verb, and nothing changes."""
    if os.environ.get("NETNS", "") == "":
        pytest.skip("there is no other user to become")
    before = kernel_state()
    said = subprocess.check_output(["/usr/bin/python3", "-c", AS_NOBODY,
                                    str(six)], text=True)
    assert said.splitlines() == [f"{errno.EPERM} None"] * 10
    assert kernel_state() == before
