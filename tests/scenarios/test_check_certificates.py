"""Certificates that are wrong in one way each: every fault is told by its own name."""
import json
import socket

import pytest

from checker import report
from gateway import run
from peers import pki
from peers.maker import Maker
from peers.openssl_server import openssl_server


@pytest.fixture
def maker(tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    return Maker(folder)


@pytest.fixture
def check(tmp_path):
    def begin(root, pair, *server_flags):
        with openssl_server(pair, *server_flags) as port:
            return report(tmp_path / "home", f"localhost:{port}", "--connect", "127.0.0.1", "--ca", root.certificate)

    return begin


# What the server program of these tests brings with it, whatever its certificate.
def faults(report):
    return {f["id"] for f in report["findings"] if f["id"].startswith(("cert", "chain"))}


def test_a_sound_one(check, maker):
    root = maker.root()
    assert faults(check(root, maker.leaf(root))) == set()


def test_a_key_that_may_not_sign(check, maker):
    root = maker.root()
    report = check(root, maker.leaf(root, kind="rsa", usage="keyEncipherment"), "-tls1_2")
    assert faults(report) == {"cert.key_usage"}


def test_a_name_that_the_authority_may_not_vouch_for(check, maker):
    root = maker.root(more="nameConstraints=critical,permitted;DNS:example.org\n")
    report = check(root, maker.leaf(root))
    assert faults(report) == {"chain.name_constraints"} and report["grade"] == "T"


def test_an_intermediate_that_has_expired(check, maker, tmp_path):
    root = maker.root()
    between = maker.make("/CN=Old Intermediate", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n", root,
                         begin="20200101000000Z", end="20210101000000Z")
    report = check(root, maker.leaf(between), "-cert_chain", between.certificate)
    assert "chain.expired" in faults(report) and "chain_of_trust" not in faults(report), report
    assert "Old Intermediate" in next(f["evidence"] for f in report["findings"] if f["id"] == "chain.expired")


def test_one_that_was_signed_by_no_authority(check, maker):
    root = maker.root()
    other = maker.make("/CN=other.example", "subjectAltName=DNS:other.example\nbasicConstraints=CA:FALSE\n", root, begin=None)
    report = check(root, maker.leaf(other), "-cert_chain", other.certificate)
    assert "chain.not_a_ca" in faults(report), report


def test_an_authority_as_a_server(check, maker):
    root = maker.root()
    pair = maker.make("/CN=localhost", "subjectAltName=DNS:localhost\nbasicConstraints=critical,CA:TRUE\nkeyUsage=digitalSignature,keyCertSign\n",
                      root, begin=None)
    assert "cert.leaf_is_ca" in faults(check(root, pair))


@pytest.mark.parametrize("subject, found", [("/CN=Zscaler Intermediate Root CA", "cert.interception"), ("/CN=eDellRoot", "cert.known_bad_issuer")])
def test_who_stands_between(check, maker, subject, found):
    root = maker.root(subject)
    report = check(root, maker.leaf(root))
    assert faults(report) == {found} and report["grade"] == "T"


def test_a_client_without_a_name_gets_another_one(check, maker):
    root = maker.root()
    mine, other = maker.leaf(root), maker.leaf(root, name="default.example")
    report = check(root, other, "-servername", "localhost", "-cert2", mine.certificate, "-key2", mine.key)
    assert faults(report) == {"cert.without_sni"}
    assert "default.example" in next(f["evidence"] for f in report["findings"] if f["id"] == "cert.without_sni")


def test_a_second_certificate_that_was_forgotten(check, maker):
    root = maker.root()
    rsa = maker.make("/CN=localhost", "subjectAltName=DNS:localhost\nkeyUsage=digitalSignature\n", root, "rsa", begin="20250101000000Z",
                     end="20250601000000Z")
    report = check(root, maker.leaf(root), "-dcert", rsa.certificate, "-dkey", rsa.key, "-tls1_2")
    assert "cert.second_certificate" in faults(report), report
    assert "2025-06-01" in next(f["evidence"] for f in report["findings"] if f["id"] == "cert.second_certificate")


@pytest.mark.parametrize("state, found", [("V", set()), ("R", {"cert.revoked"})], ids=["good", "revoked"])
def test_a_stapled_answer(check, maker, tmp_path, state, found):
    root = maker.root()
    leaf = maker.leaf(root)
    request, answer, index = tmp_path / "req.der", tmp_path / "answer.der", tmp_path / "index.txt"
    revoked = "261101000000Z" if state == "R" else ""
    index.write_text(f"{state}\t271101000000Z\t{revoked}\t{leaf.serial():X}\tunknown\t/CN=localhost\n")
    pki.openssl("ocsp", "-issuer", root.certificate, "-cert", leaf.certificate, "-reqout", request, "-no_nonce")
    pki.openssl("ocsp", "-index", index, "-rsigner", root.certificate, "-rkey", root.key, "-CA", root.certificate, "-reqin", request,
                "-respout", answer, "-ndays", "2")
    report = check(root, leaf, "-status_file", answer)
    assert report["observations"]["handshake"]["ocsp_stapled"]
    assert faults(report) == found
    # The same answer beside another certificate says nothing about that one.
    assert faults(check(root, maker.leaf(root), "-status_file", answer)) == {"cert.ocsp_stapling"}


def test_an_address_that_is_dead(tmp_path, maker):
    if len({row[4][0] for row in socket.getaddrinfo("localhost", 443, type=socket.SOCK_STREAM)}) < 2:
        pytest.skip("localhost has one address here")
    root = maker.root()
    with openssl_server(maker.leaf(root)) as port:
        _, out, _ = run("check", f"localhost:{port}", "--format", "json", "--ca", root.certificate, home=tmp_path / "home")
    reports = json.loads(out)["targets"]
    alive = next(r for r in reports if r["tested"])
    assert len(reports) == 2 and "address.dead" in {f["id"] for f in alive["findings"]}
