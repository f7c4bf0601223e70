"""TLS towards backends: who is believed, what is shown, which HTTP is spoken. nginx is the backend."""
import contextlib

import pytest

from peers import nginx
from test_proxy import failure_of

HERE = 'location / { return 200 "$server_protocol $ssl_client_s_dn $ssl_session_reused $ssl_server_name $ssl_protocol"; }'


@pytest.fixture
def app(tmp_path, authority):
    """app(name, *lines, listen): the address of nginx with a certificate for `name`."""
    with contextlib.ExitStack() as stack:
        def begin(name="app.internal", *lines, listen="ssl", pair=None):
            pair = pair or authority.issue(name)
            block = f"ssl_certificate {pair.certificate}; ssl_certificate_key {pair.key}; ssl_protocols TLSv1.2 TLSv1.3;\n{HERE}\n" + "\n".join(lines)
            port = stack.enter_context(nginx.serve(tmp_path / f"nginx{len(list(tmp_path.iterdir()))}", listen, block))
            return f"https://127.0.0.1:{port}"

        yield begin


def tls(**keys):
    return [part for key, value in keys.items() for part in (f"--site.localhost.proxy.tls.{key}", str(value))]


def refused(site, failure, *words):
    answer = site.get("/")
    assert answer.status == 502
    line = site.gateway.wait_error(failure)
    assert all(word in line for word in words), line
    assert failure_of(site)["failure"] == "upstream.not_connected"


def test_verified_by_own_authority_and_name(front, app, authority):
    site = front(app(), *tls(ca=authority.root, name="app.internal"))
    words = site.get("/").body.decode().split(" ")
    assert words[0] == "HTTP/1.1" and words[3:] == ["app.internal", "TLSv1.3"]


def test_unknown_authority_is_refused_by_default(front, app):
    refused(front(app(), *tls(name="app.internal")), "tls.server_not_trusted", "issuer")


def test_other_name_is_refused(front, app, authority):
    site = front(app("other.internal"), *tls(ca=authority.root, name="app.internal"))
    refused(site, "tls.server_not_trusted", "ostname")


def test_address_is_not_a_name(front, app, authority):
    refused(front(app("127.0.0.1"), *tls(ca=authority.root)), "tls.server_not_trusted", "IP address")


def test_expired_certificate_is_refused(front, app, authority):
    site = front(app(pair=authority.issue("app.internal", days=-1)), *tls(ca=authority.root, name="app.internal"))
    refused(site, "tls.server_not_trusted", "expired")


def test_the_servers_own_certificate_may_be_the_authority(front, app, authority):
    pair = authority.issue("app.internal")
    assert front(app(pair=pair), *tls(ca=pair.certificate, name="app.internal")).get("/").status == 200


def test_without_verification_only_when_asked(front, app):
    assert front(app(), *tls(verify="false")).get("/").status == 200


def test_http2_is_chosen_by_the_backend(front, app, authority):
    behind = app(listen="ssl http2")
    site = front(behind, *tls(ca=authority.root, name="app.internal"))
    assert site.get("/").body.startswith(b"HTTP/2.0 ")
    site = front(behind, *tls(ca=authority.root, name="app.internal", http2="false"))
    assert site.get("/").body.startswith(b"HTTP/1.1 ")


def test_own_certificate_is_shown(front, app, authority, tmp_path):
    mine = authority.issue("gateway.internal", usage="clientAuth")
    behind = app("app.internal", f"ssl_client_certificate {authority.root}; ssl_verify_client on;")
    with_it = front(behind, *tls(ca=authority.root, name="app.internal", certificate=mine.certificate, key=mine.key))
    assert b"CN=gateway.internal" in with_it.get("/").body
    without = front(behind, *tls(ca=authority.root, name="app.internal"))
    assert without.get("/").status == 400  # nginx: no required SSL certificate was sent


def test_sessions_are_resumed(front, app, authority):
    site = front(app(), *tls(ca=authority.root, name="app.internal"), "--site.localhost.proxy.keep_connections=0")
    assert site.get("/").body.split(b" ")[-3] == b"."
    assert site.get("/").body.split(b" ")[-3] == b"r"


def test_plain_port_is_told(front, tmp_path):
    with nginx.serve(tmp_path / "plain", "", HERE) as port:
        refused(front(f"https://127.0.0.1:{port}", *tls(verify="false")), "tls.server_handshake_failed")


def test_large_bodies_both_ways(front, app, authority, tmp_path):
    (tmp_path / "files").mkdir()
    large = bytes(i * 31 % 253 for i in range(5_000_000))
    (tmp_path / "files" / "large").write_bytes(large)
    for listen in ("ssl", "ssl http2"):
        site = front(app("app.internal", f"location /files/ {{ root {tmp_path}; }}", listen=listen),
                     *tls(ca=authority.root, name="app.internal"))
        assert site.get("/files/large").body == large


