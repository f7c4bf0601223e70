"""`config check`, `config explain` and `cert show`."""
import json
import re

import pytest

from gateway import run


@pytest.fixture
def command(tmp_path):
    return lambda *arguments, **options: run(*arguments, home=tmp_path / "home", **options)


def test_config_check_of_a_good_file(command, tmp_path, folder):
    path = tmp_path / "good.toml"
    path.write_text(f'[site."localhost:8443"]\nfiles = "{folder}"\n')
    status, out, err = command("config", "check", path)
    assert status == 0 and "localhost" in out and not err
    # Nothing was opened or made: no local CA is there.
    assert not (tmp_path / "home" / "data" / "sallyport" / "local-ca" / "root.key").exists()


def test_ports(command):
    status, out, _ = command("ports", "--json")
    assert status == 0
    rows = {(row["protocol"], row["port"]): row for row in json.loads(out)["ports"]}
    assert rows["https", 443]["serve"] == "sites, HTTP/3, passes on" and rows["https", 443]["tls"] == "at once"
    assert rows["imaps", 993] == {"port": 993, "transport": "tcp", "protocol": "imaps", "title": "Mailboxes (IMAP)", "tls": "at once", "check": True,
                                  "serve": "decrypts, passes on", "standard": "RFC 8314 3.2"}
    assert rows["ssh", 22]["serve"] == "shares a port of TLS" and rows["openvpn", 1194]["transport"] == "udp"
    assert rows["smtp", 25]["tls"] == "STARTTLS" and rows["smtp", 25]["serve"] == "decrypts"
    assert rows["mysql", 3306]["serve"] == ""
    _, text, _ = command("ports")
    assert len(text.splitlines()) == len(rows) + 1 and re.search(r"^ +993/tcp +imaps +at once +yes +decrypts", text, re.M)


def test_config_check_of_a_bad_file(command, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text('workres = 2\n[site."localhost:8443"]\nfiles = "/no/such/folder"\n')
    status, out, err = command("config", "check", path)
    assert status == 1
    assert re.search(r"bad\.toml:1: workres: .*workers", err)


def test_config_check_loads_certificates(command, tmp_path, authority):
    one, two = authority.issue("example.com"), authority.issue("example.com")
    path = tmp_path / "bad.toml"
    path.write_text(f'[site."example.com"]\nrespond = "ok"\ncertificate = "{one.certificate}"\nkey = "{two.key}"\n')
    status, _, err = command("config", "check", path)
    assert status == 1 and (str(two.key) in err or str(one.certificate) in err)


def test_config_explain_has_every_limit_and_its_default(command):
    status, out, _ = command("config", "explain")
    assert status == 0
    for key in ("header_timeout", "keep_alive_timeout", "max_connections", "handshake_timeout", "hsts", "listing", "max_streams"):
        assert key in out
    status, out, _ = command("config", "explain", "limits.header_timeout")
    assert status == 0 and "30s" in out and "max_connections" not in out
    status, _, err = command("config", "explain", "limits.header_timeuot")
    assert status == 64 and "header_timeout" in err


def test_config_explain_for_programs(command):
    status, out, _ = command("config", "explain", "--json")
    rows = json.loads(out)
    assert status == 0 and len(rows) > 60
    assert all({"key", "type", "default", "help"} <= row.keys() for row in rows)


def test_cert_show_of_a_file(command, example_pair, authority):
    status, out, _ = command("cert", "show", example_pair.certificate)
    assert "example.com" in out and "Scenario Root" in out and re.search(r"\b\d+ days", out), (status, out)


def test_cert_show_names_what_is_wrong(command, tmp_path):
    path = tmp_path / "none.pem"
    status, out, err = command("cert", "show", path)
    assert status != 0 and str(path) in out + err
    path.write_text("nothing")
    status, out, err = command("cert", "show", path)
    assert status != 0 and str(path) in out + err


def test_cert_show_of_a_running_endpoint(command, serve):
    site = serve()
    status, out, err = command("cert", "show", f"localhost:{site.port}")
    assert "localhost" in out and "Sallyport local CA" in out, (status, out, err)
    status, out, err = command("cert", "show", f"https://localhost:{site.port}/", "--json")
    assert json.loads(out), err
    status, out, err = command("cert", "show", "localhost:1")
    assert status != 0 and "127.0.0.1:1:" in err and "refused" in err
