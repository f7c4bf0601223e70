"""`sallyport check` against servers that are sound, wrong on purpose, or no TLS servers at all."""
import socket
import struct
import time

import pytest

from checker import reports
from gateway import free_port, run
from peers import pki
from peers.listening import byte_server
from peers.openssl_server import openssl_server


@pytest.fixture(scope="module")
def localhost_pair(authority):
    return authority.issue("localhost")


@pytest.fixture
def check(tmp_path, authority):
    """check(target, ...): (status, the first target's report)."""

    def begin(target, *flags, ca=None):
        status, [one] = reports(tmp_path / "home", target, "--connect", "127.0.0.1", "--ca", ca or authority.root, *flags)
        return status, one

    return begin


def ids(report):
    return {finding["id"] for finding in report["findings"]}


def serious(report):
    return {f["id"] for f in report["findings"] if f["severity"] != "info"}


def offered(report):
    return {row["version"] for row in report["observations"]["versions"] if row["offered"] == "yes"}


def suites(report, version):
    return next(row["suites"] for row in report["observations"]["versions"] if row["version"] == version)


def test_our_own_server_is_a_plus(check, serve):
    site = serve()
    status, report = check(f"localhost:{site.port}", ca=site.root)
    assert status == 0 and report["grade"] == "A+", report
    assert serious(report) == set()
    assert offered(report) == {"TLS 1.2", "TLS 1.3"}
    assert "X25519MLKEM768" in report["observations"]["groups"]
    assert report["observations"]["handshake"]["alpn"] == "h2"
    assert report["observations"]["connections"] < 60


def test_suites_are_those_that_the_server_has(check, localhost_pair):
    wanted = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]
    with openssl_server(localhost_pair, "-tls1_2", "-cipher", ":".join(wanted)) as port:
        status, report = check(f"localhost:{port}")
    assert offered(report) == {"TLS 1.2"}
    assert set(suites(report, "TLS 1.2")) == {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}
    assert "proto.tls13" in ids(report) and report["grade"] == "A"
    assert status == 0


def test_suites_and_groups_of_tls13(check, localhost_pair):
    with openssl_server(localhost_pair, "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256", "-groups", "P-384:X25519") as port:
        _, report = check(f"localhost:{port}")
    assert offered(report) == {"TLS 1.3"}
    assert suites(report, "TLS 1.3") == ["TLS_CHACHA20_POLY1305_SHA256"]
    assert set(report["observations"]["groups"]) == {"secp384r1", "x25519"}
    assert "kx.post_quantum" in ids(report)


def test_old_versions(check, authority):
    with openssl_server(authority.issue("localhost", kind="rsa"), "-cipher", "ALL:@SECLEVEL=0", "-legacy_renegotiation") as port:
        _, report = check(f"localhost:{port}")
    assert {"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"} <= offered(report)
    assert {"proto.tls10", "proto.tls11", "cipherlist_OBSOLETED", "cipherlist_NOFS", "cipherlist_aNULL"} <= ids(report)
    assert report["grade"] == "F"


def test_a_server_of_only_tls10_cannot_be_reached_by_browsers(check, localhost_pair):
    with openssl_server(localhost_pair, "-tls1", "-cipher", "ALL:@SECLEVEL=0") as port:
        status, report = check(f"localhost:{port}")
    assert status == 1 and offered(report) == {"TLS 1.0"}
    assert {"reach.too_old", "proto.tls12", "proto.tls10"} <= ids(report)


def test_a_small_prime(check, tmp_path):
    prime = tmp_path / "dh.pem"
    key, leaf = tmp_path / "rsa.key", tmp_path / "rsa.pem"
    pki.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", leaf, "-subj", "/CN=localhost", "-days", "5",
                "-addext", "subjectAltName=DNS:localhost")
    prime.write_bytes(pki.openssl("dhparam", "1024"))
    with openssl_server(pki.Pair(leaf, key), "-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", "-dhparam", prime) as port:
        _, report = check(f"localhost:{port}", ca=leaf)
    assert "logjam.dh_size" in ids(report), report
    assert next(v for v in report["observations"]["versions"] if v["version"] == "TLS 1.2")["weakest_dh_bits"] == 1024


def test_another_name(check, authority):
    with openssl_server(authority.issue("other.example")) as port:
        status, report = check(f"localhost:{port}")
    assert status == 1 and report["grade"] == "M" and "cert_trust" in ids(report)
    assert "other.example" in next(f["evidence"] for f in report["findings"] if f["id"] == "cert_trust")


def test_an_unknown_authority(check, localhost_pair, tmp_path):
    stranger = pki.Authority(tmp_path / "stranger")
    with openssl_server(localhost_pair) as port:
        status, report = check(f"localhost:{port}", ca=stranger.root)
    assert status == 1 and report["grade"] == "T" and "chain_of_trust" in ids(report)


def test_a_self_signed_certificate(check, tmp_path):
    key, leaf = tmp_path / "s.key", tmp_path / "s.pem"
    pki.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", leaf,
                "-subj", "/CN=localhost", "-days", "5", "-addext", "subjectAltName=DNS:localhost")
    with openssl_server(pki.Pair(leaf, key)) as port:
        _, report = check(f"localhost:{port}")
    assert "self-signed" in next(f["title"] for f in report["findings"] if f["id"] == "chain_of_trust")


