"""Ports that carry more than the web: TLS in front of mail servers, connections passed on by name, one port for several protocols."""
import contextlib
import imaplib
import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import threading

import pytest

import checker
from conftest import AccessLog
from gateway import PATIENCE, eventually, free_port, run
from peers import http1, plain_servers, tls

MIB = 1 << 20
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


@pytest.fixture
def ports(start, authority, folder, tmp_path):
    """ports(blocks): a gateway with a site for mail.example and www.example, and these blocks; {port} is a port of its own."""
    def begin(blocks, **options):
        pair = authority.issue("mail.example", "www.example")
        port, web = free_port(), free_port()
        config = tmp_path / "sallyport.toml"
        config.write_text(f"""
http_port = 0
[log]
access = "{tmp_path}/access.log"
[site."www.example"]
names = ["mail.example"]
listen = ["127.0.0.1:{web}"]
certificate = "{pair.certificate}"
key = "{pair.key}"
files = "{folder}"
""" + blocks.replace("{port}", str(port)).replace("{web}", str(web)).replace("{root}", str(authority.root)))
        gateway = start("serve", "--config", config, **options)
        gateway.config, gateway.at, gateway.web, gateway.log = config, port, web, AccessLog(tmp_path / "access.log")
        gateway.pair = pair
        return gateway
    return begin


def block(protocol, port, to, more=""):
    return f'[port."127.0.0.1:{port}"]\nprotocol = "{protocol}"\nto = "{to}"\n{more}'


def report(protocol, port, authority, tmp_path):
    """What check says of a port of ours."""
    return checker.report(tmp_path / "checker", f"{protocol}://mail.example:{port}", "--connect", "127.0.0.1", "--ca", authority.root)


def names_in(tmp_path, name):
    """An environment in which a name of the tests is 127.0.0.1, for clients that can be told in no other way."""
    hosts = tmp_path / "hosts"
    hosts.write_text(f"127.0.0.1 {name}\n")
    wrapper = next(pathlib.Path("/usr/lib").glob("*/libnss_wrapper.so"), None)
    if wrapper is None:
        pytest.skip("no libnss_wrapper")
    return {"LD_PRELOAD": str(wrapper), "NSS_WRAPPER_HOSTS": str(hosts)}


@contextlib.contextmanager
def listening(backlog=50):
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as server:
        server.settimeout(PATIENCE)
        yield server


def address(server):
    return f"127.0.0.1:{server.getsockname()[1]}"


def connect(port, source="127.0.0.1"):
    client = socket.create_connection(("127.0.0.1", port), PATIENCE, source_address=(source, 0))
    client.settimeout(PATIENCE)
    return client


def accept(server):
    conversation, _ = server.accept()
    conversation.settimeout(PATIENCE)
    return conversation


def secure(gateway, authority, name="mail.example", **options):
    return tls.connect(gateway.at, name, authority.root, timeout=PATIENCE, **options)


def exactly(connection, count):
    got = b""
    while len(got) < count:
        piece = connection.recv(count - len(got))
        assert piece, f"ended after {got!r}"
        got += piece
    return got


def to_end(connection):
    got = b""
    while piece := connection.recv(65536):
        got += piece
    return got


def ended(connection):
    """Whether the other side has ended it, in whatever way."""
    try:
        return connection.recv(1) == b""
    except OSError:
        return True


# --- TLS in front of a mail server

MAIL = "ssl = yes\ndisable_plaintext_auth = no\nmail_location = maildir:{folder}/mail\n"


def mail_server(tmp_path, authority, more=""):
    folder = tmp_path / "dovecot"
    settings = MAIL.replace("{folder}", str(tmp_path / "mailbox")) + more
    (tmp_path / "mailbox").mkdir(mode=0o777)
    os.chmod(tmp_path / "mailbox", 0o777)
    for above in [tmp_path, *tmp_path.parents]:
        if above.stat().st_uid == os.getuid() and above != above.parent and str(above).startswith("/tmp/"):
            above.chmod(above.stat().st_mode | 0o055)
    return plain_servers.dovecot(folder, authority.issue("backend.example"), settings)


PROXIED = """haproxy_trusted_networks = 127.0.0.0/8
service imap-login {
 inet_listener imap {
  haproxy = yes
 }
}
"""


