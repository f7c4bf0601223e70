"""How `sallyport check` reaches what it examines: other names and addresses, proxies, client certificates, many targets."""
import contextlib
import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading

import pytest

from gateway import binary, free_port, run
from peers import nginx
from peers.listening import byte_server
from peers.openssl_server import openssl_server
from peers.process import running
from peers.socks import socks_proxy
from peers.web import page, web_server

HOST = "www.example.com"
SQUID = shutil.which("squid", path="/usr/sbin:/usr/bin")


@contextlib.contextmanager
def sound_server(pair):
    """The port of a server that takes many connections at once, as openssl s_server does not."""
    lines = f"ssl_certificate {pair.certificate}; ssl_certificate_key {pair.key}; ssl_protocols TLSv1.2 TLSv1.3;\nssl_ciphers ECDHE+AESGCM;"
    with tempfile.TemporaryDirectory() as folder, nginx.serve(folder, "ssl", lines + " location / { return 200 here; }") as port:
        yield port


@pytest.fixture(scope="module")
def pair(authority):
    return authority.issue(HOST)


@pytest.fixture
def check(tmp_path, authority):
    """check(...): (status, targets of the report)."""

    def begin(*arguments):
        status, out, err = run("check", "--format", "json", "--ca", authority.root, *arguments, home=tmp_path / "home")
        assert not err, err
        return status, json.loads(out)["targets"]

    return begin


def ids(report):
    return {f["id"] for f in report["findings"]}


def untested(report):
    return {n["id"]: n["reason"] for n in report["not_tested"]}


def sound(report):
    return report["tested"] and report["grade"] in ("A+", "A") and not {"cert_trust", "chain_of_trust"} & ids(report)


def test_another_address_or_another_name(check, pair):
    with sound_server(pair) as port:
        _, [by_resolve] = check(f"{HOST}:{port}", "--resolve", f"{HOST}:{port}:127.0.0.1")
        assert sound(by_resolve) and by_resolve["address"] == f"127.0.0.1:{port}"
        _, [by_name] = check(f"127.0.0.1:{port}", "--sni", HOST)
        assert sound(by_name) and by_name["target"] == f"{HOST}:{port}"
        _, [plain] = check(f"127.0.0.1:{port}")
        assert "cert_trust" in ids(plain)


def test_resolve_and_sni_want_what_they_want(tmp_path):
    for flags in (["--resolve", "a:b"], ["--resolve", "a:443:b"], ["--sni", "127.0.0.1"], ["--sni", "a b"]):
        assert run("check", "localhost", *flags, home=tmp_path / "home")[0] == 64, flags


def test_by_socks5(check, pair):
    with sound_server(pair) as port, socks_proxy(names={HOST: "127.0.0.1"}) as (proxy, asked):
        _, [report] = check(f"{HOST}:{port}", "--proxy", f"socks5://127.0.0.1:{proxy}")
        assert sound(report), report
        assert "by socks5://" in report["address"]
        assert set(asked) == {(HOST, port)}, "the proxy looks the name up"
        assert len(asked) == report["observations"]["connections"]


def test_by_socks5_with_a_login(check, pair, tmp_path):
    login = tmp_path / "login"
    login.write_text("user:pass:word\n")
    with sound_server(pair) as port, socks_proxy((b"user", b"pass:word"), {HOST: "127.0.0.1"}) as (proxy, asked):
        _, [report] = check(f"{HOST}:{port}", "--proxy", f"socks5://127.0.0.1:{proxy}", "--proxy-login", login)
        assert sound(report)
        status, [report] = check(f"{HOST}:{port}", "--proxy", f"socks5://user:wrong@127.0.0.1:{proxy}")
        assert status == 2 and "login" in untested(report)["reach"] and "wrong" not in json.dumps(report)
        status, [report] = check(f"{HOST}:{port}", "--proxy", f"socks5://127.0.0.1:{proxy}")
        assert status == 2 and "login" in untested(report)["reach"]


