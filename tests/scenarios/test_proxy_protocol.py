"""PROXY protocol, from a balancer in front and towards backends; and gateways whose word about the client is believed."""
import socket
import struct

import pytest

from conftest import AccessLog, Site
from gateway import eventually, free_port
from peers import backend, http1, tls
from test_proxy import seen, value

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


def version2(client, server, ports=(1234, 443), extra=b""):
    four = "." in client
    family = socket.AF_INET if four else socket.AF_INET6
    addresses = socket.inet_pton(family, client) + socket.inet_pton(family, server) + struct.pack(">HH", *ports) + extra
    return SIGNATURE + bytes([0x21, 0x11 if four else 0x21]) + struct.pack(">H", len(addresses)) + addresses


@pytest.fixture
def behind_balancer(start, tmp_path):
    """A site whose port believes 127.0.0.1, with an application that tells what it is asked."""
    with backend.Backend(backend.echo) as app:
        config, port = tmp_path / "sallyport.toml", free_port()
        config.write_text(f"""
[log]
access = "{tmp_path}/access.log"
[site."localhost"]
listen = ["127.0.0.1:{port}"]
proxy = "{app.address}"
[port."127.0.0.1:{port}"]
proxy_protocol = ["127.0.0.0/8"]
""")
        gateway = start("serve", "--config", config)
        yield Site(gateway, "localhost", gateway.root, AccessLog(tmp_path / "access.log"))


def ask(site, header, pieces=1):
    plain = socket.create_connection(("127.0.0.1", site.port), 30)
    size = -(-len(header) // pieces)
    for i in range(0, len(header), size):
        plain.sendall(header[i:i + size])
    with tls.client_context(site.root).wrap_socket(plain, server_hostname="localhost") as connection:
        return http1.get(connection, "/", site.host)


@pytest.mark.parametrize("header, client", [
    (b"PROXY TCP4 192.0.2.7 192.0.2.1 1234 443\r\n", "192.0.2.7"),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 1234 443\r\n", "2001:db8::7"),
    (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
    (version2("192.0.2.7", "192.0.2.1"), "192.0.2.7"),
    (version2("2001:db8::7", "2001:db8::1", extra=b"\x03\x00\x04abcd"), "2001:db8::7"),
    (SIGNATURE + b"\x20\x00\x00\x00", "127.0.0.1"),
])
@pytest.mark.parametrize("pieces", [1, 5])
def test_client_is_who_the_balancer_says(behind_balancer, header, client, pieces):
    _, fields = seen(ask(behind_balancer, header, pieces))
    assert value(fields, "x-forwarded-for") == client
    logged = eventually(lambda: behind_balancer.log.lines(), "an access log line")[0]
    assert logged["client"] == client


@pytest.mark.parametrize("header", [b"", b"PROXY TCP4 nonsense\r\n", b"PROXY TCP4 192.0.2.7", version2("192.0.2.7", "192.0.2.1")[:-1],
                                    SIGNATURE + b"\x31\x11\x00\x0c" + bytes(12)])
def test_connection_without_a_sound_header_is_not_served(behind_balancer, header):
    plain = socket.create_connection(("127.0.0.1", behind_balancer.port), 30)
    plain.sendall(header)
    with pytest.raises((OSError, EOFError)):
        tls.client_context(behind_balancer.root).wrap_socket(plain, server_hostname="localhost")
    assert behind_balancer.log.lines() == []


def test_others_need_no_header(front):
    with backend.Backend(backend.echo) as app:
        _, fields = seen(front(app).get("/"))
        assert value(fields, "x-forwarded-for") == "127.0.0.1"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_backend_is_told_whose_connection_it_is(front, version):
    headers = []

    def act(c):
        while b"\n" not in c.buffer or (version == "v2" and len(c.buffer) < 28):
            c.more()
        size = c.buffer.index(b"\n") + 1 if version == "v1" else 28
        headers.append(c.buffer[:size])
        c.buffer = c.buffer[size:]
        backend.echo(c)

    with backend.Backend(act) as app:
        site = front(app, "--site.localhost.proxy.proxy_protocol", version)
        with site.connect() as connection:
            mine = connection.getsockname()[1]
            for _ in range(2):
                assert http1.get(connection, "/", site.host).status == 200
        assert len(headers) == 2, "a connection for each request"
        expected = (f"PROXY TCP4 127.0.0.1 127.0.0.1 {mine} {site.port}\r\n".encode() if version == "v1"
                    else version2("127.0.0.1", "127.0.0.1", (mine, site.port)))
        assert headers[0] == expected


def test_words_of_trusted_gateways_are_passed_on(front):
    with backend.Backend(backend.echo) as app:
        site = front(app, "--site.localhost.proxy.trusted_proxies", "127.0.0.0/8,10.0.0.0/8")
        _, fields = seen(site.get("/", "X-Forwarded-For: 192.0.2.7, 10.1.2.3", "X-Forwarded-Proto: http", "X-Forwarded-Host: outside.example",
                                  "Forwarded: for=192.0.2.7", "X-Real-IP: 1.2.3.4"))
        assert value(fields, "x-forwarded-for") == "192.0.2.7, 10.1.2.3, 127.0.0.1"
        assert value(fields, "x-real-ip") == "192.0.2.7"
        assert value(fields, "x-forwarded-proto") == "http" and value(fields, "x-forwarded-host") == "outside.example"
        assert value(fields, "forwarded") == f'for=192.0.2.7, for=127.0.0.1;host="{site.host}";proto=https'
