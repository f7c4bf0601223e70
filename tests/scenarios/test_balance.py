"""Several backends: who is asked, who is left alone, who waits; and none of it is seen by a client while one is well."""
import collections
import re
import threading

import pytest

from gateway import eventually, run
from peers import http1, tls
from peers.fleet import Backend

SITE = """
http_port = 0
workers = %d
[site."localhost"]
listen = ["127.0.0.1:{port}"]
[site."localhost".proxy]
%s
"""


class Balanced:
    def __init__(self, gateway):
        self.gateway, self.host = gateway, f"localhost:{gateway.port}"

    def connect(self):
        return tls.connect(self.gateway.port, "localhost", self.gateway.root)

    def ask(self, connection, path="/", *lines, method="GET"):
        head = "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {self.host}", *lines])
        return http1.ask(connection, head.encode() + b"\r\n\r\n", method)

    def once(self, path="/", *lines, method="GET"):
        with self.connect() as connection:
            return self.ask(connection, path, *lines, method=method)

    def names(self, count, *lines):
        """Which backends answered so many requests on one connection."""
        with self.connect() as connection:
            return [self.ask(connection, "/", *lines).body.decode() for _ in range(count)]


@pytest.fixture
def backends():
    made = [Backend(name) for name in "abc"]
    yield made
    for backend in made:
        backend.gate.set()
        backend.kill()


@pytest.fixture
def balance(configure, backends):
    def begin(keys="", to=None, workers=1):
        to = to or [f'"{backend.address}"' for backend in backends]
        return Balanced(configure(SITE % (workers, f"to = [{', '.join(to)}]\n{keys}")))
    return begin


def test_in_turn_and_by_weight(balance, backends):
    names = balance().names(9)
    assert collections.Counter(names) == {"a": 3, "b": 3, "c": 3}
    a, b, c = backends
    names = balance(to=[f'{{ to = "{a.address}", weight = 3 }}', f'"{b.address}"']).names(8)
    assert collections.Counter(names) == {"a": 6, "b": 2}


def test_hash_keeps_a_key_at_its_backend(balance):
    site = balance('balance = { policy = "hash", key = "header:X-User" }', workers=2)
    homes = {user: set(site.names(3, f"X-User: {user}")) for user in range(20)}
    assert all(len(home) == 1 for home in homes.values())
    assert len(set.union(*homes.values())) == 3
    assert len(set(site.names(6))) == 1, "without the field: by the client's address"


