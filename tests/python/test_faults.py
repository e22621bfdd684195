# SPDX-License-Identifier: GPL-2.0-or-later
"""Damage done by hand: verify() names it, and create() repairs it."""

import os
import re
from typing import Callable, List, Tuple

import pytest

import clusterip
from clusterip import Fault

from conftest import (ADDRESS, DEVICE, addresses, kernel_buckets, kernel_class,
                      kernel_hash, macs, make_device, run, shell)

NETNS = os.environ.get("NETNS", "")
TAMPER = os.environ.get("TOOLS", "") + "/tamper"
TABLE = "ip clusterip"


def nft(command: str) -> None:
    """In nft's own words, blanks and braces included."""
    shell(f"nft '{command}'")


def chain() -> str:
    """The chain that has the rules of the cluster IP."""
    found = re.search(rf"\b{ADDRESS} : goto (\S+?)[ ,]",
                      run(f"nft list map {TABLE} addresses"))
    assert found
    return found.group(1)


def rule(where: str, name: str) -> str:
    """Chain and handle of a rule of that name."""
    found = re.search(rf'"{name}" # handle (\d+)',
                      run(f"nft -a list chain {TABLE} {where}"))
    assert found
    return f"{where} handle {found.group(1)}"


def slot(bucket: int) -> str:
    """A bucket's key in the sets."""
    return f"{ADDRESS} . {kernel_class() * 1024 + bucket}"


def remove_mac() -> None:
    """The device no longer receives the cluster MAC."""
    run(f"bridge fdb del 03:bf:0a:00:00:64 dev {DEVICE} self")


def remove_address() -> None:
    """The device no longer has the address."""
    run(f"ip addr del {ADDRESS}/24 dev {DEVICE}")


def change_address() -> None:
    """The same address with another prefix length."""
    remove_address()
    run(f"ip addr add {ADDRESS}/16 dev {DEVICE}")


def make_device_again() -> None:
    """Another device of the same name."""
    run(f"ip link del {DEVICE}")
    make_device()


def reload_rules() -> None:
    """nft writes the rules without the step that it does not know."""
    shell("rules=$(nft list ruleset); nft flush ruleset; nft -f - <<<$rules")


def tamper(field: str, value: int) -> None:
    """Another number in the hash, all else as it was."""
    if not NETNS:
        pytest.skip("needs a network namespace with a name")
    run(f"{TAMPER} {NETNS} {chain()} {field} {value}")


# what it is called, the damage, and what verify() has to call it
DAMAGES: List[Tuple[str, Callable[[], None], Fault]] = [
    ("table", lambda: nft(f"delete table {TABLE}"), Fault.TABLE),
    ("protocol", lambda: nft(f"delete element {TABLE} ports {{ udp }}"),
     Fault.TABLE),
    ("arp-table", lambda: nft("delete table arp clusterip"), Fault.ARP),
    ("arp-rule", lambda: nft("flush chain arp clusterip output"), Fault.ARP),
    ("arp-entry", lambda: nft("flush map arp clusterip macs"), Fault.ARP),
    ("hash-rule", lambda: nft(
        f"delete rule {TABLE} {rule(chain(), 'hash')}"), Fault.RULE),
    ("foreign-rule", lambda: nft(
        f"delete rule {TABLE} {rule(chain(), 'foreign')}"),
     Fault.RULE),
    ("open-door", lambda: nft(f"insert rule {TABLE} {chain()} accept"),
     Fault.RULE),
    ("chain", lambda: nft(f"flush chain {TABLE} {chain()}"), Fault.RULE),
    ("open-gate", lambda: nft(f"insert rule {TABLE} prerouting accept"),
     Fault.RULE),
    ("prerouting", lambda: nft(f"flush chain {TABLE} prerouting"),
     Fault.RULE),
    ("dispatch-rule", lambda: nft(
        f"delete rule {TABLE} {rule('prerouting', 'dispatch')}"), Fault.RULE),
    ("reload", reload_rules, Fault.RULE),
    ("seed", lambda: tamper("seed", 8), Fault.RULE),
    ("modulus", lambda: tamper("modulus", 5), Fault.RULE),
    ("offset", lambda: tamper("offset", 12345), Fault.RULE),
    ("dispatch-entry", lambda: nft(
        f"delete element {TABLE} addresses {{ {ADDRESS} }}"), Fault.DISPATCH),
    ("record", lambda: nft(
        f"delete element {TABLE} clusters {{ {ADDRESS} }}"), Fault.RECORD),
    ("bucket-gone", lambda: nft(
        f"delete element {TABLE} buckets {{ {slot(2)} }}"), Fault.BUCKET),
    ("bucket-more", lambda: nft(
        f"add element {TABLE} buckets {{ {slot(5)} }}"), Fault.BUCKET),
    ("assigned-gone", lambda: nft(
        f"delete element {TABLE} assigned {{ {slot(1)} }}"), Fault.BUCKET),
    ("assigned-more", lambda: nft(
        f"add element {TABLE} assigned {{ {slot(5)} }}"), Fault.BUCKET),
    ("buckets", lambda: nft(f"flush set {TABLE} buckets"), Fault.BUCKET),
    ("mac", remove_mac, Fault.MAC),
    ("address", remove_address, Fault.ADDRESS),
    ("prefix", change_address, Fault.ADDRESS),
    ("device", make_device_again, Fault.MAC),
]


