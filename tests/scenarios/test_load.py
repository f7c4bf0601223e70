"""`sallyport load`: what it counts is what happened, against our own server, nginx, and servers that fail in one way each."""
import collections
import contextlib
import http.server
import json
import socket
import struct
import subprocess
import sys
import threading
import time

import jsonschema
import pytest

from gateway import ROOT, binary, eventually, free_port, run
from peers import nginx
from peers.listening import byte_server

SCHEMA = json.loads((ROOT / "docs/load-report.schema.json").read_text())
needs_nginx = pytest.mark.skipif(not nginx.PROGRAM, reason="no nginx")


@pytest.fixture
def load(tmp_path):
    """load(...): the exit status and the report, which keeps its schema."""

    def begin(*arguments):
        status, out, err = run("load", *arguments, "--format", "json", home=tmp_path / "loader")
        assert not err, err
        report = json.loads(out)
        jsonschema.Draft202012Validator(SCHEMA).validate(report)
        return status, report

    return begin


@pytest.fixture
def refused(tmp_path):
    """refused(...): the exit status and what was said, of a run that makes no load."""

    def begin(*arguments):
        status, out, err = run("load", *arguments, home=tmp_path / "loader")
        assert not out, out
        return status, err

    return begin


def read_head(connection):
    """One request without a body; empty at the end of the stream."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return b""
        head += byte
    return head


def read_all(connection):
    while connection.recv(65536):
        pass


@contextlib.contextmanager
def tls_nginx(authority, folder, lines, name="localhost"):
    pair = authority.issue(name)
    settings = f"ssl_certificate {pair.certificate}; ssl_certificate_key {pair.key}; ssl_protocols TLSv1.2 TLSv1.3;\n{lines}"
    with nginx.serve(folder, "ssl http2", settings) as port:
        yield port


def test_every_request_is_seen_by_our_own_server(serve, load):
    site = serve()
    for version, alpn, flags in (("1.1", "http/1.1", ("--pipeline", "3")), ("2", "h2", ("--streams", "7")),
                                 ("3", "h3", ("--streams", "7"))):
        seen = len(site.log.lines())
        status, report = load(site.url("/hello.txt"), site.url("/sub/"), "--ca", site.root, "--http", version, "--requests", "500",
                              "--connections", "4", "--threads", "2", *flags, "--header", "X-Test: yes",
                              "--server-pid", site.gateway.process.pid)
        assert status == 0 and report["good"] == 500 and report["statuses"] == {"2xx": 500} and report["errors"] == {}, report
        assert report["tls"] == {"version": "TLS 1.3", "group": "X25519MLKEM768", "suite": "TLS_AES_128_GCM_SHA256",
                                 "signature": "ecdsa_secp256r1_sha256", "alpn": alpn}
        assert report["connections"] == 4 and report["handshakes"]["full"] == 4
        assert report["latency"]["count"] == 500
        times = [p["us"] for p in report["latency"]["percentiles"]]
        assert times == sorted(times) and times[0] >= report["latency"]["least_us"] and times[-1] <= report["latency"]["greatest_us"]
        eventually(lambda: len(site.log.lines()) >= seen + 500, "500 lines in the access log")
        lines = site.log.lines()[seen:]
        assert len(lines) == 500, "no request that was not counted"
        # each connection takes the paths in turns
        paths = collections.Counter(line["path"] for line in lines)
        assert set(paths) == {"/hello.txt", "/sub/"} and abs(paths["/sub/"] - 250) <= 4, paths
        bodies = 6 * paths["/hello.txt"] + len("<!doctype html><title>Sub</title>\n") * paths["/sub/"]
        assert report["bytes"]["bodies"] == bodies
        server_side = report["server"]
        assert server_side["cpu_us_per_operation"] > 0 and server_side["memory_bytes_most"] > 1_000_000 and server_side["processes"] >= 1


@needs_nginx
def test_connections_that_nginx_ends_in_order_cost_nothing(authority, load, tmp_path):
    log = tmp_path / "seen.log"
    lines = f"keepalive_requests 20; access_log {log}; location / {{ return 200 here; }} location /bad {{ return 503; }}"
    with tls_nginx(authority, tmp_path / "nginx", lines) as port:
        url = f"https://localhost:{port}/"
        for version, flags in (("1.1", ()), ("2", ("--streams", "5"))):
            log.write_bytes(b"")
            status, report = load(url, "--ca", authority.root, "--http", version, "--requests", "300", "--connections", "3", *flags)
            assert status == 0 and report["good"] == 300 and report["errors"] == {} and report["bytes"]["bodies"] == 1200, report
            assert report["connections"] >= 15
            eventually(lambda: len(log.read_text().splitlines()) >= 300, "300 lines in the log of nginx")
            assert len(log.read_text().splitlines()) == 300
        status, report = load(url + "bad", "--ca", authority.root, "--requests", "40")
        assert status == 1 and report["errors"] == {"status_5xx": 40} and report["statuses"] == {"5xx": 40} and report["good"] == 0
        status, report = load(url, "--ca", authority.root, "--duration", "3s", "--warm-up", "200ms",
                              "--connections", "1")
        assert status == 0 and report["good"] > 0 and report["seconds"] >= 3 and report["plan"]["warm_up_seconds"] == 0.2


@needs_nginx
def test_each_connection_has_its_share_of_requests(authority, serve, load, tmp_path):
    """As nginx counts them, which writes a log for each connection (only below a root that exists), and our own server, which numbers them in its log."""
    folder = tmp_path / "logs"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)

    def in_logs():
        return sorted(len(one.read_text().splitlines()) for one in folder.iterdir())

    site = serve()
    with tls_nginx(authority, tmp_path / "nginx", f"root {folder}; access_log {folder}/$connection; location / {{ return 200 here; }}") as port:
        for version, streams, url, root in (("1.1", (), f"https://localhost:{port}/", authority.root),
                                            ("2", ("--streams", "2"), f"https://localhost:{port}/", authority.root),
                                            ("3", ("--streams", "2"), site.url("/hello.txt"), site.root)):
            for share, requests in ((1, 20), (4, 42)):
                for one in folder.iterdir():
                    one.unlink()
                before = len(site.log.lines())

                def seen():
                    lines = [line["connection"] for line in site.log.lines()[before:]]
                    return sorted(collections.Counter(lines).values()) if version == "3" else in_logs()

                status, report = load(url, "--ca", root, "--http", version, *streams, "--requests", requests, "--connections", "3",
                                      "--requests-per-connection", share)
                assert status == 0 and report["good"] == requests and report["errors"] == {} and report["operation"] == "request", report
                assert report["statuses"] == {"2xx": requests} and report["plan"]["requests_per_connection"] == share
                eventually(lambda: sum(seen()) >= requests, "every request in the log")
                counts = seen()
                assert sum(counts) == requests and max(counts) == share and counts.count(share) >= (requests - 3 * (share - 1)) // share, counts
                assert report["connections"] == report["handshakes"]["full"] == len(counts), (report, counts)
                assert report["latency"]["count"] == requests
                if share == 1:
                    times = report["handshakes"]["times"]
                    assert report["latency"]["mean_us"] > times["mean_us"], "making the connection is a part of it"
    status, report = load(site.url("/hello.txt"), "--ca", site.root, "--requests", "40", "--connections", "2", "--requests-per-connection", "2",
                          "--handshakes", "resumed")
    assert status == 0 and report["good"] == 40 and report["operation"] == "request", report
    assert report["handshakes"]["resumed"] >= 16 and report["handshakes"]["full"] + report["handshakes"]["resumed"] == report["connections"]


def test_connections_are_held(serve, load):
    site = serve()
    for version in ("1.1", "2", "3"):
        for flags, operation in ((("--rate", "100"), "request"), (("--handshakes", "full"), "handshake")):
            status, report = load(site.url("/hello.txt"), "--ca", site.root, "--http", version, "--requests", "6", "--connections", "6",
                                  "--hold", "200ms", "--server-pid", site.gateway.process.pid, *flags)
            assert status == 0 and report["good"] == 6 and report["errors"] == {} and report["operation"] == operation, report
            assert report["connections"] == report["handshakes"]["full"] == report["held"] == 6, report
            assert report["plan"]["hold_seconds"] == 0.2 and report["server"]["memory_bytes_held"] > 1_000_000
    # One that is done does not take what another is to be made for.
    status, report = load(site.url("/hello.txt"), "--ca", site.root, "--http", "3", "--requests", "200", "--connections", "200", "--rate", "400",
                          "--hold", "200ms")
    assert status == 0 and report["connections"] == report["good"] == report["held"] == 200, report
    # What the server closes is not held.
    with byte_server(answer_then(lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))) as port:
        status, report = load(f"http://127.0.0.1:{port}/", "--requests", "2", "--connections", "2", "--hold", "1s")
    assert status == 0 and report["good"] == 2 and report["held"] == 0, report


def test_the_last_request_of_a_share_says_so(load):
    heads = []

    def behave(connection):
        while head := read_head(connection):
            heads.append(head)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            if b"Connection: close" in head:
                return

    with byte_server(behave) as port:
        status, report = load(f"http://127.0.0.1:{port}/", "--requests", "9", "--connections", "1", "--requests-per-connection", "3")
    assert status == 0 and report["good"] == 9 and report["connections"] == 3, report
    assert [b"Connection: close" in head for head in heads] == [False, False, True] * 3


@needs_nginx
def test_uploads(authority, load, tmp_path):
    got = []

    class Taker(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self):
            got.append((self.headers["X-Kind"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    body = tmp_path / "body"
    body.write_bytes(bytes(range(256)) * 1200)
    taker = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=taker.serve_forever, daemon=True).start()
    try:
        lines = f"client_max_body_size 2m; location / {{ proxy_pass http://127.0.0.1:{taker.server_port}; }}"
        with tls_nginx(authority, tmp_path / "nginx", lines) as port:
            for url, flags in ((f"http://127.0.0.1:{taker.server_port}/", ()),
                               (f"https://localhost:{port}/", ("--http", "2", "--streams", "4", "--ca", authority.root))):
                got.clear()
                status, report = load(url, *flags, "--method", "PUT", "--body", body, "--header", "X-Kind: a b", "--requests", "12",
                                      "--connections", "2")
                assert status == 0 and report["statuses"] == {"2xx": 12} and report["plan"]["body_bytes"] == 307_200, report
                assert report["bytes"]["out"] > 12 * 307_200
                assert got == [("a b", body.read_bytes())] * 12
    finally:
        taker.shutdown()
        taker.server_close()


def answer_then(end):
    """Hears a request, then does `end`."""
    def behave(connection):
        if read_head(connection):
            end(connection)
    return behave


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


FAILURES = {
    "reset": answer_then(reset),
    "closed": answer_then(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")),
    "timeout": answer_then(lambda connection: connection.recv(1)),
    "protocol": answer_then(lambda connection: connection.sendall(b"SSH-2.0-none\r\n\r\n")),
    "status_4xx": answer_then(lambda connection: connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")),
}


def test_errors_by_kind(load):
    for kind, behave in FAILURES.items():
        with byte_server(behave) as port:
            status, report = load(f"http://127.0.0.1:{port}/", "--requests", "6", "--connections", "2", "--timeout",
                                  "300ms" if kind == "timeout" else "60s")
        assert status == 1 and report["errors"] == {kind: 6} and report["failed"] == 6 and report["good"] == 0, (kind, report)
    for nobody in ((f"http://127.0.0.1:{free_port()}/",), (f"https://127.0.0.1:{free_port()}/", "--http", "3", "--insecure")):
        status, report = load(*nobody, "--requests", "6", "--connections", "2")
        assert status == 2 and report["errors"] == {"refused": 6} and report["connections"] == 0, report


def test_tls_errors_and_trust(serve, load, refused, tmp_path):
    site = serve()
    url = site.url("/hello.txt")
    status, said = refused(url, "--requests", "5")
    assert status == 2 and "load.not_trusted" in said and "--ca" in said, said
    status, said = refused(f"https://127.0.0.2:{site.port}/", "--connect", "127.0.0.1", "--ca", site.root, "--requests", "5")
    assert status == 2 and "is not for 127.0.0.2" in said, said
    status, said = refused(url, "--requests", "5", "--http", "3")
    assert status == 2 and "load.not_trusted" in said, said
    for version in ((), ("--http", "3")):
        status, report = load(url, "--insecure", "--requests", "5", *version)
        assert status == 0 and report["good"] == 5
    status, report = load(url, "--ca", site.root, "--signature", "rsa_pss_rsae_sha256", "--requests", "3", "--connections", "1")
    assert status == 1 and report["errors"] == {"tls": 3}, report
    # A port that speaks no TLS.
    with byte_server(lambda connection: (connection.sendall(b"hello, who is there?\n" * 5), read_all(connection))) as port:
        status, report = load(f"https://localhost:{port}/", "--insecure", "--requests", "3", "--connections", "1")
    assert status == 1 and report["errors"] == {"tls": 3}, report


def test_handshakes(serve, load):
    site = serve()
    url = site.url()
    for group, version in (("X25519MLKEM768", ()), ("P-256", ()), ("X25519MLKEM768", ("--http", "3")), ("P-256", ("--http", "3"))):
        status, report = load(url, "--ca", site.root, "--handshakes", "full", "--group", group, "--requests", "60", "--connections", "4",
                              *version)
        assert status == 0 and report["operation"] == "handshake" and report["good"] == 60 and report["latency"]["count"] == 60, report
        assert report["handshakes"]["full"] == 60 and report["handshakes"]["resumed"] == 0 and report["connections"] == 60
        assert report["tls"]["group"] == {"P-256": "secp256r1"}.get(group, group)
    for version in ((), ("--http", "3")):
        status, report = load(url, "--ca", site.root, "--handshakes", "resumed", "--requests", "60", "--connections", "4", *version)
        assert status == 0 and report["good"] == 60 and report["handshakes"]["resumed"] == 60, report
        assert report["handshakes"]["full"] <= 8, "each connection fetches its ticket by a full one"
    assert not site.log.lines(), "nothing was asked"


def test_a_server_without_tickets_resumes_nothing(serve, load):
    site = serve("--tickets", "0")
    status, report = load(site.url(), "--ca", site.root, "--handshakes", "resumed", "--requests", "3", "--connections", "1",
                          "--timeout", "500ms")
    assert status == 1 and report["errors"] == {"not_resumed": 3} and report["handshakes"]["resumed"] == 0, report


def test_a_rate_is_kept_and_a_pause_is_counted_for_all_it_held_up(load):
    first = threading.Lock()

    def stall_once(connection):
        if first.acquire(blocking=False):
            assert read_head(connection)
            time.sleep(1)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        while read_head(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with byte_server(stall_once) as port:
        status, report = load(f"http://127.0.0.1:{port}/", "--rate", "50", "--requests", "60", "--connections", "1")
    assert status == 0 and report["good"] == 60, report
    # Number i was due after i / 50 s, and none was answered within the first second.
    median = next(p["us"] for p in report["latency"]["percentiles"] if p["percentile"] == 50)
    assert median >= 390_000 and report["latency"]["greatest_us"] >= 1_000_000, report["latency"]
    assert report["seconds"] >= 59 / 50


def test_what_the_rate_asked_for_and_was_not_sent(load):
    with byte_server(answer_then(lambda connection: connection.recv(1))) as port:
        status, report = load(f"http://127.0.0.1:{port}/", "--rate", "100", "--duration", "500ms", "--timeout", "200ms", "--connections", "1")
    assert status == 1 and report["good"] == 0 and report["unsent"] > 0, report
    assert report["failed"] + report["unsent"] == 50, report


def test_two_results_are_compared(load, tmp_path):
    def quick(connection):
        while read_head(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with byte_server(quick) as port:
        _, report = load(f"http://127.0.0.1:{port}/", "--duration", "1100ms", "--connections", "2")
    report["per_second_noise_percent"] = 2.0  # whatever it was on this machine
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    before.write_text(json.dumps(report))
    status, out, err = run("load", "--compare", before, before, home=tmp_path)
    assert status == 0 and "within noise" in out and "worse" not in out and not err, out
    after.write_text(json.dumps(dict(report, per_second=report["per_second"] * 0.7)))
    status, out, err = run("load", "--compare", before, after, "--format", "json", home=tmp_path)
    rows = {row["name"]: row for row in json.loads(out)["figures"]}
    assert status == 1 and rows["requests a second"]["change"] == "worse" and rows["requests a second"]["ratio"] == 0.7
    assert rows["latency 50 %, us"]["change"] == "within noise"
    after.write_text("{}")
    status, out, err = run("load", "--compare", before, after, home=tmp_path)
    assert status == 64 and "load.bad_result" in err and not out


def test_text_is_for_people(tmp_path):
    with byte_server(answer_then(lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"))) as port:
        status, out, err = run("load", f"http://127.0.0.1:{port}/x", "--requests", "20", "--connections", "2", home=tmp_path)
    assert status == 0 and not err, err
    for words in (f"http://127.0.0.1:{port}/x", "20 good", "2xx 20", "errors      none", "99.99 %", "#", "us of CPU a request"):
        assert words in out, (words, out)
    assert "\x1b" not in out


def test_what_cannot_be_asked_for(refused, tmp_path):
    url = "http://127.0.0.1:1/"
    for arguments, words in (((), "url"), (("ftp://127.0.0.1/",), "load.bad_url"), ((url, "--header", "no colon"), "load.bad_plan"),
                             ((url, "--header", "Content-Length: 1"), "load.bad_plan"), ((url, "--threads", "20"), "load.bad_plan"),
                             ((url, "--handshakes", "full"), "load.bad_plan"), ((url, "--duration", "soon"), "--duration"),
                             ((url, "--requests", "5", "--duration", "1s"), "--duration"), ((url, "--http", "3"), "load.bad_plan"),
                             (("https://127.0.0.1:1/", "--group", "nonsense"), "load.bad_plan"), ((url, "--signature", "x"), "load.bad_plan"),
                             ((url, "--server-pid", "999999999"), "load.no_process"), ((url, "--compare", "/dev/null", "/dev/null"), "url")):
        status, said = refused(*arguments)
        assert status == 64 and words in said, (arguments, said)


PUBLIC = """
import json, socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["ip", "address", "add", "192.0.2.1/32", "dev", "lo"], check=True)
listener = socket.create_server(("192.0.2.1", 0))
listener.setblocking(False)
def visits():
    count = 0
    while True:
        try:
            listener.accept()[0].close()
            count += 1
        except BlockingIOError:
            return count
