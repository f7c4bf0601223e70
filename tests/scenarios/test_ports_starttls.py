"""STARTTLS spoken to the client: real servers behind, real clients in front, and nobody logs in before TLS."""
import contextlib
import imaplib
import os
import poplib
import shutil
import smtplib
import socket
import subprocess

import pytest

from gateway import PATIENCE, free_port
from peers import plain_servers, tls
from test_ports import (accept, address, block, connect, ended, exactly, listening, mail_server, names_in, ports, report,
                        to_end)  # noqa: F401

NEEDS = {"postfix": "/usr/sbin/postconf", "dovecot": "/usr/sbin/dovecot", "slapd": "/usr/sbin/slapd"}


def needs(name):
    return pytest.mark.skipif(not os.path.exists(NEEDS[name]), reason=f"no {name}")


BACKEND_TLS = 'backend_tls = { ca = "{root}", name = "backend.example" }\n'


def assert_sound(protocol, port, authority, tmp_path):
    """What check says of a port of ours: nothing to mend, and nothing that was said before TLS is heard inside."""
    one = report(protocol, port, authority, tmp_path)
    assert one["tested"] and one["grade"] == "A+", (one.get("grade"), one["findings"], one["not_tested"])
    assert one["observations"]["starttls"]["offered"] and one["observations"]["starttls"]["injectable"] is False
    return one


def lines_of(connection):
    return connection.makefile("rb")


# --- mail

@pytest.mark.root
@needs("postfix")
@pytest.mark.proves("smtp", "serve", "Postfix, smtplib, curl")
def test_submission(ports, authority, tmp_path):
    """A mail by smtplib and one by curl, to Postfix in plain text, by STARTTLS and by TLS at once; it hears who the client is."""
    plain_servers.let_in(tmp_path)
    settings = ("local_recipient_maps =\nlocal_transport = discard\nmydestination = here.example\nmynetworks = 127.0.0.0/8\n"
                "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n")
    with plain_servers.postfix(tmp_path / "server", authority.issue("backend.example"), settings) as backend:
        wrapped = free_port()
        gateway = ports(block("smtp", "{port}", f"127.0.0.2:{backend}") + block("smtp", wrapped, f"starttls://127.0.0.2:{backend}", BACKEND_TLS))
        for port in (gateway.at, wrapped):
            with smtplib.SMTP("127.0.0.1", port, "client.example", timeout=PATIENCE) as client:
                client._host = "mail.example"  # the name that TLS asks for
                assert client.has_extn("starttls") or client.ehlo()[0] == 250 and client.has_extn("starttls")
                assert not client.has_extn("auth") and not client.has_extn("size")
                assert client.docmd("MAIL FROM:<a@here.example>")[0] == 530 and client.docmd("AUTH PLAIN AGEAYg==")[0] == 530
                assert client.starttls(context=tls.client_context(authority.root))[0] == 220
                assert client.ehlo()[0] == 250
                assert client.has_extn("size") and not client.has_extn("starttls")
                assert client.sendmail("a@here.example", ["b@here.example"], b"Subject: one\r\n\r\n" + b"250-STARTTLS\r\n" * 2000) == {}
        letter = tmp_path / "letter"
        letter.write_bytes(b"Subject: two\r\n\r\nhello\r\n")
        subprocess.run(["curl", "-sS", "--fail", "--ssl-reqd", "--cacert", authority.root, "--resolve", f"mail.example:{gateway.at}:127.0.0.1",
                        f"smtp://mail.example:{gateway.at}/client.example", "--mail-from", "a@here.example", "--mail-rcpt", "b@here.example", "-T", letter],
                       check=True, timeout=PATIENCE)
        one = gateway.log.wait(lambda entry: entry["protocol"] == "smtp" and entry.get("bytes", 0) > 0, 3)[0]
        assert one["starttls"] is True and one["tls"] == "TLSv1.3" and one["site"] == "www.example" and one["sni"] == "mail.example"
        assert one["backend"].endswith(f"127.0.0.2:{backend}") and one["received_bytes"] > 0 and "failure" not in one
        assert_sound("smtp", gateway.at, authority, tmp_path)


