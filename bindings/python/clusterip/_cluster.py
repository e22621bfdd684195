# SPDX-License-Identifier: GPL-2.0-or-later
"""One cluster IP as a value: what is wanted, or what was found."""

import ctypes
import errno
from enum import IntEnum
from typing import (TYPE_CHECKING, Any, Collection, Iterable, NamedTuple,
                    Optional, Union)

from . import _prototypes as c
from ._library import Handle, check, lib, new_handle, text_of

if TYPE_CHECKING:  # pragma: no cover
    from ._context import Context

Buckets = Union[str, Iterable[int]]
TEXT_SIZE = 4352


class MacMode(IntEnum):
    """How frames to the cluster MAC reach every node."""

    MULTICAST = c.MAC_MULTICAST
    IGMP = c.MAC_IGMP
    UNICAST = c.MAC_UNICAST

    def __str__(self) -> str:
        return str(text_of(lib.cip_mac_mode_get_name(self)))


class HashMode(IntEnum):
    """What of a packet chooses its bucket."""

    SOURCEIP = c.HASH_SOURCEIP
    SOURCEIP_SOURCEPORT = c.HASH_SOURCEIP_SOURCEPORT
    SOURCEIP_SOURCEPORT_DESTPORT = c.HASH_SOURCEIP_SOURCEPORT_DESTPORT
    XT_CLUSTER = c.HASH_XT_CLUSTER

    def __str__(self) -> str:
        return str(text_of(lib.cip_hash_mode_get_name(self)))


class Counters(NamedTuple):
    """Traffic since the bucket became local."""

    packets: int
    bytes: int


def mode_number(mode: Union[str, int]) -> int:
    """The number of a word; of what is none 0, which is no mode."""
    if isinstance(mode, str):
        return int(lib.cip_hash_mode_from_name(mode))
    return mode


def buckets_text(buckets: Buckets) -> str:
    """The library's "1,3,5-8" of numbers; text as it is."""
    if isinstance(buckets, str):
        return buckets
    return ",".join(str(number) for number in sorted(set(buckets))) or "none"


def is_bucket(number: int) -> bool:
    """Could a cluster IP have it? Others are not there, and no error."""
    return 1 <= number <= c.TOTAL_NODES_MAX


