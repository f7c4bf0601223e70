"""A gateway of IKEv2 that answers first messages only: for what no gateway of Debian does."""
import contextlib
import socket
import struct
import threading

X25519, AES_GCM, SHA256 = 31, 20, 5


def _payloads(text):
    """(type, body) of each payload."""
    kind, out, at = text[16], [], 28
    while kind:
        following, _, size = struct.unpack_from(">BBH", text, at)
        out.append((kind, text[at + 4:at + size]))
        kind, at = following, at + size
    return out


def _transforms(body):
    """For each proposal the set of (type, id, key bits)."""
    out, at = [], 0
    while at < len(body):
        size = struct.unpack_from(">H", body, at + 2)[0]
        one, inner = set(), at + 8
        while inner < at + size:
            length, kind, number = struct.unpack_from(">xxHBxH", body, inner)
            bits = struct.unpack_from(">H", body, inner + 10)[0] if length == 12 else 0
            one.add((kind, number, bits))
            inner += length
        out.append(one)
        at += size
    return out


def _message(spi, payloads):
    body, kinds = b"", [kind for kind, _ in payloads] + [0]
    for (_, content), following in zip(payloads, kinds[1:]):
        body += struct.pack(">BBH", following, 0, 4 + len(content)) + content
    return spi + b"responds" + struct.pack(">BBBBII", kinds[0], 0x20, 34, 0x20, 0, 28 + len(body)) + body


def _notice(kind, data=b""):
    return (41, struct.pack(">BBH", 0, 0, kind) + data)


def _answer(text, additional, cookie):
    payloads = _payloads(text)
    if text[17] != 0x20:
        return None
    notices = {struct.unpack_from(">H", body, 2)[0]: body[4:] for kind, body in payloads if kind == 41}
    if cookie and notices.get(16390) != cookie:
        return [_notice(16390, cookie)]
    offered = _transforms(next(body for kind, body in payloads if kind == 33))
    group = struct.unpack_from(">H", next(body for kind, body in payloads if kind == 34))[0]
    for one in offered:
        extra = {number for kind, number, _ in one if kind == 6}
        if not {(1, AES_GCM, 256), (2, SHA256, 0), (4, X25519, 0)} <= one or (extra and not extra & additional):
            continue
        if group != X25519:
            return [_notice(17, struct.pack(">H", X25519))]
        transforms = b"\3\0\0\x0c\1\0" + struct.pack(">HHH", AES_GCM, 0x800e, 256) + b"\3\0\0\x08\2\0" + struct.pack(">H", SHA256)
        transforms += b"\0\0\0\x08\4\0" + struct.pack(">H", X25519)
        proposal = struct.pack(">BBHBBBB", 0, 0, 8 + len(transforms), 1, 1, 0, 3) + transforms
        return [(33, proposal), (34, struct.pack(">HH", X25519, 0) + bytes(32)), (40, bytes(32)), _notice(16430)]
    return [_notice(14)]


@contextlib.contextmanager
def ike_server(additional=frozenset(), cookie=b"", marked=False, nonsense=False):
    """Its port. Takes AES-GCM-256 with SHA-256 in x25519, and the `additional` key exchanges behind it."""
    marker = b"\0\0\0\0" if marked else b""
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve():
            while True:
                text, client = server.recvfrom(8192)
                if text == b"end":
                    return
                if nonsense:
                    server.sendto(text[:8] + b"no such thing", client)
                elif text.startswith(marker) and (marked or text[:4] != b"\0\0\0\0"):
                    payloads = _answer(text[len(marker):], additional, cookie)
                    if payloads:
                        server.sendto(marker + _message(text[len(marker):][:8], payloads), client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            with socket.socket(type=socket.SOCK_DGRAM) as last:
                last.sendto(b"end", server.getsockname())
            thread.join()