@pytest.mark.root
@pytest.mark.skipif(not shutil.which("dovecot"), reason="no dovecot")
@pytest.mark.proves("imaps", "serve", "Dovecot, imaplib")
@pytest.mark.proves("pop3s", "serve", "Dovecot, poplib")
def test_mailboxes_behind_tls(ports, authority, tmp_path):
    """IMAP and POP3 in plain text, by STARTTLS and by name; the server hears who the client is; the log says what it was."""
    with mail_server(tmp_path, authority, PROXIED) as (imap, pop3):
        second = free_port()
        gateway = ports(f"""
[port."127.0.0.1:{{port}}"]
protocol = "imaps"
to = "127.0.0.2:{imap}"
send_proxy_protocol = "v2"
[port."127.0.0.1:{second}"]
protocol = "pop3s"
to = "starttls://127.0.0.2:{pop3}"
backend_tls = {{ ca = "{{root}}", name = "backend.example" }}
""")
        context = tls.client_context(authority.root)
        context.set_alpn_protocols(["imap"])

        class Mailbox(imaplib.IMAP4_SSL):
            def _create_socket(self, timeout):
                plain = connect(self.port, "127.0.0.7")
                return context.wrap_socket(plain, server_hostname="mail.example")

        with Mailbox("mail.example", gateway.at) as mailbox:
            assert mailbox.sock.selected_alpn_protocol() == "imap"
            assert mailbox.login("nobody", "none")[0] == "OK"
            assert mailbox.create("Sent")[0] == "OK"
            assert any(b"Sent" in line for line in mailbox.list()[1])
        eventually(lambda: "rip=127.0.0.7" in (tmp_path / "dovecot/log").read_text(errors="replace"), "the client's address in dovecot's log")

        with tls.connect(second, "mail.example", authority.root, timeout=PATIENCE) as pop, pop.makefile("rb") as reader:
            assert reader.readline().startswith(b"+OK")
            for command in (b"USER nobody\r\n", b"PASS none\r\n", b"STAT\r\n", b"QUIT\r\n"):
                pop.sendall(command)
                assert reader.readline().startswith(b"+OK"), command
            assert reader.read() == b""

        line = gateway.log.wait(lambda entry: entry["protocol"] == "imaps")[0]
        assert (line["client"], line["port"], line["site"], line["sni"], line["tls"]) == (
            "127.0.0.7", gateway.at, "www.example", "mail.example", "TLSv1.3")
        assert line["backend"] == f"127.0.0.2:{imap}" and line["alpn"] == "imap" and line["bytes"] > 0 and line["received_bytes"] > 0
        line = gateway.log.wait(lambda entry: entry["protocol"] == "pop3s")[0]
        assert line["backend"] == f"starttls://127.0.0.2:{pop3}" and line["ended_by"] == "backend" and "failure" not in line


def test_who_gets_a_session(ports, authority):
    with listening() as server:
        gateway = ports(f"""
[port."127.0.0.1:{{port}}"]
protocol = "imaps"
to = "{address(server)}"
""")
        with pytest.raises(ssl.SSLError, match="unrecognized"):
            secure(gateway, authority, "other.example")
        # A browser that was led here by somebody: its request would be read as commands.
        with pytest.raises(ssl.SSLError, match="NO_APPLICATION_PROTOCOL|no application protocol"):
            secure(gateway, authority, alpn=["h2", "http/1.1"])
        with connect(gateway.at) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            assert ended(plain)
        with secure(gateway, authority, None) as client, accept(server) as backend:
            backend.sendall(b"* OK\r\n")
            assert exactly(client, 6) == b"* OK\r\n"
            client.sendall(b"a LOGOUT\r\n")
            assert exactly(backend, 10) == b"a LOGOUT\r\n"
        lines = gateway.log.wait(lambda entry: "failure" in entry, 3)
        assert {line["failure"] for line in lines} == {"tls.unrecognized_name", "tls.handshake_failed", "relay.unknown_speech"}


