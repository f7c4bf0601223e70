"""HTTP/2 as honest clients speak it."""
import re
import subprocess

import pytest

from peers import http1, http2, tls
from peers.curl import curl


def test_many_streams_of_one_connection(serve, folder):
    site = serve()
    for number in range(50):
        (folder / f"{number}.txt").write_text(f"file {number}\n" * (number + 1))
    with site.connect(alpn=["h2"]) as connection:
        client = http2.Client(connection)
        streams = [client.request(site.host, f"/{number}.txt") for number in range(50)]
        answers = client.finish(*streams)
    assert [a["body"] for a in answers] == [b"file %d\n" % n * (n + 1) for n in range(50)]


def test_a_large_file_through_small_windows(serve, folder):
    site = serve()
    content = bytes(range(256)) * 12000
    (folder / "big.bin").write_bytes(content)
    client = site.http2()
    status, fields, body = client.get(site.host, "/big.bin")
    assert status == 200 and body == content and fields["content-length"] == str(len(content))


def test_nghttp_gets_a_page_with_its_assets(serve, folder):
    (folder / "index.html").write_text("<!doctype html><link rel=stylesheet href=/a.css><script src=/b.js></script>")
    (folder / "a.css").write_text("a{}\n")
    (folder / "b.js").write_text("b()\n")
    site = serve()
    done = subprocess.run(["nghttp", "-nas", "--no-verify-peer", site.url()], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    rows = re.findall(r"\s(200)\s+\S+\s+(/\S*)$", done.stdout, re.M)
    assert {path for _, path in rows} >= {"/", "/a.css", "/b.js"}, done.stdout


NOBODY_READS = 'http_port = 0\n[site."one.test"]\nlisten = ["127.0.0.1:{port}"]\nrespond = "one"\n'


@pytest.mark.parametrize("size", [3, 70_000, 200_000])
def test_uploads_that_nobody_reads_do_not_cost_the_answer(configure, size, tmp_path):
    """curl of Debian 12 loses an answer when its stream is reset while it still sends."""
    gateway = configure(NOBODY_READS)
    (tmp_path / "body").write_bytes(bytes(size))
    answer = curl(f"https://one.test:{gateway.port}/", "--data-binary", f"@{tmp_path}/body", root=gateway.root, http="2",
                  resolve=f"one.test:{gateway.port}")
    assert (answer.status, answer.version, answer.body) == (200, "2", b"one")


def test_a_long_upload_that_nobody_reads_is_stopped(configure, tmp_path):
    """RFC 9113 8.1: the answer, then a reset without fault once limits.unread_body_bytes have been thrown away."""
    gateway = configure(NOBODY_READS)
    frames = http2.open_frames(gateway.port, "one.test", gateway.root)
    frames.send(frames.headers(1, "one.test", method="POST", end=False))
    sent, got, code, window = 0, b"", None, 65535
    while code is None:
        while window >= 16384:
            frames.send(http2.frame(http2.DATA, 0, 1, bytes(16384)))
            sent, window = sent + 16384, window - 16384
        kind, _, stream, payload = frames.receive()
        if kind == http2.DATA:
            got += payload
        if kind == http2.WINDOW_UPDATE and stream == 1:
            window += int.from_bytes(payload, "big")
        if kind == http2.RST_STREAM:
            code = int.from_bytes(payload, "big")
    assert (got, code) == (b"one", http2.NO_ERROR) and 256 * 1024 <= sent <= 2 << 20
    frames.send(frames.headers(3, "one.test"))
    assert frames.until(http2.DATA)[3] == b"one"


def test_settings_that_are_announced(serve):
    site = serve()
    found = site.frames().until(http2.SETTINGS)
    settings = {int.from_bytes(found[3][i:i + 2], "big"): int.from_bytes(found[3][i + 2:i + 6], "big")
                for i in range(0, len(found[3]), 6)}
    assert settings[3] == 128           # MAX_CONCURRENT_STREAMS, as limits.h2.max_streams says
    assert settings.get(9) == 1         # NO_RFC7540_PRIORITIES (RFC 9218 2.1)
    assert settings.get(6, 0) > 0       # MAX_HEADER_LIST_SIZE


def test_urgent_answers_come_first(serve, folder):
    """RFC 9218: a low-priority download in flight that nobody reads, then an urgent one: that one ends first."""
    site = serve()
    (folder / "slow.bin").write_bytes(bytes(60_000_000))
    (folder / "quick.bin").write_bytes(bytes(200_000))
    frames = site.frames()
    frames.send(http2.frame(http2.SETTINGS, 0, 0, b"\0\4\x7f\xff\xff\xff"),
                http2.frame(http2.WINDOW_UPDATE, 0, 0, (2**30).to_bytes(4, "big")),
                frames.headers(1, site.host, "/slow.bin", fields=[("priority", "u=7")]),
                frames.headers(3, site.host, "/quick.bin", fields=[("priority", "u=0")]))
    ended = []
    while len(ended) < 2:
        kind, flags, stream, _ = frames.receive()
        if kind == http2.DATA and flags & http2.END_STREAM:
            ended.append(stream)
    assert ended == [3, 1]


def test_priority_updates_are_taken(serve):
    site = serve()
    frames = site.frames()
    frames.send(http2.frame(http2.PRIORITY_UPDATE, 0, 0, (1).to_bytes(4, "big") + b"u=1, i"),
                frames.headers(1, site.host, "/hello.txt"))
    while (found := frames.receive()) and not (found[0] == http2.DATA and found[1] & http2.END_STREAM):
        assert found[0] != http2.GOAWAY
    assert found is not None


BAD_HEADS = {
    "upper case in a name": [("X-Upper", "1")],
    "connection": [("connection", "keep-alive")],
    "transfer-encoding": [("transfer-encoding", "chunked")],
    "te beyond trailers": [("te", "gzip")],
    "an unknown pseudo-field": [(":other", "1")],
    "a pseudo-field twice": [(":path", "/b")],
    "a line break in a value": [("a", "b\r\nc: d")],
    "NUL in a value": [("a", "b\0c")],
    "host that is not the authority": [("host", "evil.test")],
    "a length that is no number": [("content-length", "five")],
}


@pytest.mark.parametrize("name", BAD_HEADS)
def test_a_malformed_request_ends_its_stream_only(serve, name):
    site = serve()
    frames = site.frames()
    frames.send(frames.headers(1, site.host, "/hello.txt", fields=BAD_HEADS[name]))
    refused = None
    while refused is None:
        kind, flags, stream, payload = frames.receive()
        assert kind != http2.GOAWAY or int.from_bytes(payload[4:8], "big") == http2.PROTOCOL_ERROR
        if kind in (http2.RST_STREAM, http2.GOAWAY):
            refused = kind
        if kind == http2.HEADERS:  # an answer of 400 or 421 is a refusal too
            status = dict(frames_decoder(payload))[":status"]
            assert status in ("400", "421"), (name, status)
            refused = kind
    if refused != http2.GOAWAY:
        frames.send(frames.headers(3, site.host, "/hello.txt"))
        while True:
            kind, flags, stream, payload = frames.receive()
            if kind == http2.DATA and stream == 3:
                assert payload == b"hello\n"
                return


def frames_decoder(payload):
    import hpack
    return hpack.Decoder().decode(payload)


def test_another_sites_authority_is_misdirected(configure):
    gateway = configure("""
http_port = 0
[site."one.test"]
listen = ["127.0.0.1:{port}"]
respond = "one"
[site."two.test"]
listen = ["127.0.0.1:{port}"]
respond = "two"
""")
    client = http2.open_client(gateway.port, "one.test", gateway.root)
    assert client.get("one.test", "/")[0] == 200
    assert client.get("two.test", "/")[0] == 421
    assert client.get("one.test", "/")[2] == b"one"


def test_h2c_only_where_a_port_is_plain(configure):
    gateway = configure("""
http_port = 0
[site."one.test"]
listen = ["127.0.0.1:{port}"]
respond = "one"
[port."127.0.0.1:{port2}"]
protocol = "http"
""")
    answer = curl(f"http://one.test:{gateway.port2}/", "--http2-prior-knowledge", resolve=f"one.test:{gateway.port2}")
    assert (answer.status, answer.version, answer.body) == (200, "2", b"one")
    answer = curl(f"http://one.test:{gateway.port2}/", resolve=f"one.test:{gateway.port2}")
    assert (answer.status, answer.version, answer.body) == (200, "1.1", b"one")
    # On the TLS port the preface without TLS is no HTTP/2.
    with http1.plain(gateway.port) as connection:
        connection.sendall(http2.PREFACE + http2.frame(http2.SETTINGS, 0, 0))
        assert http1.Reader(connection).rest()[:9] in (b"", b"HTTP/1.1 ")


def test_h2c_can_be_turned_off(configure):
    gateway = configure("""
http_port = 0
[site."one.test"]
listen = ["127.0.0.1:{port}"]
respond = "one"
[port."127.0.0.1:{port2}"]
protocol = "http"
h2c = false
""")
    with http1.plain(gateway.port2) as connection:
        connection.sendall(http2.PREFACE + http2.frame(http2.SETTINGS, 0, 0))
        assert http1.Reader(connection).rest()[:9] in (b"", b"HTTP/1.1 ")
    with http1.plain(gateway.port2) as connection:
        assert http1.get(connection, "/", "one.test").body == b"one"


def test_http1_bytes_where_http2_was_agreed(serve):
    site = serve()
    with site.connect(alpn=["h2"]) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        rest = http1.Reader(connection).rest()
    assert b"It works" not in rest


@pytest.mark.tsan
def test_a_load_of_streams_and_connections(serve):
    site = serve("--workers", "2")
    done = subprocess.run(["h2load", "-n", "2000", "-c", "8", "-m", "32", site.url("/hello.txt")],
                          capture_output=True, text=True, timeout=120)
    assert "2000 succeeded, 0 failed, 0 errored" in done.stdout, done.stdout
