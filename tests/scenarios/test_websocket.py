"""WebSockets through the gateway: two libraries at each end, HTTP/1.1 and HTTP/2, and every way to do it wrong."""
import base64
import hashlib
import os
import signal
import socket
import threading
import types

import pytest
import websockets

from conftest import AccessLog, Site
from gateway import eventually, run
from peers import backend, h2_backend, http1, http2, nginx, tls, websocket
from peers.websocket import BINARY, CLOSE, PING, PONG, TEXT

MIB = 1 << 20
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
HANDSHAKE = ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13"]
SWITCH = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"

needs_node = pytest.mark.skipif(websocket.node() is None, reason="no Node with ws on this machine: ./dev test installs it")
SERVERS = [websocket.PythonServer, pytest.param(websocket.NodeServer, marks=needs_node)]


@pytest.fixture
def front(start, tmp_path):
    """front(backend, *flags): the application on https://localhost and a port of the system's choice."""

    def begin(behind, *flags):
        log = tmp_path / "access.log"
        gateway = start("serve", "--to", behind.address, "--listen", "127.0.0.1:0", "--access-log", log, "--workers", "1",
                        "--limits.drain_timeout=5s", *flags)
        return Site(gateway, "localhost", gateway.root, AccessLog(log))

    return begin


def ask(site, *lines, first="GET / HTTP/1.1"):
    """A connection on which a handshake was sent, to be read."""
    reader = site.reader()
    reader.connection.sendall("".join(f"{line}\r\n" for line in (first, f"Host: {site.host}", *lines, "")).encode())
    return reader


def accept_for(request):
    text = request.field("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()


def switched(conversation):
    """Takes a handshake and grants it."""
    request = conversation.head()
    conversation.send(f"{SWITCH}Sec-WebSocket-Accept: {accept_for(request)}\r\n\r\n")
    return request


def tunnel_line(site):
    return site.log.wait(lambda line: line["status"] in (101, 200))[0]


# --- two libraries at each end

@pytest.mark.parametrize("server", SERVERS)
def test_python_client(front, server):
    async def act(connection):
        for text in ("", "hello", "ü" * 1000):
            await connection.send(text)
            assert await connection.recv() == text
        large = os.urandom(8 * MIB)
        await connection.send(large)
        assert await connection.recv() == large
        await (await connection.ping(b"are you there"))
        for number in range(1000):
            await connection.send(str(number))
        for number in range(1000):
            assert await connection.recv() == str(number)
        await connection.send("close 4321 enough")
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await connection.recv()
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4321, "enough")
        return connection.subprotocol, [extension.name for extension in connection.extensions]

    with server() as app:
        site = front(app)
        assert websocket.python_client(site, act, subprotocols=["other", "chat"]) == ("chat", ["permessage-deflate"])
        line = tunnel_line(site)
        assert (line["status"], line["method"]) == (101, "GET") and "failure" not in line
        assert line["bytes"] > 8 * MIB and line["request_bytes"] > 8 * MIB


@needs_node
@pytest.mark.parametrize("server", SERVERS)
def test_node_client(front, server):
    with server() as app:
        site = front(app)
        seen = websocket.node_client(site, protocols=["chat"], send=["", "hello", *map(str, range(200))], bytes=8 * MIB,
                                     ping="there?", last="close 4321 enough")
        assert "permessage-deflate" in seen.pop("extensions")
        assert seen == {"echoed": 203, "status": 101, "protocol": "chat", "pong": "there?", "code": 4321,
                        "reason": "enough"}
        seen = websocket.node_client(site, send=["hello"])
        assert (seen["code"], seen["echoed"], seen["protocol"]) == (1000, 1, "")


