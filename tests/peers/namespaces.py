"""Three network namespaces in a row: a client, a relay with a leg in both networks, a server. Nothing is forwarded between them,
unless the relay is made a router, which then is as bad as a test wants."""
import contextlib
import json
import os
import subprocess

CLIENT, RELAY, SERVER = "10.91.1.2", "10.91.1.1", "10.91.2.2"
SECOND = "10.91.1.9"  # another address of the relay on the client's side


def ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True, capture_output=True)


class Row:
    def __init__(self, name):
        self.client, self.relay, self.server = (f"{name}{letter}" for letter in "crs")

    def inside(self, space):
        """The beginning of a command that runs there."""
        return ["ip", "netns", "exec", space]

    def pings(self, space, host):
        done = subprocess.run([*self.inside(space), "ping", "-c", "1", "-W", "1", host], capture_output=True)
        return done.returncode == 0

    def run(self, space, *words):
        return subprocess.run([*self.inside(space), *map(str, words)], check=True, capture_output=True, text=True).stdout

    def route(self, rule=None, rate=None, mtu=None):
        """Makes the relay a router. rule: of nftables, for each packet that passes; it counts. rate: of tbf, in each direction.
        mtu: bytes, of the client's network."""
        self.run(self.relay, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        ip("-n", self.client, "route", "add", "default", "via", RELAY)
        ip("-n", self.server, "route", "add", "default", "via", "10.91.2.1")
        for end in (self.client, self.server):  # datagrams travel one by one, not as one segment that is cut up later
            ip("-n", end, "link", "set", "up0", "gso_max_segs", "1")
        if rule:
            self.run(self.relay, "nft", "add table inet bad; add chain inet bad passing { type filter hook forward priority 0; }; "
                     f"add rule inet bad passing {rule}")
        for leg in ("toc", "tos") if rate else ():
            self.run(self.relay, "tc", "qdisc", "add", "dev", leg, "root", "tbf", "rate", rate, "burst", "32kbit", "latency", "100ms")
        if mtu:
            ip("-n", self.relay, "link", "set", "toc", "mtu", mtu)
            ip("-n", self.client, "link", "set", "up0", "mtu", mtu)

    def caught(self):
        """Packets that met the rule."""
        told = json.loads(self.run(self.relay, "nft", "-j", "list", "chain", "inet", "bad", "passing"))
        return next(part["counter"]["packets"] for entry in told["nftables"] for part in entry.get("rule", {}).get("expr", ())
                    if "counter" in part)

    def too_large(self):
        """Packets that the relay sent back for their size."""
        names, values = [line.split() for line in self.run(self.relay, "cat", "/proc/net/snmp").splitlines() if line.startswith("Ip:")]
        return int(dict(zip(names, values))["FragFails"])

    def shaped(self):
        """Packets that had to wait for the rate."""
        told = json.loads(self.run(self.relay, "tc", "-s", "-j", "qdisc", "show"))
        return sum(one["overlimits"] for one in told if one["kind"] == "tbf")


@contextlib.contextmanager
def in_a_row():
    row = Row(f"sp{os.getpid()}")
    spaces = (row.client, row.relay, row.server)
    with contextlib.ExitStack() as stack:
        for space in spaces:
            ip("netns", "add", space)
            stack.callback(ip, "netns", "delete", space)
            ip("-n", space, "link", "set", "lo", "up")
        for end, host, ours in ((row.client, CLIENT, [RELAY, SECOND]), (row.server, SERVER, ["10.91.2.1"])):
            name = "to" + end[-1]
            ip("link", "add", name, "netns", row.relay, "type", "veth", "peer", "name", "up0", "netns", end)
            ip("-n", end, "address", "add", f"{host}/24", "dev", "up0")
            for address in ours:
                ip("-n", row.relay, "address", "add", f"{address}/24", "dev", name)
            ip("-n", end, "link", "set", "up0", "up")
            ip("-n", row.relay, "link", "set", name, "up")
        yield row
