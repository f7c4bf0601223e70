"""OpenVPN as a server in a folder of its own on 127.0.0.2, with a tunnel device that has no address."""
import contextlib
import socket

from peers.plain_servers import HOST
from peers.process import running


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
    with running(command, port, folder, says="Initialization Sequence Completed"):
        yield port
