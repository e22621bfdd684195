# SPDX-License-Identifier: GPL-2.0-or-later
"""The context: verbs that read and verbs that change."""

import ctypes
import itertools
from enum import IntEnum
from typing import (Any, Iterable, Iterator, List, NamedTuple, Optional, Tuple,
                    Type, Union)
from types import TracebackType

from . import _prototypes as c
from ._cluster import Buckets, ClusterIP, buckets_text, mode_number
from ._library import Error, Handle, check, fail, lib, new_handle, text_of
from ._monitor import Monitor


class Fault(IntEnum):
    """What verify() finds wrong."""

    TABLE = c.FAULT_TABLE
    ARP = c.FAULT_ARP
    RULE = c.FAULT_RULE
    BUCKET = c.FAULT_BUCKET
    MAC = c.FAULT_MAC
    ADDRESS = c.FAULT_ADDRESS
    DEVICE = c.FAULT_DEVICE
    DISPATCH = c.FAULT_DISPATCH
    RECORD = c.FAULT_RECORD
    BACKEND = c.FAULT_BACKEND

    def __str__(self) -> str:
        return str(text_of(lib.cip_fault_get_name(self)))


class Finding(NamedTuple):
    """One fault; address is "" for what all cluster IPs share."""

    fault: Fault
    address: str
    text: str


