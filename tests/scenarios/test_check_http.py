"""`sallyport check` reads answers, redirects, cookies and pages: what is wrong is found, what is right gets no finding."""
import contextlib
import gzip
import json
import pathlib
import shutil
import subprocess

import pytest

from checker import report
from gateway import ROOT, free_port
from peers.process import running
from peers.web import page, redirect, reply, web_server

HOST = "www.example.com"
GOOD = ("Strict-Transport-Security: max-age=63072000; includeSubDomains", "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors 'none'")


@pytest.fixture(scope="module")
def pair(authority):
    return authority.issue(HOST)


@pytest.fixture
def check(tmp_path, authority):
    """check(port, ...): the report about the server there, as www.example.com."""

    def begin(port, *flags):
        return report(tmp_path / "home", f"{HOST}:{port}", "--connect", "127.0.0.1", "--ca", authority.root, *flags)

    return begin


def findings(report):
    return {f["id"]: f for f in report["findings"]}


def of_http(report):
    return {id for id in findings(report) if id.split(".")[0] in ("redirect", "cookie", "http", "mixed", "hsts", "opossum")}


def serve(pair, answer):
    return web_server(pair, answer if callable(answer) else lambda path, fields: answer)


def test_a_sound_page_has_no_finding_and_the_best_mdn_grade(check, pair):
    with serve(pair, page("<h1>Hello</h1><script src=/x.js></script><img src=//other.example/y>", *GOOD)) as port:
        report = check(port)
    assert of_http(report) <= {"http.http2"}, report
    mdn = report["observations"]["mdn_observatory"]
    assert mdn["grade"] == "A+" and mdn["score"] >= 100 and len(mdn["tests"]) == 12
    assert report["observations"]["page"]["status"] == 200 and report["observations"]["page"]["insecure_parts"] == []


def test_a_bare_page_tells_what_is_missing(check, pair):
    with serve(pair, page("<h1>Hello</h1>", "Server: Thing/1.2", "X-Powered-By: PHP/5.3", "Date: Mon, 01 Jan 2001 00:00:00 GMT")) as port:
        report = check(port)
    assert {"http.csp", "http.x_frame_options", "http.x_content_type_options", "http.banner", "http.clock", "hsts.present"} <= of_http(report)
    assert "Thing/1.2, PHP/5.3" in findings(report)["http.banner"]["evidence"]
    assert report["observations"]["mdn_observatory"]["score"] == 30


def test_mixed_content_is_told_apart(check, pair):
    html = ("<script src=http://a.example/x.js></script><img src=http://b.example/y.png><form action=http://c.example/send></form>"
            "<style>@import url(http://d.example/z.css)</style><a href=http://e.example/>elsewhere</a><!-- <script src=http://f.example/> -->")
    with serve(pair, page(html, *GOOD)) as port:
        found = findings(check(port))
    assert "http://a.example/x.js" in found["mixed.blockable"]["evidence"] and "d.example" in found["mixed.blockable"]["evidence"]
    assert found["mixed.blockable"]["severity"] == "high"
    assert "http://b.example/y.png" in found["mixed.upgradable"]["evidence"] and found["mixed.upgradable"]["severity"] == "low"
    assert "http://c.example/send" in found["mixed.form"]["evidence"]
    assert "e.example" not in json.dumps(found) and "f.example" not in json.dumps(found)


@pytest.mark.parametrize("where", ["field", "meta"])
def test_the_policy_that_upgrades_mends_it(check, pair, where):
    html = "<script src=http://a.example/x.js></script>"
    policy = "upgrade-insecure-requests"
    text = page(html, f"Content-Security-Policy: {policy}") if where == "field" else page(f"<meta http-equiv=Content-Security-Policy content={policy}>" + html)
    with serve(pair, text) as port:
        found = findings(check(port))
    assert "mixed.blockable" not in found and "a.example" in found["mixed.by_policy"]["evidence"]


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_compressed_pages_are_read(check, pair, coding):
    html = "<img src=http://b.example/y.png>" * 100
    if coding == "gzip":
        body = gzip.compress(html.encode())
    else:
        program = {"br": ["brotli", "-c"], "zstd": ["zstd", "-qc"]}[coding]
        if not shutil.which(program[0]):
            pytest.skip(f"no {program[0]}")
        body = subprocess.run(program, input=html.encode(), stdout=subprocess.PIPE, check=True).stdout
    with serve(pair, reply("200 OK", body, "Content-Type: text/html", f"Content-Encoding: {coding}")) as port:
        report = check(port)
    assert "mixed.upgradable" in of_http(report)
    assert report["observations"]["page"]["coding"] == coding and report["observations"]["page"]["bytes"] == len(html)


