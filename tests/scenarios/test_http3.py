"""HTTP/3 by other people's clients: gtlsclient (ngtcp2 with GnuTLS) and Chromium; networks that lose, repeat, delay and
rebind; what comes that is no QUIC."""
import os
import socket
import subprocess

import pytest

from peers import browser, http1, quic
from gateway import eventually, free_port, run
from test_upgrade import successors, upgraded  # noqa: F401  (a fixture)

pytestmark = pytest.mark.skipif(quic.program() is None, reason="no gtlsclient on this machine: ./dev test installs it")

MEGABYTE = os.urandom(1 << 20)


def alt_svc(port, root, path="/"):
    """What an answer over TCP says of other ways."""
    done = subprocess.run(["curl", "-sS", "--cacert", str(root), "-o", "/dev/null", "-D", "-",
                           f"https://localhost:{port}{path}"], capture_output=True, text=True, timeout=60, check=True)
    return [line.split(":", 1)[1].strip() for line in done.stdout.splitlines() if line.lower().startswith("alt-svc:")]


@pytest.mark.proves("https", "serve", "gtlsclient")
def test_a_page_and_what_the_log_says(serve, folder, tmp_path):
    site = serve()
    got = quic.fetch(tmp_path / "got", site.port, "/hello.txt", "/missing")
    assert got.file("hello.txt") == b"hello\n", got.text[-3000:]
    assert sorted(got.statuses()) == [200, 404]
    lines = eventually(lambda: (found := site.log.lines()) and len(found) == 2 and found, "two lines in the log")
    assert {line["version"] for line in lines} == {"HTTP/3.0"}
    assert {(line["path"], line["status"]) for line in lines} == {("/hello.txt", 200), ("/missing", 404)}


def test_it_is_announced_over_tcp(serve):
    site = serve()
    assert alt_svc(site.port, site.root) == [f'h3=":{site.port}"; ma=86400']


def test_it_can_be_turned_off(serve):
    site = serve("--quic.on=false")
    assert alt_svc(site.port, site.root) == []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", site.port))  # nobody has it


SITE = """
[site."localhost:{port}"]
respond = "home"
[[site."localhost:{port}".route]]
path = "/api"
headers = {x-route = "api"}
respond = "api"
"""


def test_a_reload_turns_it_off_and_on_and_routes_announce_it_too(configure):
    gateway = configure(SITE)
    announced = [f'h3=":{gateway.port}"; ma=86400']
    assert alt_svc(gateway.port, gateway.root) == alt_svc(gateway.port, gateway.root, "/api") == announced
    text = gateway.config.read_text()
    for on, expected in (("false", []), ("true", announced)):
        gateway.config.write_text(f"[quic]\non = {on}\n" + text)
        assert run("reload", "--config", gateway.config, home=gateway.home)[0] == 0
        assert alt_svc(gateway.port, gateway.root) == alt_svc(gateway.port, gateway.root, "/api") == expected


def test_a_taken_port_is_a_warning(start, folder, tmp_path):
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        gateway = start("serve", folder, "--listen", f"127.0.0.1:{port}")
        assert f"no HTTP/3 at 127.0.0.1:{port}" in gateway.stderr() and "in use" in gateway.stderr()
        assert alt_svc(port, gateway.root) == []


def test_a_download_survives_reloads(configure, folder, tmp_path):
    """Other sites come and go; this one stays as it is."""
    (folder / "large.bin").write_bytes(MEGABYTE * 8)
    mine = f'[site."localhost:{{port}}"]\nfiles = "{folder}"\n'
    gateway = configure(mine)
    with quic.Relay(gateway.port) as relay, quic.Fetching(tmp_path / "got", relay.port, "/large.bin") as client:
        for number in range(3):
            eventually(lambda: relay.carried > 500 * (number + 1), "a download that goes on")
            gateway.config.write_text(mine.replace("{port}", str(gateway.port)) +
                                      f'[site."other{number}.localhost:{gateway.port}"]\nrespond = "other"\n')
            status, _, err = run("reload", "--config", gateway.config, home=gateway.home)
            assert status == 0, err
        got = client.answers()
    assert got.file("large.bin") == MEGABYTE * 8, got.text[-3000:]