@pytest.mark.parametrize("server", SERVERS)
def test_over_http2(front, server):
    with server() as app:
        site = front(app)
        opened = websocket.open_http2(site, fields=[("sec-websocket-version", "13"), ("sec-websocket-protocol", "chat"),
                                                    ("origin", f"https://{site.host}")])
        answer = opened.answer()
        assert (answer[":status"], answer["sec-websocket-protocol"]) == ("200", "chat")
        assert not {"sec-websocket-accept", "upgrade", "connection"} & set(answer)
        for text in (b"", b"hello", b"x" * 70_000):
            opened.send(TEXT, text)
            assert opened.receive() == (TEXT, text)
        opened.send(PING, b"are you there")
        assert opened.receive() == (PONG, b"are you there")
        large = os.urandom(MIB)
        opened.send(BINARY, large)
        assert opened.receive() == (BINARY, large)
        # A plain request on the same connection, and a second WebSocket.
        second = websocket.Http2WebSocket(opened.client, site.host)
        assert second.answer()[":status"] == "200"
        second.send(TEXT, b"two")
        assert second.receive() == (TEXT, b"two")
        opened.send(TEXT, b"close 4321 enough")
        assert opened.receive() == (CLOSE, (4321).to_bytes(2, "big") + b"enough")
        opened.send(CLOSE, (4321).to_bytes(2, "big"))
        with pytest.raises(EOFError):
            opened.receive()
        assert opened.state["reset"] in (None, http2.NO_ERROR)
        second.send(TEXT, b"still there")
        assert second.receive() == (TEXT, b"still there")
        line = tunnel_line(site)
        assert (line["status"], line["method"], line["version"]) == (200, "CONNECT", "HTTP/2.0")
        assert line["bytes"] > MIB and "failure" not in line
        opened.client.socket.close()  # of both, or the server would wait for the second one's goodbye


def test_what_the_backend_is_told(front):
    """The client's own key over HTTP/1.1; a key of ours over HTTP/2; nothing of one connection in either."""
    def act(c):
        switched(c)

    with backend.Backend(act) as app:
        site = front(app)
        lines = ["Origin: https://a.example", "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: x-own; a=1", "X: y"]
        answer = ask(site, *HANDSHAKE, *lines).answer()
        assert (answer.status, answer.field("sec-websocket-accept")) == (101, ACCEPT)
        assert (answer.field("upgrade"), answer.field("connection")) == ("websocket", "upgrade")
        assert websocket.open_http2(site).answer()[":status"] == "200"
        first, second = (c.requests[0] for c in app.conversations)
        assert first.field("sec-websocket-key") == KEY != second.field("sec-websocket-key")
        assert len(base64.b64decode(second.field("sec-websocket-key"))) == 16
        for line in lines:
            name, value = line.split(": ")
            assert first.field(name.lower()) == value
        for request in (first, second):
            assert request.line == "GET / HTTP/1.1"
            assert (request.field("upgrade"), request.field("connection")) == ("websocket", "upgrade")
            assert request.field("sec-websocket-version") == "13"
            assert request.field("x-forwarded-for") == "127.0.0.1"
            assert request.field("content-length") is None and request.field("transfer-encoding") is None


# --- handshakes that are none

@pytest.mark.parametrize("first, lines, status", [
    ("GET / HTTP/1.1", HANDSHAKE[:2] + HANDSHAKE[3:], 400),                                      # no key
    ("GET / HTTP/1.1", [*HANDSHAKE, f"Sec-WebSocket-Key: {KEY}"], 400),                          # two keys
    ("GET / HTTP/1.1", [*HANDSHAKE[:2], "Sec-WebSocket-Key: c2hvcnQ=", HANDSHAKE[3]], 400),      # short
    ("GET / HTTP/1.1", [*HANDSHAKE[:2], "Sec-WebSocket-Key: " + "A" * 44, HANDSHAKE[3]], 400),   # long
    ("GET / HTTP/1.1", [*HANDSHAKE[:2], "Sec-WebSocket-Key: !GhlIHNhbXBsZSBub25jZQ==", HANDSHAKE[3]], 400),
    ("GET / HTTP/1.1", HANDSHAKE[:3], 426),                                                      # no version
    ("GET / HTTP/1.1", [*HANDSHAKE[:3], "Sec-WebSocket-Version: 8"], 426),
    ("GET / HTTP/1.1", [*HANDSHAKE[:3], "Sec-WebSocket-Version: 13, 8"], 426),
    ("GET / HTTP/1.1", [*HANDSHAKE, "Sec-WebSocket-Version: 14"], 426),
    ("GET / HTTP/1.1", HANDSHAKE[1:], 400),                                                      # no Upgrade
    ("GET / HTTP/1.1", HANDSHAKE[:1] + HANDSHAKE[2:], 400),                                      # no Connection
    ("GET / HTTP/1.1", [HANDSHAKE[0], "Connection: keep-alive", *HANDSHAKE[2:]], 400),
    ("GET / HTTP/1.1", ["Upgrade: h2c", *HANDSHAKE], 400),                                       # two protocols
    ("GET / HTTP/1.1", ["Upgrade: websocket, h2c", *HANDSHAKE[1:]], 400),
    ("GET / HTTP/1.1", ["Upgrade: websockets", *HANDSHAKE[1:]], 400),
    ("GET / HTTP/1.0", HANDSHAKE, 400),
    ("HEAD / HTTP/1.1", HANDSHAKE, 400),
    ("POST / HTTP/1.1", [*HANDSHAKE, "Content-Length: 0"], 400),
    ("OPTIONS / HTTP/1.1", HANDSHAKE, 400),
    ("GET / HTTP/1.1", [*HANDSHAKE, "Content-Length: 5"], 400),
    ("GET / HTTP/1.1", [*HANDSHAKE, "Transfer-Encoding: chunked"], 400),
])
def test_bad_handshakes_never_reach_the_backend(front, first, lines, status):
    with backend.Backend(backend.echo) as app:
        site = front(app)
        answer = ask(site, *lines, first=first).answer(first.split()[0])
        assert answer.status == status
        if status == 426:
            assert answer.field("sec-websocket-version") == "13"
            assert answer.field("upgrade") == "websocket" and "upgrade" in answer.field("connection")
        line = site.log.wait(lambda line: line["status"] == status)[0]
        assert line["failure"] == ("websocket.bad_version" if status == 426 else "websocket.bad_handshake")
        assert not app.conversations


