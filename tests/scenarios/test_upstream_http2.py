"""Backends that speak HTTP/2, without TLS: what passes, what is shared, and how failures look from outside."""
import struct
import threading

import h2.settings
import pytest

from gateway import eventually
from peers import h2_backend, http1, http2
from test_proxy import MIB, failure_of


def seen(body):
    """What `h2_backend.echo` was asked: fields, and the rest."""
    head, _, rest = body.partition(b"\n\n")
    names = {}
    for line in head.decode().split("\n"):
        name, _, value = (line[1:].partition(": ") if line.startswith(":") else line.partition(": "))
        names[(":" if line.startswith(":") else "") + name] = value
    return names, rest


def goaway(last_stream):
    """python3-h2 sends nothing more after its own."""
    return http2.frame(http2.GOAWAY, 0, 0, struct.pack(">II", last_stream, http2.NO_ERROR))


def test_request_as_the_backend_sees_it(front):
    with h2_backend.Backend(h2_backend.echo) as app:
        site = front(app)
        answer = site.get("/a/b?c=d%20e", "X-Own: value", "Connection: close", "X-Forwarded-For: evil")
        assert answer.status == 200 and answer.field("server") == "sallyport"
        fields, _ = seen(answer.body)
        assert fields[":method"] == "GET" and fields[":path"] == "/a/b?c=d%20e" and fields[":scheme"] == "http"
        assert fields[":authority"] == site.host and fields["x-own"] == "value"
        assert fields["x-forwarded-for"] == "127.0.0.1" and "connection" not in fields and "host" not in fields


def test_requests_share_one_connection(front):
    with h2_backend.Backend(h2_backend.echo) as app:
        site = front(app)
        client = site.http2()
        streams = [client.request(site.host, f"/{i}") for i in range(50)]
        for i, answer in enumerate(client.finish(*streams)):
            assert answer["fields"][":status"] == "200" and seen(answer["body"])[0][":path"] == f"/{i}"
        assert site.get("/").status == 200
        assert len(app.conversations) == 1


@pytest.mark.parametrize("size", [0, 10, 100_000, 3 * MIB])
def test_bodies_both_ways(front, size):
    body = bytes(i * 7 % 251 for i in range(size))
    with h2_backend.Backend(h2_backend.echo) as app:
        site = front(app)
        with site.connect() as connection:
            head = f"POST / HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: {size}\r\n\r\n".encode()
            answer = http1.ask(connection, head + body, "POST")
            fields, rest = seen(answer.body)
            assert rest == body and fields["content-length"] == str(size)
            chunked = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 9999]), body[i:i + 9999]) for i in range(0, size, 9999))
            head = f"POST / HTTP/1.1\r\nHost: {site.host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            answer = http1.ask(connection, head + chunked + b"0\r\nx-sum: 5\r\n\r\n", "POST")
            assert answer.body.endswith(b"\n\ntrailer x-sum: 5\n" + body) and b"\ncontent-length:" not in answer.body


def test_trailers_and_interims_pass(front):
    def act(c):
        asked = c.request()
        c.http.send_headers(asked.stream, [(":status", "103"), ("link", "</a.css>; rel=preload")])
        c.answer(asked, b"body", trailers=[("x-check", "yes")])
        c.step()

    with h2_backend.Backend(act) as app:
        site = front(app)
        with site.connect() as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\nTE: trailers\r\nConnection: TE\r\n\r\n".encode())
            reader = http1.Reader(connection)
            early = reader.answer("GET")
            assert early.status == 103 and early.field("link") == "</a.css>; rel=preload"
            answer = reader.final("GET")
            assert answer.body == b"body" and ("x-check", "yes") in answer.trailers


def test_more_connections_when_the_backend_limits_streams(front):
    gate = threading.Barrier(4, timeout=60)

    def act(c):
        while True:
            asked = c.request()
            gate.wait()
            c.answer(asked, b"done")

    with h2_backend.Backend(act, {h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 1}) as app:
        site = front(app)
        assert gate.parties == 4
        client = site.http2()
        # The first one learns of the limit; its answer waits for three more, so they need connections of their own.
        first = client.request(site.host, "/")
        eventually(lambda: app.conversations and app.conversations[0], "a connection")
        others = [client.request(site.host, "/") for _ in range(3)]
        assert [a["body"] for a in client.finish(first, *others)] == [b"done"] * 4
        assert len(app.conversations) >= 2


def test_after_goaway_a_new_connection_is_used(front):
    def act(c):
        asked = c.request()
        c.socket.sendall(goaway(asked.stream))
        c.answer(asked, str(c.number).encode())
        while True:
            c.step()

    with h2_backend.Backend(act) as app:
        site = front(app)
        assert [site.get("/").body for _ in range(3)] == [b"0", b"1", b"2"]


def test_refused_stream_goes_again(front):
    def act(c):
        asked = c.request()
        if c.number == 0:
            c.answer(asked, b"first")
            asked = c.request()
            c.socket.sendall(goaway(asked.stream - 2))
        else:
            c.answer(asked, b"again")
        while True:
            c.step()

    with h2_backend.Backend(act) as app:
        site = front(app)
        assert site.get("/").body == b"first"
        assert site.get("/").body == b"again"


