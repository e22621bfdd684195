# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures. All tests run in a network namespace that run.sh has made."""

import subprocess
from typing import Iterator

import pytest

import clusterip

DEVICE = "cip0"
ADDRESS = "10.0.0.100"


def run(command: str) -> str:
    """What a command prints; it has to succeed."""
    return subprocess.run(command.split(), check=True, text=True,
                          stdout=subprocess.PIPE).stdout


@pytest.fixture
def device() -> Iterator[str]:
    """A device that is up, and nothing else."""
    run("nft flush ruleset")
    run(f"ip link add {DEVICE} type veth peer name peer0")
    run(f"ip link set {DEVICE} up")
    run("ip link set peer0 up")
    yield DEVICE
    run(f"ip link del {DEVICE}")
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
