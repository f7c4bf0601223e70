"""`sallyport trace`: the connection as it happened, against our own server, others, and none."""
import html.parser
import json
import xml.etree.ElementTree

import pytest

from gateway import free_port, run
from peers.listening import byte_server
from peers.openssl_server import openssl_server


@pytest.fixture(scope="module")
def localhost_pair(authority):
    return authority.issue("localhost")


@pytest.fixture
def trace(tmp_path, authority):
    def begin(target, *flags, ca=None):
        status, out, err = run("trace", target, "--format", "json", "--connect", "127.0.0.1", "--ca", ca or authority.root, *flags,
                               home=tmp_path / "home")
        assert not err, err
        return status, json.loads(out)

    return begin


def names(report):
    return [step["what"] for step in report["steps"]]


def said(report, what):
    return [line for step in report["steps"] if step["what"] == what for line in step["says"]]


def test_our_own_server(trace, serve):
    site = serve()
    status, report = trace(f"https://localhost:{site.port}/hello.txt", ca=site.root)
    assert status == 0 and report["trusted"] and report["verdict"] == "trusted" and report["status"] == 200, report
    assert names(report)[:4] == ["DNS", "TCP", "ClientHello", "ServerHello"] and names(report)[-1] == "HTTP", names(report)
    assert "asks for localhost" in said(report, "ClientHello")
    assert "sends a key of X25519MLKEM768" in said(report, "ServerHello")
    assert "will speak http/1.1" in said(report, "EncryptedExtensions")
    assert any(line.startswith("proves that it holds the key, with ecdsa") for line in said(report, "CertificateVerify"))
    assert any(line.startswith("gives a ticket for") for line in said(report, "NewSessionTicket"))
    assert said(report, "HTTP") == ["GET /hello.txt is answered with status 200"]
    times = [step["milliseconds"] for step in report["steps"]]
    assert times[:4] == sorted(times[:4])
    hidden = {step["what"]: step["encrypted"] for step in report["steps"] if "encrypted" in step}
    assert not hidden["ClientHello"] and not hidden["ServerHello"] and hidden["Certificate"]


def test_http2_where_the_server_picks_it(trace, serve, localhost_pair):
    site = serve()
    status, report = trace(f"https://localhost:{site.port}/hello.txt?a=b", "--http2", ca=site.root)
    assert status == 0 and report["alpn"] == "h2" and report["status"] == 200, report
    assert said(report, "HTTP") == ["GET /hello.txt?a=b is answered with status 200 over HTTP/2"]
    assert trace(f"https://localhost:{site.port}/none", "--http2", ca=site.root)[1]["status"] == 404
    assert trace(f"https://localhost:{site.port}/", "--http1.1", ca=site.root)[1]["alpn"] == "http/1.1"
    with openssl_server(localhost_pair, "-alpn", "http/1.1") as port:  # it is only offered
        status, report = trace(f"https://localhost:{port}", "--http2")
    assert status == 0 and report["alpn"] == "http/1.1" and report["status"] == 200


def test_http2_that_is_none(trace, localhost_pair):
    with openssl_server(localhost_pair, "-alpn", "h2") as port:  # it picks h2 and speaks HTTP/1.0
        _, report = trace(f"https://localhost:{port}", "--http2", "--timeout", "5")
    assert report["handshake"] and report["alpn"] == "h2" and "status" not in report and report["failed"], report


def test_tls12_and_a_retry(trace, localhost_pair):
    with openssl_server(localhost_pair, "-tls1_2") as port:
        status, report = trace(f"localhost:{port}")
    assert status == 0 and report["version"] == "TLS 1.2"
    assert any(line.startswith("signs it with ecdsa") for line in said(report, "ServerKeyExchange"))
    assert said(report, "Certificate") == ["1 certificate"]
    with openssl_server(localhost_pair, "-tls1_3", "-groups", "P-384") as port:
        status, report = trace(f"localhost:{port}")
    assert status == 0 and said(report, "HelloRetryRequest")[-1] == "asks for a key of secp384r1"
    assert names(report).count("ClientHello") == 2


def test_a_certificate_for_another_name(trace, authority):
    with openssl_server(authority.issue("other.example")) as port:
        status, report = trace(f"localhost:{port}")
        assert status == 1 and report["verdict"] == "trusted, but not for localhost" and not report["trusted"]
        status, report = trace(f"localhost:{port}", "--sni", "other.example")
        assert status == 0 and "asks for other.example" in said(report, "ClientHello")


