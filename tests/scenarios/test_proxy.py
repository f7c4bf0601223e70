"""sallyport in front of an application: what passes, what is set, what streams, and how failures look from outside."""
import json
import os
import socket
import threading

import pytest

from gateway import eventually
from peers import backend, curl, http1

MIB = 1 << 20


def seen(answer):
    """What `backend.echo` was asked: the request line and a list of fields."""
    lines = answer.body.decode().split("\n\n")[0].split("\n")
    return lines[0], [tuple(line.split(": ", 1)) for line in lines[1:]]


def value(fields, name):
    found = [text for key, text in fields if key == name]
    assert len(found) <= 1, found
    return found[0] if found else None


def failure_of(site):
    """Waits for the last line of the access log that tells of a failure."""
    return eventually(lambda: next((line for line in site.log.lines() if line.get("failure")), None), "a failure in the log")


# --- what passes

def test_application_on_https_with_one_command(front):
    with backend.Backend(backend.echo) as app:
        site = front("http://" + app.address)
        assert app.address in site.gateway.stdout()
        answer = site.get("/a/b?c=d%20e", "X-Own: value")
        assert answer.status == 200
        line, fields = seen(answer)
        assert line == "GET /a/b?c=d%20e HTTP/1.1"
        assert value(fields, "host") == site.host
        assert value(fields, "x-own") == "value"
        assert answer.field("server") == "sallyport"


def test_client_is_told_and_never_believed(front):
    with backend.Backend(backend.echo) as app:
        site = front(app)
        lies = [f"{name}: evil" for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
                                             "X-Real-IP", "X-Request-ID", "X_Forwarded_For", "Proxy")]
        answer = site.get("/", *lies, "Connection: close, X-Mine", "X-Mine: 1", "Cookie: a=b")
        _, fields = seen(answer)
        assert "evil" not in str(fields)
        assert value(fields, "x-forwarded-for") == "127.0.0.1"
        assert value(fields, "x-forwarded-proto") == "https"
        assert value(fields, "x-forwarded-host") == site.host
        assert value(fields, "forwarded") == f'for=127.0.0.1;host="{site.host}";proto=https'
        assert value(fields, "x-mine") is None and value(fields, "connection") is None
        assert value(fields, "cookie") == "a=b"
        logged = eventually(lambda: site.log.lines(), "an access log line")[0]
        assert value(fields, "x-request-id") in json.dumps(logged)


def test_fields_of_the_application(front):
    def act(c):
        c.head()
        c.answer("x", "Set-Cookie: a=1", "Set-Cookie: b=2", "Connection: keep-alive, X-Hop", "X-Hop: 1", "Keep-Alive: timeout=9",
                 "Server: secret", "Date: yesterday", "Referrer-Policy: no-referrer")

    with backend.Backend(act) as app:
        answer = front(app).get("/")
        assert [v for k, v in answer.fields if k == "set-cookie"] == ["a=1", "b=2"]
        assert answer.field("x-hop") is None and answer.field("keep-alive") is None
        assert answer.field("server") == "sallyport" and answer.field("date") != "yesterday"
        assert answer.field("referrer-policy") == "no-referrer"
        assert answer.field("x-content-type-options") == "nosniff"


def test_connections_to_the_backend_are_kept(front):
    with backend.Backend(backend.echo) as app:
        site = front(app)
        for _ in range(10):
            assert site.get("/").status == 200
        assert len(app.conversations) == 1
        assert len(app.conversations[0].requests) == 10


@pytest.mark.parametrize("status, method, lines, body", [
    ("204 No Content", "GET", [], b""),
    ("304 Not Modified", "GET", ["ETag: \"a\""], b""),
    ("200 OK", "HEAD", ["Content-Length: 1234"], b""),
    ("404 Not Found", "GET", ["Content-Length: 3"], b"no\n"),
    ("200 OK", "DELETE", ["Content-Length: 0"], b""),
])
def test_answers_with_and_without_content(front, status, method, lines, body):
    def act(c):
        while True:
            c.head()
            c.send("".join(f"{line}\r\n" for line in [f"HTTP/1.1 {status}", *lines]).encode() + b"\r\n" + body)

    with backend.Backend(act) as app:
        site = front(app)
        with site.connect() as connection:
            for _ in range(2):
                request = f"{method} / HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode()
                answer = http1.ask(connection, request, method)
                assert (answer.status, answer.body) == (int(status[:3]), body)
                if method == "HEAD":
                    assert answer.field("content-length") == "1234"
        assert len(app.conversations) == 1


