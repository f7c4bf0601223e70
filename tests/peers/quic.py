"""gtlsclient: the HTTP/3 client of ngtcp2 with GnuTLS, whose packets can be lost and whose address can change; and a network
between a client and a server that we have in our hands."""
import pathlib
import random
import re
import select
import shutil
import socket
import subprocess
import threading

PATIENCE = 60


def program():
    return shutil.which("gtlsclient")


class Answers:
    def __init__(self, folder, text, status):
        self.folder, self.text, self.status = folder, text, status

    def file(self, name):
        return (self.folder / name).read_bytes()

    def fields(self):
        """Of all answers, in the order in which they came."""
        return re.findall(r"^http: stream 0x[0-9a-f]+ \[([^:\]]*:?[^:]*): (.*)\]$", self.text, re.M)

    def statuses(self):
        return [int(n) for n in re.findall(r"\[:status: (\d+)\]", self.text)]


class Fetching:
    """A client that is at work: the paths at once on one connection, until all are answered or the connection has ended."""

    def __init__(self, folder, port, *paths, name="localhost", flags=(), host="127.0.0.1"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.log = self.folder / "client.log"
        urls = [f"https://{name}:{port}{path}" for path in paths]
        command = [program(), "--exit-on-all-streams-close", "--no-quic-dump", "--no-http-dump", f"--download={self.folder}",
                   f"--sni={name}", "--timeout=20s", *flags, host, str(port), *urls]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def answers(self):
        self.process.wait(PATIENCE)
        return Answers(self.folder, self.log.read_text(errors="replace"), self.process.returncode)


def fetch(*arguments, **options):
    with Fetching(*arguments, **options) as client:
        return client.answers()


class Relay:
    """Carries datagrams between one client and a server: some twice, some late and out of order, some never; and from
    another port of its own from time to time, as a router does that forgets its clients. What is larger than the path's
    MTU is lost; `largest` is what was not. `lose_first`: so many of the client's first datagrams. `retries`: those of the server."""

    HEADERS = 28  # of IPv4 and UDP

    def __init__(self, port, seed=1, lose=0.0, repeat=0.0, delay=0.0, rebind_after=None, mtu=1500, lose_first=0):
        self.server, self.random = ("127.0.0.1", port), random.Random(seed)
        self.lose, self.repeat, self.delay, self.rebind_after = lose, repeat, delay, rebind_after
        self.lose_first, self.retries = lose_first, 0
        self.most, self.largest, self.too_large = mtu - self.HEADERS, 0, 0
        self.inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.inside.bind(("127.0.0.1", 0))
        self.port, self.client, self.carried, self.rebound = self.inside.getsockname()[1], None, 0, 0
        self.outside = [self.fresh()]
        self.stopping, self.wake = socket.socketpair()
        self.thread = threading.Thread(target=self.run)

    @staticmethod
    def fresh():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        return made

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.wake.close()
        self.thread.join()
        for one in (self.inside, self.stopping, *self.outside):
            one.close()

    def run(self):
        kept = []  # those that are late, with what sends them
        while True:
            ready, _, _ = select.select([self.inside, self.stopping, self.outside[-1]], [], [], 0.01)
            if self.stopping in ready:
                return
            for one in ready:
                datagram, sender = one.recvfrom(65536)
                if one is self.inside:
                    self.client = sender
                self.carry(kept, one is self.inside, datagram)
            if not ready:
                self.release(kept)

    def carry(self, kept, outwards, datagram):
        if len(datagram) > self.most:
            self.too_large += 1
            return
        self.largest = max(self.largest, len(datagram))
        self.carried += 1
        if self.rebind_after and outwards and self.carried >= self.rebind_after:
            self.outside.append(self.fresh())
            self.rebind_after, self.rebound = None, self.rebound + 1
        self.retries += not outwards and datagram[0] & 0xf0 == 0xf0 and datagram[1:5] == b"\0\0\0\1"  # RFC 9000 17.2.5
        if outwards and self.lose_first > 0:
            self.lose_first -= 1
            return
        chance = self.random.random
        if chance() < self.lose:
            return
        for _ in range(2 if chance() < self.repeat else 1):
            if chance() < self.delay:
                kept.append((outwards, datagram))
            else:
                self.send(outwards, datagram)
        if len(kept) > 8:
            self.release(kept)

    def release(self, kept):
        self.random.shuffle(kept)
        while kept:
            self.send(*kept.pop())

    def send(self, outwards, datagram):
        if outwards:
            self.outside[-1].sendto(datagram, self.server)
        else:
            self.inside.sendto(datagram, self.client)
