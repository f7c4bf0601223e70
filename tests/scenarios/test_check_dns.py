"""What DNS says about certificates and mail, by a real resolver that checks signatures."""
import contextlib
import hashlib
import random
import shutil
import socket
import ssl

import pytest

from checker import reports
from peers import pki, unbound
from peers.listening import byte_server
from peers.maker import Maker
from peers.openssl_server import openssl_server

pytestmark = pytest.mark.skipif(not (unbound.PROGRAM and shutil.which("ldns-signzone")), reason="no unbound or ldns")


@pytest.fixture
def maker(tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    return Maker(folder)


@pytest.fixture
def check(tmp_path):
    def ask(*arguments):
        return reports(tmp_path / "home", *arguments)[1]

    return ask


def found(report, id):
    return [(f["severity"], f["evidence"]) for f in report["findings"] if f["id"] == id]


def test_caa_and_tlsa(check, maker, tmp_path):
    root = maker.root()
    names = ["www.lab", "old.lab", "bare.lab", "www.plain"]
    pair = maker.make("/CN=www.lab", "subjectAltName=" + ",".join(f"DNS:{n}" for n in names) + "\nextendedKeyUsage=serverAuth\n"
                      "keyUsage=digitalSignature\nbasicConstraints=CA:FALSE\nauthorityInfoAccess=caIssuers;URI:http://ca.example/ca.cer\n", root, begin=None)
    key = pki.openssl("pkey", "-pubin", "-outform", "DER", stdin=pki.openssl("x509", "-in", pair.certificate, "-noout", "-pubkey"))
    right, wrong = f"3 1 1 {hashlib.sha256(key).hexdigest()}", f"3 1 1 {'ab' * 32}"
    with openssl_server(pair) as port:
        lab = (f'www IN A 127.0.0.1\nwww IN CAA 0 issue "ca.example"\n_{port}._tcp.www IN TLSA {right}\n'
               f'old IN A 127.0.0.1\nold IN CAA 0 issue ";"\n_{port}._tcp.old IN TLSA {wrong}\nbare IN A 127.0.0.1\n')
        plain = f"www IN A 127.0.0.1\n_{port}._tcp.www IN TLSA {right}\n"
        with unbound.resolver(tmp_path / "dns", lab, plain) as resolver:
            reports = check(*[f"{n}:{port}" for n in names], "--resolver", resolver, "--ca", root.certificate)
    www, old, bare, unsigned = reports
    assert not found(www, "cert.caa") and not found(www, "cert.dane"), www["findings"]
    assert www["observations"]["dns"] == {
        "caa": {"at": "www.lab", "records": [{"tag": "issue", "value": "ca.example", "critical": False}]},
        "tlsa": {"at": f"_{port}._tcp.www.lab", "signed": True, "records": [right]}}
    assert [s for s, _ in found(old, "cert.dane")] == ["medium"] and "ab" * 32 in found(old, "cert.dane")[0][1]
    assert [s for s, _ in found(old, "cert.caa")] == ["low"] and "old.lab" in found(old, "cert.caa")[0][1]
    assert [s for s, _ in found(bare, "cert.caa")] == ["low"] and not found(bare, "cert.dane")
    assert [s for s, _ in found(unsigned, "cert.dane")] == ["low"]
    for report in reports:
        assert not {n["id"] for n in report["not_tested"]} & {"cert.caa", "cert.dane"}


def test_a_resolver_that_does_not_answer(check, maker, tmp_path):
    root = maker.root()
    with openssl_server(maker.leaf(root, name="www.lab")) as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        [report] = check(f"www.lab:{port}", "--connect", "127.0.0.1", "--resolver", "127.0.0.1:%d" % mute.getsockname()[1], "--ca", root.certificate)
    assert report["tested"] and "dns" not in report["observations"]
    assert {"cert.caa", "cert.dane"} <= {n["id"] for n in report["not_tested"]}
    assert "does not answer" in next(n["reason"] for n in report["not_tested"] if n["id"] == "cert.caa")


@contextlib.contextmanager
def mail_host(pair):
    """A port where SMTP with STARTTLS is spoken, as far as anybody asks."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pair.certificate, pair.key)

    def talk(connection):
        connection.sendall(b"220 here ESMTP\r\n")
        lines = connection.makefile("rb", buffering=0)
        while line := lines.readline():
            verb = line.strip().upper()
            if verb.startswith(b"EHLO"):
                connection.sendall(b"250-here\r\n250 STARTTLS\r\n")
            elif verb == b"STARTTLS":
                connection.sendall(b"220 go on\r\n")
                with tls.wrap_socket(connection, server_side=True) as inside:
                    while inside.recv(1000):
                        pass
                return
            else:
                connection.sendall(b"530 5.7.0 STARTTLS first\r\n")

    with byte_server(talk) as port:
        yield port


@contextlib.contextmanager
def policy_server(pair, policies):
    """Its address, on 443. `policies`: by the host that is asked."""
    address = "127.%d.%d.%d" % tuple(random.randrange(2, 250) for _ in range(3))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pair.certificate, pair.key)

    def talk(connection):
        with tls.wrap_socket(connection, server_side=True) as inside:
            request = b""
            while b"\r\n\r\n" not in request and (piece := inside.recv(4096)):
                request += piece
            lines = request.decode().split("\r\n")
            host = next((line[6:] for line in lines if line.lower().startswith("host: ")), "")
            body = policies.get(host, "") if lines[0].startswith("GET /.well-known/mta-sts.txt ") else ""
            status = "200 OK" if body else "404 Not Found"
            inside.sendall(f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())

    with byte_server(talk, (address, 443)):
        yield address



@pytest.mark.root  # port 443
def test_mail_domains(check, maker, tmp_path):
    root = maker.root()
    hosts = maker.make("/CN=mx", "subjectAltName=DNS:mx1.post.lab,DNS:mx2.post.lab,DNS:bare.lab,DNS:odd.lab\nextendedKeyUsage=serverAuth\n"
                       "keyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n", root, begin=None)
    web = maker.make("/CN=web", "subjectAltName=DNS:mta-sts.post.lab\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n",
                     root, begin=None)
    policies = {"mta-sts.post.lab": "version: STSv1\r\nmode: enforce\r\nmx: mx1.post.lab\r\nmax_age: 86400\r\n"}
    with mail_host(hosts) as port, policy_server(web, policies) as address:
        lab = (f'post IN MX 10 mx1.post\npost IN MX 20 mx2.post\nmx1.post IN A 127.0.0.1\nmx2.post IN A 127.0.0.1\n'
               f'_mta-sts.post IN TXT "v=STSv1; " "id=1;"\nmta-sts.post IN A {address}\n_smtp._tls.post IN TXT "v=TLSRPTv1; rua=mailto:a@post.lab"\n'
               f'odd IN A 127.0.0.1\n_mta-sts.odd IN TXT "v=STSv1; id=1"\nmta-sts.odd IN A {address}\n_smtp._tls.odd IN TXT "v=TLSRPTv1; rua=post"\n'
               f'bare IN A 127.0.0.1\n_{port}._tcp.bare IN TLSA 1 1 1 {"ab" * 32}\nmute IN MX 0 .\n')
        with unbound.resolver(tmp_path / "dns", lab) as resolver:
            targets = [f"smtp://{name}.lab:{port}" for name in ("post", "odd", "bare", "mute")]
            reports = check(*targets, "--mx", "--resolver", resolver, "--ca", root.certificate)
    by_host = {r["target"]: r for r in reports}
    assert list(by_host) == [f"{h}.lab:{port}" for h in ("mx1.post", "mx2.post", "odd", "bare", "mute")]
    first, second, odd, bare, mute = by_host.values()
    assert first["tested"] and not found(first, "cert_trust") and not found(first, "chain_of_trust"), first["findings"]
    assert first["observations"]["mail"] == {"domain": "post.lab", "hosts": ["mx1.post.lab", "mx2.post.lab"], "mta_sts_id": "1",
                                             "mta_sts": {"mode": "enforce", "max_age": 86400, "mx": ["mx1.post.lab"]}, "tls_rpt": ["mailto:a@post.lab"]}
    assert found(first, "mail.mta_sts") == [("low", "max_age: 86400")] and not found(first, "mail.tls_rpt")
    [(severity, evidence)] = found(second, "mail.mta_sts")
    assert severity == "high" and "mx2.post.lab" in evidence
    [(severity, evidence)] = found(odd, "mail.mta_sts")
    assert severity == "medium" and "other names" in evidence  # the certificate of the policy's host
    assert [s for s, _ in found(odd, "mail.tls_rpt")] == ["low"]
    assert "_mta-sts.bare.lab" not in str(found(bare, "mail.mta_sts"))  # there is DANE, though a wrong one
    assert [s for s, _ in found(bare, "cert.dane")] == ["high"] and [s for s, _ in found(bare, "mail.tls_rpt")] == ["low"]
    assert not mute["tested"] and "takes no mail" in mute["not_tested"][0]["reason"]