def test_what_is_the_proxys_fault_is_told_so(check, pair):
    closed = free_port()
    status, [report] = check(f"{HOST}:443", "--proxy", f"http://127.0.0.1:{closed}")
    assert status == 2 and "proxy itself cannot be reached" in untested(report)["reach"] and not ids(report)
    with byte_server(lambda c: c.sendall(b"SSH-2.0-x\r\n")) as port:
        status, [report] = check(f"{HOST}:443", "--proxy", f"http://127.0.0.1:{port}")
        assert status == 2 and "another protocol" in untested(report)["reach"]
    with socks_proxy(names={HOST: "127.0.0.1"}) as (proxy, _):
        status, [report] = check(f"{HOST}:{closed}", "--proxy", f"socks5://127.0.0.1:{proxy}")
        assert status == 2 and "reach.closed" in ids(report), "the proxy told that the target refuses"


@contextlib.contextmanager
def squid(folder, port_allowed, password=None):
    """Its port. With a password, user "user" must log in."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    port = free_port()
    login = ""
    if password:
        helper = folder / "helper"
        helper.write_text(f"#!/bin/sh\nwhile read line; do [ \"$line\" = 'user {password}' ] && echo OK || echo ERR; done\n")
        helper.chmod(0o755)
        login = f"auth_param basic program {helper}\nauth_param basic children 2 startup=1\nacl known proxy_auth REQUIRED\nhttp_access deny !known\n"
    (folder / "squid.conf").write_text(f"""http_port 127.0.0.1:{port}
