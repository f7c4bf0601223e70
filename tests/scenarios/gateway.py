"""The program under test: started as a user starts it, watched, and ended in good order."""
import glob
import json
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import tempfile
import time

SANITIZER = re.compile(r"ERROR: (Address|Leak|Thread)Sanitizer|WARNING: ThreadSanitizer|runtime error:")
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PATIENCE = 60  # seconds for what takes milliseconds: a loaded machine with a sanitizer must not fail


def binary():
    return os.environ.get("SALLYPORT_BINARY") or str(ROOT / "build/asan/sallyport")


def release_binary():
    return os.environ.get("SALLYPORT_RELEASE_BINARY") or str(ROOT / "build/release/sallyport")


def free_port():
    """A port that was free just now. For configuration files, which cannot leave the choice to the system."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(probe, what, patience=PATIENCE):
    """What `probe` returns as soon as it is true."""
    until = time.monotonic() + patience
    while not (found := probe()):
        assert time.monotonic() < until, f"never happened: {what() if callable(what) else what}"
        time.sleep(0.02)
    return found


class Gateway:
    """One process. home: its HOME and data folder, made when missing; kept so that a second start finds the first's."""

    def __init__(self, home, *arguments, program=None, environment=None, prefix=(), extra_fds=(), cwd=None):
        self.home = pathlib.Path(home)
        self.home.mkdir(parents=True, exist_ok=True)
        self.out, self.err = self.home / "out.txt", self.home / "err.txt"
        self.arguments = [*prefix, program or binary(), *map(str, arguments)]
        self.environment = dict(os.environ, HOME=str(self.home), XDG_DATA_HOME=str(self.home / "data"))
        self.environment.pop("NOTIFY_SOCKET", None)
        self.environment.update(environment or {})
        self.extra_fds, self.cwd = extra_fds, cwd
        self.told = []  # by sd_notify
        self.process = self.folder = None

    def start(self):
        """Returns when the program says that it is ready."""
        self.folder = tempfile.TemporaryDirectory(prefix="sp")  # pytest's own names are too long for a socket
        path = os.path.join(self.folder.name, "n")
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.notify.bind(path)
        os.chmod(self.folder.name, 0o755)
        os.chmod(path, 0o777)
        self.environment["NOTIFY_SOCKET"] = path
        self.launch()
        self.wait_told("READY=1")
        return self

    def launch(self):
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                            env=self.environment, pass_fds=self.extra_fds, cwd=self.cwd)

    def wait_told(self, line):
        """Waits for a line to the service manager. The end of the process is the end of the wait."""
        ended = os.pidfd_open(self.process.pid)  # of this very process, even when it has ended
        try:
            until = time.monotonic() + PATIENCE
            while not any(line in message.split("\n") for message in self.told):
                ready, _, _ = select.select([self.notify, ended], [], [], max(0.0, until - time.monotonic()))
                assert ready, f"no {line} within {PATIENCE} s\n{self.stderr()}"
                if self.notify in ready:  # what was said before the end is still there to be read
                    self.told.append(self.notify.recv(65536).decode())
                else:
                    raise AssertionError(f"ended with status {self.process.wait()} before {line}\n{self.stderr()}")
        finally:
            os.close(ended)

    def hear(self):
        """Reads what was said to the service manager. Its queue is short, and a program that cannot speak waits."""
        try:
            while True:
                self.told.append(self.notify.recv(65536, socket.MSG_DONTWAIT).decode())
        except BlockingIOError:
            return self.told

    def stdout(self):
        return self.out.read_text(errors="replace")

    def stderr(self):
        return self.err.read_text(errors="replace")

    def port(self, scheme="https", name="localhost"):
        """The port of a site, as the greeting gives it."""
        found = re.search(rf"^ +{scheme}://{re.escape(name)}(?::(\d+))?$", self.stdout(), re.M)
        assert found, self.stdout()
        return int(found[1] or (443 if scheme == "https" else 80))

    def redirect_port(self):
        found = re.search(r"http on \S+:(\d+) redirects", self.stdout())
        assert found, self.stdout()
        return int(found[1])

    @property
    def root(self):
        """The root of the local CA, as the greeting names it for curl."""
        found = re.search(r"curl --cacert (\S+)", self.stdout())
        assert found, self.stdout()
        return pathlib.Path(found[1])

    def wait_error(self, pattern):
        """Waits for a line of the error log and returns it."""
        find = lambda: next((line for line in self.stderr().splitlines() if re.search(pattern, line)), None)
        return eventually(find, lambda: f"a line with {pattern!r} in\n{self.stderr()}")

    def memory(self):
        """Resident bytes."""
        return self.status_number("VmRSS") * 1024

    def status_number(self, key):
        return int(self.status(key).split()[0])

    def status(self, key):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return re.search(rf"^{key}:\s+(.*)$", text, re.M)[1]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience=PATIENCE):
        return self.process.wait(patience)

    def stop(self):
        """Ends it as a service manager does, and insists that it ends well."""
        if self.process is None or self.process.returncode is not None:
            return self.check()
        self.hear()
        self.signal(signal.SIGTERM)
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"SIGTERM does not end it\n{self.stderr()}")
        self.check()
        assert status == 0, f"status {status}\n{self.stderr()}"

    def check(self):
        """No sanitizer has reported anything."""
        text = self.stderr()
        log = re.search(r"log_path=([^:]+)", os.environ.get("ASAN_OPTIONS", ""))
        for path in glob.glob(f"{log[1]}.{self.process.pid}") if log else ():
            text += pathlib.Path(path).read_text(errors="replace")
        assert not SANITIZER.search(text), text

    def kill(self):
        """Whatever is left, also after a test that failed."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.folder:
            self.notify.close()
            self.folder.cleanup()
            self.folder = None


def run(*arguments, home, program=None, patience=PATIENCE, environment=None, cwd=None):
    """Runs the program to its end: (status, standard output, standard error)."""
    environment = dict(os.environ, HOME=str(home), XDG_DATA_HOME=str(pathlib.Path(home) / "data"), **(environment or {}))
    environment.pop("NOTIFY_SOCKET", None)
    done = subprocess.run([program or binary(), *map(str, arguments)], env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=patience, cwd=cwd)
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    assert not SANITIZER.search(err), err
    return done.returncode, out, err


class AccessLog:
    """JSON lines, read as they come."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def lines(self):
        text = self.path.read_text() if self.path.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def wait(self, wanted, count=1):
        """The lines for which `wanted` holds, once there are `count` of them."""
        def find():
            found = [line for line in self.lines() if wanted(line)]
            return found if len(found) >= count else None
        return eventually(find, lambda: f"{count} such lines in the access log: {self.lines()}")
