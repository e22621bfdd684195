# SPDX-License-Identifier: GPL-2.0-or-later
"""
paths.py SCENE PREFIX NODE...: who lets in which packet. The namespaces are those of lib.sh, called PREFIX-c and
PREFIX-NODE; the cluster IPs in CLUSTERS, lines of cipadm show, are there already, each node with some of their buckets.

Frames are made by hand and sent from the client to the cluster MAC; raw sockets on every node tell what came through its
rules. Prints lines of "ok" and "NOT OK" as the scripts do.
"""
import ctypes
import itertools
import os
import random
import socket
import struct
import sys
import time

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6EchoRequest, ICMPv6PacketTooBig, ICMPv6ParamProblem,
                                ICMPv6TimeExceeded, IPv6, IPv6ExtHdrFragment)
from scapy.layers.l2 import Ether
from scapy.layers.sctp import SCTP, SCTPChunkInit
from scapy.packet import Raw

libc = ctypes.CDLL(None, use_errno=True)
lib = ctypes.CDLL("libclusterip.so.0")
MODES = {"sourceip": 1, "sourceip-sourceport": 2, "sourceip-sourceport-destport": 3, "xt_cluster": 4}
# as the kernel has it
SO_RCVBUFFORCE = 33
TCP_, UDP_, ICMP_, ICMP6_, SCTP_, DCCP_, ESP_, AH_, UDPLITE_, GRE_ = 6, 17, 1, 58, 132, 33, 50, 51, 136, 47


def check(what: str, bad: list[str]) -> None:
    """One line, and if it is bad the first of what is."""
    print(f"{'NOT OK' if bad else 'ok'} - {what}")
    for line in bad[:5]:
        print("    " + line)


def enter(netns: str) -> None:
    fd = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    if libc.setns(fd, 0x40000000):
        raise OSError(ctypes.get_errno(), netns)
    os.close(fd)


def socket_in(netns: str, *how: int) -> socket.socket:
    enter(netns)
    made = socket.socket(*how)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    return made