def test_unix_socket(front, tmp_path):
    with backend.Backend(backend.echo, path=tmp_path / "app.sock") as app:
        assert front(app).get("/").status == 200


def test_name_is_looked_up(front):
    with backend.Backend(backend.echo) as app:
        assert front(f"localhost:{app.port}").get("/").status == 200


def test_host_can_be_the_backends(front):
    with backend.Backend(backend.echo) as app:
        site = front(app, "--site.localhost.proxy.host=backend")
        assert value(seen(site.get("/"))[1], "host") == app.address


# --- what streams

def test_upload_streams_both_framings(front):
    body = os.urandom(3 * MIB)
    with backend.Backend(backend.echo) as app:
        site = front(app)
        with site.connect() as connection:
            head = f"POST /up HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            assert http1.ask(connection, head + body).body.endswith(body)
            pieces = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 70000]), body[i:i + 70000])
                              for i in range(0, len(body), 70000))
            head = f"POST /up HTTP/1.1\r\nHost: {site.host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            assert http1.ask(connection, head + pieces + b"0\r\n\r\n").body.endswith(body)


def test_over_http2(front, tmp_path):
    body = os.urandom(MIB)
    (tmp_path / "body").write_bytes(body)
    with backend.Backend(backend.echo) as app:
        site = front(app)
        client = site.http2()
        streams = [client.request(site.host, f"/{i}") for i in range(20)]
        for i, answer in enumerate(client.finish(*streams)):
            assert answer["body"].startswith(f"GET /{i} HTTP/1.1".encode())
        done = curl.curl(site.url("/up"), "--data-binary", f"@{tmp_path / 'body'}", root=site.root, http="2")
        assert done.body.endswith(body)


