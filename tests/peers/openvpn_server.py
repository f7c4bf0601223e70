"""OpenVPN as a server in a folder of its own on 127.0.0.2, with a tunnel device that has no address."""
import contextlib
import socket
import subprocess
import time

from peers.plain_servers import HOST


@contextlib.contextmanager
def openvpn(folder, pair, authority, *options, proto="udp"):
    """Its port. `options`: more of the command line."""
    folder.mkdir(exist_ok=True)
    with socket.socket(type=socket.SOCK_DGRAM if proto == "udp" else socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = ["openvpn", "--dev", "tun", "--mode", "server", "--tls-server", "--proto", proto + ("" if proto == "udp" else "-server"),
               "--local", HOST, "--port", port, "--ca", authority.root, "--cert", pair.certificate, "--key", pair.key, "--dh", "none",
               "--keepalive", "10", "60", "--verb", "3", "--topology", "subnet", *options]
    log = folder / "log"
    with open(log, "wb") as out:
        server = subprocess.Popen([str(a) for a in command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + 60
        while "Initialization Sequence Completed" not in log.read_text(errors="replace"):
            assert server.poll() is None and time.monotonic() < until, log.read_text(errors="replace")
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
