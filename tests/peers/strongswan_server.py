"""strongSwan as a gateway in a network namespace and a folder of its own: ports 500 and 4500 of that namespace's 127.0.0.1."""
import contextlib
import os
import shutil
import subprocess
import time

HOST = "127.0.0.1"


def missing():
    """What this machine lacks for it; empty: nothing."""
    lacking = [name for name in ("charon-systemd", "swanctl", "unshare", "nsenter") if not shutil.which(name)]
    return ", ".join(lacking)


class Gateway:
    """A running charon. `inside`: the words before a command that is to run in its namespace."""

    def __init__(self, folder, pid):
        self._folder, self.inside = folder, ["nsenter", "-t", str(pid), "-n"]

    def load(self, lines):
        """Replaces its one connection: `lines` of swanctl.conf for it."""
        (self._folder / "swanctl.conf").write_text(
            "connections {\none {\n%s\nlocal {\nauth = psk\n}\nremote {\nauth = psk\n}\n}\n}\n"
            "secrets {\nike-one {\nsecret = \"guess me\"\n}\n}\n" % "\n".join(lines))
        done = subprocess.run(["swanctl", "--load-all", "--uri", f"unix://{self._folder}/vici", "--file", str(self._folder / "swanctl.conf")],
                              env=environment(self._folder), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


def environment(folder):
    return dict(os.environ, STRONGSWAN_CONF=str(folder / "strongswan.conf"), SWANCTL_DIR=str(folder))


@contextlib.contextmanager
def strongswan(folder, lines, settings=()):
    """`lines`: of the connection in swanctl.conf; `settings`: of charon in strongswan.conf."""
    folder.mkdir(exist_ok=True)
    (folder / "vici").unlink(missing_ok=True)
    (folder / "strongswan.conf").write_text(
        "charon-systemd {\nload_modular = yes\n%s\nplugins {\ninclude /etc/strongswan.d/charon/*.conf\nvici {\nsocket = unix://%s/vici\n}\n}\n"
        "filelog {\nlog {\npath = %s/log\nflush_line = yes\n}\n}\n}\n" % ("\n".join(settings), folder, folder))
    with open(folder / "out", "wb") as out:
        server = subprocess.Popen(["unshare", "-n", "--", "sh", "-c", "ip link set lo up && exec charon-systemd"], env=environment(folder),
                                  stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + 60
        while not (folder / "vici").exists():
            assert server.poll() is None and time.monotonic() < until, (folder / "out").read_text(errors="replace")
            time.sleep(0.05)
        gateway = Gateway(folder, server.pid)
        gateway.load(lines)
        yield gateway
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
