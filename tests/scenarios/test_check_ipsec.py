"""`sallyport check` of IPsec: what strongSwan takes by IKE, its mends applied, cookies, silence; and a stand-in that knows ML-KEM."""
import socket

import pytest

from checker import report
from peers.ike_server import ike_server
from peers.strongswan_server import HOST, missing, strongswan

strong = [pytest.mark.root, pytest.mark.skipif(bool(missing()), reason=f"not on this machine: {missing()}")]


@pytest.fixture
def check(tmp_path):
    def ask(target, *flags, inside=()):
        return report(tmp_path, target, *flags, before=inside)

    return ask


def ids(one):
    return {f["id"] for f in one["findings"]}


def untested(one):
    return {n["id"]: n["reason"] for n in one["not_tested"]}


WRONG = ["version = 0", "aggressive = yes", "fragmentation = no", "proposals = aes256-sha1-modp1536,3des-md5-modp1024,aes128-sha256-modp2048"]


class TestStrongswan:
    pytestmark = strong

    @pytest.mark.proves("ipsec", "check", "strongSwan")
    def test_what_it_takes_is_what_its_configuration_says(self, check, tmp_path):
        with strongswan(tmp_path / "swan", ["version = 2", "proposals = aes256gcm16-aes128gcm16-prfsha384-ecp384-modp3072,aes192-sha256-modp2048"]) as gateway:
            one = check(f"ipsec://{HOST}", inside=gateway.inside)
            again = check(f"ipsec://{HOST}:4500", inside=gateway.inside)
        seen = one["observations"]["ipsec"]
        v2 = seen["ikev2"]
        assert v2["complete"], one["not_tested"]
        assert set(v2["groups"]) == {"P-384", "MODP-3072", "MODP-2048"} and v2["groups"][0] == "P-384"
        assert v2["encryption"] == ["AES-GCM-128", "AES-GCM-256", "AES-CBC-192"]
        assert v2["integrity"] == ["HMAC-SHA-256-128"] and v2["prf"] == ["HMAC-SHA-256", "HMAC-SHA-384"]
        assert v2["chosen"] == ["AES-GCM-256", "HMAC-SHA-384", "P-384"] and not v2["additional_groups"]
        assert v2["fragmentation"] and v2["nat_detection"] and "SHA-256" in v2["signature_hashes"]
        assert seen["port_4500"] == "answers" and "ikev1" not in seen and "aggressive" not in seen
        assert ids(one) == {"ipsec.post_quantum"} and one["grade"] == "A"
        # The other port says the same, and the few half-open associations of the first check are no hindrance.
        assert again["observations"]["ipsec"]["ikev2"]["encryption"] == v2["encryption"]

    def test_its_mends_are_enough(self, check, tmp_path):
        settings = ["send_vendor_id = yes", "i_dont_care_about_security_and_use_aggressive_mode_psk = yes"]
        with strongswan(tmp_path / "swan", WRONG, settings) as gateway:
            one = check(f"ipsec://{HOST}", inside=gateway.inside)
            wrong = {"ipsec.aggressive", "ipsec.ikev1", "ipsec.ikev1_weak", "ipsec.group_broken", "ipsec.group_weak", "ipsec.cipher_weak",
                     "ipsec.prf_weak", "ipsec.prf_old", "ipsec.integrity_weak", "ipsec.integrity_old", "ipsec.fragmentation", "ipsec.post_quantum"}
            assert ids(one) == wrong, one
            assert one["observations"]["ipsec"]["vendors"][0] == "strongSwan" and one["grade"] == "C"
            lines = {}
            for finding in one["findings"]:
                if finding["id"] == "ipsec.post_quantum":
                    continue  # this strongSwan has no ML-KEM
                assert finding["snippet"]["for"] == "strongswan"
                for line in finding["snippet"]["text"].splitlines():
                    if not line.startswith("#"):
                        lines[line.split(" = ")[0]] = line
            assert set(lines) == {"version", "proposals", "fragmentation"}
        with strongswan(tmp_path / "swan", lines.values(), settings) as gateway:
            mended = check(f"ipsec://{HOST}", inside=gateway.inside)
        assert ids(mended) == {"ipsec.post_quantum"}

    def test_cookies_are_given_back(self, check, tmp_path):
        with strongswan(tmp_path / "swan", ["version = 2", "proposals = aes256-sha256-modp2048"], ["cookie_threshold = 1"]) as gateway:
            first = check(f"ipsec://{HOST}", "--quick", inside=gateway.inside)
            second = check(f"ipsec://{HOST}", inside=gateway.inside)
        assert first["observations"]["ipsec"]["ikev2"]["groups"] == ["MODP-2048"]
        v2 = second["observations"]["ipsec"]["ikev2"]
        assert v2["cookies"] and v2["complete"] and v2["encryption"] == ["AES-CBC-256"]

    def test_a_gateway_without_a_connection_for_us_is_not_graded(self, check, tmp_path):
        with strongswan(tmp_path / "swan", ["version = 2", "remote_addrs = 192.0.2.1"]) as gateway:
            one = check(f"ipsec://{HOST}", inside=gateway.inside)
        assert not one["tested"] and not one["findings"] and "takes nothing that was proposed" in untested(one)["ipsec"]


def test_ml_kem_behind_another_key_exchange(check):
    with ike_server(additional={36}) as port:
        one = check(f"ipsec://{HOST}:{port}")
    assert one["observations"]["ipsec"]["ikev2"]["additional_groups"] == ["ML-KEM-768"]
    assert "ipsec.post_quantum" not in ids(one)


def test_a_port_of_ones_own_with_the_marker_and_cookies(check):
    with ike_server(marked=True, cookie=b"a cookie") as port:
        one = check(f"ipsec://{HOST}:{port}")
    v2 = one["observations"]["ipsec"]["ikev2"]
    assert v2["cookies"] and v2["groups"] == ["x25519"] and v2["encryption"] == ["AES-GCM-256"]


def test_nonsense_and_silence_are_neither_closed_nor_sound(check):
    with ike_server(nonsense=True) as port:
        one = check(f"ipsec://{HOST}:{port}")
    assert not one["tested"] and not one["findings"] and "neither closed nor safe" in untested(one)["ipsec"]


def test_closed_is_what_says_so(check):
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    one = check(f"ipsec://{HOST}:{port}")
    assert ids(one) == {"reach.closed"} and not one["tested"]
