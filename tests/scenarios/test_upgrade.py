"""A new program takes over: nobody is refused, nothing is lost, or the old one goes on."""
import os
import re
import shutil
import signal
import socket

import pytest

from gateway import PATIENCE, binary, eventually, run
from peers import http1, tls
from test_reload import Load, body, site, write

ADMIN = '[admin]\nlisten = "127.0.0.1:{port3}"\n'


@pytest.fixture
def successors():
    """Processes that took over: no child of the test's, so ended and waited for by their descriptors."""
    running = []
    yield running
    for pidfd in running:
        try:
            signal.pidfd_send_signal(pidfd, signal.SIGTERM)
        except ProcessLookupError:
            pass
    for pidfd in running:
        ended = select_readable(pidfd)
        os.close(pidfd)
        assert ended, "SIGTERM does not end the successor"


def select_readable(fd):
    import select
    return bool(select.select([fd], [], [], PATIENCE)[0])


def order(gateway):
    gateway.hear()
    return run("upgrade", "--config", gateway.config, home=gateway.home)


def upgraded(gateway, successors):
    """The process id of the new program."""
    status, out, err = order(gateway)
    assert status == 0, err + gateway.stderr()
    pid = int(re.search(r"process (\d+) has taken over", out)[1])
    successors.append(os.pidfd_open(pid))
    return pid


def test_the_new_program_serves_and_the_old_one_ends(configure, successors):
    gateway = configure(ADMIN + site("a.test", "old"))
    write(gateway, ADMIN + site("a.test", "new") + site("b.test", "b"))
    pid = upgraded(gateway, successors)
    assert body(gateway, "a.test") == "new" and body(gateway, "b.test") == "b"
    assert gateway.wait() == 0
    gateway.hear()
    assert f"MAINPID={pid}" in gateway.told and pid != gateway.process.pid
    with http1.plain(gateway.port3) as connection:
        assert http1.get(connection, "/health", "localhost").body == b"serving\n"
    status, out, err = run("reload", "--config", gateway.config, home=gateway.home)
    assert status == 0, err


def test_ports_that_the_system_chose_stay(serve, successors):
    site = serve("--workers", "2")
    status, out, err = run("upgrade", site.gateway.arguments[2], home=site.gateway.home)
    assert status == 0, err
    successors.append(os.pidfd_open(int(re.search(r"process (\d+)", out)[1])))
    assert site.gateway.wait() == 0
    for _ in range(8):
        assert site.get("/hello.txt").body == b"hello\n"


def test_more_and_fewer_workers_take_all_queues_over(configure, successors):
    """Each queue of the kernel's must find a worker."""
    gateway = configure("workers = 3\n" + site("a.test", "3"))
    for count in (1, 4):
        write(gateway, f"workers = {count}\n" + site("a.test", str(count)))
        pid = upgraded(gateway, successors)
        eventually(lambda: body(gateway, "a.test") == str(count), "the new program")
        for _ in range(24):
            assert body(gateway, "a.test") == str(count)
        assert pid


def test_signal_usr2_does_the_same(configure, successors):
    gateway = configure(site("a.test", "old"))
    write(gateway, site("a.test", "new"))
    gateway.signal(signal.SIGUSR2)
    line = gateway.wait_error("has taken over")
    successors.append(os.pidfd_open(int(re.search(r"process (\d+) has", line)[1])))
    assert gateway.wait() == 0
    assert body(gateway, "a.test") == "new"


def test_a_program_that_cannot_serve_is_refused(configure, tmp_path, successors):
    gateway = configure(site("a.test", "old"))
    write(gateway, site("a.test", "new") + "wrong_key = 1\n")
    status, out, err = order(gateway)
    assert status == 1 and out == "" and "wrong_key" in err
    assert "this process goes on" in gateway.stderr()
    assert body(gateway, "a.test") == "old"
    write(gateway, site("a.test", "new"))
    upgraded(gateway, successors)
    assert body(gateway, "a.test") == "new"


