"""A TLS 1.2 server with RSA key exchange (TLS_RSA_WITH_AES_128_CBC_SHA) that can be broken in the ways that were once common."""
import hashlib
import hmac
import os
import re
import struct
import subprocess

from peers import pki
from peers.listening import byte_server

RSA_AES128_SHA, DHE_RSA_AES128_GCM = 0x002F, 0x009E
# RFC 2409 6.2: the prime of Oakley group 2, as `openssl` writes it.
OAKLEY_2 = int("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
               "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
               "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16).to_bytes(128, "big")


class RsaKey:
    """The numbers of a key file."""

    def __init__(self, path):
        text = pki.openssl("rsa", "-in", path, "-noout", "-text").decode()

        def field(name):
            digits = re.search(name + r":\n((?:\s+[0-9a-f:]+\n)+)", text).group(1)
            return int(re.sub(r"[^0-9a-f]", "", digits), 16)

        self.modulus, self.private = field("modulus"), field("privateExponent")
        self.size = (self.modulus.bit_length() + 7) // 8

    def decrypt(self, block):
        return pow(int.from_bytes(block, "big"), self.private, self.modulus).to_bytes(self.size, "big")


def vec(width, body):
    return len(body).to_bytes(width, "big") + body


def record(kind, body):
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def message(kind, body):
    return bytes([kind]) + vec(3, body)


def prf(secret, label, seed, size):
    """RFC 5246 5."""
    out, a = b"", label + seed
    while len(out) < size:
        a = hmac.digest(secret, a, "sha256")
        out += hmac.digest(secret, a + label + seed, "sha256")
    return out[:size]


def aes_cbc(key, iv, text, decrypt):
    command = ["openssl", "enc", "-aes-128-cbc", "-nopad", "-K", key.hex(), "-iv", iv.hex()] + (["-d"] if decrypt else [])
    return subprocess.run(command, input=text, capture_output=True, check=True).stdout


class Alert(Exception):
    pass


class Conversation:
    """One connection. `flaws`: what is broken in this server."""

    def __init__(self, connection, key, certificate, flaws):
        self.connection, self.key, self.certificate, self.flaws = connection, key, certificate, flaws
        self.transcript = b""

    def read(self, size):
        out = b""
        while len(out) < size:
            more = self.connection.recv(size - len(out))
            if not more:
                raise EOFError
            out += more
        return out

    def read_record(self):
        kind, version, size = struct.unpack(">BHH", self.read(5))
        if version >> 8 != 3:
            raise EOFError  # SSL 2.0
        return kind, self.read(size)

    def talk(self):
        try:
            self.greet(self.read_record()[1])
            self.take_key()
            self.finish()
            self.serve()
        except Alert as alert:
            self.connection.sendall(record(21, bytes([2, alert.args[0]])))
        except EOFError:
            pass

    def greet(self, hello):
        self.transcript = hello
        self.client_random = hello[6:38]
        at = 39 + hello[38]
        count, = struct.unpack(">H", hello[at:at + 2])
        suites = struct.unpack(f">{count // 2}H", hello[at + 2:at + 2 + count])
        wanted = DHE_RSA_AES128_GCM if "small_prime" in self.flaws else RSA_AES128_SHA
        if hello[4:6] != b"\x03\x03":
            raise Alert(70)
        if wanted not in suites:
            raise Alert(40)
        self.server_random = os.urandom(32)
        extensions = b"\xff\x01\x00\x01\x00"
        if "heartbeat" in self.flaws and b"\x00\x0f\x00\x01\x01" in hello:
            extensions += b"\x00\x0f\x00\x01\x01"
        self.say(2, b"\x03\x03" + self.server_random + b"\x00" + struct.pack(">HB", wanted, 0) + vec(2, extensions))
        self.say(11, vec(3, vec(3, self.certificate)))
        if wanted == DHE_RSA_AES128_GCM:
            self.say(12, vec(2, OAKLEY_2) + vec(2, b"\x02") + vec(2, b"\x05" * 128) + b"\x02\x01" + vec(2, bytes(256)))
        self.say(14, b"")

    def say(self, kind, body):
        self.transcript += message(kind, body)
        self.connection.sendall(record(22, message(kind, body)))

    def take_key(self):
        early = 0
        while True:
            kind, body = self.read_record()
            if kind == 24:
                if "heartbleed" in self.flaws:
                    self.connection.sendall(record(24, b"\x02" + body[1:] + os.urandom(16)))
            elif kind == 20 and "early_ccs" in self.flaws:
                early += 1
                if early == 2:
                    raise Alert(20)
            elif kind == 22:
                break
            else:
                raise Alert(10)
        self.transcript += body
        block = self.key.decrypt(body[6:])
        right = block[:2] == b"\0\2" and block[-49:-48] == b"\0" and 0 not in block[2:-49] and block[-48:-46] == b"\3\3"
        if not right and "robot" in self.flaws:
            raise Alert(47)
        premaster = block[-48:] if right else os.urandom(48)
        self.master = prf(premaster, b"master secret", self.client_random + self.server_random, 48)
        keys = prf(self.master, b"key expansion", self.server_random + self.client_random, 72)
        self.mac_in, self.mac_out, self.key_in, self.key_out = keys[:20], keys[20:40], keys[40:56], keys[56:72]
        self.count_in = self.count_out = 0

    def open(self, kind, body):
        text = aes_cbc(self.key_in, body[:16], body[16:], True)
        size = text[-1]
        bad_padding = size + 21 > len(text) or (text[-size - 1:] != bytes([size]) * (size + 1) and "poodle" not in self.flaws)
        if bad_padding:
            raise Alert(21 if "oracle" in self.flaws else 20)
        plain, mac = text[:-size - 21], text[-size - 21:-size - 1]
        if hmac.digest(self.mac_in, struct.pack(">QBHH", self.count_in, kind, 0x0303, len(plain)) + plain, "sha1") != mac:
            raise Alert(20)
        self.count_in += 1
        return plain

    def seal(self, kind, plain):
        text = plain + hmac.digest(self.mac_out, struct.pack(">QBHH", self.count_out, kind, 0x0303, len(plain)) + plain, "sha1")
        size = 15 - len(text) % 16
        iv = os.urandom(16)
        self.count_out += 1
        self.connection.sendall(record(kind, iv + aes_cbc(self.key_out, iv, text + bytes([size]) * (size + 1), False)))

    def finish(self):
        if self.read_record()[0] != 20:
            raise Alert(10)
        kind, body = self.read_record()
        plain = self.open(kind, body)
        self.transcript += plain
        self.connection.sendall(record(20, b"\1"))
        self.seal(22, message(20, prf(self.master, b"server finished", hashlib.sha256(self.transcript).digest(), 12)))

    def serve(self):
        while True:
            kind, body = self.read_record()
            try:
                plain = self.open(kind, body)
            except Alert as alert:
                self.seal(21, bytes([2, alert.args[0]]))
                return
            if kind == 21:
                return
            if plain:
                self.seal(23, b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")


def broken_server(pair, *flaws):
    """Its port; used with `with`. The pair's key must be RSA."""
    key = RsaKey(pair.key)
    der = pki.openssl("x509", "-in", pair.certificate, "-outform", "DER")
    return byte_server(lambda connection: Conversation(connection, key, der, flaws).talk())