@pytest.mark.root
@needs("dovecot")
@pytest.mark.proves("imap", "serve", "Dovecot, imaplib, curl")
@pytest.mark.proves("pop3", "serve", "Dovecot, poplib")
def test_mailboxes(ports, authority, tmp_path):
    """IMAP and POP3: logins only inside TLS, where the server behind offers no TLS of its own."""
    with mail_server(tmp_path, authority) as (imap, pop3):
        second, third, fourth = free_port(), free_port(), free_port()
        gateway = ports(block("imap", "{port}", f"127.0.0.2:{imap}") + block("pop3", second, f"127.0.0.2:{pop3}")
                        + block("imap", third, f"starttls://127.0.0.2:{imap}", BACKEND_TLS)
                        + block("pop3", fourth, f"starttls://127.0.0.2:{pop3}", BACKEND_TLS))
        context = tls.client_context(authority.root)
        for port in (gateway.at, third):
            with imaplib.IMAP4("127.0.0.1", port, PATIENCE) as mailbox:
                mailbox.host = "mail.example"
                assert {"STARTTLS", "LOGINDISABLED"} <= set(mailbox.capabilities)
                with pytest.raises(imaplib.IMAP4.error, match="PRIVACYREQUIRED"):
                    mailbox.login("nobody", "none")
                assert mailbox.starttls(context)[0] == "OK"
                assert not {"STARTTLS", "LOGINDISABLED"} & set(mailbox.capabilities), mailbox.capabilities
                assert mailbox.login("nobody", "none")[0] == "OK"
                letter = b"Subject: x\r\n\r\n* CAPABILITY STARTTLS\r\nSTLS\r\n"
                assert mailbox.append("INBOX", "", "", letter)[0] == "OK"
                assert mailbox.select("INBOX")[0] == "OK"
                assert mailbox.fetch("1", "(BODY[])")[1][0][1] == letter
        for port in (second, fourth):
            mailbox = poplib.POP3("127.0.0.1", port, PATIENCE)
            mailbox.host = "mail.example"
            assert set(mailbox.capa()) == {"STLS"}
            with pytest.raises(poplib.error_proto, match="STLS first"):
                mailbox.user("nobody")
            assert mailbox.stls(context).startswith(b"+OK")
            assert "STLS" not in mailbox.capa() and "USER" in mailbox.capa()
            mailbox.user("nobody")
            mailbox.pass_("none")
            assert b"STLS" in mailbox.retr(1)[1], "a mail is left as it is"
            mailbox.quit()
        done = subprocess.run(["curl", "-sS", "--ssl-reqd", "--cacert", authority.root, "--resolve", f"mail.example:{gateway.at}:127.0.0.1",
                               f"imap://mail.example:{gateway.at}/INBOX;MAILINDEX=1", "-u", "nobody:none"], capture_output=True, timeout=PATIENCE)
        assert done.returncode == 0 and b"CAPABILITY STARTTLS" in done.stdout, done.stderr
        assert_sound("imap", gateway.at, authority, tmp_path)
        assert_sound("pop3", second, authority, tmp_path)


# --- before TLS

START = {"smtp": (b"EHLO x\r\n", b"STARTTLS\r\n", b"220 2.0.0 Ready to start TLS\r\n", b"MAIL FROM:<evil@here.example>\r\n", b"220 backend\r\n"),
         "imap": (b"", b"a STARTTLS\r\n", b"a OK begin TLS\r\n", b"b LOGIN nobody none\r\n", b"* OK backend\r\n"),
         "pop3": (b"", b"STLS\r\n", b"+OK begin TLS\r\n", b"USER nobody\r\n", b"+OK backend\r\n")}


@pytest.mark.parametrize("protocol", START)
def test_what_comes_before_tls_is_forgotten(ports, authority, protocol):
    """A command behind the request for TLS, in the same segment: the backend never hears of it (CVE-2011-0411)."""
    first, ask, agreed, early, greeting = START[protocol]
    with listening() as server:
        gateway = ports(block(protocol, "{port}", address(server)))
        with connect(gateway.at) as plain:
            reader = lines_of(plain)
            assert b"backend" not in reader.readline()
            plain.sendall(first + ask + early)
            while reader.readline() != agreed:
                pass
            with tls.client_context(authority.root).wrap_socket(plain, server_hostname="mail.example") as client, accept(server) as backend:
                client.sendall(b"later\r\n")  # before the backend's greeting: it waits
                backend.sendall(greeting)
                assert exactly(backend, 7) == b"later\r\n"
                backend.sendall(b"answer\r\n")
                assert exactly(client, 8) == b"answer\r\n", "the greeting was for the gateway"