def test_another_program_in_its_place(start, tmp_path, successors):
    """The path counts, not the file that runs: what a package put there is started."""
    program = tmp_path / "sallyport"
    shutil.copy2(binary(), program)
    config = tmp_path / "sallyport.toml"
    from gateway import free_port
    port = free_port()
    config.write_text(site("a.test", "text").replace("{port}", str(port)))
    gateway = start("serve", "--config", config, program=str(program))
    gateway.config, gateway.port = config, port
    program.unlink()
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    status, _, err = order(gateway)
    assert status == 1 and "ended before it could serve" in err
    program.unlink()
    shutil.copy2(binary(), program)
    pid = upgraded(gateway, successors)
    assert os.readlink(f"/proc/{pid}/exe") == str(program)
    assert body(gateway, "a.test") == "text"


def test_sessions_are_resumed_by_the_new_program(configure, successors):
    gateway = configure(site("a.test", "a"))
    context = tls.client_context(gateway.root)
    with tls.connect(gateway.port, "a.test", context=context) as first:
        http1.get(first, "/", "a.test")
        session = first.session
    upgraded(gateway, successors)
    assert gateway.wait() == 0
    with tls.connect(gateway.port, "a.test", context=context, session=session) as second:
        assert second.session_reused


def test_an_open_download_is_finished_by_the_old_program(configure, folder, successors):
    content = os.urandom(1 << 20) * 16
    (folder / "large.bin").write_bytes(content)
    gateway = configure(f'[site."a.test"]\nlisten = ["127.0.0.1:{{port}}"]\nfiles = "{folder}"\n')
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    raw.settimeout(20)
    raw.connect(("127.0.0.1", gateway.port))
    connection = tls.client_context(gateway.root).wrap_socket(raw, server_hostname="a.test")
    connection.sendall(b"GET /large.bin HTTP/1.1\r\nHost: a.test\r\n\r\n")
    reader = http1.Reader(connection)
    reader.until(b"\r\n\r\n")
    upgraded(gateway, successors)
    assert body(gateway, "a.test", path="/hello.txt") == "hello\n"
    assert gateway.process.poll() is None
    assert reader.exactly(len(content)) == content
    connection.close()
    assert gateway.wait() == 0


@pytest.mark.root
def test_without_root(configure, folder, successors, release, authority):
    """The account stays what it is. Of its certificate it must be able to read the key."""
    import pathlib
    import pwd
    from test_service import open_to_all
    open_to_all(folder)
    pair = authority.issue("a.test")
    open_to_all(pathlib.Path(pair.certificate).parent)
    text = (f'user = "nobody"\nhttp_port = 0\n[site."a.test"]\nlisten = ["127.0.0.1:{{port}}"]\nfiles = "{folder}"\n'
            f'certificate = "{pair.certificate}"\nkey = "{pair.key}"\n')
    gateway = configure(text, "--log.access=off", program=release)
    gateway.config.chmod(0o644)
    pid = upgraded(gateway, successors)
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    assert re.search(r"^Uid:\s+(.*)$", status, re.M)[1].split() == [str(pwd.getpwnam("nobody").pw_uid)] * 4
    with tls.connect(gateway.port, "a.test", authority.root) as connection:
        assert http1.get(connection, "/hello.txt", "a.test").body == b"hello\n"


def upgrade_under_load(gateway, successors, count):
    with Load(gateway, "a.test") as load:
        eventually(lambda: load.done > 20, "load")
        for number in range(count):
            write(gateway, site("a.test", f"text {number}"))
            upgraded(gateway, successors)
        before = load.done
        eventually(lambda: load.done > before + 20 or load.failures, "load after the last one")
    assert load.failures == []


def test_upgrades_under_load_lose_nothing(configure, successors):
    upgrade_under_load(configure(site("a.test", "text")), successors, 3)


@pytest.mark.soak
def test_many_upgrades_under_load(configure, successors, release):
    upgrade_under_load(configure(site("a.test", "text"), program=release), successors, 50)
