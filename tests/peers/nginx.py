"""nginx with one server block, on a port of its own."""
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import time

from gateway import free_port

PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/bin")


@contextlib.contextmanager
def serve(folder, listen, lines):
    """Its port. `listen` is what stands behind the address, `lines` in the only server block."""
    port = free_port()
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    (folder / "openssl.cnf").write_text("")  # the distribution's file forbids what may be wanted here
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; {places}
  server {{
    listen 127.0.0.1:{port} {listen};
{lines}
  }}
}}
""")
    server = subprocess.Popen([PROGRAM, "-c", folder / "nginx.conf", "-p", folder], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=dict(os.environ, OPENSSL_CONF=str(folder / "openssl.cnf")))
    try:
        until = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            assert server.poll() is None and time.monotonic() < until, (folder / "error.log").read_text()
            time.sleep(0.02)
        yield port
    finally:
        server.terminate()
        server.wait(20)
