"""A small application behind the gateway, which can be killed and revived on the same port, and told how to behave."""
import socket
import threading


class Backend:
    """Answers each request with its name. What it is like can be changed at any time:

    status, body: of each answer (body: None is its name).   health: the status of /health.   gate: an Event that answers wait for.
    """

    def __init__(self, name):
        self.name, self.status, self.body, self.health = name, 200, None, 200
        self.gate = threading.Event()
        self.gate.set()
        self.requests, self.checks, self.busy, self.most_busy = [], 0, 0, 0
        self.lock = threading.Lock()
        self.listener, self.connections, self.port = None, set(), 0
        self.revive()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def revive(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(512)
        self.port, self.listener = listener.getsockname()[1], listener
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def kill(self):
        """As the end of its process: new connections are refused, open ones are cut."""
        with self.lock:
            listener, self.listener = self.listener, None
            connections, self.connections = self.connections, set()
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                if self.listener is not listener:
                    connection.close()
                    return
                self.connections.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        received = b""
        try:
            while True:
                while b"\r\n\r\n" not in received:
                    more = connection.recv(65536)
                    if not more:
                        return
                    received += more
                head, received = received.split(b"\r\n\r\n", 1)
                connection.sendall(self.answer(head.decode("latin-1")))
        except OSError:
            pass
        finally:
            with self.lock:
                self.connections.discard(connection)
            connection.close()

    def answer(self, head):
        path = head.split(" ")[1]
        if path == "/health":
            self.checks += 1
            return self.bytes(self.health, "well" if self.health == 200 else "sick")
        with self.lock:
            self.requests.append(head)
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
        self.gate.wait(60)
        with self.lock:
            self.busy -= 1
        return self.bytes(self.status, self.body if self.body is not None else self.name)

    @staticmethod
    def bytes(status, body):
        return f"HTTP/1.1 {status} X\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
