#!/usr/bin/python3
"""The load of the WebSocket row, and what it is proxied to.

messages.py echo PORT                          grants every WebSocket and sends back each byte it gets
messages.py load PORT COUNT CONNECTIONS BYTES  sends COUNT messages over TLS, one on each connection at a time, and
                                               prints as JSON how many came back

A message goes back masked as it came: no proxy looks, and nobody spends time on masks.
"""

import base64
import hashlib
import json
import os
import selectors
import socket
import ssl
import sys

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SWITCH = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          b"Sec-WebSocket-Accept: ")


def accept_for(key: bytes) -> bytes:
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


def key_of(head: bytes) -> bytes:
    """The Sec-WebSocket-Key of a request's head."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"sec-websocket-key":
            return value.strip()
    return b""


def frame(size: int) -> bytes:
    """A client's binary message of `size` < 126 bytes, masked with zeros (RFC 6455 5.2)."""
    return bytes([0x82, 0x80 | size]) + bytes(4) + os.urandom(size)


def answer(connection: socket.socket, heads: dict[socket.socket, bytes]) -> bool:
    """Takes what has come on a connection. False: it has ended."""
    got = connection.recv(65536)
    if not got:
        return False
    if connection not in heads:
        connection.sendall(got)
        return True
    heads[connection] += got
    head, end, rest = heads[connection].partition(b"\r\n\r\n")
    if end:
        del heads[connection]
        connection.sendall(SWITCH + accept_for(key_of(head)) + b"\r\n\r\n" + rest)
    return True


def echo(port: int) -> None:
    chooser = selectors.DefaultSelector()
    heads: dict[socket.socket, bytes] = {}
    with socket.create_server(("127.0.0.1", port), backlog=1024) as listener:
        chooser.register(listener, selectors.EVENT_READ)
        while True:
            for ready, _ in chooser.select():
                if ready.fileobj is listener:
                    connection, _ = listener.accept()
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    heads[connection] = b""
                    chooser.register(connection, selectors.EVENT_READ)
                    continue
                connection = ready.fileobj
                try:
                    open_still = answer(connection, heads)
                except OSError:
                    open_still = False
                if not open_still:
                    heads.pop(connection, None)
                    chooser.unregister(connection)
                    connection.close()


def open_one(port: int, context: ssl.SSLContext) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", port), timeout=60)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = context.wrap_socket(raw, server_hostname="localhost")
    key = base64.b64encode(os.urandom(16))
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n")
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        got = connection.recv(4096)
        if not got:
            raise ConnectionError("closed inside the handshake")
        head += got
    if not head.startswith(b"HTTP/1.1 101 ") or accept_for(key) not in head:
        raise ConnectionError("no WebSocket: " + head.split(b"\r\n")[0].decode())
    return connection


def load(port: int, count: int, connections: int, size: int) -> int:
    """How many messages came back as they went."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    opened = [open_one(port, context) for _ in range(connections)]
    message = frame(size)
    done = 0
    while done < count:
        asked = opened[:count - done]
        for connection in asked:
            connection.sendall(message)
        for connection in asked:
            back = connection.recv(len(message))
            while back and len(back) < len(message):
                more = connection.recv(len(message) - len(back))
                back = back + more if more else b""
            if back != message:
                raise ConnectionError(f"{len(back)} other bytes came back")
            done += 1
    return done


def main() -> int:
    if sys.argv[1] == "echo":
        echo(int(sys.argv[2]))
    said = {"done": 0, "failure": ""}
    try:
        said["done"] = load(*map(int, sys.argv[2:6]))
    except OSError as error:
        said["failure"] = str(error)
    print(json.dumps(said))
    return 1 if said["failure"] else 0


if __name__ == "__main__":
    sys.exit(main())
