"""What `sallyport check --for SERVER` says about mending it, done to real ones: the findings go away."""
import contextlib
import http.server
import json
import re
import shutil
import threading

import pytest

from gateway import free_port, run
from peers import plain_servers
from peers.process import running

PATHS = "/usr/sbin:/usr/bin"
OLD_TLS = {"proto.tls10", "proto.tls11"}
OLD_SUITES = {"cipherlist_OBSOLETED", "cipherlist_NOFS"}
FIELDS = {"hsts.present", "http.x_content_type_options"}
MANY_TIMES = {"Header", "http-response"}  # lines of these names stand beside each other


def name_of(line):
    return re.split(r"[ \t=]", line.strip(), maxsplit=1)[0]


def mended(lines, snippet):
    """A line of the snippet stands instead of that of its name."""
    new = [line for line in snippet.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    names = {name_of(line) for line in new} - MANY_TIMES
    kept = [line for line in lines.splitlines() if line.strip() and name_of(line) not in names and line not in new]
    return "\n".join(kept + new) + "\n"


@contextlib.contextmanager
def apache(folder, pair, lines):
    port = free_port()
    (folder / "pages").mkdir(parents=True)
    (folder / "pages/index.html").write_text("here")
    modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                      for name in ("mpm_event", "authz_core", "ssl", "mime", "dir", "headers", "http2"))
    (folder / "conf").write_text(f"{modules}ServerRoot {folder}\nServerName www.example.com\nPidFile {folder}/pid\nErrorLog {folder}/log\n"
                                 f"Listen 127.0.0.1:{port}\nTypesConfig /dev/null\nDirectoryIndex index.html\nDocumentRoot {folder}/pages\n"
                                 f"SSLEngine on\nSSLCertificateFile {pair.certificate}\nSSLCertificateKeyFile {pair.key}\n{lines}")
    with running([shutil.which("apache2", path=PATHS), "-DFOREGROUND", "-f", folder / "conf"], port, folder, openssl_as_made=True):
        yield f"https://www.example.com:{port}"


@contextlib.contextmanager
def haproxy(folder, pair, lines):
    class Page(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"here")

    folder.mkdir()
    (folder / "site.pem").write_bytes(pair.certificate.read_bytes() + pair.key.read_bytes())
    whole = [line for line in lines.splitlines() if name_of(line).startswith(("ssl-default", "tune."))]
    rest = [line for line in lines.splitlines() if line not in whole]
    port = free_port()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as backend:
        threading.Thread(target=backend.serve_forever, daemon=True).start()
        (folder / "conf").write_text("global\n" + "".join(f"  {line}\n" for line in whole) +
                                     "defaults\n  mode http\n  timeout connect 30s\n  timeout client 30s\n  timeout server 30s\n"
                                     f"frontend f\n  bind 127.0.0.1:{port} ssl crt {folder}/site.pem\n  default_backend b\n" +
                                     "".join(f"  {line}\n" for line in rest) +
                                     f"backend b\n  server s 127.0.0.1:{backend.server_port}\n")
        with running([shutil.which("haproxy", path=PATHS), "-db", "-f", folder / "conf"], port, folder, openssl_as_made=True):
            yield f"https://www.example.com:{port}"
        backend.shutdown()


@contextlib.contextmanager
def postfix(folder, pair, lines):
    with plain_servers.postfix(folder, pair, lines) as port:
        yield f"smtp://www.example.com:{port}"


@contextlib.contextmanager
def dovecot(folder, pair, lines):
    with plain_servers.dovecot(folder, pair, lines) as (imap, _):
        yield f"imap://www.example.com:{imap}"


@contextlib.contextmanager
def vsftpd(folder, pair, lines):
    with plain_servers.vsftpd(folder, pair, lines) as port:
        yield f"ftp://www.example.com:{port}"


@contextlib.contextmanager
def slapd(folder, pair, lines):
    with plain_servers.slapd(folder, pair, lines) as port:
        yield f"ldap://www.example.com:{port}"


APACHE = "SSLProtocol -all +TLSv1 +TLSv1.1 +TLSv1.2\nSSLCipherSuite ALL:@SECLEVEL=0\nSSLHonorCipherOrder on\nServerTokens Full\n"
HAPROXY = "ssl-default-bind-options ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.2\nssl-default-bind-ciphers ALL:@SECLEVEL=0\n"
POSTFIX = "smtpd_tls_protocols = >=TLSv1\nsmtpd_tls_ciphers = medium\ntls_medium_cipherlist = ALL:@SECLEVEL=0\n"
DOVECOT = "ssl = yes\ndisable_plaintext_auth = no\nssl_min_protocol = TLSv1\nssl_cipher_list = ALL:@SECLEVEL=0\n"
SERVERS = [
    (apache, APACHE, OLD_TLS | OLD_SUITES | FIELDS | {"proto.tls13", "http.banner", "http.x_frame_options"}, ()),
    (haproxy, HAPROXY, OLD_TLS | OLD_SUITES | FIELDS | {"proto.tls13", "http.x_frame_options"}, ()),
    (postfix, POSTFIX, OLD_TLS | OLD_SUITES, ()),
    (dovecot, DOVECOT, OLD_TLS | OLD_SUITES | {"mail.starttls_enforced"}, ()),
    (vsftpd, "force_local_logins_ssl=NO\n", {"ftp.cleartext_login"}, ("--quick",)),
    (slapd, "", {"ldap.plain_bind_allowed"}, ("--quick",)),
]


@pytest.mark.root  # the servers change to users of their own
@pytest.mark.parametrize("serve, wrong, faults, flags", SERVERS, ids=[row[0].__name__ for row in SERVERS])
def test_it_is_mended_by_its_snippets(authority, tmp_path, serve, wrong, faults, flags):
    if serve in (apache, haproxy) and not shutil.which({"apache": "apache2"}.get(serve.__name__, serve.__name__), path=PATHS):
        pytest.skip("not installed")
    pair = authority.issue("www.example.com", kind="rsa")
    pair.certificate.parent.chmod(0o755)
    for part in [tmp_path, *tmp_path.parents][:3]:
        part.chmod(0o755)  # the servers' users must get there

    def findings(target):
        address = "127.0.0.1" if target.startswith("https") else plain_servers.HOST
        _, out, err = run("check", target, "--connect", address, "--ca", authority.root, "--format", "json", "--for", serve.__name__, *flags,
                          home=tmp_path / "home")
        assert not err, err
        [report] = json.loads(out)["targets"]
        assert report["tested"], report["not_tested"]
        return {f["id"]: f for f in report["findings"]}

    with serve(tmp_path / "before", pair, wrong) as target:
        before = findings(target)
    assert faults <= before.keys()
    lines = wrong
    for id in sorted(faults):
        assert before[id]["snippet"]["for"] == serve.__name__
        lines = mended(lines, before[id]["snippet"]["text"])
    with serve(tmp_path / "after", pair, lines) as target:
        after = findings(target)
    assert not faults & after.keys(), lines
