# SPDX-License-Identifier: GPL-2.0-or-later
"""The namespace in which a walk happens: what is wanted there, what stands in
the way, and whether all is as it must be."""

import errno
from typing import Dict, List, Set

import clusterip

from damage import Damage
from expect import canonical, changes_between, differences, mac_entry
from kernel import Failed, Kernel, Snapshot
from lists import Asked, joined
from model import DEVICES, MAC_MODES, Cluster, Dice, State, default_mac
from traffic import Traffic

OWN = {("v0", "10.9.0.201", 24), ("v0", "2001:db8:1::201", 64),
       ("eth0.7", "10.9.0.202", 24), ("eth0.7", "10.9.1.202", 16),
       ("lan-b_15_chars_", "192.168.7.203", 24),
       ("lan-b_15_chars_", "2001:db8:2::203", 64)}
LIMIT, MANY = 4, 20  # of groups, where they are scarce, and where not


class World:  # pylint: disable=too-many-instance-attributes
    """One for each seed."""

    def __init__(self, kernel: Kernel, seed: int) -> None:
        self.kernel = kernel
        self.dice = Dice(seed)
        self.own = set(OWN)
        self.damage = Damage(kernel, self.dice, self.own)
        self.wanted: State = {}
        self.lost: Set[str] = set()
        self.whole = True  # nothing is damaged
        self.away = ""  # a device that is not there
        self.without_six = ""  # one without IPv6
        self.counts: Dict[str, int] = {}

    def begin(self) -> None:
        """A namespace with devices, and nothing else."""
        self.kernel.enter_new()
        for name in self.dice.random.sample(DEVICES, len(DEVICES)):
            self.kernel.make_device(name, " ".join(
                f"{address}/{prefix}"
                for device, address, prefix in sorted(self.own)
                if device == name))
        self.traffic = Traffic(self.kernel.peers, self.dice)
        self.context = clusterip.Context()

    def end(self) -> None:
        """The names of the other ends are free again."""
        self.context.close()
        self.traffic.close()
        self.kernel.netlink.close()
        for name in DEVICES:
            self.kernel.run("ip", "link", "del", name)

    def count(self, what: str) -> None:
        """For the summary."""
        self.counts[what] = self.counts.get(what, 0) + 1

    # -------------------------------------------------------------- looking

    def look(self) -> List[str]:
        """What is not as it must be."""
        return differences(self.kernel.snapshot(), self.wanted, self.own,
                           frozenset(self.damage.strays))

    def expect(self, what: str, found: object, due: object) -> None:
        """They are equal, or the walk has failed."""
        if found != due:
            raise Failed(f"{what}: {found}, not {due}")

    def exact(self) -> None:
        """All is as it must be, and check says so."""
        self.expect("the kernel differs", self.look(), [])
        self.expect("check", self.verify(), [])
        have = {str(each.address): frozenset(each.buckets or ())
                for each in self.context.query()}
        self.expect("buckets", have,
                    {each.address: each.buckets
                     for each in self.wanted.values()})
        here = {each[:2] for each in self.kernel.snapshot().addresses}
        self.expect("packets", self.traffic.wrong(self.wanted, here), [])
        self.expect("ARP", self.traffic.lying(self.wanted, here), [])

    def same(self, before: Snapshot) -> None:
        """What was refused has left no trace. A repair may have."""
        if not self.whole:
            return
        now = self.kernel.snapshot()
        strays = frozenset(self.damage.strays)
        changes = changes_between(canonical(before, strays),
                                  canonical(now, strays))
        self.expect("refused, but the kernel changed", changes, [])

    # ------------------------------------------------------------- damaging

    def hurt(self) -> None:
        """Damage by hand, which check has to see."""
        if self.dice.one_in(2):
            self.damage.some(self.wanted)
            self.count("damaged")
        self.lost = self.damage.lost(self.wanted)
        self.damage.note_strays(self.lost)
        found = self.look()
        faults = self.verify()
        self.whole = not found
        if found and not faults and not self.untraceable():
            raise Failed(f"check is content with {found}")
        if faults and not found:
            raise Failed(f"check finds {faults}")
        if self.dice.one_in(12):
            self.take_away()
        elif self.dice.one_in(8):
            self.switch_off_six()

    def take_away(self) -> None:
        """A device goes; what is on it cannot be repaired."""
        self.away = self.dice.pick(DEVICES)
        self.count("away")
        self.damage.remove_device(self.away)
        self.own -= {each for each in self.own if each[0] == self.away}
        self.whole = not self.look()

    def switch_off_six(self) -> None:
        """A device takes no IPv6 addresses; one that has none that matters."""
        busy = {each.ifname for each in self.wanted.values()
                if each.family == 6 or each.mac.startswith("33:")}
        free = sorted(set(DEVICES) - busy)
        if not free:
            return
        self.without_six = self.dice.pick(free)
        self.count("without_six")
        self.kernel.sysctl(
            f"net/ipv6/conf/{self.without_six}/disable_ipv6", 1)
        self.own -= {each for each in self.own
                     if each[0] == self.without_six and ":" in each[1]}

    def lift(self) -> None:
        """No obstacle any more."""
        if self.away:
            self.kernel.make_device(self.away, "")
            self.own |= {each for each in OWN if each[0] == self.away}
            self.damage.own_again(self.away)
            self.away = ""
        if self.without_six:
            self.kernel.sysctl(
                f"net/ipv6/conf/{self.without_six}/disable_ipv6", 0)
            self.own |= {each for each in OWN if each[0] == self.without_six}
            self.damage.own_again(self.without_six)
            self.without_six = ""

    def leaves_trace(self, cluster: Cluster, now: Snapshot) -> bool:
        """Are its address and a MAC that is the default of some mode on its
        device, and nobody else there has that MAC?"""
        others = {(each.ifname, each.mac) for each in self.wanted.values()
                  if each.address not in self.lost}
        defaults = {(cluster.ifname, default_mac(cluster.address, mode))
                    for mode in MAC_MODES}
        here = {each[:2] for each in now.addresses}
        return (cluster.ifname, cluster.address) in here and bool(
            defaults & (now.macs | now.unicast) - others)

    def untraceable(self) -> bool:
        """Has all that tells of some cluster IPs gone with their tables?"""
        now = self.kernel.snapshot()
        tables = {key[0] for key in now.sets}
        for number, needed in ((4, {"ip", "arp"}), (6, {"ip6"})):
            gone = [each for each in self.wanted.values()
                    if each.family == number]
            if gone and not needed & tables and not any(
                    self.leaves_trace(each, now) for each in gone):
                return True
        return False

    def is_hidden(self, addresses: Set[str]) -> bool:
        """Is any of these, which have no record, one of which nobody can tell
        where it is, or whose address is somebody else's?"""
        now = self.kernel.snapshot()
        for cluster in (self.wanted[address] for address in addresses):
            key, entry = mac_entry(cluster)
            told = entry in now.sets.get(key, ())
            if cluster.prefix is None or not (
                    told or (self.leaves_trace(cluster, now) and cluster.mac
                             in {default_mac(cluster.address, mode)
                                 for mode in MAC_MODES})):
                return True
        return False

    def verify(self) -> List[str]:
        """What check finds."""
        return [f"{each.address}: {each.text}"
                for each in self.context.verify()]

    # ------------------------------------------------------------ obstacles

    def forbid(self, asked: Asked) -> None:
        """What obstacles there are in its way."""
        self.scarce(asked)
        for each in asked.goal.values():
            if each.ifname == self.away:
                asked.errors.add(errno.ENODEV)
            if each.ifname == self.without_six and each.needs_six():
                asked.errors |= {errno.EACCES, errno.EPERM}

    def scarce(self, asked: Asked) -> None:
        """Now and then there are few groups that can be joined."""
        self.limit(LIMIT if self.dice.one_in(3) else MANY)
        before = joined(list(self.wanted.values()))
        after = before | joined(list(asked.goal.values()))
        if self.groups == LIMIT and len(after) > LIMIT:
            asked.errors.add(errno.ENOSPC)
            asked.maybe = True

    def limit(self, groups: int) -> None:
        """How many of IPv4."""
        self.groups = groups
        self.kernel.sysctl("net.ipv4.igmp_max_memberships",
                           groups + self.damage.leaked)

    def others(self) -> None:
        """Who has noaddr has the address from somebody else, or not yet."""
        for name, address, prefix in sorted(self.own - OWN):
            cluster = self.wanted.get(address)
            if not cluster or cluster.prefix is not None or (
                    cluster.ifname != name):
                self.kernel.must("ip", "addr", "del", f"{address}/{prefix}",
                                 "dev", name)
                self.own.discard((name, address, prefix))
        for cluster in self.wanted.values():
            if cluster.prefix is None and self.dice.one_in(2) and (
                    not self.is_default_mac(cluster)):
                prefix = 128 if cluster.family == 6 else 32
                way = (cluster.ifname, cluster.address, prefix)
                if way not in self.own:
                    self.own.add(way)
                    self.damage.own_again(cluster.ifname)

    def is_default_mac(self, cluster: Cluster) -> bool:
        """Does any device receive the default MAC of its address? Then the
        address alone would look like what is left of a cluster IP."""
        mac = default_mac(cluster.address, 1)
        return any(mac == each.mac or mac == default_mac(each.address, 1)
                   for each in self.wanted.values()
                   if each.address != cluster.address)
