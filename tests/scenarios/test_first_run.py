"""The first command of a newcomer: a folder on https, by a certificate of a local CA, for real clients."""
import pathlib
import re
import socket
import stat
import subprocess

from gateway import Gateway, free_port
from peers import client_hello
from peers.curl import curl


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_greeting_says_where_what_and_how_to_trust_it(serve, folder):
    site = serve()
    text = site.gateway.stdout()
    assert f"https://localhost:{site.port}" in text
    assert str(folder) in text
    assert "certificate" in text
    assert "sallyport cert trust" in text
    assert f"curl --cacert {site.root}" in text
    assert str(site.log.path) in text


def listening_hosts(port):
    """As the kernel writes them."""
    rows = [line.split() for name in ("tcp", "tcp6") if (table := pathlib.Path("/proc/net", name)).exists()
            for line in table.read_text().splitlines()[1:]]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}


def test_it_listens_on_8443_and_on_this_machine_only(start, folder):
    """Without flags. Somebody else may hold the port on this machine: then the message is what is proven."""
    gateway = Gateway(folder.parent / "home", "serve", folder)
    try:
        gateway.start()
    except AssertionError:
        assert re.search(r"8443.*in use", gateway.stderr()), gateway.stderr()
        return
    try:
        assert gateway.port() == 8443
        assert listening_hosts(8443) <= {"0100007F", "00000000000000000000000001000000"}  # 127.0.0.1 and ::1
        gateway.stop()
    finally:
        gateway.kill()


def test_curl_loads_the_site_over_both_versions(serve):
    site = serve()
    for asked, spoken in (("1.1", "1.1"), ("2", "2")):
        answer = curl(site.url(), root=site.root, http=asked)
        assert (answer.status, answer.version) == (200, spoken)
        assert b"It works" in answer.body
        assert answer.fields["content-type"].startswith("text/html")


def test_curl_without_the_root_refuses_the_certificate(serve):
    site = serve()
    try:
        curl(site.url())
    except subprocess.CalledProcessError as refused:
        assert refused.returncode == 60  # CURLE_PEER_FAILED_VERIFICATION
    else:
        raise AssertionError("curl trusted a certificate of an unknown authority")


def test_the_local_ca_is_for_its_owner_alone(serve):
    site = serve()
    folder = site.root.parent
    assert mode(folder) == 0o700
    private = [path for path in folder.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert len(private) >= 2  # the root's and the leaf's
    assert {mode(path) for path in private} == {0o600}


def test_a_second_start_keeps_the_root_and_the_leaf(start, folder, tmp_path):
    home = tmp_path / "home"
    roots, leaves = [], []
    for _ in range(2):
        gateway = start("serve", folder, "--listen", "127.0.0.1:0", home=home)
        roots.append(gateway.root.read_bytes())
        leaves.append(sorted(path.read_bytes() for path in gateway.root.parent.glob("leaf-*")))
        gateway.stop()
    assert roots[0] == roots[1]
    assert leaves[0] == leaves[1] != []


def test_loose_permissions_are_mended_and_told(start, folder, tmp_path):
    home = tmp_path / "home"
    gateway = start("serve", folder, "--listen", "127.0.0.1:0", home=home)
    key = next(path for path in gateway.root.parent.iterdir() if path.name == "root.key")
    gateway.stop()
    key.chmod(0o644)
    gateway = start("serve", folder, "--listen", "127.0.0.1:0", home=home)
    assert mode(key) == 0o600
    gateway.wait_error(r"root\.key")


def test_the_leaf_covers_names_below_localhost_and_addresses(serve):
    site = serve()
    names = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{site.port}", "-servername", "localhost"],
                           stdin=subprocess.DEVNULL, capture_output=True).stdout
    text = subprocess.run(["openssl", "x509", "-noout", "-text"], input=names, capture_output=True, text=False).stdout
    for name in (b"DNS:localhost", b"DNS:*.localhost", b"IP Address:127.0.0.1"):
        assert name in text


def test_post_quantum_key_exchange_is_preferred(serve):
    """The client offers it last, and a share for each: the server still takes it."""
    site = serve()
    groups = (client_hello.P256, client_hello.X25519, client_hello.X25519MLKEM768)
    kind, answer = client_hello.exchange(site.port, client_hello.records(client_hello.hello(groups=groups)))
    assert kind == "hello"
    assert client_hello.server_choice(answer) == (client_hello.TLS_1_3, client_hello.X25519MLKEM768, False)


def test_a_name_of_its_own_needs_no_file(start, folder):
    gateway = start("serve", folder, "--listen", "127.0.0.1:0", "--name", "app.test", "--name", "other.test")
    for name in ("app.test", "other.test"):
        answer = curl(f"https://{name}:{gateway.port(name='app.test')}/", root=gateway.root,
                      resolve=f"{name}:{gateway.port(name='app.test')}")
        assert answer.status == 200


def test_own_certificate_by_flags(start, folder, example_pair, authority):
    gateway = start("serve", folder, "--listen", "127.0.0.1:0", "--name", "example.com", "--http-port", free_port(),
                    "--certificate", example_pair.certificate, "--key", example_pair.key)
    port = gateway.port(name="example.com")
    answer = curl(f"https://example.com:{port}/", root=authority.root, resolve=f"example.com:{port}")
    assert answer.status == 200
    assert "local CA" not in gateway.stdout()


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


def test_localhost_is_both_addresses(serve):
    """In --listen it opens 127.0.0.1 and, where there is one, ::1 at the same port."""
    site = serve("--listen", f"localhost:{free_port()}")
    for address in ("127.0.0.1", "[::1]") if has_ipv6() else ("127.0.0.1",):
        answer = curl(site.url(), "--resolve", f"localhost:{site.port}:{address}", root=site.root)
        assert answer.status == 200
