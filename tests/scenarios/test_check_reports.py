"""The forms of a report of `sallyport check`: each is read by a reader of its own, and a hostile server leaves its place in none."""
import csv
import html.parser
import io
import json
import re
import ssl
import xml.etree.ElementTree

import jsonschema
import prometheus_client.parser
import pytest

from gateway import ROOT, run
from peers import pki
from peers.listening import byte_server
from peers.openssl_server import openssl_server

EVIL_NAME = "<script>alert(1)</script>\x1b[31m"
EVIL_SERVER = "=1+2\";cmd</pre><b>/9 \u202e"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """(port, certificate) of a server whose certificate and answer are made to break out of a report."""
    folder = tmp_path_factory.mktemp("hostile")
    key, leaf = folder / "h.key", folder / "h.pem"
    pki.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", leaf,
                "-utf8", "-subj", "/CN=" + EVIL_NAME.replace("/", "\\/"), "-days", "5", "-addext", "subjectAltName=DNS:localhost")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(leaf, key)

    def talk(connection):
        connection.settimeout(10)
        with tls.wrap_socket(connection, server_side=True) as session:
            session.recv(4096)
            session.sendall(b"HTTP/1.1 200 OK\r\nServer: " + EVIL_SERVER.encode() + b"\r\nContent-Length: 0\r\n\r\n")

    with byte_server(talk) as port:
        yield port


@pytest.fixture
def report(hostile, tmp_path):
    """report(format, ...): (status, text) about the hostile server."""

    def make(form, *flags):
        status, out, err = run("check", f"localhost:{hostile}", "--connect", "127.0.0.1", "--format", form, *flags, home=tmp_path / "home")
        assert not err, err
        return status, out

    return make


def schema():
    return json.loads((ROOT / "docs/check-report.schema.json").read_text())


def test_json_keeps_its_schema(report):
    status, out = report("json")
    read = json.loads(out)
    jsonschema.Draft202012Validator(schema()).validate(read)
    target = read["targets"][0]
    assert status == 1 and target["grade"] == "T"
    assert any(EVIL_NAME in f["evidence"] for f in target["findings"] if f["id"] == "chain_of_trust")
    messages = target["observations"]["handshake"]["messages"]
    assert [m["name"] for m in messages][:2] == ["ClientHello", "ServerHello"]
    assert {"EncryptedExtensions", "Certificate", "CertificateVerify", "Finished"} <= {m["name"] for m in messages}
    assert [m["encrypted"] for m in messages][:3] == [False, False, True]


def test_json_lines_are_targets(report):
    _, out = report("jsonl")
    lines = out.splitlines()
    assert len(lines) == 1
    jsonschema.Draft202012Validator(schema()["properties"]["targets"]["items"]).validate(json.loads(lines[0]))


def test_csv_has_no_formulas(report):
    _, out = report("csv")
    assert out.count("\n") == out.count("\r\n")
    rows = list(csv.DictReader(io.StringIO(out, newline=""), strict=True))
    assert "chain_of_trust" in {row["id"] for row in rows}
    assert all(None not in row and None not in row.values() for row in rows), "every row has every cell"
    banner = next(row for row in rows if row["id"] == "http.banner")
    assert banner["evidence"].startswith("'=1+2")
    assert "\x1b" not in out and "\u202e" not in out


