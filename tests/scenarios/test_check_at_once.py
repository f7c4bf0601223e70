"""`sallyport check` against real servers of each protocol that begins with TLS: mail, directories, files, DNS."""
import pytest

from checker import report
from peers import plain_servers as servers
from peers import unbound

pytestmark = pytest.mark.root  # the servers change to users of their own


@pytest.fixture(scope="module")
def pair(authority):
    made = authority.issue("localhost", kind="rsa")
    made.certificate.parent.chmod(0o755)
    return made


@pytest.fixture
def folder(tmp_path):
    servers.let_in(tmp_path)
    return tmp_path / "server"


@pytest.fixture
def sound(authority, tmp_path):
    """Asks that the whole examination says: TLS 1.3, a full handshake, a good certificate, nothing serious."""
    def ask(target, address=servers.HOST):
        one = report(tmp_path, target, "--connect", address, "--ca", authority.root)
        assert one["tested"] and one["observations"]["handshake"]["completed"], one["not_tested"]
        assert one["observations"]["certificates"][0]["names"] == ["localhost"]
        assert "TLS 1.3" in {v["version"] for v in one["observations"]["versions"] if v["offered"] == "yes"}
        ids = {f["id"]: f["severity"] for f in one["findings"]}
        assert not {i for i, severity in ids.items() if severity in ("high", "critical") or i.startswith(("reach.", "starttls."))}, one["findings"]
        return ids

    return ask


@pytest.mark.proves("smtps", "check", "Postfix")
def test_smtps(sound, folder, pair):
    with servers.postfix(folder, pair, "smtpd_tls_wrappermode = yes\nsmtpd_tls_exclude_ciphers = aNULL, kDHE\n") as port:
        sound(f"smtps://localhost:{port}")


@pytest.mark.proves("imaps", "check", "Dovecot")
@pytest.mark.proves("pop3s", "check", "Dovecot")
def test_imaps_and_pop3s(sound, folder, pair):
    at_once = "".join(f"service {name}-login {{\n inet_listener {name} {{\n ssl = yes\n }}\n}}\n" for name in ("imap", "pop3"))
    with servers.dovecot(folder, pair, "ssl = required\n" + at_once) as (imap, pop3):
        sound(f"imaps://localhost:{imap}")
        sound(f"pop3s://localhost:{pop3}")


@pytest.mark.proves("ldaps", "check", "slapd")
def test_ldaps(sound, folder, pair):
    with servers.slapd(folder, pair, scheme="ldaps") as port:
        sound(f"ldaps://localhost:{port}")


@pytest.mark.proves("ftps", "check", "vsftpd")
def test_ftps(sound, folder, pair):
    with servers.vsftpd(folder, pair, "implicit_ssl=YES\nforce_local_logins_ssl=YES\nforce_local_data_ssl=YES\nssl_tlsv1=NO\n") as port:
        assert "ftp.cleartext_login" not in sound(f"ftps://localhost:{port}")


@pytest.mark.skipif(not unbound.PROGRAM, reason="no unbound")
@pytest.mark.proves("dot", "check", "unbound")
def test_dns_over_tls(sound, folder, pair):
    with unbound.over_tls(folder, pair) as port:
        sound(f"dot://localhost:{port}", address="127.0.0.1")
