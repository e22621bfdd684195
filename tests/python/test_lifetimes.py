# SPDX-License-Identifier: GPL-2.0-or-later
"""What is closed, copied, dropped in other threads, or there at the end."""

import copy
import errno
import gc
import os
import pickle
import queue
import select
import subprocess
import sys
import threading
from typing import Callable, List

import pytest

import clusterip

from conftest import ADDRESS, DEVICE, run

LINE = "10.0.0.1/24 dev eth0 total 4 buckets 1"


def descriptors() -> int:
    """How many this process has open."""
    return len(os.listdir("/proc/self/fd"))


# ---------------------------------------------------------------- closed

def test_closed_monitor(context: clusterip.Context) -> None:
    """ValueError, as of a closed file."""
    monitor = context.monitor()
    open_now = descriptors()
    monitor.close()
    monitor.close()
    assert descriptors() < open_now
    calls: List[Callable[[], object]] = [
        monitor.take, monitor.fileno, lambda: list(monitor),
        lambda: select.select([monitor], [], [], 0)]
    for call in calls:
        with pytest.raises(ValueError, match="closed"):
            call()


def test_monitor_closed_while_iterating(context: clusterip.Context) -> None:
    """The loop ends with the same, and what was taken stays."""
    monitor = context.monitor()
    run(f"ip addr add 10.0.9.1 dev {DEVICE}")
    run(f"ip addr add 10.0.9.2 dev {DEVICE}")
    seen = []
    with pytest.raises(ValueError, match="closed"):
        for event in monitor:
            seen.append(event.address)
            if event.address:
                monitor.close()
    # the kernel tells of devices late, and when it likes
    assert [address for address in seen if address] == ["10.0.9.1"]


def test_monitor_outlives_its_context(device: str) -> None:
    """It goes on."""
    context = clusterip.Context()
    monitor = context.monitor()
    context.close()
    run(f"ip addr add 10.0.9.1 dev {device}")
    assert "10.0.9.1" in [event.address for event in monitor]
    with pytest.raises(ValueError, match="closed"):
        context.monitor()


def test_closed_context(context: clusterip.Context,
                        six: clusterip.ClusterIP) -> None:
    """Every verb is refused, with nothing done."""
    context.close()
    context.close()
    verbs: List[Callable[[], object]] = [
        context.query, context.verify, context.cluster, context.monitor,
        lambda: list(context), lambda: context.get(ADDRESS),
        lambda: context.create(six), lambda: context.parse(""),
        lambda: context.apply([six]), lambda: context.destroy(ADDRESS),
        lambda: context.set_seed(ADDRESS, 1),
        lambda: context.announce(ADDRESS), lambda: context.log(-1),
        lambda: context.backend,
        lambda: setattr(context, "dry_run", True)]
    for verb in verbs:
        with pytest.raises(ValueError, match="closed"):
            verb()
    with pytest.raises(ValueError, match="closed"):
        with context:
            context.query()
    with clusterip.Context() as again:
        assert [str(each) for each in again] == [str(again.get(ADDRESS))]


def test_values_outlive_their_context() -> None:
    """They are read, changed and refused as before."""
    with clusterip.Context() as context:
        value = context.cluster(LINE)
    value.total_nodes = 8
    for total in (0, 1025):
        with pytest.raises(clusterip.Error, match="1..1024") as caught:
            value.total_nodes = total
        assert (caught.value.errno, caught.value.field) == \
            (errno.EINVAL, "total")
    with pytest.raises(clusterip.Error) as caught:
        value.add_bucket(9)
    assert caught.value.field == "buckets"
    with pytest.raises(clusterip.Error) as caught:
        value.bucket_of("nowhere")
    assert caught.value.field == "saddr"
    value.validate()
    twin = value.copy()
    assert (str(twin), twin.differences(value)) == (str(value), 0)
    assert str(value) == LINE.replace("total 4", "total 8")


def test_exceptions_close(device: str) -> None:
    """What leaves a with-block closes the sockets, too."""
    assert device
    before = descriptors()
    with pytest.raises(KeyError):
        with clusterip.Context() as context:
            context.query()
            assert descriptors() > before
            raise KeyError(device)
    assert descriptors() == before


# ---------------------------------------------------------------- copies

def test_copies(context: clusterip.Context) -> None:
    """A copy of a value is another value; what it came from stays."""
    value, = context.parse(LINE)
    for twin in (copy.copy(value), copy.deepcopy([value])[0]):
        twin.total_nodes = 7
        assert (value.total_nodes, twin.line) == (4, 1)
        del twin
    gc.collect()
    assert str(value) == LINE


