"""0-RTT by gtlsclient: what a returning client asks before its handshake is done, and what a copy of that is worth."""
import socket

import pytest

from peers import quic
from peers.backend import Backend
from gateway import eventually
from test_upgrade import successors, upgraded  # noqa: F401  (a fixture)

pytestmark = pytest.mark.skipif(quic.program() is None, reason="no gtlsclient on this machine: ./dev test installs it")

SITE = """
workers = 1
tls.handshake_timeout = "60s"  # for tests that hold it up
limits.drain_timeout = "1s"    # copies have handshakes that never end
[quic]
early_data = true
[site."localhost:{port}"]
proxy = "%s"
"""


REFUSED = "Early data was rejected by server"  # gtlsclient tries, whatever the ticket says


class Application(Backend):
    """What it was asked. Whoever may be a copy is asked to come again if `picky`."""

    def __init__(self):
        super().__init__(self.answer)
        self.picky = False

    def answer(self, c):
        while True:
            request = c.head()
            c.body(request)
            early = request.field("early-data") is not None
            c.answer("later" if early else "yes", status="425 Too Early" if early and self.picky else "200 OK")

    def asked(self):
        """(method, target, Early-Data) of each request."""
        return [(r.method, r.target, r.field("early-data")) for c in self.conversations for r in c.requests]


@pytest.fixture
def application():
    with Application() as backend:
        yield backend


class Visitor:
    """A client that keeps what it needs to come back."""

    def __init__(self, place):
        self.place, self.visits = place, 0

    def come(self, port, *paths, flags=()):
        self.visits += 1
        kept = [f"--session-file={self.place}/session", f"--tp-file={self.place}/parameters"]
        return quic.Fetching(self.place / f"visit{self.visits}", port, *paths, flags=[*kept, *flags])

    def first(self, port):
        with self.come(port, "/first") as client:
            assert client.answers().statuses() == [200]


@pytest.fixture
def visitor(tmp_path):
    return Visitor(tmp_path)


def send_copy(flight, port):
    """From somebody else, who does so until the server says something: as long as it knows the first one's connection, by
    the id that he chose, it takes what comes for that one's and drops it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.settimeout(0.5)
        other.connect(("127.0.0.1", port))

        def answered():
            for datagram in flight:
                other.send(datagram)
            try:
                return other.recv(65536)
            except TimeoutError:
                return None

        eventually(answered, "an answer to a copy")


def test_it_is_off_by_default(configure, application, visitor):
    gateway = configure(SITE.replace("early_data = true", "") % application.address)
    visitor.first(gateway.port)
    with visitor.come(gateway.port, "/again") as client:
        got = client.answers()
    assert got.statuses() == [200] and REFUSED in got.text, got.text[-3000:]
    assert application.asked() == [("GET", "/first", None), ("GET", "/again", None)]
    lines = eventually(lambda: len(found := gateway.log.lines()) == 2 and found, "two lines in the log")
    assert [line["resumed"] for line in lines] == [False, True]


@pytest.mark.parametrize("flags", [(), ("--quic.retry_after=0",)], ids=["at once", "after a Retry"])
def test_a_question_is_answered_before_the_handshake_is_done(configure, application, visitor, flags):
    gateway = configure(SITE % application.address, *flags)
    visitor.first(gateway.port)
    with quic.Gate(gateway.port, shut=True) as gate, visitor.come(gate.port, "/early") as client:
        eventually(lambda: "[:status: 200]" in client.log.read_text(errors="replace"), "an answer")
        assert gate.shut and gate.early()
        gate.shut = False
        assert REFUSED not in client.answers().text
    assert application.asked() == [("GET", "/first", None), ("GET", "/early", "1")]


def test_a_change_waits_for_the_handshake(configure, application, visitor, tmp_path):
    body = tmp_path / "body"
    body.write_bytes(b"change")
    gateway = configure(SITE % application.address)
    visitor.first(gateway.port)
    with quic.Gate(gateway.port, shut=True) as gate, visitor.come(gate.port, "/change", flags=["-m", "POST", "-d", str(body)]) as client:
        eventually(lambda: gate.answered and gate.early(), "early data and the server's hello")
        gate.shut = False
        assert client.answers().statuses() == [200]
    assert application.asked() == [("GET", "/first", None), ("POST", "/change", None)]


def test_a_copy_is_not_answered(configure, application, visitor):
    gateway = configure(SITE % application.address)
    visitor.first(gateway.port)
    with quic.Gate(gateway.port) as gate, visitor.come(gate.port, "/early") as client:
        got = client.answers()
    assert got.statuses() == [200] and gate.early() and REFUSED not in got.text, got.text[-3000:]
    send_copy(gate.first_flight(), gateway.port)
    with Visitor(visitor.place / "..").come(gateway.port, "/end") as client:  # the one worker has seen the copies by then
        assert client.answers().statuses() == [200]
    assert [target for _, target, _ in application.asked()] == ["/first", "/early", "/end"]


def test_another_process_takes_no_copy_and_the_client_asks_again(configure, application, visitor, successors):
    """The one after an upgrade can open the tickets of before, but knows nothing of what was used."""
    gateway = configure(SITE % application.address)
    visitor.first(gateway.port)
    with quic.Gate(gateway.port, deaf=True) as gate, visitor.come(gate.port, "/early"):
        eventually(gate.early, "early data")
    upgraded(gateway, successors)
    send_copy(gate.first_flight(), gateway.port)
    with visitor.come(gateway.port, "/again") as client:
        got = client.answers()
    assert got.statuses() == [200] and REFUSED in got.text, got.text[-3000:]
    assert application.asked() == [("GET", "/first", None), ("GET", "/again", None)]
    assert gateway.wait() == 0


def test_an_application_may_refuse_it(configure, application, visitor):
    """RFC 8470 5.2: 425 is the client's to hear."""
    application.picky = True
    gateway = configure(SITE % application.address)
    visitor.first(gateway.port)
    with quic.Gate(gateway.port, shut=True) as gate, visitor.come(gate.port, "/early") as client:
        eventually(lambda: "[:status: 425]" in client.log.read_text(errors="replace"), "the backend's answer")
        gate.shut = False
        client.answers()
