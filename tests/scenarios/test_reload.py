"""A new configuration while clients are served: nothing is lost, or nothing changes."""
import os
import signal
import threading

import pytest

from gateway import eventually, free_port, run
from peers import http1, http2, tls

SITE = """
[site."{name}"]
listen = ["127.0.0.1:{port}"]
respond = "{text}"
"""


def site(name, text, port="{port}"):
    return SITE.replace("{name}", name).replace("{text}", text).replace("{port}", port)


def write(gateway, text):
    """As an editor that is careful: a new file over the old one."""
    for key in ("port", "port2", "port3"):
        text = text.replace("{%s}" % key, str(getattr(gateway, key)))
    fresh = gateway.config.with_suffix(".new")
    fresh.write_text(text)
    fresh.rename(gateway.config)


def reload(gateway, text=None):
    """`sallyport reload`: (status, standard output, standard error)."""
    if text is not None:
        write(gateway, text)
    gateway.hear()
    return run("reload", "--config", gateway.config, home=gateway.home)


def applied(gateway, text=None):
    status, out, err = reload(gateway, text)
    assert status == 0, err + gateway.stderr()
    return out


def body(gateway, name, port=None, path="/"):
    with tls.connect(port or gateway.port, name, gateway.root) as connection:
        return http1.get(connection, path, name).body.decode()


def test_sites_are_added_changed_and_removed(configure):
    gateway = configure(site("a.test", "a1") + site("b.test", "b1"))
    out = applied(gateway, site("a.test", "a2") + site("c.test", "c1"))
    assert "sites added: c.test" in out and "sites changed: a.test" in out and "sites removed: b.test" in out
    assert (body(gateway, "a.test"), body(gateway, "c.test")) == ("a2", "c1")
    with pytest.raises(Exception, match="(?i)unrecognized|alert"):
        body(gateway, "b.test")
    assert "sites unchanged: 2" in applied(gateway)


def test_ports_are_opened_and_closed(configure):
    gateway = configure(site("a.test", "one"))
    out = applied(gateway, site("a.test", "two", "{port2}"))
    assert f"ports opened: 127.0.0.1:{gateway.port2}" in out and f"ports closed: 127.0.0.1:{gateway.port}" in out
    assert body(gateway, "a.test", gateway.port2) == "two"
    with pytest.raises(ConnectionRefusedError):
        tls.connect(gateway.port, "a.test", gateway.root)


def test_a_broken_configuration_is_refused_and_the_old_one_stays(configure):
    gateway = configure(site("a.test", "old"))
    for broken, why in ((site("a.test", "new") + "wrong_key = 1\n", "wrong_key"),
                        ("[site\n", "sallyport.toml:1"),
                        (site("a.test", "new") + 'certificate = "none.pem"\nkey = "none.key"\n', "none.pem"),
                        (site("a.test", "new", "{port2}"), "in use")):
        holder = tls.socket.socket()
        holder.bind(("127.0.0.1", gateway.port2))
        holder.listen()
        status, out, err = reload(gateway, broken)
        holder.close()
        assert status == 1 and out == "" and why in err, (why, out, err)
        assert why in gateway.stderr()
        assert body(gateway, "a.test") == "old"
    assert "sites changed: a.test" in applied(gateway, site("a.test", "mended"))
    assert body(gateway, "a.test") == "mended"


def test_sighup_does_the_same(configure):
    gateway = configure(site("a.test", "old"))
    write(gateway, site("a.test", "new"))
    gateway.signal(signal.SIGHUP)
    gateway.wait_error("the configuration is in use, number 2")
    assert body(gateway, "a.test") == "new"
    assert any("RELOADING=1" in told and "MONOTONIC_USEC=" in told for told in gateway.hear())