@pytest.mark.parametrize("how, failure", [("reset", "upstream.closed_early"), ("close", "upstream.closed_early"),
                                          ("nonsense", "upstream.bad_answer")])
def test_no_answer(front, how, failure):
    def act(c):
        asked = c.request()
        if how == "reset":
            c.http.reset_stream(asked.stream, 2)
            c.flush()
        elif how == "close":
            c.plain.close()
        else:
            c.socket.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)
        while True:
            c.step()

    with h2_backend.Backend(act) as app:
        site = front(app)
        with site.connect() as connection:
            answer = http1.ask(connection, f"POST / HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: 0\r\n\r\n".encode(), "POST")
        assert answer.status == 502 and app.address.encode() not in answer.body
        assert failure_of(site)["failure"] == failure
        assert app.address in site.gateway.wait_error(failure)


@pytest.mark.parametrize("how", ["reset", "close"])
def test_end_inside_the_body_is_no_short_success(front, how):
    def act(c):
        asked = c.request()
        c.http.send_headers(asked.stream, [(":status", "200")])
        c.http.send_data(asked.stream, b"part")
        c.flush()
        if how == "reset":
            c.http.reset_stream(asked.stream, 2)
            c.flush()
            c.step()
        else:
            c.plain.close()

    with h2_backend.Backend(act) as app:
        site = front(app)
        with pytest.raises(http1.Closed):
            site.get("/")
        assert failure_of(site)["failure"] == "upstream.closed_early"


def test_backend_that_never_answers_is_given_up(front):
    """Nothing came on its connection, so the next request gets another one."""
    def act(c):
        asked = c.request()
        if c.number > 0:
            c.answer(asked, b"well")
        while True:
            c.plain.connection.recv(65536)

    with h2_backend.Backend(act) as app:
        site = front(app, "--site.localhost.proxy.answer_timeout=300ms")
        assert site.get("/").status == 504
        assert failure_of(site)["failure"] == "upstream.answer_timeout"
        assert site.get("/").body == b"well"


def test_head_that_is_too_large(front):
    def act(c):
        asked = c.request()
        c.answer(asked, b"x", ("x-large", "a" * 40_000))
        while True:
            c.step()

    with h2_backend.Backend(act) as app:
        site = front(app, "--site.localhost.proxy.header_bytes=8KiB")
        assert site.get("/").status == 502
        assert failure_of(site)["failure"] == "upstream.bad_answer"


def test_slow_reader_stops_the_backend_and_nobody_else(front):
    sent = []

    def act(c):
        while True:
            asked = c.head()
            if asked.field(":path") != "/large":
                c.answer(asked, b"small")
                continue
            c.http.send_headers(asked.stream, [(":status", "200")])
            threading.Thread(target=pour, args=(c, asked), daemon=True).start()

    def pour(c, asked):
        piece = b"x" * 16_000
        while c.http.local_flow_control_window(asked.stream) >= len(piece):
            c.http.send_data(asked.stream, piece)
            sent.append(len(piece))
        c.flush()

    with h2_backend.Backend(act) as app:
        site = front(app, "--site.localhost.proxy.buffer_bytes=64KiB")
        with site.connect() as slow:
            slow.sendall(f"GET /large HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
            eventually(lambda: sum(sent) >= 48_000, "the window is used")
            assert site.get("/").body == b"small"
            assert len(app.conversations) == 1


def test_client_that_leaves_cancels_its_stream_only(front):
    left = threading.Event()

    def act(c):
        first = c.head()
        while first.reset is None:
            c.step()
        left.set()
        while True:
            c.answer(c.request(), b"still here")

    with h2_backend.Backend(act) as app:
        site = front(app)
        with site.connect() as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
            eventually(lambda: app.conversations, "the request at the backend")
        assert left.wait(30)
        assert site.get("/").body == b"still here"
        assert len(app.conversations) == 1


def test_head_request_has_no_body(front):
    def act(c):
        while True:
            c.answer(c.request(), b"", ("content-length", "1234"))

    with h2_backend.Backend(act) as app:
        site = front(app)
        with site.connect() as connection:
            for _ in range(2):
                answer = http1.ask(connection, f"HEAD / HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode(), "HEAD")
                assert answer.status == 200 and answer.field("content-length") == "1234" and not answer.body


def test_kept_connection_ends_after_a_while(front):
    ends = []

    def act(c):
        c.answer(c.request(), b"x")
        try:
            while True:
                c.step()
        except EOFError:
            ends.append(c.number)

    with h2_backend.Backend(act) as app:
        site = front(app, "--site.localhost.proxy.keep_timeout=200ms")
        assert site.get("/").body == b"x"
        eventually(lambda: ends == [0], "the end of the connection")
        assert site.get("/").body == b"x"
        assert len(app.conversations) == 2
