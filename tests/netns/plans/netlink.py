# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel tells over netlink, without a program in between."""

import socket
import struct
from ipaddress import ip_address
from typing import Dict, Iterator, List, NamedTuple, Tuple

NETLINK_ROUTE, NETLINK_NETFILTER = 0, 12
NLMSG_ERROR, NLMSG_DONE = 2, 3
REQUEST, ACK, DUMP = 1, 4, 0x300
RTM_GETLINK, RTM_GETADDR, RTM_GETNEIGH = 18, 22, 30
NFT_MSG_GETGEN = 10 << 8 | 16
IFLA_IFNAME = 3
IFA_ADDRESS, IFA_LOCAL, IFA_FLAGS = 1, 2, 8
IFA_F_DADFAILED, IFA_F_TENTATIVE, IFA_F_MCAUTOJOIN = 8, 0x40, 0x400
NDA_LLADDR = 2
NTF_SELF = 2
IFF_UP = 1
AF_BRIDGE = 7
Attributes = Dict[int, bytes]


class Address(NamedTuple):
    """Of a device."""

    device: str
    address: str
    prefix: int
    joined: bool
    usable: bool


def attributes(data: bytes) -> Attributes:
    """Of a message, without their nests."""
    found, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4:
            break
        found[kind & 0x3fff] = data[at + 4:at + length]
        at += (length + 3) & ~3
    return found


class Netlink:
    """Sockets of the network namespace that this process is in."""

    def __init__(self) -> None:
        self.route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                   NETLINK_ROUTE)
        self.netfilter = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                       NETLINK_NETFILTER)

    def close(self) -> None:
        """Lets the namespace go."""
        self.route.close()
        self.netfilter.close()

    @staticmethod
    def _ask(asked: socket.socket, kind: int, flags: int,
             header: bytes) -> Iterator[bytes]:
        """What messages of the answer hold."""
        asked.send(struct.pack("=IHHII", 16 + len(header), kind,
                               REQUEST | flags, 1, 0) + header)
        while True:
            answer, at = asked.recv(1 << 17), 0
            while at < len(answer):
                length, kind = struct.unpack_from("=IH", answer, at)
                if kind in (NLMSG_DONE, NLMSG_ERROR):
                    return
                yield answer[at + 16:at + length]
                at += (length + 3) & ~3

    def generation(self) -> int:
        """Of the ruleset; every commit counts."""
        for message in self._ask(self.netfilter, NFT_MSG_GETGEN, ACK,
                                 bytes(4)):
            return_value = attributes(message[4:])[1]
            # the acknowledgement is to be read, too
            self.netfilter.recv(1 << 12)
            return int(struct.unpack(">I", return_value)[0])
        raise OSError("the kernel does not tell its generation")

    def links(self) -> Dict[int, Tuple[str, bool]]:
        """Names of devices, and whether they are up."""
        found = {}
        for message in self._ask(self.route, RTM_GETLINK, DUMP, bytes(16)):
            index, flags = struct.unpack_from("=4xII", message)
            name = attributes(message[16:])[IFLA_IFNAME]
            found[index] = (name.rstrip(b"\0").decode(), bool(flags & IFF_UP))
        return found

    def addresses(self, links: Dict[int, Tuple[str, bool]]) -> List[Address]:
        """Of all devices."""
        found = []
        for message in self._ask(self.route, RTM_GETADDR, DUMP, bytes(8)):
            _, prefix, _, _, index = struct.unpack_from("=BBBBI", message)
            values = attributes(message[8:])
            flags, = struct.unpack("=I", values[IFA_FLAGS])
            text = str(ip_address(values.get(IFA_LOCAL,
                                             values.get(IFA_ADDRESS, b""))))
            found.append(Address(
                links[index][0], text, prefix,
                bool(flags & IFA_F_MCAUTOJOIN),
                not flags & (IFA_F_DADFAILED | IFA_F_TENTATIVE)))
        return found

    def received(self, links: Dict[int, Tuple[str, bool]],
                 ) -> List[Tuple[str, str]]:
        """MACs in the lists of devices."""
        found = []
        for message in self._ask(self.route, RTM_GETNEIGH, DUMP,
                                 bytes((AF_BRIDGE,)) + bytes(11)):
            index, flags = struct.unpack_from("=4xI2xB", message)
            mac = attributes(message[12:]).get(NDA_LLADDR)
            if flags & NTF_SELF and mac:
                found.append((links[index][0], mac.hex(":")))
        return found
