# SPDX-License-Identifier: GPL-2.0-or-later
"""What is wanted: cluster IPs as values, by docs/footprint.md and the manual
alone, and how the lists are thrown that ask for them."""

import ipaddress
import random
from dataclasses import dataclass, replace
from typing import Dict, FrozenSet, List, Optional, Sequence, Tuple, TypeVar

MULTICAST, IGMP, UNICAST = 1, 2, 3
MAC_MODES = {MULTICAST: "multicast", IGMP: "igmp", UNICAST: "unicast"}
HASH_MODES = {1: "sourceip", 2: "sourceip-sourceport",
              3: "sourceip-sourceport-destport", 4: "xt_cluster"}
DEVICES = ("v0", "eth0.7", "lan-b_15_chars_")
OWN_MACS = {name: f"02:00:00:00:00:0{i + 1}"
            for i, name in enumerate(DEVICES)}
MISSING = "gone0"
# two whose default MACs are one, as only the end of an address is in it
ADDRESSES = ("10.9.0.1", "10.9.0.2", "10.9.0.3", "10.9.0.4", "10.9.0.5",
             "10.9.1.1", "10.9.1.2", "192.168.7.1",
             "2001:db8:1::1", "2001:db8:2::1", "2001:db8:1::2",
             "2001:db8:1::3", "2001:db8:2::4", "2001:db8:3::1:1",
             "fd00::9", "fd00::a09:1")
MACS = {
    MULTICAST: ("03:bf:00:00:00:01", "03:bf:00:00:00:02",
                "01:00:5e:7f:00:01", "33:33:00:00:00:01"),
    IGMP: ("01:00:5e:7f:00:01", "01:00:5e:00:00:07", "33:33:00:00:00:01",
           "33:33:00:00:00:02"),
    UNICAST: ("02:bf:00:00:00:01", "02:bf:00:00:00:02",
              OWN_MACS[DEVICES[0]]),
}
TOTALS = (1, 1, 2, 2, 3, 4, 4, 5, 8, 12, 16, 16, 64, 255, 1000, 1024)
SEEDS = (0, 0, 0, 1, 7, 0xffffffff)


def family(address: str) -> int:
    """4 or 6."""
    return 6 if ":" in address else 4


def bits(address: str) -> int:
    """Length of an address."""
    return 128 if ":" in address else 32


def tail(address: str) -> bytes:
    """Its last four octets."""
    return ipaddress.ip_address(address).packed[-4:]


def mac_text(octets: bytes) -> str:
    """As ip prints it."""
    return octets.hex(":")


def default_mac(address: str, mode: int) -> str:
    """The MAC of a cluster IP that was given none."""
    end = tail(address)
    if mode == UNICAST:
        return mac_text(b"\x02\xbf" + end)
    if mode == MULTICAST:
        return mac_text(b"\x03\xbf" + end)
    if family(address) == 6:
        return mac_text(b"\x33\x33" + end)
    return mac_text(b"\x01\x00\x5e\x7f" + end[2:])


def group(mac: str) -> str:
    """The group that a device joins for a MAC of mode igmp."""
    octets = bytes.fromhex(mac.replace(":", ""))
    if octets[0] == 1:
        return f"239.{octets[3] | 0x80}.{octets[4]}.{octets[5]}"
    return str(ipaddress.IPv6Address(b"\xff\x15" + bytes(10) + octets[2:]))


def buckets_text(buckets: FrozenSet[int]) -> str:
    """A list of buckets, without ranges."""
    return ",".join(map(str, sorted(buckets))) or "none"


