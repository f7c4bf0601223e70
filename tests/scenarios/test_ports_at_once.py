"""Ports on which TLS begins at once, in front of real servers that speak in plain text, with other people's clients."""
import os
import smtplib
import subprocess

import pytest

from gateway import PATIENCE
from peers import plain_servers, tls
from test_ports import block, names_in, ports, report  # noqa: F401

pytestmark = pytest.mark.root  # the servers change to users of their own


@pytest.fixture
def sound(authority, tmp_path):
    def ask(protocol, port):
        one = report(protocol, port, authority, tmp_path)
        assert one["tested"] and one["grade"] == "A+", (one.get("grade"), one["findings"], one["not_tested"])

    return ask


@pytest.mark.proves("smtps", "serve", "Postfix, smtplib")
def test_submission(ports, authority, tmp_path, sound):  # noqa: F811
    plain_servers.let_in(tmp_path)
    settings = ("local_recipient_maps =\nlocal_transport = discard\nmydestination = here.example\nmynetworks = 127.0.0.0/8\n"
                "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n")
    with plain_servers.postfix(tmp_path / "server", authority.issue("backend.example"), settings) as backend:
        gateway = ports(block("smtps", "{port}", f"127.0.0.2:{backend}"))
        context = tls.client_context(authority.root)
        context.check_hostname = False  # smtplib connects by the address; check below asks for the name
        with smtplib.SMTP_SSL("127.0.0.1", gateway.at, "client.example", timeout=PATIENCE, context=context) as client:
            assert client.ehlo()[0] == 250 and client.has_extn("size") and not client.has_extn("starttls")
            assert client.sendmail("a@here.example", ["b@here.example"], b"Subject: one\r\n\r\nhello\r\n") == {}
        sound("smtps", gateway.at)


@pytest.mark.proves("ldaps", "serve", "slapd, ldapsearch")
def test_directory(ports, authority, tmp_path, sound):  # noqa: F811
    root = 'rootdn "cn=admin,dc=example"\nrootpw secret\n'
    with plain_servers.slapd(tmp_path / "server", authority.issue("backend.example"), "", database=root) as backend:
        gateway = ports(block("ldaps", "{port}", f"127.0.0.2:{backend}"))
        done = subprocess.run(["ldapsearch", "-x", "-H", f"ldaps://mail.example:{gateway.at}", "-D", "cn=admin,dc=example", "-w", "secret", "-b", "", "-s",
                               "base", "namingContexts"], capture_output=True, text=True, timeout=PATIENCE,
                              env=dict(os.environ, LDAPTLS_CACERT=str(authority.root), LDAPTLS_REQCERT="demand", **names_in(tmp_path, "mail.example")))
        assert done.returncode == 0 and "namingContexts: dc=example" in done.stdout, done.stderr
        sound("ldaps", gateway.at)
