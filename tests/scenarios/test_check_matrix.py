"""`sallyport check` against HAProxy, stunnel, Tomcat and an intercepting proxy, sound and wrong on purpose: each fault is told from its neighbours."""
import pytest

from checker import report
from peers import front_servers as servers
from peers import pki
from peers.web import page, web_server

SOUND = "ssl crt {pair} ssl-min-ver TLSv1.2 alpn h2,http/1.1 strict-sni"
SUITES = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305"
OF_THE_LIBRARY = {"kx.post_quantum"}  # Debian's OpenSSL and Java know no post-quantum group yet
OF_THE_PAGE = ("header.", "hsts.", "csp", "http.", "cookie.")

needs_haproxy = pytest.mark.skipif(not servers.HAPROXY, reason="no HAProxy")
needs_stunnel = pytest.mark.skipif(not servers.STUNNEL, reason="no stunnel")
needs_tomcat = pytest.mark.skipif(not servers.JAVA or not servers.TOMCAT.exists(), reason="no Tomcat")


@pytest.fixture(scope="module")
def pair(authority):
    return authority.issue("localhost")


@pytest.fixture
def check(tmp_path, authority):
    def begin(target, *flags):
        return report(tmp_path / "home", target, "--connect", "127.0.0.1", "--ca", authority.root, *flags)

    return begin


def faults(report):
    """Of TLS: not of the library's age, nor of the page."""
    return {f["id"] for f in report["findings"] if f["severity"] != "info" and not f["id"].startswith(OF_THE_PAGE)} - OF_THE_LIBRARY


def ids(report):
    return {f["id"] for f in report["findings"]}


@needs_haproxy
@pytest.mark.proves("https", "check", "HAProxy")
def test_haproxy(check, pair, tmp_path):
    with servers.haproxy(tmp_path / "a", pair, SOUND, f"  ssl-default-bind-ciphers {SUITES}\n") as port:
        report = check(f"localhost:{port}")
        assert report["tested"] and faults(report) <= {"alpaca"}, report["findings"]  # HAProxy takes unknown ALPN names for none
        assert not report["not_tested"] or {n["id"] for n in report["not_tested"]} == {"http.redirect"}, report["not_tested"]
        assert faults(check(f"other.example:{port}")) == {"reach.name_refused"}


@needs_haproxy
def test_haproxy_with_old_versions_and_suites(check, authority, tmp_path):
    settings = "  ssl-default-bind-ciphers ALL:@SECLEVEL=0\n"
    with servers.haproxy(tmp_path / "a", authority.issue("localhost", kind="rsa"), "ssl crt {pair} ssl-min-ver TLSv1.0", settings) as port:
        report = check(f"localhost:{port}")
    assert {"proto.tls10", "proto.tls11", "cipherlist_OBSOLETED", "cipherlist_NOFS"} <= faults(report), report["findings"]
    assert not {"proto.sslv3", "cipherlist_EXPORT", "robot", "ccs", "cert_trust", "chain_of_trust"} & faults(report)


@needs_haproxy
def test_haproxy_without_tls(check, pair, tmp_path):
    with servers.haproxy(tmp_path / "a", pair, "") as port:
        assert faults(check(f"localhost:{port}")) == {"reach.plain_http"}


@needs_haproxy
def test_haproxy_wants_a_client_certificate(check, pair, authority, tmp_path):
    client = authority.issue("client.example.com", usage="clientAuth")
    options = SOUND + f" ca-file {authority.root} verify "
    with servers.haproxy(tmp_path / "a", pair, options + "required", f"  ssl-default-bind-ciphers {SUITES}\n") as port:
        assert "reach.client_certificate" in ids(check(f"localhost:{port}"))
        with_one = check(f"localhost:{port}", "--client-certificate", client.certificate, "--client-key", client.key)
        assert "reach.client_certificate" not in ids(with_one) and with_one["observations"]["http"]["status"] == 200
    with servers.haproxy(tmp_path / "b", pair, options + "optional") as port:
        report = check(f"localhost:{port}")
        assert "reach.client_certificate" not in ids(report) and "proto.client_auth" in ids(report)


@needs_stunnel
@pytest.mark.proves("https", "check", "stunnel")
def test_stunnel(check, authority, tmp_path):
    with web_server(None, lambda path, fields: page("<p>")) as plain:
        sound = f"sslVersionMin = TLSv1.2\nciphers = {SUITES}\n"
        with servers.stunnel(tmp_path / "a", authority.issue("localhost"), plain, sound) as port:
            report = check(f"localhost:{port}")
            assert report["tested"] and faults(report) <= {"alpaca"}, report["findings"]
        rsa = authority.issue("localhost", kind="rsa")
        with servers.stunnel(tmp_path / "b", rsa, plain, "sslVersion = TLSv1.1\nciphers = ALL:@SECLEVEL=0\nsecurityLevel = 0\n") as port:
            assert {"reach.too_old", "proto.tls11", "proto.tls12"} <= faults(check(f"localhost:{port}"))


@needs_tomcat
@pytest.mark.proves("https", "check", "Tomcat")
def test_tomcat(check, authority, tmp_path):
    pair = authority.issue("localhost", kind="rsa")
    suites = SUITES.replace("ECDSA", "RSA")
    sound = f'protocols="TLSv1.2,TLSv1.3" ciphers="{suites}:TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384" honorCipherOrder="false" disableSessionTickets="true"'
    old = 'protocols="TLSv1.2" ciphers="ECDHE-RSA-AES128-SHA" honorCipherOrder="true"'
    with servers.tomcat(tmp_path / "base", pair, sound, old) as (good, bad):
        report = check(f"localhost:{good}")
        assert report["tested"] and faults(report) <= {"alpaca"}, report["findings"]
        report = check(f"localhost:{bad}")
        assert {"cipherlist_OBSOLETED", "proto.tls13"} <= faults(report), report["findings"]


def test_a_proxy_that_opens_tls_on_its_way(check, authority, pair, tmp_path):
    """Told from a private authority by the product's name, and from an honest tunnel by the certificate."""
    stranger = pki.Authority(tmp_path / "mitm", "mitmproxy")
    with web_server(pair, lambda path, fields: page("<p>")) as port, servers.intercepting_proxy(stranger, port) as proxy:
        report = check(f"localhost:{port}", "--quick", "--proxy", f"http://127.0.0.1:{proxy}")
        assert "cert.interception" in faults(report) and report["grade"] == "T", report["findings"]
        assert "cert.interception" not in faults(check(f"localhost:{port}", "--quick"))
