"""A folder over https: what is found, what is not, and in which form."""
import gzip
import json
import os
import re

import pytest

from peers import http1, tls
from peers.curl import curl


class NamedSite:
    """One site of a configuration."""

    def __init__(self, gateway, name):
        self.gateway, self.name = gateway, name

    def get(self, path, *lines):
        with tls.connect(self.gateway.port, self.name, self.gateway.root) as connection:
            return http1.get(connection, path, self.name, *lines)


def test_index_slash_and_types(serve, folder):
    site = serve()
    assert b"It works" in site.get("/").body
    assert b"Sub" in site.get("/sub/").body
    answer = site.get("/sub?a=b")
    assert answer.status in (301, 308) and answer.field("location") in ("/sub/?a=b", site.url("/sub/?a=b"))
    for name, kind in (("a.html", "text/html"), ("a.css", "text/css"), ("a.js", "text/javascript"), ("a.svg", "image/svg+xml"),
                       ("a.png", "image/png"), ("a.json", "application/json"), ("a.wasm", "application/wasm"),
                       ("a.unknown", "application/octet-stream"), ("a.woff2", "font/woff2")):
        (folder / name).write_bytes(b"x")
        assert site.get(f"/{name}").field("content-type").split(";")[0] == kind, name


def test_a_redirect_never_leaves_the_host(serve, folder):
    (folder / "evil.example").mkdir()
    (folder / "evil.example" / "index.html").write_text("x")
    site = serve()
    for path in ("//evil.example", "//evil.example/..", "/\\evil.example", "/%2fevil.example"):
        location = site.get(path).field("location")
        assert location is None or re.match(r"/(?![/\\])|https://localhost[:/]", location), (path, location)


def test_ranges(serve, folder):
    content = bytes(range(256)) * 40
    (folder / "r.bin").write_bytes(content)
    site = serve()
    total = len(content)
    for asked, first, last in (("0-9", 0, 9), ("100-", 100, total - 1), ("-50", total - 50, total - 1), ("5-99999999", 5, total - 1)):
        answer = curl(site.url("/r.bin"), "-r", asked, root=site.root)
        assert answer.status == 206 and answer.body == content[first:last + 1]
        assert answer.fields["content-range"] == f"bytes {first}-{last}/{total}"
    beyond = site.get("/r.bin", f"Range: bytes={total}-")
    assert beyond.status == 416 and beyond.field("content-range") == f"bytes */{total}"
    for ignored in ("bytes=5-2", "lines=1-2", "bytes=a-b", "bytes=", "bytes=1-2-3"):
        assert site.get("/r.bin", f"Range: {ignored}").status in (200, 416), ignored
    assert site.get("/r.bin", "Range: bytes=0-0", "Connection: close").body == content[:1]


def test_several_ranges(serve, folder):
    content = bytes(range(256)) * 40
    (folder / "r.bin").write_bytes(content)
    site = serve()
    answer = site.get("/r.bin", "Range: bytes=0-4,1000-1009,-3")
    assert answer.status == 206
    boundary = re.match(r"multipart/byteranges; ?boundary=\"?([^\"]+)\"?$", answer.field("content-type"))[1].encode()
    parts = answer.body.split(b"--" + boundary)
    assert parts[-1].strip() == b"--" and len(parts) == 5
    got = [part.split(b"\r\n\r\n", 1)[1][:-2] for part in parts[1:-1]]
    assert got == [content[:5], content[1000:1010], content[-3:]]
    many = site.get("/r.bin", "Range: bytes=" + ",".join(f"{i * 20}-{i * 20 + 1}" for i in range(200)))
    assert many.status == 200 and many.body == content  # RFC 9110 17.15


def test_if_range(serve, folder):
    (folder / "r.bin").write_bytes(bytes(1000))
    site = serve()
    tag = site.get("/r.bin").field("etag")
    assert site.get("/r.bin", "Range: bytes=0-9", f"If-Range: {tag}").status == 206
    assert site.get("/r.bin", "Range: bytes=0-9", 'If-Range: "other"').status == 200


def test_conditions(serve):
    site = serve()
    first = site.get("/hello.txt")
    tag, date = first.field("etag"), first.field("last-modified")
    assert tag.startswith('"') and date
    old, future = "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
    for lines, status in (([f"If-None-Match: {tag}"], 304), (["If-None-Match: *"], 304), (['If-None-Match: "x"'], 200),
                          ([f"If-None-Match: W/{tag}"], 304), ([f'If-None-Match: "x", {tag}'], 304),
                          ([f"If-Modified-Since: {date}"], 304), ([f"If-Modified-Since: {old}"], 200),
                          (['If-None-Match: "x"', f"If-Modified-Since: {date}"], 200),
                          ([f"If-Match: {tag}"], 200), (['If-Match: "x"'], 412), (["If-Match: *"], 200),
                          ([f"If-Match: W/{tag}"], 412), ([f"If-Unmodified-Since: {old}"], 412),
                          ([f"If-Unmodified-Since: {future}"], 200)):
        answer = site.get("/hello.txt", *lines)
        assert answer.status == status, lines
        if status == 304:
            assert answer.field("etag") == tag and answer.body == b""


