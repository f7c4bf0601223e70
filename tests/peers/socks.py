"""A SOCKS5 proxy with or without a login (RFC 1928, RFC 1929), for check: it counts what it opened."""
import contextlib
import socket
import threading

from peers.listening import byte_server


def _take(connection, n):
    out = b""
    while len(out) < n:
        more = connection.recv(n - len(out))
        if not more:
            raise OSError("closed")
        out += more
    return out


def _pump(a, b):
    with contextlib.suppress(OSError):
        while text := a.recv(65536):
            b.sendall(text)
        b.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def socks_proxy(login=None, names=None):
    """(port, asked). `names`: where a name is; asked: the (host, port) pairs so far."""
    asked = []

    def talk(c):
        _, count = _take(c, 2)
        methods = _take(c, count)
        wanted = 2 if login else 0
        if wanted not in methods:
            c.sendall(b"\x05\xff")
            return
        c.sendall(bytes([5, wanted]))
        if login:
            _take(c, 1)
            user = _take(c, _take(c, 1)[0])
            word = _take(c, _take(c, 1)[0])
            good = (user, word) == login
            c.sendall(b"\x01" + (b"\x00" if good else b"\x01"))
            if not good:
                return
        kind = _take(c, 4)[3]
        host = socket.inet_ntoa(_take(c, 4)) if kind == 1 else _take(c, _take(c, 1)[0]).decode()
        port = int.from_bytes(_take(c, 2), "big")
        asked.append((host, port))
        try:
            far = socket.create_connection(((names or {}).get(host, host), port), 5)
        except OSError:
            c.sendall(b"\x05\x05\x00\x01" + bytes(6))
            return
        with far:
            c.sendall(b"\x05\x00\x00\x01" + bytes(6))
            back = threading.Thread(target=_pump, args=(far, c), daemon=True)
            back.start()
            _pump(c, far)
            back.join(10)

    with byte_server(talk) as port:
        yield port, asked
