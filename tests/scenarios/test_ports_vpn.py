"""Tunnels that carry a ping: OpenVPN over UDP and by the port of the web, IPsec with IKEv2, each through the gateway in namespaces of its own."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import AccessLog
from gateway import PATIENCE, Gateway, eventually
from peers import namespaces
from peers.namespaces import RELAY, SECOND, SERVER

pytestmark = [pytest.mark.root, pytest.mark.skipif(not os.path.exists("/dev/net/tun"), reason="this machine has no tunnel devices")]
DONE = "Initialization Sequence Completed"


@pytest.fixture(scope="module")
def row():
    with namespaces.in_a_row() as made:
        yield made


@contextlib.contextmanager
def running(log, *command, **options):
    with open(log, "wb") as out:
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def says(log, text, process):
    def found():
        assert process.poll() is None, log.read_text(errors="replace")
        return text in log.read_text(errors="replace")
    eventually(found, lambda: log.read_text(errors="replace"))


@pytest.fixture
def relay(row, tmp_path, authority, folder):
    """relay(blocks): a gateway between the two networks."""
    pair = authority.issue("www.example")
    gateways = []

    def begin(blocks):
        config = tmp_path / "sallyport.toml"
        config.write_text(f"""
http_port = 0
[log]
access = "{tmp_path}/access.log"
[site."www.example"]
certificate = "{pair.certificate}"
key = "{pair.key}"
files = "{folder}"
{blocks}""")
        gateways.append(Gateway(tmp_path / f"home{len(gateways)}", "serve", "--config", config, prefix=row.inside(row.relay)))
        gateways[-1].log = AccessLog(tmp_path / "access.log")
        return gateways[-1].start()

    yield begin
    try:
        for gateway in gateways:
            gateway.stop()
    finally:
        for gateway in gateways:
            gateway.kill()


OPENVPN = f"""
[udp.1194]
protocol = "openvpn"
to = "{SERVER}"
[port.443.share]
openvpn = "{SERVER}:1194"
"""


@pytest.mark.skipif(not shutil.which("openvpn"), reason="no openvpn")
@pytest.mark.parametrize("way", ["udp", "tcp"])
@pytest.mark.proves("openvpn", "serve", "OpenVPN")
@pytest.mark.proves("openvpn-tcp", "serve", "OpenVPN")
def test_openvpn(row, relay, tmp_path, authority, way):
    server, laptop = authority.issue("vpn.example", kind="rsa"), authority.issue("laptop.example", usage="clientAuth")
    key, inner = tmp_path / "ta.key", "10.92.1" if way == "udp" else "10.92.2"
    subprocess.run(["openvpn", "--genkey", "secret", str(key)], check=True)
    common = ["openvpn", "--dev", "tun", "--topology", "subnet", "--tls-crypt", key, "--ca", authority.root, "--verb", "3"]
    serve = [*row.inside(row.server), *common, "--server", f"{inner}.0", "255.255.255.0", "--dh", "none", "--local", SERVER, "--port", "1194",
             "--keepalive", "2", "600", "--proto", "udp" if way == "udp" else "tcp-server", "--cert", server.certificate, "--key", server.key]
    # The second address of the relay: an answer from the first would not be heard.
    connect = [*row.inside(row.client), *common, "--client", "--nobind", "--remote", SECOND, "1194" if way == "udp" else "443",
               "--proto", "udp" if way == "udp" else "tcp-client", "--cert", laptop.certificate, "--key", laptop.key]
    gateway = relay(OPENVPN)
    logs = {side: tmp_path / f"{side}.log" for side in ("server", "client")}
    with running(logs["server"], *serve) as one:
        says(logs["server"], DONE, one)
        with running(logs["client"], *connect) as other:
            says(logs["client"], DONE, other)
            eventually(lambda: row.pings(row.client, f"{inner}.1"), lambda: logs["client"].read_text(errors="replace"))
            if way == "udp":  # OpenVPN knows its client by what is inside, so it need not begin again
                gateway.stop()
                gateway = relay(OPENVPN)
                eventually(lambda: row.pings(row.client, f"{inner}.1"), lambda: logs["server"].read_text(errors="replace"))
                assert logs["client"].read_text(errors="replace").count(DONE) == 1
    gateway.stop()
    line = gateway.log.wait(lambda entry: entry["protocol"] == "openvpn" and entry["bytes"] > 200)[-1]
    assert line["passed"] and line["backend"] == f"{SERVER}:1194" and line.get("transport") == ("udp" if way == "udp" else None)


CHARON = """charon-systemd {{
  load_modular = yes
  plugins {{
    include /etc/strongswan.d/charon/*.conf
    kernel-libipsec {{
      load = yes
      allow_peer_ts = yes
    }}
    kernel-netlink {{
      fwmark = !0x42
    }}
    socket-default {{
      fwmark = 0x42
    }}
    vici {{
      socket = unix://{folder}/vici
    }}
  }}
}}
"""
CONNECTION = """connections {{
  vpn {{
    version = 2
    encap = yes
    remote_addrs = {remote}
    proposals = aes256-sha256-x25519
    local {{
      auth = psk
      id = {mine}
    }}
    remote {{
      auth = psk
      id = {theirs}
    }}
    children {{
      inner {{
        local_ts = {mine_inside}/32
        remote_ts = {theirs_inside}/32
        esp_proposals = aes256-sha256
      }}
    }}
  }}
}}
secrets {{
  ike {{
    id-1 = client.example
    id-2 = server.example
    secret = "a secret of the tests"
  }}
}}
"""


@contextlib.contextmanager
def charon(folder, row, space, **words):
    """strongSwan, whose ESP is in this process too: the kernel need not have it. swanctl's words for it."""
    folder.mkdir()
    (folder / "strongswan.conf").write_text(CHARON.format(folder=folder))
    (folder / "swanctl.conf").write_text(CONNECTION.format(**words))
    namespaces.ip("-n", space, "address", "add", f"{words['mine_inside']}/32", "dev", "lo")
    log = folder / "log"
    environment = dict(os.environ, STRONGSWAN_CONF=str(folder / "strongswan.conf"))
    with running(log, *row.inside(space), "charon-systemd", env=environment) as process:
        def order(*orders):
            return subprocess.run([*row.inside(space), "swanctl", *orders, "--uri", f"unix://{folder}/vici"], env=environment,
                                  capture_output=True, text=True, timeout=PATIENCE)

        def loaded():
            assert process.poll() is None, log.read_text(errors="replace")
            return order("--load-all", "--file", str(folder / "swanctl.conf")).returncode == 0
        eventually(loaded, lambda: log.read_text(errors="replace"))
        yield order


def has_userspace_ipsec():
    return shutil.which("charon-systemd") and any(pathlib.Path("/usr/lib/ipsec/plugins").glob("*kernel-libipsec*"))


@pytest.mark.skipif(not has_userspace_ipsec(), reason="no strongSwan with kernel-libipsec")
@pytest.mark.proves("ipsec", "serve", "strongSwan")
def test_ipsec(row, relay, tmp_path):
    gateway = relay(f'[udp.500]\nprotocol = "ipsec"\nto = "{SERVER}"\n')
    client, server = "10.93.1.1", "10.93.2.1"
    ends = {"mine": "server.example", "theirs": "client.example", "mine_inside": server, "theirs_inside": client}
    with charon(tmp_path / "s", row, row.server, remote="%any", **ends):
        ends = {"mine": "client.example", "theirs": "server.example", "mine_inside": client, "theirs_inside": server}
        with charon(tmp_path / "c", row, row.client, remote=RELAY, **ends) as order:
            begun = order("--initiate", "--child", "inner")
            assert begun.returncode == 0, begun.stdout + begun.stderr
            assert re.search(r"ESTABLISHED.*IKEv2", order("--list-sas").stdout)
            eventually(lambda: row.pings(row.client, server), lambda: order("--list-sas").stdout)
    gateway.stop()
    by_port = {entry["port"]: entry for entry in gateway.log.wait(lambda entry: entry["protocol"] == "ipsec", 2)}
    assert set(by_port) == {500, 4500} and by_port[4500]["bytes"] > 200