class ClusterIP:  # pylint: disable=too-many-public-methods
    """A cluster IP. Attributes that are not set are None.

    Setting a property checks the value and raises Error with the field's
    name; deleting one forgets it. Nothing reaches the kernel before a verb
    of the context, and a value outlives the context that it was made with.
    Copying makes another value; to pickle one, take its str().
    """

    def __init__(self, context: "Context", text: Optional[str] = None,
                 **attributes: Any) -> None:
        """Empty, or as text such as "10.0.0.100/24 dev eth0 total 6".

        Keywords are properties: address, prefix, ifname, mac, hash_mode,
        total_nodes, seed, noaddr, buckets.
        """
        self.context = context
        self._context = context.handle
        self._handle = new_handle(lib.cip_cluster_new, lib.cip_cluster_unref,
                                  self._context, context=self._context)
        self.line = 0
        if text is not None:
            self._check(lib.cip_cluster_parse(self._handle, text))
        for name, value in attributes.items():
            if not isinstance(getattr(type(self), name, None), property):
                raise TypeError(f"a cluster IP has no '{name}'")
            setattr(self, name, value)

    @classmethod
    def adopt(cls, context: "Context", handle: Handle, line: int = 0,
              ) -> "ClusterIP":
        """For the binding's own use: takes a reference over."""
        cluster = cls.__new__(cls)
        cluster.context = context
        cluster._context = context.handle
        cluster.line = line
        cluster._handle = handle
        return cluster

    @property
    def handle(self) -> Handle:
        """The C object."""
        return self._handle

    def _check(self, result: int) -> int:
        return check(result, self._context)

    def _text(self, function: Any) -> Optional[str]:
        buffer = ctypes.create_string_buffer(TEXT_SIZE)
        if function(self._handle, buffer, TEXT_SIZE) == -errno.ENODATA:
            return None
        return text_of(buffer.value)

    def _number(self, attribute: int, function: Any) -> Optional[int]:
        if not lib.cip_cluster_is_set(self._handle, attribute):
            return None
        return int(function(self._handle))

    def _set(self, attribute: int, function: Any, value: Any) -> None:
        if value is None:
            self._check(lib.cip_cluster_unset(self._handle, attribute))
        else:
            self._check(function(self._handle, value))

    @property
    def address(self) -> Optional[str]:
        """The cluster IP itself; "ADDRESS/PREFIX" sets both."""
        return self._text(lib.cip_cluster_get_address)

    @address.setter
    def address(self, value: Optional[str]) -> None:
        self._set(c.ATTR_ADDRESS, lib.cip_cluster_set_address, value)

    @property
    def family(self) -> int:
        """4 or 6; 0 without an address."""
        return int(lib.cip_cluster_get_family(self._handle))

    @property
    def prefix(self) -> Optional[int]:
        """Prefix length of the address on the device, in bits."""
        return self._number(c.ATTR_PREFIX, lib.cip_cluster_get_prefix)

    @prefix.setter
    def prefix(self, value: Optional[int]) -> None:
        self._set(c.ATTR_PREFIX, lib.cip_cluster_set_prefix, value)

    @property
    def ifname(self) -> Optional[str]:
        """The device."""
        return self._text(lib.cip_cluster_get_ifname)

    @ifname.setter
    def ifname(self, value: Optional[str]) -> None:
        self._set(c.ATTR_IFNAME, lib.cip_cluster_set_ifname, value)

    @property
    def mac(self) -> Optional[str]:
        """The cluster MAC."""
        return self._text(lib.cip_cluster_get_mac)

    @mac.setter
    def mac(self, value: Optional[str]) -> None:
        self._set(c.ATTR_MAC, lib.cip_cluster_set_mac, value)

    @property
    def mac_mode(self) -> Optional[MacMode]:
        """How frames reach every node; its word sets it, too."""
        mode = self._number(c.ATTR_MAC_MODE, lib.cip_cluster_get_mac_mode)
        return None if mode is None else MacMode(mode)

    @mac_mode.setter
    def mac_mode(self, value: Union[str, int, None]) -> None:
        if isinstance(value, str):
            value = int(lib.cip_mac_mode_from_name(value))
        self._set(c.ATTR_MAC_MODE, lib.cip_cluster_set_mac_mode, value)

    @property
    def hash_mode(self) -> Optional[HashMode]:
        """What of a packet chooses its bucket; its word sets it, too."""
        mode = self._number(c.ATTR_HASH_MODE, lib.cip_cluster_get_hash_mode)
        return None if mode is None else HashMode(mode)

    @hash_mode.setter
    def hash_mode(self, value: Union[str, int, None]) -> None:
        mode = None if value is None else mode_number(value)
        self._set(c.ATTR_HASH_MODE, lib.cip_cluster_set_hash_mode, mode)

    @property
    def total_nodes(self) -> Optional[int]:
        """Number of buckets."""
        return self._number(c.ATTR_TOTAL, lib.cip_cluster_get_total_nodes)

    @total_nodes.setter
    def total_nodes(self, value: Optional[int]) -> None:
        self._set(c.ATTR_TOTAL, lib.cip_cluster_set_total_nodes, value)

    @property
    def seed(self) -> Optional[int]:
        """Start value of the hash."""
        return self._number(c.ATTR_SEED, lib.cip_cluster_get_hash_seed)

    @seed.setter
    def seed(self, value: Optional[int]) -> None:
        self._set(c.ATTR_SEED, lib.cip_cluster_set_hash_seed, value)

    @property
    def source_prefix(self) -> Optional[int]:
        """Bits of the client's address that are hashed."""
        return self._number(c.ATTR_SOURCE_PREFIX,
                            lib.cip_cluster_get_source_prefix)

    @source_prefix.setter
    def source_prefix(self, value: Optional[int]) -> None:
        self._set(c.ATTR_SOURCE_PREFIX, lib.cip_cluster_set_source_prefix,
                  value)

    @property
    def outgoing(self) -> bool:
        """Whether connections that a node opens have their replies."""
        return bool(lib.cip_cluster_get_outgoing(self._handle))

    @outgoing.setter
    def outgoing(self, value: Optional[bool]) -> None:
        self._set(c.ATTR_OUTGOING, lib.cip_cluster_set_outgoing, value)

    @property
    def noaddr(self) -> bool:
        """Whether somebody else puts the address on the device."""
        return bool(lib.cip_cluster_get_noaddr(self._handle))

    @noaddr.setter
    def noaddr(self, value: Optional[bool]) -> None:
        self._set(c.ATTR_NOADDR, lib.cip_cluster_set_noaddr, value)

    @property
    def buckets(self) -> Optional[Collection[int]]:
        """Local buckets, ascending; numbers or "1,3,5-8" set them."""
        if not lib.cip_cluster_is_set(self._handle, c.ATTR_BUCKETS):
            return None
        numbers = []
        number = lib.cip_cluster_next_bucket(self._handle, 0)
        while number:
            numbers.append(number)
            number = lib.cip_cluster_next_bucket(self._handle, number)
        return tuple(numbers)

    @buckets.setter
    def buckets(self, value: Union[str, Collection[int], None]) -> None:
        text = None if value is None else buckets_text(value)
        self._set(c.ATTR_BUCKETS, lib.cip_cluster_set_buckets, text)

    @property
    def buckets_text(self) -> Optional[str]:
        """Local buckets as "1,3,5-8"."""
        return self._text(lib.cip_cluster_get_buckets)

    def has_bucket(self, bucket: int) -> bool:
        """Is the bucket local?"""
        return is_bucket(bucket) and bool(
            lib.cip_cluster_has_bucket(self._handle, bucket))

    def is_assigned(self, bucket: int) -> bool:
        """Was the bucket given to this node, even if damage keeps it out?"""
        return is_bucket(bucket) and bool(
            lib.cip_cluster_is_assigned(self._handle, bucket))

    def add_bucket(self, bucket: int) -> None:
        """One more bucket in this value."""
        self._check(lib.cip_cluster_add_bucket(self._handle, bucket))

    def remove_bucket(self, bucket: int) -> None:
        """One bucket less in this value."""
        self._check(lib.cip_cluster_remove_bucket(self._handle, bucket))

    @property
    def backend(self) -> Optional[str]:
        """Where it was found: "nft" or "clusterip"."""
        return text_of(lib.cip_cluster_get_backend(self._handle)) or None

    def _counters(self, function: Any, *arguments: int) -> Optional[Counters]:
        packets, octets = ctypes.c_uint64(), ctypes.c_uint64()
        result = function(self._handle, *arguments, ctypes.byref(packets),
                          ctypes.byref(octets))
        if result == -errno.ENODATA:
            return None
        self._check(result)
        return Counters(packets.value, octets.value)

    def counters(self, bucket: int) -> Optional[Counters]:
        """Traffic of a local bucket; None if it was not queried."""
        if not is_bucket(bucket):
            return None
        return self._counters(lib.cip_cluster_get_bucket_counters, bucket)

    @property
    def foreign_counters(self) -> Optional[Counters]:
        """Traffic that was left to other nodes."""
        return self._counters(lib.cip_cluster_get_foreign_counters)

    def validate(self) -> None:
        """Raises Error if it cannot be created as it is."""
        self._check(lib.cip_cluster_validate(self._handle))

    def differences(self, other: "ClusterIP") -> int:
        """Bits, 1 << ATTR_..., of attributes that differ."""
        return int(lib.cip_cluster_compare(self._handle, other.handle))

    def complete(self) -> None:
        """Gives what is unset its default."""
        self._check(lib.cip_cluster_complete(self._handle))

    def bucket_of(self, saddr: str, protocol: int = 0, sport: int = 0,
                  dport: int = 0) -> int:
        """The bucket of a flow to this cluster IP."""
        bucket = ctypes.c_uint32()
        self._check(lib.cip_cluster_hash(
            self._handle, saddr, protocol, sport, dport,
            ctypes.byref(bucket)))
        return bucket.value

    def copy(self) -> "ClusterIP":
        """Another value with the same attributes and counters."""
        copy = ClusterIP.__new__(ClusterIP)
        copy.__dict__.update(self.__dict__)
        copy._handle = new_handle(lib.cip_cluster_copy, lib.cip_cluster_unref,
                                  self._handle, context=self._context)
        return copy

    def __copy__(self) -> "ClusterIP":
        return self.copy()

    def __deepcopy__(self, _: object) -> "ClusterIP":
        return self.copy()

    def __str__(self) -> str:
        return self._text(lib.cip_cluster_format) or ""

    def __repr__(self) -> str:
        return f"<ClusterIP {self}>"


def cluster_hash(hash_mode: Union[str, int], total_nodes: int, saddr: str,
                 protocol: int = 0, sport: int = 0, dport: int = 0, *,
                 seed: int = 0) -> int:
    """The bucket of a flow, 1..total_nodes; no kernel, no privilege."""
    bucket = ctypes.c_uint32()
    check(lib.cip_hash(mode_number(hash_mode), total_nodes, seed, saddr,
                       protocol, sport, dport, ctypes.byref(bucket)))
    return bucket.value


def default_mac(address: str) -> str:
    """The cluster MAC of a cluster IP that is created without one."""
    buffer = ctypes.create_string_buffer(18)
    check(lib.cip_default_mac(address, buffer, 18))
    return buffer.value.decode()