def test_an_upgrade_loses_no_connection(configure, folder, tmp_path, successors):
    """What is open is finished by the program of before, whose datagrams the new one reads."""
    (folder / "large.bin").write_bytes(MEGABYTE * 8)
    gateway = configure(f'[site."localhost:{{port}}"]\nfiles = "{folder}"\n')
    with quic.Relay(gateway.port) as relay, quic.Fetching(tmp_path / "got", relay.port, "/large.bin") as client:
        eventually(lambda: relay.carried > 500, "a download that has begun")
        upgraded(gateway, successors)
        fresh = quic.fetch(tmp_path / "fresh", gateway.port, "/hello.txt")
        assert fresh.file("hello.txt") == b"hello\n", fresh.text[-3000:]
        got = client.answers()
    assert got.file("large.bin") == MEGABYTE * 8, got.text[-3000:]
    assert gateway.wait() == 0


def test_a_client_changes_its_address(serve, folder, tmp_path):
    (folder / "large.bin").write_bytes(MEGABYTE)
    site = serve()
    got = quic.fetch(tmp_path / "got", site.port, "/large.bin", flags=["--change-local-addr=5ms"])
    assert got.file("large.bin") == MEGABYTE, got.text[-3000:]


def test_metrics_count_it(serve, folder, tmp_path):
    port = free_port()
    site = serve("--admin", f"127.0.0.1:{port}")
    quic.fetch(tmp_path / "got", site.port, "/hello.txt", "/hello.txt")
    with http1.plain(port) as connection:
        assert 'sallyport_requests_by_version_total{version="3.0"} 2' in http1.get(connection, "/metrics", "localhost").body.decode()


def test_the_records_for_the_dns(tmp_path, folder, example_pair):
    config = tmp_path / "sallyport.toml"
    site = f'listen = ["443", "8443"]\nfiles = "{folder}"\ncertificate = "{example_pair.certificate}"\nkey = "{example_pair.key}"\n'
    config.write_text(f'[site."example.com"]\nnames = ["www.example.com"]\n{site}')
    status, out, err = run("dns", config, home=tmp_path)
    assert status == 0, err
    assert out.splitlines() == ['_8443._https.example.com. 3600 IN HTTPS 1 example.com. alpn="h3,h2"',
                                '_8443._https.www.example.com. 3600 IN HTTPS 1 www.example.com. alpn="h3,h2"',
                                'example.com. 3600 IN HTTPS 1 . alpn="h3,h2"', 'www.example.com. 3600 IN HTTPS 1 . alpn="h3,h2"']


def test_many_requests_on_one_connection(serve, folder, tmp_path):
    site = serve()
    got = quic.fetch(tmp_path / "got", site.port, "/hello.txt", flags=["-n", "300"])
    assert got.statuses() == [200] * 300, got.text[-3000:]


@pytest.mark.parametrize("network", [
    {"lose": 0.05},
    {"repeat": 0.2, "delay": 0.2},
    {"rebind_after": 60},
], ids=["loss", "twice-and-late", "rebinding"])
def test_bad_networks(serve, folder, tmp_path, network):
    (folder / "large.bin").write_bytes(MEGABYTE)
    site = serve()
    with quic.Relay(site.port, **network) as relay:
        got = quic.fetch(tmp_path / "got", relay.port, "/large.bin")
    assert got.file("large.bin") == MEGABYTE, got.text[-3000:]
    assert relay.rebound == (1 if "rebind_after" in network else 0)


@pytest.mark.parametrize("mtu, least", [(1400, 1300), (1500, 1400), (9000, 8900)])
def test_the_path_is_filled(serve, folder, tmp_path, mtu, least):
    """Larger datagrams are tried until one is lost (RFC 8899), and nothing is missing in the end."""
    (folder / "large.bin").write_bytes(MEGABYTE * 4)
    site = serve()
    with quic.Relay(site.port, mtu=mtu) as relay:
        got = quic.fetch(tmp_path / "got", relay.port, "/large.bin")
    assert got.file("large.bin") == MEGABYTE * 4, got.text[-3000:]
    assert least <= relay.largest <= mtu - relay.HEADERS and relay.too_large > 0


def test_keys_are_updated(serve, folder, tmp_path):
    (folder / "large.bin").write_bytes(MEGABYTE)
    site = serve()
    got = quic.fetch(tmp_path / "got", site.port, "/large.bin", "/hello.txt", flags=["--key-update=1ms", "--delay-stream=20ms"])
    assert got.file("large.bin") == MEGABYTE, got.text[-3000:]


