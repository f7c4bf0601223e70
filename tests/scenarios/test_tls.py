"""Which handshakes are taken, which are refused, and with which alert."""
import re
import socket
import ssl
import subprocess

import pytest

from peers import client_hello as hello
from peers import http1, tls
from peers.curl import curl

UNRECOGNIZED_NAME, PROTOCOL_VERSION, NO_APPLICATION_PROTOCOL, HANDSHAKE_FAILURE = 112, 70, 120, 40

TWO_SITES = """
http_port = 0
[site."example.com"]
names = ["www.example.com", "*.apps.example.com"]
listen = ["127.0.0.1:{port}"]
respond = "example"
certificate = "%s"
key = "%s"
[site."other.test"]
listen = ["127.0.0.1:{port}"]
respond = "other"
"""


@pytest.fixture
def two_sites(configure, example_pair):
    return configure(TWO_SITES % (example_pair.certificate, example_pair.key))


def body(port, name, root):
    with tls.connect(port, name, root) as connection:
        return http1.get(connection, "/", f"{name}:{port}").body


def test_sites_share_an_address_by_name(two_sites, authority):
    for name in ("example.com", "www.example.com", "EXAMPLE.com", "a.apps.example.com"):
        assert body(two_sites.port, name, authority.root) == b"example"
    assert body(two_sites.port, "other.test", two_sites.root) == b"other"


def test_an_unknown_name_gets_an_alert_and_no_certificate(two_sites):
    for name in ("unknown.test", "apps.example.com", "a.b.apps.example.com", "xexample.com", "localhost"):
        answer = hello.exchange(two_sites.port, hello.records(hello.hello(name=name)))
        assert answer == ("alert", UNRECOGNIZED_NAME), name


def test_openssl_sees_the_alert_by_its_number(two_sites):
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{two_sites.port}", "-servername", "no.test"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert "SSL alert number 112" in done.stderr and "BEGIN CERTIFICATE" not in done.stdout


def test_no_name_is_refused_where_several_sites_are(two_sites):
    assert hello.exchange(two_sites.port, hello.records(hello.hello(name=None))) == ("alert", UNRECOGNIZED_NAME)


def test_no_name_is_served_where_one_site_is(serve):
    site = serve()
    context = tls.client_context(site.root)
    context.check_hostname = False
    with tls.connect(site.port, None, context=context) as connection:
        assert http1.get(connection, "/hello.txt", site.host).body == b"hello\n"


def test_a_default_site_answers_for_unknown_names(configure, example_pair):
    text = TWO_SITES % (example_pair.certificate, example_pair.key) + "default = true\n"
    gateway = configure(text)
    context = tls.client_context(gateway.root)
    context.check_hostname = False
    for name in ("unknown.test", None):
        with tls.connect(gateway.port, name, context=context) as connection:
            assert http1.get(connection, "/", "unknown.test").body == b"other"


def test_old_versions_are_refused_with_their_alert(serve):
    site = serve()
    for version in (hello.TLS_1_0, hello.TLS_1_1):
        old = hello.hello(versions=(), legacy=version, suites=(0xc013, 0xc009, 0x002f))
        assert hello.exchange(site.port, hello.records(old)) == ("alert", PROTOCOL_VERSION)
        listed = hello.hello(versions=(version,), suites=(0xc013, 0xc009, 0x002f))
        assert hello.exchange(site.port, hello.records(listed)) == ("alert", PROTOCOL_VERSION)


def test_minimum_version_can_be_raised(serve):
    site = serve("--tls.min_version=1.3")
    newest = tls.client_context(site.root, newest=ssl.TLSVersion.TLSv1_2)
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        tls.connect(site.port, "localhost", context=newest)