def test_a_secret_in_a_compressed_page(check, pair):
    html = "<form><input type=hidden name=csrf_token value=d41d8cd98f00b204></form>"
    with serve(pair, reply("200 OK", gzip.compress(html.encode()), "Content-Type: text/html", "Content-Encoding: gzip")) as port:
        assert "csrf_token" in findings(check(port))["http.breach"]["evidence"]
    with serve(pair, page(html)) as port:
        assert "http.breach" not in findings(check(port))


def test_hostile_pages_end_in_limits(check, pair):
    bomb = gzip.compress(b"<p>" + bytes(300_000_000))

    def flood(path, fields):
        fields["connection"].sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            fields["connection"].sendall(b"<div>" * 3000)

    def broken(path, fields):
        return reply("200 OK", b"this is not gzip", "Content-Type: text/html", "Content-Encoding: gzip")

    with serve(pair, reply("200 OK", bomb, "Content-Type: text/html", "Content-Encoding: gzip")) as port:
        report = check(port)
        assert report["observations"]["page"]["bytes"] == 1 << 20 and not report["observations"]["page"]["whole"]
        assert "mixed" in {n["id"] for n in report["not_tested"]}
    with serve(pair, flood) as port:
        report = check(port, "--page-bytes", "20000")
        assert report["observations"]["page"]["bytes"] == 20000
    with serve(pair, broken) as port:
        assert check(port)["observations"]["page"]["bytes"] == 0


def test_cookies(check, pair):
    cookies = ["sessid=1; Secure", "__Host-a=1; Secure", "plain=1; HttpOnly; SameSite=Lax", "lost=1; SameSite=None", "csrf=1; Secure",
               "other=1; Secure; Domain=example.org; SameSite=Lax"]
    with serve(pair, page("<p>", *GOOD, *(f"Set-Cookie: {c}" for c in cookies))) as port:
        found = findings(check(port))
    for id, name in [("cookie.httponly", "sessid"), ("cookie.prefix", "__Host-a"), ("cookie.secure", "plain"), ("cookie.samesite", "lost"),
                     ("cookie.csrf", "csrf"), ("cookie.dropped", "other")]:
        assert name in found[id]["evidence"], id
    with serve(pair, page("<p>", *GOOD, "Set-Cookie: __Host-sessid=1; Secure; HttpOnly; SameSite=Lax; Path=/")) as port:
        assert not {id for id in findings(check(port)) if id.startswith("cookie.")}


def test_cors_that_lets_everybody_in(check, pair):
    def answer(path, fields):
        return page("<p>", f"Access-Control-Allow-Origin: {fields.get('origin', 'none')}", "Access-Control-Allow-Credentials: true")
    with serve(pair, answer) as port:
        assert "http.cors" in findings(check(port))
    with serve(pair, page("<p>", "Access-Control-Allow-Origin: *")) as port:
        assert "http.cors" not in findings(check(port))


def test_redirects_inside_https_are_followed(check, pair):
    def answer(path, fields):
        return redirect("/b/../c") if path == "/" else redirect("d?x=y") if path == "/c" else page("<img src=http://b.example/y.png>")
    with serve(pair, answer) as port:
        report = check(port)
        base = f"https://{HOST}:{port}"
        assert report["observations"]["page"]["addresses"] == [f"{base}/", f"{base}/c", f"{base}/d?x=y"]
        assert "mixed.upgradable" in findings(report)


@pytest.mark.parametrize("answer, found", [
    (lambda path, fields: redirect("/"), "redirect.circle"),
    (lambda path, fields: redirect(path + "x"), "redirect.too_long"),
    (lambda path, fields: redirect("http://other.example/"), "redirect.downgrade"),
    (lambda path, fields: redirect("javascript:alert(1)"), "redirect.address"),
], ids=["circle", "too_long", "downgrade", "address"])
def test_redirects_of_https_that_go_wrong(check, pair, answer, found):
    with serve(pair, answer) as port:
        assert found in findings(check(port))


