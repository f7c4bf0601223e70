"""What every scenario needs: the program, a home of its own, certificates, and a folder to serve."""
import os
import pathlib
import resource
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from peers import http1, http2, pki, tls  # noqa: E402
from checker import report  # noqa: E402
from gateway import AccessLog, Gateway, binary, free_port, release_binary  # noqa: E402


def pytest_configure(config):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def pytest_collection_modifyitems(items):
    without_root = pytest.mark.skip(reason="needs root")
    for item in items:
        if item.get_closest_marker("root") and os.geteuid() != 0:
            item.add_marker(without_root)


@pytest.fixture(scope="session", autouse=True)
def program():
    assert os.access(binary(), os.X_OK), f"{binary()} is not there: ./dev build asan makes it"
    return binary()


@pytest.fixture(scope="session")
def release():
    """The program as it is shipped: for memory and for thousands of clients."""
    if not os.access(release_binary(), os.X_OK):
        pytest.skip(f"{release_binary()} is not there: ./dev build release makes it")
    return release_binary()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return pki.Authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def example_pair(authority):
    """For public names, which the local CA does not vouch for."""
    return authority.issue("example.com", "www.example.com", "*.apps.example.com")


@pytest.fixture
def folder(tmp_path):
    """A small site. The texts tell which file an answer is."""
    root = tmp_path / "site"
    root.mkdir()
    (root / "index.html").write_text("<!doctype html><title>Home</title><h1>It works</h1>\n")
    (root / "hello.txt").write_text("hello\n")
    (root / "sub").mkdir()
    (root / "sub" / "index.html").write_text("<!doctype html><title>Sub</title>\n")
    return root


@pytest.fixture
def start(tmp_path):
    """start(*arguments, ...): a running gateway, which the end of the test stops and examines."""
    running = []

    def begin(*arguments, home=None, **options):
        home = home or tmp_path / f"home{len(running)}"
        running.append(Gateway(home, *arguments, **options))
        return running[-1].start()

    yield begin
    try:
        for gateway in running:
            gateway.stop()
    finally:
        for gateway in running:
            gateway.kill()


class Site:
    """One folder on one port, and short ways to ask for something."""

    def __init__(self, gateway, name, root, log):
        self.gateway, self.name, self.root, self.log = gateway, name, root, log
        self.port = gateway.port(name=name)
        self.host = f"{name}:{self.port}"

    def connect(self, **options):
        return tls.connect(self.port, self.name, self.root, **options)

    def reader(self, **options):
        return http1.Reader(self.connect(**options))

    def get(self, path, *lines):
        """One GET over HTTP/1.1 on a connection of its own."""
        with self.connect() as connection:
            return http1.get(connection, path, self.host, *lines)

    def ask(self, request, method="GET"):
        """Bytes on a connection of their own, and one answer."""
        with self.connect() as connection:
            return http1.ask(connection, request, method)

    def http2(self):
        return http2.open_client(self.port, self.name, self.root)

    def frames(self):
        return http2.open_frames(self.port, self.name, self.root)

    def url(self, path="/"):
        return f"https://{self.host}{path}"


@pytest.fixture
def serve(start, folder, tmp_path):
    """serve(*flags): the folder on https://localhost and a port of the system's choice."""

    def begin(*flags, served=None, **options):
        log = tmp_path / "access.log"
        listen = () if "--listen" in flags else ("--listen", "127.0.0.1:0")
        gateway = start("serve", served or folder, *listen, "--access-log", log, *flags, **options)
        return Site(gateway, "localhost", gateway.root, AccessLog(log))

    return begin


@pytest.fixture
def configure(start, tmp_path):
    """configure(text, *flags): a gateway by a file. {port}, {port2} in the text are free ports."""

    def begin(text, *flags, **options):
        path, log = tmp_path / "sallyport.toml", tmp_path / "access.log"
        ports = {"port": free_port(), "port2": free_port(), "port3": free_port()}
        for key, value in ports.items():
            text = text.replace("{%s}" % key, str(value))
        path.write_text(text)
        gateway = start("serve", "--config", path, "--access-log", log, *flags, **options)
        gateway.config, gateway.log = path, AccessLog(log)
        for key, value in ports.items():
            setattr(gateway, key, value)
        return gateway

    return begin


@pytest.fixture
def front(start, tmp_path):
    """front(backend, *flags): the application on https://localhost and a port of the system's choice."""

    def begin(behind, *flags, **options):
        log = tmp_path / "access.log"
        gateway = start("serve", "--to", behind if isinstance(behind, str) else behind.address, "--listen", "127.0.0.1:0",
                        "--access-log", log, "--workers", "1", *flags, **options)
        return Site(gateway, "localhost", gateway.root, AccessLog(log))

    return begin


@pytest.fixture
def check(tmp_path, authority):
    """check(port, ...): the report about the server there."""

    def begin(port, *flags, host="localhost"):
        return report(tmp_path / "home", f"{host}:{port}", "--connect", "127.0.0.1", "--ca", authority.root, *flags)

    return begin