def test_the_cookie_keeps_a_client_and_tells_nothing(balance, backends):
    site = balance('sticky = "place"', workers=2)
    first = site.once()
    cookie = first.field("set-cookie")
    value, *attributes = cookie.split("; ")
    assert value.startswith("place=") and set(attributes) == {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"}
    home = first.body.decode()
    for _ in range(6):
        again = site.once("/", f"Cookie: other=1; {value}")
        assert again.body.decode() == home and again.field("set-cookie") is None
    next(b for b in backends if b.name == home).kill()
    moved = site.once("/", f"Cookie: {value}")
    assert moved.status == 200 and moved.body.decode() != home and moved.field("set-cookie")


def test_backups_only_when_the_others_are_away(balance, backends):
    a, b, c = backends
    site = balance(to=[f'"{a.address}"', f'{{ to = "{c.address}", backup = true }}'])
    assert set(site.names(6)) == {"a"}
    a.kill()
    assert set(site.names(6)) == {"c"}


def test_no_error_while_one_is_well(balance, backends):
    """Backends die and come back under load, one after the other."""
    site = balance('eject = { failures = 2, time = "200ms" }\nretry = { least = 50 }', workers=2)
    stop, failures, served = threading.Event(), [], collections.Counter()

    def client():
        while not stop.is_set():
            with site.connect() as connection:
                for _ in range(20):
                    answer = site.ask(connection)
                    if answer.status != 200:
                        failures.append(answer)
                    served[answer.body] += 1

    clients = [threading.Thread(target=client) for _ in range(4)]
    for thread in clients:
        thread.start()
    for victim in backends + backends[:1]:
        seen = sum(served.values())
        eventually(lambda: sum(served.values()) > seen + 40, "40 requests with all backends")
        victim.kill()
        seen = sum(served.values())
        eventually(lambda: sum(served.values()) > seen + 40, "40 requests without one of them")
        victim.revive()
        asked = len(victim.requests)
        eventually(lambda: len(victim.requests) > asked, "it is asked again")
    stop.set()
    for thread in clients:
        thread.join()
    assert not failures, failures[:3]


def test_a_request_that_may_not_be_repeated_is_not(balance, backends):
    a, b, c = backends
    site = balance(to=[f'"{a.address}"', f'"{b.address}"'])
    for backend in (a, b):
        backend.gate.clear()
    with site.connect() as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: 0\r\n\r\n".encode())
        eventually(lambda: a.requests or b.requests, "the request is at a backend")
        (a if a.requests else b).kill()
        answer = http1.Reader(connection).answer("POST")
    assert answer.status == 502
    assert len(a.requests) + len(b.requests) == 1


def test_a_request_that_nobody_took_goes_elsewhere_with_its_body(balance, backends):
    a, b, c = backends
    a.kill()
    b.kill()
    site = balance('retry = { most = 2 }')
    for _ in range(3):
        assert site.once(method="POST").body == b"c"


def test_who_is_sick_is_left_alone(balance, backends):
    a, b, c = backends
    site = balance('health = { path = "/health", interval = "100ms", rise = 1, fall = 1, contains = "well" }', workers=2)
    for backend in backends:
        eventually(lambda: backend.checks > 0, "a check")
    a.health = 500
    site.gateway.wait_error(rf"backend {a.address} is not well: status 500")
    assert set(site.names(6)) == {"b", "c"}
    b.kill()
    site.gateway.wait_error(rf"backend {b.address} is not well")
    assert set(site.names(6)) == {"c"}
    c.health = 404
    site.gateway.wait_error(rf"backend {c.address} is not well")
    assert site.once().status == 503
    assert site.gateway.log.wait(lambda e: e["status"] == 503)[0]["failure"] == "upstream.no_backend"
    a.health = 200
    site.gateway.wait_error(rf"backend {a.address} is well again")
    assert set(site.names(6)) == {"a"}


def test_a_failing_one_is_ejected_and_tried_again(balance, backends):
    a, b, c = backends
    site = balance('eject = { failures = 3, time = "1s" }', to=[f'"{a.address}"', f'"{b.address}"'])
    a.status = 503
    with site.connect() as connection:
        while len(a.requests) < 3:
            site.ask(connection)
        site.gateway.wait_error(rf"backend {a.address} fails again and again")
    a.status = 200
    asked = len(a.requests)
    eventually(lambda: site.names(2) and len(a.requests) > asked, "it is tried again")


def test_limits_hold_and_the_rest_waits(balance, backends):
    a = backends[0]
    site = balance('queue = { requests = 2, timeout = "60s" }', to=[f'{{ to = "{a.address}", max_connections = 2 }}'])
    a.gate.clear()
    open_ones = [site.connect() for _ in range(4)]
    for connection in open_ones:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
    eventually(lambda: a.busy == 2, "two are there")

    def refused():
        """The line is full once the last two have come to it; whoever asks too early would wait: so HEAD with a short life."""
        with site.connect() as connection:
            connection.settimeout(0.5)
            try:
                return site.ask(connection).status == 503
            except TimeoutError:
                return False
    eventually(refused, "the fifth is refused")
    assert site.gateway.log.wait(lambda e: e["status"] == 503)[0]["failure"] == "upstream.line_full"
    a.gate.set()
    for connection in open_ones:
        assert http1.Reader(connection).answer("GET").body == b"a"
        connection.close()
    assert a.most_busy == 2


def test_nobody_waits_for_ever(balance, backends):
    a = backends[0]
    site = balance('queue = { timeout = "100ms" }', to=[f'{{ to = "{a.address}", max_connections = 1 }}'])
    a.gate.clear()
    with site.connect() as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        eventually(lambda: a.busy == 1, "it is busy")
        assert site.once().status == 503
        assert site.gateway.log.wait(lambda e: e["status"] == 503)[0]["failure"] == "upstream.waited_too_long"
        a.gate.set()
        assert http1.Reader(connection).answer("GET").status == 200


def test_retries_are_bounded(balance, backends):
    for backend in backends:
        backend.kill()
    site = balance('retry = { least = 0, percent = 0 }\neject = { failures = 0 }')
    assert site.once().status == 502
    assert site.gateway.log.wait(lambda e: e["status"] == 502)[0]["failure"] == "upstream.not_connected"
    backends[0].revive()
    statuses = [site.once().status for _ in range(6)]
    assert sorted(statuses) == [200, 200, 502, 502, 502, 502], "without a budget nobody tries twice"


def test_one_is_taken_out_for_maintenance(balance, backends):
    a, b, c = backends
    site = balance(to=[f'"{a.address}"', f'"{b.address}"'], workers=2)
    def order(*words):
        return run("backend", *words, "--config", site.gateway.config, home=site.gateway.home)
    a.gate.clear()
    b.gate.clear()
    with site.connect() as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        eventually(lambda: a.requests or b.requests, "a request is under way")
        victim, other = (a, b) if a.requests else (b, a)
        status, out, err = order("drain", victim.address)
        assert status == 0 and "gets no new requests" in out, err
        assert re.search(rf"{victim.address}  localhost  drained  1 under way", order("list")[1])
        other.gate.set()
        assert set(site.names(4)) == {other.name}
        victim.gate.set()
        assert http1.Reader(connection).answer("GET").body.decode() == victim.name
    eventually(lambda: f"{victim.address}  localhost  drained  0 under way" in order("list")[1], "it is empty")
    assert order("enable", victim.address)[0] == 0
    assert set(site.names(4)) == {"a", "b"}
    status, out, err = order("drain", "127.0.0.1:1")
    assert status == 1 and "no backend" in err
