"""A DNS server for a few names: A records that a test may change at any time."""
import socket
import struct
import threading


class Server:
    """Server({"app.test": (["127.0.0.1"], ttl)}). Other names do not exist; a name without a value is never answered."""

    def __init__(self, names):
        self.names, self.asked = names, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def serve(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(512)
                if answer := self.answer(query):
                    self.socket.sendto(answer, peer)
            except OSError:
                return

    def answer(self, query):
        labels, at = [], 12
        while size := query[at]:
            labels.append(query[at + 1:at + 1 + size].decode())
            at += 1 + size
        name, (kind,) = ".".join(labels).lower(), struct.unpack(">H", query[at + 1:at + 3])
        question = query[12:at + 5]
        self.asked.append(name)
        if name in self.names and self.names[name] is None:
            return None
        addresses, ttl = self.names.get(name, ([], 0))
        records = [] if kind != 1 else [b"\xc0\x0c\x00\x01\x00\x01" + struct.pack(">IH", ttl, 4) + socket.inet_aton(a) for a in addresses]
        code = 0 if name in self.names else 3
        return query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0) + question + b"".join(records)
