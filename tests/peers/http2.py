"""HTTP/2 twice: a well-behaved client by python3-h2, and bare frames for one that is not."""
import struct

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import hpack

from peers import tls

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
PRIORITY_UPDATE = 0x10
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
NO_ERROR, PROTOCOL_ERROR, ENHANCE_YOUR_CALM = 0x0, 0x1, 0xb


class Client:
    """Keeps the rules. Several requests at once, each with its status, fields and body."""

    def __init__(self, connection):
        self.socket = connection
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.http.initiate_connection()
        self.streams, self.goaway, self.closed = {}, None, False
        self.flush()

    def flush(self):
        if waiting := self.http.data_to_send():
            self.socket.sendall(waiting)

    def request(self, host, path, method="GET", fields=(), body=None, scheme="https"):
        """Sends a request and returns its stream id."""
        stream = self.http.get_next_available_stream_id()
        head = [(":method", method), (":scheme", scheme), (":authority", host), (":path", path), *fields]
        self.http.send_headers(stream, head, end_stream=body is None)
        if body is not None:
            self.http.send_data(stream, body, end_stream=True)
        self.streams[stream] = {"fields": None, "body": b"", "done": False, "reset": None}
        self.flush()
        return stream

    def step(self):
        """Reads once and takes what came. False: the server closed."""
        got = self.socket.recv(65536)
        if not got:
            self.closed = True
            return False
        for event in self.http.receive_data(got):
            self.take(event)
        self.flush()
        return True

    def take(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = event
        elif stream is None:
            return
        elif isinstance(event, h2.events.ResponseReceived):
            stream["fields"] = dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            stream["body"] += event.data
            self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            stream["done"] = True
        elif isinstance(event, h2.events.StreamReset):
            stream["done"], stream["reset"] = True, event.error_code

    def finish(self, *streams):
        """Reads until these streams have ended."""
        while not all(self.streams[stream]["done"] for stream in streams):
            if not self.step():
                raise ConnectionError(f"closed with streams open; goaway {self.goaway}")
        return [self.streams[stream] for stream in streams]

    def get(self, host, path, fields=()):
        """(status, fields, body) of one request."""
        found = self.finish(self.request(host, path, fields=fields))[0]
        assert found["reset"] is None, found
        return int(found["fields"][":status"]), found["fields"], found["body"]


def open_client(port, name, root):
    return Client(tls.connect(port, name, root, alpn=["h2"]))


def frame(kind, flags, stream, payload=b""):
    """RFC 9113 4.1."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


class Frames:
    """Bare frames, in any order and number."""

    def __init__(self, connection):
        self.socket, self.buffer = connection, b""
        self.encoder = hpack.Encoder()

    def start(self):
        self.socket.sendall(PREFACE + frame(SETTINGS, 0, 0))
        return self

    def send(self, *frames):
        """False when the server has closed already, which is what floods are for."""
        try:
            self.socket.sendall(b"".join(frames))
            return True
        except (ConnectionError, OSError):
            return False

    def head(self, host, path="/", method="GET", *fields):
        return self.encoder.encode([(":method", method), (":scheme", "https"), (":authority", host),
                                    (":path", path), *fields])

    def headers(self, stream, host, path="/", method="GET", end=True, fields=()):
        flags = END_HEADERS | (END_STREAM if end else 0)
        return frame(HEADERS, flags, stream, self.head(host, path, method, *fields))

    def receive(self):
        """The next frame as (kind, flags, stream, payload); None at the end."""
        while True:
            if len(self.buffer) >= 9:
                size = int.from_bytes(self.buffer[:3], "big")
                if len(self.buffer) >= 9 + size:
                    kind, flags = self.buffer[3], self.buffer[4]
                    stream = int.from_bytes(self.buffer[5:9], "big") & 0x7fffffff
                    payload, self.buffer = self.buffer[9:9 + size], self.buffer[9 + size:]
                    return kind, flags, stream, payload
            try:
                got = self.socket.recv(65536)
            except (ConnectionError, OSError) as error:
                if isinstance(error, TimeoutError):
                    raise
                return None
            if not got:
                return None
            self.buffer += got

    def until(self, kind):
        """Frames up to one of this kind; the last is None when the server closed first."""
        while (found := self.receive()) is not None and found[0] != kind:
            pass
        return found

    def goaway(self):
        """The error code of GOAWAY, after which the server must close. None: closed without one."""
        found = self.until(GOAWAY)
        if found is None:
            return None
        while self.receive() is not None:
            pass
        return int.from_bytes(found[3][4:8], "big")


def open_frames(port, name, root):
    return Frames(tls.connect(port, name, root, alpn=["h2"])).start()