told = []
for flags in (["--requests", "1000"], ["--requests", "11"], ["--connections", "3"], [], ["--requests", "2", "--connections", "1"],
              ["--requests", "20", "--connections", "1", "--i-own-this"]):
    done = subprocess.run([sys.argv[1], "load", "http://example.com:%d/" % listener.getsockname()[1], "--connect", "192.0.2.1",
                           "--timeout", "200ms", "--format", "json", *flags], capture_output=True, text=True)
    told.append([done.returncode, visits(), done.stderr])
print(json.dumps(told))
"""


@pytest.mark.root
def test_nothing_is_sent_to_a_public_address_that_nobody_vouched_for(tmp_path):
    """In a network namespace of its own, where an address of the documentation's range is ours."""
    done = subprocess.run(["unshare", "--net", sys.executable, "-c", PUBLIC, binary()], capture_output=True, text=True, timeout=110)
    if "unshare failed" in done.stderr:
        pytest.skip("no network namespaces here")
    told = json.loads(done.stdout)
    for status, visits, said in told[:4]:
        assert status == 64 and visits == 0 and "load.not_ours" in said and "--i-own-this" in said, told
    assert told[4][0] == 1 and told[4][1] >= 1, "a trickle is for everybody"
    assert told[5][0] == 1 and told[5][1] >= 1, told
