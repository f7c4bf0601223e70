"""As a service: root for the ports only, sockets from outside, words with the service manager."""
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess

import pytest

from gateway import ROOT
from peers import http1, tls

SITE = """
{user}
http_port = 0
[site."svc.test"]
listen = ["127.0.0.1:{port}"]
files = "{folder}"
"""
BIND = 1 << 10  # CAP_NET_BIND_SERVICE: a reload may open ports below 1024
UNIT = ROOT / "packaging" / "sallyport.service"


def get(gateway, path="/hello.txt"):
    with tls.connect(gateway.port, "svc.test", gateway.root) as connection:
        return http1.get(connection, path, "svc.test")


def open_to_all(folder):
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for path in folder.parents:
        if path != path.parent and path.stat().st_uid == os.geteuid() and not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode & 0o777 | 0o011)


@pytest.mark.root
def test_root_is_given_up(configure, folder, release):
    """All ids, all capabilities but the one to open ports, and the way back. The program as it is shipped: leak checks need rights to trace."""
    open_to_all(folder)
    gateway = configure(SITE.replace("{user}", 'user = "nobody"').replace("{folder}", str(folder)), program=release)
    account = pwd.getpwnam("nobody")
    for task in pathlib.Path(f"/proc/{gateway.process.pid}/task").iterdir():
        status = (task / "status").read_text()
        value = lambda key: re.search(rf"^{key}:\s*(.*)$", status, re.M)[1].split()
        assert value("Uid") == [str(account.pw_uid)] * 4
        assert value("Gid") == [str(account.pw_gid)] * 4
        assert set(value("Groups")) <= {str(account.pw_gid)}
        main = task.name == str(gateway.process.pid)
        for capabilities, most in (("CapEff", BIND), ("CapPrm", BIND), ("CapInh", 0), ("CapAmb", 0)):
            left = int(value(capabilities)[0], 16)
            assert left == most if main else left & ~most == 0, capabilities
        assert value("NoNewPrivs") == ["1"]
    assert get(gateway).body == b"hello\n"
    (folder / "hello.txt").chmod(0o600)
    assert get(gateway).status in (403, 404)


@pytest.mark.root
def test_the_log_reopens_after_root_is_gone(configure, folder, release, tmp_path):
    import signal
    open_to_all(folder)
    logs = tmp_path / "logs"
    logs.mkdir()
    os.chown(logs, pwd.getpwnam("nobody").pw_uid, -1)
    gateway = configure(SITE.replace("{user}", 'user = "nobody"').replace("{folder}", str(folder)),
                        f"--log.access={logs}/access.log", program=release)
    get(gateway)
    from gateway import eventually
    eventually(lambda: (logs / "access.log").read_text(), "a line")
    (logs / "access.log").rename(logs / "access.1")
    gateway.signal(signal.SIGUSR1)

    def written():
        get(gateway)
        return (logs / "access.log").exists() and (logs / "access.log").read_text()

    eventually(written, "a line in the new file")


def test_no_new_privileges_without_root(serve):
    site = serve()
    assert site.gateway.status("NoNewPrivs") == "1"


def test_workers_are_threads(serve):
    counts = {}
    for number in (1, 3):
        gateway = serve("--workers", number).gateway
        counts[number] = gateway.status_number("Threads")
        assert re.search(rf"workers +{number}$", gateway.stdout(), re.M)
    assert counts[3] - counts[1] == 2


def test_sockets_from_outside(configure, folder):
    """Held by the test, without SO_REUSEPORT: the program cannot have opened the port itself."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        port, number = listening.getsockname()[1], listening.fileno()
        script = f'export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web; exec "$@" 3<&{number}'
        text = SITE.replace("{user}", "").replace("{folder}", str(folder)).replace("{port}", str(port))
        gateway = configure(text, "--workers", "2", prefix=["bash", "-c", script, "sh"], extra_fds=(number,))
        gateway.port = port
        for _ in range(10):
            assert get(gateway).body == b"hello\n"
        # A restart of the program loses no client: they wait in the socket's queue.
        gateway.stop()
        waiting = socket.create_connection(("127.0.0.1", port), timeout=5)
        waiting.close()


def test_what_the_manager_is_told(serve):
    site = serve()
    assert any("READY=1" in told.split("\n") and "STATUS=" in told for told in site.gateway.told)
    import signal
    site.gateway.signal(signal.SIGTERM)
    site.gateway.wait_told("STOPPING=1")
    assert site.gateway.wait() == 0


def test_ready_means_ready(serve):
    """The first connection after READY=1 is answered."""
    for number in range(3):
        site = serve()
        assert site.get("/hello.txt").status == 200
        site.gateway.stop()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_the_unit_is_understood(tmp_path):
    """With the paths of this checkout: systemd-analyze wants the program to be there."""
    for name in ("sallyport.service", "sallyport.socket"):
        text = (ROOT / "packaging" / name).read_text()
        (tmp_path / name).write_text(re.sub(r"/usr/(local/)?bin/sallyport", "/bin/true", text))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", tmp_path / "sallyport.service", tmp_path / "sallyport.socket"],
                          capture_output=True, text=True, timeout=60)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "sallyport" in line]
    assert done.returncode == 0 and not complaints, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_the_unit_is_hardened():
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=25", UNIT],
                          capture_output=True, text=True, timeout=60, env=dict(os.environ, SYSTEMD_PAGER="cat"))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
