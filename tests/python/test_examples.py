# SPDX-License-Identifier: GPL-2.0-or-later
"""The example scripts, on the kernel."""

import os
import subprocess
import sys
from typing import List

import clusterip

from conftest import ADDRESS, DEVICE, kernel_buckets, kernel_state, run

EXAMPLES = os.environ["EXAMPLES"]


def command(name: str, *arguments: str) -> List[str]:
    """With an end, should the test wait for what never comes."""
    return ["timeout", "30", sys.executable, f"{EXAMPLES}/{name}.py",
            *arguments]


def refused(name: str, *arguments: str) -> str:
    """The one sentence on standard error."""
    done = subprocess.run(command(name, *arguments), check=False, text=True,
                          capture_output=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_show(six: clusterip.ClusterIP) -> None:
    """Every cluster IP, and its buckets."""
    assert six.address
    shown = subprocess.check_output(command("show"), text=True)
    assert shown == (
        f"{ADDRESS}/24 dev {DEVICE} mac 03:bf:0a:00:00:64 hash sourceip "
        "total 6 seed 0x0 buckets 1,2\n"
        "  bucket 1: 0 packets, 0 bytes\n  bucket 2: 0 packets, 0 bytes\n")


def test_failover(context: clusterip.Context,
                  six: clusterip.ClusterIP) -> None:
    """Buckets of all cluster IPs, once."""
    assert six.address
    context.create(context.cluster(f"10.0.0.101 dev {DEVICE} total 6"))
    steps = subprocess.check_output(command("failover", "2", "5"), text=True)
    assert len(steps.splitlines()) == 2
    assert kernel_buckets() == [1, 2, 5]
    assert kernel_buckets("10.0.0.101") == [2, 5]
    assert subprocess.check_output(command("failover", "5")) == b""
    before = kernel_state()
    assert "1..6" in refused("failover", "7")
    assert "seven" in refused("failover", "seven")
    assert "usage" in refused("failover")
    assert kernel_state() == before


def test_watch(six: clusterip.ClusterIP) -> None:
    """Who did it, and what is wrong then."""
    assert six.address
    with subprocess.Popen(command("watch"), text=True,
                          stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == "watching\n"
        run("nft flush set ip clusterip buckets")
        event = process.stdout.readline()
        finding = process.stdout.readline()
        process.terminate()
    assert event.startswith("nft (pid ")
    assert finding.startswith(f"  {ADDRESS}: ") and "bucket" in finding
