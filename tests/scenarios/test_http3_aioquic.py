"""HTTP/3 by aioquic: WebSockets (RFC 9220), and every rule of the connection broken, each on a connection of its own."""
import os

import pytest

from peers import backend, newer, websocket

STREAM_CREATION, CLOSED_CRITICAL, FRAME_UNEXPECTED, FRAME_ERROR, ID_ERROR = 0x103, 0x104, 0x105, 0x106, 0x108  # RFC 9114 8.1
EXCESSIVE_LOAD, SETTINGS_ERROR, MISSING_SETTINGS, REQUEST_CANCELLED, REQUEST_INCOMPLETE, MESSAGE_ERROR = 0x107, 0x109, 0x10a, 0x10c, 0x10d, 0x10e
DECOMPRESSION_FAILED, ENCODER_STREAM, DECODER_STREAM = 0x200, 0x201, 0x202  # RFC 9204 6


def integer(value, bits=8, first=0):
    """A number with a prefix of `bits` bits (RFC 9204 4.1.1)."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = [first | most], value - most
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes([*out, value])


def number(value):
    """A variable-length integer (RFC 9000 16)."""
    size, mark = next((size, mark) for size, mark in ((1, 0), (2, 1), (4, 2), (8, 3)) if value < 1 << (8 * size - 2))
    return (value | mark << (8 * size - 2)).to_bytes(size, "big")


def frame(kind, content=b""):
    return number(kind) + number(len(content)) + content


def section(*fields, prefix=b"\0\0"):
    """A field section without a table: each name and value in full (RFC 9204 4.5.6)."""
    out = prefix
    for name, value in fields:
        out += integer(len(name), 3, 0x20) + name.encode() + integer(len(value), 7) + value.encode()
    return out


DATA, HEADERS, CANCEL_PUSH, SETTINGS, PUSH_PROMISE, GOAWAY, MAX_PUSH_ID = 0, 1, 3, 4, 5, 7, 0xd
CONTROL, PUSH, ENCODER, DECODER = (bytes([kind]) for kind in range(4))
NOTHING_SPECIAL = frame(SETTINGS)
HELLO = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/hello.txt")]
POST = [(":method", "POST"), *HELLO[1:]]
GET = frame(HEADERS, section(*HELLO))


def send(stream, *parts, end=False):
    return ["send", stream, b"".join(parts).hex(), end]


def control(*frames, end=False):
    """Our control stream, which begins well."""
    return send(2, CONTROL, NOTHING_SPECIAL, *frames, end=end)


def settings(*pairs):
    return frame(SETTINGS, b"".join(number(key) + number(value) for key, value in pairs))


def request(*frames, end=True):
    return [control(), send(0, *frames, end=end)]


# What is done, and the code with which the server ends the connection.
BROKEN = {
    "control: no SETTINGS first": ([send(2, CONTROL, frame(GOAWAY, number(0)))], MISSING_SETTINGS),
    "control: DATA first": ([send(2, CONTROL, frame(DATA, b"x"))], MISSING_SETTINGS),
    "control: DATA": ([control(frame(DATA, b"x"))], FRAME_UNEXPECTED),
    "control: HEADERS": ([control(GET)], FRAME_UNEXPECTED),
    "control: PUSH_PROMISE": ([control(frame(PUSH_PROMISE, number(0) + section(*HELLO)))], FRAME_UNEXPECTED),
    "control: SETTINGS twice": ([control(NOTHING_SPECIAL)], FRAME_UNEXPECTED),
    **{f"control: frame {kind} of HTTP/2": ([control(frame(kind, b"12345678"))], FRAME_UNEXPECTED) for kind in (2, 6, 8, 9)},
    **{f"control: setting {key} of HTTP/2": ([send(2, CONTROL, settings((key, 1)))], SETTINGS_ERROR) for key in (2, 3, 4, 5)},
    "control: extended CONNECT neither 0 nor 1": ([send(2, CONTROL, settings((8, 2)))], SETTINGS_ERROR),
    "control: SETTINGS cut off": ([send(2, CONTROL, frame(SETTINGS, b"\x06"))], FRAME_ERROR),
    "control: GOAWAY too short": ([control(frame(GOAWAY))], FRAME_ERROR),
    "control: GOAWAY too long": ([control(frame(GOAWAY, number(0) + b"x"))], FRAME_ERROR),
    "control: GOAWAY with a larger id": ([control(frame(GOAWAY, number(4)), frame(GOAWAY, number(8)))], ID_ERROR),
    "control: MAX_PUSH_ID goes down": ([control(frame(MAX_PUSH_ID, number(8)), frame(MAX_PUSH_ID, number(4)))], ID_ERROR),
    "control: CANCEL_PUSH of none": ([control(frame(CANCEL_PUSH, number(0)))], ID_ERROR),
    "control: ended": ([control(end=True)], CLOSED_CRITICAL),
    "control: reset": ([control(), ["settle"], ["reset", 2, REQUEST_CANCELLED]], CLOSED_CRITICAL),
    "control: a second one": ([control(), send(6, CONTROL, NOTHING_SPECIAL)], STREAM_CREATION),
    "control: the server's is stopped": ([control(), ["settle"], ["stop", 3, REQUEST_CANCELLED]], CLOSED_CRITICAL),
    "a push by a client": ([control(), send(6, PUSH, number(0))], STREAM_CREATION),
    "request: DATA first": (request(frame(DATA, b"x")), FRAME_UNEXPECTED),
    "request: HEADERS after trailers": (request(frame(HEADERS, section(*POST)), frame(HEADERS, section(("a", "b"))),
                                                frame(HEADERS, section(("a", "b")))), FRAME_UNEXPECTED),
    "request: DATA after trailers": (request(frame(HEADERS, section(*POST)), frame(HEADERS, section(("a", "b"))), frame(DATA, b"x")),
                                     FRAME_UNEXPECTED),
    **{f"request: {name}": (request(GET, frame(kind, content)), FRAME_UNEXPECTED)
       for name, kind, content in (("CANCEL_PUSH", CANCEL_PUSH, number(0)), ("SETTINGS", SETTINGS, b""), ("GOAWAY", GOAWAY, number(0)),
                                   ("PUSH_PROMISE", PUSH_PROMISE, number(0) + section(*HELLO)), ("MAX_PUSH_ID", MAX_PUSH_ID, number(1)))},
    **{f"request: frame {kind} of HTTP/2": (request(GET, frame(kind, b"12345678")), FRAME_UNEXPECTED) for kind in (2, 6, 8, 9)},
    "request: a frame is cut off": (request(frame(HEADERS, section(*POST)), frame(DATA, b"xxxx")[:-1]), FRAME_ERROR),
    "request: a head of 100 KiB": (request(frame(HEADERS, section(*HELLO, ("x-long", "x" * 100 * 1024)))), EXCESSIVE_LOAD),
    "QPACK: no such static field": (request(frame(HEADERS, b"\0\0" + integer(99, 6, 0xc0))), DECOMPRESSION_FAILED),
    "QPACK: no such name": (request(frame(HEADERS, b"\0\0" + integer(99, 4, 0x50) + b"\x01x")), DECOMPRESSION_FAILED),
    "QPACK: a field of an empty table": (request(frame(HEADERS, b"\0\0" + integer(0, 6, 0x80))), DECOMPRESSION_FAILED),
    "QPACK: more entries than a table can have": (request(frame(HEADERS, b"\xff\xff\x7f\0" + section(*HELLO, prefix=b""))), DECOMPRESSION_FAILED),
    "QPACK: a section is cut off": (request(frame(HEADERS, section(*HELLO)[:-3])), DECOMPRESSION_FAILED),
    "QPACK: a Huffman code that is none": (request(frame(HEADERS, b"\0\0" + integer(1, 4, 0x50) + b"\x84\xff\xff\xff\xff")), DECOMPRESSION_FAILED),
    "QPACK: a table larger than allowed": ([control(), send(6, ENCODER, integer(1 << 20, 5, 0x20))], ENCODER_STREAM),
    "QPACK: a copy of nothing": ([control(), send(6, ENCODER, integer(100, 5, 0x20), integer(3, 5))], ENCODER_STREAM),
    "QPACK: an entry named by nothing": ([control(), send(6, ENCODER, integer(100, 5, 0x20), integer(99, 6, 0xc0), b"\x01x")], ENCODER_STREAM),
    "QPACK: an entry larger than the table": ([control(), send(6, ENCODER, integer(33, 5, 0x20), integer(1, 6, 0xc0), b"\x05abcde")], ENCODER_STREAM),
    "QPACK: nothing is acknowledged": ([control(), send(6, DECODER, integer(0, 6))], DECODER_STREAM),
    "QPACK: what never came is acknowledged": ([control(), send(6, DECODER, integer(5, 6))], DECODER_STREAM),
    "QPACK: a section that never was is acknowledged": ([control(), send(6, DECODER, integer(4, 7, 0x80))], DECODER_STREAM),
    "QPACK: the encoder's stream ends": ([control(), send(6, ENCODER, end=True)], CLOSED_CRITICAL),
    "QPACK: the decoder's stream ends": ([control(), send(6, DECODER, end=True)], CLOSED_CRITICAL),
    "QPACK: two encoders": ([control(), send(6, ENCODER), send(10, ENCODER)], STREAM_CREATION),
    "QPACK: two decoders": ([control(), send(6, DECODER), send(10, DECODER)], STREAM_CREATION),
}


def without(name):
    return [field for field in HELLO if field[0] != name]


# A request, and what becomes of it alone: a status, or the code with which its stream is reset.
MALFORMED = {
    "nothing": ([], REQUEST_INCOMPLETE),
    "no :method": (without(":method"), MESSAGE_ERROR),
    "no :scheme": (without(":scheme"), MESSAGE_ERROR),
    "no :path": (without(":path"), MESSAGE_ERROR),
    "no :authority": (without(":authority"), MESSAGE_ERROR),
    ":path twice": ([*HELLO, HELLO[3]], MESSAGE_ERROR),
    ":path empty": ([*without(":path"), (":path", "")], MESSAGE_ERROR),
    "a pseudo-field that is none": ([*HELLO, (":nothing", "x")], MESSAGE_ERROR),
    "an answer's pseudo-field": ([*HELLO, (":status", "200")], MESSAGE_ERROR),
    "a pseudo-field behind the others": ([*HELLO[:3], ("accept", "*/*"), HELLO[3]], MESSAGE_ERROR),
    "capitals in a name": ([*HELLO, ("Accept", "*/*")], MESSAGE_ERROR),
    "connection": ([*HELLO, ("connection", "close")], MESSAGE_ERROR),
    "transfer-encoding": ([*HELLO, ("transfer-encoding", "chunked")], MESSAGE_ERROR),
    "te that is not trailers": ([*HELLO, ("te", "gzip")], MESSAGE_ERROR),
    "host that is not :authority": ([*HELLO, ("host", "other")], 400),
    "less content than promised": ([*HELLO, ("content-length", "5")], MESSAGE_ERROR),
    "a length that is no number": ([*HELLO, ("content-length", "five")], MESSAGE_ERROR),
    ":protocol without CONNECT": ([*HELLO, (":protocol", "websocket")], MESSAGE_ERROR),
    "a head of 17 KiB": ([*HELLO, ("x-long", "x" * 17 * 1024)], 431),
    "150 fields": ([*HELLO, *((f"x-{i}", "x") for i in range(150))], 431),
}
# Fields that nghttp3 leaves out, where RFC 9114 10.3 would have the request refused: nobody behind us sees them.
LEFT_OUT = {
    "a line's end in a value": ("x-odd", "a\r\nb: c"),
    "NUL in a value": ("x-odd", "a\0b"),
    "an empty name": ("", "x"),
    "a space in a name": ("x odd", "x"),
}

# What must be borne, and changes nothing.
HARMLESS = {
    "nothing special": request(GET),
    "control: a frame that nobody knows": [control(frame(0x21, b"x" * 100)), send(0, GET, end=True)],
    "control: a setting that nobody knows": [send(2, CONTROL, settings((0x21, 7))), send(0, GET, end=True)],
    "control: a promise of pushes": [control(frame(MAX_PUSH_ID, number(8))), send(0, GET, end=True)],
    "control: PRIORITY_UPDATE": [control(frame(0xf0700, number(0) + b"u=1, i")), send(0, GET, end=True)],
    "request: a frame that nobody knows": request(frame(0x21, b"x"), GET, frame(0x21, b"x")),
    "a stream that nobody knows": [control(), send(6, number(0x21), b"anything"), send(0, GET, end=True)],
    "no control stream": [send(0, GET, end=True)],
    "QPACK: a table": [control(), send(6, ENCODER, integer(200, 5, 0x20), integer(1, 6, 0xc0), integer(10, 7), b"/hello.txt"),
                       send(0, frame(HEADERS, section(*without(":path"), prefix=b"\x02\0") + b"\x80"), end=True)],
}


@pytest.fixture
def listen(configure, authority):
    """listen(what): a gateway with one site. aioquic refuses the local CA's names, which have a wildcard right below the top."""
    pair = authority.issue("localhost")
    return lambda what: configure(f'[site."localhost:{{port}}"]\n{what}\ncertificate = "{pair.certificate}"\nkey = "{pair.key}"\n')