def test_precompressed_files_beside_the_file(serve, folder):
    text = "hello, hello, hello\n" * 200
    (folder / "t.txt").write_text(text)
    (folder / "t.txt.gz").write_bytes(gzip.compress(text.encode()))
    (folder / "t.txt.br").write_bytes(b"pretended brotli")
    site = serve()
    plain = site.get("/t.txt")
    zipped = site.get("/t.txt", "Accept-Encoding: gzip")
    wide = site.get("/t.txt", "Accept-Encoding: gzip, br")
    assert plain.body == text.encode() and plain.field("content-encoding") is None
    assert zipped.field("content-encoding") == "gzip" and gzip.decompress(zipped.body) == text.encode()
    assert zipped.body == (folder / "t.txt.gz").read_bytes()
    assert wide.field("content-encoding") == "br" and wide.body == b"pretended brotli"
    assert len({plain.field("etag"), zipped.field("etag"), wide.field("etag")}) == 3
    for answer in (plain, zipped, wide):
        assert "accept-encoding" in answer.field("vary").lower()
        assert answer.field("content-type").startswith("text/plain")
    assert site.get("/t.txt", "Accept-Encoding: gzip;q=0").field("content-encoding") is None


def test_a_sibling_older_than_its_file_is_not_used(serve, folder):
    (folder / "t.txt").write_text("new\n" * 500)
    (folder / "t.txt.gz").write_bytes(gzip.compress(b"old\n"))
    os.utime(folder / "t.txt.gz", (1, 1))
    answer = serve().get("/t.txt", "Accept-Encoding: gzip")
    body = gzip.decompress(answer.body) if answer.field("content-encoding") else answer.body
    assert body == b"new\n" * 500


def test_compression_on_the_fly(serve, folder):
    text = "".join(f"line {n} of a text that repeats itself\n" for n in range(3000))
    (folder / "t.html").write_text(text)
    (folder / "small.txt").write_text("short\n")
    (folder / "noise.png").write_bytes(os.urandom(5000))
    site = serve()
    for coding in ("gzip", "br", "zstd"):
        answer = site.get("/t.html", f"Accept-Encoding: {coding}")
        assert answer.field("content-encoding") == coding and len(answer.body) < len(text) / 3
        assert not answer.field("etag") or answer.field("etag") != site.get("/t.html").field("etag")
    for coding in ("gzip", "br"):
        got = curl(site.url("/t.html"), "--compressed", "-H", f"Accept-Encoding: {coding}", root=site.root)
        assert got.body.decode() == text
    assert site.get("/small.txt", "Accept-Encoding: gzip").field("content-encoding") is None
    assert site.get("/noise.png", "Accept-Encoding: gzip").field("content-encoding") is None


def test_a_large_text_is_compressed_as_it_goes(serve, folder):
    line = "a line of a log that compresses well\n"
    (folder / "large.txt").write_text(line * 300_000)
    site = serve()
    answer = curl(site.url("/large.txt"), "--compressed", root=site.root, http="2")
    assert answer.body == (line * 300_000).encode()
    assert int(answer.facts["size_download"]) < 2_000_000


OUT_OF_REACH = ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/sub/../../secret.txt", "/sub/..%2f..%2fsecret.txt",
                "/%2e%2e%2fsecret.txt", "/..%5csecret.txt", "/.%00./secret.txt", "/%252e%252e/secret.txt", "//secret.txt/../../secret.txt",
                "/..;/secret.txt", "/hello.txt/../../secret.txt", "/%c0%ae%c0%ae/secret.txt", "/..", "/../", "/%2e%2e",
                "/.git/config", "/.env", "/sub/.hidden", "/.%67it/config", "/%2egit/config"]


@pytest.mark.parametrize("path", OUT_OF_REACH)
def test_what_lies_outside_or_is_hidden_does_not_exist(serve, folder, path):
    (folder.parent / "secret.txt").write_text("SECRET")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("SECRET")
    (folder / ".env").write_text("SECRET")
    (folder / "sub" / ".hidden").write_text("SECRET")
    answer = serve().get(path)
    assert answer.status in (400, 404, 301, 308) and b"SECRET" not in answer.body, answer


def test_well_known_is_served_(serve, folder):
    (folder / ".well-known").mkdir()
    (folder / ".well-known" / "security.txt").write_text("Contact: mailto:a@example.com\n")
    assert serve().get("/.well-known/security.txt").status == 200


