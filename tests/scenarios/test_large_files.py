"""Files of any size cost the same memory, however slowly they are fetched."""
import hashlib
import os
import socket

import pytest

from gateway import eventually
from peers import http1, http2, tls
from peers.curl import curl

FIVE_GIB = 5 << 30
MIB = 1 << 20


@pytest.fixture
def sparse(folder):
    """5 GiB that take no space, with a mark beyond 4 GiB."""
    path = folder / "sparse.bin"
    with open(path, "wb") as file:
        file.truncate(FIVE_GIB)
        file.seek((4 << 30) + 12345)
        file.write(b"a mark beyond four gibibytes")
    return path


def test_ranges_beyond_4_gib(serve, sparse):
    site = serve()
    at = (4 << 30) + 12345
    for http in ("1.1", "2"):
        answer = curl(site.url("/sparse.bin"), "-r", f"{at}-{at + 27}", root=site.root, http=http)
        assert answer.body == b"a mark beyond four gibibytes"
        assert answer.fields["content-range"] == f"bytes {at}-{at + 27}/{FIVE_GIB}"
    head = curl(site.url("/sparse.bin"), "-I", root=site.root)
    assert head.fields["content-length"] == str(FIVE_GIB)


@pytest.mark.parametrize("http", ["1.1", "2"])
def test_memory_does_not_grow_with_the_file(serve, release, sparse, http):
    site = serve("--workers", "1", program=release)
    curl(site.url("/hello.txt"), root=site.root, http=http)
    before = site.gateway.memory()
    answer = curl(site.url("/sparse.bin"), "-r", f"0-{600 * MIB - 1}", "--output", "/dev/null", root=site.root, http=http, timeout=120)
    assert answer.facts["size_download"] == 600 * MIB
    assert site.gateway.memory() - before < 8 * MIB


@pytest.mark.soak
def test_all_of_5_gib(serve, release, sparse):
    site = serve("--workers", "1", program=release)
    before = site.gateway.memory()
    answer = curl(site.url("/sparse.bin"), "--output", "/dev/null", root=site.root, timeout=280)
    assert answer.facts["size_download"] == FIVE_GIB and site.gateway.memory() - before < 8 * MIB


def test_slow_readers_cost_little(serve, release, sparse):
    """50 clients that ask for a large file and take nothing."""
    site = serve("--workers", "1", program=release)
    site.get("/hello.txt")
    before = site.gateway.memory()
    slow = []
    for _ in range(50):
        connection = site.connect()
        connection.sendall(f"GET /sparse.bin HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        slow.append(connection)
    for connection in slow:
        connection.recv(1)  # it has begun
    assert site.get("/hello.txt").body == b"hello\n"
    assert site.gateway.memory() - before < 50 * MIB  # output_buffer_bytes is 256 KiB
    for connection in slow:
        connection.close()


def test_a_slow_http2_reader_of_many_streams(serve, release, sparse):
    """100 streams of large files in one connection, windows as large as they get, and nobody reads."""
    site = serve("--workers", "1", program=release)
    site.get("/hello.txt")
    before = site.gateway.memory()
    frames = site.frames()
    frames.send(http2.frame(http2.SETTINGS, 0, 0, b"\0\4\x7f\xff\xff\xff"),
                http2.frame(http2.WINDOW_UPDATE, 0, 0, (2**31 - 1 - 65535).to_bytes(4, "big")))
    frames.send(*[frames.headers(2 * n + 1, site.host, "/sparse.bin") for n in range(100)])
    frames.until(http2.DATA)
    assert site.get("/hello.txt").body == b"hello\n"
    assert site.gateway.memory() - before < 16 * MIB


def test_the_content_is_whole(serve, folder):
    content = os.urandom(20 * MIB)
    (folder / "noise.bin").write_bytes(content)
    site = serve()
    for http in ("1.1", "2"):
        answer = curl(site.url("/noise.bin"), root=site.root, http=http)
        assert hashlib.sha256(answer.body).digest() == hashlib.sha256(content).digest()


def test_a_file_that_shrinks_is_not_passed_off_as_whole(serve, folder):
    path = folder / "shrinks.bin"
    path.write_bytes(bytes(64 * MIB))
    site = serve()
    context = tls.client_context(site.root)
    raw = socket.create_connection(("127.0.0.1", site.port), timeout=20)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    with context.wrap_socket(raw, server_hostname="localhost") as connection:
        connection.sendall(f"GET /shrinks.bin HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        reader = http1.Reader(connection)
        reader.until(b"\r\n\r\n")
        os.truncate(path, MIB)
        got = len(reader.rest())
    assert got < 64 * MIB
    line = site.log.wait(lambda line: line["path"] == "/shrinks.bin")[0]
    assert line.get("failure")


def test_a_client_that_leaves_frees_what_it_held(serve, sparse):
    site = serve("--workers", "1")
    site.get("/hello.txt")
    before = site.gateway.descriptors()
    for _ in range(20):
        connection = site.connect()
        connection.sendall(f"GET /sparse.bin HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        connection.recv(1000)
        connection.close()
    eventually(lambda: site.gateway.descriptors() <= before + 1, "descriptors are given back")
    lines = site.log.wait(lambda line: line["path"] == "/sparse.bin", 20)
    assert all(line["bytes"] < FIVE_GIB for line in lines)
