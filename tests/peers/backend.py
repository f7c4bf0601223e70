"""A backend that does exactly what a test says: each connection is handed to a function on a thread of its own."""
import socket
import threading


class Backend:
    """Backend(act): act(conversation) for each connection that is accepted. Ends with the `with` block."""

    def __init__(self, act, path=None):
        self.act, self.conversations, self.faults = act, [], []
        if path:
            self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.listener.bind(str(path))
            self.address = f"unix:{path}"
        else:
            self.listener = socket.socket()
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind(("127.0.0.1", 0))
            self.port = self.listener.getsockname()[1]
            self.address = f"127.0.0.1:{self.port}"
        self.listener.listen(128)
        self.thread = threading.Thread(target=self.accept, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        self.listener.close()
        for conversation in self.conversations:
            conversation.close()
        if kind is None:
            assert not self.faults, self.faults

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(60)
            conversation = Conversation(connection, len(self.conversations))
            self.conversations.append(conversation)
            threading.Thread(target=self.run, args=(conversation,), daemon=True).start()

    def run(self, conversation):
        try:
            self.act(conversation)
        except (OSError, EOFError):
            pass  # the other end has gone, which the test sees for itself
        except Exception as fault:  # an assertion of the test's own
            self.faults.append(repr(fault))


class Request:
    def __init__(self, line, fields):
        self.line, self.fields = line, fields
        self.method, self.target, self.version = line.split(" ")

    def all(self, name):
        return [value for key, value in self.fields if key == name]

    def field(self, name):
        found = self.all(name)
        assert len(found) <= 1, f"{name} came {len(found)} times"
        return found[0] if found else None


class Conversation:
    def __init__(self, connection, number):
        self.connection, self.number, self.buffer, self.requests = connection, number, b"", []

    def close(self):
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.connection.close()

    def more(self):
        got = self.connection.recv(65536)
        if not got:
            raise EOFError
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
            name, _, value = line.partition(b":")
            found.append((name.decode().lower(), value.decode("latin-1").strip()))
        return found

    def head(self):
        request = Request(self.until(b"\r\n").decode(), self.fields())
        self.requests.append(request)
        return request

    def chunk(self):
        """One chunk; b"" is the last, and its trailers stand in self.trailers."""
        size = int(self.until(b"\r\n"), 16)
        if size == 0:
            self.trailers = self.fields()
            return b""
        piece = self.exactly(size)
        assert self.exactly(2) == b"\r\n"
        return piece

    def body(self, request):
        if request.field("transfer-encoding"):
            whole = b""
            while piece := self.chunk():
                whole += piece
            return whole
        return self.exactly(int(request.field("content-length") or 0))

    def send(self, text):
        self.connection.sendall(text if isinstance(text, bytes) else text.encode())

    def answer(self, body=b"", *lines, status="200 OK"):
        body = body if isinstance(body, bytes) else body.encode()
        head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines))
        self.send(head.encode() + b"\r\n" + body)


def echo(conversation):
    """Answers every request with what it was: the line and the fields."""
    while True:
        request = conversation.head()
        body = conversation.body(request)
        text = "\n".join([request.line, *(f"{name}: {value}" for name, value in request.fields)])
        conversation.answer(f"{text}\n\n".encode() + body)