@pytest.fixture
def tell(listen, folder, authority):
    """tell(rows): what became of each, by name."""

    def ask(rows, what=f'files = "{folder}"'):
        told = newer.by_aioquic("raw_streams", port=listen(what).port, root=str(authority.root), rows=list(rows.values()))
        return dict(zip(rows, told, strict=True))

    return ask


def test_broken_connections(tell):
    told = tell({name: [*steps, ["closed"]] for name, (steps, _) in BROKEN.items()})
    assert {name: one["closed"] for name, one in told.items()} == {name: code for name, (_, code) in BROKEN.items()}


def test_malformed_requests(tell):
    """Each alone is refused: the next one on its connection is answered."""
    told = tell({name: [*request(frame(HEADERS, section(*fields)) if fields else b""), ["answer", 0], send(4, GET, end=True), ["answer", 4]]
                 for name, (fields, _) in MALFORMED.items()})
    assert {name: one["resets"].get("0") or one["statuses"].get("0") for name, one in told.items()} == {
        name: expected for name, (_, expected) in MALFORMED.items()}
    assert {name: (one["closed"], one["statuses"].get("4")) for name, one in told.items()} == dict.fromkeys(MALFORMED, (None, 200))


def test_fields_that_are_left_out(tell):
    with backend.Backend(backend.echo) as behind:
        told = tell({name: [*request(frame(HEADERS, section(*HELLO, field, ("x-fine", "yes")))), ["answer", 0]]
                     for name, field in LEFT_OUT.items()}, f'proxy = ["{behind.address}"]')
        seen = [request for one in behind.conversations for request in one.requests]
    assert {name: one["statuses"] for name, one in told.items()} == dict.fromkeys(LEFT_OUT, {"0": 200})
    assert [one.field("x-fine") for one in seen] == ["yes"] * len(LEFT_OUT)
    assert not {name for one in seen for name, _ in one.fields} & {"x-odd", "x odd", "", "b"}