def test_both_ways_with_ends_and_without_bounds(ports, authority):
    """Much more than any buffer, a slow side, and an end of one side that the other outlives."""
    with listening() as server:
        gateway = ports(f"""
[port."127.0.0.1:{{port}}"]
protocol = "tls"
to = "{address(server)}"
[port."127.0.0.1:{{port}}".share]
ssh = "{address(server)}"
""")
        with connect(gateway.at) as client, contextlib.ExitStack() as stack:
            client.sendall(b"SSH-2.0-x\r\n")
            backend = stack.enter_context(accept(server))
            before, size = gateway.memory(), 11
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while size < 256 * MIB:
                    size += client.send(bytes(MIB))
            assert size < 256 * MIB, "a backend that takes nothing holds the client back"
            assert gateway.memory() - before < 16 * MIB
            client.settimeout(PATIENCE)
            client.shutdown(socket.SHUT_WR)
            assert len(to_end(backend)) == size
            backend.sendall(b"x" * MIB)  # half of it is still open
            backend.close()
            assert to_end(client) == b"x" * MIB
        with secure(gateway, authority) as client, accept(server) as backend:
            backend.sendall(b"y" * MIB)
            backend.shutdown(socket.SHUT_WR)
            assert to_end(client) == b"y" * MIB
            client.sendall(b"heard")
            assert exactly(backend, 5) == b"heard"
        lines = {line["protocol"]: line for line in gateway.log.wait(lambda entry: True, 2)}
        ssh, inside = lines["ssh"], lines["tls"]
        assert (ssh["received_bytes"], ssh["bytes"], ssh["ended_by"], ssh["passed"]) == (size, MIB, "client", True)
        assert (inside["received_bytes"], inside["bytes"], inside["ended_by"]) == (5, MIB, "backend") and "passed" not in inside


def test_a_break_is_no_end(ports, authority):
    with listening() as server:
        gateway = ports(f"""
[port."127.0.0.1:{{port}}"]
protocol = "tls"
to = "{address(server)}"
""")
        reset = struct.pack("ii", 1, 0)
        context = tls.client_context(authority.root)
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        with context.wrap_socket(connect(gateway.at), server_hostname="mail.example", suppress_ragged_eofs=False) as client, \
                accept(server) as backend:
            backend.sendall(b"part")
            assert exactly(client, 4) == b"part"
            backend.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            backend.close()
            with pytest.raises((ssl.SSLError, ConnectionResetError), match="(?i)eof|reset"):  # no close_notify
                client.recv(1)
        with secure(gateway, authority) as client, accept(server) as backend:
            client.sendall(b"part")
            assert exactly(backend, 4) == b"part"
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            client.close()
            with pytest.raises(ConnectionResetError):
                backend.recv(1)
        lines = gateway.log.wait(lambda entry: True, 2)
        assert sorted(line["failure"] for line in lines) == ["net.socket", "relay.backend_broke"]


def test_backends_that_are_away(ports, authority):
    """One that is not there is passed over; when all are away the connection ends and the log names the cause."""
    with listening() as server:
        dead = free_port()
        gateway = ports(f"""
[port."127.0.0.1:{{port}}"]
protocol = "tls"
to = ["127.0.0.1:{dead}", "{address(server)}"]
""")
        for _ in range(3):
            with secure(gateway, authority) as client, accept(server) as backend:
                backend.sendall(b"here")
                assert exactly(client, 4) == b"here"
        server.close()
        with secure(gateway, authority) as client:
            assert ended(client)
        gateway.wait_error("upstream.not_connected.*net.connect_refused|upstream.no_backend")
        assert gateway.log.wait(lambda entry: entry.get("failure") in ("upstream.not_connected", "upstream.no_backend"))


def test_limits_and_idle_ends(ports, authority):
    with listening() as server:
        second = free_port()
        gateway = ports(f"""
[tls]
handshake_timeout = "5s"
[port."127.0.0.1:{{port}}"]
protocol = "tls"
to = {{ to = "{address(server)}", max_connections = 1 }}
queue = {{ connections = 0 }}
[port."127.0.0.1:{second}"]
protocol = "tls"
to = "{address(server)}"
idle_timeout = "1s"
""")
        with connect(gateway.at) as silent, connect(gateway.at) as slow:
            slow.sendall(b"\x16\x03\x01")
            assert ended(silent) and ended(slow)
        with secure(gateway, authority) as client, accept(server) as backend:
            with secure(gateway, authority) as other:
                assert ended(other)
            backend.sendall(b"still here")
            assert exactly(client, 10) == b"still here"
        gateway.at = second
        with secure(gateway, authority) as client, accept(server) as backend:
            assert ended(backend) and ended(client)
        failures = sorted(line["failure"] for line in gateway.log.wait(lambda entry: "failure" in entry, 4))
        assert failures == ["relay.backends_busy", "relay.idle_timeout", "relay.silent", "relay.silent"]


