"""HTTP/3 by two curls of newer Debians: one on OpenSSL's own QUIC, one on ngtcp2."""
import hashlib
import json
import os
import subprocess

import pytest

from gateway import ROOT
from peers import backend, newer, quic
from peers.curl import curl

DEMO = ROOT / "demo"
FILES = sorted(str(path.relative_to(DEMO)) for path in DEMO.rglob("*") if path.is_file())


@pytest.fixture(params=["trixie", "trixie-backports"], ids=["openssl", "ngtcp2"])
def program(request):
    return newer.command(request.param, "curl")


@pytest.mark.proves("https", "serve", "curl by HTTP/3")
def test_the_demonstration_site(serve, program):
    site = serve(served=DEMO)
    answer = curl(site.url(), http="3-only", root=site.root, program=program)
    assert (answer.status, answer.version) == (200, "3")
    assert answer.body == (DEMO / "index.html").read_bytes()
    assert answer.facts["ssl_verify_result"] == 0
    line, = site.log.wait(lambda line: line["path"] == "/")
    assert line["version"] == "HTTP/3.0"


def test_all_its_files_at_once(serve, program, tmp_path):
    """The first answer makes the connection, on which the others come side by side."""
    site = serve(served=DEMO)
    wanted = [part for name in FILES for part in ("-o", str(tmp_path / "got" / name), site.url("/" + name))]
    command = [*program, "-sS", "--http3-only", "--cacert", str(site.root), "--create-dirs", "--parallel", "--max-time", "60",
               "-w", "%{json}\n", *wanted]
    done = subprocess.run(command, capture_output=True, text=True, timeout=70)
    assert done.returncode == 0, done.stderr
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [fact["http_version"] for fact in facts] == ["3"] * len(FILES)
    assert sum(fact["num_connects"] for fact in facts) == 1
    for name in FILES:
        assert (tmp_path / "got" / name).read_bytes() == (DEMO / name).read_bytes()


def test_an_upload_comes_back(front, program, tmp_path):
    content = os.urandom(700_000)
    (tmp_path / "content").write_bytes(content)
    with backend.Backend(backend.echo) as behind:
        site = front(behind)
        answer = curl(site.url("/take"), "--data-binary", f"@{tmp_path / 'content'}", http="3-only", root=site.root, program=program)
    head, _, came = answer.body.partition(b"\n\n")
    assert (answer.status, answer.version) == (200, "3")
    assert head.startswith(b"POST /take HTTP/1.1\n") and came == content


def test_it_follows_what_is_announced(serve, program, tmp_path):
    """Alt-Svc (RFC 7838): learned over HTTP/2, used from the next request on."""
    site = serve(served=DEMO)
    known = tmp_path / "known"
    patient = ("--happy-eyeballs-timeout-ms", "20000", "-4")  # HTTP/2 is not tried beside it, however slow the machine
    versions = [curl(site.url(), "--alt-svc", known, *patient, root=site.root, program=program).version for _ in range(3)]
    assert versions == ["2", "3", "3"]
    assert f"h3 localhost {site.port}" in known.read_text()


def test_a_large_file(serve, folder, program):
    content = os.urandom(1 << 20) * 24
    (folder / "large.bin").write_bytes(content)
    site = serve()
    answer = curl(site.url("/large.bin"), http="3-only", root=site.root, program=program, timeout=100)
    assert answer.status == 200
    assert hashlib.sha256(answer.body).digest() == hashlib.sha256(content).digest()


def test_the_first_datagram_is_lost(serve, program):
    """A hello with a post-quantum key has two: the server keeps the second of no stranger, and asks for proof of his address."""
    site = serve()
    with quic.Relay(site.port, lose_first=1) as relay:
        answer = curl(f"https://localhost:{relay.port}/hello.txt", http="3-only", root=site.root, program=program)
    assert (answer.status, answer.body, relay.retries) == (200, b"hello\n", 1)