def test_hsts_is_demanded_of_public_names_only(check, authority):
    with openssl_server(authority.issue("www.example.com")) as port:
        _, report = check(f"www.example.com:{port}")
        assert "hsts.present" in ids(report), report
    with openssl_server(authority.issue("localhost")) as port:
        _, report = check(f"localhost:{port}")
        assert "hsts.present" not in ids(report)


def test_a_closed_port(check):
    status, report = check(f"localhost:{free_port()}")
    assert status == 2 and report["grade"] == "-" and ids(report) == {"reach.closed"}


def answer(bytes_):
    def talk(connection):
        connection.recv(4096)
        connection.sendall(bytes_)
    return talk


def reset(connection):
    connection.recv(4096)
    reset_now(connection)


def reset_now(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("talk, found", [
    (answer(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "reach.plain_http"),
    (answer(b"SSH-2.0-OpenSSH_9.2\r\n"), "reach.other_protocol"),
    (answer(b"220 mail.example.com ESMTP\r\n"), "reach.starttls_needed"),
    (answer(b"+OK\r\n"), "reach.starttls_needed"),
    (answer(b"\x00\x01\x02\x03\x04\x05"), "reach.other_protocol"),
    (answer(b"\x15\x03\x03\x00\x02\x02\x28"), "reach.no_handshake"),
    (answer(b"\x16\x03\x03\x00\x04\x0b\x00\x00\x00"), "proto.malformed"),
    (reset, "reach.reset"),
    (lambda connection: connection.recv(4096), "reach.hangs_up"),
], ids=["http", "ssh", "smtp", "pop3", "bytes", "alert", "nonsense", "reset", "close"])
def test_what_is_no_tls_server_is_told_apart(check, talk, found):
    with byte_server(talk) as port:
        status, report = check(f"localhost:{port}")
    assert found in ids(report) or (found == "proto.malformed" and "reach.no_handshake" in ids(report)), report
    assert status == 2


def test_silence(check):
    with byte_server(lambda connection: time.sleep(12)) as port:
        status, report = check(f"localhost:{port}", "--timeout", "9")
    assert status == 2 and ids(report) == {"reach.no_answer"}, report
    assert "with TLS 1.2 only it did not answer in time" in report["findings"][0]["evidence"]


def test_a_name_that_is_refused_or_filtered(check):
    """A server name makes the difference: the alert tells a refusal from a filter."""
    hello_of_tls12 = bytes.fromhex("160303002a020000260303") + bytes(32) + b"\x00\xc0\x2f\x00"
    hello_of_tls12 = hello_of_tls12[:3] + (len(hello_of_tls12) - 5).to_bytes(2, "big") + hello_of_tls12[5:6] + (len(hello_of_tls12) - 9).to_bytes(3, "big") + hello_of_tls12[9:]

    def refusing(reply):
        def talk(connection):
            hello = connection.recv(4096)
            connection.sendall(reply if b"localhost" in hello else hello_of_tls12)
        return talk

    with byte_server(refusing(b"\x15\x03\x03\x00\x02\x02\x70")) as port:
        _, report = check(f"localhost:{port}")
        assert "reach.name_refused" in ids(report), report
    with byte_server(lambda c: reset(c) if b"localhost" in (hello := c.recv(4096, socket.MSG_PEEK)) else answer(hello_of_tls12)(c)) as port:
        _, report = check(f"localhost:{port}")
        assert "reach.name_filtered" in ids(report), report


def test_endless_bytes_end_in_limits(check):
    def flood(connection):
        connection.recv(4096)
        record = b"\x16\x03\x03\x40\x00" + b"\x02\xff\xff\xff" + bytes(16380)
        while True:
            connection.sendall(record)

    def endless_head(connection):
        connection.recv(4096)
        while True:
            connection.sendall(b"\x15\x03\x03\x00\x02\x01\x70")  # warnings without end

    for talk in flood, endless_head:
        with byte_server(talk) as port:
            begun = time.monotonic()
            status, report = check(f"localhost:{port}", "--timeout", "5")
            assert status == 2 and report["grade"] == "-"
            assert time.monotonic() - begun < 60


def test_the_text_report_says_what_to_mend(authority, localhost_pair, tmp_path):
    with openssl_server(localhost_pair, "-tls1_2") as port:
        status, out, _ = run("check", f"localhost:{port}", "--connect", "127.0.0.1", "--ca", authority.root, home=tmp_path / "home")
        assert "grade" in out and "proto.tls13" in out and "mend:" in out
        assert "\x1b[" not in out, "colour is for terminals"
        _, everything, _ = run("check", f"localhost:{port}", "--connect", "127.0.0.1", "--ca", authority.root, "--all", home=tmp_path / "home")
        assert "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" in everything and "SSL Labs" in everything


def test_fail_on_and_usage(authority, localhost_pair, tmp_path):
    ask = lambda *flags: run("check", *flags, home=tmp_path / "home")[0]
    with openssl_server(localhost_pair, "-tls1_2") as port:
        target = [f"localhost:{port}", "--connect", "127.0.0.1", "--ca", authority.root]
        assert ask(*target) == 0
        assert ask(*target, "--fail-on", "low") == 1
        assert ask(*target, "--fail-on", "never") == 0
    assert ask("http://example.com") == 64
    assert ask("a b") == 64
    assert ask() == 64
    assert ask("localhost", "--fail-on", "sometimes") == 64
