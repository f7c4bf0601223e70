"""HTTP/3 through networks that the kernel makes: a thin line that loses packets, a firewall without UDP, a small MTU."""
import os

import pytest

from peers import backend, namespaces, newer
from peers.curl import curl
from peers.namespaces import SERVER

pytestmark = pytest.mark.root

LOSS = "meta l4proto udp numgen random mod 100 < 2 counter drop"  # each way
PORT = 8443  # in a network of its own
CLIENTS = {"openssl": "trixie", "ngtcp2": "trixie-backports"}


@pytest.fixture
def row():
    with namespaces.in_a_row() as made:
        yield made


@pytest.fixture
def far(row, start, folder, tmp_path, authority):
    """far(site): a gateway at the other end of the row. Returns ask(client, path, ...)."""
    pair = authority.issue("far.example")

    def begin(site=f'files = "{folder}"'):
        config = tmp_path / "far.toml"
        config.write_text(f'http_port = 0\n[site."far.example:{PORT}"]\n{site}\ncertificate = "{pair.certificate}"\nkey = "{pair.key}"\n')
        start("serve", "--config", config, prefix=row.inside(row.server))

        def ask(client, path, *arguments, **options):
            program = [*row.inside(row.client), *newer.command(CLIENTS[client], "curl")]
            return curl(f"https://far.example:{PORT}{path}", "--resolve", f"far.example:{PORT}:{SERVER}", *arguments, root=authority.root,
                        program=program, timeout=90, **options)

        return ask

    return begin


def test_a_thin_line_that_loses_packets(row, far, folder):
    """By ngtcp2: OpenSSL 3.5's client may keep its request to itself after a Retry and further losses."""
    content = os.urandom(1 << 20)
    (folder / "large.bin").write_bytes(content)
    row.route(rule=LOSS, rate="20mbit")
    answer = far()("ngtcp2", "/large.bin", http="3-only")
    assert (answer.status, answer.version) == (200, "3") and answer.body == content
    assert row.caught() > 0 and row.shaped() > 0


def test_an_upload_by_such_a_line(row, far, tmp_path):
    content = os.urandom(600_000)
    (tmp_path / "content").write_bytes(content)
    row.route(rule=LOSS, rate="20mbit")
    with backend.Backend(backend.echo, tmp_path / "behind") as behind:
        answer = far(f'proxy = ["{behind.address}"]')("ngtcp2", "/", "--data-binary", f"@{tmp_path / 'content'}", http="3-only")
    assert (answer.status, answer.version) == (200, "3") and answer.body.partition(b"\n\n")[2] == content
    assert row.caught() > 0 and row.shaped() > 0


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("verdict", ["drop", "reject"])
def test_a_firewall_without_udp(row, far, client, verdict):
    """A client that would rather have HTTP/3 gets HTTP/2."""
    row.route(rule=f"meta l4proto udp counter {verdict}")
    answer = far()(client, "/hello.txt", http="3")
    assert (answer.status, answer.version, answer.body) == (200, "2", b"hello\n")
    assert row.caught() > 0


@pytest.mark.parametrize("said", [True, False], ids=["said", "silent"])
def test_a_small_mtu(row, far, folder, said):
    """What is larger than 1280 bytes is lost, and a router says so or not: the datagrams that tried it take nothing with them.
    OpenSSL's client wants none above 1200."""
    content = os.urandom(3 << 20)
    (folder / "large.bin").write_bytes(content)
    row.route(**({"mtu": 1280} if said else {"rule": "meta l4proto udp ip length > 1280 counter drop"}))
    answer = far()("ngtcp2", "/large.bin", http="3-only")
    assert (answer.status, answer.version) == (200, "3") and answer.body == content
    assert (row.too_large() if said else row.caught()) > 0