# --- passed on as it is

def test_passed_on_by_name_and_protocol(ports, authority):
    """A server with its own certificate behind the port of the sites; nothing of it is decrypted."""
    own = authority.issue("pass.example", "a.wild.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    context.set_alpn_protocols(["xmpp-client"])
    with listening() as server, listening() as chat:
        gateway = ports(f"""
[[port."127.0.0.1:{{web}}".pass]]
names = ["*"]
alpn = ["xmpp-client"]
to = "{address(chat)}"
[[port."127.0.0.1:{{web}}".pass]]
names = ["pass.example", "*.wild.example"]
to = "{address(server)}"
send_proxy_protocol = "v1"
""")
        gateway.at = gateway.web

        def talk(listener, name, header, **options):
            seen = []

            def answer():
                with accept(listener) as plain:
                    if header:
                        line = b""
                        while not line.endswith(b"\r\n"):
                            line += plain.recv(1)
                        seen.append(line)
                    with context.wrap_socket(plain, server_side=True) as backend:
                        backend.sendall(b"hello")
                        assert backend.recv(1) == b""
            thread = threading.Thread(target=answer)
            thread.start()
            with secure(gateway, authority, name, **options) as client:
                assert exactly(client, 5) == b"hello"
                assert tls.peer_serial(client) == own.serial()
                mine = client.getsockname()[1]
            thread.join(PATIENCE)
            assert not thread.is_alive()
            return seen, mine

        for name in ("pass.example", "a.wild.example"):
            seen, mine = talk(server, name, True)
            assert seen == [f"PROXY TCP4 127.0.0.1 127.0.0.1 {mine} {gateway.web}\r\n".encode()]
        talk(chat, "pass.example", False, alpn=["xmpp-client"])
        for alpn in (None, ["http/1.1"]):
            with secure(gateway, authority, "www.example", alpn=alpn) as client:
                assert tls.peer_serial(client) == gateway.pair.serial()
                assert http1.get(client, "/hello.txt", f"www.example:{gateway.web}").body == b"hello\n"
        with pytest.raises(ssl.SSLError, match="unrecognized"):
            secure(gateway, authority, "deep.a.wild.example")
        lines = gateway.log.wait(lambda entry: "passed" in entry, 3)
        assert sorted(line["sni"] for line in lines) == ["a.wild.example", "pass.example", "pass.example"]
        assert all(line["protocol"] == "tls" and "tls" not in line for line in lines)


def test_port_without_any_site(start, authority, tmp_path):
    """Nothing is decrypted, so nothing needs a certificate; names of nobody are refused."""
    with listening() as server:
        port, config = free_port(), tmp_path / "sallyport.toml"
        config.write_text(f"""
[port."127.0.0.1:{port}"]
protocol = "tls"
[[port."127.0.0.1:{port}".pass]]
names = ["one.example"]
to = "{address(server)}"
""")
        start("serve", "--config", config)
        with pytest.raises(ssl.SSLError, match="unrecognized"):
            tls.connect(port, "two.example", timeout=PATIENCE)
        with connect(port) as client:
            hello = ssl.MemoryBIO()
            session = tls.client_context(None).wrap_bio(ssl.MemoryBIO(), hello, server_hostname="one.example")
            with pytest.raises(ssl.SSLWantReadError):
                session.do_handshake()
            sent = hello.read()
            client.sendall(sent)
            with accept(server) as backend:
                assert exactly(backend, len(sent)) == sent


# --- one port for several protocols

SHARED = """
[port."127.0.0.1:{web}".share]
ssh = "%s"
openvpn = "%s"
silent = "ssh"
silence = "30s"
"""


def test_shared_port_tells_protocols_apart(ports, authority):
    with listening() as ssh, listening() as vpn:
        gateway = ports(SHARED % (address(ssh), address(vpn)) + f"""
[port."127.0.0.1:{{port}}".share]
ssh = "{address(ssh)}"
silent = "ssh"
silence = "300ms"
""")
        with connect(gateway.at) as client, accept(ssh) as backend:  # it said nothing
            backend.sendall(b"SSH-2.0-server\r\n")
            assert exactly(client, 16) == b"SSH-2.0-server\r\n"
        gateway.at = gateway.web
        reset = b"\x00\x0e\x38" + bytes(range(8)) + bytes(5)
        for server, first in ((ssh, b"SSH-2.0-OpenSSH_9.2\r\n"), (vpn, reset)):
            for pieces in (1, len(first)):
                with connect(gateway.at) as client:
                    size = len(first) // pieces
                    for i in range(0, len(first), size):
                        client.sendall(first[i:i + size])
                    with accept(server) as backend:
                        assert exactly(backend, len(first)) == first
                        backend.sendall(b"answer")
                        assert exactly(client, 6) == b"answer"
        with secure(gateway, authority, "www.example") as client:
            assert http1.get(client, "/hello.txt", f"www.example:{gateway.web}").body == b"hello\n"
        with connect(gateway.at) as client:
            client.sendall(f"GET /x HTTP/1.1\r\nhost: www.example:{gateway.web}\r\n\r\n".encode())
            answer = exactly(client, 12)
            assert answer == b"HTTP/1.1 308"
        with connect(gateway.at) as client:
            client.sendall(b"EHLO there\r\n")
            assert ended(client)


@pytest.mark.root
@pytest.mark.skipif(not os.access("/usr/sbin/sshd", os.X_OK), reason="no sshd")
@pytest.mark.proves("ssh", "serve", "OpenSSH")
@pytest.mark.proves("sftp", "serve", "OpenSSH")
def test_ssh_by_the_port_of_the_web(ports, authority, tmp_path):
    """OpenSSH at both ends: a login, and a megabyte each way, also by SFTP."""
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    os.makedirs("/run/sshd", exist_ok=True)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    port = free_port()
    (folder / "keys").write_text((folder / "user.pub").read_text())
    (folder / "config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nPidFile none\nAuthorizedKeysFile {folder}/keys\nStrictModes no\nUsePAM no\n"
        "PermitRootLogin prohibit-password\nPasswordAuthentication no\nSubsystem sftp internal-sftp\n")
    with listening() as vpn:
        gateway = ports(SHARED % (f"127.0.0.1:{port}", address(vpn)))
        identity = ["-i", folder / "user", "-o", "StrictHostKeyChecking=accept-new", "-o", f"UserKnownHostsFile={folder}/known", "-o", "BatchMode=yes"]
        server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", folder / "config"], stderr=subprocess.PIPE)
        try:
            eventually(lambda: not socket.socket().connect_ex(("127.0.0.1", port)), "sshd listens")
            done = subprocess.run(
                ["ssh", "-F", "none", "-p", str(gateway.web), *identity, "root@127.0.0.1", "cat"],
                input=b"z" * MIB, capture_output=True, timeout=PATIENCE)
            assert done.stdout == b"z" * MIB, done.stderr
            (folder / "sent").write_bytes(b"y" * MIB)
            done = subprocess.run(["sftp", "-q", "-F", "none", "-P", str(gateway.web), *identity, "-b", "-", "root@127.0.0.1"],
                                  input=f"put {folder}/sent {folder}/stored\nget {folder}/stored {folder}/fetched\n".encode(), capture_output=True,
                                  timeout=PATIENCE)
            assert done.returncode == 0 and (folder / "fetched").read_bytes() == b"y" * MIB, done.stderr
        finally:
            server.terminate()
            server.communicate(timeout=PATIENCE)
        line = gateway.log.wait(lambda entry: entry["protocol"] == "ssh" and entry["bytes"] > MIB)[0]
        assert line["backend"] == f"127.0.0.1:{port}" and line["passed"]


@pytest.mark.skipif(not shutil.which("openvpn"), reason="no openvpn")
def test_openvpn_by_the_port_of_the_web(ports, authority, tmp_path):
    """OpenVPN over TCP at both ends, without a device: the tunnel's TLS stands."""
    sides = {"server": authority.issue("vpn.example"), "client": authority.issue("laptop.example", usage="clientAuth")}
    port = free_port()
    with listening() as ssh:
        gateway = ports(SHARED % (address(ssh), f"127.0.0.1:{port}"))
        common = ["openvpn", "--dev", "null", "--ca", authority.root, "--verb", "3", "--connect-retry", "1", "--connect-retry-max", "20"]
        commands = {
            "server": ["--tls-server", "--dh", "none", "--proto", "tcp-server", "--local", "127.0.0.1", "--lport", port],
            "client": ["--tls-client", "--proto", "tcp-client", "--remote", "127.0.0.1", gateway.web, "--nobind"]}
        with contextlib.ExitStack() as stack:
            logs = {}
            for side, command in commands.items():
                logs[side] = tmp_path / f"{side}.log"
                pair = sides[side]
                process = subprocess.Popen([str(a) for a in [*common, "--cert", pair.certificate, "--key", pair.key, *command]],
                                           stdin=subprocess.DEVNULL, stdout=open(logs[side], "wb"), stderr=subprocess.STDOUT)
                stack.callback(process.wait, PATIENCE)
                stack.callback(process.terminate)
            for side, log in logs.items():
                eventually(lambda log=log: "Initialization Sequence Completed" in log.read_text(errors="replace"),
                           lambda log=log: log.read_text(errors="replace"))
        line = gateway.log.wait(lambda entry: entry["protocol"] == "openvpn" and entry.get("bytes", 0) > 0)[0]
        assert line["passed"] and line["backend"] == f"127.0.0.1:{port}"


# --- as the configuration changes

def test_open_connections_outlive_a_reload(ports, authority):
    with listening() as first, listening() as second:
        gateway = ports(f"""
[port."127.0.0.1:{{port}}"]
protocol = "tls"
to = "{address(first)}"
""")
        with secure(gateway, authority) as old, accept(first) as before:
            gateway.config.write_text(gateway.config.read_text().replace(address(first), address(second)))
            status, out, err = run("reload", "--config", gateway.config, home=gateway.home)
            assert status == 0, err
            with secure(gateway, authority) as new, accept(second) as after:
                after.sendall(b"new")
                assert exactly(new, 3) == b"new"
            before.sendall(b"old")
            assert exactly(old, 3) == b"old"


@pytest.mark.parametrize("block, said", [
    ('protocol = "imaps"', "has no `to`"),
    ('protocol = "imaps"\nto = "127.0.0.1:143"\nstarttls = { commands = 5 }', "has no effect: TLS begins at once here"),
    ('protocol = "imap"\nto = "127.0.0.1:143"\nshare = { ssh = "127.0.0.1:22" }', "begins in plain text"),
    ('protocol = "imap"\nto = "127.0.0.1:143"\nftp = { passive_ports = "50000-50100" }', "no files are transferred"),
    ('protocol = "ftp"\nto = "starttls://127.0.0.1:21"', "in plain text by TCP only"),
    ('protocol = "ftp"\nto = "127.0.0.1:21"\nproxy_protocol = "192.0.2.1"', "cannot be with ftp"),
    ('protocol = "ftp"\nto = "127.0.0.1:21"\nftp = { passive_ports = "21" }', "is no range of ports"),
    ('to = "127.0.0.1:143"', "is for other protocols than the web"),
    ('protocol = "imaps"\nto = "https://127.0.0.1:143"', "has a scheme that this port does not speak"),
    ('protocol = "tls"\nto = "starttls://127.0.0.1:143"', "knows no STARTTLS"),
    ('pass = { names = ["a.example"], to = "tls://127.0.0.1:1" }', "nothing can be put around it"),
    ('pass = { to = "127.0.0.1:1" }', "has no `names`"),
    ('protocol = "http"\nshare = { ssh = "127.0.0.1:22" }', "needs TLS on the port"),
    ('share = { ssh = "127.0.0.1:22", silent = "openvpn" }', "names what is not shared here"),
    ('share = {}', "shares with nobody"),
    ('protocol = "imaps"\nto = "127.0.0.1:1"\nbackend_tls = { verify = false }', "nothing here has an effect"),
])
def test_what_cannot_be(tmp_path, folder, block, said):
    config = tmp_path / "sallyport.toml"
    config.write_text(f'[site."localhost:8443"]\nfiles = "{folder}"\n[port.2993]\n{block}\n')
    status, _, err = run("config", "check", config, home=tmp_path)
    assert status != 0 and said.replace("\\", "") in err, err
