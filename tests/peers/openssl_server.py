"""`openssl s_server`, made wrong on purpose."""
import contextlib
import os
import socket
import subprocess
import time


@contextlib.contextmanager
def openssl_server(pair, *arguments):
    """Its port. It answers GET with a status page (-www)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", pair.certificate, "-key", pair.key, "-www", "-quiet", *arguments]
    server = subprocess.Popen([str(a) for a in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              env=dict(os.environ, OPENSSL_CONF="/dev/null"))  # the distribution's file forbids what is wanted here
    try:
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < until, server.stderr.read() if server.poll() is not None else "not ready"
                time.sleep(0.02)
        yield port
    finally:
        server.kill()
        server.wait()
        server.stderr.close()