@pytest.mark.parametrize("cipher", ["AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305"])
def test_each_cipher(serve, folder, tmp_path, cipher):
    site = serve()
    got = quic.fetch(tmp_path / "got", site.port, "/hello.txt",
                     flags=[f"--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+{cipher}"])
    assert got.file("hello.txt") == b"hello\n", got.text[-3000:]


def test_retry(serve, folder, tmp_path):
    site = serve("--quic.retry_after=0")
    token = tmp_path / "token"
    got = quic.fetch(tmp_path / "got", site.port, "/hello.txt", flags=[f"--token-file={token}"])
    assert got.file("hello.txt") == b"hello\n", got.text[-3000:]
    assert "type=Retry" in got.text
    assert "QUIC TOKEN" in token.read_text()  # for a later connection


def test_an_upload_that_nobody_reads(serve, folder, tmp_path):
    body = tmp_path / "body"
    body.write_bytes(MEGABYTE)
    site = serve()
    got = quic.fetch(tmp_path / "got", site.port, "/hello.txt", flags=["-m", "POST", "-d", str(body)])
    assert got.statuses() == [405], got.text[-3000:]


def test_another_version_is_told_ours(serve):
    site = serve()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(60)
        hello = bytes([0xc0]) + b"\x1a\x2a\x3a\x4a" + bytes([8]) + b"theserve" + bytes([8]) + b"theclien"
        probe.sendto(hello.ljust(1200, b"\0"), ("127.0.0.1", site.port))
        answer = probe.recv(2000)
    assert answer[0] & 0x80 and answer[1:5] == b"\0\0\0\0"
    assert answer[5:23] == bytes([8]) + b"theclien" + bytes([8]) + b"theserve"
    assert {answer[i:i + 4].hex() for i in range(23, len(answer), 4)} == {"00000001", "6b3343cf"}


def test_noise_is_not_answered_and_harms_nobody(serve, folder, tmp_path):
    site = serve()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for size in (1, 5, 20, 21, 40, 300, 1199, 1200, 1400):
            for first in (0x00, 0x40, 0xc0, 0xe0, 0xff):
                probe.sendto(bytes([first]) + os.urandom(size - 1), ("127.0.0.1", site.port))
                probe.sendto((bytes([first]) + b"\0\0\0\1" + os.urandom(size))[:size], ("127.0.0.1", site.port))
        got = quic.fetch(tmp_path / "got", site.port, "/hello.txt")
        assert got.file("hello.txt") == b"hello\n", got.text[-3000:]
        probe.setblocking(False)
        answers = []
        while True:
            try:
                answers.append(probe.recv(2000))
            except BlockingIOError:
                break
    # Resets and the versions we speak: always less than what asked for it (RFC 9000 10.3.3, 14.1).
    assert all(len(one) <= 600 for one in answers)


def test_a_stranger_is_reset(serve):
    site = serve()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(60)
        probe.sendto(b"\x40" + os.urandom(99), ("127.0.0.1", site.port))
        answer = probe.recv(2000)
    assert len(answer) < 100 and answer[0] & 0xc0 == 0x40


def test_names_of_others_are_refused(start, folder, tmp_path, example_pair):
    """gtlsclient calls a server that it is given by address "localhost"."""
    port = free_port()
    start("serve", folder, "--listen", f"127.0.0.1:{port}", "--name", "example.com", "--certificate", example_pair.certificate,
          "--key", example_pair.key)
    got = quic.fetch(tmp_path / "got", port, "/hello.txt")
    assert got.statuses() == []
    assert "(0x170)" in got.text or "CRYPTO_ERROR" in got.text, got.text[-3000:]


@pytest.mark.skipif(browser.program() is None, reason="no Chromium on this machine: ./dev test installs it")
@pytest.mark.proves("https", "serve", "Chromium by HTTP/3")
def test_chromium_loads_the_site_by_http3(serve, folder, tmp_path):
    from test_browser import cert
    site = serve()
    home = site.gateway.home
    assert cert("trust", home).returncode == 0
    with browser.Browser(home, f"--origin-to-force-quic-on={site.host}", "--host-resolver-rules=MAP localhost 127.0.0.1") as page:
        answer = page.load(site.url()).get(site.url())
        assert answer, page.failure
        assert answer["protocol"] == "h3", answer
        assert answer["securityDetails"]["keyExchangeGroup"] == "X25519MLKEM768"
