"""How many connections `sallyport check` needs, how long it waits for a far server, and what it makes of one that answers no more."""
import socket
import struct

import pytest

from peers import nginx
from peers.relay import relay

LINES = """ssl_certificate {0.certificate}; ssl_certificate_key {0.key}; ssl_protocols TLSv1.2 TLSv1.3;
add_header Strict-Transport-Security "max-age=63072000" always; location / {{ return 200 here; }}"""

needs_nginx = pytest.mark.skipif(not nginx.PROGRAM, reason="no nginx")


def ids(report):
    return {f["id"] for f in report["findings"]}


def untested(report):
    return {n["id"]: n["reason"] for n in report["not_tested"]}


@needs_nginx
@pytest.mark.parametrize("kind", ["rsa", "ec"])
@pytest.mark.proves("https", "check", "nginx")
def test_a_whole_check_needs_less_than_60_connections(check, authority, tmp_path, kind):
    """Versions and suites as nginx has them by itself: 27 of TLS 1.2 with RSA, 10 groups."""
    pair = authority.issue("localhost", kind=kind)
    with nginx.serve(tmp_path / "nginx", "ssl http2", LINES.format(pair)) as port, relay(port) as between:
        report = check(between.port)
    assert report["observations"]["connections"] == between.connections < 60
    versions = {row["version"]: row for row in report["observations"]["versions"]}
    assert len(versions["TLS 1.3"]["suites"]) == 3 and len(report["observations"]["groups"]) == 10
    if kind == "rsa":
        assert len(versions["TLS 1.2"]["suites"]) == 27 and versions["TLS 1.2"]["server_order"] is False
    attacks = report["observations"]["attacks"]
    assert attacks["early_ccs"] is False and attacks["client_renegotiation"] is False
    assert not set(untested(report)) - {"http.redirect"}, report["not_tested"]


@needs_nginx
def test_whose_order_counts_is_told_by_the_way(check, authority, tmp_path):
    lines = LINES.format(authority.issue("localhost", kind="rsa")) + "ssl_prefer_server_ciphers on;"
    with nginx.serve(tmp_path / "nginx", "ssl", lines) as port:
        report = check(port)
    assert [row["server_order"] for row in report["observations"]["versions"] if "server_order" in row] == [True]


@needs_nginx
def test_a_far_server(check, authority, tmp_path):
    """50 ms of round trip. The time is printed, not judged: on a busy machine it says nothing."""
    with nginx.serve(tmp_path / "nginx", "ssl http2", LINES.format(authority.issue("localhost", kind="rsa"))) as port:
        with relay(port, 0.025) as far:
            report = check(far.port)
    print(f"{report['observations']['connections']} connections in {report['milliseconds']} ms")
    assert report["tested"] and not set(untested(report)) - {"http.redirect"}, report["not_tested"]


@needs_nginx
@pytest.mark.parametrize("how", ["reset", "silence"])
def test_a_server_that_answers_no_more_is_told_as_throttling(check, authority, tmp_path, how):
    """Behind the first connections nothing is answered: no version may be told as missing for that."""
    async def after(number, reader, writer):
        if number <= 3:
            return b""
        if how == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            await reader.read(-1)  # until the client gives up
        return None

    with nginx.serve(tmp_path / "nginx", "ssl http2", LINES.format(authority.issue("localhost"))) as port, relay(port, after=after) as busy:
        report = check(busy.port, "--timeout", "40")
    assert "answered at first" in untested(report).get("throttled", ""), report["not_tested"]
    assert not {"proto.tls12", "proto.tls13", "reach.too_old"} & ids(report), report["findings"]
    assert "proto.versions" in untested(report)


@needs_nginx
def test_large_packets_are_lost(check, authority, tmp_path):
    """A hello that fills two packets never arrives; smaller ones do, in one piece or in two."""
    async def after(number, reader, writer):
        head = await reader.readexactly(5)
        if int.from_bytes(head[3:5], "big") < 1400:
            return head
        await reader.read(-1)
        return None

    with nginx.serve(tmp_path / "nginx", "ssl http2", LINES.format(authority.issue("localhost"))) as port, relay(port, after=after) as narrow:
        report = check(narrow.port)
    assert report["tested"] and "reach.mtu" in ids(report), report["findings"]
    assert "proto.long_clienthello" not in ids(report) and "proto.version_intolerance" not in ids(report)
