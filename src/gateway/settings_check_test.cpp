#include "gateway/settings_check.h"

#include "gateway/settings_fixture.h"

namespace sally::gateway {
namespace {

struct BadFile {
  const char* text;
  const char* fault;
};

class BadFiles : public SettingsTest, public testing::WithParamInterface<BadFile> {};

TEST_P(BadFiles, HaveExactMessages) { EXPECT_EQ(faults(GetParam().text), GetParam().fault); }

INSTANTIATE_TEST_SUITE_P(
    Table, BadFiles,
    testing::Values(
        BadFile{"workers = 1\n",
                "sallyport.toml: no site; begin with [site.\"localhost:8443\"] and files = \"/a/folder\""},
        BadFile{
            "[site.localhost]\n",
            "sallyport.toml:1: site.localhost: does nothing; add files = \"/a/folder\", or proxy, redirect "
            "or respond"},
        BadFile{"[site.localhost]\nfiles = 'www'\nrespond = 'x'\n",
                "sallyport.toml:3: site.localhost.respond: the site has files already; keep one of them"},
        BadFile{"[site.localhost]\nfiles = 'wwv'\n",
                "sallyport.toml:2: site.localhost.files: no such folder \"wwv\"; did you mean \"www\"?"},
        BadFile{"[site.localhost.files]\nroot = 'a.pem'\n",
                "sallyport.toml:1: site.localhost.files: \"a.pem\" is a file, not a folder"},
        BadFile{"[site.localhost]\nproxies = '127.0.0.1:3000'\n",
                "sallyport.toml:2: site.localhost.proxies: no such key"},
        BadFile{"[site.localhost.files]\nlisting = true\n",
                "sallyport.toml:1: site.localhost.files: has no root; which folder is to be served?"},
        BadFile{"[site.\"example.com\"]\nfiles = 'www'\n",
                "sallyport.toml:1: site.\"example.com\": \"example.com\" is a public name, for which the "
                "local CA does "
                "not vouch; set certificate and key to the PEM files of its certificate"},
        BadFile{"[site.'a.test']\nrespond = 'x'\ncertificate = 'a.pem'\n",
                "sallyport.toml:3: site.\"a.test\".certificate: a certificate without a key; set key to the "
                "file with "
                "its private key"},
        BadFile{"[site.'a.test']\nrespond = 'x'\nkey = 'a.key'\n",
                "sallyport.toml:3: site.\"a.test\".key: a key without a certificate; set certificate to its "
                "PEM file"},
        BadFile{"[site.'a.test']\nrespond = 'x'\ncertificate = ['a.pem', 'b.pem']\nkey = 'a.key'\n",
                "sallyport.toml:4: site.\"a.test\".key: certificates and keys come in pairs: 2 certificates, "
                "1 keys"},
        BadFile{"[site.'a.test']\nrespond = 'x'\ncertificate = 'www'\nkey = 'c.key'\n",
                "sallyport.toml:3: site.\"a.test\".certificate: \"www\" is a folder, not a file\n"
                "sallyport.toml:4: site.\"a.test\".key: no such file \"c.key\"; did you mean \"a.key\"?"},
        BadFile{"[site.'a.test']\nrespond = 'x'\n\n[site.'b.test']\nrespond = 'y'\nnames = ['A.test']\n",
                "sallyport.toml:4: site.\"b.test\": port 443 has \"a.test\" already: site.\"a.test\" at "
                "sallyport.toml:1"},
        BadFile{"[site.'a.test']\nrespond = 'x'\ndefault = true\n[site.'b.test']\nrespond = 'y'\ndefault = "
                "true\n",
                "sallyport.toml:6: site.\"b.test\".default: port 443 has a default site already: "
                "site.\"a.test\" at "
                "sallyport.toml:1"},
        BadFile{"[site.'a.test']\nrespond = 'x'\nnames = 'a.test'\n",
                "sallyport.toml:3: site.\"a.test\".names: \"a.test\": stands there twice"},
        BadFile{
            "[site.'a.test']\nrespond = 'x'\nlisten = ['443', 'b.test:443', '0', '::1:5']\n",
            "sallyport.toml:3: site.\"a.test\".listen: \"b.test:443\": of names only localhost can be "
            "listened on; "
            "write the address\n"
            "sallyport.toml:3: site.\"a.test\".listen: \"0\": port 0 is none to be found again\n"
            "sallyport.toml:3: site.\"a.test\".listen: \"::1:5\": an IPv6 address needs brackets: [::1]:443"},
        BadFile{"[site.'a.test:99999']\nrespond = 'x'\n",
                "sallyport.toml:1: site.\"a.test:99999\": \"99999\" is no port, 1..65535"},
        BadFile{"[site.'a.test:1000']\nrespond = 'x'\nlisten = '2000'\n",
                "sallyport.toml:3: site.\"a.test:1000\".listen: the name of the site says port 1000 already; "
                "keep one "
                "of them"},
        BadFile{"[site.'a.test']\nrespond = 'x'\nlisten = ['443', '0.0.0.0:443']\n",
                "sallyport.toml:3: site.\"a.test\".listen: 443 and 0.0.0.0:443 name the same addresses; use "
                "one of "
                "them everywhere"},
        BadFile{"[port.http]\n[site.localhost]\nrespond = 'x'\n",
                "sallyport.toml:1: port.http: it has no port"},
        BadFile{"[port.80]\n[port.':80']\n[site.localhost]\nrespond = 'x'\n",
                "sallyport.toml:2: port.\":80\": 80 has a block already"},
        BadFile{
            "http_port = 443\n[site.'a.test']\nrespond = 'x'\n",
            "sallyport.toml:1: http_port: port 443 is a site's port too; choose another one, or 0 for none"},
        BadFile{"[site.'a.test']\nredirect = '/new'\n",
                "sallyport.toml:2: site.\"a.test\".redirect: \"/new\": must begin with \"https://name\""},
        BadFile{"[site.'a.test']\nredirect = 'https://a.test/x'\n",
                "sallyport.toml:2: site.\"a.test\".redirect: sends each request to this site again, for "
                "ever; name "
                "another one"},
        BadFile{"[site.'a.test']\nredirect = { to = 'https://b.test', status = 305 }\n",
                "sallyport.toml:2: site.\"a.test\".redirect.status: 305 is none of 301, 302, 303, 307, 308; "
                "did you "
                "mean \"301\"?"},
        BadFile{"[site.'a.test']\nrespond = 'x'\nhsts = 'on'\n",
                "sallyport.toml:3: site.\"a.test\".hsts: \"on\" is none of \"auto\", \"off\", or a duration "
                "such as "
                "\"365d\""},
        BadFile{"[site.'a.test']\nrespond = 'x'\nhsts = { max_age = '30d', preload = true }\n",
                "sallyport.toml:3: site.\"a.test\".hsts.preload: needs include_subdomains = true and a "
                "max_age of 365d "
                "or more"},
        BadFile{
            "[site.'a.test']\nrespond = 'x'\nheaders = { 'Content-Length' = '5', 'X Y' = 'z', 'X-A' = "
            "\"a\\nb\" }\n",
            "sallyport.toml:3: site.\"a.test\".headers.Content-Length: \"Content-Length\": is set by the "
            "server "
            "itself\n"
            "sallyport.toml:3: site.\"a.test\".headers.\"X Y\": \"X Y\": is no field name (RFC 9110 5.1)\n"
            "sallyport.toml:3: site.\"a.test\".headers.X-A: \"a\\x0ab\": has characters that a field value "
            "cannot "
            "have (RFC 9110 5.5)"},
        BadFile{"[site.localhost.files]\nroot = 'www'\nindex = '../x'\ntry = ['index.html', '/../y', "
                "'{path}{path}']\n",
                "sallyport.toml:3: site.localhost.files.index: \"../x\": must be the plain name of a file\n"
                "sallyport.toml:4: site.localhost.files.try: \"index.html\": must begin with \"{path}\" or "
                "\"/\""},
        BadFile{"[site.localhost.files]\nroot = 'www'\ntry = ['{path}', '/../y']\n",
                "sallyport.toml:3: site.localhost.files.try: \"/../y\": must not leave the served folder"},
        BadFile{
            "[site.localhost.files]\nroot = 'www'\ntypes = { '.md' = 'text/markdown', md = 'markdown' }\n",
            "sallyport.toml:3: site.localhost.files.types.\".md\": \".md\": must be written without the dot\n"
            "sallyport.toml:3: site.localhost.files.types.md: \"markdown\": is no media type such as "
            "\"text/plain\" "
            "(RFC 9110 8.3.1)"},
        BadFile{
            "limits.request_line_bytes = '32KiB'\n[site.localhost]\nrespond = 'x'\n",
            "sallyport.toml:1: limits.request_line_bytes: is more than header_bytes, of which it is a part"},
        BadFile{"limits.h2.stream_window = '2MiB'\n[site.localhost]\nrespond = 'x'\n",
                "sallyport.toml:1: limits.h2.stream_window: is more than connection_window, which all "
                "streams share"},
        BadFile{"tls.ticket_rotation = '7d'\n[site.localhost]\nrespond = 'x'\n",
                "sallyport.toml:1: tls.ticket_rotation: with ticket_keys = 4 tickets would be good for more "
                "than 7d "
                "(RFC 8446 4.6.1)"},
        BadFile{"user = 'no-such-account'\n[site.localhost]\nrespond = 'x'\n",
                "sallyport.toml:1: user: no such account \"no-such-account\"; `useradd --system "
                "no-such-account` makes "
                "it"},
        BadFile{"log.access = 'lgs/access'\nlog.error = 'logs'\n[site.localhost]\nrespond = 'x'\n",
                "sallyport.toml:1: log.access: no such folder \"lgs\"; make it first\n"
                "sallyport.toml:2: log.error: \"logs\" is a folder, not a file"},
        BadFile{"min_version = '1.3'\n[site.localhost]\nrespond = 'x'\n",
                "sallyport.toml:1: min_version: no such key; it belongs to [tls]"},
        BadFile{"[site.localhost]\nrespond = 'x'\n[site.localhost.tls]\nhandshake_timeout = '5s'\n",
                "sallyport.toml:4: site.localhost.tls.handshake_timeout: no such key; it belongs to [tls]"},
        BadFile{"[tls]\nmin_version = '1.1'\n[site.localhost]\nrespond = 'x'\n",
                "sallyport.toml:2: tls.min_version: \"1.1\" is none of 1.2, 1.3; did you mean \"1.2\"?"},
        BadFile{"[tls]\ngroups = ['X25519', 'P-521']\n[site.localhost]\nrespond = 'x'\n",
                "sallyport.toml:2: tls.groups: \"P-521\" is none of X25519MLKEM768, X25519, P-256, P-384"}));

}  // namespace
}  // namespace sally::gateway
