# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures. All tests run in a network namespace that run.sh has made."""

import re
import subprocess
from typing import Iterator, List

import pytest

import clusterip

DEVICE = "cip0"
ADDRESS = "10.0.0.100"


def run(command: str) -> str:
    """What a command prints; it has to succeed."""
    return subprocess.run(command.split(), check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def shell(script: str) -> str:
    """What a script of bash prints; every command has to succeed."""
    return subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script],
                          check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def kernel_class(address: str = ADDRESS) -> int:
    """The class of a cluster IP, from its record."""
    records = run("nft list map ip clusterip clusters")
    found = re.search(rf'\b{address} counter [^"]*"[^"]* class (\d+)"',
                      records)
    assert found, records
    return int(found.group(1))


def kernel_buckets(address: str = ADDRESS) -> List[int]:
    """Local buckets, from the slots that packets are looked up in."""
    slots = re.findall(rf"\b{address} \. (\d+) counter",
                       run("nft list set ip clusterip buckets"))
    own = kernel_class(address)
    return sorted(int(slot) % 1024 for slot in slots
                  if int(slot) // 1024 == own)


def kernel_hash(address: str = ADDRESS) -> str:
    """What the rules of a cluster IP hash, from "mod" to "seed"."""
    rules = run(f"nft list chain ip clusterip cip.{kernel_class(address)}")
    found = set(re.findall(r"jhash .* (mod \d+ seed \w+) ", rules))
    assert len(found) == 1, rules
    return str(found.pop())


def kernel_state() -> str:
    """All that verbs can change, without counters."""
    return shell("nft -s list ruleset; ip -4 -o addr; "
                 "bridge fdb show | sed -n /^03:/p")


def addresses() -> List[str]:
    """Addresses of the device, with prefix lengths."""
    return re.findall(r"inet (\S+)", run(f"ip -4 -o addr show dev {DEVICE}"))


def macs() -> List[str]:
    """Multicast MACs that the device receives for cluster IPs."""
    return re.findall(r"(03:bf:\S+)", run(f"bridge fdb show dev {DEVICE}"))


def make_device() -> None:
    """The device and its peer, up."""
    run(f"ip link add {DEVICE} type veth peer name peer0")
    run(f"ip link set {DEVICE} up")
    run("ip link set peer0 up")


@pytest.fixture
def device() -> Iterator[str]:
    """A device that is up, and nothing else."""
    run("nft flush ruleset")
    make_device()
    yield DEVICE
    # the other end, for a test that failed may have left this one renamed
    run("ip link del peer0")
    run("nft flush ruleset")


@pytest.fixture
def context(device: str) -> Iterator[clusterip.Context]:
    """A context with a device to work on."""
    assert device
    with clusterip.Context() as made:
        yield made


@pytest.fixture
def six(context: clusterip.Context) -> clusterip.ClusterIP:
    """A cluster IP of six buckets in the kernel, two of them local."""
    wanted = context.cluster(f"{ADDRESS}/24 dev {DEVICE} total 6",
                             buckets=[1, 2])
    context.create(wanted)
    return wanted