def test_every_kind_is_tried() -> None:
    """A device that is not as it was has tests of its own, and two backends
    need a kernel that has the other one."""
    assert {fault for _, _, fault in DAMAGES} == \
        set(Fault) - {Fault.DEVICE, Fault.BACKEND}


# Only where all cluster IPs are of one class there is a shortcut.
OTHERS = [[],
          [f"10.0.0.101/24 dev {DEVICE} total 6 buckets 1"],
          [f"10.0.0.101/24 dev {DEVICE} total 4 hash sourceip-sourceport "
           "buckets 1", f"10.0.0.102/24 dev {DEVICE} total 4 noaddr"]]


@pytest.mark.parametrize("others", OTHERS, ids=["alone", "of two", "of three"])
@pytest.mark.parametrize("damage,fault", [each[1:] for each in DAMAGES],
                         ids=[each[0] for each in DAMAGES])
def test_damage(context: clusterip.Context, six: clusterip.ClusterIP,
                others: List[str], damage: Callable[[], None],
                fault: Fault) -> None:
    """It is named, and everything is as before when it is repaired."""
    wanted = [six] + [context.cluster(line) for line in others]
    context.apply(wanted)
    assert context.verify() == []
    before = (str(context.get(ADDRESS)), kernel_hash(), set(macs()))
    there = set(addresses())
    damage()
    findings = context.verify()
    assert fault in [finding.fault for finding in findings]
    assert all(finding.text for finding in findings)
    assert context.verify(ADDRESS) != []
    for cluster in wanted:
        context.create(cluster)
    assert context.verify() == []
    assert kernel_buckets() == [1, 2]
    assert before == (str(context.get(ADDRESS)), kernel_hash(), set(macs()))
    # what somebody else has put there stays
    assert there <= set(addresses())


def test_device_down(context: clusterip.Context,
                     six: clusterip.ClusterIP) -> None:
    """Named, and nothing that create() could repair or fail at."""
    run(f"ip link set {DEVICE} down")
    assert Fault.DEVICE in [finding.fault for finding in context.verify()]
    context.create(six)
    assert [each.fault for each in context.verify()] == [Fault.DEVICE]
    run(f"ip link set {DEVICE} up")
    context.create(six)
    assert context.verify() == []


def test_device_renamed(context: clusterip.Context,
                        six: clusterip.ClusterIP) -> None:
    """Named; create() refuses a device that is not there."""
    shell(f"ip link set {DEVICE} down; ip link set {DEVICE} name other0")
    assert Fault.DEVICE in [finding.fault for finding in context.verify()]
    with pytest.raises(clusterip.Error) as caught:
        context.create(six)
    assert caught.value.field == "dev"
    shell(f"ip link set other0 name {DEVICE}; ip link set {DEVICE} up")
    context.create(six)
    assert context.verify() == []


def test_without_repair(context: clusterip.Context,
                        six: clusterip.ClusterIP) -> None:
    """What is damaged stays so until somebody asks."""
    nft(f"flush set {TABLE} buckets")
    assert kernel_buckets() == []
    assert context.query() and context.verify()
    found = context.get(ADDRESS)
    assert found.buckets == ()
    assert found.is_assigned(2) and not found.is_assigned(3)
    assert kernel_buckets() == []
    context.create(six)
    assert kernel_buckets() == [1, 2]


def test_words_of_others(context: clusterip.Context,
                         six: clusterip.ClusterIP) -> None:
    """What somebody has written into a rule comes as one line of UTF-8."""
    assert six.address
    nft(f"replace rule {TABLE} {rule(chain(), 'hash')} "
        'log prefix "caf\u00e9\x1b[31m\udcff" comment "hash"')
    assert [finding for finding in context.verify()
            if "caf\u00e9?[31m?" in finding.text]