def test_handles_are_not_copied(context: clusterip.Context) -> None:
    """An object of C cannot be in two processes, nor be two."""
    for each in (context, context.cluster(LINE), context.monitor()):
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(each)
    with pytest.raises(TypeError, match="pickled"):
        copy.deepcopy(context)
    other = copy.copy(context)
    other.close()
    del other
    assert context.query() == []


def test_errors_are_pickled(context: clusterip.Context) -> None:
    """They come out of pools of processes as they are."""
    with pytest.raises(clusterip.Error) as caught:
        context.cluster("10.0.0.1 total 0")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), again.errno, again.field, str(again)) == \
        (clusterip.Error, errno.EINVAL, "total", str(caught.value))


# ---------------------------------------------------------------- threads

RACE = """
import os, queue, sys, threading, clusterip

def drop():
    while values.get() is not None:
        pass

def descriptors():
    return len(os.listdir("/proc/self/fd"))

before = descriptors()
values = queue.SimpleQueue()
context = clusterip.Context()
lines = [f"10.{i // 250}.{i % 250}.1 dev eth0 total 4" for i in range(2000)]
context.query()
threads = [threading.Thread(target=drop) for _ in range(3)]
for thread in threads:
    thread.start()
for _ in range(60):
    for value in context.parse("\\n".join(lines)):
        values.put(value)
    del value
for thread in threads:
    values.put(None)
for thread in threads:
    thread.join()
assert descriptors() > before, "the context is gone"
context.query()
context.close()
assert descriptors() == before, "the context is still there"
"""


def script(text: str) -> None:
    """A process of its own, which says nothing and does not fail.

    What it frees is overwritten.
    """
    done = subprocess.run([sys.executable, "-c", text], check=False,
                          env={**os.environ, "MALLOC_PERTURB_": "165"},
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert (done.returncode, done.stdout) == (0, "")


def test_values_dropped_in_other_threads(device: str) -> None:
    """The context is there as long as it is needed, and no longer."""
    assert device
    script(RACE)


def test_last_reference_in_another_thread(
        device: str, six: clusterip.ClusterIP) -> None:
    """Sockets close in whatever thread has the last value."""
    assert device and six
    before = descriptors()
    context = clusterip.Context()
    values: "queue.SimpleQueue[List[clusterip.ClusterIP]]" = \
        queue.SimpleQueue()
    values.put(context.query())
    context.close()
    del context
    assert descriptors() > before
    thread = threading.Thread(target=values.get)
    thread.start()
    thread.join()
    assert descriptors() == before


CLOSED_IN_TAKE = """
import os, sys, clusterip

def trace(frame, event, _):
    if event == "line" and frame.f_code.co_name == "take":
        lines.append(frame.f_lineno)
        # behind what takes the event, before what reads it
        if len(lines) == 3:
            monitor.close()
    return trace

lines = []
with clusterip.Context() as context:
    monitor = context.monitor()
    os.system("ip addr add 10.0.9.1 dev {device}")
    sys.settrace(trace)
    event = monitor.take()
    sys.settrace(None)
assert event.text and event.kind, event
try:
    monitor.take()
except ValueError:
    pass
"""


def test_closed_while_it_is_used(device: str) -> None:
    """A signal's handler or another thread may close it at any moment."""
    script(CLOSED_IN_TAKE.format(device=device))


# ---------------------------------------------------------------- the end

AT_THE_END = """
import sys, threading, time, clusterip

class Owner:
    def __init__(self):
        self.itself = self
        self.context = clusterip.Context()
        self.values = self.context.query()
        self.monitor = self.context.monitor()

    def __del__(self):
        self.monitor.close()
        self.context.close()

def forever():
    while True:
        context.query()

owner = Owner()
context = clusterip.Context()
value = context.cluster("{line}")
sys.modules["kept"] = context.monitor()
threading.Thread(target=forever, daemon=True).start()
time.sleep(0.1)
{how}
"""


@pytest.mark.parametrize("how", ["", "del clusterip", "sys.exit(0)",
                                 "sys.modules.clear()"])
def test_end_of_the_interpreter(six: clusterip.ClusterIP, how: str) -> None:
    """Whatever is there still says nothing when it goes."""
    assert six
    script(AT_THE_END.format(line=LINE, how=how))
