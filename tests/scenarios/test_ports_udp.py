"""Ports of UDP: sessions of OpenVPN and IPsec with backends, who gets one and who does not, and what they outlive."""
import contextlib
import re
import signal
import socket
import struct
import urllib.request

import pytest

from conftest import AccessLog
from gateway import PATIENCE, eventually, run
from test_upgrade import successors, upgraded  # noqa: F401  (a fixture)

SESSION = b"ABCDEFGH"
RESET = b"\x38" + SESSION + bytes(5)
ACK = b"\x28" + SESSION + b"\x01" + bytes(4) + b"server!!"
DATA = b"\x48\x00\x00\x01" + bytes(40)


def free_udp_port(host="127.0.0.1"):
    with datagrams(host) as probe:
        return probe.getsockname()[1]


def datagrams(host="127.0.0.1", port=0):
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((host, port))
    made.settimeout(PATIENCE)
    return made


def ike(exchange, responder=bytes(8), number=0, flags=8):
    return SESSION + responder + bytes([33, 0x20, exchange, flags]) + struct.pack(">II", number, 28 + 60) + b"x" * 60


def written(server):
    host, port = server.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@pytest.fixture
def udp(start, tmp_path):
    """udp(blocks): a gateway with these blocks; {port}, {nat}, {admin} are ports of its own."""
    def begin(blocks, **options):
        port, nat, admin = (free_udp_port() for _ in range(3))
        config = tmp_path / "sallyport.toml"
        for name, number in (("port", port), ("nat", nat), ("admin", admin)):
            blocks = blocks.replace("{" + name + "}", str(number))
        config.write_text(f'workers = 2\n[log]\naccess = "{tmp_path}/access.log"\n{blocks}')
        gateway = start("serve", "--config", config, **options)
        gateway.config, gateway.at, gateway.nat, gateway.admin = config, port, nat, admin
        gateway.log = AccessLog(tmp_path / "access.log")
        return gateway
    return begin


def client(gateway, host="127.0.0.1", to="127.0.0.1", port=None):
    made = datagrams(host)
    made.connect((to, port or gateway.at))  # hears nobody else
    return made


def metrics(gateway):
    with urllib.request.urlopen(f"http://127.0.0.1:{gateway.admin}/metrics", timeout=PATIENCE) as answer:
        text = answer.read().decode()
    return {line.split(" ")[0]: float(line.split(" ")[1]) for line in text.splitlines() if line.startswith("sallyport_datagram")}


def test_each_client_has_a_session_and_garbage_has_none(udp):
    with datagrams() as server:
        gateway = udp(f"""
[admin]
listen = "127.0.0.1:{{admin}}"
[udp."127.0.0.1:{{port}}"]
protocol = "openvpn"
to = "{written(server)}"
opening_timeout = "1s"
""")
        with client(gateway) as scanner:
            for garbage in (b"", b"\x00", b"GET / HTTP/1.1\r\n\r\n", ike(34), RESET[:-1], b"\x38" + bytes(13)):
                scanner.send(garbage)
            scanner.send(RESET)  # behind all that from the same address: nothing before it came through
            first, one = server.recvfrom(2048)
        assert first == RESET
        with client(gateway) as other:
            other.send(RESET)
            second, two = server.recvfrom(2048)
            assert second == RESET and two != one
            server.sendto(b"answer", two)
            assert other.recv(2048) == b"answer"
            other.send(ACK)
            assert server.recvfrom(2048) == (ACK, two)
            other.send(b"\xff")  # whatever belongs to a session
            assert server.recvfrom(2048) == (b"\xff", two)
        line = gateway.log.wait(lambda entry: entry.get("failure") == "relay.no_answer")[0]
        assert line["transport"] == "udp" and line["protocol"] == "openvpn" and line["received_bytes"] == len(RESET)
        assert line["backend"] == written(server) and line["port"] == gateway.at and line["bytes"] == 0
        label = f'port="{gateway.at}",protocol="openvpn"'
        seen = metrics(gateway)
        assert seen[f"sallyport_datagram_sessions_total{{{label}}}"] == 2
        assert seen[f"sallyport_datagram_sessions_open{{{label}}}"] == 1
        assert seen[f'sallyport_datagrams_dropped_total{{{label},reason="foreign"}}'] == 5  # an empty one counts as nothing
        assert seen[f'sallyport_datagram_bytes_total{{{label},direction="out"}}'] == 6
    gateway.stop()
    assert gateway.log.wait(lambda entry: entry["received_bytes"] == len(RESET + ACK) + 1)[0]["bytes"] == 6


