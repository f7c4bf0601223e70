"""SSTP by the port of the web: its POST without an end goes to its server, with everything behind it, and all else to the sites."""
import contextlib
import os
import shutil
import subprocess
import threading

import pytest

from gateway import PATIENCE, eventually
from peers import http1
from test_ports import MIB, accept, address, exactly, listening, ports, secure, to_end  # noqa: F401  (a fixture)

HEAD = (b"SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\nHost: www.example\r\n"
        b"SSTPCORRELATIONID: {6F1BF9B4-0B9C-4C1B-A1A3-C6D0B9B1B1B1}\r\nContent-Length: 18446744073709551615\r\n\r\n")
AGREED = b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n"
REQUEST = bytes.fromhex("1001000e0001000100010006 0001")
ACKNOWLEDGED = bytes.fromhex("10010030 0002 0001 00040028 000000") + b"\x03" + bytes(range(32))  # SHA-1 and SHA-256
SHARED = """
[port."127.0.0.1:{web}".share]
sstp = "%s"
"""


def test_a_call_goes_to_its_server_and_requests_to_the_sites(ports, authority):  # noqa: F811
    with listening() as server:
        gateway = ports(SHARED % address(server))
        gateway.at = gateway.web
        with secure(gateway, authority, "www.example") as other:
            assert http1.get(other, "/hello.txt", f"www.example:{gateway.web}").body == b"hello\n"
        with secure(gateway, authority, "www.example") as client:
            client.sendall(HEAD + REQUEST)
            with accept(server) as backend:
                assert exactly(backend, len(HEAD) + len(REQUEST)) == HEAD + REQUEST
                backend.sendall(AGREED + ACKNOWLEDGED)
                assert exactly(client, len(AGREED) + len(ACKNOWLEDGED)) == AGREED + ACKNOWLEDGED
                up, down = os.urandom(4 * MIB), os.urandom(4 * MIB)  # far more than may wait
                sender = threading.Thread(target=backend.sendall, args=(down,))
                heard = []
                hearer = threading.Thread(target=lambda: heard.append(exactly(backend, len(up))))
                sender.start()
                client.sendall(up)
                hearer.start()
                assert exactly(client, len(down)) == down
                for thread in (sender, hearer):
                    thread.join(PATIENCE)
                assert heard == [up]
            assert to_end(client) == b""
        line = gateway.log.wait(lambda entry: entry.get("protocol") == "sstp")[0]
        assert line["backend"] == address(server) and line["site"] == "www.example" and line["tls"] == "TLSv1.3"
        assert line["received_bytes"] == len(HEAD + REQUEST + up) and line["ended_by"] == "backend" and "passed" not in line


def test_a_server_that_is_away_is_no_web_page(ports, authority):  # noqa: F811
    with listening() as server:
        nobody = address(server)
    gateway = ports(SHARED % nobody)
    gateway.at = gateway.web
    with secure(gateway, authority, "www.example") as client:
        client.sendall(HEAD)
        with contextlib.suppress(OSError):
            assert client.recv(1) == b""
    assert gateway.log.wait(lambda entry: entry.get("protocol") == "sstp")[0]["failure"] == "upstream.not_connected"


@pytest.mark.skipif(not shutil.which("sstpc"), reason="no sstpc")
@pytest.mark.root
@pytest.mark.proves("sstp", "serve", "sstpc, a stand-in server")
def test_a_real_client(ports, authority, folder, tmp_path):  # noqa: F811
    own = authority.issue("localhost")
    site = f"""
[site."localhost"]
listen = ["127.0.0.1:{{web}}"]
certificate = "{own.certificate}"
key = "{own.key}"
files = "{folder}"
default = true
"""  # it asks for no name: with one it would name the port, too
    with listening() as server:
        gateway = ports(site + SHARED % address(server))
        log = tmp_path / "sstpc.log"
        with open(log, "wb") as err:
            client = subprocess.Popen(["sstpc", "--nolaunchpppd", "--log-stderr", "--log-level", "4", "--cert-warn", "--priv-dir", tmp_path,
                                       "--priv-user", "root", "--priv-group", "root", "--user", "u", "--password", "p", f"localhost:{gateway.web}"],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err)
        try:
            with accept(server) as backend:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += exactly(backend, 1)
                assert head.startswith(b"SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n")
                backend.sendall(AGREED)
                assert exactly(backend, len(REQUEST)) == REQUEST
                backend.sendall(ACKNOWLEDGED)
                eventually(lambda: "Started PPP Link Negotiation" in log.read_text(), log.read_text)
        finally:
            client.kill()
            client.communicate(timeout=PATIENCE)