def test_harmless_peculiarities(tell):
    told = tell({name: [*steps, ["answer", 0]] for name, steps in HARMLESS.items()})
    assert {name: (one["closed"], one["statuses"]) for name, one in told.items()} == dict.fromkeys(HARMLESS, (None, {"0": 200}))


@pytest.fixture
def talk(listen, authority):
    """talk(server, *steps): what a client tells of a WebSocket through the gateway."""

    def begin(server, *steps):
        gateway = listen(f'proxy = ["{server.address}"]')
        return newer.by_aioquic("web_socket", port=gateway.port, root=str(authority.root), path="/",
                                authority=f"localhost:{gateway.port}", steps=steps)

    return begin


@pytest.mark.proves("https", "serve", "aioquic")
def test_a_web_socket(talk):
    long = os.urandom(100_000).hex()
    with websocket.PythonServer() as server:
        told = talk(server, ["text", "grüße"], ["binary", "00ff"], ["binary", long], ["ping", "6869"], ["close", 1000, "enough"])
    assert told == {"status": 200, "ended": True,
                    "came": [["text", "grüße"], ["binary", "00ff"], ["binary", long], ["pong", "6869"], ["close", 1000, "enough"]]}


def test_a_web_socket_that_the_server_ends(talk):
    with websocket.PythonServer() as server:
        told = talk(server, ["text", "close 4000 over"])
    assert told == {"status": 200, "ended": True, "came": [["close", 4000, "over"]]}
