"""What only attackers send: servers that are broken are found, and sound ones are not blamed."""
import pytest

from peers.broken_tls import broken_server
from peers.openssl_server import openssl_server


@pytest.fixture(scope="module")
def rsa_pair(authority):
    return authority.issue("localhost", kind="rsa")


def ids(report):
    return {finding["id"] for finding in report["findings"]}


ATTACKS = {"heartbleed", "ccs", "robot", "poodle.tls", "padding_oracle", "renego.client", "kx.signature", "kx.key_reuse", "logjam.common_primes"}


def test_the_server_itself_is_sound(check, rsa_pair):
    with broken_server(rsa_pair) as port:
        report = check(port)
    assert not ids(report) & ATTACKS, report["findings"]
    assert report["observations"]["handshake"]["completed"], report
    attacks = report["observations"]["attacks"]
    assert attacks == {"early_ccs": False, "robot": False, "poodle_tls": False, "padding_oracle": False}, attacks


@pytest.mark.parametrize("flaws, found", [
    (["heartbeat"], {"proto.heartbeat"}),
    (["heartbeat", "heartbleed"], {"heartbleed"}),
    (["early_ccs"], {"ccs"}),
    (["robot"], {"robot"}),
    (["poodle"], {"poodle.tls"}),
    (["oracle"], {"padding_oracle"}),
    (["small_prime"], {"logjam.common_primes", "logjam.dh_size", "kx.signature"}),
], ids=lambda value: "+".join(sorted(value)) if isinstance(value, (list, set)) else None)
def test_each_flaw_is_told_from_the_others(check, rsa_pair, flaws, found):
    with broken_server(rsa_pair, *flaws) as port:
        report = check(port)
    seen = ids(report)
    assert found <= seen, report
    assert not (seen & ATTACKS) - found, seen
    if found & {"heartbleed", "ccs", "robot", "poodle.tls", "padding_oracle"}:
        assert report["grade"] in "FT", report["grade"]


def test_renegotiation_by_the_client(check, rsa_pair):
    with openssl_server(rsa_pair, "-tls1_2", "-client_renegotiation") as port:
        report = check(port)
        assert "renego.client" in ids(report) and report["observations"]["attacks"]["client_renegotiation"]
    with openssl_server(rsa_pair, "-tls1_2") as port:
        report = check(port)
        assert "renego.client" not in ids(report)
        assert report["observations"]["attacks"]["client_renegotiation"] is False


def test_signatures_of_a_real_server(check, rsa_pair):
    with openssl_server(rsa_pair, "-sigalgs", "RSA-PSS+SHA384:RSA+SHA256", "-cipher", "DEFAULT:@SECLEVEL=0") as port:
        report = check(port, "--all")
    by_version = {row["version"]: row for row in report["observations"]["signatures"]}
    assert set(by_version["TLS 1.2"]["algorithms"]) == {"rsa_pss_rsae_sha384", "rsa_pkcs1_sha256"}
    assert by_version["TLS 1.3"]["algorithms"] == ["rsa_pss_rsae_sha384"]
    assert all(row["complete"] and row["weak"] is False for row in by_version.values()), by_version
    with openssl_server(rsa_pair, "-tls1_2", "-sigalgs", "RSA+SHA256:RSA+SHA1", "-cipher", "DEFAULT:@SECLEVEL=0") as port:
        report = check(port)
    assert "kx.signature" in ids(report)
    assert "rsa_pkcs1_sha1" in report["observations"]["signatures"][0]["algorithms"]


def test_resumption_by_ticket_and_by_id(check, rsa_pair):
    with openssl_server(rsa_pair, "-tls1_2") as port:
        resumption = check(port, "--all")["observations"]["resumption_tls12"]
    assert resumption["ticket_given"] and resumption["by_ticket"] and resumption["id_given"] and resumption["by_id"], resumption
    assert resumption["ticket_seconds"] > 0
    with openssl_server(rsa_pair, "-tls1_2", "-no_ticket") as port:
        resumption = check(port)["observations"]["resumption_tls12"]
    assert not resumption["ticket_given"] and resumption["by_id"], resumption
    with openssl_server(rsa_pair, "-tls1_2", "-no_ticket", "-no_cache") as port:
        report = check(port)
    assert not report["observations"]["resumption_tls12"]["id_given"], report["observations"]["resumption_tls12"]
    assert "proto.resumption" not in ids(report)
