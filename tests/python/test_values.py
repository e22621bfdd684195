# SPDX-License-Identifier: GPL-2.0-or-later
"""Cluster IPs as values, and functions that need no kernel."""

import errno
import os
import re
from typing import Any, Callable, List

import pytest

import clusterip
from clusterip import HashMode
from clusterip._library import lib
from clusterip._prototypes import PROTOTYPES


@pytest.fixture
def context() -> clusterip.Context:
    """One that never meets the kernel."""
    return clusterip.Context()


def test_every_exported_symbol_is_bound() -> None:
    """Exported = bound, by the list of versions."""
    with open(os.environ["SYMBOLS"], encoding="utf-8") as file:
        exported = re.findall(r"^\tcip_\w+(?=;)", file.read(), re.M)
    assert sorted(name.strip() for name in exported) == sorted(PROTOTYPES)
    assert clusterip.version() == lib.cip_version_string().decode()


def test_properties(context: clusterip.Context) -> None:
    """What is set is what is got."""
    cluster = context.cluster(
        address="10.0.0.100/24", ifname="eth0", mac="03-BF-0A-00-00-64",
        hash_mode="sourceip-sourceport", total_nodes=16, seed=0x1234,
        noaddr=True, buckets=[3, 1, 2])
    assert cluster.address == "10.0.0.100"
    assert cluster.family == 4
    assert cluster.prefix == 24
    assert cluster.ifname == "eth0"
    assert cluster.mac == "03:bf:0a:00:00:64"
    assert cluster.hash_mode is HashMode.SOURCEIP_SOURCEPORT
    assert str(cluster.hash_mode) == "sourceip-sourceport"
    assert (cluster.total_nodes, cluster.seed) == (16, 0x1234)
    assert cluster.noaddr
    assert cluster.buckets == (1, 2, 3)
    assert cluster.buckets_text == "1-3"
    assert str(cluster) == (
        "10.0.0.100/24 dev eth0 mac 03:bf:0a:00:00:64 hash "
        "sourceip-sourceport total 16 seed 0x1234 buckets 1-3 noaddr")
    assert repr(cluster) == f"<ClusterIP {cluster}>"
    assert str(context.cluster(str(cluster))) == str(cluster)


def test_unset(context: clusterip.Context) -> None:
    """An empty value has nothing, and None forgets."""
    cluster = context.cluster()
    names = ["address", "prefix", "ifname", "mac", "hash_mode", "total_nodes",
             "seed", "buckets", "backend", "foreign_counters"]
    assert [getattr(cluster, name) for name in names] == [None] * len(names)
    assert (cluster.family, cluster.noaddr, str(cluster)) == (0, False, "")
    full = context.cluster("10.0.0.1/8 dev eth0 mac 03:bf:0a:00:00:01 hash "
                           "sourceip total 4 seed 7 buckets 1 noaddr")
    for name in names[:8] + ["noaddr"]:
        setattr(full, name, None)
    assert str(full) == ""


def numbers(cluster: clusterip.ClusterIP) -> List[int]:
    """Its local buckets; it has to have some set."""
    assert cluster.buckets is not None
    return list(cluster.buckets)


def test_buckets(context: clusterip.Context) -> None:
    """Numbers, text, one by one."""
    cluster = context.cluster("10.0.0.1 dev eth0 total 8")
    cluster.buckets = []
    assert numbers(cluster) == []
    setattr(cluster, "buckets", "2,4-6")
    assert numbers(cluster) == [2, 4, 5, 6]
    cluster.add_bucket(8)
    cluster.remove_bucket(5)
    assert numbers(cluster) == [2, 4, 6, 8]
    assert cluster.has_bucket(8) and not cluster.has_bucket(5)
    assert cluster.counters(8) is None


def test_copy_and_compare(context: clusterip.Context) -> None:
    """A copy is equal, and its own."""
    cluster = context.cluster("10.0.0.1 dev eth0 total 8")
    copy = cluster.copy()
    assert cluster.differences(copy) == 0
    copy.total_nodes = 9
    assert cluster.differences(copy) == 1 << 6
    assert cluster.total_nodes == 8


BAD = [
    ("address", "10.0.0", "address"), ("address", "224.0.0.1", "address"),
    ("prefix", 33, "prefix"), ("ifname", "a/b", "dev"),
    ("mac", "02:00:00:00:00:01", "mac"), ("hash_mode", "all", "hash"),
    ("hash_mode", 9, "hash"), ("total_nodes", 0, "total"),
    ("total_nodes", 1025, "total"), ("buckets", [1025], "buckets"),
    ("buckets", "3-1", "buckets"),
]


@pytest.mark.parametrize("name,value,field", BAD)
def test_bad_values(context: clusterip.Context, name: str, value: Any,
                    field: str) -> None:
    """A bad value names its field and changes nothing."""
    cluster = context.cluster("10.0.0.1/24 dev eth0 mac 03:00:00:00:00:01 "
                              "hash sourceip total 4 buckets 1")
    before = str(cluster)
    with pytest.raises(clusterip.Error) as caught:
        setattr(cluster, name, value)
    assert caught.value.errno == errno.EINVAL
    assert caught.value.field == field
    assert str(caught.value) == caught.value.strerror != ""
    assert str(cluster) == before


