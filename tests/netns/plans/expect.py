# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel must have for the cluster IPs that are wanted, by
docs/footprint.md; how that differs from what it has."""

import re
from typing import Dict, FrozenSet, Iterable, List, Set, Tuple

from kernel import Element, Key, Snapshot
from model import IGMP, MULTICAST, UNICAST, Cluster, State, group

PORTS = {"tcp", "udp", "udplite", "sctp", "dccp", "esp"}
CONSTANTS: Dict[Key, Set[object]] = {
    ("ip", "ports"): set(PORTS), ("ip6", "ports"): set(PORTS),
    ("ip", "quoted_ports"): {6, 17, 33, 132, 136},
    ("ip6", "quoted_ports"): {6, 17, 33, 132, 136},
    ("ip", "quoted_opaque"): {50, 51},
    ("ip6", "quoted_opaque"): {50, 51, 0, 43, 44, 60},
    ("ip", "error_types"): {
        "destination-unreachable", "source-quench", "redirect",
        "time-exceeded", "parameter-problem"},
    ("ip6", "error_types"): {
        "destination-unreachable", "packet-too-big", "time-exceeded",
        "parameter-problem", "nd-router-solicit", "nd-router-advert",
        "nd-neighbor-solicit", "nd-neighbor-advert", "nd-redirect"},
}
MAPS = ("addresses", "errors", "late_addresses", "late_errors", "clusters")
SIZES = {"addresses": 16384, "clusters": 16384, "errors": 16384,
         "late_addresses": 16384, "late_errors": 16384, "buckets": 65536,
         "assigned": 65536}
RAW, MANGLE = -300, -150
Expected = Dict[Key, Set[Element]]
Rules = List[Tuple[object, ...]]


def has_ports(cluster: Cluster) -> bool:
    """Are ports hashed?"""
    return cluster.hash_mode in (2, 3)


def hashing(cluster: Cluster, number: int) -> Tuple[object, ...]:
    """What a rule says of the hash."""
    first = number * 1024 + 1
    if cluster.total == 1:
        return ("numgen", 1, None, first)
    return ("jhash", cluster.total, cluster.seed, first)


def table(cluster: Cluster) -> str:
    """nft's word of the family."""
    return "ip" if cluster.family == 4 else "ip6"


def class_numbers(wanted: Iterable[Cluster],
                  now: Snapshot) -> Dict[str, int]:
    """The class of each address as its record has it, 0 if it has none."""
    records = now.records()
    numbers = {}
    for cluster in wanted:
        comment = records.get(cluster.address, ("", ""))[0]
        match = re.search(r" class (\d+)$", comment)
        numbers[cluster.address] = int(match.group(1)) if match else 0
    return numbers


def expected_sets(wanted: State, numbers: Dict[str, int]) -> Expected:
    """Elements of all sets and maps."""
    sets: Expected = {}
    for family in {table(each) for each in wanted.values()}:
        sets[family, ""] = set()
        for name in (*MAPS, "buckets", "assigned", "retired"):
            sets[family, name] = set()
        for key, values in CONSTANTS.items():
            if key[0] == family:
                sets[key] = {(value,) for value in values}
        if family == "ip":
            sets["arp", ""] = set()
        sets["arp" if family == "ip" else "ip6", "macs"] = set()
    for cluster in wanted.values():
        add_elements(sets, cluster, numbers[cluster.address])
    return sets


def mac_entry(cluster: Cluster) -> Tuple[Key, Element]:
    """What neighbours are told: the map and its element."""
    name = (cluster.ifname, cluster.address)
    if cluster.family == 4:
        return ("arp", "macs"), (name, cluster.mac)
    return ("ip6", "macs"), (name, int(cluster.mac.replace(":", ""), 16))


def add_elements(sets: Expected, cluster: Cluster, number: int) -> None:
    """Those of one cluster IP."""
    address, family = cluster.address, table(cluster)
    late = "late_" if cluster.outgoing else ""
    sets[family, late + "addresses"].add((address, f"goto cip.{number}"))
    sets[family, late + "errors"].add((address, f"goto errors.{number}"))
    sets[family, "clusters"].add(
        (address, "drop", f"{cluster.record()} class {number}"))
    slots = {((address, number * 1024 + bucket),)
             for bucket in cluster.buckets}
    sets[family, "buckets"] |= slots
    sets[family, "assigned"] |= slots
    key, entry = mac_entry(cluster)
    sets[key].add(entry)
    if cluster.mac_mode == UNICAST:
        sets.setdefault(("netdev", ""), set())
        sets.setdefault(("netdev", "macs"), set()).add((cluster.mac,))


