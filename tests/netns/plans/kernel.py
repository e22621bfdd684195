# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel has, as nft, ip and /proc tell, and commands that change it,
which are written down."""

import ctypes
import json
import re
import subprocess
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Optional, Set, Tuple

from netlink import Netlink
from model import DEVICES, OWN_MACS

CLONE_NEWNET = 0x40000000
TABLE = "clusterip"
Key = Tuple[str, str]  # family and name
Element = Tuple[Any, ...]  # key, value and comment, as far as there are such
libc = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """Something is not as it must be."""


@dataclass
class Chain:
    """A chain with its hook, and digests of its rules."""

    hook: Tuple[object, ...]
    rules: List[Tuple[object, ...]]
    handles: List[int]


@dataclass
class Snapshot:
    """All that matters at one moment; two of them can be compared."""

    sets: Dict[Key, FrozenSet[Element]]
    shapes: Dict[Key, Tuple[object, ...]]
    chains: Dict[Key, Chain]
    others: str
    # (device, address, prefix, joined)
    addresses: FrozenSet[Tuple[str, str, int, bool]]
    # (device, MAC), those that are held
    macs: FrozenSet[Tuple[str, str]]
    # (device, MAC), all that are received
    received: FrozenSet[Tuple[str, str]]
    # (device, MAC) of unicast MACs that are received
    unicast: FrozenSet[Tuple[str, str]]
    links: FrozenSet[Tuple[str, bool]]

    def records(self) -> Dict[str, Tuple[str, str]]:
        """Comment and verdict of each address."""
        found: Dict[str, Tuple[str, str]] = {}
        for name in ("ip", "ip6"):
            for key, verdict, comment in self.sets.get(
                    (name, "clusters"), frozenset()):
                found[key] = (comment, verdict)
        return found

    def classes(self) -> Dict[Tuple[str, int], str]:
        """Family and number to what the class's records have in common."""
        found = {}
        for address, (comment, _) in self.records().items():
            match = re.search(r" class (\d+)$", comment)
            if match:
                way = re.sub(r"^v1 (/\d+ )?| class \d+$| mode \d+", "",
                             comment)
                way = re.sub(r"mac \S+ ", "", way)
                name = "ip6" if ":" in address else "ip"
                found[name, int(match.group(1))] = way
        return found


def _walk(node: Any, found: List[Tuple[object, ...]]) -> None:
    """Collects of an expression what tells rules apart."""
    if isinstance(node, list):
        for member in node:
            _walk(member, found)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("jhash", "numgen"):
                found.append((key, value.get("mod"), value.get("seed"),
                              value.get("offset")))
            elif key == "match" and value["left"] == {
                    "meta": {"key": "iifname"}}:
                found.append(("iifname", value["right"]))
            elif key == "match" and isinstance(value["right"], str) and (
                    value["right"][0] == "@" or "'daddr'" in str(value)) and (
                        "payload" in str(value["left"])):
                found.append(("match", value["op"], value["right"]))
            elif key == "vmap":
                found.append(("vmap", value["data"]))
            elif key in ("accept", "drop"):
                found.append((key,))
            elif key == "counter":
                found.append(("counter",))
            _walk(value, found)


def _digest(rule: Dict[str, Any]) -> Tuple[object, ...]:
    found: List[Tuple[object, ...]] = []
    _walk(rule["expr"], found)
    return (rule.get("comment", ""), *found)


def _plain(value: Any) -> Any:
    """A key or a value of an element, as something that can be in a set."""
    if isinstance(value, dict):
        if "concat" in value:
            return tuple(_plain(each) for each in value["concat"])
        if "elem" in value:
            return _plain(value["elem"]["val"])
        if "goto" in value:
            return "goto " + str(value["goto"]["target"])
        return " ".join(value)
    return value


def _element(element: Any) -> Element:
    """(key,), (key, value) or, of records, (key, value, comment)."""
    if isinstance(element, list):
        key, value = element
    else:
        key, value = element, None
    comment = ""
    if isinstance(key, dict) and "elem" in key:
        comment = key["elem"].get("comment", "")
        key = key["elem"]["val"]
    parts = [_plain(key)]
    if value is not None:
        parts.append(_plain(value))
    if comment:
        parts.append(comment)
    return tuple(parts)


