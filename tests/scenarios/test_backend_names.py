"""Backends that are written by name: which DNS server is asked, when it is asked again, and what holds when it fails."""
import socket

import pytest

from gateway import eventually
from peers import backend, dns
from test_proxy import failure_of


def pair_on_one_port():
    """Two listening sockets on 127.0.0.1 and 127.0.0.2 with the same port."""
    while True:
        first, second = socket.socket(), socket.socket()
        first.bind(("127.0.0.1", 0))
        try:
            second.bind(("127.0.0.2", first.getsockname()[1]))
        except OSError:
            first.close(), second.close()
            continue
        return first, second


@pytest.fixture
def two():
    """Two applications that answer with their own address, on one port of two addresses."""
    apps = []
    for name, listener in zip(("one", "two"), pair_on_one_port()):
        def act(c, name=name):
            while True:
                c.head()
                c.answer(name, "Connection: close")
        app = backend.Backend(act)
        app.listener.close()
        app.listener, app.port = listener, listener.getsockname()[1]
        listener.listen(128)
        apps.append(app)
    with apps[0], apps[1]:
        yield apps


def test_name_that_moves_is_followed_after_its_time_to_live(front, two):
    with dns.Server({"app.test": (["127.0.0.1"], 1)}) as server:
        site = front(f"app.test:{two[0].port}", "--site.localhost.proxy.resolver", server.address)
        assert site.get("/").body == b"one"
        server.names["app.test"] = (["127.0.0.2"], 3600)
        eventually(lambda: site.get("/").body == b"two", "the new address is used")
        asked = len(server.asked)
        server.names["app.test"] = (["127.0.0.1"], 1)
        for _ in range(5):
            assert site.get("/").body == b"two"
        assert len(server.asked) == asked, "an hour has not passed"


def test_first_address_that_answers_is_taken(front, two):
    with dns.Server({"app.test": (["127.0.0.3", "127.0.0.2"], 60)}) as server:
        site = front(f"app.test:{two[0].port}", "--site.localhost.proxy.resolver", server.address)
        for _ in range(3):
            assert site.get("/").body == b"two"


def test_known_addresses_hold_while_dns_fails(front, two):
    with dns.Server({"app.test": (["127.0.0.1"], 1)}) as server:
        site = front(f"app.test:{two[0].port}", "--site.localhost.proxy.resolver", server.address)
        assert site.get("/").body == b"one"
        del server.names["app.test"]
        asked = len(server.asked)
        eventually(lambda: site.get("/").body == b"one" and len(server.asked) > asked, "it was asked again")
        assert site.get("/").body == b"one"


def test_name_that_is_none(front):
    with dns.Server({}) as server:
        site = front("none.test:3000", "--site.localhost.proxy.resolver", server.address)
        assert site.get("/").status == 502
        assert "net.no_such_name" in site.gateway.wait_error("upstream.not_connected")
        assert failure_of(site)["failure"] == "upstream.not_connected"
