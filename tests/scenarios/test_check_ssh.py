"""`sallyport check` against SSH servers, configured right and wrong."""
import json
import os
import socket
import subprocess

import pytest

from gateway import binary
from peers import ssh_servers as servers
from peers.listening import byte_server

pytestmark = pytest.mark.root  # sshd changes to a user of its own


@pytest.fixture
def check(tmp_path):
    def ask(port, *flags, address=servers.HOST, status=(0, 1, 2)):
        done = subprocess.run([binary(), "check", f"ssh://localhost:{port}", "--connect", address, "--format", "json", *flags],
                              capture_output=True, text=True, timeout=120, env=dict(os.environ, HOME=str(tmp_path)))
        assert done.returncode in status, done.stderr
        return json.loads(done.stdout)["targets"][0]

    return ask


def ids(one):
    return {f["id"] for f in one["findings"] if f["severity"] != "info"}


def untested(one):
    return {n["id"]: n["reason"] for n in one["not_tested"]}


@pytest.mark.proves("ssh", "check", "OpenSSH")
def test_openssh(check, tmp_path):
    with servers.openssh(tmp_path / "sshd") as (port, keys):
        one = check(port, status=[0])
        seen = one["observations"]["ssh"]
        assert one["tested"] and not one["not_tested"], one["not_tested"]
        assert one["observations"]["connections"] <= 3
        assert {k["fingerprint"]: k["bits"] for k in seen["host_keys"]} == servers.fingerprints(keys)
        assert len(seen["host_keys"]) == 3 and all(k["proven"] for k in seen["host_keys"])
        assert seen["software"].startswith("OpenSSH_") and set(seen["methods"]) == {"publickey", "password", "keyboard-interactive"}
        assert ids(one) <= {"ssh.mac_old", "ssh.kex_old", "ssh.post_quantum"}  # what OpenSSH's own list still has
        text = subprocess.run([binary(), "check", f"ssh://localhost:{port}", "--connect", servers.HOST, "--all"],
                              capture_output=True, text=True, timeout=120).stdout
        assert all(fingerprint in text for fingerprint in servers.fingerprints(keys)) and "could not be tested" not in text


def test_the_same_as_ssh_audit(check, tmp_path):
    with servers.openssh(tmp_path / "sshd") as (port, _):
        ours = check(port)["observations"]["ssh"]
        run = subprocess.run(["ssh-audit", "-j", "-p", str(port), servers.HOST], capture_output=True, text=True, timeout=120)
        theirs = json.loads(run.stdout)
    assert [k["algorithm"] for k in theirs["kex"]] == ours["kex"]
    assert [k["algorithm"] for k in theirs["key"]] == ours["host_key_algorithms"]
    assert theirs["banner"]["raw"] == ours["banner"]
    theirs_keys = {f["hash"] for f in theirs["fingerprints"] if f["hash_alg"] == "SHA256"}
    assert theirs_keys <= {k["fingerprint"].removeprefix("SHA256:") for k in ours["host_keys"]} and theirs_keys


WRONG = ("KexAlgorithms +diffie-hellman-group1-sha1,diffie-hellman-group14-sha1\nCiphers +3des-cbc,aes128-cbc\n"
         "MACs +hmac-md5,hmac-sha1-96\nHostKeyAlgorithms +ssh-rsa\n")


def test_what_it_says_about_mending_openssh_is_enough(check, tmp_path):
    folder = tmp_path / "sshd"
    with servers.openssh(folder, WRONG, {"rsa": ["-b", "1024"], "ed25519": []}) as (port, _):
        one = check(port, status=[1])
    assert ids(one) >= {"ssh.kex_broken", "ssh.kex_old", "ssh.cipher_broken", "ssh.cipher_weak", "ssh.mac_weak", "ssh.mac_old",
                        "ssh.host_key_weak", "ssh.host_key_size"}
    assert one["grade"] == "F"
    lines = {f["snippet"]["text"] for f in one["findings"] if "snippet" in f and not f["snippet"]["text"].startswith("#")}
    assert len(lines) == 5 and all(f["snippet"]["for"] == "openssh" for f in one["findings"] if "snippet" in f)
    for path in folder.glob("host_rsa*"):
        path.unlink()  # as the mend for its size says: another is made
    servers.make_keys(folder, {"rsa": ["-b", "3072"]})
    with servers.openssh(folder, "\n".join(lines)) as (port, _):
        one = check(port, status=[0])
    assert ids(one) <= {"ssh.post_quantum"} and len(one["observations"]["ssh"]["host_keys"]) == 2
    assert "ssh.passwords" not in {f["id"] for f in one["findings"]}


