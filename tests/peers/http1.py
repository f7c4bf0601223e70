"""HTTP/1.1 as bytes: what is sent is written out in the test, and what comes back is read strictly."""
import dataclasses
import socket
import ssl


@dataclasses.dataclass
class Answer:
    status: int
    fields: list
    body: bytes
    version: str = "HTTP/1.1"
    trailers: list = dataclasses.field(default_factory=list)

    def field(self, name):
        """The one value of a field, or None. Two of them are a failure."""
        found = [value for key, value in self.fields if key == name.lower()]
        assert len(found) <= 1, f"{name} came {len(found)} times"
        return found[0] if found else None


class Closed(Exception):
    """The server closed before the answer was whole. `got` is what had come."""

    def __init__(self, got):
        super().__init__(repr(got[:200]))
        self.got = got


class Reader:
    """Reads answers from a socket and keeps what belongs to the next one."""

    def __init__(self, connection):
        self.connection, self.buffer = connection, b""

    def more(self):
        try:
            got = self.connection.recv(65536)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
            got = b""
        if not got:
            raise Closed(self.buffer)
        self.buffer += got

    def until(self, mark):
        while mark not in self.buffer:
            self.more()
        found, self.buffer = self.buffer.split(mark, 1)
        return found

    def exactly(self, count):
        while len(self.buffer) < count:
            self.more()
        found, self.buffer = self.buffer[:count], self.buffer[count:]
        return found

    def fields(self):
        found = []
        while line := self.until(b"\r\n"):
            name, colon, value = line.partition(b":")
            assert colon and name.strip() == name, line
            found.append((name.decode().lower(), value.decode("latin-1").strip()))
        return found

    def chunks(self):
        body = b""
        while size := int(self.until(b"\r\n").split(b";")[0], 16):
            body += self.exactly(size)
            assert self.exactly(2) == b"\r\n"
        return body, self.fields()

    def answer(self, method="GET"):
        """The next answer, 1xx ones too. Raises Closed at the end of the stream."""
        version, status, _ = (self.until(b"\r\n").decode() + " ").split(" ", 2)
        answer = Answer(int(status), self.fields(), b"", version)
        if method == "HEAD" or answer.status < 200 or answer.status in (204, 304):
            return answer
        if answer.field("transfer-encoding"):
            answer.body, answer.trailers = self.chunks()
        elif answer.field("content-length") is not None:
            answer.body = self.exactly(int(answer.field("content-length")))
        else:
            answer.body = self.rest()
        return answer

    def final(self, method="GET"):
        """The next answer that is not interim."""
        while (answer := self.answer(method)).status < 200:
            pass
        return answer

    def rest(self):
        """Everything until the server closes; a server that does not close is a timeout."""
        try:
            while True:
                self.more()
        except Closed:
            found, self.buffer = self.buffer, b""
            return found

    def is_closed(self):
        """True when the server says no more and closes."""
        return self.rest() == b""


def ask(connection, request, method="GET"):
    """Sends bytes and reads one final answer."""
    connection.sendall(request)
    return Reader(connection).final(method)


def get(connection, path, host, *lines):
    """One GET on a connection that is kept."""
    head = "".join(f"{line}\r\n" for line in (f"GET {path} HTTP/1.1", f"Host: {host}", *lines))
    return ask(connection, head.encode() + b"\r\n")


def plain(port, timeout=20):
    """A TCP connection without TLS."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