class Context:  # pylint: disable=too-many-public-methods
    """The way to the kernel of a network namespace.

    Verbs that change return the steps that it took, in words; none if the
    kernel already was as asked. Each is all or nothing, and raises Error
    when it is refused. A context may be used by one thread at a time, with
    the values made from it; they may be dropped in any. What is asked of a
    context that is closed raises ValueError, as it does of a closed file.
    """

    def __init__(self, *, backend: Optional[str] = None,
                 dry_run: bool = False) -> None:
        """backend: "auto", "nft" or "clusterip"."""
        self._handle: Optional[Handle] = new_handle(lib.cip_new,
                                                    lib.cip_unref)
        self.backend = backend or "auto"
        self.dry_run = dry_run

    def close(self) -> None:
        """Closes the sockets once all objects made from it are gone."""
        self._handle = None

    def __enter__(self) -> "Context":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]],
                 value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    @property
    def handle(self) -> Handle:
        """The C object."""
        if self._handle is None:
            raise ValueError("the context is closed")
        return self._handle

    def check(self, result: int) -> int:
        """Raises Error for a negative errno."""
        return result if result >= 0 else check(result, self.handle)

    def _new(self, function: Any, unref: Any, *arguments: Any) -> Handle:
        return new_handle(function, unref, self.handle, *arguments,
                          context=self.handle)

    @property
    def backend(self) -> str:
        """How the kernel is programmed: "auto", "nft" or "clusterip"."""
        return str(text_of(lib.cip_get_backend(self.handle)))

    @backend.setter
    def backend(self, name: str) -> None:
        self.check(lib.cip_set_backend(self.handle, name))

    @property
    def dry_run(self) -> bool:
        """Whether verbs stop when they have planned."""
        return self._dry_run

    @dry_run.setter
    def dry_run(self, value: bool) -> None:
        self.check(lib.cip_set_dry_run(self.handle, value))
        self._dry_run = bool(value)

    def log(self, fd: int, priority: int = 6) -> None:
        """Log lines go to a descriptor; -1 switches them off."""
        self.check(lib.cip_set_log_priority(self.handle, priority))
        self.check(lib.cip_set_log_fd(self.handle, fd))

    # ---------------------------------------------------------- values

    def cluster(self, text: Optional[str] = None,
                **attributes: Any) -> ClusterIP:
        """A value: ClusterIP(context, ...)."""
        return ClusterIP(self, text, **attributes)

    def _members(self, handle: Handle) -> List[ClusterIP]:
        members = []
        for index in range(lib.cip_list_count(handle)):
            member = Handle(
                lib.cip_cluster_ref(lib.cip_list_get(handle, index)),
                lib.cip_cluster_unref)
            members.append(ClusterIP.adopt(
                self, member, lib.cip_list_get_line(handle, index)))
        return members

    def _read_text(self, function: Any, text: str) -> List[ClusterIP]:
        handle = self._new(lib.cip_list_new, lib.cip_list_unref)
        self.check(function(handle, text))
        return self._members(handle)

    def parse(self, text: str) -> List[ClusterIP]:
        """The cluster IPs of a file, as "cipadm dump" prints them."""
        return self._read_text(lib.cip_list_parse, text)

    def import_rules(self, text: str) -> List[ClusterIP]:
        """The cluster IPs of CLUSTERIP rules, as iptables-save prints."""
        return self._read_text(lib.cip_list_import, text)

    # ---------------------------------------------------------- reading

    def query(self) -> List[ClusterIP]:
        """Every cluster IP, with its counters."""
        return self._members(self._new(lib.cip_query, lib.cip_list_unref))

    def __iter__(self) -> Iterator[ClusterIP]:
        return iter(self.query())

    def get(self, address: str, ifname: Optional[str] = None) -> ClusterIP:
        """One cluster IP; Error with ENOENT if there is none."""
        return ClusterIP.adopt(self, self._new(
            lib.cip_query_one, lib.cip_cluster_unref, address, ifname))

    def verify(self, address: Optional[str] = None,
               ifname: Optional[str] = None) -> List[Finding]:
        """What of the kernel is not as it should be; empty: nothing."""
        handle = self._new(lib.cip_verify, lib.cip_report_unref, address,
                           ifname)
        return [
            Finding(Fault(lib.cip_report_get_fault(handle, index)),
                    str(text_of(lib.cip_report_get_address(handle, index))),
                    str(text_of(lib.cip_report_get_text(handle, index))))
            for index in range(lib.cip_report_count(handle))]

    def monitor(self) -> Monitor:
        """Watches from now on."""
        return Monitor(self)

    # ---------------------------------------------------------- changing

    def _steps(self, result: int) -> List[str]:
        self.check(result)
        buffer = ctypes.create_string_buffer(4352)
        steps = []
        for index in range(lib.cip_plan_count(self.handle)):
            self.check(lib.cip_plan_format(self.handle, index, buffer,
                                           len(buffer)))
            steps.append(str(text_of(buffer.value)))
        return steps

    def _change(self, function: Any, address: str, ifname: Optional[str],
                *arguments: Any) -> List[str]:
        return self._steps(function(self.handle, address, ifname,
                                    *arguments))

    def create(self, cluster: ClusterIP) -> List[str]:
        """Creates a cluster IP, or repairs it."""
        return self._steps(lib.cip_create(self.handle, cluster.handle))

    def modify(self, cluster: ClusterIP) -> List[str]:
        """Changes hash mode, total nodes, seed and buckets at once."""
        return self._steps(lib.cip_modify(self.handle, cluster.handle))

    def destroy(self, address: str,
                ifname: Optional[str] = None) -> List[str]:
        """Removes a cluster IP and everything left for it."""
        return self._change(lib.cip_destroy, address, ifname)

    def migrate(self, address: str,
                ifname: Optional[str] = None) -> List[str]:
        """Moves it from the CLUSTERIP target to nftables."""
        return self._change(lib.cip_migrate, address, ifname)

    def announce(self, address: str, ifname: Optional[str] = None,
                 count: int = 1, interval_ms: int = 200) -> None:
        """Tells the neighbours where a cluster IP is."""
        self.check(lib.cip_announce(self.handle, address, ifname, count,
                                    interval_ms))

    def announce_created(self, count: int, interval_ms: int = 200) -> None:
        """How often what is created is announced; 1 unless set."""
        self.check(lib.cip_set_announce(self.handle, count, interval_ms))

    def set_hash_mode(self, address: str, hash_mode: Union[str, int],
                      ifname: Optional[str] = None) -> List[str]:
        """Changes what of a packet chooses its bucket."""
        return self._change(lib.cip_set_hash_mode, address, ifname,
                            mode_number(hash_mode))

    def set_total_nodes(self, address: str, total_nodes: int,
                        ifname: Optional[str] = None) -> List[str]:
        """Changes the number of buckets."""
        return self._change(lib.cip_set_total_nodes, address, ifname,
                            total_nodes)

    def set_seed(self, address: str, seed: int,
                 ifname: Optional[str] = None) -> List[str]:
        """Changes where the hash starts."""
        return self._change(lib.cip_set_hash_seed, address, ifname, seed)

    def add_buckets(self, address: str, buckets: Buckets,
                    ifname: Optional[str] = None) -> List[str]:
        """Lets in more buckets."""
        return self._change(lib.cip_add_buckets, address, ifname,
                            buckets_text(buckets))

    def remove_buckets(self, address: str, buckets: Buckets,
                       ifname: Optional[str] = None) -> List[str]:
        """Stops letting in buckets."""
        return self._change(lib.cip_remove_buckets, address, ifname,
                            buckets_text(buckets))

    def set_buckets(self, address: str, buckets: Buckets,
                    ifname: Optional[str] = None) -> List[str]:
        """Lets in exactly these; old and new swap in one instant."""
        return self._change(lib.cip_set_buckets, address, ifname,
                            buckets_text(buckets))

    def _refused(self) -> Iterator[Tuple[str, Error]]:
        """The cluster IPs that the last apply() could not have, and why."""
        for index in itertools.count():
            address = lib.cip_get_refused_address(self.handle, index)
            if address is None:
                return
            number = -lib.cip_get_refused_error(self.handle, index)
            text = lib.cip_get_refused_text(self.handle, index)
            yield address.decode(), Error(number, text.decode())

    def apply(self, clusters: Iterable[ClusterIP],
              prune: bool = False, keep_buckets: bool = False) -> List[str]:
        """Brings many about in one transaction of each backend.

        prune: destroy every cluster IP that is not among them.
        keep_buckets: leave the local buckets of those that exist as they
        are; those given are for what has to be created.
        """
        flags = ((c.APPLY_PRUNE if prune else 0) |
                 (c.APPLY_KEEP_BUCKETS if keep_buckets else 0))
        handle = self._new(lib.cip_list_new, lib.cip_list_unref)
        for cluster in clusters:
            self.check(lib.cip_list_add(handle, cluster.handle))
        result = lib.cip_apply(self.handle, handle, flags)
        if result < 0:
            error = fail(-result, self.handle)
            error.refused.update(self._refused())
            raise error
        return self._steps(result)