def test_answers_are_no_larger_than_three_times_the_question_until_the_client_hears_them(udp):
    with datagrams() as server:
        gateway = udp(f'[udp."127.0.0.1:{{port}}"]\nprotocol = "openvpn"\nto = "{written(server)}"\n')
        with client(gateway) as one:
            one.send(RESET)
            _, session = server.recvfrom(2048)
            server.sendto(b"a" * 30, session)
            server.sendto(b"b" * 30, session)
            assert one.recv(2048) == b"a" * 30
            one.send(RESET)  # anybody can say that again
            assert server.recvfrom(2048) == (RESET, session)
            server.sendto(b"c" * 100, session)
            server.sendto(b"d" * 20, session)
            assert one.recv(2048) == b"d" * 20
            one.send(ACK)
            assert server.recvfrom(2048) == (ACK, session)
            server.sendto(b"e" * 1400, session)
            assert one.recv(2048) == b"e" * 1400


@pytest.mark.parametrize("host", ["127.0.0.5", "::1"])
def test_answers_come_from_the_address_that_was_asked(udp, host):
    """A wildcard port, and backends of the other family."""
    with datagrams("127.0.0.1" if ":" in host else "::1") as server:
        gateway = udp(f'[udp.{{port}}]\nprotocol = "openvpn"\nto = "{written(server)}"\n')
        with client(gateway, "::1" if ":" in host else "127.0.0.1", to=host) as one:
            one.send(RESET)
            _, session = server.recvfrom(2048)
            server.sendto(b"answer", session)
            assert one.recv(2048) == b"answer"


def test_forged_addresses_cannot_keep_others_out(udp):
    with datagrams() as server, contextlib.ExitStack() as stack:
        gateway = udp(f'[udp."127.0.0.1:{{port}}"]\nprotocol = "openvpn"\nto = "{written(server)}"\nmax_sessions = 2\n')
        with client(gateway) as friend:
            friend.send(RESET)
            _, session = server.recvfrom(2048)
            server.sendto(b"answer", session)
            assert friend.recv(2048) == b"answer"
            friend.send(ACK)
            server.recvfrom(2048)
            heard = 0
            for _ in range(20):  # by two workers: each makes room among its own
                forged = stack.enter_context(client(gateway))
                forged.send(RESET)
            with contextlib.suppress(TimeoutError):
                server.settimeout(1)
                while server.recvfrom(2048)[0] == RESET:
                    heard += 1
            server.settimeout(PATIENCE)
            assert heard >= 1
            friend.send(DATA)
            assert server.recvfrom(2048) == (DATA, session)


def test_both_ports_of_ipsec_lead_to_the_same_backend(udp):
    with contextlib.ExitStack() as stack:
        ikes = [stack.enter_context(datagrams()) for _ in range(2)]
        nats = [stack.enter_context(datagrams()) for _ in range(2)]
        members = ", ".join(f'{{ to = "{written(a)}", nat_port = {b.getsockname()[1]} }}' for a, b in zip(ikes, nats))
        gateway = udp(f'[udp."127.0.0.1:{{port}}"]\nprotocol = "ipsec"\nnat_port = {{nat}}\nto = [{members}]\n')
        chosen = set()
        for number in range(2, 14):
            host = f"127.0.0.{number}"
            with client(gateway, host) as first, client(gateway, host, port=gateway.nat) as second:
                first.send(ike(34))
                place, = readable(ikes)
                assert ikes[place].recv(2048) == ike(34)
                marked = bytes(4) + ike(35, b"RRRRRRRR", 1)
                for datagram in (b"\xff", RESET, marked):  # a keep-alive opens nothing
                    second.send(datagram)
                assert readable(nats) == [place]
                got, session = nats[place].recvfrom(2048)
                assert got == marked
                nats[place].sendto(b"answer", session)
                assert second.recv(2048) == b"answer"
                chosen.add(place)
        assert chosen == {0, 1}
        with client(gateway) as old:
            old.send(SESSION + bytes(8) + bytes([1, 0x10, 4, 0]) + struct.pack(">II", 0, 28))  # IKEv1, aggressive mode
            old.send(ike(34))
            place, = readable(ikes)
            assert ikes[place].recv(2048) == ike(34)