class Kernel:
    """The network namespace that this process is in."""

    def __init__(self, peers: str) -> None:
        """peers: the namespace with the other ends of the devices."""
        self.peers = peers
        self.log: List[str] = []
        self.netlink: Netlink
        self.listed: Tuple[int, Tuple[Any, Any, Any, str]]

    def enter_new(self) -> None:
        """Moves this process to a namespace of its own."""
        if libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        self.netlink = Netlink()
        self.listed = (-1, ({}, {}, {}, ""))
        self.must("ip", "link", "set", "lo", "up")
        for name, value in (("ipv4.conf.all.rp_filter", 0),
                            ("ipv4.conf.default.rp_filter", 0),
                            ("ipv6.conf.all.accept_dad", 0),
                            ("ipv6.conf.default.accept_dad", 0),
                            ("ipv6.conf.default.addr_gen_mode", 1)):
            self.sysctl("net." + name, value)

    def sysctl(self, name: str, value: int) -> None:
        """Sets it."""
        self.note(f"sysctl {name}={value}")
        path = name if "/" in name else name.replace(".", "/")
        with open("/proc/sys/" + path, "w", encoding="ascii") as file:
            file.write(str(value))

    def note(self, line: str) -> None:
        """Writes down what was done otherwise."""
        self.log.append(line)

    @staticmethod
    def read(*words: str) -> str:
        """What a command prints that changes nothing."""
        return subprocess.run(words, check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def run(self, *words: str, given: Optional[str] = None) -> bool:
        """A command that changes something; False if it is refused."""
        if given is None:
            self.note(" ".join(words))
        else:
            self.note(" ".join(words) + " <<'.'\n" + given.rstrip() + "\n.")
        done = subprocess.run(words, check=False, text=True, input=given,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            self.note("# refused: " + done.stdout.strip().split("\n")[0])
        return done.returncode == 0

    def must(self, *words: str, given: Optional[str] = None) -> None:
        """The same, and it has to work."""
        if not self.run(*words, given=given):
            raise Failed(f"cannot prepare: {self.log[-2:]}")

    def nft(self, text: str) -> bool:
        """One transaction by nft."""
        return self.run("nft", "-f", "-", given=text)

    def make_device(self, name: str, ways: str) -> None:
        """A device and its other end; ways: addresses, one a word."""
        peer = "p" + str(DEVICES.index(name))
        lines = [f"link add {name} address {OWN_MACS[name]} type veth "
                 f"peer name {peer} netns {self.peers}",
                 f"link set {name} up"]
        lines += [f"addr add {way} dev {name} nodad" if ":" in way
                  else f"addr add {way} dev {name}" for way in ways.split()]
        self.must("ip", "-batch", "-", given="\n".join(lines) + "\n")
        self.must("ip", "-n", self.peers, "link", "set", peer, "up")

    def generation(self) -> int:
        """Of the ruleset; every commit counts."""
        return self.netlink.generation()

    def snapshot(self) -> Snapshot:
        """All that matters."""
        generation = self.generation()
        if generation != self.listed[0]:
            self.listed = (generation, self._ruleset())
        sets, shapes, chains, others = self.listed[1]
        links = self.netlink.links()
        macs, received = self._macs(links)
        return Snapshot(
            sets, shapes, chains, others, self._addresses(links),
            frozenset(macs), frozenset(received),
            frozenset(each for each in self.netlink.received(links)
                      if not int(each[1][:2], 16) & 1),
            frozenset(each for each in links.values() if each[0] != "lo"))

    def _ruleset(self) -> Tuple[Any, Any, Any, str]:
        sets: Dict[Key, FrozenSet[Element]] = {}
        shapes: Dict[Key, Tuple[object, ...]] = {}
        chains: Dict[Key, Chain] = {}
        others = []
        listed = json.loads(self.read("nft", "-j", "-s", "list", "ruleset"))
        for each in listed["nftables"]:
            (kind, value), = each.items()
            if kind == "metainfo":
                continue
            if value.get("table", value["name"] if kind == "table"
                         else "") != TABLE:
                value.pop("handle", None)
                others.append(json.dumps(each))
                continue
            key = (value["family"], value.get("name", ""))
            if kind == "chain":
                hook = (value.get("hook"), value.get("prio"),
                        value.get("policy"), value.get("dev"))
                chains[key] = Chain(hook, [], [])
            elif kind == "rule":
                chain = chains[value["family"], value["chain"]]
                chain.rules.append(_digest(value))
                chain.handles.append(value["handle"])
            elif kind in ("set", "map"):
                sets[key] = frozenset(map(_element, value.get("elem", ())))
                shapes[key] = (value.get("size"),
                               tuple(value.get("flags", ())))
            elif kind == "table":
                sets[value["family"], ""] = frozenset()
        if ("netdev", "") in sets:
            self._ingress(chains)
        return sets, shapes, chains, "\n".join(others)

    def _ingress(self, chains: Dict[Key, Chain]) -> None:
        """The devices that chains hang on, which JSON does not tell."""
        text = self.read("nft", "list", "chains", "netdev")
        for name, device in re.findall(
                r'chain (\S+) {\s*type filter hook ingress device "([^"]+)"',
                text):
            key = ("netdev", name)
            if key in chains:
                chains[key].hook = (*chains[key].hook[:3], device)

    def _addresses(self, links: Dict[int, Tuple[str, bool]],
                   ) -> FrozenSet[Tuple[str, str, int, bool]]:
        found = self.netlink.addresses(links)
        for each in found:
            if not each.usable:
                raise Failed(f"{each.address} is not in use")
        return frozenset(each[:4] for each in found if each.device != "lo")

    @staticmethod
    def _macs(links: Dict[int, Tuple[str, bool]],
              ) -> Tuple[Set[Tuple[str, str]], Set[Tuple[str, str]]]:
        """Multicast MACs that are held, and all that are received."""
        macs: Set[Tuple[str, str]] = set()
        received: Set[Tuple[str, str]] = set()
        with open("/proc/net/dev_mcast", encoding="ascii") as file:
            for line in file:
                index, _, _, held, mac = line.split()
                each = (links[int(index)][0], bytes.fromhex(mac).hex(":"))
                received.add(each)
                if int(held):
                    macs.add(each)
        return macs, received
