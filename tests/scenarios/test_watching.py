"""/metrics and /health: what they say is what happened, and nobody reads them who should not."""
import re
import shutil
import signal
import socket
import subprocess
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway import eventually
from peers import backend, http1, tls
from test_reload import applied, body, reload, site, write

ADMIN = '[admin]\nlisten = "127.0.0.1:{port3}"\n'


def ask(gateway, path, *lines, host="localhost"):
    with http1.plain(gateway.port3) as connection:
        return http1.get(connection, path, host, *lines)


def metrics(gateway):
    """{(name, labels as sorted pairs): value}"""
    answer = ask(gateway, "/metrics")
    assert answer.status == 200 and answer.field("content-type").startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(answer.body.decode()):
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, f"{key} twice"
            found[key] = sample.value
    return found


def value(gateway, name, **labels):
    return metrics(gateway).get((name, tuple(sorted(labels.items()))))


def test_off_unless_asked_for(configure):
    gateway = configure(site("a.test", "a"))
    assert "metrics" not in gateway.stdout()


def test_the_flag(serve):
    gateway = serve("--admin", "127.0.0.1:0").gateway
    port = int(re.search(r"metrics +http://127\.0\.0\.1:(\d+)/metrics", gateway.stdout())[1])
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=20) as answer:
        assert answer.read() == b"serving\n"


def test_backends_are_counted(configure):
    """One that is there and one that is not."""
    with backend.Backend(backend.echo) as app:
        backends = f'proxy = ["{app.address}", "127.0.0.1:1"]'
        gateway = configure(ADMIN + re.sub("^respond = .*$", backends, site("a.test", "a"), flags=re.M))
        for _ in range(10):
            assert body(gateway, "a.test")
        good, bad = {"site": "a.test", "backend": app.address}, {"site": "a.test", "backend": "127.0.0.1:1"}
        eventually(lambda: value(gateway, "sallyport_backend_answers_total", **good) == 10, "ten answers")
        assert value(gateway, "sallyport_backend_requests_total", **good) == 10
        assert value(gateway, "sallyport_backend_requests_active", **good) == 0
        assert value(gateway, "sallyport_backend_failures_total", **good) == 0
        assert 0 <= value(gateway, "sallyport_backend_answer_seconds_total", **good) < 60
        assert value(gateway, "sallyport_backend_failures_total", **bad) > 0
        assert value(gateway, "sallyport_backend_answers_total", **bad) == 0
        assert value(gateway, "sallyport_backend_healthy", **good) == 1 and value(gateway, "sallyport_backend_draining", **bad) == 0


def test_requests_are_counted_by_site_and_class(configure):
    gateway = configure(ADMIN + site("a.test", "hello") + site("b.test", "b"))
    for _ in range(3):
        body(gateway, "a.test")
    with tls.connect(gateway.port, "a.test", gateway.root) as connection:
        assert http1.get(connection, "/", "b.test").status == 421
    eventually(lambda: value(gateway, "sallyport_requests_total", site="a.test", code="2xx") == 3, "three requests")
    assert value(gateway, "sallyport_requests_total", site="b.test", code="2xx") == 0
    eventually(lambda: value(gateway, "sallyport_requests_total", site="", code="4xx") == 1, "one of no site")
    assert value(gateway, "sallyport_response_body_bytes_total", site="a.test") == 15
    assert value(gateway, "sallyport_request_duration_seconds_count", site="a.test") == 3
    assert value(gateway, "sallyport_request_failures_total", error="http.misdirected") == 1


def test_handshakes_and_limits(configure):
    gateway = configure(ADMIN + '[limits]\nheader_timeout = "1s"\n' + site("a.test", "a"))
    body(gateway, "a.test")
    with pytest.raises(Exception, match="(?i)alert|unrecognized"):
        body(gateway, "nobody.test")
    with tls.connect(gateway.port, "a.test", gateway.root) as slow:
        slow.sendall(b"GET / HT")
        http1.Reader(slow).rest()
    now = metrics(gateway)
    done = {key: count for key, count in now.items() if key[0] == "sallyport_tls_handshakes_total" and count}
    assert list(done.values()) == [2] and "TLSv1.3" in str(done) and "X25519" in str(done)
    assert now["sallyport_tls_handshake_failures_total", (("error", "tls.unrecognized_name"),)] == 1
    assert now["sallyport_limit_hits_total", (("key", "limits.header_timeout"),)] == 1
    assert now["sallyport_limit_hits_total", (("key", "limits.max_connections"),)] == 0
    assert now["sallyport_connections_total", ()] == 3
    eventually(lambda: value(gateway, "sallyport_connections_open") == 0, "all of them closed")