def readable(sockets):
    import select
    ready = select.select(sockets, [], [], PATIENCE)[0]
    return [i for i, one in enumerate(sockets) if one in ready]


def test_a_backend_where_nobody_listens_is_passed_over(udp):
    with datagrams() as server, datagrams() as gone:
        nobody = written(gone)
        gone.close()
        gateway = udp(f'[udp."127.0.0.1:{{port}}"]\nprotocol = "openvpn"\nto = ["{nobody}", "{written(server)}"]\neject = {{ failures = 1 }}\n')
        for number in range(2, 10):
            with client(gateway, f"127.0.0.{number}") as one:
                one.settimeout(0.2)

                def served():
                    one.send(RESET)
                    with contextlib.suppress(TimeoutError):
                        server.settimeout(0.2)
                        return server.recvfrom(2048)
                eventually(served, "a client sends again and gets to the other")
        line = gateway.log.wait(lambda entry: entry.get("failure") == "net.datagram_refused")[0]
        assert line["backend"] == nobody and line["ended_by"] == "backend"
        assert "nobody is there" in gateway.stderr()


def test_sessions_outlive_a_reload_and_go_on_in_another_process(udp, successors):  # noqa: F811
    with datagrams() as first, datagrams() as second:
        gateway = udp(f'[udp."127.0.0.1:{{port}}"]\nprotocol = "openvpn"\nto = "{written(first)}"\n')
        with client(gateway) as one:
            one.send(RESET)
            _, session = first.recvfrom(2048)
            first.sendto(b"answer", session)
            assert one.recv(2048) == b"answer"
            gateway.config.write_text(gateway.config.read_text().replace(written(first), written(second)))
            status, _, err = run("reload", "--config", gateway.config, home=gateway.home)
            assert status == 0, err
            one.send(ACK)
            assert first.recvfrom(2048) == (ACK, session)
            with client(gateway) as other:
                other.send(RESET)
                assert second.recvfrom(2048)[0] == RESET
            gateway.config.write_text(gateway.config.read_text().replace(written(second), written(first)))
            upgraded(gateway, successors)
            assert gateway.wait() == 0
            one.send(DATA)  # the peer knows it by what is inside
            got, anew = first.recvfrom(2048)
            assert got == DATA and anew != session
            first.sendto(b"onward", anew)
            assert one.recv(2048) == b"onward"
            one.send(ACK)
            assert first.recvfrom(2048) == (ACK, anew)


def test_without_roaming_only_a_first_datagram_begins(udp):
    with datagrams() as server:
        gateway = udp(f'[udp."127.0.0.1:{{port}}"]\nprotocol = "openvpn"\nto = "{written(server)}"\nroaming = false\n')
        with client(gateway) as one:
            one.send(DATA)
            one.send(RESET)
            assert server.recvfrom(2048)[0] == RESET
        assert f"openvpn on UDP 127.0.0.1:{gateway.at} goes to {written(server)} as it is" in gateway.stdout()
        gateway.signal(signal.SIGTERM)
        assert gateway.wait() == 0  # at once: no session has an end to wait for


def test_a_port_that_is_taken_says_so(udp):
    with datagrams() as holder:
        with pytest.raises(AssertionError, match=re.escape(f"{written(holder)} (UDP): ")):
            udp(f'[udp."{written(holder)}"]\nprotocol = "openvpn"\nto = "127.0.0.1:1"\n')
