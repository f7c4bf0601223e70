"""Backends of ports that carry other protocols than the web: health that hears the greeting, a line for busy ones, what is counted."""
import urllib.request

import pytest

from gateway import PATIENCE, eventually, free_port
from peers.listening import byte_server
from test_ports import accept, address, exactly, listening, ports, secure  # noqa: F401  (a fixture)

WELCOME = b"220 mx.example ESMTP\r\n"


def greeting(text, heard):
    """A server that says this, and notes what is said to it."""
    def talk(connection):
        connection.settimeout(PATIENCE)
        connection.sendall(text)
        got = b""
        while piece := connection.recv(4096):
            got += piece
        heard.append(got)
    return byte_server(talk)


def test_a_backend_that_greets_with_a_refusal_is_passed_over(ports, authority):  # noqa: F811
    refused, welcomed = [], []
    with greeting(b"421 too busy\r\n", refused) as busy, greeting(WELCOME, welcomed) as well:
        gateway = ports(f"""
[port."127.0.0.1:{{port}}"]
protocol = "smtps"
to = ["127.0.0.1:{busy}", "127.0.0.1:{well}"]
health = {{ interval = "100ms", fall = 1 }}
""")
        gateway.wait_error(f"backend 127.0.0.1:{busy} is not well: it says that it has no time")
        eventually(lambda: b"QUIT\r\n" in welcomed, "the check takes its leave")
        for _ in range(4):
            with secure(gateway, authority) as client:
                assert exactly(client, len(WELCOME)) == WELCOME


@pytest.mark.parametrize("protocol, said, fault", [
    ("imaps", b"HTTP/1.1 400 Bad Request\r\n\r\n", "it does not greet as servers of imaps do"),
    ("pop3s", b"", "no answer in time|no greeting in time"),
    ("ldaps", bytes.fromhex("300c02010165070a013404000400"), "it says that it has no time"),
])
def test_what_is_no_good_greeting(ports, authority, protocol, said, fault):  # noqa: F811
    heard = []
    with greeting(said, heard) as server:
        gateway = ports(f"""
[port."127.0.0.1:{{port}}"]
protocol = "{protocol}"
to = "127.0.0.1:{server}"
health = {{ interval = "100ms", timeout = "500ms", fall = 1 }}
""")
        gateway.wait_error(f"backend 127.0.0.1:{server} is not well: ({fault})")
        if protocol == "ldaps":  # a search of the root, and a farewell
            eventually(lambda: any(b"objectClass" in got and got.endswith(bytes.fromhex("30050201024200")) for got in heard), lambda: heard)


def test_a_check_without_greeting_only_connects(ports, authority):  # noqa: F811
    with greeting(b"", []) as server, listening() as gone:
        nobody = address(gone)
        gone.close()
        gateway = ports(f"""
[port."127.0.0.1:{{port}}"]
protocol = "imaps"
to = ["{nobody}", "127.0.0.1:{server}"]
health = {{ interval = "100ms", fall = 1, greeting = false }}
""")
        gateway.wait_error(f"backend {nobody} is not well")
        assert f"127.0.0.1:{server} is not well" not in gateway.stderr()


def test_connections_wait_for_a_busy_backend(ports, authority):  # noqa: F811
    admin = free_port()
    with listening() as server:
        gateway = ports(f"""
[admin]
listen = "127.0.0.1:{admin}"
[port."127.0.0.1:{{port}}"]
protocol = "tls"
to = {{ to = "{address(server)}", max_connections = 1 }}
queue = {{ connections = 1, timeout = "60s" }}
""")
        with secure(gateway, authority) as first, accept(server) as serving:
            first.sendall(b"one")
            assert exactly(serving, 3) == b"one"
            label = f'{{port="{gateway.at}",protocol="tls"'
            eventually(lambda: f'sallyport_relay_bytes_total{label},direction="in"}} 3' in metrics(admin), lambda: metrics(admin))
            with secure(gateway, authority) as second:
                second.sendall(b"two")
                first.close()
                serving.close()
                with accept(server) as next_one:
                    assert exactly(next_one, 3) == b"two"
                    next_one.sendall(b"served")
                    assert exactly(second, 6) == b"served"
        eventually(lambda: f"sallyport_relay_connections_total{label}}} 2" in metrics(admin), lambda: metrics(admin))
        eventually(lambda: f"sallyport_relay_connections_open{label}}} 0" in metrics(admin), lambda: metrics(admin))


def metrics(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
        return answer.read().decode()
