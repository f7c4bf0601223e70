"""A backend that speaks HTTP/2 without TLS, by python3-h2: act(conversation) gets each connection."""
import h2.config
import h2.connection
import h2.events
import h2.settings

from peers import backend


class Backend(backend.Backend):
    def __init__(self, act, settings=None):
        super().__init__(lambda c: act(Conversation(c, settings or {})))
        self.address = f"h2c://127.0.0.1:{self.port}"


class Asked:
    """One request as far as it has come."""

    def __init__(self, stream, fields):
        self.stream, self.fields, self.body, self.trailers, self.whole, self.reset = stream, fields, b"", None, False, None

    def field(self, name):
        found = [value for key, value in self.fields if key == name]
        assert len(found) <= 1, found
        return found[0] if found else None


class Conversation:
    def __init__(self, plain, settings):
        self.plain, self.socket, self.number = plain, plain.connection, plain.number
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.http.local_settings = h2.settings.Settings(client=False, initial_values={**self.http.local_settings, **settings})
        self.http.initiate_connection()
        self.asked, self.new = {}, []
        self.flush()

    def flush(self):
        if waiting := self.http.data_to_send():
            self.socket.sendall(waiting)

    def step(self):
        got = self.socket.recv(65536)
        if not got:
            raise EOFError
        for event in self.http.receive_data(got):
            self.take(event)
        self.flush()

    def take(self, event):
        if isinstance(event, h2.events.RequestReceived):
            self.asked[event.stream_id] = Asked(event.stream_id, event.headers)
            self.new.append(self.asked[event.stream_id])
            return
        asked = self.asked.get(getattr(event, "stream_id", None))
        if asked is None:
            return
        if isinstance(event, h2.events.DataReceived):
            asked.body += event.data
            self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.TrailersReceived):
            asked.trailers = event.headers
        elif isinstance(event, h2.events.StreamEnded):
            asked.whole = True
        elif isinstance(event, h2.events.StreamReset):
            asked.reset = event.error_code

    def head(self):
        """The next request's head."""
        while not self.new:
            self.step()
        return self.new.pop(0)

    def request(self):
        """The next request as a whole."""
        asked = self.head()
        while not asked.whole:
            self.step()
        return asked

    def answer(self, asked, body=b"", *fields, status="200", trailers=None):
        self.http.send_headers(asked.stream, [(":status", status), *fields], end_stream=not body and not trailers)
        self.send(asked, body, end=not trailers) if body else None
        if trailers:
            self.http.send_headers(asked.stream, trailers, end_stream=True)
        self.flush()

    def send(self, asked, body, end=False):
        """In pieces, as the windows open."""
        while body:
            room = min(self.http.local_flow_control_window(asked.stream), self.http.max_outbound_frame_size)
            if room == 0:
                self.flush()
                self.step()
                continue
            piece, body = body[:room], body[room:]
            self.http.send_data(asked.stream, piece, end_stream=end and not body)
            self.flush()


def echo(c):
    """Answers each request with its own head and body."""
    while True:
        asked = c.request()
        text = "".join(f"{name}: {value}\n" for name, value in asked.fields) + "\n"
        if asked.trailers:
            text += "".join(f"trailer {name}: {value}\n" for name, value in asked.trailers)
        c.answer(asked, text.encode() + asked.body, ("content-type", "text/plain"))