def test_reloads_and_certificates(configure):
    gateway = configure(ADMIN + site("a.test", "a"))
    body(gateway, "a.test")
    applied(gateway, ADMIN + site("a.test", "changed") + site("b.test", "b"))
    assert reload(gateway, "nonsense")[0] == 1
    write(gateway, ADMIN + site("a.test", "changed"))
    applied(gateway)
    now = metrics(gateway)
    assert now["sallyport_reloads_total", (("result", "applied"),)] == 2
    assert now["sallyport_reloads_total", (("result", "refused"),)] == 1
    assert now["sallyport_config_number", ()] == 3
    assert now["sallyport_certificate_expiry_timestamp_seconds", (("site", "a.test"),)] > now["process_start_time_seconds", ()]
    assert now["sallyport_requests_total", (("code", "2xx"), ("site", "a.test"))] == 1, "counters live through a reload"
    assert not any("b.test" in str(key) for key in now)


def test_generations_are_freed(configure):
    """Also those whose sites had open connections, once these have ended."""
    gateway = configure(ADMIN + site("a.test", "0"))
    with tls.connect(gateway.port, "a.test", gateway.root) as connection:
        http1.get(connection, "/", "a.test")
        for number in range(1, 20):
            applied(gateway, ADMIN + site("a.test", str(number)))
    eventually(lambda: value(gateway, "sallyport_configs_alive") == 1, "one configuration alive")


def test_health_while_draining(configure, folder):
    (folder / "large.bin").write_bytes(bytes(24 << 20))
    gateway = configure(ADMIN + f'[site."a.test"]\nlisten = ["127.0.0.1:{{port}}"]\nfiles = "{folder}"\n')
    assert ask(gateway, "/health").status == 200
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    raw.settimeout(20)
    raw.connect(("127.0.0.1", gateway.port))
    with tls.client_context(gateway.root).wrap_socket(raw, server_hostname="a.test") as connection:
        connection.sendall(b"GET /large.bin HTTP/1.1\r\nHost: a.test\r\n\r\n")
        connection.recv(1000)
        gateway.signal(signal.SIGTERM)
        gateway.wait_error("draining")
        eventually(lambda: ask(gateway, "/health").status == 503, "503")
        while connection.recv(1 << 20):
            pass
    assert gateway.wait() == 0


def test_pages_and_foreign_names_get_nothing(configure):
    gateway = configure(ADMIN + site("a.test", "a"))
    assert ask(gateway, "/metrics", host="rebound.example").status == 421
    assert ask(gateway, "/metrics", host="127.0.0.1").status == 200
    assert ask(gateway, "/metrics", "Origin: https://evil.example").status == 403
    assert ask(gateway, "/metrics", "Sec-Fetch-Mode: no-cors").status == 403
    assert ask(gateway, "/other").status == 404
    with http1.plain(gateway.port3) as connection:
        assert http1.ask(connection, b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx", "POST").status == 405
    assert not any("rebound" in str(key) for key in metrics(gateway)), "what the admin address answers is not counted"


def test_nothing_of_it_is_on_a_site(configure):
    gateway = configure(ADMIN + site("a.test", "a"))
    assert body(gateway, "a.test", path="/metrics") == "a"


def test_the_admin_port_is_no_site_port(configure, start, tmp_path):
    from gateway import free_port, run
    port = free_port()
    path = tmp_path / "bad.toml"
    path.write_text(f'[admin]\nlisten = "127.0.0.1:{port}"\n' + site("a.test", "a").replace("{port}", str(port)))
    status, _, err = run("config", "check", path, home=tmp_path)
    assert status == 1 and "admin.listen" in err


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool on this machine")
def test_promtool_finds_nothing_to_complain_of(configure):
    gateway = configure(ADMIN + site("a.test", "a") + site("b.test", "b"))
    body(gateway, "a.test")
    done = subprocess.run(["promtool", "check", "metrics"], input=ask(gateway, "/metrics").body, capture_output=True, timeout=60)
    assert done.returncode == 0 and not done.stdout + done.stderr, done.stdout + done.stderr
