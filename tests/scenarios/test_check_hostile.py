"""Servers that want to keep `sallyport check` busy, or to fill its memory: it ends in its limits, and says which."""
import threading

import pytest

from checker import reports
from peers.listening import byte_server

SERVER_HELLO = b"\x02\x00\x00\x26\x03\x03" + bytes(32) + b"\x00\xc0\x2f\x00"


def record(content, kind=22):
    return bytes([kind, 3, 3]) + len(content).to_bytes(2, "big") + content


@pytest.fixture
def check(tmp_path, authority):
    def begin(port, *flags):
        status, [one] = reports(tmp_path / "home", f"localhost:{port}", "--connect", "127.0.0.1", "--ca", authority.root, *flags)
        return status, one

    return begin


def reasons(report):
    return " ".join(n["reason"] for n in report["not_tested"])


def test_a_certificate_without_end(check):
    def talk(connection):
        connection.recv(4096)
        connection.sendall(record(SERVER_HELLO) + record(b"\x0b\xff\xff\xff\xff\xff\xfc\xff\xff\xf9"))
        while True:
            connection.sendall(record(bytes(16384)))

    with byte_server(talk) as port:
        status, report = check(port)
    assert status == 2 and "longer than any real one" in reasons(report), report


def test_many_certificates(check):
    """More of them than any chain has, each of one byte."""
    chain = b"\x00\x00\x01\x30" * 5000
    message = b"\x0b" + (len(chain) + 3).to_bytes(3, "big") + len(chain).to_bytes(3, "big") + chain

    def talk(connection):
        connection.recv(4096)
        connection.sendall(record(SERVER_HELLO) + b"".join(record(message[at:at + 16384]) for at in range(0, len(message), 16384)))
        connection.recv(4096)

    with byte_server(talk) as port:
        status, report = check(port)
    assert status == 2 and report["not_tested"], report


def test_a_drip(check):
    """One byte at a time, always soon enough for a limit between two bytes and never done."""
    over = threading.Event()

    def talk(connection):
        connection.recv(4096)
        for byte in record(SERVER_HELLO * 400)[:9000]:
            if over.wait(0.1):
                return
            connection.sendall(bytes([byte]))

    with byte_server(talk) as port:
        status, report = check(port, "--timeout", "6")
        over.set()
    assert status == 2 and report["milliseconds"] < 60_000, report
    assert {f["id"] for f in report["findings"]} == {"reach.no_answer"} or "time" in reasons(report), report


def test_a_head_without_end_inside_tls(check, authority):
    """An answer whose head never ends."""
    import ssl
    pair = authority.issue("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)

    def talk(connection):
        with context.wrap_socket(connection, server_side=True) as inside:
            inside.recv(4096)
            inside.sendall(b"HTTP/1.1 200 OK\r\n")
            while True:
                inside.sendall(b"X-Filler: " + b"x" * 4000 + b"\r\n")

    with byte_server(talk) as port:
        _, report = check(port, "--quick")
    assert report["tested"] and "http" in {n["id"] for n in report["not_tested"]}, report["not_tested"]