def test_limits_before_tls(ports, authority):
    with listening() as server:
        second = free_port()
        gateway = ports(block("smtp", "{port}", address(server), 'starttls = { line_bytes = "1KiB", commands = 5 }\n')
                        + block("imap", second, address(server), 'starttls = { timeout = "1s" }\n'))
        for speech in (b"x" * 3000, b"NOOP\r\n" * 6, b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x00\x05hello"):
            with connect(gateway.at) as client:
                client.sendall(speech)
                client.shutdown(socket.SHUT_WR)
                with contextlib.suppress(ConnectionResetError):
                    assert not to_end(client).endswith(b"220 2.0.0 Ready to start TLS\r\n")
        with connect(second) as silent:
            assert to_end(silent).startswith(b"* OK")
        with connect(gateway.at) as client:
            client.sendall(b"QUIT\r\n")
            assert to_end(client).endswith(b"221 2.0.0 Bye\r\n")
        lines = gateway.log.wait(lambda entry: True, 6)
        assert sorted(line.get("failure", "") for line in lines) == [
            "", "gateway.gone_early", "relay.starttls_timeout", "relay.talks_before_tls", "relay.talks_before_tls", "relay.unknown_speech"]
        assert {line["protocol"] for line in lines} == {"smtp", "imap"} and not any("starttls" in line for line in lines)


def test_backends_that_refuse(ports, authority):
    """One that says at once that it has no time is passed over; without any the client hears it in words of its protocol."""
    with listening() as busy, listening() as server:
        gateway = ports(f'[port."127.0.0.1:{{port}}"]\nprotocol = "smtp"\nto = ["{address(busy)}", "{address(server)}"]\n')

        def client():
            got = smtplib.SMTP("127.0.0.1", gateway.at, "client.example", timeout=PATIENCE)
            got._host = "mail.example"
            assert got.starttls(context=tls.client_context(authority.root))[0] == 220
            return got

        one = client()
        with accept(busy) as refuses:
            refuses.sendall(b"421 4.7.0 too many\r\n")
            with accept(server) as backend:
                backend.sendall(b"220-two\r\n220 lines\r\n")
                one.sock.sendall(b"NOOP\r\n")
                assert exactly(backend, 6) == b"NOOP\r\n"
        one.close()
        busy.close()
        server.close()
        two = client()
        assert two.getreply()[0] == 421
        two.close()
        gateway.wait_error("upstream.not_connected|upstream.no_backend")


# --- directories, databases, messages

@pytest.mark.root
@needs("slapd")
@pytest.mark.skipif(not shutil.which("ldapsearch"), reason="no ldap-utils")
@pytest.mark.proves("ldap", "serve", "slapd, ldapsearch")
def test_directory(ports, authority, tmp_path):
    """A bind with a password only behind StartTLS, by ldapsearch -ZZ."""
    root = 'rootdn "cn=admin,dc=example"\nrootpw secret\n'
    with plain_servers.slapd(tmp_path / "server", authority.issue("backend.example"), "", database=root) as backend:
        second = free_port()
        gateway = ports(block("ldap", "{port}", f"127.0.0.2:{backend}") + block("ldap", second, f"starttls://127.0.0.2:{backend}", BACKEND_TLS))

        def search(port, *options):
            return subprocess.run(["ldapsearch", "-x", "-H", f"ldap://mail.example:{port}", "-D", "cn=admin,dc=example", "-w", "secret", "-b", "",
                                   "-s", "base", *options, "namingContexts"], capture_output=True, text=True, timeout=PATIENCE,
                                  env=dict(os.environ, LDAPTLS_CACERT=str(authority.root), LDAPTLS_REQCERT="demand",
                                           **names_in(tmp_path, "mail.example")))
        refused = search(gateway.at)
        assert refused.returncode == 13 and "Confidentiality required" in refused.stderr, refused.stderr
        for port in (gateway.at, second):
            done = search(port, "-ZZ")
            assert done.returncode == 0 and "namingContexts: dc=example" in done.stdout, done.stderr
        assert_sound("ldap", gateway.at, authority, tmp_path)


@pytest.mark.root
@pytest.mark.skipif(not shutil.which("psql"), reason="no psql")
@pytest.mark.proves("postgres", "serve", "PostgreSQL, psql")
def test_database(ports, authority, tmp_path):
    """psql with verify-full; without TLS it is told what to do; TLS at once needs ALPN."""
    plain_servers.let_in(tmp_path)
    with plain_servers.postgres(tmp_path / "server", authority.issue("backend.example"), "hostnossl all all 0.0.0.0/0 trust\n", ssl="off") as backend:
        gateway = ports(block("postgres", "{port}", f"127.0.0.2:{backend}"))

        def ask(mode):
            return subprocess.run(["psql", f"host=mail.example hostaddr=127.0.0.1 port={gateway.at} user=postgres dbname=postgres sslmode={mode} "
                                   f"sslrootcert={authority.root} gssencmode=prefer", "-Atc", "select 6*7"], capture_output=True, text=True, timeout=PATIENCE)
        done = ask("verify-full")
        assert done.stdout == "42\n", done.stderr
        refused = ask("disable")
        assert refused.returncode != 0 and "TLS is needed here" in refused.stderr, refused.stderr
        startup = b"\x00\x03\x00\x00user\0postgres\0database\0postgres\0\0"
        startup = (len(startup) + 4).to_bytes(4, "big") + startup
        with tls.connect(gateway.at, "mail.example", authority.root, alpn=["postgresql"], timeout=PATIENCE) as direct:
            direct.sendall(startup)
            assert exactly(direct, 1) == b"R"
        with tls.connect(gateway.at, "mail.example", authority.root, timeout=PATIENCE) as nameless:
            assert ended(nameless)
        assert_sound("postgres", gateway.at, authority, tmp_path)


@pytest.mark.root
@pytest.mark.skipif(not shutil.which("prosody"), reason="no prosody")
@pytest.mark.proves("xmpp", "serve", "Prosody")
def test_messages(ports, authority, tmp_path):
    """A login at Prosody, byte by byte, which offers no TLS to those who have it."""
    plain_servers.let_in(tmp_path)
    settings = "c2s_require_encryption = false\nallow_unencrypted_plain_auth = true\n"
    with plain_servers.prosody(tmp_path / "server", authority.issue("localhost"), settings) as backend:
        account = tmp_path / "server" / "localhost" / "accounts"
        account.mkdir(parents=True)
        (account / "juliet.dat").write_text('return { ["password"] = "romeo" };\n')
        plain_servers.hand_over(tmp_path / "server", "prosody")
        second = free_port()
        gateway = ports(block("xmpp", "{port}", f"127.0.0.2:{backend}")
                        + block("xmpp", second, f"starttls://127.0.0.2:{backend}", BACKEND_TLS.replace("backend.example", "localhost")))
        opening = b"<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

        def until(connection, mark):
            got = b""
            while mark not in got:
                piece = connection.recv(65536)
                assert piece, got
                got += piece
            return got

        for port in (gateway.at, second):
            with connect(port) as plain:
                plain.sendall(opening)
                features = until(plain, b"</stream:features>")
                assert b"<required/>" in features and b"mechanism" not in features and b"from='localhost'" in features
                plain.sendall(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>")
                until(plain, b"<proceed")
                with tls.client_context(authority.root).wrap_socket(plain, server_hostname="mail.example") as client:
                    client.sendall(opening)
                    features = until(client, b"</stream:features>")
                    assert b"starttls" not in features and b"PLAIN" in features and b"<failure" not in features, features
                    client.sendall(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldAByb21lbw==</auth>")
                    assert b"<success" in until(client, b"xmpp-sasl")
        with connect(gateway.at) as plain:
            plain.sendall(opening + b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldAByb21lbw==</auth>")
            assert b"<encryption-required/>" in to_end(plain)
        assert_sound("xmpp", gateway.at, authority, tmp_path)
