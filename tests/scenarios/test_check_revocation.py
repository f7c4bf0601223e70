"""Is the certificate revoked? A real authority answers by OCSP and by CRL; nobody's word is taken without its signature."""
import http.server
import threading

import pytest

from checker import report
from peers import pki
from peers.maker import Maker
from peers.openssl_server import openssl_server



class Authority:
    """A root, its responder and its list. `signer` signs OCSP answers; `paths` are those that were asked for."""

    def __init__(self, folder):
        self.folder = folder
        self.maker = Maker(folder)
        self.root = self.signer = self.maker.root()
        self.index, self.paths = folder / "index.txt", []
        self.begin()

    def begin(self):
        authority = self

        class Answers(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, content):
                self.send_response(200 if content else 404)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                authority.paths.append(self.path)
                self.answer(authority.list() if self.path == "/list.crl" else b"")

            def do_POST(self):
                authority.paths.append(self.path)
                self.answer(authority.ocsp(self.rfile.read(int(self.headers["Content-Length"]))))

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def leaf(self, issuer=None):
        return self.maker.leaf(issuer or self.root, extensions=f"authorityInfoAccess=OCSP;URI:{self.url}/ocsp\ncrlDistributionPoints=URI:{self.url}/list.crl\n")

    def write(self, leaf, revoked):
        serial = f"{leaf.serial():X}"
        serial = "0" * (len(serial) % 2) + serial  # whole bytes
        state, when = ("R", "261101000000Z,keyCompromise") if revoked else ("V", "")
        self.index.write_text(f"{state}\t271101000000Z\t{when}\t{serial}\tunknown\t/CN=localhost\n")

    def revoke(self, leaf, by_list, by_ocsp):
        self.write(leaf, by_list)
        config = self.folder / "crl.cnf"
        config.write_text(f"[ca]\ndefault_ca=x\n[x]\ndatabase={self.index}\ndefault_md=sha256\ndefault_crl_days=2\n")
        pem = pki.openssl("ca", "-gencrl", "-config", config, "-cert", self.root.certificate, "-keyfile", self.root.key)
        self.crl = pki.openssl("crl", "-outform", "DER", stdin=pem)
        self.write(leaf, by_ocsp)

    def list(self):
        return self.crl

    def ocsp(self, question):
        asked, said = self.folder / "asked.der", self.folder / "said.der"
        asked.write_bytes(question)
        pki.openssl("ocsp", "-index", self.index, "-rsigner", self.signer.certificate, "-rkey", self.signer.key, "-CA", self.root.certificate,
                    "-reqin", asked, "-respout", said, "-ndays", "2")
        return said.read_bytes()


@pytest.fixture
def authority(tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    one = Authority(folder)
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def check(tmp_path, authority):
    def begin(pair, *flags, server=()):
        with openssl_server(pair, *server) as port:
            return report(tmp_path / "home", f"localhost:{port}", "--connect", "127.0.0.1", "--ca", authority.root.certificate, *flags)

    return begin


def revoked(report):
    return [f["evidence"] for f in report["findings"] if f["id"] == "cert.revoked"]


def unknown(report):
    return [n["reason"] for n in report["not_tested"] if n["id"] == "cert.revoked"]


def test_both_say_that_it_is_good(check, authority):
    leaf = authority.leaf()
    authority.revoke(leaf, by_list=False, by_ocsp=False)
    report = check(leaf)
    assert not revoked(report) and not unknown(report)
    assert {r["source"]: r["revoked"] for r in report["observations"]["revocation"]} == {"OCSP": False, "CRL": False}
    assert sorted(authority.paths) == ["/list.crl", "/ocsp"]


def test_the_list_alone_knows(check, authority):
    leaf = authority.leaf()
    authority.revoke(leaf, by_list=True, by_ocsp=False)
    report = check(leaf)
    (evidence,) = revoked(report)
    assert "CRL" in evidence and "2026-11-01" in evidence and "keyCompromise" in evidence and report["grade"] == "T"


def test_a_responder_that_the_authority_let_answer(check, authority):
    leaf = authority.leaf()
    authority.revoke(leaf, by_list=False, by_ocsp=True)
    authority.signer = authority.maker.make("/CN=Responder", "extendedKeyUsage=OCSPSigning\nkeyUsage=digitalSignature\n", authority.root, begin=None)
    (evidence,) = revoked(check(leaf))
    assert "OCSP" in evidence and "2026-11-01" in evidence


def test_words_of_strangers_do_not_count(check, authority):
    leaf = authority.leaf()
    stranger = authority.maker.root("/CN=A Stranger")
    authority.revoke(leaf, by_list=True, by_ocsp=True)
    # A certificate of the authority that is for servers does not make its owner a responder.
    authority.signer = authority.maker.leaf(authority.root)
    der = bytearray(authority.crl)
    der[-1] ^= 1
    authority.crl = bytes(der)
    report = check(leaf)
    assert not revoked(report) and len(unknown(report)) == 2, report["not_tested"]
    authority.signer = stranger
    assert not revoked(check(leaf))
    # Nor do they in a handshake.
    staple = authority.folder / "staple.der"
    request = authority.folder / "request.der"
    pki.openssl("ocsp", "-issuer", authority.root.certificate, "-cert", leaf.certificate, "-reqout", request, "-no_nonce")
    staple.write_bytes(authority.ocsp(request.read_bytes()))
    report = check(leaf, "--no-revocation", server=["-status_file", staple])
    assert "cert.ocsp_stapling" in {f["id"] for f in report["findings"]} and not revoked(report)


def test_what_cannot_be_had_is_told(check, authority):
    leaf = authority.leaf()
    authority.revoke(leaf, by_list=True, by_ocsp=True)
    reasons = unknown(check(leaf, "--crl-bytes", "100"))
    assert len(reasons) == 1 and "longer than 100 bytes" in reasons[0]
    authority.crl = b""
    assert "status 404" in " ".join(unknown(check(leaf)))
    authority.server.shutdown()
    authority.server.server_close()
    assert len(unknown(check(leaf))) == 2


def test_nobody_is_asked_who_shall_not_be(check, authority):
    leaf = authority.leaf()
    authority.revoke(leaf, by_list=True, by_ocsp=True)
    for flag in ("--no-revocation", "--quick"):
        assert not revoked(check(leaf, flag))
    assert not authority.paths
    # A certificate whose issuer nobody knows: its authority's words could not be checked.
    stranger = authority.maker.root("/CN=A Stranger")
    assert "not known" in unknown(check(authority.leaf(stranger)))[0]
    assert not authority.paths
