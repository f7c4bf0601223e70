"""Requests whose end two parsers could see in different places: each refused, and nothing after it is read."""
import pytest

from peers import http1, tls

HEAD = b"POST / HTTP/1.1\r\nHost: one.test\r\n"
GET = b"GET / HTTP/1.1\r\nHost: one.test\r\n"
INNER = b"GET /smuggled HTTP/1.1\r\nHost: one.test\r\n\r\n"

# name: (bytes, statuses). What could be smuggled follows each of them.
REFUSED = {
    "length and coding": (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "coding and length": (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", {400}),
    "two lengths": (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", {400}),
    "two equal lengths": (HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", {400}),
    "list of lengths": (HEAD + b"Content-Length: 5, 5\r\n\r\nhello", {400}),
    "length with plus": (HEAD + b"Content-Length: +5\r\n\r\nhello", {400}),
    "negative length": (HEAD + b"Content-Length: -1\r\n\r\n", {400}),
    "hex length": (HEAD + b"Content-Length: 0x5\r\n\r\nhello", {400}),
    "empty length": (HEAD + b"Content-Length: \r\n\r\n", {400}),
    "length of letters": (HEAD + b"Content-Length: five\r\n\r\nhello", {400}),
    "length with a space within": (HEAD + b"Content-Length: 1 0\r\n\r\nhello", {400}),
    "length beyond 64 bits": (HEAD + b"Content-Length: 18446744073709551621\r\n\r\nhello", {400, 413}),
    "length with a point": (HEAD + b"Content-Length: 5.0\r\n\r\nhello", {400}),
    "coding twice": (HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "coding list": (HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "coding not last": (HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", {400, 501}),
    "coding with gzip": (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "coding identity": (HEAD + b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", {400, 501}),
    "coding with a prefix": (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "coding with a parameter": (HEAD + b"Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", {400, 501}),
    "coding quoted": (HEAD + b"Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", {400, 501}),
    "coding with vertical tab": (HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "empty coding": (HEAD + b"Transfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello", {400, 501}),
    "space before colon of coding": (HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", {400}),
    "space before colon of length": (HEAD + b"Content-Length : 5\r\n\r\nhello", {400}),
    "folded coding": (HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", {400}),
    "folded field": (GET + b"A: b\r\n c\r\n\r\n", {400}),
    "name behind a space": (GET + b" Content-Length: 5\r\n\r\nhello", {400}),
    "bare LF in the head": (b"GET / HTTP/1.1\nHost: one.test\r\n\r\n", {400}),
    "bare LF after a field": (GET + b"A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "bare LF at the end": (GET + b"\n", {400}),
    "bare CR in a value": (GET + b"A: b\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "NUL in a value": (GET + b"A: b\x00c\r\n\r\n", {400}),
    "NUL in a name": (GET + b"A\x00: c\r\n\r\n", {400}),
    "control byte in a value": (GET + b"A: b\x01c\r\n\r\n", {400}),
    "no colon": (GET + b"Abc\r\n\r\n", {400}),
    "empty name": (GET + b": b\r\n\r\n", {400}),
    "umlaut in a name": (GET + "Ä: b\r\n\r\n".encode(), {400}),
    "coding in 1.0": (b"POST / HTTP/1.0\r\nHost: one.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "chunk size empty": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n\r\n0\r\n\r\n", {400}),
    "chunk size with 0x": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", {400}),
    "chunk size with plus": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n", {400}),
    "chunk size negative": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", {400}),
    "chunk size beyond 64 bits": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n", {400, 413}),
    "chunk size with leading space": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n", {400}),
    "chunk line by bare LF": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", {400}),
    "chunk end by bare LF": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n", {400}),
    "chunk longer than said": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", {400}),
    "chunk extension with bare CR": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;a\rb\r\nhello\r\n0\r\n\r\n", {400}),
    "chunk extension with LF": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;a\n5\r\nhello\r\n0\r\n\r\n", {400}),
    "trailer with a length": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n", {400}),
    "two hosts": (GET + b"Host: two.test\r\n\r\n", {400}),
    "two equal hosts": (GET + b"Host: one.test\r\n\r\n", {400}),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", {400}),
    "empty host": (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", {400, 421}),
    "host with a path": (b"GET / HTTP/1.1\r\nHost: one.test/x\r\n\r\n", {400}),
    "host with a user": (b"GET / HTTP/1.1\r\nHost: a@one.test\r\n\r\n", {400}),
    "host with a bad port": (b"GET / HTTP/1.1\r\nHost: one.test:99999\r\n\r\n", {400}),
    "host list": (b"GET / HTTP/1.1\r\nHost: one.test, two.test\r\n\r\n", {400}),
    "two spaces": (b"GET  / HTTP/1.1\r\nHost: one.test\r\n\r\n", {400}),
    "tab between": (b"GET\t/\tHTTP/1.1\r\nHost: one.test\r\n\r\n", {400}),
    "space in the target": (b"GET /a b HTTP/1.1\r\nHost: one.test\r\n\r\n", {400}),
    "fragment": (b"GET /#a HTTP/1.1\r\nHost: one.test\r\n\r\n", {400}),
    "no version": (b"GET /\r\n\r\n", {400}),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\nHost: one.test\r\n\r\n", {400, 505}),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\nHost: one.test\r\n\r\n", {400, 505}),
    "http in lower case": (b"GET / http/1.1\r\nHost: one.test\r\n\r\n", {400}),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    "target is no path": (b"GET one HTTP/1.1\r\nHost: one.test\r\n\r\n", {400}),
    "high byte in the target": (b"GET /\xff HTTP/1.1\r\nHost: one.test\r\n\r\n", {400}),
}

SITE = """
http_port = 0
[site."one.test"]
listen = ["127.0.0.1:{port}"]
respond = "one"
[site."two.test"]
listen = ["127.0.0.1:{port}"]
respond = "two"
"""


def refused_then_closed(connection, wire, statuses, name):
    """The answer is a refusal, perhaps after one that was honest, and then nothing comes but the close."""
    connection.sendall(wire + INNER)
    reader, seen = http1.Reader(connection), []
    try:
        while True:
            seen.append(reader.answer())
    except http1.Closed as closed:
        assert closed.got == b"", name
    assert seen and seen[-1].status in statuses, (name, seen)
    # A site that needs no body answers at the head; the fault in the body then only closes.
    assert [answer.status for answer in seen[:-1]] in ([], [200], [100]), (name, seen)
    assert seen[-1].field("connection") == "close", (name, seen)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    from gateway import AccessLog, Gateway, free_port
    folder, port = tmp_path_factory.mktemp("smuggling"), free_port()
    (folder / "sallyport.toml").write_text(SITE.replace("{port}", str(port)))
    running = Gateway(folder / "home", "serve", "--config", folder / "sallyport.toml", "--access-log", folder / "access.log")
    running.port, running.log = port, AccessLog(folder / "access.log")
    try:
        yield running.start()
        running.stop()
    finally:
        running.kill()


@pytest.mark.parametrize("name", REFUSED)
def test_refused(gateway, name):
    wire, statuses = REFUSED[name]
    with tls.connect(gateway.port, "one.test", gateway.root) as connection:
        connection.sendall(b"")
        body_fault = name.startswith(("chunk", "trailer"))
        if body_fault:
            # Whoever answers before the body is whole may have said 200 already: then the close is the refusal.
            connection.sendall(wire + INNER)
            reader, seen = http1.Reader(connection), []
            try:
                while True:
                    seen.append(reader.answer().status)
            except http1.Closed as closed:
                assert closed.got == b""
            assert seen in ([400], [413], [200], [200, 400]), seen
        else:
            refused_then_closed(connection, wire, statuses, name)


def test_nothing_was_smuggled(gateway):
    """After all of the above (this test is the module's last): no request of the inner kind was ever understood."""
    with tls.connect(gateway.port, "one.test", gateway.root) as connection:
        assert http1.get(connection, "/last", "one.test").body == b"one"
    gateway.log.wait(lambda line: line["path"] == "/last")
    assert not [line for line in gateway.log.lines() if line["path"] == "/smuggled"]


def test_the_log_names_the_fault(gateway):
    with tls.connect(gateway.port, "one.test", gateway.root) as connection:
        refused_then_closed(connection, *REFUSED["length and coding"], "length and coding")
    line = gateway.log.wait(lambda line: line.get("failure") == "http1.length_and_coding")[-1]
    assert line["status"] == 400
