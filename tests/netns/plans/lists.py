# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists for cipadm apply, and what has to become of them."""

import errno
from dataclasses import dataclass, field, replace
from typing import List, Set

from model import (ADDRESSES, DEVICES, HASH_MODES, IGMP, MISSING, OWN_MACS,
                   Cluster, Dice, State, bits, buckets_text, group)


@dataclass
class Asked:
    """A list, and what it asks for."""

    lines: List[str] = field(default_factory=list)
    goal: State = field(default_factory=dict)  # of those that it names
    errors: Set[int] = field(default_factory=set)
    maybe: bool = False  # it may be refused
    prune: bool = False
    keep: bool = False  # buckets

    def text(self) -> str:
        """As a file."""
        return "\n".join(self.lines) + "\n"

    def keep_buckets(self, wanted: State) -> None:
        """Those that are there stay, as far as there are so many."""
        self.keep = True
        for address, after in self.goal.items():
            if address in wanted:
                self.goal[address] = replace(after, buckets=frozenset(
                    each for each in wanted[address].buckets
                    if each <= after.total))


def partial(before: Cluster, after: Cluster, dice: Dice, damaged: bool) -> str:
    """A line with no more than what changes, and sometimes more. Of what is
    damaged nobody knows which buckets will stay, so it says so."""
    words = [after.address]
    if dice.one_in(2):
        words += ["dev", after.ifname]
    pairs = (
        ("hash", HASH_MODES[before.hash_mode], HASH_MODES[after.hash_mode]),
        ("total", str(before.total), str(after.total)),
        ("seed", str(before.seed), str(after.seed)),
        ("source-prefix", str(before.source_prefix),
         str(after.source_prefix)),
        ("buckets", buckets_text(before.buckets),
         buckets_text(after.buckets)))
    for name, old, new in pairs:
        if old != new or dice.one_in(3) or (damaged and name == "buckets"):
            words += [name, new]
    return " ".join(words)


def changed(cluster: Cluster, dice: Dice) -> Cluster:
    """What an existing one becomes."""
    kind = dice.random.randrange(4)
    if kind == 0:
        return cluster
    if kind == 1:
        return replace(cluster, buckets=dice.buckets(cluster.total))
    if kind == 2:
        return replace(cluster, seed=dice.seed())
    return dice.hashing(cluster)


def like_others(cluster: Cluster, wanted: State, dice: Dice) -> Cluster:
    """Sometimes of the class of another one."""
    if not wanted or dice.one_in(2):
        return cluster
    other = wanted[dice.pick(sorted(wanted))]
    source = other.source_prefix
    if source == bits(other.address):
        source = bits(cluster.address)
    return replace(
        cluster, hash_mode=other.hash_mode, total=other.total,
        seed=other.seed, buckets=dice.buckets(other.total),
        source_prefix=min(source, bits(cluster.address)))


def heir(cluster: Cluster, other: Cluster) -> Cluster:
    """On the device of another one, with its MAC, if it can have that."""
    if other.mac_mode == IGMP and cluster.family != other.family:
        return cluster
    return replace(cluster, ifname=other.ifname, mac=other.mac,
                   mac_mode=other.mac_mode)


def conflict(cluster: Cluster, dice: Dice) -> Cluster:
    """The same with something that cannot be changed."""
    others = [name for name in DEVICES if name != cluster.ifname]
    choices = [replace(cluster, ifname=dice.pick(others))]
    if cluster.prefix is not None:
        choices.append(replace(cluster, prefix=cluster.prefix - 1))
        choices.append(replace(cluster, prefix=None))
    if not cluster.outgoing:
        choices.append(replace(cluster, outgoing=True))
    return dice.pick(choices)


