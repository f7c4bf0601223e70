"""`sallyport check` against servers that begin in plain text, configured right and wrong."""
import contextlib
import socket

import pytest

from checker import report
from peers import plain_servers as servers
from peers.listening import byte_server

pytestmark = pytest.mark.root  # the servers change to users of their own

ABOUT_THE_DIALOGUE = ("starttls.", "mail.", "ftp.", "ldap.", "reach.", "proto.malformed", "proto.long", "cert")


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
def check(authority, tmp_path):
    def ask(target, *flags, address=servers.HOST):
        return report(tmp_path / "home", target, "--connect", address, "--ca", authority.root, *flags)

    return ask


def ids(one):
    return {f["id"] for f in one["findings"] if f["severity"] != "info"}


def about_dialogue(one):
    return {i for i in ids(one) if i.startswith(ABOUT_THE_DIALOGUE)}


def sound(one):
    assert one["tested"], one["not_tested"]
    assert one["observations"]["starttls"]["offered"]
    assert about_dialogue(one) == set(), one["findings"]
    assert not [n for n in one["not_tested"] if n["id"] not in ("ftp.prot_p",)], one["not_tested"]
    if "injectable" in one["observations"]["starttls"]:
        assert one["observations"]["starttls"]["injectable"] is False


@pytest.mark.proves("smtp", "check", "Postfix")
def test_postfix(check, folder, pair):
    with servers.postfix(folder, pair) as port:
        one = check(f"smtp://localhost:{port}")
        sound(one)
        assert one["observations"]["starttls"]["injectable"] is False
        assert one["observations"]["handshake"]["completed"]


def test_postfix_without_tls(check, folder, pair):
    with servers.postfix(folder, pair, "smtpd_tls_security_level = none\n") as port:
        one = check(f"localhost:{port}", "--protocol", "smtp")
        assert not one["tested"]
        assert ids(one) == {"starttls.offered"}


@pytest.mark.proves("imap", "check", "Dovecot")
@pytest.mark.proves("pop3", "check", "Dovecot")
def test_dovecot(check, folder, pair):
    with servers.dovecot(folder, pair) as (imap, pop3):
        sound(check(f"imap://localhost:{imap}"))
        sound(check(f"pop3://localhost:{pop3}"))


def test_dovecot_takes_passwords_in_clear(check, folder, pair):
    with servers.dovecot(folder, pair, "ssl = yes\ndisable_plaintext_auth = no\n") as (imap, pop3):
        assert about_dialogue(check(f"imap://localhost:{imap}")) == {"mail.starttls_enforced"}
        assert about_dialogue(check(f"pop3://localhost:{pop3}")) == {"mail.starttls_enforced"}


@pytest.mark.proves("ftp", "check", "vsftpd")
def test_vsftpd(check, folder, pair):
    with servers.vsftpd(folder, pair) as port:
        one = check(f"ftp://localhost:{port}")
        sound(one)
        assert [n["id"] for n in one["not_tested"]] == ["ftp.prot_p"]  # it agrees to PROT C and refuses the transfer later


def test_vsftpd_takes_passwords_in_clear(check, folder, pair):
    with servers.vsftpd(folder, pair, "force_local_logins_ssl=NO\n") as port:
        assert about_dialogue(check(f"ftp://localhost:{port}")) == {"ftp.cleartext_login"}


@pytest.mark.proves("ldap", "check", "slapd")
def test_slapd(check, folder, pair):
    with servers.slapd(folder, pair) as port:
        sound(check(f"ldap://localhost:{port}"))


def test_slapd_looks_at_passwords_in_clear(check, folder, pair):
    with servers.slapd(folder, pair, "") as port:
        assert about_dialogue(check(f"ldap://localhost:{port}")) == {"ldap.plain_bind_allowed"}


@pytest.mark.proves("postgres", "check", "PostgreSQL")
def test_postgres(check, folder, pair):
    with servers.postgres(folder, pair) as port:
        sound(check(f"postgres://localhost:{port}"))


def test_postgres_asks_for_passwords_in_clear(check, folder, pair):
    with servers.postgres(folder, pair, "host all all 0.0.0.0/0 scram-sha-256\n") as port:
        assert about_dialogue(check(f"postgres://localhost:{port}")) == {"starttls.enforced"}