def test_the_watched_file(configure):
    gateway = configure("watch_config = true\n" + site("a.test", "old"))
    write(gateway, "watch_config = true\n" + site("a.test", "new"))
    eventually(lambda: body(gateway, "a.test") == "new", "the new text")
    write(gateway, "watch_config = true\n" + site("a.test", "new") + "nonsense\n")
    gateway.wait_error("is refused")
    write(gateway, site("a.test", "newest"))
    eventually(lambda: body(gateway, "a.test") == "newest", "the newest text")


def test_idle_connections_of_unchanged_sites_live_on(configure):
    gateway = configure(site("a.test", "a") + site("b.test", "b1"))
    with tls.connect(gateway.port, "a.test", gateway.root) as stays, tls.connect(gateway.port, "b.test", gateway.root) as goes:
        assert http1.get(stays, "/", "a.test").status == http1.get(goes, "/", "b.test").status == 200
        applied(gateway, site("a.test", "a") + site("b.test", "b2"))
        last = http1.get(goes, "/", "b.test")
        assert (last.body, last.field("connection")) == (b"b1", "close")
        assert http1.Reader(goes).is_closed()
        for _ in range(3):
            applied(gateway)
            kept = http1.get(stays, "/", "a.test")
            assert kept.status == 200 and kept.field("connection") is None


def test_an_idle_connection_of_a_changed_site_is_closed_in_time(configure):
    text = "[limits]\nparting_timeout = \"200ms\"\n"
    gateway = configure(text + site("a.test", "1"))
    with tls.connect(gateway.port, "a.test", gateway.root) as idle:
        http1.get(idle, "/", "a.test")
        applied(gateway, text + site("a.test", "2"))
        assert http1.Reader(idle).is_closed()


def test_http2_of_a_changed_site_gets_goaway_and_of_another_not(configure):
    gateway = configure(site("a.test", "a") + site("b.test", "b1"))
    stays, goes = (http2.open_frames(gateway.port, name, gateway.root) for name in ("a.test", "b.test"))
    for frames, name in ((stays, "a.test"), (goes, "b.test")):
        frames.send(frames.headers(1, name, "/"))
        frames.until(http2.DATA)
    applied(gateway, site("a.test", "a") + site("b.test", "b2"))
    codes = []
    while (found := goes.receive()) is not None:
        if found[0] == http2.PING and not found[1] & http2.ACK:
            goes.send(http2.frame(http2.PING, http2.ACK, 0, found[3]))
        if found[0] == http2.GOAWAY:
            codes.append(int.from_bytes(found[3][4:8], "big"))
    assert codes and set(codes) == {http2.NO_ERROR}
    stays.send(stays.headers(3, "a.test", "/"))
    assert stays.until(http2.DATA)[3] == b"a"


def test_a_slow_download_of_a_removed_site_is_finished(configure, folder):
    content = os.urandom(1 << 20) * 8
    (folder / "large.bin").write_bytes(content)
    files = f'[site."a.test"]\nlisten = ["127.0.0.1:{{port}}"]\nfiles = "{folder}"\n'
    gateway = configure(files)
    raw = tls.socket.socket()
    raw.setsockopt(tls.socket.SOL_SOCKET, tls.socket.SO_RCVBUF, 65536)
    raw.settimeout(20)
    raw.connect(("127.0.0.1", gateway.port))
    connection = tls.client_context(gateway.root).wrap_socket(raw, server_hostname="a.test")
    connection.sendall(b"GET /large.bin HTTP/1.1\r\nHost: a.test\r\n\r\n")
    reader = http1.Reader(connection)
    reader.until(b"\r\n\r\n")
    applied(gateway, site("b.test", "b", "{port2}"))
    for _ in range(3):
        applied(gateway)
    assert reader.exactly(len(content)) == content


def test_plain_connections_see_the_new_sites(configure):
    plain = '[port.{port}]\nprotocol = "http"\n'
    gateway = configure(plain + site("a.test", "old"))
    with http1.plain(gateway.port) as connection:
        assert http1.get(connection, "/", "a.test").body == b"old"
        applied(gateway, plain + site("a.test", "new"))
        assert http1.get(connection, "/", "a.test").body == b"new"


