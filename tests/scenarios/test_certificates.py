"""Certificate files while the gateway runs: replaced, broken, of two kinds."""
import os
import ssl

import pytest

from gateway import eventually
from peers import pki, tls

SITE = """
http_port = 0
[site."example.com"]
listen = ["127.0.0.1:{port}"]
respond = "ok"
certificate = %s
key = %s
"""


@pytest.fixture
def pair(authority, tmp_path):
    """Files of this test's own, in a folder of their own."""
    made, folder = authority.issue("example.com"), tmp_path / "live"
    folder.mkdir()
    mine = pki.Pair(folder / "cert.pem", folder / "key.pem")
    mine.certificate.write_bytes(made.certificate.read_bytes())
    mine.key.write_bytes(made.key.read_bytes())
    return mine


@pytest.fixture
def gateway(configure, pair):
    return configure(SITE % (f'"{pair.certificate}"', f'"{pair.key}"'), "--workers", "2")


def shown(gateway, authority):
    with tls.connect(gateway.port, "example.com", authority.root) as connection:
        return tls.peer_serial(connection)


def wait_shown(gateway, authority, serial):
    """Every worker shows it: the kernel picks one at random for each connection."""
    eventually(lambda: all(shown(gateway, authority) == serial for _ in range(8)), f"serial {serial} is shown")


@pytest.mark.tsan
def test_renamed_over(gateway, pair, authority):
    for _ in range(3):
        fresh = authority.issue("example.com")
        pair.replace_by(fresh)
        wait_shown(gateway, authority, fresh.serial())


def test_written_in_place(gateway, pair, authority):
    fresh = authority.issue("example.com")
    pair.certificate.write_bytes(fresh.certificate.read_bytes())
    pair.key.write_bytes(fresh.key.read_bytes())
    wait_shown(gateway, authority, fresh.serial())


def test_by_a_link_that_moves(configure, authority, tmp_path):
    """As certbot's live/ and mounted secrets do it."""
    first, second = authority.issue("example.com"), authority.issue("example.com")
    for name, made in (("v1", first), ("v2", second)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cert.pem").write_bytes(made.certificate.read_bytes())
        (tmp_path / name / "key.pem").write_bytes(made.key.read_bytes())
    link = tmp_path / "current"
    link.symlink_to("v1")
    gateway = configure(SITE % (f'"{link}/cert.pem"', f'"{link}/key.pem"'))
    wait_shown(gateway, authority, first.serial())
    moved = tmp_path / "moved"
    moved.symlink_to("v2")
    os.rename(moved, link)
    wait_shown(gateway, authority, second.serial())


@pytest.mark.parametrize("damage", ["garbage", "empty", "missing", "other key"])
def test_a_broken_replacement_keeps_the_old_and_is_told(gateway, pair, authority, damage):
    serial = shown(gateway, authority)
    if damage == "garbage":
        pair.certificate.write_text("no certificate\n")
    elif damage == "empty":
        pair.certificate.write_text("")
    elif damage == "missing":
        pair.certificate.unlink()
    else:
        pair.key.write_bytes(authority.issue("example.com").key.read_bytes())
    line = gateway.wait_error(rf"({pair.key}|{pair.certificate}).*(kept|stays|still|old)|(kept|stays|still|old).*{pair.certificate}")
    assert "warning" in line or "error" in line
    assert shown(gateway, authority) == serial
    fresh = authority.issue("example.com")
    pair.replace_by(fresh)
    wait_shown(gateway, authority, fresh.serial())


def test_open_connections_go_on(gateway, pair, authority):
    from peers import http1
    with tls.connect(gateway.port, "example.com", authority.root) as connection:
        assert http1.get(connection, "/", "example.com").status == 200
        fresh = authority.issue("example.com")
        pair.replace_by(fresh)
        wait_shown(gateway, authority, fresh.serial())
        assert http1.get(connection, "/", "example.com").status == 200


def test_two_kinds_side_by_side(configure, authority):
    ec, rsa = authority.issue("example.com"), authority.issue("example.com", kind="rsa")
    gateway = configure(SITE % (f'["{rsa.certificate}", "{ec.certificate}"]', f'["{rsa.key}", "{ec.key}"]'))
    old = tls.client_context(authority.root, newest=ssl.TLSVersion.TLSv1_2, suites="ECDHE-RSA-AES128-GCM-SHA256")
    with tls.connect(gateway.port, "example.com", context=old) as connection:
        assert tls.peer_serial(connection) == rsa.serial()
    # A client that takes both gets the smaller and faster one.
    assert shown(gateway, authority) == ec.serial()