@pytest.mark.parametrize("protocol, fields, status", [
    ("websocket", [], "400"),
    ("websocket", [("sec-websocket-version", "8")], "400"),
    ("websocket", [("sec-websocket-version", "13"), ("sec-websocket-version", "13")], "400"),
    ("h2c", [("sec-websocket-version", "13")], "501"),
    ("connect-udp", [], "501"),
])
def test_bad_handshakes_over_http2(front, protocol, fields, status):
    with backend.Backend(backend.echo) as app:
        site = front(app)
        opened = websocket.open_http2(site, protocol=protocol, fields=fields)
        assert opened.answer()[":status"] == status
        assert not app.conversations
        assert opened.client.get(site.host, "/after")[0] == 200


@pytest.mark.parametrize("lines", [
    ["Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"],
    ["Upgrade: TLS/1.0", "Connection: Upgrade"],
    ["Upgrade: websocket"],
    ["Upgrade: websocket, h2c", "Connection: Upgrade"],
])
def test_other_upgrades_are_as_if_not_there(front, lines):
    with backend.Backend(backend.echo) as app:
        site = front(app)
        assert ask(site, *lines).answer().status == 200
        request = app.conversations[0].requests[0]
        for name in ("upgrade", "connection", "http2-settings"):
            assert request.field(name) is None


# --- answers of the backend

@pytest.mark.parametrize("lines", [
    ["Upgrade: websocket", "Connection: Upgrade"],
    ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {KEY}"],
    ["Upgrade: h2c", "Connection: Upgrade", f"Sec-WebSocket-Accept: {ACCEPT}"],
    ["Upgrade: websocket", f"Sec-WebSocket-Accept: {ACCEPT}"],
])
def test_a_switch_to_something_else_is_a_bad_gateway(front, lines):
    def act(c):
        c.head()
        c.send("\r\n".join(["HTTP/1.1 101 Switching Protocols", *lines, "", ""]))

    with backend.Backend(act) as app:
        site = front(app)
        assert ask(site, *HANDSHAKE).answer().status == 502
        assert site.log.wait(lambda line: line["status"] == 502)[0]["failure"] == "websocket.bad_accept"
        site.gateway.wait_error(r"RFC 6455|question")
        assert websocket.open_http2(site).answer()[":status"] == "502"


def test_a_switch_that_nobody_asked_for(front):
    def act(c):
        c.head()
        c.send(f"{SWITCH}Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n")

    with backend.Backend(act) as app:
        site = front(app)
        assert site.get("/").status == 502
        assert site.log.wait(lambda line: line["status"] == 502)[0]["failure"] == "upstream.bad_answer"


