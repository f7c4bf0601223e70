"""FTP behind TLS: a server that knows none, real clients in front, and data connections that nobody else can use."""
import contextlib
import ftplib
import hashlib
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess

import pytest

from gateway import PATIENCE, eventually, free_port
from peers import plain_servers, tls
from test_ports import accept, address, block, connect, ended, exactly, listening, names_in, ports  # noqa: F401
from test_ports_starttls import assert_sound

pytestmark = [pytest.mark.root, pytest.mark.skipif(not os.access("/usr/sbin/vsftpd", os.X_OK), reason="no vsftpd")]

MIB = 1 << 20
FILES = ("ssl_enable=NO\nanonymous_enable=YES\nno_anon_password=NO\nftp_username=daemon\nwrite_enable=YES\nanon_upload_enable=YES\nanon_mkdir_write_enable=YES\n"
         "anon_other_write_enable=YES\nanon_umask=022\nallow_writeable_chroot=YES\nlocal_enable=NO\npasv_enable=YES\nport_enable=YES\n")


@pytest.fixture
def files(tmp_path):
    plain_servers.let_in(tmp_path)
    folder = tmp_path / "files"
    (folder / "in").mkdir(parents=True)
    (folder / "in").chmod(0o777)
    (folder / "big").write_bytes(os.urandom(MIB) * 8)
    (folder / "in" / "part").write_bytes(b"x")
    shutil.chown(folder / "in", "daemon")
    return folder


@pytest.fixture
def server(files, authority, tmp_path):
    with plain_servers.vsftpd(tmp_path / "server", authority.issue("backend.example"), FILES + f"anon_root={files}\n") as port:
        yield port


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def closed(port):
    try:
        connect(port, source="127.0.0.9").close()  # nobody's client
    except OSError:
        return True
    return False


def client_of(gateway, authority):
    client = ftplib.FTP_TLS(context=tls.client_context(authority.root), timeout=PATIENCE)
    client.connect("127.0.0.1", gateway.at)
    client.host = "mail.example"
    return client


@pytest.mark.proves("ftp", "serve", "vsftpd, curl")
@pytest.mark.proves("ftps", "serve", "vsftpd, curl")
def test_curl(ports, authority, server, files, tmp_path):
    """curl --ssl-reqd: listing, download, upload and resuming, by EPSV and by PASV, on the port of AUTH TLS and on that of TLS at once."""
    second = free_port()
    gateway = ports(block("ftp", "{port}", f"127.0.0.2:{server}", 'ftp = { passive_ports = "20000-32000" }\n') + block("ftps", second, f"127.0.0.2:{server}"))

    def curl(url, *options):
        done = subprocess.run(["curl", "-sS", "--ssl-reqd", "--cacert", authority.root, "--resolve", f"mail.example:{gateway.at}:127.0.0.1",
                               "--resolve", f"mail.example:{second}:127.0.0.1", "-u", "anonymous:x", url, *options], capture_output=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout

    for base, passive in ((f"ftp://mail.example:{gateway.at}", "--ftp-pasv"), (f"ftps://mail.example:{second}", "--disable-epsv")):
        assert b"big" in curl(base + "/", passive)
        got = tmp_path / "got"
        curl(base + "/big", passive, "-o", got)
        assert digest(got) == digest(files / "big")
        got.write_bytes(got.read_bytes()[:3 * MIB])
        curl(base + "/big", passive, "-C", "-", "-o", got)
        assert digest(got) == digest(files / "big")
        curl(base + "/in/up", passive, "-T", files / "big")
        eventually(lambda: digest(files / "in/up") == digest(files / "big"), "the upload is whole")
        (files / "in/up").unlink()
    lines = gateway.log.wait(lambda entry: entry["protocol"] in ("ftp", "ftps"), 8)
    assert {line["protocol"] for line in lines} == {"ftp", "ftps"} and not any("failure" in line for line in lines), lines
    assert sum(line["bytes"] > 8 * MIB for line in lines) == 2 and sum(line["received_bytes"] > 8 * MIB for line in lines) == 2
    assert all(line["transfers"] == 1 for line in lines)
    assert all(line.get("starttls", False) is (line["protocol"] == "ftp") for line in lines)
    assert_sound("ftp", gateway.at, authority, tmp_path)


@pytest.mark.skipif(not shutil.which("lftp"), reason="no lftp")
@pytest.mark.proves("ftp", "serve", "vsftpd, lftp")
def test_lftp(ports, authority, server, files, tmp_path):
    gateway = ports(block("ftp", "{port}", f"127.0.0.2:{server}"))
    done = subprocess.run(["lftp", "-c", f"set ssl:ca-file {authority.root}; set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set net:max-retries 1; set net:timeout 50;"
                           f"open -u anonymous,x ftp://mail.example:{gateway.at}; cls -1; get big -o {tmp_path}/got; put -O in {files}/big -o again; mkdir in/made; cls -1 in"],
                          capture_output=True, text=True, timeout=PATIENCE, env=dict(os.environ, HOME=str(tmp_path), **names_in(tmp_path, "mail.example")))
    assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "got") == digest(files / "in/again") == digest(files / "big")
    assert "big" in done.stdout and "in/made" in done.stdout