def test_body_arrives_while_it_is_made(front):
    """Server-sent events: each one is at the client before the next is made."""
    go_on = threading.Event()

    def act(c):
        c.head()
        c.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n")
        assert go_on.wait(60)
        c.send("data: two\n\n")
        c.close()

    with backend.Backend(act) as app:
        site = front(app)
        reader = site.reader()
        reader.connection.sendall(f"GET /events HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        reader.until(b"\r\n\r\n")
        reader.until(b"data: one\n\n")
        go_on.set()
        reader.until(b"data: two\n\n")
        reader.until(b"0\r\n\r\n")


def test_request_body_arrives_while_it_is_sent(front):
    first = threading.Event()

    def act(c):
        request = c.head()
        assert request.field("transfer-encoding") == "chunked"
        assert c.chunk() == b"one"
        first.set()
        assert c.chunk() == b"two" and c.chunk() == b""
        c.answer(f"{c.trailers}")

    with backend.Backend(act) as app:
        site = front(app)
        reader = site.reader()
        reader.connection.sendall(f"POST / HTTP/1.1\r\nHost: {site.host}\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "3\r\none\r\n".encode())
        assert first.wait(60)
        reader.connection.sendall(b"3\r\ntwo\r\n0\r\nX-Sum: 7\r\n\r\n")
        assert b"('x-sum', '7')" in reader.final().body


def test_trailers_and_interim_answers_pass(front):
    def act(c):
        assert c.head().field("te") == "trailers"
        c.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
        c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n")

    with backend.Backend(act) as app:
        site = front(app)
        reader = site.reader()
        reader.connection.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\nTE: trailers\r\n\r\n".encode())
        hints = reader.answer()
        assert (hints.status, hints.field("link")) == (103, "</a.css>; rel=preload")
        answer = reader.answer()
        assert (answer.body, answer.trailers) == (b"abc", [("x-sum", "7")])


def test_expectation_is_the_backends_to_grant(front):
    def act(c):
        while True:
            request = c.head()
            assert request.field("expect") == "100-continue"
            if request.target == "/no":
                c.answer("no", "Connection: close", status="403 Forbidden")
                return
            c.send("HTTP/1.1 100 Continue\r\n\r\n")
            c.answer(c.body(request))

    with backend.Backend(act) as app:
        site = front(app)
        for path, interim, status in (("/yes", 100, 200), ("/no", None, 403)):
            reader = site.reader()
            reader.connection.sendall(f"PUT {path} HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: 5\r\n"
                                      "Expect: 100-continue\r\n\r\n".encode())
            if interim:
                assert reader.answer().status == interim
                reader.connection.sendall(b"hello")
            assert reader.answer().status == status


def test_slow_reader_stops_the_backend(front):
    """A client that does not read costs no memory: the backend waits."""
    sent = []

    def act(c):
        c.head()
        c.send(f"HTTP/1.1 200 OK\r\nContent-Length: {512 * MIB}\r\n\r\n")
        c.connection.settimeout(3)
        try:
            for _ in range(512):
                c.send(bytes(MIB))
                sent.append(1)
        except TimeoutError:
            sent.append("waits")

    with backend.Backend(act) as app:
        site = front(app)
        before = site.gateway.memory()
        readers = [site.reader() for _ in range(4)]
        for reader in readers:
            reader.connection.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        eventually(lambda: sent.count("waits") == 4, lambda: f"only {sent.count('waits')} wait")
        assert len(sent) < 4 * 64
        assert site.gateway.memory() - before < 64 * MIB


def test_client_that_leaves_frees_the_backend(front):
    gone = threading.Event()

    def act(c):
        c.head()
        c.send("HTTP/1.1 200 OK\r\n\r\nfirst")
        try:
            c.more()
        except (EOFError, OSError):
            gone.set()

    with backend.Backend(act) as app:
        site = front(app)
        reader = site.reader()
        reader.connection.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        reader.until(b"first")
        reader.connection.close()
        assert gone.wait(60)


# --- what fails

def says(answer, site, status, failure, *words):
    assert answer.status == status
    assert b"127.0.0.1" not in answer.body and b"upstream" not in answer.body
    assert failure_of(site)["failure"] == failure
    line = site.gateway.wait_error(failure)
    for word in words:
        assert word in line, line


def test_nobody_listens(front):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        site = front(f"127.0.0.1:{port}")
        says(site.get("/"), site, 502, "upstream.not_connected", f"127.0.0.1:{port}", "net.connect_refused")


def test_backend_never_answers(front):
    def act(c):
        c.head()
        c.more()

    with backend.Backend(act) as app:
        site = front(app, "--site.localhost.proxy.answer_timeout=300ms")
        says(site.get("/"), site, 504, "upstream.answer_timeout", app.address)


@pytest.mark.parametrize("answer, failure, cause", [
    ("", "upstream.closed_early", "end of stream"),
    ("HTTP/1.1 200 OK\r\nContent-Le", "upstream.closed_early", "inside the head"),
    ("SSH-2.0-OpenSSH\r\n", "upstream.bad_answer", "http1.bad_status_line"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "upstream.bad_answer", "http1.server_framing"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "upstream.bad_answer",
     "http1.server_framing"),
    ("HTTP/1.1 102 Processing\r\n\r\n" * 100, "upstream.bad_answer", "http1.too_many_interim_answers"),
    ("HTTP/1.1 200 OK\r\n" + "X-Long: " + "a" * 100_000, "upstream.bad_answer", "http1.server_head_too_large"),
])
def test_answers_that_are_none(front, answer, failure, cause):
    def act(c):
        c.head()
        c.send(answer)
        c.connection.shutdown(socket.SHUT_WR)
        c.more()

    with backend.Backend(act) as app:
        site = front(app)
        says(site.get("/"), site, 502, failure, app.address, cause)


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_backend_that_dies_is_no_short_success(front, framing):
    def act(c):
        c.head()
        c.send(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n3\r\nabc\r\n")
        c.close()

    with backend.Backend(act) as app:
        site = front(app)
        with pytest.raises(http1.Closed):
            site.get("/")
        assert failure_of(site)["failure"] == "upstream.closed_early"
        assert "inside the body" in site.gateway.wait_error("upstream.closed_early")


def test_backend_that_stops_in_the_middle(front):
    def act(c):
        c.head()
        c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
        c.more()

    with backend.Backend(act) as app:
        site = front(app, "--site.localhost.proxy.idle_timeout=300ms")
        with pytest.raises(http1.Closed):
            site.get("/")
        assert failure_of(site)["failure"] == "upstream.idle_timeout"


def test_kept_connection_that_closes_as_it_is_used(front):
    """The first connection answers once and then closes on the next request: a GET goes again, a POST does not."""

    def act(c):
        c.head()
        c.answer(f"{c.number}")
        request = c.head()
        if c.number == 0 or request.method == "POST":
            return c.close()
        c.answer("again")
        return None

    with backend.Backend(act) as app:
        site = front(app)
        assert site.get("/").body == b"0"
        assert site.get("/").body == b"1"
        assert len(app.conversations) == 2
        post = f"POST / HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: 2\r\n\r\nhi".encode()
        says(site.ask(post), site, 502, "upstream.closed_early", app.address)
        assert [c.requests[-1].method for c in app.conversations] == ["GET", "POST"]


def test_connect_is_refused(front):
    with backend.Backend(backend.echo) as app:
        site = front(app)
        request = f"CONNECT {site.host} HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode()
        assert site.ask(request).status == 501
        assert not app.conversations