def class_rules(cluster: Cluster, number: int) -> Rules:
    """The chain cip.C."""
    let_in = (("match", "==", "@buckets"), hashing(cluster, number),
              ("accept",))
    foreign = (("iifname", cluster.ifname), ("vmap", "@clusters"))
    rules: Rules = []
    if cluster.outgoing:
        rules.append(("replies", ("accept",)))
        rules.append(("replies to others", *foreign))
    if not has_ports(cluster) or cluster.total == 1:
        rules.append(("hash", *let_in))
    else:
        rules.append(("hash ports", *let_in))
        if cluster.family == 4:
            rules.append(("hash ah", *let_in))
        rules.append(("hash others", *let_in))
    return [*rules, ("foreign", *foreign)]


def error_names(cluster: Cluster) -> List[str]:
    """The chain errors.C: names of its rules."""
    names = ["replies"] if cluster.outgoing else []
    if not has_ports(cluster) or cluster.total == 1:
        names.append("errors")
    elif cluster.family == 6:
        names += ["errors ports", "errors others"]
    else:
        names += [f"errors ports {length}" for length in range(5, 16)]
        names.append("errors others")
    return [*names, "errors let in"]


def shortcut(members: List[Cluster], number: int) -> Rules:
    """Rules in chain prerouting, if all are of one class."""
    first = members[0]
    if (len({each.way() for each in members}) > 1 or first.total == 1 or
            has_ports(first) or first.outgoing):
        return []
    let_in = (("match", "==", "@buckets"), hashing(first, number),
              ("accept",))
    if len(members) > 1:
        return class_rules(first, number)
    only = ("match", "==", first.address)
    return [("hash", only, *let_in),
            ("foreign", only, ("iifname", first.ifname), ("counter",),
             ("drop",))]


def expected_chains(wanted: State, numbers: Dict[str, int],
                    ) -> Dict[Key, Tuple[object, Rules]]:
    """Hook and rules of all chains."""
    chains: Dict[Key, Tuple[object, Rules]] = {}
    none = (None, None, None, None)
    for family in ("ip", "ip6"):
        members = [each for each in wanted.values() if table(each) == family]
        if not members:
            continue
        for each in members:
            number = numbers[each.address]
            chains[family, f"cip.{number}"] = (
                none, class_rules(each, number))
            chains[family, f"errors.{number}"] = (
                none, [(name,) for name in error_names(each)])
        types = ("match", "==", "@error_types")
        chains[family, "prerouting"] = (
            ("prerouting", RAW, "accept", None),
            [("dispatch errors", types, ("vmap", "@errors")),
             *shortcut(members, numbers[members[0].address]),
             ("dispatch", ("vmap", "@addresses"))])
        if any(each.outgoing for each in members):
            chains[family, "late"] = (
                ("prerouting", MANGLE, "accept", None),
                [("dispatch errors", types, ("vmap", "@late_errors")),
                 ("dispatch", ("vmap", "@late_addresses"))])
        if any(has_ports(each) and each.total > 1 for each in members):
            chains[family, "defragment"] = (none, [("defragment",)])
        chains["arp" if family == "ip" else "ip6", "output"] = (
            ("output", 0, "accept", None),
            [("cluster MAC",)] if family == "ip" else
            [("cluster MAC in advertisements",),
             ("cluster MAC in solicitations",)])
    for each in wanted.values():
        if each.mac_mode == UNICAST:
            chains["netdev", f"in.{each.ifname}"] = (
                ("ingress", 0, "accept", each.ifname),
                [("cluster MAC", ("match", "==", "@macs"))])
    return chains


def expected_addresses(wanted: State, own: Set[Tuple[str, str, int]],
                       ) -> Set[Tuple[str, str, int, bool]]:
    """Of all devices."""
    found = {(*each, False) for each in own}
    for each in wanted.values():
        if each.prefix is not None:
            found.add((each.ifname, each.address, each.prefix, False))
        if each.mac_mode == IGMP:
            address = group(each.mac)
            found.add((each.ifname, address,
                       128 if ":" in address else 32, True))
    return found


def short(rule: Tuple[object, ...], full: Tuple[object, ...],
          ) -> Tuple[object, ...]:
    """Of what is not expected in full only the name counts."""
    return rule[:1] if len(full) == 1 else rule


def compare_rules(have: Rules, want: Rules) -> bool:
    """The same names in the same order, and what is expected of them."""
    return len(have) == len(want) and all(
        short(mine, full) == full for mine, full in zip(have, want))


def is_owned(element: Element, wanted: State, numbers: Dict[str, int]) -> bool:
    """Is it one that packets to a cluster IP may find?"""
    address, slot = element[0]
    return address in wanted and (slot - 1) // 1024 == numbers[address] and (
        (slot - 1) % 1024 < wanted[address].total)


def is_used(element: Element, now: Snapshot) -> bool:
    """The same, as the records have it."""
    address, slot = element[0]
    match = re.search(r" total (\d+) .* class (\d+)$",
                      now.records().get(address, ("", ""))[0])
    if not match:
        return False
    number, bucket = divmod(slot - 1, 1024)
    return bool(number == int(match.group(2)) and
                bucket < int(match.group(1)))