def test_what_the_backend_says_instead_passes(front):
    def act(c):
        while True:
            c.head()
            c.answer("who are you?", "WWW-Authenticate: Basic", status="401 Unauthorized")

    with backend.Backend(act) as app:
        site = front(app)
        reader = ask(site, *HANDSHAKE)
        answer = reader.answer()
        assert (answer.status, answer.body, answer.field("www-authenticate")) == (401, b"who are you?", "Basic")
        reader.connection.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        assert reader.answer().status == 401
        opened = websocket.open_http2(site)
        assert opened.answer()[":status"] == "401"
        assert opened.exactly(12) == b"who are you?"


def test_success_without_a_switch(front):
    """HTTP/1.1 can tell it from a switch. Over HTTP/2 it would be taken for one."""
    with backend.Backend(backend.echo) as app:
        site = front(app)
        assert ask(site, *HANDSHAKE).answer().status == 200
        assert websocket.open_http2(site).answer()[":status"] == "502"
        assert site.log.wait(lambda line: line["status"] == 502)[0]["failure"] == "websocket.not_switched"


def test_no_backend(front):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with backend.Backend(backend.echo) as app:
            app.address = f"127.0.0.1:{closed.getsockname()[1]}"
            assert ask(front(app), *HANDSHAKE).answer().status == 502


# --- bytes, ends and limits

def test_bytes_behind_the_handshake_and_behind_the_switch(front):
    """What is sent ahead is not lost, and nobody reads it as HTTP."""
    def act(c):
        c.send(f"{SWITCH}Sec-WebSocket-Accept: {accept_for(c.head())}\r\n\r\nfirst words")
        c.send(b"heard: " + c.exactly(len(ahead)))
        c.close()

    ahead = b"GET /admin HTTP/1.1\r\nHost: other\r\n\r\n"
    with backend.Backend(act) as app:
        site = front(app)
        reader = site.reader()
        head = "\r\n".join(["GET / HTTP/1.1", f"Host: {site.host}", *HANDSHAKE, "", ""]).encode()
        reader.connection.sendall(head + ahead)
        assert reader.answer().status == 101
        expected = b"first wordsheard: " + ahead
        assert reader.exactly(len(expected)) == expected
        assert reader.is_closed()
        assert [request.target for c in app.conversations for request in c.requests] == ["/"]


def test_the_client_may_end_its_side_alone(front, configure):
    def act(c):
        switched(c)
        heard = b""
        while got := c.connection.recv(65536):
            heard += got
        c.send(b"heard " + heard)
        c.close()

    with backend.Backend(act) as app:
        gateway = configure(f'[port."127.0.0.1:{{port}}"]\nprotocol = "http"\n[site."a.test"]\nlisten = ["127.0.0.1:{{port}}"]\n'
                            f'proxy = ["{app.address}"]\n')
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as plain:
            reader = http1.Reader(plain)
            plain.sendall("\r\n".join(["GET / HTTP/1.1", "Host: a.test", *HANDSHAKE, "", ""]).encode())
            assert reader.answer().status == 101
            plain.sendall(b"all")
            plain.shutdown(socket.SHUT_WR)
            assert reader.exactly(9) == b"heard all"
            assert reader.is_closed()
        site = front(app)
        opened = websocket.open_http2(site)
        assert opened.answer()[":status"] == "200"
        opened.send_bytes(b"all", end=True)
        assert opened.exactly(9) == b"heard all"


def test_a_backend_that_dies_is_no_clean_close(front):
    async def act(connection):
        await connection.send("die")
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await connection.recv()
        return closed.value.rcvd

    with websocket.PythonServer() as app:
        site = front(app)
        assert websocket.python_client(site, act) is None  # 1006: no close frame came
        if websocket.node():
            assert websocket.node_client(site, last="die")["code"] == 1006
        opened = websocket.open_http2(site)
        opened.send(TEXT, b"die")
        with pytest.raises(EOFError):
            opened.receive()


