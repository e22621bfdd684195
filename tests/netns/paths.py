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
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr,
                                ICMPv6NDOptSrcLLAddr, ICMPv6PacketTooBig, ICMPv6ParamProblem, ICMPv6TimeExceeded, IPv6,
                                IPv6ExtHdrFragment, in6_chksum)
from scapy.layers.l2 import ARP, Ether
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
        self.line = line
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

    # no packet of an earlier run, quoted in an error that comes late, has this number
    run = random.SystemRandom().randrange(1 << 31)
    ports = itertools.count(20000, 200)

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
        return TCP(sport=sport, dport=dport, flags="S") / Raw(load)
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
    """Errors that quote something else than a packet of the cluster IP, which are as good as others, and, in port modes,
    what has no ports to read."""
    saddr, router = client_address(cluster, 7), client_address(cluster, 5001)
    other = "fd77::9" if cluster.v6 else "10.77.0.9"
    outer = network(cluster, router, cluster.address, ICMP6_ if cluster.v6 else ICMP_)
    quoted = [network(cluster, other, saddr, UDP_) / transport(UDP_, 1, 2, mark(0))]
    wanted = {0: [cluster.node(lab.nodes, saddr, UDP_, 2, 1)]}
    if cluster.mode.startswith("sourceip-"):
        if cluster.v6:
            quoted.append(network(cluster, cluster.address, saddr, 44) / IPv6ExtHdrFragment(nh=UDP_, offset=100, id=1) /
                          Raw(mark(1)))
        else:
            quoted.append(IP(src=cluster.address, dst=saddr, proto=UDP_, frag=100) / Raw(mark(1)))
        wanted[1] = lab.nodes
    lab.send(cluster.mac, [bytes(outer / error_header(cluster) / Raw(bytes(q) + bytes(64))) for q in quoted], cluster.v6)
    compare(f"{cluster.address} {cluster.mode}, errors out of the ordinary", wanted, lab.taken(),
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


# ------------------------------------------------------------------ neighbours


def run_in(lab: Lab, name: str, *command: str) -> str:
    done = subprocess.run(["ip", "netns", "exec", f"{lab.prefix}-{name}", *command], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def wrong_neighbour(frame: bytes, cluster: Cluster) -> str | None:
    """What is wrong with an ARP or ND packet that names the cluster IP as its sender; None: nothing."""
    packet = Ether(frame)
    if packet.src == cluster.mac:
        return "a frame is sent from the cluster MAC: switches would learn it"
    if ARP in packet and packet[ARP].psrc == cluster.address:
        return None if packet[ARP].hwsrc == cluster.mac else f"ARP says {packet[ARP].hwsrc}"
    told = None
    if ICMPv6ND_NA in packet and packet[ICMPv6ND_NA].tgt == cluster.address:
        told = ICMPv6NDOptDstLLAddr
    elif ICMPv6ND_NS in packet and packet[IPv6].src == cluster.address:
        told = ICMPv6NDOptSrcLLAddr
    if not told or told not in packet:
        return None
    if packet[told].lladdr != cluster.mac:
        return f"neighbour discovery says {packet[told].lladdr}"
    payload = bytes(packet[IPv6].payload)
    return None if in6_chksum(ICMP6_, packet[IPv6], payload) == 0 else "the checksum is wrong"


def told_count(frames: list[bytes], cluster: Cluster) -> int:
    mac = bytes.fromhex(cluster.mac.replace(":", ""))
    return sum(mac in frame[14:] for frame in frames)


def scene_neighbours(lab: Lab, clusters: list[Cluster]) -> None:
    """Clients and routers ask who has the cluster IP; nodes ask for others with the cluster IP as their source."""
    captures = [socket_in(f"{lab.prefix}-{node}", socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
                for node in lab.nodes]
    for cluster in clusters:
        far, ping = ("fd77::fe", "-6") if cluster.v6 else ("10.77.0.254", "-4")
        run_in(lab, "c", "ip", "neigh", "flush", "dev", "eth0")
        run_in(lab, "c", "ping", ping, "-c1", "-W1", cluster.address)
        known = run_in(lab, "c", "ip", "neigh", "show", cluster.address, "dev", "eth0")
        check(f"{cluster.address}: a Linux client learns the cluster MAC", [] if cluster.mac in known else [known])
        for node in lab.nodes:
            run_in(lab, node, "ip", "neigh", "flush", "dev", "eth0")
            run_in(lab, node, "ping", ping, "-c1", "-W1", "-I", cluster.address, far)
        known = run_in(lab, "c", "ip", "neigh", "show", cluster.address, "dev", "eth0")
        check(f"{cluster.address}: and still knows it when nodes have asked", [] if cluster.mac in known else [known])
    frames = [frame for capture in captures for frame in received(capture)]
    for cluster in clusters:
        bad = [why for why in (wrong_neighbour(frame, cluster) for frame in frames) if why]
        count = told_count(frames, cluster)
        check(f"{cluster.address}: {count} ARP or ND packets, the cluster MAC in all of them and a right checksum",
              bad if count >= 4 else [f"only {count} packets"])


# ------------------------------------------------------------------ announcements


def cipadm(lab: Lab, node: str, *words: str) -> tuple[int, str]:
    done = subprocess.run([os.environ["CIPADM"], "--netns", f"{lab.prefix}-{node}", *words], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def announcement(frame: bytes, cluster: Cluster) -> str | None:
    """Which kind of an announcement of the cluster IP it is; None: none."""
    packet = Ether(frame)
    if ARP in packet and packet[ARP].psrc == packet[ARP].pdst == cluster.address:
        return f"arp {packet[ARP].op} to {packet.dst}"
    if ICMPv6ND_NA in packet and packet[ICMPv6ND_NA].tgt == cluster.address and packet[IPv6].dst == "ff02::1":
        flags = packet[ICMPv6ND_NA]
        return f"na R{flags.R} S{flags.S} O{flags.O} hops {packet[IPv6].hlim} from {packet[IPv6].src} to {packet.dst}"
    return None


def announced(lab: Lab, cluster: Cluster, *words: str) -> tuple[list[str], list[str], float]:
    """What the client sees of a command on n1: kinds, what is wrong with them, and how long it took."""
    client = socket_in(f"{lab.prefix}-c", socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    begin = time.monotonic()
    status, output = cipadm(lab, "n1", *words)
    took = time.monotonic() - begin
    time.sleep(0.1)
    seen = [frame for frame in received(client) if announcement(frame, cluster)]
    bad = [why for why in (wrong_neighbour(frame, cluster) for frame in seen) if why]
    bad += [f"sent by {Ether(frame).src}" for frame in seen if Ether(frame).src != "02:00:00:00:00:01"]
    return [str(announcement(frame, cluster)) for frame in seen], bad + ([output] if status else []), took


def scene_announce(lab: Lab, clusters: list[Cluster]) -> None:
    for cluster in clusters:
        one = (["na R0 S0 O1 hops 255 from %s to 33:33:00:00:00:01" % cluster.address] if cluster.v6
               else ["arp 1 to ff:ff:ff:ff:ff:ff", "arp 2 to ff:ff:ff:ff:ff:ff"])
        run_in(lab, "c", "ip", "neigh", "replace", cluster.address, "lladdr", "02:00:00:00:00:77", "dev", "eth0", "nud",
               "stale")
        seen, bad, took = announced(lab, cluster, "announce", cluster.address, "count", "3", "interval", "60")
        check(f"{cluster.address}: announced three times, from the node's MAC, the cluster MAC in all",
              bad + ([] if seen == one * 3 and took >= 0.1 else [f"{seen} in {took:.2f} s"]))
        known = run_in(lab, "c", "ip", "neigh", "show", cluster.address, "dev", "eth0")
        check(f"{cluster.address}: a client that knew another MAC has learnt it", [] if cluster.mac in known else [known])
        for option, count in ((), 1), (("--announce", "2"), 2), (("--announce", "0"), 0):
            cipadm(lab, "n1", "destroy", cluster.address)
            seen, bad, took = announced(lab, cluster, *option, "create", *cluster.line.split())
            check(f"{cluster.address}: {' '.join(option)} create announces {count} times",
                  bad + ([] if seen == one * count else [f"{seen}"]))
        for words in (["create", *cluster.line.split()], ["--dry-run", "announce", cluster.address]):
            seen, bad, took = announced(lab, cluster, *words)
            check(f"{cluster.address}: {' '.join(words[:2])}... announces nothing", bad + seen)


# ------------------------------------------------------------------ the cluster match


def bare_packet(v6: bool, source: bytes, target: bytes) -> bytes:
    """Of a protocol that has nothing to be checked."""
    if v6:
        return struct.pack("!IHBB", 6 << 28, 8, 253, 64) + source + target + bytes(8)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 28, 1, 0, 64, 253, 0) + source + target
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xffff) + (total >> 16)
    return head[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + head[12:] + bytes(8)


def match_counters(lab: Lab, program: str) -> list[int]:
    listing = run_in(lab, "n1", program, "-t", "mangle", "-nvxL", "PREROUTING")
    return [int(line.split()[0]) for line in listing.splitlines() if "cluster" in line]


def scene_match(lab: Lab, clusters: list[Cluster]) -> None:
    """iptables -m cluster counts what is for each of its nodes: so many as cip_hash says for the same sources."""
    totals = (2, 3, 7, 16, 32)
    for v6 in (False, True):
        program, family = ("ip6tables-legacy", socket.AF_INET6) if v6 else ("iptables-legacy", socket.AF_INET)
        target = "fd77::1" if v6 else "10.77.0.1"
        rules = [f"-A PREROUTING -d {target} -p 253 -m cluster --cluster-total-nodes {total} --cluster-local-node {node} "
                 f"--cluster-hash-seed 0xdeadbeef" for total in totals for node in range(1, total + 1)]
        subprocess.run(["ip", "netns", "exec", f"{lab.prefix}-n1", f"{program}-restore"], check=True, text=True,
                       input="*mangle\n" + "\n".join(rules) + "\nCOMMIT\n")
        sources = [random.randbytes(16 if v6 else 4) for _ in range(10000)]
        sources = [(b"\x20" if v6 else b"\x0b") + source[1:] for source in sources]
        lab.send("02:00:00:00:00:01", [bare_packet(v6, s, socket.inet_pton(family, target)) for s in sources], v6)
        time.sleep(0.3)
        counters = match_counters(lab, program)
        due = []
        for total in totals:
            cluster = Cluster(f"{target}/16 hash xt_cluster total {total} seed 0xdeadbeef mac -")
            numbers = [cluster.node(NUMBERS[:total], socket.inet_ntop(family, s), 253) for s in sources]
            due += [numbers.count(number) for number in NUMBERS[:total]]
        check(f"{len(sources)} sources: {program} -m cluster counts the same for each of 2, 3, 7, 16, 32 nodes",
              [f"{counters}", f"{due}"] if counters != due else [])


NUMBERS = [str(number) for number in range(1, 33)]

# ------------------------------------------------------------------ path MTU


def serve(lab: Lab, node: str, cluster: Cluster) -> int:
    """A child that sends much to each client; its number."""
    listener = socket_in(f"{lab.prefix}-{node}", socket.AF_INET6 if cluster.v6 else socket.AF_INET, socket.SOCK_STREAM)
    listener.setblocking(True)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((cluster.address, 7000))
    listener.listen(1000)
    child = os.fork()
    while child == 0:
        peer, _ = listener.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        threading.Thread(target=lambda one: (one.sendall(bytes(DOWNLOAD)), one.close()), args=(peer,), daemon=True).start()
    listener.close()
    return child


DOWNLOAD = 60000


def download(lab: Lab, cluster: Cluster, seconds: float) -> int:
    """How many of 200 clients behind the narrow way get all of it?"""
    waiting, done = selectors.DefaultSelector(), 0
    got: dict[int, int] = {}
    for number in range(200):
        client = socket_in(f"{lab.prefix}-far", socket.AF_INET6 if cluster.v6 else socket.AF_INET, socket.SOCK_STREAM)
        client.bind((f"fd78::1:{number:x}" if cluster.v6 else f"10.78.1.{1 + number}", 0))
        client.connect_ex((cluster.address, 7000))
        waiting.register(client, selectors.EVENT_READ)
    end = time.monotonic() + seconds
    while waiting.get_map() and time.monotonic() < end:
        for key, _ in waiting.select(0.2):
            try:
                data = key.fileobj.recv(65536)  # type: ignore[union-attr]
            except OSError:
                data = b""
            got[key.fd] = got.get(key.fd, 0) + len(data)
            if not data:
                done += got[key.fd] == DOWNLOAD
                waiting.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
    for key in list(waiting.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    return done


def scene_mtu(lab: Lab, clusters: list[Cluster]) -> None:
    narrow = os.environ["EXPECT"] == "whole"
    for cluster in clusters:
        children = [serve(lab, node, cluster) for node in lab.nodes]
        try:
            done = download(lab, cluster, 20 if narrow else 1)
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
        if narrow:
            check(f"{cluster.address} {cluster.mode}: {done} of 200 clients behind a narrow way download all",
                  [] if done == 200 else ["errors did not reach who sends"])
        else:
            check(f"{cluster.address} {cluster.mode}: without its rules for errors {200 - done} of 200 downloads hang",
                  [] if done < 200 else ["none"])


# ------------------------------------------------------------------ outgoing


def echo(lab: Lab, family: int) -> int:
    """A child that sends back what comes to the client, by TCP and UDP; its number."""
    stream = socket_in(f"{lab.prefix}-c", family, socket.SOCK_STREAM)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    datagram = socket_in(f"{lab.prefix}-c", family, socket.SOCK_DGRAM)
    for one in (stream, datagram):
        one.setblocking(True)
        one.bind(("", 7001))
    stream.listen(1000)
    child = os.fork()
    if child == 0:
        threading.Thread(target=lambda: [datagram.sendto(*datagram.recvfrom(100)) for _ in itertools.count()],
                         daemon=True).start()
    while child == 0:
        peer, _ = stream.accept()
        threading.Thread(target=lambda one: (one.sendall(one.recv(100)), one.recv(1), one.close()), args=(peer,),
                         daemon=True).start()
    stream.close()
    datagram.close()
    return child


def exchanges(lab: Lab, cluster: Cluster, kind: int, count: int) -> int:
    """How many of so many connections that every node opens from the cluster IP get their answer?"""
    waiting, done = selectors.DefaultSelector(), 0
    family, far = (socket.AF_INET6, "fd77::fe") if cluster.v6 else (socket.AF_INET, "10.77.0.254")
    for node in lab.nodes:
        first = next(Lab.ports)
        for number in range(first, first + count):
            one = socket_in(f"{lab.prefix}-{node}", family, kind)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((cluster.address, number))
            one.connect_ex((far, 7001))
            waiting.register(one, selectors.EVENT_WRITE)
    end = time.monotonic() + (20 if os.environ["EXPECT"] == "whole" else 1)
    while waiting.get_map() and time.monotonic() < end:
        for key, ready in waiting.select(0.2):
            try:
                if ready == selectors.EVENT_WRITE:
                    key.fileobj.send(b"hello")  # type: ignore[union-attr]
                    waiting.modify(key.fileobj, selectors.EVENT_READ)
                    continue
                done += key.fileobj.recv(100) == b"hello"  # type: ignore[union-attr]
            except OSError:
                pass
            waiting.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr]
    for key in list(waiting.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    return done


def stray(lab: Lab, cluster: Cluster) -> None:
    """The middle of connections that nobody has: no node may let it in, nor answer."""
    family = socket.AF_INET6 if cluster.v6 else socket.AF_INET
    lab.listen(family, [TCP_])
    packets, wanted, names = [], {}, {}
    for i, flags in enumerate(("A", "SA", "PA", "FA", "R", "RA") * 5):
        saddr = client_address(cluster, 100 + i)
        packets.append(bytes(network(cluster, saddr, cluster.address, TCP_) /
                             TCP(sport=7001, dport=30000 + i, flags=flags) / Raw(mark(i))))
        wanted[i], names[i] = [], f"{saddr} {flags}"
    lab.send(cluster.mac, packets, cluster.v6)
    compare(f"{cluster.address}: what may be a reply to another node", wanted, lab.taken(), names)


def related(lab: Lab, cluster: Cluster) -> None:
    """
    Errors about what a node has sent by itself reach that node, and, as nothing tells the others, the one whose bucket
    they hash to.
    """
    family, far = (socket.AF_INET6, "fd77::fe") if cluster.v6 else (socket.AF_INET, "10.77.0.254")
    protocol = ICMP6_ if cluster.v6 else ICMP_
    lab.listen(family, [protocol])
    packets, wanted, names, opened = [], {}, {}, []
    for i, node in enumerate(lab.nodes * 10):
        port = next(Lab.ports)
        one = socket_in(f"{lab.prefix}-{node}", family, socket.SOCK_DGRAM)
        one.bind((cluster.address, port))
        one.sendto(b"hello", (far, 7001))
        opened.append(one)
        quoted = network(cluster, cluster.address, far, UDP_) / UDP(sport=port, dport=7001) / Raw(mark(i))
        packets.append(bytes(network(cluster, client_address(cluster, i), cluster.address, protocol) /
                             error_header(cluster) / Raw(bytes(quoted))))
        wanted[i] = sorted({node, cluster.node(lab.nodes, far, UDP_, 7001, port)})
        names[i] = f"port {port}"
    lab.send(cluster.mac, packets, cluster.v6)
    compare(f"{cluster.address}: errors about connections that nodes have opened", wanted, lab.taken(), names)


def scene_outgoing(lab: Lab, clusters: list[Cluster]) -> None:
    for cluster in clusters:
        child = echo(lab, socket.AF_INET6 if cluster.v6 else socket.AF_INET)
        try:
            for kind, name in ((socket.SOCK_STREAM, "TCP"), (socket.SOCK_DGRAM, "UDP")):
                done = exchanges(lab, cluster, kind, 100)
                if os.environ["EXPECT"] == "whole":
                    check(f"{cluster.address}: {done} of 300 {name} connections that nodes open have their replies",
                          [] if done == 300 else ["not all"])
                else:
                    check(f"{cluster.address}: without outgoing only {done} of 300 {name} connections have", [] if done == 100
                          else ["not those of one node"])
            if os.environ["EXPECT"] == "whole":
                related(lab, cluster)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        if os.environ["EXPECT"] == "whole":
            stray(lab, cluster)


# ------------------------------------------------------------------ frames


def scene_frames(lab: Lab, clusters: list[Cluster]) -> None:
    """Whose device gets the frames that are sent to a cluster MAC? FRAMES names those that must, MORE those beside nodes."""
    wanted, ports = os.environ["FRAMES"].split(), lab.nodes + os.environ["MORE_PORTS"].split()
    for cluster in clusters:
        captures = {port: socket_in(f"{lab.prefix}-{port}", socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
                    for port in ports}
        for port, capture in captures.items():
            capture.bind(("eth0", 3))
            run_in(lab, port, "ip", "link", "set", "eth0", "promisc", "on")
        packets = [bytes(network(cluster, client_address(cluster, i), cluster.address, UDP_) /
                         transport(UDP_, 1, 2, mark(i))) for i in range(50)]
        lab.send(cluster.mac, packets, cluster.v6)
        time.sleep(0.2)
        for port in ports:
            run_in(lab, port, "ip", "link", "set", "eth0", "promisc", "off")
        mac = bytes.fromhex(cluster.mac.replace(":", ""))
        counts = {port: sum(frame[:6] == mac and MAGIC in frame for frame in received(captures[port])) for port in ports}
        Lab.run += 1
        check(f"{cluster.address}: frames to {cluster.mac} reach {' '.join(wanted)} and nobody else",
              [] if counts == {port: 50 if port in wanted else 0 for port in ports} else [f"{counts}"])


def main() -> None:
    scene, prefix, *nodes = sys.argv[1:]
    random.seed(6)
    clusters = [Cluster(line) for line in os.environ["CLUSTERS"].splitlines()]
    globals()[f"scene_{scene}"](Lab(prefix, nodes), clusters)


main()
