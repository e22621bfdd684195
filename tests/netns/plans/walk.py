#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
walk.py PEERS SEED COUNT: so many lists, thrown with that seed and those that
follow it, applied to whatever there is.

Runs in a network namespace without devices; PEERS is another one. CIPADM is
the program. A seed is a walk of several steps from an empty kernel: damage is
done by hand, then a verb changes what there is, and then the kernel is held
against what must be there. Of a walk that fails all commands are printed.
"""

import errno
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import Callable, Dict, List, Optional, Set, Tuple

import clusterip

from kernel import Failed, Kernel
from lists import Asked, Lists, changed
from model import (ADDRESSES, DEVICES, OWN_MACS, Cluster, State,
                   buckets_text)
from world import MANY, World

STEPS = 10
CIPADM = os.environ.get("CIPADM", "cipadm")


class Refused(Exception):
    """A verb was; the error number is the argument."""


class Walk(World):
    """One seed."""

    def __init__(self, kernel: Kernel, seed: int) -> None:
        super().__init__(kernel, seed)
        self.lists = Lists(self.dice)
        self.saved: Optional[Tuple[str, State]] = None

    def cipadm(self, *words: str, given: str = "") -> List[str]:
        """The program; returns the steps that it says it took."""
        self.kernel.note(f"cipadm {' '.join(words)}" + (
            f" <<'.'\n{given}." if given else ""))
        done = subprocess.run((CIPADM, "--json", "-v", *words), text=True,
                              input=given, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        if done.returncode < 0:
            raise Failed(f"cipadm ended with {done.returncode}")
        if done.returncode:
            error = json.loads(done.stdout)["error"]
            self.kernel.note(f"# refused: {done.stderr.strip()}")
            raise Refused(error["errno"])
        return list(json.loads(done.stdout)["steps"])

    def call(self, text: str, verb: Callable[[], List[str]]) -> List[str]:
        """The library; text: the same with cipadm."""
        self.kernel.note(text)
        try:
            return verb()
        except clusterip.Error as error:
            self.kernel.note(f"# refused: {error}")
            raise Refused(error.errno) from None

    def apply(self, asked: Asked) -> List[str]:
        """By the library, or by the program."""
        words = ["apply", "-"] + (["prune"] if asked.prune else [])
        text = asked.text()
        if self.dice.one_in(4) and not asked.keep:
            return self.cipadm(*words, given=text)
        keep = " # CIP_APPLY_KEEP_BUCKETS" if asked.keep else ""
        return self.call(
            f"cipadm {' '.join(words)} <<'.'{keep}\n{text}.",
            lambda: self.context.apply(
                self.context.parse(text), prune=asked.prune,
                keep_buckets=asked.keep))

    def again(self, asked: Asked) -> None:
        """The same once more changes nothing."""
        before = self.kernel.generation()
        self.expect("a second apply: steps", self.context.apply(
            self.context.parse(asked.text()), prune=asked.prune,
            keep_buckets=asked.keep), [])
        self.expect("a second apply: commits",
                    self.kernel.generation() - before, 0)
        if not asked.keep:
            self.expect("a dry run", self.cipadm(
                "--dry-run", "apply", "-",
                *(["prune"] if asked.prune else []), given=asked.text()), [])

    def attempt(self, errors: Set[int], maybe: bool,
                verb: Callable[[], object]) -> bool:
        """Was it done? If not, then for one of these reasons, and all is as
        it was."""
        before = self.kernel.snapshot()
        try:
            verb()
        except Refused as refused:
            if not maybe and refused.args[0] not in errors:
                raise Failed(f"refused for {refused}, "
                             f"not for {errors}") from None
            self.same(before)
            self.count("refused")
            return False
        if errors and not maybe:
            raise Failed(f"done, but {errors} was due")
        return True

    def do_apply(self) -> None:
        """A list."""
        self.lists.damaged = not self.whole
        asked = self.lists.any(self.wanted, self.lost,
                               self.without_six or self.away)
        asked.prune = self.dice.one_in(3) and not self.is_hidden(
            self.lost - set(asked.goal))
        if self.whole and self.dice.one_in(6):
            asked.keep_buckets(self.wanted)
        self.forbid(asked)
        if self.attempt(asked.errors, asked.maybe,
                        lambda: self.apply(asked)):
            self.done(asked)

    def done(self, asked: Asked) -> None:
        """What must be true after a list was applied."""
        named = set(asked.goal)
        self.wanted = {**({} if asked.prune else self.wanted), **asked.goal}
        if self.whole:
            self.expect("the kernel differs", self.look(), [])
        self.again(asked)
        faults = {each.address for each in self.context.verify()}
        self.expect("faults of what the list names", faults & named, set())
        # if it named all, nothing is left to be mended
        self.whole = self.whole or not set(self.wanted) - named

    def mend(self) -> None:
        """All that there is, by a list that names all."""
        asked = self.lists.whole(self.wanted)
        self.limit(MANY)
        self.apply(asked)
        self.again(asked)

    # ---------------------------------------------------- verbs about one

    def do_create(self) -> None:
        """One more, or one again."""
        errors: Set[int] = set()
        if self.wanted and self.dice.one_in(2):
            cluster = self.wanted[self.dice.pick(sorted(self.wanted))]
            line = cluster.whole_line()
        elif len(self.wanted) < len(ADDRESSES):
            cluster = self.lists.new(self.wanted)
            line = cluster.line()
            if cluster.mac == OWN_MACS[cluster.ifname]:
                errors.add(errno.EINVAL)
        else:
            return
        asked = Asked([line], {cluster.address: cluster}, errors)
        self.forbid(asked)
        if self.attempt(errors, asked.maybe, lambda: self.create(line)):
            # which looks at more of what all share
            if not self.whole:
                self.apply(asked)
            self.done(asked)

    def create(self, line: str) -> None:
        """By the library, or by the program."""
        if self.dice.one_in(4):
            self.cipadm("create", *line.split())
        else:
            self.call(f"cipadm create {line}", lambda: self.context.create(
                self.context.cluster(line)))

    def do_destroy(self) -> None:
        """One that there is, and then there is none."""
        if not self.wanted:
            return
        address = self.dice.pick(sorted(self.wanted))
        if self.is_hidden({address} & self.lost):
            return
        ifname = self.wanted[address].ifname if self.dice.one_in(2) else None
        other = [name for name in DEVICES
                 if name != self.wanted[address].ifname][0]
        self.attempt({errno.ENOENT}, False, lambda: self.call(
            f"cipadm destroy {address} dev {other}",
            lambda: self.context.destroy(address, other)))
        self.attempt(set(), False, lambda: self.call(
            f"cipadm destroy {address}" + (f" dev {ifname}" if ifname else ""),
            lambda: self.context.destroy(address, ifname)))
        del self.wanted[address]
        self.attempt({errno.ENOENT}, False, lambda: self.call(
            f"cipadm destroy {address}",
            lambda: self.context.destroy(address)))

    def do_change(self) -> None:
        """Hash and buckets of one. Damage is not its business."""
        known = sorted(set(self.wanted) - self.lost)
        if not known:
            return
        before = self.wanted[self.dice.pick(known)]
        after, line, verb = self.change(before)
        if not self.attempt(set(), not self.whole,
                            lambda: self.call(line, verb)):
            after = before
        self.wanted[before.address] = after

    def change(self, before: Cluster,
               ) -> Tuple[Cluster, str, Callable[[], List[str]]]:
        """What it becomes, the command, and the same by the library."""
        address, context = before.address, self.context
        given = self.dice.buckets(before.total)
        text = buckets_text(given)
        kind = self.dice.random.randrange(5)
        if kind == 0:
            return (replace(before, buckets=before.buckets | given),
                    f"cipadm bucket add {address} {text}",
                    lambda: context.add_buckets(address, text))
        if kind == 1:
            return (replace(before, buckets=before.buckets - given),
                    f"cipadm bucket del {address} {text}",
                    lambda: context.remove_buckets(address, text))
        if kind == 2:
            return (replace(before, buckets=given),
                    f"cipadm bucket set {address} {text}",
                    lambda: context.set_buckets(address, text))
        if kind == 3:
            total = self.dice.pick((1, 2, 3, 8, 1024))
            return (replace(before, total=total, buckets=frozenset(
                each for each in before.buckets if each <= total)),
                f"cipadm set {address} total {total}",
                lambda: context.set_total_nodes(address, total))
        after = changed(before, self.dice)
        line = after.whole_line()
        return (after, f"cipadm set {line}",
                lambda: context.modify(context.cluster(line)))

    # -------------------------------------------------------- dump, restore

    def do_save(self) -> None:
        """What restore shall bring back later; to restore it at once changes
        nothing."""
        self.settle()
        dump = subprocess.run((CIPADM, "dump"), check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        self.saved = (dump, dict(self.wanted))
        before = self.kernel.generation()
        self.expect("restore of what is there",
                    self.cipadm("restore", given=dump), [])
        self.expect("restore of what is there: commits",
                    self.kernel.generation() - before, 0)

    def do_restore(self) -> None:
        """Back to then."""
        if not self.saved or self.is_hidden(self.lost - set(self.saved[1])):
            return
        dump, then = self.saved
        asked = Asked(dump.splitlines(), dict(then), prune=True)
        for address in set(then) & set(self.wanted) - self.lost:
            if then[address].fixed() != self.wanted[address].fixed():
                asked.errors.add(errno.EEXIST)
        self.forbid(asked)
        if self.attempt(asked.errors, asked.maybe,
                        lambda: self.cipadm("restore", given=dump)):
            self.done(asked)
            self.count("restored")

    def step(self) -> None:
        """One list, or one verb."""
        self.others()
        self.hurt()
        if self.dice.one_in(5):
            self.context.close()
            self.context = clusterip.Context()
        verb = self.dice.pick((
            self.do_apply, self.do_apply, self.do_apply, self.do_apply,
            self.do_apply, self.do_create, self.do_destroy, self.do_change,
            self.do_change, self.do_save, self.do_restore))
        self.count(verb.__name__[3:])
        self.kernel.note(f"# {verb.__name__[3:]}")
        verb()
        self.settle()
        self.exact()

    def settle(self) -> None:
        """No obstacles, and what was damaged is mended."""
        self.lift()
        if not self.whole:
            self.mend()
        self.whole = True


def run(peers: str, seed: int, steps: int, counts: Dict[str, int]) -> bool:
    """One walk."""
    kernel = Kernel(peers)
    walk = Walk(kernel, seed)
    walk.begin()
    try:
        for _ in range(steps):
            walk.step()
    except (Failed, clusterip.Error, Refused, ValueError, KeyError,
            OSError) as error:
        print(f"NOT OK - seed {seed}: {type(error).__name__} {error}")
        print("    RANDOM_SEED=%d RANDOM_COUNT=%d" % (seed, STEPS))
        for line in "\n".join(kernel.log).split("\n"):
            print(f"    {line}")
        return False
    finally:
        for what, number in walk.counts.items():
            counts[what] = counts.get(what, 0) + number
        walk.end()
    return True


def main() -> int:
    """Prints what failed."""
    peers, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    counts: Dict[str, int] = {}
    begin, failed = time.monotonic(), 0
    for each in range((count + STEPS - 1) // STEPS):
        failed += not run(peers, seed + each,
                          min(STEPS, count - each * STEPS), counts)
    print(f"{count} lists in {time.monotonic() - begin:.1f} s: " + ", ".join(
        f"{number} {what}" for what, number in sorted(counts.items())))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