def test_bad_text(context: clusterip.Context) -> None:
    """Text and keywords are checked, too."""
    with pytest.raises(clusterip.Error, match="flavour"):
        context.cluster("10.0.0.1 dev eth0 flavour 3")
    with pytest.raises(TypeError, match="flavour"):
        context.cluster(flavour=3)
    with pytest.raises(clusterip.Error) as caught:
        context.cluster("10.0.0.1 total 4").validate()
    assert caught.value.field == "dev"
    context.cluster("10.0.0.1 dev eth0 total 4").validate()


def test_recorded_buckets(context: clusterip.Context) -> None:
    """Buckets that the kernel's CLUSTERIP target was seen to choose."""
    with open(os.environ["VECTORS"], encoding="utf-8") as file:
        rows = [line.split() for line in file if not line.startswith("#")]
    assert len(rows) > 2000
    for mode, total, seed, protocol, saddr, sport, dport, _, bucket in rows:
        assert clusterip.hash(mode, int(total), saddr, int(protocol),
                              int(sport), int(dport), seed=int(seed, 0)) \
            == int(bucket)
    cluster = context.cluster("10.0.0.1 dev eth0 total 16 hash sourceip "
                              "seed 5")
    assert cluster.bucket_of("192.0.2.1", 6, 1, 2) == \
        clusterip.hash("sourceip", 16, "192.0.2.1", 6, 1, 2, seed=5)


def test_pure_functions_refuse() -> None:
    """Without a context the sentence is the system's."""
    calls: List[Callable[[], object]] = [
        lambda: clusterip.hash(1, 0, "192.0.2.1"),
        lambda: clusterip.default_mac("nowhere")]
    for call in calls:
        with pytest.raises(clusterip.Error) as caught:
            call()
        assert caught.value.errno == errno.EINVAL
        assert caught.value.field is None
    assert clusterip.default_mac("10.0.0.100") == "03:bf:0a:00:00:64"


def test_names() -> None:
    """Kinds have words."""
    assert str(clusterip.Fault.BUCKET) == "bucket"
    assert str(clusterip.EventKind.LOST) == "lost"


def test_parse(context: clusterip.Context) -> None:
    """Lines of a file know where they stood."""
    members = context.parse("# two\n10.0.0.1 dev eth0 total 4\n\n"
                            "create 10.0.0.2 dev eth0 total 5\n")
    assert [(member.address, member.line) for member in members] == \
        [("10.0.0.1", 2), ("10.0.0.2", 4)]
    with pytest.raises(clusterip.Error, match="^line 1: "):
        context.parse("10.0.0.1 total many\n")


def test_import(context: clusterip.Context) -> None:
    """Rules of iptables-save."""
    rule = ("-A INPUT -d 10.0.0.101/32 -i eth0 -j CLUSTERIP --new --hashmode "
            "sourceip --clustermac 01:00:5E:00:00:65 --total-nodes 4 "
            "--local-node 2 --hash-init 0\n")
    member, = context.import_rules(rule)
    assert (member.address, member.buckets) == ("10.0.0.101", (2,))
    with pytest.raises(clusterip.Error):
        context.import_rules(rule.replace("--total-nodes 4", ""))


def test_context_settings() -> None:
    """Backend, log, and a context that was closed."""
    context = clusterip.Context(backend="nft", dry_run=True)
    assert (context.backend, context.dry_run) == ("nft", True)
    with pytest.raises(clusterip.Error, match="ipvs"):
        context.backend = "ipvs"
    with pytest.raises(clusterip.Error):
        context.log(-2)
    cluster = context.cluster("10.0.0.1 dev eth0 total 4")
    context.close()
    context.close()
    with pytest.raises(ValueError, match="closed"):
        context.query()
    assert cluster.total_nodes == 4
    with pytest.raises(clusterip.Error):
        clusterip.Context(backend="ipvs")


TOO_BIG = [2 ** 32, 2 ** 32 + 5, 2 ** 64 + 1, -1, -2 ** 32 + 1]
NUMBERS = [("prefix", "prefix"), ("total_nodes", "total"), ("seed", "seed"),
           ("source_prefix", "source-prefix"), ("hash_mode", "hash"),
           ("mac_mode", "mac-mode"), ("noaddr", "noaddr"),
           ("outgoing", "outgoing")]


@pytest.mark.parametrize("number", TOO_BIG)
def test_numbers_of_values(context: clusterip.Context, number: int) -> None:
    """A number that does not fit is refused, not cut to what does."""
    cluster = context.cluster("10.0.0.1/24 dev eth0 total 4 seed 7")
    before = str(cluster)
    for name, field in NUMBERS:
        with pytest.raises(clusterip.Error, match=f"{number} ") as caught:
            setattr(cluster, name, number)
        assert (caught.value.errno, caught.value.field) == \
            (errno.EINVAL, field)
    for change in (cluster.add_bucket, cluster.remove_bucket):
        with pytest.raises(clusterip.Error) as caught:
            change(number)
        assert caught.value.field == "buckets"
    with pytest.raises(clusterip.Error) as caught:
        cluster.buckets = [1, number]
    assert caught.value.field == "buckets"
    assert str(cluster) == before
    cluster.buckets = range(1, 5)
    assert not cluster.has_bucket(number)
    assert not cluster.is_assigned(number)
    assert cluster.counters(number) is None


