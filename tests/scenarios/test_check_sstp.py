"""`sallyport check` of SSTP, against a stand-in server: Debian has none."""
import contextlib
import ssl

import pytest

from checker import report
from peers.listening import byte_server

ACKNOWLEDGED = bytes.fromhex("10010030 0002 0001 00040028 000000") + b"%c" + bytes(32)


@pytest.fixture
def sstp(authority, tmp_path):
    """What check says about a server that gives these answers to the POST and to the call."""
    pair = authority.issue("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)

    def ask(head, call):
        def talk(connection):
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as inside:
                request = inside.recv(4096)
                if not request.startswith(b"SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n"):
                    return
                inside.sendall(head)
                if inside.recv(4096) == bytes.fromhex("1001000e0001000100010006 0001"):
                    inside.sendall(call)
                    inside.recv(4096)

        with byte_server(talk) as port:
            one = report(tmp_path, f"sstp://localhost:{port}", "--connect", "127.0.0.1", "--ca", authority.root)
        assert one["tested"], one["not_tested"]
        return one["observations"].get("sstp"), {f["id"] for f in one["findings"] if f["id"].startswith("sstp")}, one

    return ask


AGREED = b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n"


@pytest.mark.proves("sstp", "check", "a stand-in of the tests")
def test_a_call_is_acknowledged(sstp):
    seen, found, _ = sstp(AGREED, ACKNOWLEDGED % 3)
    assert seen == {"agreed": True, "answer": "HTTP/1.1 200 OK", "call": True, "sha1": True, "sha256": True} and not found


def test_what_can_be_wrong(sstp):
    assert sstp(AGREED, ACKNOWLEDGED % 1)[1] == {"sstp.sha1_binding"}
    assert sstp(AGREED, bytes.fromhex("1001000800030000"))[1] == {"sstp.no_call"}
    assert sstp(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", b"")[1] == {"sstp.absent"}
    seen, found, one = sstp(AGREED, b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert not found and "call" not in seen and "sstp" in {n["id"] for n in one["not_tested"]}