@dataclass(frozen=True)
class Cluster:  # pylint: disable=too-many-instance-attributes
    """One cluster IP with all its attributes."""

    address: str
    prefix: Optional[int]  # None: noaddr
    ifname: str
    mac_mode: int
    mac: str
    hash_mode: int
    total: int
    seed: int
    source_prefix: int
    outgoing: bool
    buckets: FrozenSet[int]

    @property
    def family(self) -> int:
        """4 or 6."""
        return family(self.address)

    def way(self) -> Tuple[object, ...]:
        """What those of a class have in common."""
        return (self.ifname, self.hash_mode, self.total, self.seed,
                self.source_prefix, self.outgoing)

    def fixed(self) -> Tuple[object, ...]:
        """What cannot be changed."""
        return (self.prefix, self.ifname, self.mac, self.mac_mode,
                self.outgoing)

    def needs_six(self) -> bool:
        """Does it put an IPv6 address on its device?"""
        return (self.family == 6 and self.prefix is not None) or (
            self.mac_mode == IGMP and self.mac.startswith("33:"))

    def record(self) -> str:
        """The comment in the kernel, without the class."""
        prefix = f"/{self.prefix} " if self.prefix else ""
        source = (f" src {self.source_prefix}"
                  if self.source_prefix != bits(self.address) else "")
        mode = f" mode {self.mac_mode}" if self.mac_mode != MULTICAST else ""
        out = " out 1" if self.outgoing else ""
        return (f"v1 {prefix}dev {self.ifname} mac {self.mac} "
                f"hash {self.hash_mode} total {self.total} "
                f"seed {self.seed:#x}{source}{mode}{out}")

    def line(self) -> str:
        """All of it as cipadm create takes it."""
        words = [self.address if self.prefix is None
                 else f"{self.address}/{self.prefix}", "dev", self.ifname]
        if self.prefix is None:
            words.append("noaddr")
        if self.mac_mode != MULTICAST:
            words += ["mac-mode", MAC_MODES[self.mac_mode]]
        if self.mac != default_mac(self.address, self.mac_mode):
            words += ["mac", self.mac]
        if self.hash_mode != 1:
            words += ["hash", HASH_MODES[self.hash_mode]]
        words += ["total", str(self.total)]
        if self.seed:
            words += ["seed", str(self.seed)]
        if self.source_prefix != bits(self.address):
            words += ["source-prefix", str(self.source_prefix)]
        words += ["buckets", buckets_text(self.buckets)]
        if self.outgoing:
            words.append("outgoing")
        return " ".join(words)

    def whole_line(self) -> str:
        """The same, and what is as it would be anyway."""
        words = self.line()
        for name, value in (("mac-mode", MAC_MODES[self.mac_mode]),
                            ("mac", self.mac),
                            ("hash", HASH_MODES[self.hash_mode]),
                            ("seed", str(self.seed)),
                            ("source-prefix", str(self.source_prefix))):
            if f" {name} " not in words:
                words += f" {name} {value}"
        return words


State = Dict[str, Cluster]
T = TypeVar("T")


class Dice:
    """Everything that is thrown."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def one_in(self, number: int) -> bool:
        """True once in so many times."""
        return self.random.randrange(number) == 0

    def pick(self, choices: Sequence[T]) -> T:
        """One of them."""
        return self.random.choice(choices)

    def some(self, choices: Sequence[T], most: int) -> List[T]:
        """A few of them, at most so many."""
        count = self.random.randint(0, min(most, len(choices)))
        return self.random.sample(choices, count)

    def buckets(self, total: int) -> FrozenSet[int]:
        """None, all, or some."""
        kind = self.random.randrange(8)
        if kind == 0:
            return frozenset()
        if kind == 1:
            return frozenset(range(1, total + 1))
        count = self.random.randint(1, min(total, 40))
        return frozenset(self.random.sample(range(1, total + 1), count))

    def seed(self) -> int:
        """Mostly one of few, so that classes are shared."""
        if self.one_in(6):
            return self.random.getrandbits(32)
        return self.pick(SEEDS)

    def source_prefix(self, address: str) -> int:
        """Mostly all of the address."""
        if not self.one_in(4):
            return bits(address)
        return self.pick((24, 16) if family(address) == 4 else (64, 48, 33))

    def mac(self, address: str, mode: int) -> str:
        """A MAC of its own, or one of few."""
        if self.one_in(2):
            return default_mac(address, mode)
        choices = MACS[mode]
        if mode == IGMP and family(address) == 4:
            choices = choices[:2]
        return self.pick(choices)

    def hashing(self, cluster: Cluster) -> Cluster:
        """The same cluster IP, hashed otherwise."""
        hash_mode = self.pick((1, 1, 2, 3, 4))
        total = self.pick(TOTALS)
        return replace(
            cluster, hash_mode=hash_mode, total=total, seed=self.seed(),
            source_prefix=self.source_prefix(cluster.address),
            buckets=self.buckets(total))

    def cluster(self, address: str) -> Cluster:
        """Any that this address could have."""
        mode = self.pick((MULTICAST, MULTICAST, IGMP, UNICAST))
        prefixes: List[Optional[int]] = [24, 24, 16, 32, None]
        if family(address) == 6:
            prefixes = [64, 64, 48, 128, None]
        return self.hashing(Cluster(
            address, self.pick(prefixes), self.pick(DEVICES), mode,
            self.mac(address, mode), 1, 1, 0, bits(address),
            self.one_in(5), frozenset()))
