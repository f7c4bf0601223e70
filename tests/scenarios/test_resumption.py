"""Sessions are taken up again, on one site only, and never with rules of another."""
import ssl

import pytest

from peers import http1, tls

SITES = """
http_port = 0
[site."one.test"]
listen = ["127.0.0.1:{port}"]
respond = "one"
[site."two.test"]
listen = ["127.0.0.1:{port}"]
respond = "two"
[site."strict.test"]
listen = ["127.0.0.1:{port}"]
respond = "strict"
tls = { min_version = "1.3" }
"""


def session_of(port, name, context):
    """A session after one answer: TLS 1.3 sends its tickets with it."""
    with tls.connect(port, name, context=context) as connection:
        assert http1.get(connection, "/", name).status == 200
        assert not connection.session_reused
        return connection.session


def is_resumed(port, name, context, session):
    with tls.connect(port, name, context=context, session=session) as connection:
        assert http1.get(connection, "/", name).body.decode() == name.split(".")[0]
        return connection.session_reused


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed_and_logged(configure, version):
    gateway = configure(SITES)
    context = tls.client_context(gateway.root, newest=version)
    session = session_of(gateway.port, "one.test", context)
    assert is_resumed(gateway.port, "one.test", context, session)
    lines = gateway.log.wait(lambda line: line["sni"] == "one.test", 2)
    assert [line["resumed"] for line in lines] == [False, True]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("other", ["two.test", "strict.test"])
def test_a_session_of_one_site_is_not_taken_by_another(configure, version, other):
    gateway = configure(SITES)
    context = tls.client_context(gateway.root, newest=version)
    session = session_of(gateway.port, "one.test", context)
    if other == "strict.test" and version == ssl.TLSVersion.TLSv1_2:
        with pytest.raises(ssl.SSLError):
            tls.connect(gateway.port, other, context=context, session=session)
        return
    assert not is_resumed(gateway.port, other, context, session)


def test_all_workers_know_the_tickets(configure):
    gateway = configure(SITES, "--workers", "3")
    context = tls.client_context(gateway.root)
    session = session_of(gateway.port, "one.test", context)
    # The kernel spreads connections over the workers' sockets.
    assert all(is_resumed(gateway.port, "one.test", context, session) for _ in range(20))


def test_no_tickets_no_resumption(configure):
    gateway = configure(SITES, "--tickets", "0")
    context = tls.client_context(gateway.root)
    session = session_of(gateway.port, "one.test", context)
    assert session is None or not session.has_ticket or not is_resumed(gateway.port, "one.test", context, session)


def test_a_restart_forgets_the_keys(configure, start, tmp_path):
    """They live in memory only: a stolen disk opens no recorded traffic."""
    gateway = configure(SITES)
    context = tls.client_context(gateway.root)
    session = session_of(gateway.port, "one.test", context)
    gateway.stop()
    start("serve", "--config", gateway.config, home=gateway.home)
    assert not is_resumed(gateway.port, "one.test", context, session)