acl wanted port {port_allowed}
{login}http_access allow wanted
http_access deny all
cache deny all
pid_filename none
cache_log {folder}/cache.log
access_log none
pinger_enable off
shutdown_lifetime 0 seconds
coredump_dir {folder}
visible_hostname proxy.example
""")
    if os.geteuid() == 0:  # squid gives root up
        account = pwd.getpwnam("proxy")
        for path in (folder, *folder.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)
        for above in folder.parents:
            if above.stat().st_uid == 0 and above.stat().st_mode & 0o055 != 0o055 and str(above).startswith("/tmp/"):
                above.chmod(above.stat().st_mode | 0o055)
    with running([SQUID, "-N", "-f", folder / "squid.conf"], port, folder, log=folder / "cache.log"):
        yield port



@pytest.mark.skipif(not SQUID, reason="no squid")
def test_by_squid(check, authority, tmp_path):
    with sound_server(authority.issue("localhost")) as port:
        with squid(tmp_path / "open", port) as proxy:
            _, [report] = check(f"localhost:{port}", "--proxy", f"http://127.0.0.1:{proxy}", "--connect", "127.0.0.1")
            assert sound(report), report
            status, [refused] = check("localhost:444", "--proxy", f"http://127.0.0.1:{proxy}", "--connect", "127.0.0.1")
            assert status == 2 and "403" in untested(refused)["reach"]
        with squid(tmp_path / "closed", port, password="secret") as proxy:
            _, [report] = check(f"localhost:{port}", "--proxy", f"http://user:secret@127.0.0.1:{proxy}", "--connect", "127.0.0.1")
            assert sound(report), report
            status, [report] = check(f"localhost:{port}", "--proxy", f"http://127.0.0.1:{proxy}", "--connect", "127.0.0.1")
            assert status == 2 and "Basic" in untested(report)["reach"]


def test_a_client_certificate(check, authority, pair):
    client = authority.issue("client.example.com", usage="clientAuth")
    with openssl_server(pair, "-Verify", "1", "-verify_return_error", "-CAfile", authority.root) as port:
        target = [f"{HOST}:{port}", "--connect", "127.0.0.1"]
        _, [without] = check(*target)
        assert without["observations"]["handshake"]["client_certificate_asked"] or not without["observations"]["handshake"]["completed"]
        assert "http" not in without["observations"]
        _, [with_one] = check(*target, "--client-certificate", client.certificate, "--client-key", client.key)
        assert with_one["observations"]["handshake"]["completed"] and with_one["observations"]["http"]["status"] == 200


def test_a_list_of_targets(check, authority, pair, tmp_path):
    with sound_server(pair) as first, sound_server(authority.issue("localhost")) as second:
        closed = free_port()
        targets = tmp_path / "targets"
        targets.write_text(f"# ours\n{HOST}:{first}\n\nlocalhost:{second} # another\nlocalhost:{closed}\n")
        status, reports = check("--targets", targets, "--connect", "127.0.0.1")
        assert status == 2 and [r["target"] for r in reports] == [f"{HOST}:{first}", f"localhost:{second}", f"localhost:{closed}"], "in their order"
        assert sound(reports[0]) and sound(reports[1]) and not reports[2]["tested"]
        done = subprocess.run([binary(), "check", "--targets", "-", "--connect", "127.0.0.1", "--ca", authority.root, "--format", "jsonl"],
                              input=targets.read_bytes(), stdout=subprocess.PIPE, check=False)
        assert done.returncode == 2 and len(done.stdout.splitlines()) == 3
    targets.write_text("localhost\na b\n")
    status, _, err = run("check", "--targets", targets, home=tmp_path / "home")
    assert status == 64 and "line 2" in err


def test_a_run_that_was_ended_goes_on(authority, pair, tmp_path):
    report = tmp_path / "report.jsonl"
    with sound_server(pair) as first, sound_server(pair) as second:
        targets = tmp_path / "targets"
        targets.write_text(f"{HOST}:{first}\n{HOST}:{second}\n")
        flags = ["--targets", targets, "--connect", "127.0.0.1", "--ca", authority.root, "--quick", "--format", "jsonl", "--output", report, "--resume"]
        assert run("check", *flags, home=tmp_path / "home")[0] == 0
        lines = report.read_bytes().splitlines(keepends=True)
        assert len(lines) == 2
        # Torn off in the middle of the second: that one is done again, the first is not.
        report.write_bytes(lines[0] + lines[1][:100])
        kept = json.loads(lines[0])["target"]
        with sound_server(pair) as third:
            targets.write_text(f"{HOST}:{first}\n{HOST}:{second}\n{HOST}:{third}\n")
            assert run("check", *flags, home=tmp_path / "home")[0] == 0
            again = [json.loads(line) for line in report.read_text().splitlines()]
            assert again[0] == json.loads(lines[0]) and [r["target"] for r in again].count(kept) == 1
            assert {r["target"] for r in again} == {f"{HOST}:{p}" for p in (first, second, third)}
    report.write_text("this is no report\n")
    assert run("check", *flags, home=tmp_path / "home")[0] == 64
    assert report.read_text() == "this is no report\n", "another file is left alone"
    assert run("check", "localhost", "--resume", home=tmp_path / "home")[0] == 64


def test_quick_needs_few_connections_and_names_what_it_left_out(check, pair, authority):
    with web_server(pair, lambda path, fields: page("<p>")) as port:
        _, [report] = check(f"{HOST}:{port}", "--connect", "127.0.0.1", "--quick")
    assert report["observations"]["connections"] <= 8
    assert "hsts.present" in ids(report) and "quick" in untested(report)
    with openssl_server(authority.issue(HOST, kind="rsa"), "-cipher", "ALL:@SECLEVEL=0") as port:
        _, [report] = check(f"{HOST}:{port}", "--connect", "127.0.0.1", "--quick")
    assert {"proto.tls10", "proto.tls11"} <= ids(report)


def open_towards(port):
    """Connections that a client here has to the port: the kernel knows an end before the server reads of it."""
    rows = [row.split() for row in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2] == f"0100007F:{port:04X}" and row[3] in ("01", "02") for row in rows)


def test_connections_at_once_are_bounded_over_all_targets(check, pair, tmp_path):
    most = []

    def relay(to):
        def talk(connection):
            most.append(open_towards(connection.getsockname()[1]))
            with socket.create_connection(("127.0.0.1", to)) as far:
                def back():
                    with contextlib.suppress(OSError):
                        while text := far.recv(65536):
                            connection.sendall(text)
                        connection.shutdown(socket.SHUT_WR)
                thread = threading.Thread(target=back, daemon=True)
                thread.start()
                with contextlib.suppress(OSError):
                    while text := connection.recv(65536):
                        far.sendall(text)
                    far.shutdown(socket.SHUT_WR)
                thread.join(10)
        return talk

    with sound_server(pair) as server, byte_server(relay(server)) as port:
        targets = tmp_path / "targets"
        targets.write_text(f"{HOST}:{port}\n" * 6)
        _, reports = check("--targets", targets, "--quick", "--connect", "127.0.0.1", "--parallel", "6", "--host-connections", "2")
    assert len(reports) == 6 and all(r["tested"] for r in reports)
    # The kernel's list is not of one moment: one that ends and one that begins may both be in it.
    assert 1 <= max(most) <= 3, most


def test_a_server_that_takes_no_more_is_told_as_throttling(check, pair):
    """Behind the first connections the port is closed for good: that is no closed port and no missing version."""
    listener_closed = threading.Event()
    relay = socket.create_server(("127.0.0.1", 0), backlog=1)
    port = relay.getsockname()[1]
    with sound_server(pair) as server:
        def serve():
            with contextlib.suppress(OSError):
                connection, _ = relay.accept()
                relay.close()
                listener_closed.set()
                with connection, socket.create_connection(("127.0.0.1", server)) as far:
                    far.sendall(connection.recv(65536))
                    connection.sendall(far.recv(65536))
        threading.Thread(target=serve, daemon=True).start()
        _, [report] = check(f"{HOST}:{port}", "--connect", "127.0.0.1", "--timeout", "20")
        assert listener_closed.is_set()
    assert "takes no more" in untested(report)["throttled"]


def test_a_policy(check, authority, pair, tmp_path):
    policy = tmp_path / "policy.toml"

    def held(text, *flags):
        policy.write_text(text)
        status, [report] = check(f"{HOST}:{port}", "--connect", "127.0.0.1", "--policy", policy, *flags)
        return status, {f["id"]: f for f in report["findings"]}

    with openssl_server(pair, "-tls1_2") as port:
        status, found = held('grade = "B"\nversions = ["TLS 1.2", "TLS 1.3"]\nlifetime_days = 60\ndays_left = 3\n')
        assert status == 0 and not {id for id in found if id.startswith("policy.")}
        status, found = held('grade = "A+"\nversions = ["TLS 1.3"]\nsuites = ["TLS_AES_128_GCM_SHA256"]\nlifetime_days = 5\ndays_left = 300\n')
        assert status == 1
        assert {id for id in found if id.startswith("policy.")} == {"policy.grade", "policy.version", "policy.suite", "policy.lifetime", "policy.days_left"}
        status, found = held('[[ignore]]\nid = "proto.tls13"\nreason = "the old box"\nuntil = "2999-12-31"\n', "--fail-on", "low")
        assert found["proto.tls13"]["waived"] == "until 2999-12-31: the old box" and found["proto.tls13"]["known"]
        status, found = held('[[ignore]]\nid = "proto.tls13"\nreason = "the old box"\nuntil = "2020-12-31"\n')
        assert "waived" not in found["proto.tls13"] and "2020-12-31" in found["policy.waiver_over"]["evidence"]
    for text in ('grade = "G"\n', 'colour = 1\n', '[[ignore]]\nid = "a"\n', "no toml"):
        policy.write_text(text)
        status, _, err = run("check", "localhost", "--policy", policy, home=tmp_path / "home")
        assert status == 64 and "policy.toml" in err, text