def test_an_unknown_root(trace, localhost_pair, authority, tmp_path):
    with openssl_server(localhost_pair) as port:
        status, report = trace(f"localhost:{port}", ca=authority.issue("localhost").certificate)
    assert status == 1 and report["verdict"].startswith("not trusted: ")


def test_what_ends_it_early(trace):
    status, report = trace(f"localhost:{free_port()}")
    assert status == 2 and not report["connected"] and "refuses connections" in report["failed"] and names(report) == ["DNS"]

    def alert(connection):
        connection.recv(4096)
        connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")

    with byte_server(alert) as port:
        status, report = trace(f"localhost:{port}")
    assert status == 2 and report["connected"] and not report["handshake"] and "ClientHello" in names(report)
    assert "HANDSHAKE_FAILURE" in report["failed"]


def test_text_and_usage(localhost_pair, authority, tmp_path):
    ask = lambda *flags: run("trace", *flags, home=tmp_path / "home")
    with openssl_server(localhost_pair) as port:
        status, out, _ = ask(f"localhost:{port}", "--connect", "127.0.0.1", "--ca", authority.root)
    assert status == 0 and "-> ClientHello" in out and "<- ServerHello" in out and "Scenario Root" in out
    assert "\x1b[" not in out, "colour is for terminals"
    assert ask("https://localhost/a b")[0] == 64
    assert ask()[0] == 64


def test_the_page_is_one_file_with_the_handshake_drawn(tmp_path, authority):
    with openssl_server(authority.issue("localhost")) as port:
        status, out, err = run("trace", f"https://localhost:{port}/<b>?a&b", "--format", "html", "--connect", "127.0.0.1", "--ca", authority.root,
                               home=tmp_path / "home")
    assert status == 0 and not err
    page = html.parser.HTMLParser()
    seen = []
    page.handle_starttag = lambda tag, attributes: seen.append((tag, dict(attributes)))
    page.feed(out)
    assert not [a for _, attributes in seen for a in attributes if a in ("src", "href", "onload")] and "<b>?a" not in out
    drawing = out[out.index("<svg"):out.index("</svg>")]
    tree = xml.etree.ElementTree.fromstring(drawing + "</svg>")
    drawn = [e.text for e in tree.iter() if e.get("class") == "name"]
    assert drawn[:3] == ["ClientHello", "ServerHello", "EncryptedExtensions"] and "Finished" in drawn
    for text in ("DNS", "TCP", "asks for localhost", "certificate: trusted", "GET /&lt;b&gt;?a&amp;b is answered with status 200", "Scenario Root"):
        assert text in out, text


def test_the_page_tells_of_failure(tmp_path, authority):
    with byte_server(lambda connection: connection.recv(100)) as port:
        status, out, _ = run("trace", f"localhost:{port}", "--format", "html", "--connect", "127.0.0.1", "--ca", authority.root, home=tmp_path / "home")
    assert status == 2 and "failed: " in out and "ClientHello" in out and out.endswith("</html>\n")


def test_http3(trace, serve, tmp_path):
    site, records = serve(), tmp_path / "records"
    records.mkdir()
    status, report = trace(f"https://localhost:{site.port}/hello.txt", "--http3", "--qlog", records, ca=site.root)
    assert status == 0 and (report["alpn"], report["status"], report["group"]) == ("h3", 200, "X25519MLKEM768"), report
    messages = [(step["from"], step["what"]) for step in report["steps"] if "from" in step]
    assert messages[:3] == [("client", "ClientHello"), ("server", "ServerHello"), ("server", "EncryptedExtensions")], messages
    assert ("client", "Finished") in messages and "over HTTP/3" in said(report, "HTTP")[0]
    record, = records.iterdir()
    assert record.suffix == ".sqlog" and '"type":"client"' in record.read_text()
    status, report = trace(f"https://localhost:{site.port}", "--http3")
    assert status == 1 and not report["trusted"]
    off = serve("--quic.on=false")
    status, report = trace(f"https://localhost:{off.port}", "--http3", ca=off.root)
    assert status == 2 and "check.no_http3" in report["failed"] and not report["connected"]