class Lists:
    """Throws them."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.damaged = False

    def new(self, wanted: State) -> Cluster:
        """One that there is not."""
        dice = self.dice
        free = [each for each in ADDRESSES if each not in wanted]
        return like_others(dice.cluster(dice.pick(free)), wanted, dice)

    def whole(self, wanted: State) -> Asked:
        """All that is wanted, in words that leave nothing out."""
        asked = Asked()
        for address in self.dice.random.sample(sorted(wanted), len(wanted)):
            asked.lines.append(wanted[address].whole_line())
            asked.goal[address] = wanted[address]
        return asked

    def any(self, wanted: State, lost: Set[str], bad: str) -> Asked:
        """Some of those that there are, and some new ones. lost: those
        without a record. bad: a device that will refuse an address."""
        dice, asked = self.dice, Asked()
        keep = dice.pick((3, 3, 10, 100))
        left = [address for address in sorted(wanted) if dice.one_in(keep)]
        for address in ADDRESSES:
            if address in left:
                continue
            if address in wanted:
                self.add_known(asked, wanted[address], address in lost)
            elif dice.one_in(4):
                cluster = like_others(dice.cluster(address), wanted, dice)
                if left and dice.one_in(2):
                    cluster = heir(cluster, wanted[dice.pick(left)])
                self.add_new(asked, cluster)
        if bad and dice.one_in(2):
            self.add_to(bad, asked, wanted)
        elif dice.one_in(6):
            self.spoil(asked, wanted, lost)
        order = dice.random.sample(range(len(asked.lines)), len(asked.lines))
        asked.lines = [asked.lines[i] for i in order]
        return asked

    def add_known(self, asked: Asked, cluster: Cluster, lost: bool) -> None:
        """A line about one that exists."""
        after = changed(cluster, self.dice)
        if lost and self.dice.one_in(4):
            # nobody knows how it was
            after = replace(after, outgoing=not after.outgoing)
        asked.goal[cluster.address] = after
        if lost or self.dice.one_in(2):
            asked.lines.append(after.whole_line())
        else:
            asked.lines.append(partial(cluster, after, self.dice,
                                       self.damaged))

    def add_new(self, asked: Asked, cluster: Cluster) -> None:
        """A line about one that does not."""
        if cluster.mac == OWN_MACS.get(cluster.ifname):
            asked.errors.add(errno.EINVAL)
        asked.goal[cluster.address] = cluster
        asked.lines.append(cluster.line() if self.dice.one_in(2)
                           else cluster.whole_line())

    def add_to(self, ifname: str, asked: Asked, wanted: State) -> None:
        """One more IPv6 address on that device, when all else is done."""
        free = [each for each in ADDRESSES if each not in asked.goal and
                each not in wanted and ":" in each]
        if free:
            cluster = self.dice.cluster(self.dice.pick(free))
            self.add_new(asked, replace(cluster, ifname=ifname))

    def spoil(self, asked: Asked, wanted: State, lost: Set[str]) -> None:
        """Something in the list is refused."""
        dice = self.dice
        free = [each for each in ADDRESSES if each not in asked.goal and
                each not in wanted]
        known = [each for each in wanted if each not in asked.goal and
                 each not in lost]
        kind = dice.random.randrange(3)
        if kind == 0 and free:
            cluster = dice.cluster(dice.pick(free))
            asked.errors.add(errno.ENODEV)
            self.add_new(asked, replace(cluster, ifname=MISSING))
        elif kind == 1 and free:
            cluster = dice.cluster(dice.pick(free))
            asked.errors.add(errno.EINVAL)
            asked.goal[cluster.address] = cluster
            asked.lines.append(f"{cluster.address} dev {cluster.ifname}")
        elif known:
            cluster = wanted[dice.pick(sorted(known))]
            asked.errors.add(errno.EEXIST)
            asked.goal[cluster.address] = cluster
            asked.lines.append(conflict(cluster, dice).whole_line())


def joined(clusters: List[Cluster]) -> Set[object]:
    """IPv4 groups on devices."""
    return {(each.ifname, group(each.mac)) for each in clusters
            if each.mac_mode == IGMP and each.mac.startswith("01:")}