def test_only_the_suites_of_the_intermediate_profile(configure, authority):
    """TLS 1.2, with a certificate of each kind, so that no suite fails for want of a key."""
    ec, rsa = authority.issue("both.test"), authority.issue("both.test", kind="rsa")
    gateway = configure(f"""
[site."both.test"]
listen = ["127.0.0.1:{{port}}"]
respond = "both"
certificate = ["{ec.certificate}", "{rsa.certificate}"]
key = ["{ec.key}", "{rsa.key}"]
""")
    listed = subprocess.run(["openssl", "ciphers", "ALL:@SECLEVEL=0"], capture_output=True, text=True).stdout
    taken = set()
    for suite in listed.strip().split(":"):
        if suite.startswith("TLS_"):
            continue  # of TLS 1.3
        context = tls.client_context(authority.root, suites=f"{suite}:@SECLEVEL=0", newest=ssl.TLSVersion.TLSv1_2)
        try:
            with tls.connect(gateway.port, "both.test", context=context) as connection:
                taken.add(connection.cipher()[0])
        except (ssl.SSLError, ConnectionResetError):
            pass
    assert taken == {f"ECDHE-{kind}-{cipher}" for kind in ("ECDSA", "RSA")
                     for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")}


def test_tls_1_3_takes_each_of_its_three_suites(serve):
    site = serve()
    for suite in hello.SUITES_13:
        kind, answer = hello.exchange(site.port, hello.records(hello.hello(suites=(suite,))))
        assert kind == "hello" and int.from_bytes(answer[71:73], "big") == suite


def test_the_four_groups_and_no_other(serve):
    site = serve()
    for group in (hello.X25519MLKEM768, hello.X25519, hello.P256):
        kind, answer = hello.exchange(site.port, hello.records(hello.hello(groups=(group,))))
        assert kind == "hello" and hello.server_choice(answer) == (hello.TLS_1_3, group, False)
    kind, answer = hello.exchange(site.port, hello.records(hello.hello(groups=(hello.P384,), shares=())))
    assert kind == "hello" and hello.server_choice(answer) == (hello.TLS_1_3, hello.P384, True)  # asks for a share
    alert = hello.exchange(site.port, hello.records(hello.hello(groups=(hello.P521,), shares=())))
    assert alert == ("alert", HANDSHAKE_FAILURE)


def test_a_client_without_a_post_quantum_share_is_not_made_to_send_one(serve):
    """RFC 8446 4.1.4: a second round trip costs more than the preference is worth... unless nothing else fits."""
    site = serve()
    wire = hello.records(hello.hello(groups=(hello.X25519MLKEM768, hello.X25519), shares=(hello.X25519,)))
    kind, answer = hello.exchange(site.port, wire)
    version, group, retry = hello.server_choice(answer)
    assert (kind, version) == ("hello", hello.TLS_1_3)
    assert (group, retry) in ((hello.X25519, False), (hello.X25519MLKEM768, True))


def test_alpn_is_strict(serve):
    site = serve()
    alert = hello.exchange(site.port, hello.records(hello.hello(alpn=("spdy/3", "http/1.0"))))
    assert alert == ("alert", NO_APPLICATION_PROTOCOL)
    for offered, chosen in ((["h2", "http/1.1"], "h2"), (["http/1.1", "h2"], "h2"), (["x", "http/1.1"], "http/1.1"),
                            (None, None)):
        with tls.connect(site.port, "localhost", site.root, alpn=offered) as connection:
            assert connection.selected_alpn_protocol() == chosen
            if chosen != "h2":
                assert http1.get(connection, "/hello.txt", site.host).status == 200


def test_a_hello_may_come_in_pieces(serve):
    site = serve()
    whole = hello.hello(groups=(hello.X25519MLKEM768,))
    for size in (1, 2, 5, 100):
        wire = hello.records(whole, size)
        with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(wire), 997):
                connection.sendall(wire[at:at + 997])
            assert hello.read_record(connection)[0] == 22


def test_a_hello_beyond_the_limit_is_refused(serve):
    site = serve()
    kind, _ = hello.exchange(site.port, hello.records(hello.hello(padding=12000)))
    assert kind == "hello"
    answer = hello.exchange(site.port, hello.records(hello.hello(padding=40000)))
    assert answer is None or answer[0] == "alert"


