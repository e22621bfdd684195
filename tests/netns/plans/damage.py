# SPDX-License-Identifier: GPL-2.0-or-later
"""Damage as it is done by hand, with nft, ip and bridge."""

import re
from typing import Callable, List, Optional, Set, Tuple

from kernel import TABLE, Element, Kernel, Key, Snapshot
from model import (ADDRESSES, DEVICES, IGMP, MULTICAST,
                   Cluster, Dice, State, bits, family, group)

Own = Set[Tuple[str, str, int]]


class Damage:
    """Does it, to what is there."""

    def __init__(self, kernel: Kernel, dice: Dice, own: Own) -> None:
        self.kernel = kernel
        self.dice = dice
        self.own = own
        self.strays: Set[Element] = set()
        # a group that goes with its device is never left
        self.leaked = 0
        self.wanted: State = {}
        self.now: Snapshot

    def some(self, wanted: State) -> None:
        """One to three of all kinds."""
        kinds: List[Callable[[], object]] = [
            self.delete_table, self.flush_chain, self.delete_rule,
            self.insert_accept, self.delete_base_chain, self.delete_elements,
            self.delete_elements, self.delete_elements, self.flush_set,
            self.delete_set, self.lead_elsewhere, self.other_mac,
            self.accept_foreign, self.foreign_bucket, self.add_strays,
            self.delete_address, self.other_prefix, self.delete_mac,
            self.leave_group, self.down_and_up, self.make_anew, self.rename]
        for _ in range(self.dice.pick((1, 1, 1, 2, 3))):
            self.wanted = wanted
            self.now = self.kernel.snapshot()
            self.dice.pick(kinds)()

    def one(self) -> Optional[Cluster]:
        """Any cluster IP."""
        if not self.wanted:
            return None
        return self.wanted[self.dice.pick(sorted(self.wanted))]

    def one_set(self) -> Optional[Key]:
        """A set or a map, or none."""
        keys = sorted(key for key in self.now.sets if key[1])
        return self.dice.pick(keys) if keys else None

    def one_chain(self) -> Optional[Key]:
        """A chain, or none."""
        keys = sorted(self.now.chains)
        return self.dice.pick(keys) if keys else None

    # ------------------------------------------------------------- tables

    def delete_table(self) -> None:
        """With all that is in it."""
        names = sorted(key[0] for key in self.now.sets if not key[1])
        if names and self.dice.one_in(2):
            self.kernel.nft(f"delete table {self.dice.pick(names)} {TABLE}")

    def flush_chain(self) -> None:
        """Its rules go."""
        key = self.one_chain()
        if key:
            self.kernel.nft(f"flush chain {key[0]} {TABLE} {key[1]}")

    def delete_rule(self) -> None:
        """One of a chain."""
        key = self.one_chain()
        if key and self.now.chains[key].handles:
            handle = self.dice.pick(self.now.chains[key].handles)
            self.kernel.nft(
                f"delete rule {key[0]} {TABLE} {key[1]} handle {handle}")

    def insert_accept(self) -> None:
        """A rule that lets everything in."""
        key = self.one_chain()
        if key:
            self.kernel.nft(f"insert rule {key[0]} {TABLE} {key[1]} accept")

    def delete_base_chain(self) -> None:
        """Others have something that leads to them."""
        keys = sorted(key for key, chain in self.now.chains.items()
                      if chain.hook[0] or key[1] == "defragment")
        if keys:
            key = self.dice.pick(keys)
            self.kernel.nft(f"delete chain {key[0]} {TABLE} {key[1]}")

    # ----------------------------------------------------------- elements

    @staticmethod
    def text(key: object) -> str:
        """A key as nft takes it."""
        if isinstance(key, tuple):
            return " . ".join(Damage.text(each) for each in key)
        text = str(key)
        return f'"{text}"' if text in DEVICES else text

    def change(self, verb: str, key: Key, *elements: str) -> bool:
        """add element or delete element."""
        return self.kernel.nft(f"{verb} element {key[0]} {TABLE} {key[1]} "
                               f"{{ {', '.join(elements)} }}")

    def delete_elements(self) -> None:
        """A few of a set or a map."""
        key = self.one_set()
        elements = sorted(self.now.sets[key], key=str) if key else []
        if key and elements:
            going = self.dice.some(elements, 3) or elements[:1]
            self.change("delete", key,
                        *(self.text(each[0]) for each in going))

    def flush_set(self) -> None:
        """All of a set or a map."""
        key = self.one_set()
        if key and self.dice.one_in(2):
            self.kernel.nft(f"flush set {key[0]} {TABLE} {key[1]}")

    def delete_set(self) -> None:
        """One that no rule looks into."""
        key = self.one_set()
        if key:
            self.kernel.nft(f"delete set {key[0]} {TABLE} {key[1]}")

    def replace(self, key: Key, old: str, new: str) -> None:
        """In one transaction."""
        start = f"element {key[0]} {TABLE} {key[1]}"
        self.kernel.nft(f"delete {start} {{ {old} }}; add {start} {{ {new} }}")

    def lead_elsewhere(self) -> None:
        """An entry leads to another chain."""
        keys = sorted(key for key in self.now.sets if key[1] in (
            "addresses", "errors", "late_addresses", "late_errors"))
        if not keys:
            return
        key = self.dice.pick(keys)
        elements = sorted(self.now.sets[key], key=str)
        chains = sorted(name for table, name in self.now.chains
                        if table == key[0] and "." in name)
        if elements and chains:
            address = self.dice.pick(elements)[0]
            self.replace(key, address,
                         f"{address} : goto {self.dice.pick(chains)}")

    def other_mac(self) -> None:
        """What neighbours are told."""
        keys = sorted(key for key in self.now.sets
                      if key[1] == "macs" and key[0] != "netdev")
        if not keys:
            return
        key = self.dice.pick(keys)
        elements = sorted(self.now.sets[key], key=str)
        if elements:
            name = self.text(self.dice.pick(elements)[0])
            mac = "02:00:00:00:00:99"
            if key[0] == "ip6":
                mac = "0x" + mac.replace(":", "")
            self.replace(key, name, f"{name} : {mac}")

    def accept_foreign(self) -> None:
        """The record stays, but lets in what is foreign."""
        records = self.now.records()
        if records:
            address = self.dice.pick(sorted(records))
            key = ("ip6" if ":" in address else "ip", "clusters")
            self.replace(key, address,
                         f'{address} comment "{records[address][0]}" : accept')

    def number(self, address: str) -> int:
        """Of the cluster IP's class."""
        comment = self.now.records().get(address, ("", ""))[0]
        match = re.search(r" class (\d+)$", comment)
        return int(match.group(1)) if match else 0

    def foreign_bucket(self) -> None:
        """Let in and not assigned, or the other way round."""
        cluster = self.one()
        if not cluster or not self.number(cluster.address):
            return
        foreign = sorted(set(range(1, cluster.total + 1)) - cluster.buckets)
        key = ("ip6" if cluster.family == 6 else "ip",
               self.dice.pick(("buckets", "assigned")))
        if foreign and key in self.now.sets:
            slot = (self.number(cluster.address) * 1024 +
                    self.dice.pick(foreign))
            self.change("add", key, f"{cluster.address} . {slot}")

    def add_strays(self) -> None:
        """Slots that mean nothing, and must not come to life."""
        address = self.dice.pick(ADDRESSES)
        table = "ip6" if family(address) == 6 else "ip"
        keys = [key for key in ((table, "buckets"), (table, "assigned"),
                                (table, "retired")) if key in self.now.sets]
        if not keys:
            return
        key = self.dice.pick(keys)
        number, bucket = self.dice.pick((1, 2, 3, 4, 5, 60)), 1
        if number == self.number(address):
            number += 40
        if key[1] != "retired":
            bucket = self.dice.pick((1, 2, 9, 1024))
        slot = number * 1024 + bucket
        if self.change("add", key, f"{address} . {slot}"):
            self.strays.add(((address, slot),))

    # ------------------------------------------------------------ devices

    def here(self, cluster: Cluster) -> List[Tuple[str, str, int]]:
        """The cluster IP's address on its device."""
        return [each[:3] for each in sorted(self.now.addresses)
                if each[:2] == (cluster.ifname, cluster.address)]

    def delete_address(self) -> None:
        """Of a cluster IP."""
        cluster = self.one()
        for name, address, prefix in self.here(cluster) if cluster else ():
            if (name, address, prefix) not in self.own:
                self.kernel.run("ip", "addr", "del", f"{address}/{prefix}",
                                "dev", name)
                self.own_again(name)

    def other_prefix(self) -> None:
        """Another prefix length, instead or as well."""
        cluster = self.one()
        if not cluster or cluster.prefix is None:
            return
        if cluster.family == 6 or self.dice.one_in(2):
            for name, address, prefix in self.here(cluster):
                self.kernel.run("ip", "addr", "del", f"{address}/{prefix}",
                                "dev", name)
        other = self.dice.pick([each for each in (
            24, 25, bits(cluster.address)) if each != cluster.prefix])
        self.kernel.run("ip", "addr", "add", f"{cluster.address}/{other}",
                        "dev", cluster.ifname,
                        *(("nodad",) if cluster.family == 6 else ()))
        self.own_again(cluster.ifname)

    def own_again(self, name: str) -> None:
        """Addresses of the node that went with those of cluster IPs."""
        have = {each[:3] for each in self.kernel.snapshot().addresses}
        for each in sorted(self.own - have):
            if each[0] == name:
                self.kernel.must(
                    "ip", "addr", "add", f"{each[1]}/{each[2]}", "dev", name,
                    *(("nodad",) if ":" in each[1] else ()))

    def delete_mac(self) -> None:
        """The device does not receive it any more."""
        cluster = self.one()
        # of a MAC that is received for a group, too, the kernel counts that
        if cluster and self.dice.one_in(2) and not any(
                each[0] == cluster.ifname and each[3]
                for each in self.now.addresses):
            self.kernel.run("bridge", "fdb", "del", cluster.mac, "dev",
                            cluster.ifname, "self")
        elif cluster and cluster.mac_mode in (MULTICAST, IGMP):
            self.kernel.run("ip", "maddr", "del", cluster.mac, "dev",
                            cluster.ifname)

    def leave_group(self) -> None:
        """Of mode igmp."""
        for cluster in self.wanted.values():
            if cluster.mac_mode == IGMP:
                address = group(cluster.mac)
                self.kernel.run("ip", "addr", "del",
                                f"{address}/{bits(address)}",
                                "dev", cluster.ifname)
                return

    def down_and_up(self) -> None:
        """The kernel removes IPv6 addresses."""
        name = self.dice.pick(DEVICES)
        if self.is_in_six(name):
            return
        self.kernel.run("ip", "link", "set", name, "down")
        self.kernel.must("ip", "link", "set", name, "up")
        self.own_again(name)

    def is_in_six(self, name: str) -> bool:
        """Has the device joined an IPv6 group? When it goes down the kernel
        takes the group's address away, but stays in the group, and then
        refuses to join."""
        return any(each[0] == name and each[3] and ":" in each[1]
                   for each in self.now.addresses)

    def remove_device(self, name: str) -> None:
        """With all that is on it."""
        self.leaked += sum(each[0] == name and each[3]
                           for each in self.kernel.snapshot().addresses)
        self.kernel.must("ip", "link", "del", name)

    def make_anew(self) -> None:
        """A device with the same name."""
        if self.dice.one_in(2):
            name = self.dice.pick(DEVICES)
            self.remove_device(name)
            self.kernel.make_device(name, "")
            self.own_again(name)

    def rename(self) -> None:
        """There and back."""
        name = self.dice.pick(DEVICES)
        if self.is_in_six(name):
            return
        for old, new in ((name, "other0"), ("other0", name)):
            self.kernel.run("ip", "link", "set", old, "down")
            self.kernel.must("ip", "link", "set", old, "name", new)
        self.kernel.must("ip", "link", "set", name, "up")
        self.own_again(name)

    def note_strays(self, lost: Set[str]) -> None:
        """Slots that are of nobody now."""
        for key, elements in self.kernel.snapshot().sets.items():
            if key[1] in ("buckets", "assigned"):
                self.strays |= {each for each in elements
                                if each[0][0] in lost}

    def lost(self, wanted: State) -> Set[str]:
        """Cluster IPs without a record that is readable."""
        records = self.kernel.snapshot().records()
        return {address for address in wanted
                if records.get(address, ("", "accept"))[1] != "drop"}
