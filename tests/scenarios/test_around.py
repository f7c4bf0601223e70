"""What comes with every answer, and plain http."""
import pytest

from peers import http1, tls
from peers.curl import curl

PUBLIC = """
http_port = {port2}
[site."example.com"]
names = ["www.example.com"]
listen = ["127.0.0.1:{port}"]
respond = "ok"
certificate = "%s"
key = "%s"
%s
"""


def fields_of(gateway, authority, name="example.com"):
    return curl(f"https://{name}:{gateway.port}/", root=authority.root, resolve=f"{name}:{gateway.port}").fields


@pytest.mark.parametrize("setting, value", [
    ("", "max-age=63072000"),
    ('hsts = "off"', "max-age=0"),
    ('hsts = "365d"', "max-age=31536000"),
    ('hsts = { max_age = "365d", include_subdomains = true, preload = true }', "max-age=31536000; includeSubDomains; preload"),
])
def test_hsts_on_public_names(configure, example_pair, authority, setting, value):
    gateway = configure(PUBLIC % (example_pair.certificate, example_pair.key, setting))
    assert fields_of(gateway, authority)["strict-transport-security"] == value


def test_hsts_never_on_local_names(serve):
    site = serve()
    assert site.get("/").field("strict-transport-security") is None
    assert site.get("/none").field("strict-transport-security") is None


def test_safe_fields_on_every_answer(serve):
    site = serve()
    for path in ("/", "/hello.txt", "/none", "/sub"):
        answer = site.get(path)
        assert answer.field("x-content-type-options") == "nosniff"
        assert answer.field("referrer-policy") == "strict-origin-when-cross-origin"
        assert answer.field("date")


def test_own_fields_are_added_and_defaults_taken_away(configure, example_pair, authority):
    setting = 'headers = { X-Own = "yes", Referrer-Policy = "no-referrer", X-Content-Type-Options = "" }'
    gateway = configure(PUBLIC % (example_pair.certificate, example_pair.key, setting))
    fields = fields_of(gateway, authority)
    assert fields["x-own"] == "yes" and fields["referrer-policy"] == "no-referrer"
    assert "x-content-type-options" not in fields


def test_plain_http_is_redirected(configure, example_pair):
    gateway = configure(PUBLIC % (example_pair.certificate, example_pair.key, ""))
    with http1.plain(gateway.port2) as connection:
        answer = http1.get(connection, "/a/b?c=d", "www.example.com")
        assert answer.status == 308
        assert answer.field("location") == f"https://www.example.com:{gateway.port}/a/b?c=d"
        assert answer.field("strict-transport-security") is None
        answer = http1.ask(connection, b"POST /form HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\na=b")
        assert answer.status == 308  # the method stays
        assert http1.get(connection, "/", "unknown.example").field("location") is None
        assert http1.get(connection, "/\\evil.example", "example.com").field("location") in (
            None, f"https://example.com:{gateway.port}/\\evil.example")


def test_redirects_are_open_to_nobody(configure, example_pair):
    gateway = configure(PUBLIC % (example_pair.certificate, example_pair.key, ""))
    for head in ("GET //evil.example/ HTTP/1.1\r\nHost: example.com\r\n", "GET http://evil.example/ HTTP/1.1\r\nHost: example.com\r\n",
                 "GET / HTTP/1.1\r\nHost: example.com:80\r\n", "GET /%0d%0aX: HTTP/1.1\r\nHost: example.com\r\n"):
        with http1.plain(gateway.port2) as connection:
            location = http1.ask(connection, head.encode() + b"\r\n").field("location")
        assert location is None or location.startswith(f"https://example.com:{gateway.port}/"), (head, location)


def test_http_port_by_flag(serve):
    from gateway import free_port
    port, secure = free_port(), free_port()
    site = serve("--http-port", port, "--listen", f"127.0.0.1:{secure}")
    assert site.gateway.redirect_port() == port
    answer = curl(f"http://localhost:{port}/x", "-4")
    assert answer.status == 308 and answer.fields["location"] == f"https://localhost:{site.port}/x"


def test_configured_redirects(configure):
    gateway = configure("""
http_port = 0
[site."old.test"]
listen = ["127.0.0.1:{port}"]
redirect = "https://new.test/base"
[site."here.test"]
listen = ["127.0.0.1:{port}"]
redirect = { to = "https://new.test/", status = 302, keep_path = false }
[site."answer.test"]
listen = ["127.0.0.1:{port}"]
respond = { body = "gone", status = 410, type = "text/plain" }
""")
    expected = {"old.test": (308, "https://new.test/base/a?b"), "here.test": (302, "https://new.test/"), "answer.test": (410, None)}
    for name, (status, location) in expected.items():
        with tls.connect(gateway.port, name, gateway.root) as connection:
            answer = http1.get(connection, "/a?b", name)
            assert (answer.status, answer.field("location")) == (status, location)


def test_several_sites_and_a_file_of_relative_paths(configure, folder, tmp_path):
    """Paths in a file are read from where the file lies."""
    gateway = configure('http_port = 0\n[site."rel.test"]\nlisten = ["127.0.0.1:{port}"]\nfiles = "site"\n', cwd="/")
    with tls.connect(gateway.port, "rel.test", gateway.root) as connection:
        assert http1.get(connection, "/hello.txt", "rel.test").body == b"hello\n"


def test_the_file_in_the_working_folder_is_the_default(start, tmp_path):
    from gateway import free_port
    port = free_port()
    (tmp_path / "sallyport.toml").write_text(f'http_port = 0\n[site."here.test"]\nlisten = ["127.0.0.1:{port}"]\nrespond = "here"\n')
    gateway = start("serve", cwd=tmp_path)
    with tls.connect(port, "here.test", gateway.root) as connection:
        assert http1.get(connection, "/", "here.test").body == b"here"