def test_a_reset_ends_the_other_side(front):
    """Of the backend: the client sees a cut, and the log says why. Of the client: the backend's connection ends."""
    ended = threading.Event()

    def act(c):
        switched(c)
        if c.exactly(1) == b"r":
            c.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            return c.connection.close()
        c.connection.sendall(b"heard")
        assert not c.connection.recv(1)
        ended.set()

    with backend.Backend(act) as app:
        site = front(app)
        reader = ask(site, *HANDSHAKE)
        assert reader.answer().status == 101
        reader.connection.sendall(b"r")
        with pytest.raises(http1.Closed):
            reader.more()
        assert tunnel_line(site)["failure"] == "upstream.tunnel_broken"
        opened = websocket.open_http2(site)
        opened.send_bytes(b"r")
        with pytest.raises(EOFError) as reset:
            opened.exactly(1)
        assert reset.value.args[0] not in (None, http2.NO_ERROR)  # RST_STREAM, not the end of the stream
        reader = ask(site, *HANDSHAKE)
        assert reader.answer().status == 101
        reader.connection.sendall(b"x")
        assert reader.exactly(5) == b"heard"  # a reset may destroy what is still under way
        reader.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        os.close(reader.connection.detach())
        assert ended.wait(60)


def test_the_connection_to_the_backend_is_never_used_again(front):
    def act(c):
        request = c.head()
        if request.field("upgrade"):
            c.send(f"{SWITCH}Sec-WebSocket-Accept: {accept_for(request)}\r\n\r\n")
            c.close()
        else:
            c.answer(str(c.number))

    with backend.Backend(act) as app:
        site = front(app)
        assert ask(site, *HANDSHAKE).answer().status == 101
        tunnel_line(site)
        assert site.get("/").body == b"1"


def test_a_slow_reader_holds_the_fast_sender_back(front):
    sent = []

    def act(c):
        switched(c)
        c.connection.settimeout(3)
        try:
            for _ in range(512):
                c.send(bytes(MIB))
                sent.append(1)
        except TimeoutError:
            sent.append("waits")

    with backend.Backend(act) as app:
        site = front(app)
        before = site.gateway.memory()
        readers = [ask(site, *HANDSHAKE) for _ in range(3)]
        for reader in readers:
            assert reader.answer().status == 101
        eventually(lambda: sent.count("waits") == 3, lambda: f"only {sent.count('waits')} wait")
        assert len(sent) < 3 * 64
        assert site.gateway.memory() - before < 64 * MIB
        assert readers[0].exactly(2 * MIB) == bytes(2 * MIB)  # what waits is not lost


def test_a_slow_backend_holds_the_fast_client_back(front):
    go = threading.Event()

    def act(c):
        switched(c)
        go.wait(60)
        c.send(str(len(c.exactly(int(c.until(b"\n"))))))

    with backend.Backend(act) as app:
        site = front(app)
        before = site.gateway.memory()
        reader = ask(site, *HANDSHAKE)
        assert reader.answer().status == 101
        reader.connection.sendall(b"%d\n" % (256 * MIB))
        reader.connection.settimeout(3)
        sent = 0
        try:
            while sent < 256:
                reader.connection.sendall(bytes(MIB))
                sent += 1
        except TimeoutError:
            pass
        assert sent < 64
        assert site.gateway.memory() - before < 64 * MIB
        go.set()


SITE = '[site."{name}"]\nlisten = ["127.0.0.1:{port}"]\nproxy = ["{address}"]\n'


def site_of(name, address):
    return SITE.replace("{name}", name).replace("{address}", address)


def opened_site(gateway, name):
    """A WebSocket to a site of a file, with its answer taken."""
    reader = http1.Reader(tls.connect(gateway.port, name, gateway.root))
    reader.connection.sendall("\r\n".join(["GET /ws HTTP/1.1", f"Host: {name}", *HANDSHAKE, "", ""]).encode())
    assert reader.answer().status == 101
    return reader


def mirror(conversation):
    switched(conversation)
    while got := conversation.connection.recv(65536):
        conversation.send(got)
    conversation.close()


def says_back(reader, text):
    reader.connection.sendall(text)
    return reader.exactly(len(text)) == text


def test_silence_of_both_sides_ends_it(configure):
    with backend.Backend(mirror) as app:
        gateway = configure(site_of("a.test", app.address) + "[limits]\ntunnel_idle_timeout = \"1s\"\n")
        reader = opened_site(gateway, "a.test")
        for _ in range(4):  # longer than the limit, with something said now and then
            assert says_back(reader, b"x")
            threading.Event().wait(0.5)
        with pytest.raises(http1.Closed):
            reader.more()
        line = gateway.log.wait(lambda line: line["path"] == "/ws")[0]
        assert (line["failure"], line["bytes"], line["request_bytes"]) == ("timeout.tunnel_idle_timeout", 4, 4)


