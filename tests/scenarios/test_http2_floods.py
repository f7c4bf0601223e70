"""What ends with ENHANCE_YOUR_CALM while an honest client on another connection goes on."""
import struct
import threading

import pytest

from peers import http2

CALM = http2.ENHANCE_YOUR_CALM


class Honest:
    """Asks again and again on one connection, beside the flood."""

    def __init__(self, site):
        self.site, self.client, self.done, self.count, self.error = site, site.http2(), threading.Event(), 0, None
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.done.is_set():
                status, _, body = self.client.get(self.site.host, "/hello.txt")
                assert (status, body) == (200, b"hello\n")
                self.count += 1
                self.done.wait(0.01)
        except Exception as error:
            self.error = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        self.client.socket.close()
        assert self.error is None and self.count > 0


def rapid_reset(frames, host, turn):
    """CVE-2023-44487."""
    stream = 2 * turn + 1
    return [frames.headers(stream, host, "/hello.txt"), http2.frame(http2.RST_STREAM, 0, stream, struct.pack(">I", 8))]


def made_reset(frames, host, turn):
    """CVE-2025-8671: the server is made to reset, by a window update of zero on each stream."""
    stream = 2 * turn + 1
    return [frames.headers(stream, host, "/hello.txt", method="POST", end=False),
            http2.frame(http2.WINDOW_UPDATE, 0, stream, bytes(4))]


def settings(frames, host, turn):
    """CVE-2019-9515."""
    return [http2.frame(http2.SETTINGS, 0, 0, struct.pack(">HI", 4, 65535))]


def pings(frames, host, turn):
    """CVE-2019-9512."""
    return [http2.frame(http2.PING, 0, 0, struct.pack(">Q", turn))]


def priority_updates(frames, host, turn):
    """RFC 9218 7.1."""
    return [http2.frame(http2.PRIORITY_UPDATE, 0, 0, struct.pack(">I", 2 * turn + 1) + b"u=1")]


def old_priorities(frames, host, turn):
    """CVE-2019-9513."""
    return [http2.frame(http2.PRIORITY, 0, 2 * turn + 1, struct.pack(">IB", 0, 1))]


def empty_data(frames, host, turn):
    """CVE-2019-9518."""
    first = [frames.headers(1, host, "/hello.txt", method="POST", end=False)] if turn == 0 else []
    return first + [http2.frame(http2.DATA, 0, 1)]


def window_updates(frames, host, turn):
    return [http2.frame(http2.WINDOW_UPDATE, 0, 0, struct.pack(">I", 1))]


FLOODS = {flood.__name__: flood for flood in (rapid_reset, made_reset, settings, pings, priority_updates, old_priorities,
                                              empty_data, window_updates)}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_calmed(serve, name):
    site = serve()
    with Honest(site):
        frames = site.frames()
        for turn in range(0, 20000, 500):
            wire = [part for one in range(turn, turn + 500) for part in FLOODS[name](frames, site.host, one)]
            if not frames.send(*wire):
                break
        code = frames.goaway()
    # A window update of zero for a stream that has ended is an error of its own (RFC 9113 6.9).
    assert code in (CALM, None) or (name, code) == ("made_reset", http2.PROTOCOL_ERROR), code
    assert site.get("/hello.txt").status == 200


def test_a_flood_of_continuations(serve):
    """VU#421644: a header block that does not end."""
    site = serve()
    with Honest(site):
        frames = site.frames()
        frames.send(http2.frame(http2.HEADERS, 0, 1, frames.head(site.host)))
        for _ in range(2000):
            if not frames.send(http2.frame(http2.CONTINUATION, 0, 1, b"\0\1a\1b")):
                break
        code = frames.goaway()
    assert code in (CALM, http2.PROTOCOL_ERROR, 0x2, None)


def test_a_header_bomb(serve):
    """CVE-2016-6581 and its kin: one octet on the wire stands for a long field."""
    site = serve()
    with Honest(site):
        frames = site.frames()
        before = site.gateway.descriptors()
        first = frames.encoder.encode([(":method", "GET"), (":scheme", "https"), (":authority", site.host), (":path", "/"),
                                       ("x-bomb", "b" * 3000)])
        frames.send(http2.frame(http2.HEADERS, http2.END_HEADERS | http2.END_STREAM, 1, first))
        reference = b"\xbe"  # the newest entry of the dynamic table (RFC 7541 6.1)
        for stream in range(3, 400, 2):
            head = frames.head(site.host) + reference * 8000
            if not frames.send(http2.frame(http2.HEADERS, http2.END_HEADERS | http2.END_STREAM, stream, head)):
                break
        refused, code = 0, None
        while (found := frames.receive()) is not None:
            if found[0] == http2.GOAWAY:
                code = int.from_bytes(found[3][4:8], "big")
            refused += found[0] in (http2.RST_STREAM, http2.GOAWAY)
            if found[0] == http2.HEADERS and found[2] > 1:
                import hpack
                refused += 1
        assert before >= 0 and refused > 0
    assert code in (CALM, http2.PROTOCOL_ERROR, 0x9, None)


def test_too_many_streams_are_refused_one_by_one(serve, folder):
    """RFC 9113 5.1.2: beyond the limit a stream is refused, and can be asked for again."""
    (folder / "big.bin").write_bytes(bytes(1_000_000))
    site = serve("--limits.h2.max_streams=10")
    frames = site.frames()
    frames.send(http2.frame(http2.SETTINGS, 0, 0, struct.pack(">HI", 4, 0)))  # windows of zero keep streams open
    frames.send(*[frames.headers(2 * n + 1, site.host, "/big.bin") for n in range(15)])
    refused = set()
    while len(refused) < 5:
        kind, _, stream, payload = frames.receive()
        assert kind != http2.GOAWAY
        if kind == http2.RST_STREAM:
            assert payload == struct.pack(">I", 7)  # REFUSED_STREAM
            refused.add(stream)
    assert refused == {21, 23, 25, 27, 29}


def test_windows_that_stay_shut_end_by_a_timer(serve, folder):
    (folder / "big.bin").write_bytes(bytes(1_000_000))
    site = serve("--limits.send_idle_timeout=1s")
    with Honest(site):
        frames = site.frames()
        frames.send(http2.frame(http2.SETTINGS, 0, 0, struct.pack(">HI", 4, 0)), frames.headers(1, site.host, "/big.bin"))
        while frames.receive() is not None:
            pass
    line = site.log.wait(lambda line: line["path"] == "/big.bin")[0]
    assert line["failure"] == "timeout.send_idle_timeout"


def test_the_log_names_the_flood(serve):
    site = serve("--log.level=debug")
    frames = site.frames()
    for turn in range(0, 20000, 50):
        if not frames.send(*[part for one in range(turn, turn + 50) for part in pings(frames, site.host, one)]):
            break
    frames.goaway()
    site.gateway.wait_error(r"http2\.\w*ping")