def test_postgres_without_tls(check, folder, pair):
    with servers.postgres(folder, pair, ssl="off") as port:
        assert ids(check(f"postgres://localhost:{port}")) == {"starttls.offered"}


@pytest.mark.proves("mysql", "check", "MariaDB")
def test_mariadb(check, folder, pair):
    with servers.mariadb(folder, pair) as port:
        sound(check(f"mysql://localhost:{port}"))


@pytest.mark.proves("xmpp", "check", "Prosody")
def test_prosody(check, folder, pair):
    with servers.prosody(folder, pair) as port:
        sound(check(f"xmpp://localhost:{port}"))


def test_prosody_takes_passwords_in_clear(check, folder, pair):
    with servers.prosody(folder, pair, "c2s_require_encryption = false\nallow_unencrypted_plain_auth = true\n") as port:
        assert about_dialogue(check(f"xmpp://localhost:{port}")) == {"starttls.enforced"}


@pytest.mark.parametrize("sound_server", [True, False])
def test_injection(check, pair, sound_server):
    """An SMTP server that keeps, or forgets, what it read before TLS."""
    import ssl
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)

    def talk(connection):
        connection.sendall(b"220 localhost\r\n")
        before = b""
        while b"STARTTLS\r\n" not in before:
            more = connection.recv(4096)
            if not more:
                return
            before += more
            if b"EHLO" in more:
                connection.sendall(b"250-localhost\r\n250 STARTTLS\r\n")
        kept = before.split(b"STARTTLS\r\n", 1)[1]
        connection.sendall(b"220 go\r\n")
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as inside:
            if kept and not sound_server:
                inside.sendall(b"250 2.0.0 Ok\r\n")
            inside.recv(4096)

    with byte_server(talk) as port:
        one = check(f"smtp://localhost:{port}", address="127.0.0.1")
    assert one["observations"]["starttls"]["injectable"] is not sound_server
    assert ("starttls.injection" in ids(one)) is not sound_server


def test_busy_server_is_named(check):
    with byte_server(lambda c: c.sendall(b"421 4.7.0 too many connections\r\n")) as port:
        one = check(f"smtp://localhost:{port}", address="127.0.0.1")
    assert not one["tested"] and "throttled" in {n["id"] for n in one["not_tested"]}


def test_other_speech(check):
    def talk(connection):
        connection.sendall(b"* OK mailboxes\r\n")
        connection.recv(100)
        connection.shutdown(socket.SHUT_WR)

    with byte_server(talk) as port:
        one = check(f"smtp://localhost:{port}", address="127.0.0.1")
    assert ids(one) == {"starttls.offered"} and "does not speak the protocol" in one["findings"][0]["evidence"]


def test_tls_from_the_start_where_a_dialogue_was_expected(check, pair):
    import ssl
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)

    def talk(connection):
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as inside:
            inside.sendall(b"220 localhost\r\n")
            inside.recv(4096)

    with byte_server(talk) as port:
        one = check(f"smtp://localhost:{port}", address="127.0.0.1")
    assert ids(one) == {"reach.tls_at_once"}, one


def test_listings_in_clear_beside_tls(check, folder, pair):
    """Anonymous logins are let in, so what travels beside the control connection can be seen."""
    anonymous = (f"anonymous_enable=YES\nftp_username=daemon\nallow_anon_ssl=YES\nanon_root={folder}/empty\nforce_local_logins_ssl=YES\npasv_address=127.0.0.2\n"
                 "require_ssl_reuse=YES\n")
    with servers.vsftpd(folder, pair, anonymous + "force_anon_data_ssl=NO\n") as port:
        one = check(f"ftp://localhost:{port}")
        assert "ftp.prot_p" in ids(one) and one["observations"]["ftp_data_protected"] is False, one
        assert "ftp.session_reuse" in {f["id"] for f in one["findings"]}, one
    folder = folder.with_name("strict")
    with servers.vsftpd(folder, pair, anonymous.replace("server/empty", "strict/empty").replace("reuse=YES", "reuse=NO") + "force_anon_data_ssl=YES\n") as port:
        one = check(f"ftp://localhost:{port}")
        assert "ftp.prot_p" not in ids(one) and one["observations"]["ftp_data_protected"] is True, one
        assert one["observations"]["ftp_data_wants_resumption"] is False, one