def test_it_lives_on_over_a_reload(configure):
    with backend.Backend(mirror) as app:
        text = site_of("a.test", app.address) + site_of("b.test", app.address)
        gateway = configure(text)
        kept, removed = opened_site(gateway, "a.test"), opened_site(gateway, "b.test")
        gateway.config.write_text((site_of("a.test", app.address) + site_of("c.test", app.address))
                                  .replace("{port}", str(gateway.port)))
        status, _, err = run("reload", "--config", gateway.config, home=gateway.home)
        assert status == 0, err
        assert says_back(kept, b"still there")
        assert says_back(removed, b"and this one too")
        assert says_back(opened_site(gateway, "c.test"), b"new")


def test_the_end_of_the_program_waits_and_then_cuts(configure):
    with backend.Backend(mirror) as app:
        gateway = configure(site_of("a.test", app.address) + "[limits]\ndrain_timeout = \"3s\"\n")
        reader = opened_site(gateway, "a.test")
        gateway.signal(signal.SIGTERM)
        gateway.wait_told("STOPPING=1")
        assert says_back(reader, b"not yet")
        with pytest.raises(http1.Closed):
            reader.more()
        assert gateway.wait() == 0
        assert gateway.log.wait(lambda line: line["path"] == "/ws")[0]["failure"] == "timeout.drain_timeout"


def test_a_backend_that_does_not_hear_of_the_end(configure):
    """The client has gone; the backend keeps its side open and is silent."""
    with backend.Backend(switched) as app:
        gateway = configure('[site."a.test"]\nlisten = ["127.0.0.1:{port}"]\n[site."a.test".proxy]\n'
                            f'to = ["{app.address}"]\nidle_timeout = "1s"\n')
        opened_site(gateway, "a.test").connection.close()
        assert gateway.log.wait(lambda line: line["path"] == "/ws")[0]["failure"] == "upstream.idle_timeout"


def test_it_counts_as_a_request_of_its_backend(configure):
    with backend.Backend(mirror) as app:
        gateway = configure('[site."a.test"]\nlisten = ["127.0.0.1:{port}"]\n[site."a.test".proxy]\n'
                            f'to = [{{ to = "{app.address}", max_connections = 1 }}]\nqueue = {{ timeout = "100ms" }}\n')
        first = opened_site(gateway, "a.test")
        with tls.connect(gateway.port, "a.test", gateway.root) as connection:
            assert http1.get(connection, "/", "a.test").status == 503
        first.connection.close()
        gateway.log.wait(lambda line: line["path"] == "/ws")
        assert says_back(opened_site(gateway, "a.test"), b"room again")


# --- backends that speak TLS or HTTP/2

def test_backend_by_tls_is_asked_in_http1(front, authority, tmp_path):
    """It would choose HTTP/2 for other requests."""
    async def act(connection):
        await connection.send("hello")
        return await connection.recv()

    pair = authority.issue("app.internal")
    with websocket.PythonServer() as app:
        lines = f"""ssl_certificate {pair.certificate}; ssl_certificate_key {pair.key};
location /plain {{ return 200 $server_protocol; }}
location / {{
  proxy_pass http://{app.address}; proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_set_header Host $host;
}}"""
        with nginx.serve(tmp_path / "nginx", "ssl http2", lines) as port:
            site = front(types.SimpleNamespace(address=f"https://127.0.0.1:{port}"), "--site.localhost.proxy.tls.ca", authority.root,
                         "--site.localhost.proxy.tls.name", "app.internal")
            assert site.get("/plain").body == b"HTTP/2.0"
            for _ in range(2):
                assert websocket.python_client(site, act) == "hello"
            assert site.get("/plain").body == b"HTTP/2.0"


def test_backend_by_h2c_takes_none(front):
    with h2_backend.Backend(h2_backend.echo) as app:
        site = front(app)
        assert ask(site, *HANDSHAKE).final("GET").status == 502
        site.gateway.wait_error("upstream.only_http2")
        assert site.get("/").status == 200
