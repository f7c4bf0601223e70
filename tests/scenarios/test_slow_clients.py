"""Clients that hold on and say little: each within its limit, the honest still served, the timer named."""
import collections
import socket
import ssl
import time

import pytest

from peers import http1, tls

FLAGS = ["--limits.header_timeout=4s", "--limits.keep_alive_timeout=4s", "--tls.handshake_timeout=8s",
         "--limits.body_idle_timeout=4s", "--limits.rate_grace=2s", "--log.level=debug", "--workers", "2"]


class Slow:
    """One connection of a kind, and what it has left to say, a byte at a time."""

    def __init__(self, kind, site, context):
        self.kind, self.said = kind, 0
        if kind == "silent":
            self.connection, self.text = http1.plain(site.port), b""
        else:
            self.connection = tls.connect(site.port, "localhost", context=context)
            host = f"Host: {site.host}\r\n".encode()
            self.text = {"idle": b"", "head": b"GET / HTTP/1.1\r\n" + host + b"X-Slow: " + b"a" * 10000,
                         "body": b"x" * 10000}[kind]
            if kind == "body":
                self.connection.sendall(b"POST /hello.txt HTTP/1.1\r\n" + host + b"Content-Length: 10000\r\n\r\n")
        self.connection.setblocking(False)

    def say(self):
        """One more byte. False: the server has closed."""
        try:
            if self.said < len(self.text):
                self.connection.send(self.text[self.said:self.said + 1])
                self.said += 1
            return self.still_open()
        except (ssl.SSLWantWriteError, BlockingIOError):
            return True
        except OSError:
            return False

    def still_open(self):
        try:
            while True:
                if not self.connection.recv(65536):
                    return False
        except (ssl.SSLWantReadError, BlockingIOError):
            return True
        except OSError:
            return False


def hold(site, counts, patience):
    """Opens the slow ones, lets each say a byte a second, and asks honestly all the while.

    Returns how many honest requests were answered before the last slow one was closed.
    """
    context = tls.client_context(site.root)
    slow = [Slow(kind, site, context) for kind, count in counts.items() for _ in range(count)]
    honest, until = 0, time.monotonic() + patience
    while slow:
        assert time.monotonic() < until, collections.Counter(one.kind for one in slow)
        turn = time.monotonic()
        slow = [one for one in slow if one.say() or one.connection.close()]
        with site.connect() as connection:
            assert http1.get(connection, "/hello.txt", site.host).body == b"hello\n"
        honest += 1
        time.sleep(max(0.0, turn + 1 - time.monotonic()))
    return honest


def test_500_slow_clients(serve):
    site = serve(*FLAGS)
    honest = hold(site, {"silent": 100, "idle": 100, "head": 150, "body": 150}, patience=60)
    assert honest >= 2
    heads = site.log.wait(lambda line: line.get("failure") == "timeout.header_timeout", 150)
    assert {line["status"] for line in heads} == {408}
    site.gateway.wait_error("handshake_timeout")
    site.gateway.wait_error("keep_alive_timeout")


@pytest.mark.soak
def test_10_000_slow_clients(serve, release):
    site = serve("--limits.header_timeout=40s", "--limits.keep_alive_timeout=40s", "--tls.handshake_timeout=40s",
                 "--limits.body_idle_timeout=40s", "--limits.rate_grace=40s", "--workers", "2", program=release)
    site.get("/hello.txt")
    before = site.gateway.memory()
    memory = []
    context = tls.client_context(site.root)
    slow = [Slow(kind, site, context) for kind, count in
            {"silent": 1000, "idle": 4000, "head": 2500, "body": 2500}.items() for _ in range(count)]
    memory.append((site.gateway.memory() - before) / len(slow))
    honest, until = 0, time.monotonic() + 240
    while slow:
        assert time.monotonic() < until, collections.Counter(one.kind for one in slow)
        slow = [one for one in slow if one.say() or one.connection.close()]
        with site.connect() as connection:
            assert http1.get(connection, "/hello.txt", site.host).body == b"hello\n"
        honest += 1
        memory.append((site.gateway.memory() - before) / 10_000)
    print(f"{honest} honest requests answered; at most {max(memory) / 1024:.1f} KiB a slow connection")
    assert max(memory) < 24 * 1024