def test_a_certificate_is_changed_by_reload(configure, authority):
    def with_certificate(pair):
        return site("c.example.com", "x") + f'certificate = "{pair.certificate}"\nkey = "{pair.key}"\n'
    first, second = authority.issue("c.example.com"), authority.issue("c.example.com")
    gateway = configure(with_certificate(first))
    def serial():
        with tls.connect(gateway.port, "c.example.com", authority.root) as connection:
            return tls.peer_serial(connection)
    before = serial()
    applied(gateway, with_certificate(second))
    assert serial() != before


def test_resumption_lives_through_a_reload(configure):
    gateway = configure(site("a.test", "a"))
    context = tls.client_context(gateway.root)
    with tls.connect(gateway.port, "a.test", context=context) as first:
        http1.get(first, "/", "a.test")
        session = first.session
    applied(gateway)
    with tls.connect(gateway.port, "a.test", context=context, session=session) as second:
        assert second.session_reused


def test_what_needs_a_restart_is_named(configure):
    gateway = configure("workers = 2\n" + site("a.test", "a"))
    out = applied(gateway, "workers = 3\n[limits]\noutput_buffer_bytes = \"1MiB\"\n" + site("a.test", "a"))
    assert "need a restart or an upgrade, unchanged until then: workers, limits.output_buffer_bytes" in out
    assert body(gateway, "a.test") == "a"


def test_nobody_runs(tmp_path):
    status, out, err = run("reload", "--config", tmp_path / "none.toml", home=tmp_path)
    assert status == 1 and "control.not_running" in err and "--config" in err


def test_the_control_socket_is_for_its_account_only(configure):
    gateway = configure(site("a.test", "a"))
    control = gateway.home / "data" / "sallyport" / "control"
    assert control.stat().st_mode & 0o777 == 0o700
    socket, = control.iterdir()
    assert socket.is_socket() and socket.stat().st_mode & 0o777 == 0o600
    gateway.stop()
    assert not socket.exists()


class Load:
    """Clients that never stop asking, on kept and on new connections, and note each failure."""

    def __init__(self, gateway, name, clients=4, keep=20):
        self.gateway, self.name, self.keep = gateway, name, keep
        self.done, self.failures, self.stopping = 0, [], False
        self.context = tls.client_context(gateway.root)
        self.threads = [threading.Thread(target=self.work) for _ in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()

    def work(self):
        while not self.stopping:
            try:
                with tls.connect(self.gateway.port, self.name, context=self.context) as connection:
                    for _ in range(self.keep):
                        answer = http1.get(connection, "/", self.name)
                        assert answer.status == 200, answer.status
                        self.done += 1
                        if answer.field("connection") == "close":
                            break
            except Exception as failure:
                self.failures.append(repr(failure))


def reload_under_load(gateway, count):
    """Every other time the site itself changes."""
    with Load(gateway, "a.test") as load:
        eventually(lambda: load.done > 20, "load")
        for number in range(count):
            applied(gateway, site("a.test", f"text {number // 2}") + site(f"n{number}.test", "x"))
        before = load.done
        eventually(lambda: load.done > before + 20 or load.failures, "load after the last one")
    assert load.failures == []
    return load.done


def test_reloads_under_load_lose_nothing(configure):
    gateway = configure(site("a.test", "text"))
    reload_under_load(gateway, 30)


@pytest.mark.soak
def test_a_thousand_reloads_under_load(configure, release):
    gateway = configure(site("a.test", "text"), program=release)
    reload_under_load(gateway, 100)
    memory, descriptors = gateway.memory(), gateway.descriptors()
    reload_under_load(gateway, 1000)
    assert gateway.memory() < memory + (8 << 20)
    assert gateway.descriptors() <= descriptors + 16
