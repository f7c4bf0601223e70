"""A server's process: begun, waited for until it takes connections, and ended."""
import contextlib
import os
import pathlib
import socket
import subprocess
import time

HOST = "127.0.0.1"


def is_open(port, host):
    with contextlib.suppress(OSError):
        socket.create_connection((host, port), 1).close()
        return True
    return False


def wait_until(ready, server, log):
    until = time.monotonic() + 120
    while not ready():
        assert server.poll() is None and time.monotonic() < until, text_of(log)
        time.sleep(0.02)


def text_of(log):
    return pathlib.Path(log).read_text(errors="replace") if pathlib.Path(log).exists() else "no log"


@contextlib.contextmanager
def running(command, port, folder, host=HOST, says=None, ready=None, openssl_as_made=False, user=None, log=None, **options):
    """The process, once it takes connections on `port`, has written `says` to its log (`log`, or what it says itself), or is ready().
    openssl_as_made: without the distribution's settings, which forbid what may be wanted here."""
    written = folder / "log"
    if openssl_as_made:
        (folder / "openssl.cnf").write_text("")
        options["env"] = dict(options.get("env", os.environ), OPENSSL_CONF=str(folder / "openssl.cnf"))
    with open(written, "wb") as out:
        server = subprocess.Popen([str(a) for a in command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                  user=user, group=user, extra_groups=[] if user else None, **options)
    log = log or written
    if says:
        ready = lambda: says in text_of(log)  # noqa: E731
    try:
        wait_until(ready or (lambda: is_open(port, host)), server, log)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
