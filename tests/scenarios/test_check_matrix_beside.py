"""`sallyport check` against ProFTPD, Exim, and a squid that opens TLS on its way: sound, and wrong on purpose."""
import pytest

from checker import report
from peers import beside_servers as servers
from peers import pki
from peers.plain_servers import HOST, let_in
from peers.web import page, web_server

OF_THE_LIBRARY = {"kx.post_quantum"}  # Debian's OpenSSL and GnuTLS know no post-quantum group yet

pytestmark = pytest.mark.root  # the servers change to users of their own
needs_proftpd = pytest.mark.skipif(not servers.PROFTPD, reason="no ProFTPD")
needs_exim = pytest.mark.skipif(not servers.EXIM or not servers.WRAPPER, reason="no Exim")
needs_squid = pytest.mark.skipif(not servers.SQUID, reason="no squid with OpenSSL")


@pytest.fixture(scope="module")
def pair(authority):
    return authority.issue("localhost", kind="rsa")


@pytest.fixture
def folder(tmp_path):
    let_in(tmp_path)
    return tmp_path / "server"


@pytest.fixture
def check(tmp_path, authority):
    def begin(target, *flags, address=HOST):
        return report(tmp_path / "home", target, "--connect", address, "--ca", authority.root, *flags)

    return begin


def faults(report):
    return {f["id"] for f in report["findings"] if f["severity"] != "info"} - OF_THE_LIBRARY


@needs_proftpd
@pytest.mark.proves("ftp", "check", "ProFTPD")
def test_proftpd(check, pair, folder):
    with servers.proftpd(folder, pair) as port:
        report = check(f"ftp://localhost:{port}")
    assert report["tested"] and faults(report) == set() and not report["not_tested"], report
    seen = report["observations"]
    assert seen["starttls"]["offered"] and seen["starttls"]["injectable"] is False and seen["ftp_data_protected"] is True, seen


@needs_proftpd
def test_proftpd_takes_passwords_in_clear(check, pair, folder):
    with servers.proftpd(folder, pair, "TLSRequired off\n") as port:
        assert faults(check(f"ftp://localhost:{port}", "--quick")) == {"ftp.cleartext_login"}


@needs_proftpd
def test_proftpd_with_tls_first(check, pair, folder):
    with servers.proftpd(folder, pair, "TLSRequired on\nTLSOptions UseImplicitSSL\n") as port:
        report = check(f"ftps://localhost:{port}", "--quick")
    assert report["tested"] and faults(report) == set(), report


@needs_exim
@pytest.mark.proves("smtp", "check", "Exim")
def test_exim(check, pair, folder):
    with servers.exim(folder, pair, servers.SOUND_EXIM + servers.NO_ALPN_WANTED) as port:
        report = check(f"smtp://localhost:{port}")
    assert report["tested"] and faults(report) == set() and not report["not_tested"], report
    assert report["observations"]["starttls"]["offered"] and report["observations"]["starttls"]["injectable"] is False


@needs_exim
def test_exim_takes_no_name_of_another_protocol(check, pair, folder):
    """It refuses who names HTTP by ALPN, as a server of another protocol may."""
    with servers.exim(folder, pair) as port:
        assert not [id for id in faults(check(f"smtp://localhost:{port}", "--quick")) if id.startswith("reach.")]


@needs_exim
def test_exim_takes_passwords_in_clear_and_old_versions(check, pair, folder):
    with servers.exim(folder, pair, "auth_advertise_hosts = *\n" + servers.NO_ALPN_WANTED) as port:
        assert {"mail.starttls_enforced", "proto.tls10", "proto.tls11"} <= faults(check(f"smtp://localhost:{port}", "--quick"))


@needs_exim
def test_exim_without_tls(check, pair, folder):
    with servers.exim(folder, pair, "tls_advertise_hosts =\n") as port:
        assert faults(check(f"smtp://localhost:{port}", "--quick")) == {"starttls.offered"}


@needs_squid
def test_a_squid_that_opens_tls_on_its_way(check, pair, folder, tmp_path):
    """Told by the product's name in the certificate it makes."""
    stranger = pki.Authority(tmp_path / "stranger", "Sophos SSL CA")
    with web_server(pair, lambda path, fields: page("<p>")) as port, servers.opening_squid(folder, stranger) as proxy:
        way = ("--quick", "--proxy", f"http://{HOST}:{proxy}")
        report = check(f"localhost:{port}", *way, address="127.0.0.1")
        assert {"cert.interception", "chain_of_trust"} <= faults(report) and report["grade"] == "T", report
        assert "cert.interception" not in faults(check(f"localhost:{port}", "--quick", address="127.0.0.1"))