class Cluster:
    """A cluster IP by its line, and which node has which bucket."""

    def __init__(self, line: str) -> None:
        words = line.split()
        self.address, _ = words[0].split("/")
        self.mode = words[words.index("hash") + 1]
        self.total = int(words[words.index("total") + 1])
        self.seed = int(words[words.index("seed") + 1], 0)
        self.mac = words[words.index("mac") + 1]
        self.prefix = int(words[words.index("source-prefix") + 1]) if "source-prefix" in words else 128
        self.v6 = ":" in self.address

    def node(self, nodes: list[str], saddr: str, protocol: int, sport: int = 0, dport: int = 0) -> str:
        """Bucket B is with node B, and begins again with the first."""
        bucket = ctypes.c_uint32()
        family = socket.AF_INET6 if self.v6 else socket.AF_INET
        bits = 128 if self.v6 else 32
        number = int.from_bytes(socket.inet_pton(family, saddr), "big")
        number &= ~((1 << bits - min(self.prefix, bits)) - 1)
        network = socket.inet_ntop(family, number.to_bytes(bits // 8, "big"))
        error = lib.cip_hash(MODES[self.mode], self.total, self.seed, network.encode(), protocol, sport, dport,
                             ctypes.byref(bucket))
        assert error == 0, (saddr, protocol, error)
        return nodes[(bucket.value - 1) % len(nodes)]


class Lab:
    def __init__(self, prefix: str, nodes: list[str]) -> None:
        self.prefix, self.nodes = prefix, nodes
        self.client = socket_in(f"{prefix}-c", socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.client.bind(("eth0", 0))
        self.client.setblocking(True)
        self.raw: dict[str, list[socket.socket]] = {}
        self.echoes = False

    def listen(self, family: int, protocols: list[int]) -> None:
        for node in self.nodes:
            self.raw[node] = [socket_in(f"{self.prefix}-{node}", family, socket.SOCK_RAW, p) for p in protocols]

    def send(self, mac: str, packets: list[bytes], v6: bool) -> None:
        head = bytes.fromhex(mac.replace(":", "")) + b"\x02\0\0\0\0\x99" + (b"\x86\xdd" if v6 else b"\x08\0")
        for number, packet in enumerate(packets):
            self.client.send(head + packet)
            if number % 64 == 63:
                time.sleep(0.002)

    def taken(self) -> dict[int, list[str]]:
        """Which nodes have got the packet whose mark is that number. What nodes say of their own answers does not count."""
        time.sleep(0.3)
        who: dict[int, list[str]] = {}
        for node, sockets in self.raw.items():
            for raw in sockets:
                for data in received(raw):
                    at = data.rfind(MAGIC)
                    run, number = MARK.unpack_from(data, at + len(MAGIC)) if at >= 0 else (0, 0)
                    if run == Lab.run and self.counts(raw, data):
                        who.setdefault(number, []).append(node)
        Lab.run += 1
        return who

    run = 0

    def counts(self, raw: socket.socket, data: bytes) -> bool:
        """In a scene of echoes, an error that quotes one is none."""
        if not self.echoes or raw.proto not in (ICMP_, ICMP6_):
            return True
        return data[0] == 128 if raw.proto == ICMP6_ else data[(data[0] & 15) * 4] == 8


def received(raw: socket.socket) -> list[bytes]:
    got = []
    while True:
        try:
            got.append(raw.recv(65535))
        except BlockingIOError:
            return got


MAGIC = b"cip-paths:"
MARK = struct.Struct("!II")


def mark(number: int) -> bytes:
    return MAGIC + MARK.pack(Lab.run, number)


def compare(what: str, wanted: dict[int, list[str]], who: dict[int, list[str]], names: dict[int, str]) -> None:
    bad = [f"{names[i]}: let in by {sorted(who.get(i, []))}, not by {sorted(wanted[i])}"
           for i in wanted if sorted(who.get(i, [])) != sorted(wanted[i])]
    check(f"{what}: {len(wanted)} packets, {len(bad)} wrong", bad)


# ------------------------------------------------------------------ flows


def network(cluster: Cluster, saddr: str, daddr: str, protocol: int, options: int = 0):
    """The IP header of a packet."""
    if cluster.v6:
        return IPv6(src=saddr, dst=daddr, nh=protocol)
    return IP(src=saddr, dst=daddr, proto=protocol, options=[IPOption(b"\x01" * 4 * options)] if options else [])


def client_address(cluster: Cluster, number: int) -> str:
    return f"fd77::1:{number:x}" if cluster.v6 else f"10.77.{1 + number // 250}.{1 + number % 250}"


def transport(protocol: int, sport: int, dport: int, load: bytes):
    halves = struct.pack("!HH", sport, dport)
    if protocol == TCP_:
        return TCP(sport=sport, dport=dport, flags="A") / Raw(load)
    if protocol == UDP_:
        return UDP(sport=sport, dport=dport) / Raw(load)
    if protocol == SCTP_:
        return SCTP(sport=sport, dport=dport) / SCTPChunkInit(init_tag=1) / Raw(load)
    if protocol == ICMP_:
        return ICMP(id=sport, seq=dport) / Raw(load)
    if protocol == ICMP6_:
        return ICMPv6EchoRequest(id=sport, seq=dport, data=load)
    if protocol == AH_:
        return Raw(struct.pack("!BBH", UDP_, 4, 0) + halves + bytes(16) + load)
    return Raw(halves + bytes(12) + load)


def scene_flows(lab: Lab, clusters: list[Cluster]) -> None:
    lab.echoes = True
    for cluster in clusters:
        many = [TCP_, UDP_, SCTP_, ICMP6_] if cluster.v6 else [ICMP_, TCP_]
        few = [UDPLITE_, DCCP_, ESP_, GRE_] + ([] if cluster.v6 else [AH_, UDP_])
        lab.listen(socket.AF_INET6 if cluster.v6 else socket.AF_INET, many + few)
        packets, wanted, names = [], {}, {}
        flows = itertools.chain(itertools.product(range(500), many), itertools.product(range(500, 540), few))
        for i, (number, protocol) in enumerate(flows):
            saddr, sport, dport = client_address(cluster, number), random.randrange(1, 65536), random.randrange(1, 65536)
            packets.append(bytes(network(cluster, saddr, cluster.address, protocol) /
                                 transport(protocol, sport, dport, mark(i))))
            wanted[i] = [cluster.node(lab.nodes, saddr, protocol, sport, dport)]
            names[i] = f"{saddr} protocol {protocol} {sport} {dport}"
        lab.send(cluster.mac, packets, cluster.v6)
        compare(f"{cluster.address} {cluster.mode}, 500 clients", wanted, lab.taken(), names)


# ------------------------------------------------------------------ errors


def error_header(cluster: Cluster):
    """All kinds that are about a packet; the kernel must take each for good."""
    if cluster.v6:
        return random.choice([ICMPv6DestUnreach(code=4), ICMPv6PacketTooBig(mtu=1300), ICMPv6TimeExceeded(),
                              ICMPv6ParamProblem()])
    kind, code = random.choice([(3, 1), (3, 3), (3, 4), (4, 0), (5, 1), (11, 0), (12, 0)])
    return ICMP(type=kind, code=code)


def told(cluster: Cluster, protocol: int) -> bool:
    """Can the quoted packet tell whose it is? SPIs are not the same in both directions."""
    return cluster.mode in ("sourceip", "xt_cluster") or protocol not in (ESP_, AH_)


def scene_errors(lab: Lab, clusters: list[Cluster]) -> None:
    protocols = [TCP_, UDP_, UDPLITE_, SCTP_, DCCP_, ESP_, AH_, GRE_, ICMP_]
    for cluster in clusters:
        lab.listen(socket.AF_INET6 if cluster.v6 else socket.AF_INET, [ICMP6_ if cluster.v6 else ICMP_])
        packets, wanted, names = [], {}, {}
        for i in range(1000):
            protocol = ICMP6_ if cluster.v6 and i % 9 == 8 else protocols[i % 9]
            saddr, sport, dport = client_address(cluster, random.randrange(2000)), 1 + i, random.randrange(1, 65536)
            router = client_address(cluster, 5000 + random.randrange(200))
            # what the cluster IP has sent to the client, in reverse
            options = 0 if cluster.v6 else random.choice([0, 0, 1, 2, 5, 10])
            quoted = network(cluster, cluster.address, saddr, protocol, options) / transport(protocol, dport, sport,
                                                                                           mark(i))
            outer = network(cluster, router, cluster.address, ICMP6_ if cluster.v6 else ICMP_)
            packets.append(bytes(outer / error_header(cluster) / Raw(bytes(quoted))))
            wanted[i] = [cluster.node(lab.nodes, saddr, protocol, sport, dport)] if told(cluster, protocol) else lab.nodes
            names[i] = f"about {saddr} protocol {protocol} {sport} {dport}, {options} words of options"
        lab.send(cluster.mac, packets, cluster.v6)
        compare(f"{cluster.address} {cluster.mode}, ICMP errors", wanted, lab.taken(), names)
        untold(lab, cluster)


def untold(lab: Lab, cluster: Cluster) -> None:
    """Errors that quote something else than a packet of the cluster IP, and, in port modes, what has no ports to read."""
    saddr, router = client_address(cluster, 7), client_address(cluster, 5001)
    other = "fd77::9" if cluster.v6 else "10.77.0.9"
    outer = network(cluster, router, cluster.address, ICMP6_ if cluster.v6 else ICMP_)
    quoted = [network(cluster, other, saddr, UDP_) / transport(UDP_, 1, 2, mark(0))]
    wanted = {0: lab.nodes}
    if cluster.mode.startswith("sourceip-"):
        if cluster.v6:
            quoted.append(network(cluster, cluster.address, saddr, 44) / IPv6ExtHdrFragment(nh=UDP_, offset=100, id=1) /
                          Raw(mark(1)))
        else:
            quoted.append(IP(src=cluster.address, dst=saddr, proto=UDP_, frag=100) / Raw(mark(1)))
        wanted[1] = lab.nodes
    lab.send(cluster.mac, [bytes(outer / error_header(cluster) / Raw(bytes(q) + bytes(64))) for q in quoted], cluster.v6)
    compare(f"{cluster.address} {cluster.mode}, errors that cannot be told", wanted, lab.taken(),
            {0: "of another address", 1: "a later fragment"})


# ------------------------------------------------------------------ fragments


def fragments(cluster: Cluster, saddr: str, ident: int, datagram: bytes) -> list[bytes]:
    cut = [datagram[at:at + 1400] for at in range(0, len(datagram), 1400)]
    made = []
    for number, part in enumerate(cut):
        more = number < len(cut) - 1
        if cluster.v6:
            made.append(bytes(IPv6(src=saddr, dst=cluster.address, nh=44) /
                              IPv6ExtHdrFragment(nh=UDP_, offset=number * 175, m=int(more), id=ident) / Raw(part)))
        else:
            made.append(bytes(IP(src=saddr, dst=cluster.address, proto=UDP_, id=ident & 0xffff,
                                 flags="MF" if more else 0, frag=number * 175) / Raw(part)))
    return made


def scene_fragments(lab: Lab, clusters: list[Cluster]) -> None:
    count = 5000 // len(clusters)
    for cluster in clusters:
        lab.listen(socket.AF_INET6 if cluster.v6 else socket.AF_INET, [])
        for node in lab.nodes:
            whole = socket_in(f"{lab.prefix}-{node}", socket.AF_INET6 if cluster.v6 else socket.AF_INET,
                              socket.SOCK_DGRAM)
            whole.bind((cluster.address, 9000))
            lab.raw[node] = [whole]
        batches, wanted, names = [], {}, {}
        for i in range(count):
            saddr, sport = client_address(cluster, i % 400), random.randrange(1, 65536)
            load = mark(i) + bytes(4000 - len(mark(i)))
            packet = network(cluster, saddr, cluster.address, UDP_) / UDP(sport=sport, dport=9000) / Raw(load)
            batches.append(fragments(cluster, saddr, i + 1, bytes(packet)[40 if cluster.v6 else 20:]))
            wanted[i] = [cluster.node(lab.nodes, saddr, UDP_, sport, 9000)]
            names[i] = f"{saddr} {sport}"
        third = count // 3
        packets = list(itertools.chain.from_iterable(batches[:third]))
        packets += itertools.chain.from_iterable(b[::-1] for b in batches[third:2 * third])
        for at in range(2 * third, count, 10):
            packets += [b[k] for k in range(3) for b in batches[at:at + 10]]
        lab.send(cluster.mac, packets, cluster.v6)
        compare(f"{cluster.address} {cluster.mode}, datagrams of 4000 bytes in fragments", wanted, lab.taken(),
                names)


def main() -> None:
    scene, prefix, *nodes = sys.argv[1:]
    random.seed(6)
    clusters = [Cluster(line) for line in os.environ["CLUSTERS"].splitlines()]
    globals()[f"scene_{scene}"](Lab(prefix, nodes), clusters)


main()
