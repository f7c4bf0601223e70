"""A real Chromium that trusts the local CA by `sallyport cert trust`, and what it says about the connection."""
import os
import pathlib
import struct
import subprocess
import zlib

import pytest

from gateway import binary, run
from peers import browser

pytestmark = pytest.mark.skipif(browser.program() is None, reason="no Chromium on this machine: ./dev test installs it")


def trust_stores_are_private(command):
    """As root the command also writes into the system's store: here a copy that ends with the process."""
    if os.geteuid() != 0:
        return command
    script = ("mount --make-rprivate / && for d in /etc/ssl/certs /usr/local/share/ca-certificates; do "
              "mkdir -p $d && mount -t tmpfs none $d; done && exec \"$@\"")
    return ["unshare", "-m", "sh", "-c", script, "sh", *command]


def cert(command, home):
    environment = dict(os.environ, HOME=str(home), XDG_DATA_HOME=str(home / "data"))
    environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=1"
    return subprocess.run(trust_stores_are_private([binary(), "cert", command]), env=environment,
                          capture_output=True, text=True, timeout=120)


def png_colours(path):
    """Width, height and the set of colours of an 8-bit PNG: enough to tell a page from a blank window."""
    content = pathlib.Path(path).read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(content):
        size, kind = struct.unpack(">I4s", content[at:at + 8])
        part = content[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", part[:10])
        if kind == b"IDAT":
            packed += part
        at += 12 + size
    assert depth == 8 and colour in (2, 6)
    channels, rows = (3 if colour == 2 else 4), zlib.decompress(packed)
    stride, before, colours = width * channels, bytearray(width * channels), set()
    for row in range(height):
        method = rows[row * (stride + 1)]
        line = bytearray(rows[row * (stride + 1) + 1:(row + 1) * (stride + 1)])
        if method:
            unfilter(line, before, method, channels)
        colours.update(bytes(line[i:i + 3]) for i in range(0, stride, channels * 3))
        before = line
    return width, height, colours


def unfilter(line, above, method, channels):
    """PNG 9.2: in place."""
    for i in range(len(line)):
        left = line[i - channels] if i >= channels else 0
        corner = above[i - channels] if i >= channels else 0
        if method == 1:
            add = left
        elif method == 2:
            add = above[i]
        elif method == 3:
            add = (left + above[i]) // 2
        else:
            guess = left + above[i] - corner
            add = min((abs(guess - left), 0, left), (abs(guess - above[i]), 1, above[i]),
                      (abs(guess - corner), 2, corner))[2]
        line[i] = (line[i] + add) & 0xff


@pytest.fixture
def page(folder):
    (folder / "index.html").write_text(
        "<!doctype html><html><head><title>Seen by a browser</title><link rel=stylesheet href=style.css></head>"
        "<body><h1>It works</h1><script src=script.js></script></body></html>")
    (folder / "style.css").write_text("body { background: rgb(20, 90, 160); color: rgb(250, 240, 30) }\n")
    (folder / "script.js").write_text("document.title += ', with script'\n")
    return folder


@pytest.mark.proves("https", "serve", "Chromium by HTTP/2")
def test_trusted_page_over_http2_and_post_quantum(serve, page, tmp_path):
    site = serve(home=tmp_path / "home")
    home = tmp_path / "home"
    done = cert("trust", home)
    assert "Chromium" in done.stdout, done
    assert (home / ".pki" / "nssdb" / "cert9.db").exists()
    with browser.Browser(home) as chromium:
        responses = chromium.load(site.url())
        assert chromium.failure is None
        main = responses[site.url()]
        assert main["protocol"] == "h2"
        details = main["securityDetails"]
        assert (details["protocol"], details["keyExchangeGroup"]) == ("TLS 1.3", "X25519MLKEM768")
        assert main["securityState"] == "secure"
        assert responses[site.url("/style.css")]["status"] == 200
        assert chromium.evaluate("document.title") == "Seen by a browser, with script"
        assert chromium.evaluate("isSecureContext") is True
        picture = tmp_path / "page.png"
        chromium.screenshot(picture)
    width, height, colours = png_colours(picture)
    assert width >= 900 and height >= 500
    assert bytes((20, 90, 160)) in colours and len(colours) > 5  # the style's ground, and letters on it
    line = site.log.wait(lambda line: line["path"] == "/")[0]
    assert (line["group"], line["version"], line["tls"]) == ("X25519MLKEM768", "HTTP/2.0", "TLSv1.3")


def test_without_trust_and_after_untrust_the_browser_refuses(serve, page, tmp_path):
    home = tmp_path / "home"
    site = serve(home=home)
    with browser.Browser(home) as chromium:
        chromium.load(site.url())
        assert chromium.failure == "net::ERR_CERT_AUTHORITY_INVALID"
    assert "Chromium" in cert("trust", home).stdout
    done = cert("untrust", home)
    assert "Chromium" in done.stdout, done
    with browser.Browser(home) as chromium:
        chromium.load(site.url())
        assert chromium.failure == "net::ERR_CERT_AUTHORITY_INVALID"


def test_trust_twice_is_the_same_as_once(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    first, second = cert("trust", home), cert("trust", home)
    assert first.returncode == second.returncode == 0, (first, second)
    listed = subprocess.run(["certutil", "-L", "-d", f"sql:{home}/.pki/nssdb"], capture_output=True, text=True).stdout
    assert len([line for line in listed.splitlines() if "ally" in line]) == 1, listed


def test_cert_show_of_the_running_endpoint(serve, tmp_path):
    site = serve()
    status, out, err = run("cert", "show", f"localhost:{site.port}", home=tmp_path / "home0")
    assert "localhost" in out and "Sallyport" in out, (status, out, err)
