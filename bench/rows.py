"""What is measured: one row each. A new operation is a new line here."""

from dataclasses import dataclass

KIB = 1024
SMALL, LARGE = 1 * KIB, 100 * KIB


@dataclass(frozen=True)
class Row:
    """One operation. `load` names the function of load.py that does it."""

    id: str
    title: str
    load: str  # "messages": over open WebSockets; "connections": a new connection per request; "requests": kept connections; "idle": held connections; "check", "check-many", "check-ssh": sallyport check and its like, see checks.py; "generator": sallyport load and h2load, see generators.py
    protocol: str  # the ALPN name
    bytes: int  # size of the answer's body
    count: int  # operations in one measurement
    connections: int  # open at once
    streams: int = 1  # requests in flight on each connection
    limit: float | None = None  # CPU: at most this part of nginx's (HTTP/3: of the best's); memory: at most this many bytes
    proxied: bool = False  # the file comes from a backend, an nginx on the load's core whose time is not counted
    request: bool = True  # idle rows: whether each connection gets one answer first

    @property
    def path(self) -> str:
        return f"/{self.bytes // KIB}k.bin"

    @property
    def of_best(self) -> bool:
        """Whether the limit is a part of the best peer's figure, not of nginx's."""
        return self.protocol == "h3"

    @property
    def checks(self) -> bool:
        """Whether it measures a checker, not a server."""
        return self.load in ("check", "check-many", "check-ssh")

    @property
    def generates(self) -> bool:
        """Whether it measures a load generator, not a server."""
        return self.load == "generator"

    @property
    def unit(self) -> str:
        return "KiB" if self.load == "idle" else "us"


ROWS = (
    Row("connect-h1", "new connection, 1 KiB, HTTP/1.1", "connections", "http/1.1", SMALL, 2_000, 16, limit=0.6),
    Row("connect-h2", "new connection, 1 KiB, HTTP/2", "connections", "h2", SMALL, 2_000, 16, limit=0.6),
    Row("kept-h1", "1 KiB, HTTP/1.1, 32 kept", "requests", "http/1.1", SMALL, 200_000, 32, limit=0.75),
    Row("kept-h2", "1 KiB, HTTP/2, 8 x 32 streams", "requests", "h2", SMALL, 300_000, 8, 32, limit=0.35),
    Row("large-h1", "100 KiB, HTTP/1.1, 32 kept", "requests", "http/1.1", LARGE, 30_000, 32, limit=0.9),
    Row("large-h2", "100 KiB, HTTP/2, 8 x 32 streams", "requests", "h2", LARGE, 30_000, 8, 32, limit=0.9),
    Row("connect-h3", "new connection, 1 KiB, HTTP/3", "connections", "h3", SMALL, 2_000, 16, limit=0.45),
    Row("kept-h3", "1 KiB, HTTP/3, 8 x 32 streams", "requests", "h3", SMALL, 200_000, 8, 32, limit=0.75),
    Row("large-h3", "100 KiB, HTTP/3, 8 x 32 streams", "requests", "h3", LARGE, 15_000, 8, 32, limit=0.8),
    Row("proxy-h1", "1 KiB proxied, HTTP/1.1, 32 kept", "requests", "http/1.1", SMALL, 100_000, 32, limit=0.45,
        proxied=True),
    Row("proxy-h2", "1 KiB proxied, HTTP/2, 8 x 32 streams", "requests", "h2", SMALL, 100_000, 8, 32, limit=0.45,
        proxied=True),
    Row("websocket", "125 bytes and their echo, 64 WebSockets", "messages", "http/1.1", 125, 200_000, 64, proxied=True),
    Row("idle", "idle TLS connection, nothing asked", "idle", "http/1.1", SMALL, 5_000, 5_000, limit=9 * KIB,
        request=False),
    Row("idle-h1", "idle after one answer, HTTP/1.1", "idle", "http/1.1", SMALL, 5_000, 5_000, limit=9 * KIB),
    Row("idle-h2", "idle after one answer, HTTP/2", "idle", "h2", SMALL, 5_000, 5_000),
    Row("idle-quic", "idle QUIC connection, nothing asked", "idle", "h3", SMALL, 5_000, 5_000, request=False),
    Row("idle-h3", "idle after one answer, HTTP/3", "idle", "h3", SMALL, 5_000, 5_000),
    Row("check-default", "a whole check of one nginx", "check", "h2", SMALL, 1, 1),
    Row("check-quick", "1,000 local targets, --quick", "check-many", "h2", SMALL, 1_000, 1),
    Row("load-h1", "1 KiB, HTTP/1.1, 64 kept", "generator", "http/1.1", SMALL, 200_000, 64),
    Row("load-h2", "1 KiB, HTTP/2, 8 x 32 streams", "generator", "h2", SMALL, 400_000, 8, 32),
    Row("load-large-h1", "100 KiB, HTTP/1.1, 64 kept", "generator", "http/1.1", LARGE, 30_000, 64),
    Row("load-large-h2", "100 KiB, HTTP/2, 8 x 32 streams", "generator", "h2", LARGE, 30_000, 8, 32),
    Row("check-ssh", "a whole check of one OpenSSH", "check-ssh", "ssh", SMALL, 1, 1),
)


def select(names: str) -> list[Row]:
    """The rows of a comma-separated list of ids or beginnings of ids ("connect,idle"); all for an empty one."""
    if not names:
        return list(ROWS)
    chosen = []
    for name in names.split(","):
        found = [row for row in ROWS if row.id == name] or [row for row in ROWS if row.id.startswith(name)]
        if not found:
            raise SystemExit(f"bench: no row is named {name!r}; there are: " + " ".join(row.id for row in ROWS))
        chosen += [row for row in found if row not in chosen]
    return chosen