def differences(now: Snapshot, wanted: State,
                own: Set[Tuple[str, str, int]],
                strays: FrozenSet[Element]) -> List[str]:
    """In words. strays: elements of nobody, which may be there."""
    numbers = class_numbers(wanted.values(), now)
    found: List[str] = []

    def compare(what: str, have: Iterable[object],
                want: Iterable[object]) -> None:
        have, want = set(have), set(want)
        for each in sorted(map(str, want - have)):
            found.append(f"{what}: missing {each}")
        for each in sorted(map(str, have - want)):
            found.append(f"{what}: too much {each}")

    sets = expected_sets(wanted, numbers)
    compare("sets", now.sets, sets)
    strays -= {each for elements in sets.values() for each in elements}
    strays = frozenset(each for each in strays
                       if not is_owned(each, wanted, numbers))
    for key, elements in sets.items():
        if key in now.sets:
            compare(" ".join(key), now.sets[key] - strays, elements)
        if key in now.shapes:
            compare("shape of " + " ".join(key), {now.shapes[key]},
                    {(SIZES.get(key[1]), ())})
    chains = expected_chains(wanted, numbers)
    compare("chains", now.chains, chains)
    for key, (hook, rules) in chains.items():
        if key not in now.chains:
            continue
        compare("hook of " + " ".join(key), {now.chains[key].hook}, {hook})
        if not compare_rules(now.chains[key].rules, rules):
            found.append(f"rules of {' '.join(key)}: "
                         f"{now.chains[key].rules} for {rules}")
    compare("addresses", now.addresses, expected_addresses(wanted, own))
    macs = {(each.ifname, each.mac) for each in wanted.values()
            if each.mac_mode in (MULTICAST, IGMP)}
    # received for another reason will do
    compare("MACs", now.macs | macs & now.received, macs)
    compare("unicast MACs", now.unicast,
            {(each.ifname, each.mac) for each in wanted.values()
             if each.mac_mode == UNICAST})
    ways: Dict[Tuple[str, int], Tuple[object, ...]] = {}
    for address, number in numbers.items():
        cluster = wanted[address]
        way = (table(cluster), number)
        if ways.setdefault(way, cluster.way()) != cluster.way():
            found.append(f"class {number} has two ways to hash")
    return found


def canonical(now: Snapshot, strays: FrozenSet[Element]) -> Tuple[object, ...]:
    """The same for two states that differ in the numbers of classes, and in
    slots of nobody, alone."""
    ways = now.classes()
    strays = frozenset(each for each in strays if not is_used(each, now))

    def way(family: str, number: int) -> object:
        return ways.get((family, number), number)

    def named(family: str, text: str) -> object:
        match = re.match(r"(goto )?(cip|errors)\.(\d+)$", text)
        return (match.group(2), way(family, int(match.group(3)))
                ) if match else re.sub(r" class \d+$", "", text)

    def renumber(family: str, value: object) -> object:
        if isinstance(value, tuple):
            if len(value) == 2 and isinstance(value[1], int) and (
                    isinstance(value[0], str)) and value[1] > 1024:
                return (value[0], way(family, (value[1] - 1) // 1024),
                        (value[1] - 1) % 1024)
            if len(value) == 4 and value[0] in ("jhash", "numgen"):
                return (*value[:3], way(family, value[3] // 1024))
            return tuple(renumber(family, each) for each in value)
        return named(family, value) if isinstance(value, str) else value

    sets = {(family, name): frozenset(
        renumber(family, each) if (family, name) != ("ip6", "macs") else each
        for each in elements - strays)
        for (family, name), elements in now.sets.items()}
    chains = {(family, named(family, name)): (chain.hook, tuple(
        renumber(family, rule) for rule in chain.rules))
        for (family, name), chain in now.chains.items()}
    return (sets, chains, now.shapes, now.others, now.addresses, now.macs,
            now.unicast, now.links)


def changes_between(before: Tuple[object, ...],
                    after: Tuple[object, ...]) -> List[str]:
    """In words, of two canonical states."""
    found: List[str] = []

    def compare(what: str, old: object, new: object) -> None:
        if isinstance(old, dict) and isinstance(new, dict):
            for key in sorted({*old, *new}, key=str):
                compare(f"{what}{key}: ", old.get(key), new.get(key))
        elif isinstance(old, frozenset) and isinstance(new, frozenset):
            found.extend(f"{what}gone {each}" for each in old - new)
            found.extend(f"{what}new {each}" for each in new - old)
        elif old != new:
            found.append(f"{what}{old} became {new}")

    for old, new in zip(before, after):
        compare("", old, new)
    return found
