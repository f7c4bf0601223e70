"""A resolver that checks signatures: unbound, with zones of the test's own. "lab" is signed, "plain" is not."""
import contextlib
import pathlib
import shutil
import socket
import struct
import subprocess

from gateway import free_port
from peers import process

PROGRAM = shutil.which("unbound", path="/usr/sbin:/usr/bin")
HEAD = "$TTL 60\n@ IN SOA ns admin 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n"


def sign(folder, zone):
    name = subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone], cwd=folder, check=True, capture_output=True, text=True,
                          timeout=60).stdout.strip()
    subprocess.run(["ldns-signzone", "-f", zone, f"{zone}.zone", name], cwd=folder, check=True, capture_output=True, timeout=60)
    return folder / f"{name}.key"


HERE = 'server:\n  directory: "{folder}"\n  chroot: ""\n  username: ""\n  pidfile: ""\n  do-daemonize: no\n  use-syslog: no\n'


def answers(port):
    """Whether it knows the zone by now."""
    question = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + b"\2ns\3lab\0" + struct.pack(">HH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.5)
        s.connect(("127.0.0.1", port))
        with contextlib.suppress(OSError):
            s.send(question)
            return s.recv(512)[3] & 15 == 0
    return False


@contextlib.contextmanager
def resolver(folder, lab="", plain=""):
    """Its address, as --resolver takes it. `lab` and `plain` are the records of the zones."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    (folder / "lab.zone").write_text("$ORIGIN lab.\n" + HEAD + lab)
    (folder / "plain").write_text("$ORIGIN plain.\n" + HEAD + plain)
    key = sign(folder, "lab")
    port = free_port()
    zones = "".join(f'auth-zone:\n  name: "{zone}."\n  zonefile: "{folder}/{zone}"\n  for-downstream: no\n  for-upstream: yes\n'
                    for zone in ("lab", "plain"))
    (folder / "unbound.conf").write_text(f"""{HERE.format(folder=folder)}  interface: 127.0.0.1@{port}
  module-config: "validator iterator"
  trust-anchor-file: "{key}"
  do-not-query-localhost: no
remote-control:
  control-enable: no
{zones}""")
    with process.running([PROGRAM, "-d", "-c", folder / "unbound.conf"], port, folder, ready=lambda: answers(port)):
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def over_tls(folder, pair):
    """The port of a resolver that is asked by TLS."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    port = free_port()
    (folder / "unbound.conf").write_text(f"""{HERE.format(folder=folder)}  interface: 127.0.0.1@{port}
  tls-port: {port}
  tls-service-key: "{pair.key}"
  tls-service-pem: "{pair.certificate}"
remote-control:
  control-enable: no
""")
    with process.running([PROGRAM, "-d", "-c", folder / "unbound.conf"], port, folder):
        yield port