def test_garbage_that_begins_like_tls_is_refused(serve):
    site = serve()
    for wire in (b"\x16\x03\x01\x00\x00", b"\x16\x03\x01\x00\x04\x01\x00\x00\x00", b"\x16\x03\x01\x40\x01" + bytes(16385),
                 b"\x16\x03\x01\x00\x05\x01\xff\xff\xff\x00", b"\x15\x03\x01\x00\x02\x02\x28"):
        answer = hello.exchange(site.port, wire)
        assert answer is None or answer[0] in ("alert", "no tls"), wire  # an answer of 400 in the clear is one too
    assert site.get("/hello.txt").status == 200


def test_plain_http_on_the_tls_port_is_sent_to_https(serve):
    site = serve()
    with http1.plain(site.port) as connection:
        answer = http1.get(connection, "/a?b=c", site.host)
    assert 300 < answer.status < 400
    assert answer.field("location") == f"https://{site.host}/a?b=c"
    assert answer.field("strict-transport-security") is None  # RFC 6797 7.2: not on plain http


def test_plain_http_for_an_unknown_name_is_sent_nowhere(serve):
    site = serve()
    with http1.plain(site.port) as connection:
        answer = http1.get(connection, "/", "evil.example")
    assert answer.status in (400, 421) and answer.field("location") is None


def test_a_handshake_has_its_time(serve):
    site = serve("--tls.handshake_timeout=1s", "--log.level=debug")
    with http1.plain(site.port) as silent, http1.plain(site.port) as half:
        half.sendall(hello.records(hello.hello())[:40])
        assert silent.recv(1) == b"" and half.recv(1) == b""
    assert "handshake_timeout" in site.gateway.wait_error("handshake_timeout")


def test_secure_renegotiation_by_the_client_is_refused(serve):
    site = serve()
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{site.port}", "-servername", "localhost", "-tls1_2"],
                          input=b"R\n", capture_output=True, timeout=30)
    assert b"RENEGOTIATING" in done.stdout + done.stderr
    assert re.search(rb"no[ _]renegotiation|unexpected[ _]message|handshake[ _]failure|alert number", done.stderr), done.stderr
    assert site.get("/hello.txt").status == 200


def test_a_key_update_flood_ends_the_connection(serve):
    """`K` asks for an update and an answer, as often as lines come."""
    site = serve("--tls.key_update_limit=5")
    process = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{site.port}", "-servername", "localhost", "-tls1_3"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        # s_client takes a command from the beginning of what it reads at once, so each goes alone.
        for _ in range(400):
            process.stdin.write(b"K\n")
            process.stdin.flush()
            if process.poll() is not None:
                break
            try:
                process.wait(0.01)
            except subprocess.TimeoutExpired:
                pass
        assert process.wait(20) is not None
    except BrokenPipeError:
        process.wait(20)
    finally:
        process.kill()
        process.communicate()
    assert site.get("/hello.txt").status == 200


def test_close_is_announced(serve):
    """Without close_notify a client cannot tell a whole answer from one that was cut (RFC 8446 6.1)."""
    site = serve()
    context = tls.client_context(site.root)
    raw = socket.create_connection(("127.0.0.1", site.port), timeout=20)
    connection = context.wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=False)
    with connection:
        connection.sendall(f"GET /hello.txt HTTP/1.1\r\nHost: {site.host}\r\nConnection: close\r\n\r\n".encode())
        got = b""
        while part := connection.recv(65536):  # raises SSLEOFError for an end without an announcement
            got += part
    assert got.endswith(b"hello\n")


def test_curl_follows_no_other_name(two_sites, authority):
    port = two_sites.port
    with pytest.raises(subprocess.CalledProcessError):
        curl(f"https://nobody.example.com:{port}/", root=authority.root, resolve=f"nobody.example.com:{port}")