def test_symbolic_links(configure, folder):
    (folder.parent / "secret.txt").write_text("SECRET")
    (folder / "out.txt").symlink_to("../secret.txt")
    (folder / "absolute.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "up").symlink_to("..")
    (folder / "in.txt").symlink_to("hello.txt")
    (folder / "loop").symlink_to("loop")

    def statuses(setting, name):
        gateway = configure(f"""
http_port = 0
[site."{name}.test"]
listen = ["127.0.0.1:{{port}}"]
files = {{ root = "{folder}"{setting} }}
""", home=folder.parent / name)
        found = {}
        for path in ("/out.txt", "/absolute.txt", "/up/secret.txt", "/in.txt", "/loop"):
            with tls.connect(gateway.port, f"{name}.test", gateway.root) as connection:
                found[path] = http1.get(connection, path, f"{name}.test").status
        return found

    inside = statuses("", "inside")
    assert inside == {"/out.txt": 404, "/absolute.txt": 404, "/up/secret.txt": 404, "/in.txt": 200, "/loop": 404}
    assert set(statuses(', symlinks = "none"', "none").values()) == {404}
    everything = statuses(', symlinks = "all"', "all")
    assert everything == {"/out.txt": 200, "/absolute.txt": 200, "/up/secret.txt": 200, "/in.txt": 200, "/loop": 404}


def test_only_plain_files_are_served(serve, folder):
    os.mkfifo(folder / "pipe")
    site = serve()
    assert site.get("/pipe").status in (403, 404)
    (folder / "sub" / "index.html").unlink()
    assert site.get("/sub/").status in (403, 404)  # no listing unless asked for


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(serve, folder):
    (folder / "hello.txt").chmod(0)
    assert serve().get("/hello.txt").status in (403, 404)


def test_listing(configure, folder):
    (folder / "sub" / "index.html").unlink()
    for name in ("b.txt", "a & <b>.txt", "ä ö.txt", "javascript:alert(1).txt", ".hidden"):
        (folder / "sub" / name).write_text("x" * 2000)
    (folder / "sub" / "deeper").mkdir()
    gateway = configure(f"""
http_port = 0
[site."list.test"]
listen = ["127.0.0.1:{{port}}"]
files = {{ root = "{folder}", listing = true }}
""")
    site = NamedSite(gateway, "list.test")
    page = site.get("/sub/", "Accept: text/html").body.decode()
    assert "<b>.txt" not in page and "&lt;b&gt;" in page and ".hidden" not in page
    assert page.index("deeper") < page.index("b.txt")
    links = re.findall(r'href="([^"]+)"', page)
    for name in ("b.txt", "a%20&amp;%20%3Cb%3E.txt", "%C3%A4%20%C3%B6.txt"):
        assert any(name in link or name.replace("&amp;", "%26") in link for link in links), (name, links)
    assert not any(link.startswith("javascript:") for link in links)
    for link in links:
        if link.endswith(".txt"):
            assert site.get("/sub/" + link.replace("&amp;", "&").removeprefix("./").removeprefix("/sub/")).status == 200, link
    content = json.loads(site.get("/sub/", "Accept: application/json").body)
    assert "b.txt" in json.dumps(content)


def test_error_pages(configure, folder):
    (folder / "404.html").write_text("<h1>Our own page</h1>")
    gateway = configure(f"""
http_port = 0
[site."own.test"]
listen = ["127.0.0.1:{{port}}"]
files = {{ root = "{folder}", errors = {{ 404 = "/404.html" }} }}
[site."plain.test"]
listen = ["127.0.0.1:{{port}}"]
files = "{folder}"
""")
    with tls.connect(gateway.port, "own.test", gateway.root) as connection:
        answer = http1.get(connection, "/none", "own.test")
        assert (answer.status, answer.body) == (404, b"<h1>Our own page</h1>")
    with tls.connect(gateway.port, "plain.test", gateway.root) as connection:
        page = http1.get(connection, "/%3Cscript%3E", "plain.test", "Accept: text/html")
        assert page.status == 404 and b"<html" in page.body.lower() and b"<script>" not in page.body
        text = http1.get(connection, "/none", "plain.test", "Accept: text/plain")
        assert text.status == 404 and text.field("content-type").startswith("text/plain")


def test_single_page_application(configure, folder):
    gateway = configure(f"""
http_port = 0
[site."spa.test"]
listen = ["127.0.0.1:{{port}}"]
files = {{ root = "{folder}", try = ["{{path}}", "{{path}}.html", "/index.html"] }}
""")
    (folder / "about.html").write_text("about")
    with tls.connect(gateway.port, "spa.test", gateway.root) as connection:
        for path, part in (("/hello.txt", b"hello"), ("/about", b"about"), ("/deep/route/5", b"It works"), ("/", b"It works")):
            answer = http1.get(connection, path, "spa.test")
            assert answer.status == 200 and part in answer.body, path
        for path in ("/../x", "/.git/config"):
            assert b"SECRET" not in http1.get(connection, path, "spa.test").body


def test_both_versions_say_the_same(serve):
    site = serve()
    first, second = (curl(site.url("/hello.txt"), root=site.root, http=http) for http in ("1.1", "2"))
    skip = ("date", "connection", "keep-alive")
    assert {k: v for k, v in first.fields.items() if k not in skip} == {k: v for k, v in second.fields.items() if k not in skip}
