# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that are not UTF-8: they come out as os.fsdecode() has them."""

import errno
import os
import socket
import subprocess
import sys
from typing import Callable, Iterator, List

import pytest

import clusterip
from clusterip import EventKind

from conftest import ADDRESS, DEVICE, run
from test_examples import command

NAME = os.fsdecode(b"v\xff\xc3")


@pytest.fixture
def named(device: str) -> Iterator[str]:
    """A device of that name."""
    assert device
    run(f"ip link add {NAME} type veth peer name other1")
    yield NAME
    run("ip link del other1")


def about(monitor: clusterip.Monitor, name: str) -> List[clusterip.Event]:
    """Events about a device."""
    return [event for event in monitor if event.ifname == name]


def test_device(context: clusterip.Context, named: str) -> None:
    """Events about it, and behind it, are told of."""
    monitor = context.monitor()
    run(f"ip addr add 10.0.9.1 dev {named}")
    run(f"ip link set {named} up")
    run(f"ip addr add 10.0.9.2 dev {DEVICE}")
    events = list(monitor)
    kinds = {event.kind for event in events if event.ifname == named}
    assert kinds >= {EventKind.ADDRESS, EventKind.DEVICE}
    assert "10.0.9.2" in [event.address for event in events]
    assert all(event.text for event in events)
    # as others have it
    assert named in [name for _, name in socket.if_nameindex()]
    run(f"ip link del {named}")
    assert about(monitor, named)
    run("ip link add " + named + " type veth peer name other1")


def test_in_again(context: clusterip.Context, six: clusterip.ClusterIP,
                  named: str) -> None:
    """What came out is taken; the library has no such device for itself."""
    assert six.address
    monitor = context.monitor()
    run(f"ip link set {named} up")
    name = about(monitor, named)[0].ifname
    verbs: List[Callable[[str, str], object]] = [
        context.get, context.verify, context.destroy]
    for verb in verbs:
        with pytest.raises(clusterip.Error) as caught:
            verb(ADDRESS, name)
        assert caught.value.errno == errno.ENOENT
        assert " dev v??" in str(caught.value)
    with pytest.raises(clusterip.Error, match="v[?][?]") as caught:
        context.cluster(f"10.0.0.1 dev {name} total 4")
    assert caught.value.field == "dev"
    with pytest.raises(clusterip.Error) as caught:
        context.cluster(ifname=name)
    assert caught.value.field == "dev"


RENAMED = """
import sys, clusterip
with open("/proc/self/comm", "wb") as file:
    file.write(b"n\\xe9e")
with clusterip.Context() as context:
    context.add_buckets(sys.argv[1], [4])
"""


def test_process(context: clusterip.Context,
                 six: clusterip.ClusterIP) -> None:
    """A process may call itself anything, and is for people to read."""
    assert six.address
    monitor = context.monitor()
    subprocess.run([sys.executable, "-c", RENAMED, ADDRESS], check=True)
    assert [event.process for event in monitor
            if event.kind == EventKind.RULES] == ["n?e"]


@pytest.mark.parametrize("character", ["\u00e9", "\u20ac", "\U0001f600"])
def test_sentences(context: clusterip.Context, six: clusterip.ClusterIP,
                   character: str) -> None:
    """However long they are, and wherever they are cut."""
    assert six.address
    for shift in range(4):
        word = "x" * shift + character * 400
        calls: List[Callable[[str], object]] = [
            lambda name: context.get(ADDRESS, name), context.get,
            lambda name: context.add_buckets(ADDRESS, name),
            lambda name: context.cluster(f"10.0.0.1 dev {name}"),
            lambda name: context.parse(f"10.0.0.1 hash {name}"),
            lambda name: setattr(context, "backend", name)]
        for call in calls:
            with pytest.raises(clusterip.Error) as caught:
                call(word)
            assert character in str(caught.value)
            assert str(caught.value).encode()


def test_watch(six: clusterip.ClusterIP, named: str) -> None:
    """The example goes on, too."""
    assert six.address
    with subprocess.Popen(command("watch"), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        assert process.stdout
        assert process.stdout.readline() == b"watching\n"
        run(f"ip link set {named} up")
        lines = [process.stdout.readline()]
        run(f"ip addr del {ADDRESS}/24 dev {DEVICE}")
        while lines[-1] and ADDRESS.encode() not in lines[-1]:
            lines.append(process.stdout.readline())
        process.terminate()
    assert lines[0].startswith(b"dev v") and lines[-1]
