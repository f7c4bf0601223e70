"""Routes within a site: which one a request falls under, and what it changes. Over HTTP/1.1 and HTTP/2."""
import pytest

from gateway import run
from peers.curl import curl

SITE = """
http_port = 0
[site."localhost"]
listen = ["127.0.0.1:{port}"]
headers = { X-Site = "site" }
%s
"""


def routes(configure, text):
    gateway = configure(SITE % text)
    gateway.say = lambda path, *arguments: curl(
        f"https://localhost:{gateway.port}{path}", "--path-as-is", *arguments, root=gateway.root)
    return gateway


MOST_SPECIFIC = """
respond = "site"
[[site."localhost".route]]
path = "/api/*"
respond = "api"
[[site."localhost".route]]
path = "/api/*"
method = "POST"
respond = "api by POST"
[[site."localhost".route]]
path = "/api/*"
header = ["X-Beta: 1", "X-Ring"]
respond = "beta api"
[[site."localhost".route]]
path = "/api/v2/*"
client = ["10.0.0.0/8"]
respond = "for others"
[[site."localhost".route]]
path = "/api/health"
client = ["127.0.0.0/8", "::1"]
respond = "fine"
[[site."localhost".route]]
path = "/new/*"
redirect = { to = "https://new.example/at", status = 302 }
strip_prefix = true
"""


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_the_most_specific_route_answers(configure, version):
    gateway = routes(configure, MOST_SPECIFIC)
    say = lambda *a: gateway.say(*a, version).body.decode()
    assert say("/") == "site"
    assert say("/apiary") == "site"
    assert say("/api") == say("/api/") == say("/api/x?y=/z") == say("/%61pi/x") == "api"
    assert say("/api/x", "-d", "body") == "api by POST"
    assert say("/api/x", "-H", "X-Beta: 1") == "api"
    assert say("/api/x", "-H", "X-Beta: 1", "-H", "x-ring: any") == "beta api"
    assert say("/api/x", "-H", "X-Beta: 2", "-H", "x-ring: any") == "api"
    assert say("/api/v2/x") == "api", "a longer path whose other conditions fail"
    assert say("/api/health") == "fine"
    answer = gateway.say("/new/a%20b?c", version)
    assert (answer.status, answer.fields["location"]) == (302, "https://new.example/at/a%20b?c")


def test_what_no_route_is_for_is_not_found(configure):
    gateway = routes(configure, '[[site."localhost".route]]\npath = "/a"\nrespond = "a"')
    assert gateway.say("/a").body == b"a"
    answer = gateway.say("/b")
    assert answer.status == 404 and answer.fields["x-site"] == "site"


DISGUISES = ["/admin%2Fx", "/admin;x", "/admin%5Cx", "/pub/../admin/x", "/pub/%2e%2e/admin/x", "/pub%2f..%2fadmin", "/pub/..;/admin",
             "//admin/x", "/%2fadmin/x"]


@pytest.mark.parametrize("path", DISGUISES)
def test_no_disguise_leads_past_a_rule(configure, path):
    gateway = routes(configure, """
respond = "open"
[[site."localhost".route]]
path = "/admin/*"
respond = { body = "closed", status = 403 }
""")
    assert gateway.say("/admin/x").status == gateway.say("/%61dmin").status == gateway.say("/admin//x").status == 403
    assert gateway.say("/pub/a%2Fb;c//d").status == 200, "where no rule differs, nothing is refused"
    assert gateway.say(path).status == 400
    entry, = gateway.log.wait(lambda e: e["path"] == path)
    assert (entry["status"], entry["failure"]) == (400, "handler.ambiguous_path")


def test_paths_change_before_the_files_are_looked_for(configure, folder):
    gateway = routes(configure, f"""
files = "{folder}"
[[site."localhost".route]]
path = "/static/v1/*"
strip_prefix = true
[[site."localhost".route]]
path = "/short"
rewrite = "/hello.txt"
[[site."localhost".route]]
path = "/text/*"
strip_prefix = true
rewrite = "{{path}}.txt"
""")
    assert gateway.say("/static/v1/hello.txt").body == b"hello\n"
    assert b"It works" in gateway.say("/static/v1").body
    assert gateway.say("/short?x").body == b"hello\n"
    assert gateway.say("/text/hello").body == b"hello\n"
    answer = gateway.say("/static/v1/sub?q")
    assert (answer.status, answer.fields["location"]) == (308, "/static/v1/sub/?q"), "the address that the client knows"
    assert gateway.say("/static/v1/%2e%2e/hello.txt").status == 400
    assert gateway.log.wait(lambda e: e["path"] == "/short?x")[0]["status"] == 200


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_fields_of_answers(configure, folder, version):
    gateway = routes(configure, f"""
files = {{ root = "{folder}", cache_control = "max-age=60" }}
[[site."localhost".route]]
path = "/hello.txt"
headers = {{ Cache-Control = "no-store", X-Site = "route", ETag = "", X-For = "{{client_address}} {{method}} {{path}}" }}
""")
    plain = gateway.say("/index.html", version)
    assert plain.fields["cache-control"] == "max-age=60" and plain.fields["x-site"] == "site" and "etag" in plain.fields
    for _ in range(2):  # from the disk, then from memory
        changed = gateway.say("/hello.txt", version)
        assert changed.body == b"hello\n" and "etag" not in changed.fields
        assert changed.fields["cache-control"] == "no-store" and changed.fields["x-site"] == "route"
        assert changed.fields["x-for"] == "127.0.0.1 GET /hello.txt"
        assert changed.fields["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("text, fault", [
    ('path = "/a"', 'route.1: does nothing'),
    ('path = "a"\nrespond = ""', 'route.1.path: "a": must begin with "/"'),
    ('path = "/%61"\nrespond = ""', "without % escapes"),
    ('path = "/a"\nstrip_prefix = true', "route.1.strip_prefix: needs a path that ends in"),
    ('path = "/a/*"\nrewrite = "/b/{path}"', "without the slash before {path}"),
    ('client = "10.0.0.1/8"\nrespond = ""', 'route.1.client: "10.0.0.1/8": is no address and no range'),
    ('method = "get"\nrespond = ""', "has small letters"),
    ('header = "no name"\nrespond = ""', "is no field name"),
    ('headers = { X-A = "{nobody}" }', "no variable {nobody}"),
    ('request_headers = { Host = "a" }', "is set by the server itself"),
    ('respond = ""\nfiles = "/"', "the route has files already"),
    ('path = "/a"\nrespond = ""\n[[site."localhost".route]]\npath = "/a"\nrespond = ""', "route 1 has the same conditions"),
    ('paths = "/a"', 'no such key; did you mean "path"?'),
])
def test_faults_are_told_with_their_line(tmp_path, text, fault):
    path = tmp_path / "sallyport.toml"
    path.write_text('[site."localhost:8443"]\nrespond = "ok"\n[[site."localhost:8443".route]]\n' + text.replace('"localhost"', '"localhost:8443"'))
    status, out, err = run("config", "check", path, home=tmp_path)
    assert status != 0 and fault in out + err and "sallyport.toml:" in out + err