def test_sarif_has_what_the_standard_demands(report):
    _, out = report("sarif")
    log = json.loads(out)
    assert log["version"] == "2.1.0" and len(log["runs"]) == 1
    driver = log["runs"][0]["tool"]["driver"]
    assert driver["name"]
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    results = log["runs"][0]["results"]
    assert results
    for result in results:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error") and result["message"]["text"]
        assert re.fullmatch(r"https://localhost:\d+/", result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        assert len(result["partialFingerprints"]["endpointAndId/v1"]) == 64
    assert next(r for r in results if r["ruleId"] == "chain_of_trust")["level"] == "error"


def test_junit_counts_are_right(report):
    _, out = report("junit", "--fail-on", "high")
    root = xml.etree.ElementTree.fromstring(out)
    assert root.tag == "testsuites"
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    assert int(suite.get("tests")) == len(cases)
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure")) > 0
    assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    assert "chain_of_trust" in failed and "http.banner" not in failed
    _, out = report("junit", "--fail-on", "never")
    assert not xml.etree.ElementTree.fromstring(out).findall("testsuite/testcase/failure")


def test_prometheus_reads_it(report, hostile, tmp_path):
    _, out = report("prometheus")
    families = {f.name: f for f in prometheus_client.parser.text_string_to_metric_families(out)}
    found = {s.labels["id"] for s in families["sallyport_check_finding"].samples}
    assert "chain_of_trust" in found
    assert families["sallyport_check_grade"].samples[0].labels["grade"] == "T"
    assert families["sallyport_check_tested"].samples[0].value == 1
    assert families["sallyport_check_certificate_expiry_timestamp_seconds"].samples[0].value > 1.7e9
    place = f"localhost:{hostile}"
    _, twice, _ = run("check", place, place, "--connect", "127.0.0.1", "--format", "prometheus", home=tmp_path / "home")
    series = [line.rsplit(" ", 1)[0] for line in twice.splitlines() if not line.startswith("#")]
    assert len(series) == len(set(series))


class Page(html.parser.HTMLParser):
    VOID = {"meta", "link", "img", "br", "hr", "input"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.attributes, self.text = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_html_is_one_file_and_shows_hostile_text_as_text(report):
    _, out = report("html")
    page = Page(out)
    assert not page.open
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags) and "svg" in page.tags
    assert not [name for name, _ in page.attributes if name in ("src", "href") or name.startswith("on")]
    text = "".join(page.text)
    assert "<script>alert(1)</script>" in text and "ClientHello" in text and "CertificateVerify" in text
    assert "\x1b" not in out and "\u202e" not in out and "<script" not in out
    assert "\\u{202e}" in text


def test_text_is_never_obeyed_by_a_terminal(report):
    _, out = report("text", "--all")
    assert "<script>alert(1)</script>" in out
    assert "\x1b" not in out and "\u202e" not in out and "\\x1b[31m" in out


def test_output_goes_to_a_file(report, tmp_path):
    place = tmp_path / "report.html"
    _, out = report("html", "--output", place)
    assert out == "" and place.read_text().startswith("<!doctype html>")
    status, _, err = run("check", "localhost", "--connect", "127.0.0.1", "--format", "yaml", home=tmp_path / "home")
    assert status == 64 and "yaml" in err


def test_a_baseline_fails_only_on_what_is_new(authority, tmp_path):
    pair = authority.issue("localhost", kind="rsa")
    before = tmp_path / "before.json"
    ask = lambda port, *flags: run("check", f"localhost:{port}", "--connect", "127.0.0.1", "--ca", authority.root, "--fail-on", "low", *flags,
                                   home=tmp_path / "home")
    with openssl_server(pair, "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256") as port:
        assert ask(port, "--format", "json", "--output", before)[0] == 1
        known = {f["id"] for f in json.loads(before.read_text())["targets"][0]["findings"]}
        status, out, _ = ask(port, "--baseline", before, "--format", "json")
        again = json.loads(out)["targets"][0]["findings"]
        assert status == 0 and all(f["known"] for f in again) and {f["id"] for f in again} == known
        status, out, _ = ask(port, "--baseline", before)
        assert status == 0 and "known from the baseline" in out
        report = json.loads(before.read_text())
        report["targets"][0]["findings"] = [f for f in report["targets"][0]["findings"] if f["id"] != "proto.tls13"]
        before.write_text(json.dumps(report))
        status, out, _ = ask(port, "--baseline", before, "--format", "json")
        assert status == 1
        assert {f["id"] for f in json.loads(out)["targets"][0]["findings"] if not f.get("known")} == {"proto.tls13"}
    for bad in "", "[]", "{}", '{"targets": [{}]}':
        before.write_text(bad)
        status, _, err = ask(port, "--baseline", before)
        assert status == 64 and "check.bad_baseline" in err and "before.json" in err