def test_an_idle_tls_connection_is_cheap(serve, release):
    """1500 connections that have asked once. The bench measures it exactly; this is the alarm."""
    site = serve("--workers", "1", program=release)
    context = tls.client_context(site.root)

    def open_some(count):
        made = []
        for _ in range(count):
            connection = tls.connect(site.port, "localhost", context=context)
            assert http1.get(connection, "/hello.txt", site.host).status == 200
            made.append(connection)
        return made

    kept = open_some(100)  # what is made once is not counted
    before = site.gateway.memory()
    kept += open_some(1500)
    each = (site.gateway.memory() - before) / 1500
    print(f"{each / 1024:.1f} KiB an idle TLS connection")
    assert each < 12 * 1024


def test_memory_comes_back(serve, release):
    """Descriptors at once, and a second crowd costs no more than the first."""
    site = serve("--workers", "1", program=release)
    context = tls.client_context(site.root)
    peaks = []
    for _ in range(3):
        crowd = [tls.connect(site.port, "localhost", context=context) for _ in range(400)]
        for connection in crowd:
            http1.get(connection, "/hello.txt", site.host)
        peaks.append(site.gateway.memory())
        for connection in crowd:
            connection.close()
    assert peaks[2] - peaks[0] < 2 << 20


def test_a_slow_reader_is_given_up_by_the_minimum_rate(serve, folder):
    (folder / "large.bin").write_bytes(bytes(30 << 20))
    site = serve("--limits.send_idle_timeout=2s")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(20)
    raw.connect(("127.0.0.1", site.port))
    connection = tls.client_context(site.root).wrap_socket(raw, server_hostname="localhost")
    connection.sendall(f"GET /large.bin HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
    line = site.log.wait(lambda line: line["path"] == "/large.bin")[0]
    assert line["failure"] == "timeout.send_idle_timeout" and line["bytes"] < 30 << 20
    connection.close()


def test_an_honest_slow_download_is_not_cut(serve, folder):
    """20 KB a second is slow and fine: no wall clock runs on a body."""
    (folder / "some.bin").write_bytes(bytes(100_000))
    site = serve("--limits.send_idle_timeout=2s", "--limits.rate_grace=1s", "--limits.header_timeout=1s",
                 "--limits.keep_alive_timeout=1s")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(20)
    raw.connect(("127.0.0.1", site.port))
    connection = tls.client_context(site.root).wrap_socket(raw, server_hostname="localhost")
    connection.sendall(f"GET /some.bin HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
    reader = http1.Reader(connection)
    reader.until(b"\r\n\r\n")
    for _ in range(25):
        reader.exactly(4000)
        time.sleep(0.2)
    assert site.log.wait(lambda line: line["path"] == "/some.bin")[0].get("failure") is None


def test_more_connections_than_the_limit(serve):
    """The new ones are closed or the idle ones make room; those that work go on."""
    site = serve("--limits.max_connections=30", "--workers", "1")
    crowd = []
    for _ in range(60):
        try:
            crowd.append(site.connect())
        except OSError:
            pass
    open_ones = 0
    for connection in crowd:
        try:
            open_ones += http1.get(connection, "/hello.txt", site.host).status == 200
        except (OSError, http1.Closed):
            pass
    assert 0 < open_ones <= 30
    site.gateway.wait_error("max_connections")
    for connection in crowd:
        connection.close()
    from gateway import eventually

    def served():
        try:
            return site.get("/hello.txt").status == 200
        except (OSError, http1.Closed):
            return False

    eventually(served, "there is room again")
