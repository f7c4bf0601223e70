"""A server's process: begun, waited for until it takes connections, and ended."""
import contextlib
import os
import pathlib
import socket
import subprocess
import time

HOST = "127.0.0.1"


def wait_until_open(port, server, log, host=HOST):
    until = time.monotonic() + 120
    while True:
        with contextlib.suppress(OSError):
            return socket.create_connection((host, port), 1).close()
        assert server.poll() is None and time.monotonic() < until, text_of(log)
        time.sleep(0.02)


def wait_until_said(words, server, log):
    until = time.monotonic() + 120
    while words not in text_of(log):
        assert server.poll() is None and time.monotonic() < until, text_of(log)
        time.sleep(0.05)


def text_of(log):
    return pathlib.Path(log).read_text(errors="replace") if pathlib.Path(log).exists() else "no log"


@contextlib.contextmanager
def running(command, port, folder, host=HOST, says=None, openssl_as_made=False, user=None, log=None, **options):
    """The process, once it takes connections on `port` or has written `says` to its log: `log`, or what it says itself.
    openssl_as_made: without the distribution's settings, which forbid what may be wanted here."""
    written = folder / "log"
    if openssl_as_made:
        (folder / "openssl.cnf").write_text("")
        options["env"] = dict(options.get("env", os.environ), OPENSSL_CONF=str(folder / "openssl.cnf"))
    with open(written, "wb") as out:
        server = subprocess.Popen([str(a) for a in command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                  user=user, group=user, extra_groups=[] if user else None, **options)
    try:
        if says:
            wait_until_said(says, server, log or written)
        else:
            wait_until_open(port, server, log or written, host)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
