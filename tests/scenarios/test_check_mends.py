"""What `sallyport check` says about mending a server, done to a real one: the finding goes away."""
import contextlib
import json
import pathlib
import shutil

import pytest

from gateway import free_port, run
from peers.process import running

WRONG = """
ssl_protocols TLSv1 TLSv1.1 TLSv1.2;
ssl_ciphers ALL:@SECLEVEL=0;
ssl_prefer_server_ciphers on;
"""
MENDED = {"proto.tls10", "proto.tls11", "proto.tls13", "cipherlist_OBSOLETED", "cipherlist_NOFS", "cipherlist_aNULL", "hsts.present",
          "http.banner", "http.x_content_type_options"}


@contextlib.contextmanager
def nginx(folder, pair, lines):
    """Its port. `lines` stand in the only server block."""
    port = free_port()
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    (folder / "nginx.conf").write_text(f"""daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {pair.certificate};
    ssl_certificate_key {pair.key};
    location / {{ return 200 "here"; }}
{lines}
  }}
}}
""")
    command = [shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-c", folder / "nginx.conf", "-p", folder]
    with running(command, port, folder, log=folder / "error.log", openssl_as_made=True):
        yield port



def mended(lines, snippet):
    """A directive of the snippet stands instead of the one of its name; add_header may stand more than once."""
    names = {line.split()[0] for line in snippet.splitlines()} - {"add_header"}
    kept = [line for line in lines.splitlines() if line.split()[:1] and line.split()[0] not in names]
    new = [line for line in snippet.splitlines() if line not in kept]
    return "\n".join(kept + new)


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="no nginx")
def test_nginx_is_mended_by_its_snippets(authority, tmp_path):
    pair = authority.issue("www.example.com", kind="rsa")

    def findings(port, *flags):
        _, out, err = run("check", f"www.example.com:{port}", "--connect", "127.0.0.1", "--ca", authority.root, "--format", "json", *flags,
                          home=tmp_path / "home")
        assert not err, err
        return {f["id"]: f for f in json.loads(out)["targets"][0]["findings"]}

    with nginx(tmp_path / "before", pair, WRONG) as port:
        before = findings(port)  # the Server field tells that it is nginx
    assert MENDED <= before.keys()
    lines = WRONG
    for id in sorted(MENDED):
        assert before[id]["snippet"]["for"] == "nginx"
        lines = mended(lines, before[id]["snippet"]["text"])
    with nginx(tmp_path / "after", pair, lines) as port:
        after = findings(port, "--for", "nginx")
    assert not MENDED & after.keys(), lines


def test_snippets_are_for_the_server_that_is_named(authority, tmp_path):
    from peers.openssl_server import openssl_server
    with openssl_server(authority.issue("localhost"), "-tls1_2") as port:
        ask = lambda *flags: run("check", f"localhost:{port}", "--connect", "127.0.0.1", "--ca", authority.root, *flags, home=tmp_path / "home")
        assert "SSLProtocol -all +TLSv1.2 +TLSv1.3" in ask("--for", "apache")[1]
        assert "ssl_min_protocol = TLSv1.2" in ask("--for", "dovecot")[1]
        assert "ssl_min_protocol" not in ask()[1]
        assert ask("--for", "nosuchserver")[0] == 64