def test_sessions_are_resumed_and_nothing_goes_in_clear(ports, authority, server):
    gateway = ports(block("ftp", "{port}", f"127.0.0.2:{server}"))

    class Resuming(ftplib.FTP_TLS):
        resumed = None

        def ntransfercmd(self, command, rest=None):
            plain, size = ftplib.FTP.ntransfercmd(self, command, rest)
            data = self.context.wrap_socket(plain, server_hostname=self.host, session=self.sock.session)
            self.resumed = data.session_reused
            return data, size

    client = Resuming(context=tls.client_context(authority.root, newest=ssl.TLSVersion.TLSv1_2), timeout=PATIENCE)
    client.connect("127.0.0.1", gateway.at)
    client.host = "mail.example"
    with pytest.raises(ftplib.error_perm, match="^530"):
        client.sendcmd("USER anonymous")
    client.login("anonymous", "x")
    assert " AUTH TLS" in client.sendcmd("FEAT") and "EPRT" not in client.sendcmd("FEAT")
    with pytest.raises(ftplib.error_perm, match="^521"):
        client.sendcmd("LIST")
    for command in ("PROT C", "PORT 127,0,0,1,20,20", "EPRT |1|127.0.0.1|5140|", "CCC", "AUTH TLS"):
        with pytest.raises(ftplib.error_perm, match="^5"):
            client.sendcmd(command)
    client.prot_p()
    listed = []
    client.retrlines("LIST", listed.append)
    assert client.resumed is True and any("big" in line for line in listed)
    client.quit()
    line = gateway.log.wait(lambda entry: entry.get("transfers") == 1)[0]
    assert line["starttls"] is True and line["backend"] == f"127.0.0.2:{server}"


def test_a_data_connection_is_its_clients(ports, authority, server):
    """Another address gets nothing from a port that was opened for somebody; without TLS nobody does."""
    gateway = ports(block("ftp", "{port}", f"127.0.0.2:{server}"))
    client = client_of(gateway, authority)
    client.login("anonymous", "x")
    client.prot_p()
    port = int(re.search(r"\|\|\|(\d+)\|", client.sendcmd("EPSV"))[1])
    with connect(port, source="127.0.0.9") as thief:
        assert ended(thief)
    with connect(port) as plain:
        client.putcmd("LIST")
        plain.sendall(b"no TLS at all\r\n")
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := plain.recv(65536):
                got += piece
        assert b"big" not in got
    assert client.getline()[:3] in ("150", "425", "426")
    client.close()
    gateway.log.wait(lambda entry: entry.get("failure", "").startswith("tls."))


def test_breaks_and_timers(ports, authority):
    """A server that breaks off; an upload that is cut; a data connection that nobody makes."""
    with listening() as control, listening() as data:
        gateway = ports(block("ftp", "{port}", address(control), 'ftp = { data_timeout = "1s", passive_address = "127.0.0.1" }\n'))
        client = client_of(gateway, authority)
        client.auth()
        with accept(control) as backend, backend.makefile("rb") as reader:
            backend.sendall(b"220 ready\r\n")
            client.prot_p()
            client.putcmd("PASV")
            assert reader.readline() == b"PASV\r\n"
            backend.sendall(b"227 Entering Passive Mode (%s)\r\n" % ",".join([*"10009", *map(str, divmod(data.getsockname()[1], 256))][1:]).encode())
            answer = client.getline()
            assert answer.startswith("227 Entering Passive Mode (127,0,0,1,"), answer
            host, port = ftplib.parse227(answer)
            with connect(port) as plain, accept(data) as upload:
                with tls.client_context(authority.root).wrap_socket(plain, server_hostname="mail.example") as cut:
                    cut.sendall(b"half of it")
                    assert exactly(upload, 10) == b"half of it"
                    cut.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                with pytest.raises(ConnectionResetError):
                    upload.recv(1)
            client.putcmd("EPSV")
            assert reader.readline() == b"EPSV\r\n"
            backend.sendall(b"229 Entering Extended Passive Mode (|||%d|)\r\n" % data.getsockname()[1])
            port = int(re.search(r"\|\|\|(\d+)\|", client.getline())[1])
            eventually(lambda: closed(port), "the listener goes after data_timeout")
            backend.sendall(b"421 going down\r\n")
        assert client.getline().startswith("421")
        with pytest.raises(EOFError):
            client.getline()
        client.close()
        line = gateway.log.wait(lambda entry: entry["protocol"] == "ftp")[0]
        assert line["ended_by"] == "backend" and line["transfers"] == 1 and line["failure"] == "relay.no_data_connection"
