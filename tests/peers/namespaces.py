"""Three network namespaces in a row: a client, a relay with a leg in both networks, a server. Nothing is forwarded between them."""
import contextlib
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
