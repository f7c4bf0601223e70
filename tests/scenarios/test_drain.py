"""The end: what is open is finished, what is new goes elsewhere, and who asks twice means it."""
import os
import signal
import socket
import time

import pytest

from gateway import eventually
from peers import http1, http2, tls

SIZE = 24 << 20


@pytest.fixture
def large(folder):
    (folder / "large.bin").write_bytes(os.urandom(1 << 20) * 24)
    return folder / "large.bin"


def begin_download(site):
    """A download of which the client has taken the head and little more."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    raw.settimeout(20)
    raw.connect(("127.0.0.1", site.port))
    connection = tls.client_context(site.root).wrap_socket(raw, server_hostname="localhost")
    connection.sendall(f"GET /large.bin HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
    reader = http1.Reader(connection)
    head = reader.until(b"\r\n\r\n")
    assert b"200" in head.split(b"\r\n")[0]
    return reader


def refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return False
    except ConnectionRefusedError:
        return True


@pytest.mark.tsan
def test_an_open_download_is_finished_and_new_clients_are_refused(serve, large):
    site = serve("--workers", "2")
    idle = site.connect()
    http1.get(idle, "/hello.txt", site.host)
    reader = begin_download(site)
    site.gateway.signal(signal.SIGTERM)
    site.gateway.wait_told("STOPPING=1")
    eventually(lambda: refused(site.port), "new connections are refused")
    assert http1.Reader(idle).is_closed()
    assert reader.exactly(SIZE) == large.read_bytes()
    assert reader.is_closed()
    assert site.gateway.wait() == 0
    assert site.log.wait(lambda line: line["path"] == "/large.bin")[0]["bytes"] == SIZE


def test_a_download_over_http2_is_finished_after_goaway(serve, large):
    """python3-h2 takes GOAWAY for the end of everything, so this client is of bare frames."""
    site = serve()
    frames = site.frames()
    frames.send(http2.frame(http2.SETTINGS, 0, 0, b"\0\4\x7f\xff\xff\xff"),
                http2.frame(http2.WINDOW_UPDATE, 0, 0, (2**30).to_bytes(4, "big")), frames.headers(1, site.host, "/large.bin"))
    got = frames.until(http2.DATA)[3]
    site.gateway.signal(signal.SIGTERM)
    last_streams = []
    while (found := frames.receive()) is not None:
        kind, flags, stream, payload = found
        if kind == http2.DATA:
            got += payload
        if kind == http2.PING and not flags & http2.ACK:
            frames.send(http2.frame(http2.PING, http2.ACK, 0, payload))
        if kind == http2.GOAWAY:
            last_streams.append(int.from_bytes(payload[:4], "big"))
            assert payload[4:8] == bytes(4)
    assert got == large.read_bytes()
    assert last_streams == [2**31 - 1, 1]  # a warning first, then what was the last (RFC 9113 6.8)
    assert site.gateway.wait() == 0


def test_an_idle_http2_connection_gets_goaway_and_the_end(serve):
    site = serve()
    frames = site.frames()
    frames.send(frames.headers(1, site.host, "/hello.txt"))
    frames.until(http2.DATA)
    site.gateway.signal(signal.SIGTERM)
    codes = []
    while (found := frames.receive()) is not None:
        if found[0] == http2.PING and not found[1] & http2.ACK:
            frames.send(http2.frame(http2.PING, http2.ACK, 0, found[3]))
        if found[0] == http2.GOAWAY:
            codes.append(int.from_bytes(found[3][4:8], "big"))
    assert codes and set(codes) == {http2.NO_ERROR}
    assert site.gateway.wait() == 0


def test_a_second_signal_ends_at_once(serve, large):
    for first, second in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT)):
        site = serve(home=large.parent.parent / f"home-{first}")
        reader = begin_download(site)
        site.gateway.signal(first)
        site.gateway.wait_error("drain")
        assert site.gateway.process.poll() is None
        site.gateway.signal(second)
        assert site.gateway.wait() == 0
        assert len(reader.rest()) < SIZE


def test_the_drain_has_an_end_of_its_own(serve, large):
    site = serve("--limits.drain_timeout=1s")
    reader = begin_download(site)
    site.gateway.signal(signal.SIGTERM)
    assert site.gateway.wait() == 0
    assert "drain_timeout" in site.gateway.stderr()
    assert len(reader.rest()) < SIZE


def test_a_request_that_has_begun_is_answered(serve):
    site = serve()
    with site.connect() as connection:
        http1.get(connection, "/hello.txt", site.host)
        connection.sendall(b"GET /hello.txt HTTP/1.1\r\n")
        time.sleep(0.2)  # so that the server has read it: the order of the two is the case that is tested
        site.gateway.signal(signal.SIGTERM)
        site.gateway.wait_error("drain")
        connection.sendall(f"Host: {site.host}\r\n\r\n".encode())
        reader = http1.Reader(connection)
        answer = reader.final()
        assert (answer.body, answer.field("connection")) == (b"hello\n", "close")
        assert reader.is_closed()
    assert site.gateway.wait() == 0


def test_another_instance_can_take_over_at_once(serve, start, folder, large):
    """The port is free while the first still drains: nothing refuses clients for long at an upgrade."""
    site = serve()
    reader = begin_download(site)
    site.gateway.signal(signal.SIGTERM)
    eventually(lambda: refused(site.port), "the port is free")
    start("serve", folder, "--listen", f"127.0.0.1:{site.port}", home=site.gateway.home / "second")
    assert reader.exactly(SIZE) == large.read_bytes()
    assert site.gateway.wait() == 0
