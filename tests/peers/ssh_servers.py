"""OpenSSH and dropbear, each in its own folder on 127.0.0.2 and a free port, and a server of a few bytes."""
import contextlib
import os
import pathlib
import struct
import subprocess

from peers.plain_servers import HOST, free_port, running

TYPES = {"ed25519": [], "ecdsa": ["-b", "384"], "rsa": ["-b", "3072"]}


def make_keys(folder, types):
    """Paths of fresh host keys: {"rsa": ["-b", "2048"], ...}."""
    made = []
    for kind, size in types.items():
        path = pathlib.Path(folder) / f"host_{kind}"
        subprocess.run(["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-C", "", "-f", str(path)], check=True)
        made.append(path)
    return made


def fingerprints(keys):
    """What ssh-keygen says: {"SHA256:..." : bits}."""
    out = {}
    for key in keys:
        words = subprocess.run(["ssh-keygen", "-lf", f"{key}.pub"], capture_output=True, text=True, check=True).stdout.split()
        out[words[1]] = int(words[0])
    return out


@contextlib.contextmanager
def openssh(folder, settings="", types=None, before=()):
    """Port and paths of the host keys. `settings` stand in front, and the first of two lines counts. `before`: words before the command."""
    folder.mkdir(exist_ok=True)
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    keys = sorted(folder.glob("host_*[!b]")) or make_keys(folder, TYPES if types is None else types)
    keys = [key for key in keys if key.suffix != ".pub"]
    port = free_port()
    (folder / "sshd_config").write_text(
        settings + f"\nPort {port}\nListenAddress {HOST}\nPidFile none\nUsePAM no\nStrictModes no\nMaxStartups 100\n"
        + "".join(f"HostKey {key}\n" for key in keys))
    with running([*before, "/usr/sbin/sshd", "-D", "-e", "-f", folder / "sshd_config"], port, folder):
        yield port, keys


@contextlib.contextmanager
def dropbear(folder):
    folder.mkdir()
    port = free_port()
    for kind in ("ed25519", "rsa", "ecdsa"):
        subprocess.run(["dropbearkey", "-t", kind, "-f", str(folder / kind)], capture_output=True, check=True)
    command = ["dropbear", "-F", "-E", "-s", "-p", f"{HOST}:{port}", "-P", folder / "pid"]
    for kind in ("ed25519", "rsa", "ecdsa"):
        command += ["-r", folder / kind]
    with running(command, port, folder):
        yield port


def lists_packet(kex, host_key, cipher, mac, zip_="none"):
    """KEXINIT in a packet."""
    names = [kex, host_key, cipher, cipher, mac, mac, zip_, zip_, "", ""]
    payload = b"\x14" + bytes(16) + b"".join(struct.pack(">I", len(n)) + n.encode() for n in names) + bytes(5)
    padding = 8 - (5 + len(payload)) % 8 + 8
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)
