"""Who asked for what and how it went: lines for programs, words for people."""
import json
import os
import re
import signal
import subprocess

import pytest

from gateway import eventually, free_port
from peers import http1, tls
from peers.curl import curl

KEYS = {"time": str, "client": str, "site": str, "method": str, "host": str, "path": str, "version": str, "status": int,
        "bytes": int, "request_bytes": int, "seconds": float, "tls": str, "suite": str, "group": str, "sni": str,
        "resumed": bool, "alpn": str, "user_agent": str, "referer": str, "connection": int, "request": str}


def test_a_json_line_has_every_key(serve):
    site = serve()
    curl(site.url("/hello.txt?a=b"), "-A", 'an "agent"\\', "-e", "https://from.example/", root=site.root, http="2")
    line = site.log.wait(lambda line: line["path"] == "/hello.txt?a=b")[0]
    for key, kind in KEYS.items():
        assert isinstance(line[key], kind), (key, line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["time"])
    expected = {"client": "127.0.0.1", "site": "localhost", "method": "GET", "host": "localhost", "version": "HTTP/2.0", "status": 200,
                "bytes": 6, "tls": "TLSv1.3", "sni": "localhost", "resumed": False, "alpn": "h2", "user_agent": 'an "agent"\\',
                "referer": "https://from.example/"}
    assert {key: line[key] for key in expected} == expected
    assert line["suite"].startswith("TLS_") and line["group"] == "X25519"


def test_each_request_has_an_id_of_its_own(serve):
    """Also one that is refused before its head is whole."""
    site = serve()
    with site.connect() as connection:
        for _ in range(3):
            http1.get(connection, "/hello.txt", site.host)
    site.ask(b"nonsense\r\n\r\n")
    ids = [line["request"] for line in site.log.wait(lambda line: True, 4)]
    assert len(set(ids)) == 4 and all(re.fullmatch("[0-9a-z]{16}", one) for one in ids)


def test_hostile_text_stays_within_its_line(serve):
    site = serve()
    answer = site.ask(f'GET /"%0a{{}}\\ HTTP/1.1\r\nHost: {site.host}\r\nUser-Agent: a\xff\t"b\r\n\r\n'.encode("latin-1"))
    assert answer.status in (400, 404)
    site.get("/hello.txt")
    site.log.wait(lambda line: line["path"] == "/hello.txt")
    assert len(site.log.lines()) == 2  # each of them parsed


def test_secrets_are_not_in_the_logs(serve):
    site = serve("--log.level=debug")
    site.get("/hello.txt", "Authorization: Basic c2VjcmV0OnNlY3JldA==", "Cookie: session=topsecretcookie")
    site.ask(f"GET / HTTP/1.1\r\nHost: {site.host}\r\nCookie : topsecretcookie\r\n\r\n".encode())
    site.log.wait(lambda line: True, 2)
    everything = site.log.path.read_text() + site.gateway.stderr()
    assert "topsecretcookie" not in everything and "c2VjcmV0" not in everything


def test_the_common_format(serve):
    site = serve("--log.format=common")
    site.get("/hello.txt")
    line = eventually(lambda: site.log.path.read_text(), "a line")
    assert re.match(r'127\.0\.0\.1 [0-9a-z]{16} - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /hello\.txt HTTP/1\.1" 200 6', line), line


def test_standard_output_takes_the_log(start, folder):
    gateway = start("serve", folder, "--listen", "127.0.0.1:0", "--access-log", "-")
    curl(f"https://localhost:{gateway.port()}/hello.txt", root=gateway.root)
    find = lambda: [line for line in gateway.stdout().splitlines() if line.startswith("{")]
    assert json.loads(eventually(find, "a line on the standard output")[0])["status"] == 200


@pytest.mark.tsan
def test_reopened_on_signal(serve, tmp_path):
    site = serve("--log.error", tmp_path / "error.log", "--workers", "2")
    log, errors = site.log.path, tmp_path / "error.log"
    site.get("/hello.txt?1")
    site.log.wait(lambda line: True)
    log.rename(tmp_path / "access.1")
    errors.rename(tmp_path / "error.1")
    site.gateway.signal(signal.SIGUSR1)
    eventually(lambda: log.exists() and errors.exists(), "the files are there again")
    site.get("/hello.txt?2")
    assert site.log.wait(lambda line: True)[0]["path"] == "/hello.txt?2"
    assert "?2" not in (tmp_path / "access.1").read_text()


def test_what_was_logged_last_is_not_lost(serve):
    site = serve()
    for number in range(20):
        site.get(f"/hello.txt?{number}")
    site.gateway.stop()
    assert len(site.log.lines()) == 20


def test_a_full_disk_stops_the_log_and_not_the_service(serve):
    """/dev/full is a disk that is full."""
    site = serve("--log.access", "/dev/full")
    for _ in range(3):
        assert site.get("/hello.txt").status == 200
    line = site.gateway.wait_error("/dev/full")
    assert re.search(r"[Nn]o space left", line), line
    assert site.get("/hello.txt").status == 200


def is_json(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


@pytest.mark.root
def test_the_log_goes_on_when_the_disk_has_room_again(start, folder, tmp_path):
    """A real file system of 64 KiB, filled and freed."""
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", mount], capture_output=True)
    if done.returncode != 0:
        pytest.skip("no tmpfs may be mounted here")
    try:
        log, filler = mount / "access.log", mount / "filler"
        gateway = start("serve", folder, "--listen", "127.0.0.1:0", "--access-log", log)
        get = lambda path: curl(f"https://localhost:{gateway.port()}{path}", root=gateway.root).status
        assert get("/hello.txt?1") == 200
        eventually(lambda: "?1" in log.read_text(), "the first line")
        with open(filler, "wb", 0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        size = os.path.getsize(log)
        for number in range(40):
            assert get(f"/hello.txt?full{number}{'x' * 300}") == 200
        gateway.wait_error(r"access\.log.*[Nn]o space left")
        filler.unlink()

        def written():
            get("/hello.txt?room")
            return "?room" in log.read_text()

        eventually(written, "lines are written again")
        assert os.path.getsize(log) > size
        # The full disk may have cut one line; it stands alone and spoils no other.
        assert sum(not is_json(line) for line in log.read_text().splitlines()) <= 1
        gateway.stop()
    finally:
        subprocess.run(["umount", "-l", mount], check=False)


def test_the_error_log_says_it_in_words(configure, authority):
    pair = authority.issue("another.example.com")
    gateway = configure(f"""
http_port = 0
[site."say.example.com"]
listen = ["127.0.0.1:{{port}}"]
respond = "ok"
certificate = "{pair.certificate}"
key = "{pair.key}"
""")
    line = gateway.wait_error(str(pair.certificate))
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning: ", line), line


def test_plain_requests_have_no_tls_keys(configure):
    gateway = configure("""
http_port = 0
[site."one.test"]
listen = ["127.0.0.1:{port}"]
respond = "one"
[port."127.0.0.1:{port2}"]
protocol = "http"
""")
    with http1.plain(gateway.port2) as connection:
        http1.get(connection, "/", "one.test")
    line = gateway.log.wait(lambda line: True)[0]
    assert not {"tls", "suite", "group", "sni", "alpn"} & line.keys()
