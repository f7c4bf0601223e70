"""WebSockets of others: servers and clients by python3-websockets and by ws on Node, and a client over HTTP/2."""
import asyncio
import json
import os
import pathlib
import queue
import shutil
import struct
import subprocess
import threading

import websockets

from peers import http2, tls

NODE_LIBRARIES = "/usr/share/nodejs"
SCRIPTS = pathlib.Path(__file__).resolve().parent
MOST = 64 << 20  # bytes of a message


def node():
    """Path of Node with ws, or None."""
    found = shutil.which("nodejs") or shutil.which("node")
    return found if found and os.path.isdir(f"{NODE_LIBRARIES}/ws") else None


async def echo(connection, *_):
    """Says back what it hears. "close CODE REASON" and "die" are obeyed."""
    async for message in connection:
        if isinstance(message, str) and message.startswith("close "):
            _, code, reason = message.split(" ", 2)
            return await connection.close(int(code), reason)
        if message == "die":
            return connection.transport.abort()
        await connection.send(message)


class PythonServer:
    """A loop on a thread of its own. heads: the fields of each handshake, in order."""

    def __init__(self, act=echo, **options):
        self.act, self.heads = act, []
        self.options = {"max_size": MOST, "ping_interval": None, "subprotocols": ["chat"], **options}
        self.loop, self.ready = asyncio.new_event_loop(), queue.Queue()

    async def run(self):
        self.over = asyncio.Event()

        async def served(connection, *_):
            self.heads.append(connection.request_headers)
            await self.act(connection)

        async with websockets.serve(served, "127.0.0.1", 0, **self.options) as server:
            self.ready.put(server.sockets[0].getsockname()[1])
            await self.over.wait()

    def __enter__(self):
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.run(),), daemon=True)
        self.thread.start()
        self.address = f"127.0.0.1:{self.ready.get(timeout=60)}"
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(60)
        self.loop.close()


class NodeServer:
    """ws on Node, which does the same as `echo`."""

    def __enter__(self):
        self.process = subprocess.Popen([node(), str(SCRIPTS / "websocket_server.js")], stdout=subprocess.PIPE,
                                        env=dict(os.environ, NODE_PATH=NODE_LIBRARIES))
        self.address = f"127.0.0.1:{int(self.process.stdout.readline())}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.process.stdout.close()


def python_client(site, act, path="/", **options):
    """Runs `await act(connection)` on a WebSocket to the site and returns what it returns."""

    async def talk():
        async with websockets.connect(f"wss://{site.host}{path}", ssl=tls.client_context(site.root), max_size=MOST,
                                      ping_interval=None, **options) as connection:
            return await act(connection)

    return asyncio.run(asyncio.wait_for(talk(), 120))


def node_client(site, **plan):
    """What ws on Node saw of a WebSocket to the site; see websocket_client.js for what a plan may hold."""
    done = subprocess.run([node(), str(SCRIPTS / "websocket_client.js"),
                           json.dumps({"url": f"wss://{site.host}/", **plan})],
                          env=dict(os.environ, NODE_PATH=NODE_LIBRARIES, NODE_EXTRA_CA_CERTS=str(site.root)),
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(opcode, content):
    """A client's frame (RFC 6455 5.2). Its mask is zero, which is as good as any other."""
    size = len(content)
    if size < 126:
        length = struct.pack(">B", 0x80 | size)
    elif size < 1 << 16:
        length = struct.pack(">BH", 0x80 | 126, size)
    else:
        length = struct.pack(">BQ", 0x80 | 127, size)
    return bytes([0x80 | opcode]) + length + bytes(4) + content


class Http2WebSocket:
    """A WebSocket on a stream of HTTP/2 (RFC 8441)."""

    def __init__(self, client, host, path="/", *, protocol="websocket", fields=(("sec-websocket-version", "13"),)):
        self.client, self.buffer, self.taken = client, b"", 0
        http = client.http
        while "connect" not in self.settings():
            assert client.step()
        self.stream = http.get_next_available_stream_id()
        http.send_headers(self.stream, [(":method", "CONNECT"), (":protocol", protocol), (":scheme", "https"),
                                        (":authority", host), (":path", path), *fields])
        client.streams[self.stream] = self.state = {"fields": None, "body": b"", "done": False, "reset": None}
        client.flush()

    def settings(self):
        return {"connect"} if self.client.http.remote_settings.enable_connect_protocol else set()

    def answer(self):
        """Fields of the answer."""
        while self.state["fields"] is None:
            assert self.client.step() or self.state["fields"], "closed without an answer"
            assert self.state["fields"] or not self.state["done"], self.state
        return self.state["fields"]

    def send(self, opcode, content=b"", end=False):
        self.send_bytes(frame(opcode, content), end)

    def send_bytes(self, content, end=False):
        http = self.client.http
        while content:
            room = min(http.local_flow_control_window(self.stream), http.max_outbound_frame_size, len(content))
            if room == 0:
                assert self.client.step(), "closed while it sends"
                continue
            http.send_data(self.stream, content[:room])
            content = content[room:]
            self.client.flush()
        if end:
            http.end_stream(self.stream)
            self.client.flush()

    def exactly(self, count):
        while len(self.state["body"]) - self.taken < count:
            if self.state["done"] or not self.client.step():
                raise EOFError(self.state["reset"])
        found = self.state["body"][self.taken:self.taken + count]
        self.taken += count
        return found

    def receive(self):
        """The next frame of the server as (opcode, content). EOFError at the end, with the code of a reset."""
        first, size = self.exactly(2)
        if size == 126:
            size, = struct.unpack(">H", self.exactly(2))
        elif size == 127:
            size, = struct.unpack(">Q", self.exactly(8))
        return first & 0xf, self.exactly(size)


def open_http2(site, path="/", **options):
    return Http2WebSocket(http2.open_client(site.port, site.name, site.root), site.host, path, **options)
