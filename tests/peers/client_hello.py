"""ClientHellos written byte by byte: what no library would send, and key exchanges that Debian 12's has not."""
import socket
import struct

X25519MLKEM768, X25519, P256, P384, P521 = 0x11ec, 0x001d, 0x0017, 0x0018, 0x0019
SUITES_13 = (0x1301, 0x1302, 0x1303)
TLS_1_3, TLS_1_2, TLS_1_1, TLS_1_0 = 0x0304, 0x0303, 0x0302, 0x0301

# X25519: the base point is a valid public key (RFC 7748 6.1). ML-KEM-768: 768 coefficients of zero and a seed of
# zeros pass the checks of FIPS 203 7.2. Nobody has to know the secret: only the answer's first message is read.
SHARES = {X25519MLKEM768: bytes(1184) + b"\x09" + bytes(31), X25519: b"\x09" + bytes(31)}
GENERATOR_P256 = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
SHARES[P256] = GENERATOR_P256


def block(size, content):
    """A vector with a length of `size` bytes in front (RFC 8446 3.4)."""
    return len(content).to_bytes(size, "big") + content


def extension(number, content):
    return struct.pack(">H", number) + block(2, content)


def hello(name="localhost", groups=(X25519,), shares=None, versions=(TLS_1_3,), alpn=(), suites=SUITES_13,
          padding=0, legacy=TLS_1_2):
    """A ClientHello message without its record (RFC 8446 4.1.2)."""
    shares = groups if shares is None else shares
    parts = []
    if name is not None:
        parts.append(extension(0, block(2, b"\0" + block(2, name.encode()))))
    if versions:
        parts.append(extension(43, block(1, b"".join(struct.pack(">H", v) for v in versions))))
    parts.append(extension(10, block(2, b"".join(struct.pack(">H", g) for g in groups))))
    parts.append(extension(51, block(2, b"".join(struct.pack(">H", g) + block(2, SHARES[g]) for g in shares))))
    parts.append(extension(13, block(2, struct.pack(">6H", 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501))))
    parts.append(extension(11, block(1, b"\0")))
    if alpn:
        parts.append(extension(16, block(2, b"".join(block(1, p.encode()) for p in alpn))))
    if padding:
        parts.append(extension(21, bytes(padding)))
    body = (struct.pack(">H", legacy) + bytes(range(32)) + block(1, bytes(32)) +
            block(2, b"".join(struct.pack(">H", s) for s in suites)) + block(1, b"\0") + block(2, b"".join(parts)))
    return b"\x01" + block(3, body)


def records(message, size=16384, version=0x0301):
    """The message in records of at most `size` bytes."""
    return b"".join(b"\x16" + struct.pack(">H", version) + block(2, message[i:i + size])
                    for i in range(0, len(message), size))


def read_exactly(connection, count):
    got = b""
    while len(got) < count:
        more = connection.recv(count - len(got))
        if not more:
            return None
        got += more
    return got


def read_record(connection):
    """(type, content), or None when the server closed."""
    head = read_exactly(connection, 5)
    if head is None:
        return None
    return head[0], read_exactly(connection, int.from_bytes(head[3:5], "big"))


def exchange(port, wire, timeout=20):
    """Sends bytes on a new connection and returns the first record: ("alert", number), ("hello", bytes), ("no tls", b"") or None."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(wire)
        try:
            record = read_record(connection)
        except ConnectionResetError:
            return None
    if record is None:
        return None
    kind, content = record
    if kind == 21:
        return "alert", content[1]
    if kind != 22:
        return "no tls", b""
    assert content[0] == 2, record
    return "hello", content


def server_choice(server_hello):
    """(version, group, is_retry) of a ServerHello or HelloRetryRequest (RFC 8446 4.1.3, 4.1.4)."""
    retry = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
    version, group = int.from_bytes(server_hello[4:6], "big"), None
    at = 4 + 2 + 32
    at += 1 + server_hello[at] + 2 + 1
    end = at + 2 + int.from_bytes(server_hello[at:at + 2], "big")
    at += 2
    while at < end:
        number, size = struct.unpack(">HH", server_hello[at:at + 4])
        content = server_hello[at + 4:at + 4 + size]
        if number == 43:
            version = int.from_bytes(content, "big")
        if number == 51:
            group = int.from_bytes(content[:2], "big")
        at += 4 + size
    return version, group, server_hello[6:38] == retry
