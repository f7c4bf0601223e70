"""nginx with one server block, on a port of its own."""
import contextlib
import pathlib
import shutil

from gateway import free_port
from peers.process import running

PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/bin")


@contextlib.contextmanager
def serve(folder, listen, lines):
    """Its port. `listen` is what stands behind the address, `lines` in the only server block."""
    port = free_port()
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
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
    with running([PROGRAM, "-c", folder / "nginx.conf", "-p", folder], port, folder, log=folder / "error.log", openssl_as_made=True):
        yield port
