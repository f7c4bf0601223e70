"""What stops a start: a message that names the thing, the cause and the mend, and a status that scripts can read."""
import os
import re
import socket
import stat

import pytest

from gateway import Gateway, free_port, run

SITE = """http_port = 0
[site."example.com"]
listen = ["127.0.0.1:%d"]
respond = "ok"
certificate = "%s"
key = "%s"
"""


@pytest.fixture
def refuse(tmp_path):
    """refuse(*arguments): the standard error of a start that must fail with `status`."""

    def attempt(*arguments, status=1, **options):
        got, out, err = run(*arguments, home=tmp_path / "home", **options)
        assert got == status, (got, out, err)
        assert err.count("\n") <= 8, err  # words for people, not a dump
        return err

    return attempt


@pytest.fixture
def refuse_file(refuse, tmp_path):
    def attempt(text, status=1):
        path = tmp_path / "sallyport.toml"
        path.write_text(text)
        return refuse("serve", "--config", path, status=status)

    return attempt


def test_a_port_in_use(refuse, folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        err = refuse("serve", folder, "--listen", f"127.0.0.1:{port}")
    assert f"127.0.0.1:{port}" in err and re.search("in use", err)
    assert re.search("another|end the program|ss -", err)


def test_a_port_that_another_sallyport_holds(refuse, start, folder):
    """SO_REUSEPORT must not let a second start steal half of the first's connections."""
    gateway = start("serve", folder, "--listen", "127.0.0.1:0")
    err = refuse("serve", folder, "--listen", f"127.0.0.1:{gateway.port()}")
    assert "in use" in err


def test_a_port_of_root(refuse, folder):
    if os.geteuid() == 0:
        pytest.skip("root may bind every port")
    err = refuse("serve", folder, "--listen", "127.0.0.1:81")
    assert ":81" in err and "ermission" in err


def test_no_address_of_this_machine(refuse, folder):
    err = refuse("serve", folder, "--listen", "192.0.2.1:8443")
    assert "192.0.2.1:8443" in err


@pytest.mark.parametrize("text", ["", "0x50", "70000", "localhost", "127.0.0.1:", "1.2.3.4.5:80", "-1", "80 ", "[::1"])
def test_addresses_that_are_none(refuse, folder, text):
    err = refuse("serve", folder, "--listen", text, status=1)
    assert "listen" in err


def test_a_missing_folder(refuse, refuse_file, tmp_path):
    got, out, err = run("serve", tmp_path / "none", home=tmp_path / "home")
    assert got in (1, 64) and str(tmp_path / "none") in err
    err = refuse_file(f'[site."localhost:{free_port()}"]\nfiles = "{tmp_path}/none"\n')
    assert f"{tmp_path}/none" in err and "sallyport.toml:2" in err


def test_a_missing_configuration(refuse, tmp_path):
    err = refuse("serve", "--config", tmp_path / "none.toml")
    assert "none.toml" in err and "o such file" in err
    err = refuse("serve", cwd=tmp_path)
    assert "sallyport.toml" in err


def test_a_missing_certificate(refuse_file, example_pair, tmp_path):
    err = refuse_file(SITE % (free_port(), tmp_path / "no.pem", example_pair.key))
    assert str(tmp_path / "no.pem") in err and re.search("no such file|No such file", err)


def test_a_key_that_does_not_match(refuse_file, authority):
    one, two = authority.issue("example.com"), authority.issue("example.com")
    err = refuse_file(SITE % (free_port(), one.certificate, two.key))
    assert str(one.certificate) in err or str(two.key) in err
    assert re.search("match|belong|fit", err)


def test_a_key_of_garbage_and_a_certificate_of_garbage(refuse_file, example_pair, tmp_path):
    bad = tmp_path / "bad.pem"
    bad.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    assert str(bad) in refuse_file(SITE % (free_port(), example_pair.certificate, bad))
    bad.write_text("nothing of the kind")
    assert str(bad) in refuse_file(SITE % (free_port(), bad, example_pair.key))
    err = refuse_file(SITE % (free_port(), example_pair.key, example_pair.certificate))  # the wrong way round
    assert str(example_pair.key) in err or str(example_pair.certificate) in err


@pytest.mark.root
def test_an_unreadable_key(authority, tmp_path):
    """As an account that may read the certificate and not the key."""
    pair = authority.issue("example.com")
    shared = tmp_path / "shared"
    shared.mkdir()
    for name, source in (("cert.pem", pair.certificate), ("key.pem", pair.key)):
        (shared / name).write_bytes(source.read_bytes())
    (shared / "key.pem").chmod(0o600)
    config = shared / "sallyport.toml"
    config.write_text(SITE % (free_port(), shared / "cert.pem", shared / "key.pem"))
    for path in (config, shared / "cert.pem"):
        path.chmod(0o644)
    open_way(shared)
    home = tmp_path / "nobody"
    home.mkdir()
    os.chown(home, 65534, 65534)
    gateway = Gateway(home, "serve", "--config", config,
                      prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
    gateway.launch()
    assert gateway.wait() == 1
    assert str(shared / "key.pem") in gateway.stderr() and "ermission denied" in gateway.stderr()


def open_way(path):
    """Lets every account pass to `path`. pytest's folders are its owner's alone."""
    for folder in (path, *path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != folder.parent:
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | 0o055 if folder == path else
                         stat.S_IMODE(folder.stat().st_mode) | 0o011)


def test_a_public_name_without_a_certificate(refuse, folder):
    err = refuse("serve", folder, "--name", "example.com", "--listen", "127.0.0.1:0")
    assert "example.com" in err and "certificate" in err


def test_a_log_that_cannot_be_written(refuse, folder, tmp_path):
    err = refuse("serve", folder, "--listen", "127.0.0.1:0", "--access-log", tmp_path / "no" / "access.log")
    assert str(tmp_path / "no") in err
    err = refuse("serve", folder, "--listen", "127.0.0.1:0", "--access-log", tmp_path)
    assert str(tmp_path) in err


def test_a_data_folder_that_belongs_to_another(folder, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root to make such a folder")
    home = tmp_path / "home"
    ca = home / "data" / "sallyport" / "local-ca"
    ca.mkdir(parents=True)
    os.chown(ca, 65534, 65534)
    status, _, err = run("serve", folder, "--listen", "127.0.0.1:0", home=home)
    assert status == 1 and str(ca) in err and "chown" in err


WRONG_LINES = {
    "unknown key": ("workres = 2\n", r"sallyport\.toml:1: workres: .*workers"),
    "unknown key of a block": ("[limits]\nheader_byte = 5\n", r"sallyport\.toml:2: limits\.header_byte: .*header_bytes"),
    "unknown block of a site": ('[site."localhost:8443".hedaers]\n', r'sallyport\.toml:1: site\."localhost:8443"\.hedaers: .*headers'),
    "unknown block": ("[limit]\n", r"sallyport\.toml:1: limit: .*limits"),
    "wrong type": ('workers = "many"\n', r"sallyport\.toml:1: workers: "),
    "out of range": ("workers = 5000\n", r"sallyport\.toml:1: workers: .*5000.*1024"),
    "a duration that is none": ("[limits]\nheader_timeout = \"30 apples\"\n", r"sallyport\.toml:2: limits\.header_timeout: "),
    "a size that is none": ('[limits]\nheader_bytes = "16 apples"\n', r"sallyport\.toml:2: limits\.header_bytes: "),
    "no TOML": ("workers = \n", r"sallyport\.toml:1"),
    "a key twice": ("workers = 1\nworkers = 2\n", r"sallyport\.toml:2"),
    "a choice that is none": ('[log]\nformat = "xml"\n', r"sallyport\.toml:2: log\.format: .*json"),
    "an account that is none": ('user = "no-such-account"\n', r"sallyport\.toml:1: user: .*no-such-account"),
    "a group that is none": ('[tls]\ngroups = ["X25519", "P-521"]\n', r"sallyport\.toml:2: tls\.groups.*P-521"),
}


@pytest.mark.parametrize("name", WRONG_LINES)
def test_a_wrong_line_is_named_with_what_was_meant(refuse_file, name):
    text, pattern = WRONG_LINES[name]
    err = refuse_file(text + '[site."localhost:8443"]\nrespond = "ok"\n')
    assert re.search(pattern, err), err


def test_every_wrong_line_is_told_at_once(refuse_file):
    err = refuse_file('workres = 2\n[limits]\nheader_byte = 5\n[site."localhost:8443"]\nrespond = "ok"\nlistne = []\n')
    for line in (1, 3, 6):
        assert f"sallyport.toml:{line}: " in err


def test_usage(refuse, folder):
    assert "frobnicate" in refuse("frobnicate", status=64)
    assert "--nonsense" in refuse("serve", folder, "--nonsense", status=64)
    assert "workers" in refuse("serve", folder, "--workers", "two", status=64)
    refuse(status=64)


def test_a_wrong_key_as_a_flag(refuse, folder):
    err = refuse("serve", folder, "--limits.header_byte=1")
    assert "limits.header_byte" in err and "header_bytes" in err


def test_help_and_version(tmp_path):
    status, out, _ = run("--help", home=tmp_path)
    assert status == 0 and "serve" in out and "cert" in out and "config" in out
    status, out, _ = run("serve", "--help", home=tmp_path)
    assert status == 0 and "--listen" in out
    status, out, _ = run("--version", home=tmp_path)
    assert status == 0 and re.match(r"sallyport \d+\.\d+", out)
