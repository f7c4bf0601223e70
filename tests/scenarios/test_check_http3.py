"""`sallyport check` over QUIC: what HTTP/3 answers, and what is wrong when it is announced and not there, or another server's."""
import contextlib
import socket
import threading

import pytest

from checker import report
from gateway import free_port, run
from peers.web import page, web_server


@pytest.fixture(scope="module")
def pair(authority):
    return authority.issue("localhost")


@pytest.fixture
def check(tmp_path, authority):
    """check(port, ...): what was seen of HTTP/3, and the ids of the findings about it."""

    def begin(port, *flags, ca=None):
        seen = report(tmp_path / "home", f"localhost:{port}", "--connect", "127.0.0.1", "--ca", ca or authority.root, *flags)
        return seen["observations"].get("http3"), {f["id"] for f in seen["findings"] if f["id"].startswith("http.http3")}

    return begin


@contextlib.contextmanager
def udp(answer):
    """The port of a server that sends answer(datagram) back, if that is anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind(("127.0.0.1", 0))
        over = threading.Event()
        here.settimeout(0.1)

        def work():
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    datagram, sender = here.recvfrom(65536)
                    if said := answer(datagram):
                        here.sendto(said, sender)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield here.getsockname()[1]
        finally:
            over.set()
            thread.join()


def announcing(pair, port):
    return web_server(pair, lambda path, fields: page("hello", f'Alt-Svc: h3=":{port}"; ma=60'))


def test_our_own_server(serve, check, tmp_path):
    site = serve()
    seen, found = check(site.port, ca=site.root)
    assert seen == {"port": site.port, "announced": True, "outcome": "answered", "versions": ["1", "2"], "version": "1",
                    "suite": "TLS_AES_128_GCM_SHA256", "group": "X25519MLKEM768", "status": 200}
    assert found == set()
    _, out, _ = run("check", f"localhost:{site.port}", "--all", "--connect", "127.0.0.1", "--ca", site.root, home=tmp_path / "home")
    assert "X25519MLKEM768, QUIC 1, 2; UDP port" in " ".join(out.split()), out


def test_a_server_without_it(serve, check):
    site = serve("--quic.on=false")
    assert check(site.port, "--quick", ca=site.root) == (None, set())
    seen, found = check(site.port, ca=site.root)
    assert seen["outcome"] == "closed" and not seen["announced"] and seen["versions"] == [] and found == set()


def test_what_is_announced_and_does_not_answer(pair, check):
    with announcing(pair, free_port()) as port:
        seen, found = check(port)
    assert seen["announced"] and seen["outcome"] == "closed" and found == {"http.http3_unreachable"}
    with udp(lambda datagram: None) as silent, announcing(pair, silent) as port:
        seen, found = check(port)
    assert seen["port"] == silent and seen["outcome"] == "silent" and found == {"http.http3_unreachable"}


def test_a_server_of_another_version(pair, check):
    def draft(datagram):
        """RFC 8999 6: its own ids, the other way round."""
        theirs = 6 + datagram[5]
        ours = theirs + 1 + datagram[theirs]
        return b"\x80\0\0\0\0" + datagram[theirs:ours] + datagram[5:theirs] + bytes.fromhex("ff00001d")

    with udp(draft) as other, announcing(pair, other) as port:
        seen, found = check(port)
    assert seen["outcome"] == "refused" and seen["versions"] == ["0xff00001d"] and found == {"http.http3_unreachable"}


def test_another_servers_certificate(serve, pair, check):
    site = serve()
    with announcing(pair, site.port) as port:
        seen, found = check(port)
    assert seen["port"] == site.port and seen["outcome"] == "answered" and found == {"http.http3_certificate"}
