# SPDX-License-Identifier: GPL-2.0-or-later
"""What packets meet: frames from the other ends of the devices, and what of
them comes through to sockets; what neighbours are told."""

import ctypes
import os
import select
import socket
import struct
from ipaddress import ip_address
from typing import Dict, List, NamedTuple, Set, Tuple

import clusterip

from model import DEVICES, OWN_MACS, Cluster, Dice, State, bits

PORTS = (7001, 7002)
PAUSES = (0.01, 0.1, 0.5, 2.0)  # seconds until packets are sent again
SENDER = b"\x02\0\0\0\x99\x01"
ETH_P_ARP = 0x0806
libc = ctypes.CDLL(None, use_errno=True)


class Probe(NamedTuple):
    """A packet and what must become of it."""

    cluster: Cluster
    source: str
    sport: int
    dport: int
    bucket: int

    def due(self) -> bool:
        """Is it for this node?"""
        return self.bucket in self.cluster.buckets


def enter(path: str) -> None:
    """Moves this thread to another network namespace."""
    with open(path, "rb") as file:
        if libc.setns(file.fileno(), 0):
            raise OSError(ctypes.get_errno(), path)


def checksum(data: bytes) -> int:
    """Of the Internet."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def datagram(probe: Probe, number: int) -> bytes:
    """IP and UDP, with the number as payload."""
    source = ip_address(probe.source).packed
    target = ip_address(probe.cluster.address).packed
    body = struct.pack(">I", number)
    udp = struct.pack(">HHHH", probe.sport, probe.dport, 12, 0)
    if len(source) == 4:
        header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 32, number & 0xffff, 0,
                             64, 17, 0, source, target)
        header = header[:10] + struct.pack(
            ">H", checksum(header)) + header[12:]
        return header + udp + body
    pseudo = source + target + struct.pack(">II", 12, 17)
    udp = udp[:6] + struct.pack(">H", checksum(pseudo + udp + body) or 0xffff)
    return struct.pack(">IHBB16s16s", 6 << 28, 12, 17, 64, source,
                       target) + udp + body


class Traffic:
    """Sockets at both ends."""

    def __init__(self, peers: str, dice: Dice) -> None:
        self.dice = dice
        self.number = 0
        self.sockets: List[socket.socket] = []
        for kind in (socket.AF_INET, socket.AF_INET6):
            for port in PORTS:
                self.sockets.append(self._receiver(kind, port))
        home = f"/proc/{os.getpid()}/ns/net"
        with open(home, "rb") as kept:
            enter(f"/run/netns/{peers}")
            self.sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.arp = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                     socket.htons(ETH_P_ARP))
            if libc.setns(kept.fileno(), 0):
                raise OSError(ctypes.get_errno(), "setns")
        self.arp.setblocking(False)

    def close(self) -> None:
        """Lets the namespace go."""
        for each in (*self.sockets, self.sender, self.arp):
            each.close()

    @staticmethod
    def _receiver(kind: int, port: int) -> socket.socket:
        made = socket.socket(kind, socket.SOCK_DGRAM)
        if kind == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        made.bind(("", port))
        made.setblocking(False)
        return made

    def probes(self, wanted: State, here: Set[Tuple[str, str]]) -> List[Probe]:
        """A few packets to each cluster IP whose address is on its device."""
        found = []
        for cluster in wanted.values():
            if (cluster.ifname, cluster.address) not in here:
                continue
            for _ in range(8):
                found.append(self._probe(cluster))
        return found

    def _probe(self, cluster: Cluster) -> Probe:
        number = self.dice.random.getrandbits(24)
        source = (f"172.20.{number >> 8 & 255}.{number & 255}"
                  if cluster.family == 4 else
                  f"2001:db8:{number >> 16:x}:{number >> 8 & 255:x}::"
                  f"{number & 255:x}")
        sport = self.dice.random.randint(1, 65535)
        dport = self.dice.pick(PORTS)
        rest = bits(source) - cluster.source_prefix
        hashed = ip_address(int(ip_address(source)) >> rest << rest)
        if cluster.family == 6:
            hashed = ip_address((int(ip_address(source)) >> rest << rest
                                 ).to_bytes(16, "big"))
        bucket = clusterip.hash(cluster.hash_mode, cluster.total, str(hashed),
                                seed=cluster.seed, protocol=17, sport=sport,
                                dport=dport)
        return Probe(cluster, source, sport, dport, bucket)

    def send(self, probe: Probe, number: int) -> None:
        """Out of the other end, to the cluster MAC."""
        kind = 0x0800 if probe.cluster.family == 4 else 0x86dd
        frame = (bytes.fromhex(probe.cluster.mac.replace(":", "")) + SENDER +
                 struct.pack(">H", kind) + datagram(probe, number))
        peer = f"p{DEVICES.index(probe.cluster.ifname)}"
        self.sender.sendto(frame, (peer, 0))

    def receive(self, seconds: float) -> Set[int]:
        """Numbers of the packets that came through."""
        found = set()
        select.select(self.sockets, [], [], seconds)
        for each in self.sockets:
            while True:
                try:
                    found.add(struct.unpack(">I", each.recv(64))[0])
                except BlockingIOError:
                    break
        return found

    def wrong(self, wanted: State, here: Set[Tuple[str, str]]) -> List[str]:
        """Packets that were let in and must not be, or the other way."""
        sent: Dict[int, Probe] = {}
        for probe in self.probes(wanted, here):
            self.number += 1
            sent[self.number] = probe
            self.send(probe, self.number)
        due = {number for number, probe in sent.items() if probe.due()}
        came = self.receive(0.0)
        for seconds in PAUSES:
            came |= self.receive(seconds if due - came else 0.0)
            # an IPv6 address that is new is in use a moment later
            for number in due - came:
                self.send(sent[number], number)
        came |= self.receive(0.1 if due - came else 0.0)
        return [f"{'let in' if number in came else 'dropped'}: {sent[number]}"
                for number in sorted((came ^ due) & set(sent))]

    def lying(self, wanted: State, here: Set[Tuple[str, str]]) -> List[str]:
        """IPv4 cluster IPs for which ARP is given another MAC."""
        asked = {each.address: each for each in wanted.values()
                 if each.family == 4 and (each.ifname, each.address) in here}
        self._answers()
        found: Dict[str, str] = {}
        for seconds in PAUSES:
            for address in set(asked) - set(found):
                self.ask(asked[address])
            found.update(self._answers())
            if set(asked) - set(found):
                select.select([self.arp], [], [], seconds)
        return [f"ARP says {found.get(name)} for {each}"
                for name, each in asked.items() if found.get(name) != each.mac]

    def ask(self, cluster: Cluster) -> None:
        """An ARP request from the other end."""
        target = ip_address(cluster.address).packed
        frame = (b"\xff" * 6 + SENDER + struct.pack(
            ">HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, 1) + SENDER +
            bytes((10, 9, 0, 250)) + b"\0" * 6 + target)
        self.sender.sendto(frame,
                           (f"p{DEVICES.index(cluster.ifname)}", 0))

    def _answers(self) -> Dict[str, str]:
        found: Dict[str, str] = {}
        while True:
            try:
                frame = self.arp.recv(128)
            except BlockingIOError:
                return found
            # replies to us alone, not announcements
            if frame[:6] == SENDER and frame[20:22] == b"\0\2":
                found[str(ip_address(frame[28:32]))] = frame[22:28].hex(":")
                if frame[6:12].hex(":") not in OWN_MACS.values():
                    found[str(ip_address(frame[28:32]))] = "a strange sender"
