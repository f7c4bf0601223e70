"""`sallyport check` of OpenVPN: TLS inside its control channel, by UDP and TCP, and behind keys."""
import os
import socket
import subprocess

import pytest

from checker import report
from peers.listening import byte_server
from peers.openvpn_server import HOST, openvpn

pytestmark = [pytest.mark.root, pytest.mark.skipif(not os.path.exists("/dev/net/tun"), reason="this machine has no tunnel devices")]


@pytest.fixture(scope="module")
def pair(authority):
    return authority.issue("vpn.example.com", kind="rsa")


@pytest.fixture
def check(authority, tmp_path):
    def ask(target, *flags, address=HOST):
        return report(tmp_path / "home", target, "--connect", address, "--ca", authority.root, *flags)

    return ask


def untested(one):
    return {n["id"]: n["reason"] for n in one["not_tested"]}


@pytest.mark.parametrize("proto,scheme", [("udp", "openvpn"), ("tcp", "openvpn-tcp")])
@pytest.mark.proves("openvpn", "check", "OpenVPN")
@pytest.mark.proves("openvpn-tcp", "check", "OpenVPN")
def test_tls_inside_the_control_channel(check, tmp_path, authority, pair, proto, scheme):
    with openvpn(tmp_path / "vpn", pair, authority, "--tls-version-min", "1.2", proto=proto) as port:
        one = check(f"{scheme}://localhost:{port}")
    assert one["tested"], one["not_tested"]
    seen = one["observations"]
    assert {v["version"] for v in seen["versions"] if v["offered"] == "yes"} == {"TLS 1.2", "TLS 1.3"}
    assert seen["handshake"]["completed"] and seen["handshake"]["client_certificate_asked"]
    assert seen["certificates"][0]["names"] == ["vpn.example.com"]
    ids = {f["id"] for f in one["findings"]}
    assert "openvpn.unguarded" in ids and "cert_trust" not in ids and "chain_of_trust" not in ids
    assert len(seen["versions"]) == 6 and any(v.get("complete") for v in seen["versions"])


@pytest.mark.parametrize("guard", ["tls-auth", "tls-crypt"])
@pytest.mark.parametrize("proto,scheme", [("udp", "openvpn"), ("tcp", "openvpn-tcp")])
def test_a_key_in_front_is_told_from_nothing_by_nobody(check, tmp_path, authority, pair, guard, proto, scheme):
    key = tmp_path / "ta.key"
    subprocess.run(["openvpn", "--genkey", "tls-auth", str(key)], check=True)
    with openvpn(tmp_path / "vpn", pair, authority, f"--{guard}", key, proto=proto) as port:
        one = check(f"{scheme}://localhost:{port}")
    assert not one["tested"] and one["grade"] == "-" and not one["findings"]
    assert "tls-auth or tls-crypt" in untested(one)["reach"]


def test_a_closed_port(check):
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    one = check(f"openvpn://localhost:{port}")
    assert [f["id"] for f in one["findings"]] == ["reach.closed"]


def test_others_on_the_port(check):
    with byte_server(lambda c: (c.sendall(b"SSH-2.0-x\r\n"), c.recv(100))) as port:
        one = check(f"openvpn-tcp://localhost:{port}", address="127.0.0.1")
    assert not one["tested"] and "no control packets of OpenVPN" in untested(one)["reach"]