@pytest.mark.parametrize("number", TOO_BIG)
def test_numbers_of_functions(context: clusterip.Context,
                              number: int) -> None:
    """The same where a function takes it."""
    cluster = context.cluster("10.0.0.1/24 dev eth0 total 4")
    client = "192.0.2.1"
    calls: List[Callable[[], object]] = [
        lambda: clusterip.hash(number, 4, client),
        lambda: clusterip.hash(1, number, client),
        lambda: clusterip.hash(1, 4, client, number),
        lambda: clusterip.hash(1, 4, client, 6, number),
        lambda: clusterip.hash(1, 4, client, 6, 1, number),
        lambda: clusterip.hash(1, 4, client, seed=number),
        lambda: cluster.bucket_of(client, number),
        lambda: cluster.bucket_of(client, 6, number),
        lambda: cluster.bucket_of(client, 6, 1, number),
        lambda: context.announce_created(number),
        lambda: context.announce_created(1, number),
        lambda: context.announce("10.0.0.1", None, number),
        lambda: context.announce("10.0.0.1", None, 1, number),
        lambda: context.log(-1, number),
        lambda: context.set_hash_mode("10.0.0.1", number),
        lambda: context.set_total_nodes("10.0.0.1", number),
        lambda: context.set_seed("10.0.0.1", number),
        lambda: setattr(context, "dry_run", number)]
    if number != -1:
        calls.append(lambda: context.log(number))
    for call in calls:
        with pytest.raises(clusterip.Error) as caught:
            call()
        assert caught.value.errno == errno.EINVAL
    assert not context.dry_run


def test_numbers_are_numbers(context: clusterip.Context) -> None:
    """What is none is a TypeError."""
    cluster = context.cluster("10.0.0.1 dev eth0 total 4")
    wrong: List[Any] = [1.0, "4", b"4", None]
    for value in wrong:
        with pytest.raises(TypeError):
            cluster.add_bucket(value)
        with pytest.raises(TypeError):
            clusterip.hash(1, value, "192.0.2.1")
    with pytest.raises(TypeError):
        setattr(cluster, "total_nodes", 4.0)
    with pytest.raises(TypeError):
        setattr(cluster, "address", 4)


WORDS = [("address", "10.0.0.1", "address"), ("ifname", "eth0", "dev"),
         ("mac", "03:00:00:00:00:01", "mac"), ("buckets", "1", "buckets"),
         ("hash_mode", "sourceip", "hash"), ("mac_mode", "igmp", "mac-mode")]


@pytest.mark.parametrize("end", ["\0", "\0,9", "\ud800"])
def test_text_ends_where_it_ends(context: clusterip.Context,
                                 end: str) -> None:
    """What C would take for the end of a text is refused."""
    cluster = context.cluster()
    for name, value, field in WORDS:
        with pytest.raises(clusterip.Error) as caught:
            setattr(cluster, name, value + end)
        assert (caught.value.errno, caught.value.field) == \
            (errno.EINVAL, field)
    assert str(cluster) == ""
    address, line = "10.0.0.1", f"10.0.0.1 dev eth0 total 4{end}\n"
    given = context.cluster("10.0.0.2 total 4")
    calls: List[Callable[[], object]] = [
        lambda: context.cluster(line), lambda: context.parse(line + line),
        lambda: context.import_rules("# nothing" + end),
        lambda: setattr(context, "backend", "nft" + end),
        lambda: clusterip.Context(backend="nft" + end),
        lambda: clusterip.default_mac(address + end),
        lambda: clusterip.hash(1, 4, address + end),
        lambda: clusterip.hash("sourceip" + end, 4, address),
        lambda: given.bucket_of(address + end),
        lambda: context.get(address + end),
        lambda: context.verify(address + end),
        lambda: context.destroy(address + end),
        lambda: context.migrate(address + end),
        lambda: context.announce(address + end),
        lambda: context.get(address, "eth0" + end),
        lambda: context.verify(address, "eth0" + end),
        lambda: context.destroy(address, "eth0" + end),
        lambda: context.announce(address, "eth0" + end),
        lambda: context.add_buckets(address, "1" + end),
        lambda: context.remove_buckets(address, "1" + end),
        lambda: context.set_buckets(address, "1" + end),
        lambda: context.set_hash_mode(address, "sourceip" + end)]
    for call in calls:
        with pytest.raises(clusterip.Error) as caught:
            call()
        assert caught.value.errno == errno.EINVAL
        assert "NUL" in str(caught.value) or "encode" in str(caught.value)
    assert context.backend == "auto"