def test_redirects_from_http(check, pair):
    def ids(plain_answer, secure_answer=page("<p>")):
        ports = []
        plain = lambda path, fields: plain_answer(ports[0], ports[1], path)
        secure = (lambda path, fields: secure_answer(ports[0], ports[1])) if callable(secure_answer) else secure_answer
        with serve(pair, secure) as port, serve(None, plain) as http_port:
            ports[:] = [port, http_port]
            return {id for id in findings(check(port, "--http-port", str(http_port))) if id.startswith("redirect")}

    assert ids(lambda port, plain, path: redirect(f"https://{HOST}:{port}/")) == set()
    assert ids(lambda port, plain, path: page("<p>")) == {"redirect"}
    assert ids(lambda port, plain, path: redirect("https://other.example/")) == {"redirect.off_host"}
    assert ids(lambda port, plain, path: redirect("/x") if path == "/" else redirect(f"https://{HOST}:{port}/")) == {"redirect.late"}
    assert ids(lambda port, plain, path: redirect("/")) == {"redirect.circle"}
    assert ids(lambda port, plain, path: reply("403 Forbidden")) == set()
    assert ids(lambda port, plain, path: redirect(f"https://{HOST}:{port}/"), lambda port, plain: redirect(f"http://{HOST}:{plain}/")) == {"redirect.circle"}


def test_a_closed_plain_port_is_no_finding(check, pair):
    with serve(pair, page("<p>")) as port:
        report = check(port, "--http-port", str(free_port()))
    assert report["tested"] and "redirect" not in of_http(report)


def test_preload_needs_the_redirect_too(check, pair):
    field = "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload"
    with serve(pair, page("<p>", field)) as port:
        with serve(None, page("<p>")) as http_port:
            assert "first redirect" in findings(check(port, "--http-port", str(http_port)))["hsts.preload_ready"]["evidence"]
        with serve(None, redirect(f"https://{HOST}:{port}/")) as http_port:
            assert "hsts.preload_ready" not in findings(check(port, "--http-port", str(http_port)))


APACHE = shutil.which("apache2", path="/usr/sbin:/usr/bin")


@contextlib.contextmanager
def apache(folder, pair, engine):
    """(port with TLS, plain port) of Apache; `engine` is what the plain port says of SSLEngine."""
    folder = pathlib.Path(folder)
    (folder / "pages").mkdir(parents=True)
    (folder / "pages/index.html").write_text("<h1>Here</h1><iframe src=http://a.example/></iframe>" + "<p>more of it" * 200)
    port, plain = free_port(), free_port()
    modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                      for name in ("mpm_event", "authz_core", "ssl", "mime", "dir", "deflate", "filter", "headers"))
    (folder / "apache.conf").write_text(f"""{modules}
ServerRoot {folder}
ServerName {HOST}
PidFile {folder}/pid
ErrorLog {folder}/error.log
Listen 127.0.0.1:{port}
Listen 127.0.0.1:{plain}
TypesConfig /dev/null
AddType text/html .html
DirectoryIndex index.html
DocumentRoot {folder}/pages
SSLCertificateFile {pair.certificate}
SSLCertificateKeyFile {pair.key}
SetOutputFilter DEFLATE
Header always set Set-Cookie "sessid=1; Path=/"
<VirtualHost 127.0.0.1:{port}>
  SSLEngine on
</VirtualHost>
<VirtualHost 127.0.0.1:{plain}>
  SSLEngine {engine}
</VirtualHost>
""")
    with running([APACHE, "-DFOREGROUND", "-f", folder / "apache.conf"], port, folder, log=folder / "error.log"):
        yield port, plain



@pytest.mark.skipif(not APACHE, reason="no Apache")
@pytest.mark.proves("https", "check", "Apache")
def test_apache(check, pair, tmp_path):
    with apache(tmp_path / "apache", pair, "off") as (port, plain):
        report = check(port, "--http-port", str(plain))
    found = findings(report)
    assert "opossum" not in found
    assert "redirect" in found and "sessid" in found["cookie.secure"]["evidence"]
    assert "a.example" in found["mixed.blockable"]["evidence"], "the page came compressed"
    assert report["observations"]["page"]["coding"] == "gzip"


def test_tls_inside_a_plain_connection(check, pair):
    """Apache took it back with the fix of CVE-2025-49812, so a server of ours speaks as it did."""
    def plain(path, fields):
        if fields.get("upgrade") == "TLS/1.0":
            return b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n"
        return reply("403 Forbidden")
    with serve(pair, page("<p>")) as port, serve(None, plain) as http_port:
        assert "opossum" in findings(check(port, "--http-port", str(http_port)))