@pytest.mark.parametrize("kex,cipher,mac", [
    ("curve25519-sha256", "chacha20-poly1305@openssh.com", "hmac-sha2-256"),
    ("ecdh-sha2-nistp256", "aes128-ctr", "hmac-sha2-256"),
    ("ecdh-sha2-nistp384", "aes256-gcm@openssh.com", "hmac-sha2-256"),
    ("ecdh-sha2-nistp521", "aes256-ctr", "hmac-sha2-512-etm@openssh.com"),
    ("diffie-hellman-group14-sha256", "aes128-gcm@openssh.com", "hmac-sha2-256"),
    ("diffie-hellman-group16-sha512", "aes192-ctr", "hmac-sha1"),
])
def test_each_way_to_the_logins(check, tmp_path, kex, cipher, mac):
    settings = f"KexAlgorithms {kex}\nCiphers {cipher}\nMACs {mac}\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
    with servers.openssh(tmp_path / "sshd", settings, {"ed25519": []}) as (port, keys):
        one = check(port)
    seen = one["observations"]["ssh"]
    assert seen["methods"] == ["publickey"] and seen["kex_used"] == kex, one["not_tested"]
    assert [k["fingerprint"] for k in seen["host_keys"]] == list(servers.fingerprints(keys)) and seen["host_keys"][0]["proven"]
    assert "rsa-sha2-512" in seen["user_key_algorithms"]


def test_a_key_exchange_that_is_not_known_here_is_told(check, tmp_path):
    with servers.openssh(tmp_path / "sshd", "KexAlgorithms sntrup761x25519-sha512@openssh.com\n", {"ed25519": []}) as (port, _):
        one = check(port)
    assert one["tested"] and "ssh.post_quantum" not in ids(one)
    assert set(untested(one)) == {"ssh.host_keys", "ssh.methods"}


@pytest.mark.proves("ssh", "check", "dropbear")
def test_dropbear(check, tmp_path):
    with servers.dropbear(tmp_path / "dropbear") as port:
        one = check(port)
    seen = one["observations"]["ssh"]
    assert one["tested"] and not one["not_tested"] and seen["software"].startswith("dropbear")
    assert {k["type"] for k in seen["host_keys"]} >= {"ssh-ed25519", "ssh-rsa"} and all(k["proven"] for k in seen["host_keys"])
    assert seen["methods"] == ["publickey"]


def test_policies(check, tmp_path):
    policy = tmp_path / "policy.toml"
    hard = ("KexAlgorithms sntrup761x25519-sha512@openssh.com\nCiphers aes256-gcm@openssh.com\nMACs hmac-sha2-256-etm@openssh.com\n"
            "HostKeyAlgorithms ssh-ed25519\n")
    soft = hard.replace("sntrup761x25519-sha512@openssh.com", "curve25519-sha256")
    for settings, wanted, broken in [(hard, "hardened", False), (soft, "hardened", True), (soft, "intermediate", False),
                                     (soft + WRONG.splitlines()[2], "any", False)]:
        policy.write_text(f'ssh = "{wanted}"\n')
        with servers.openssh(tmp_path / "sshd", settings, {"ed25519": []}) as (port, _):
            one = check(port, "--policy", str(policy))
        evidence = [f["evidence"] for f in one["findings"] if f["id"] == "policy.ssh"]
        assert evidence == (["curve25519-sha256."] if broken else [])


def speaker(greeting):
    def talk(connection):
        connection.sendall(greeting)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    return talk


@pytest.mark.parametrize("greeting", [b"Not allowed at this time\r\n", b"Exceeded MaxStartups\r\n", b""])
def test_turned_away_is_not_safe(check, greeting):
    with byte_server(lambda c: c.sendall(greeting)) as port:
        one = check(port, address="127.0.0.1", status=[2])
    assert not one["tested"] and one["grade"] == "-" and not one["findings"]
    assert "turns this machine away" in untested(one)["throttled"]


def test_terrapin(check):
    def ask(kex, cipher, mac):
        greeting = b"SSH-2.0-Other_1.0\r\n" + servers.lists_packet(kex, "ssh-ed25519", cipher, mac, "none,zlib")
        with byte_server(speaker(greeting)) as port:
            return ids(check(port, address="127.0.0.1"))

    assert ask("curve25519-sha256", "chacha20-poly1305@openssh.com", "hmac-sha2-256") == {"ssh.terrapin", "ssh.post_quantum", "ssh.compression"}
    assert "ssh.terrapin" in ask("curve25519-sha256", "aes128-cbc", "hmac-sha2-256-etm@openssh.com")
    assert "ssh.terrapin" not in ask("curve25519-sha256", "aes128-ctr", "hmac-sha2-256-etm@openssh.com")
    assert "ssh.terrapin" not in ask("curve25519-sha256,kex-strict-s-v00@openssh.com", "chacha20-poly1305@openssh.com", "hmac-sha2-256")


def test_others_on_the_port(check):
    with byte_server(speaker(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        one = check(port, address="127.0.0.1", status=[2])
    assert "no SSH banner" in untested(one)["ssh"]
    with byte_server(speaker(b"SSH-1.5-old\n")) as port:
        assert ids(check(port, address="127.0.0.1")) == {"ssh.version1"}
    one = check(port, address="127.0.0.1")  # nobody is there any more
    assert ids(one) == {"reach.closed"} and not one["tested"]


def test_a_trace_is_of_tls():
    for target in ("ssh://localhost:1", "openvpn://localhost:1"):
        done = subprocess.run([binary(), "trace", target], capture_output=True, text=True, timeout=60)
        assert done.returncode == 64 and "sallyport check" in done.stderr
