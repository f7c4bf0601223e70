"""HTTP/3 by Firefox, whose QUIC is its own (neqo)."""
import shutil

import pytest

from gateway import ROOT
from peers import firefox

pytestmark = pytest.mark.skipif(firefox.program() is None or shutil.which("certutil") is None,
                                reason="no Firefox on this machine: ./dev test installs it")


@pytest.mark.proves("https", "serve", "Firefox by HTTP/3")
def test_firefox_loads_the_demonstration_site(configure, authority, tmp_path):
    """No browser follows Alt-Svc under a private root: this one is told where HTTP/3 is."""
    pair = authority.issue("demo.example")
    site = configure(f'[site."demo.example:{{port}}"]\nfiles = "{ROOT / "demo"}"\ncertificate = "{pair.certificate}"\nkey = "{pair.key}"\n')
    told = {"network.dns.localDomains": "demo.example", "network.http.http3.alt-svc-mapping-for-testing": f"demo.example;h3=:{site.port}"}
    with firefox.Firefox(tmp_path / "browser", authority.root, **told) as page:
        page.load(f"https://demo.example:{site.port}/")
        ways = page.evaluate("performance.getEntries().filter(e => e.nextHopProtocol).map(e => [new URL(e.name).pathname, e.nextHopProtocol])")
        assert page.evaluate("document.title") and ["/", "h3"] in ways and {way for _, way in ways} == {"h3"}, ways
    lines = site.log.wait(lambda line: line["path"] in dict(ways), len(dict(ways)))
    assert {(line["version"], line["group"]) for line in lines} == {("HTTP/3.0", "X25519MLKEM768")}
