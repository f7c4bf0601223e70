#include "gateway/settings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "config/explain.h"
#include "config/toml.h"
#include "gateway/settings_text.h"

namespace sally::gateway {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A folder of its own for each test: sallyport.toml goes there, beside www/, pem files and logs/.
class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    std::string name = (fs::temp_directory_path() / "sally_settings_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(folder_ / "www");
    fs::create_directories(folder_ / "logs");
    for (const char* file : {"a.pem", "a.key", "b.pem", "b.key", "www/index.html"})
      std::ofstream(folder_ / file) << "x";
  }
  ~SettingsTest() override { fs::remove_all(folder_); }

  Result<Settings> load(std::string_view text, const ServeFlags& flags = {}) {
    std::ofstream(folder_ / "sallyport.toml") << text;
    return Settings::load(folder_ / "sallyport.toml", flags);
  }
  /// All faults, one a line, without the name of this test's folder.
  std::string faults(std::string_view text, const ServeFlags& flags = {}) {
    return faults(load(text, flags));
  }
  std::string faults(const Result<Settings>& settings) {
    if (settings) return "";
    std::string out(settings.error().detail());
    for (std::size_t at; (at = out.find(folder_.string() + "/")) != out.npos;)
      out.erase(at, folder_.string().size() + 1);
    return out;
  }

  fs::path folder_;
};

std::string texts(const std::vector<ListenAddress>& addresses) {
  std::string out;
  for (const ListenAddress& address : addresses) out += (out.empty() ? "" : " ") + address.text();
  return out;
}

std::string ports(const Settings& settings) {
  std::string out;
  for (const PortConfig& port : settings.ports)
    out += (out.empty() ? "" : " ") + std::string(port.protocol == PortProtocol::https ? "https:" : "http:") +
           port.address.text();
  return out;
}

constexpr std::string_view kPair = "certificate = 'a.pem'\nkey = 'a.key'\n";

TEST_F(SettingsTest, TwoLinesAreASite) {
  const auto s = load("[site.\"localhost:8443\"]\nfiles = 'www'\n");
  ASSERT_TRUE(s) << s.error().text();
  ASSERT_EQ(s->sites.size(), 1U);
  const SiteConfig& site = s->sites[0];
  EXPECT_EQ(site.names, std::vector<std::string>{"localhost"});
  EXPECT_EQ(texts(site.listen), "127.0.0.1:8443 [::1]:8443");
  EXPECT_TRUE(site.listen[1].optional);
  EXPECT_EQ(site.files->root, folder_ / "www");
  EXPECT_TRUE(site.certificates.empty());
  EXPECT_TRUE(site.local());
  EXPECT_EQ(ports(*s), "https:127.0.0.1:8443 https:[::1]:8443");
  EXPECT_EQ(texts(s->redirects), "") << "no port 80 for a site that is not on 443";
  EXPECT_EQ(site.hsts.mode, HstsConfig::Mode::automatic);
  EXPECT_TRUE(s->warnings.empty());
}

TEST_F(SettingsTest, APublicSiteIsOn443WithRedirectsOn80) {
  const auto s =
      load("[site.\"Example.COM\"]\nnames = 'www.example.com'\nfiles = 'www'\n" + std::string(kPair));
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(s->sites[0].names, (std::vector<std::string>{"example.com", "www.example.com"}));
  EXPECT_EQ(ports(*s), "https:443");
  EXPECT_EQ(texts(s->redirects), "80");
  EXPECT_EQ(s->sites[0].certificates, (std::vector<KeyPairFiles>{{folder_ / "a.pem", folder_ / "a.key"}}));
  EXPECT_FALSE(s->sites[0].local());
}

TEST_F(SettingsTest, SitesInheritAndChange) {
  const auto s = load(R"(
[site."a.test"]
files = { root = "www", listing = true, try = ["{path}", "{path}.html", "/index.html"], errors = { 404 = "/index.html" } }
[site."b.test"]
redirect = "https://a.test"
hsts = "off"
[site."b.test".tls]
min_version = "1.3"
[site."b.test".limits]
body_bytes = "1MiB"
[site."c.test"]
respond = { body = "gone", status = 410 }
hsts = { max_age = "365d", include_subdomains = true }
headers = { X-Powered-By = "steam", X-Content-Type-Options = "" }
[tls]
tickets = 1
groups = ["X25519", "P-256"]
[limits]
body_bytes = "1GiB"
header_timeout = 5
)");
  ASSERT_TRUE(s) << s.error().text();
  ASSERT_EQ(s->sites.size(), 3U);
  EXPECT_EQ(s->sites[0].tls.min_version, tls::TlsVersion::v1_2);
  EXPECT_EQ(s->sites[0].files->try_paths.size(), 3U);
  EXPECT_EQ(s->sites[0].files->errors.at(404), "/index.html");
  EXPECT_EQ(s->sites[1].tls.min_version, tls::TlsVersion::v1_3);
  EXPECT_EQ(s->sites[1].tls.tickets, 1U) << "[tls] stands below the site and counts all the same";
  EXPECT_EQ(s->sites[1].limits.body_bytes, 1U << 20);
  EXPECT_EQ(s->sites[2].limits.body_bytes, 1U << 30);
  EXPECT_EQ(s->sites[2].limits.header_timeout, 5s);
  EXPECT_EQ(s->sites[1].redirect->to, "https://a.test");
  EXPECT_EQ(s->sites[1].redirect->status, 308);
  EXPECT_EQ(s->sites[1].hsts.mode, HstsConfig::Mode::off);
  EXPECT_EQ(s->sites[2].respond->status, 410);
  EXPECT_EQ(s->sites[2].hsts.max_age, std::chrono::days(365));
  EXPECT_EQ(s->sites[2].headers.at("X-Content-Type-Options"), "");
  EXPECT_EQ(s->tls.groups, (std::vector{tls::Group::x25519, tls::Group::p256}));
  ASSERT_EQ(s->warnings.size(), 1U);
  EXPECT_TRUE(
      s->warnings[0].ends_with("sallyport.toml:13: site.\"c.test\".hsts: is not sent for local names: it "
                               "would lock every program on them to https"))
      << s->warnings[0];
}

TEST_F(SettingsTest, APortWithoutASiteServesAll) {
  const auto s = load(
      "[site.'a.test']\nrespond = 'a'\n[site.'b.test']\nrespond = 'b'\nlisten = '127.0.0.1:9443'\n"
      "[port.8080]\nprotocol = 'http'\nh2c = false\n");
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(ports(*s), "https:443 http:8080 https:127.0.0.1:9443");
  EXPECT_FALSE(s->ports[1].h2c);
  EXPECT_EQ(s->sites_at({"", 8080}), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(s->sites_at({"", 443}), (std::vector<std::size_t>{0}));
  EXPECT_EQ(s->sites_at({"127.0.0.1", 9443}), (std::vector<std::size_t>{1}));
}

TEST_F(SettingsTest, APublicNameOnAPlainPortNeedsNoCertificate) {
  const auto s =
      load("[site.\"example.com\"]\nrespond = 'x'\nlisten = '8080'\n[port.8080]\nprotocol = 'http'\n");
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(ports(*s), "http:8080");
  EXPECT_EQ(texts(s->redirects), "");
}

TEST_F(SettingsTest, WhatIsOpenedForLocalhostDoesNotAnswerOthers) {
  const auto s = load("[site.localhost]\nrespond = 'here'\n[site.'a.test']\nrespond = 'there'\n");
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(ports(*s), "https:127.0.0.1:443 https:[::1]:443 https:443");
  EXPECT_EQ(s->sites_at({"", 443}), (std::vector<std::size_t>{1}));
  EXPECT_EQ(s->sites_at({"127.0.0.1", 443}), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(texts(s->redirects), "127.0.0.1:80 [::1]:80 80");
}

TEST_F(SettingsTest, HttpPort) {
  const std::string site = "[site.'localhost:8443']\nrespond = 'x'\n";
  EXPECT_EQ(texts(load("http_port = 8080\n" + site)->redirects), "127.0.0.1:8080 [::1]:8080");
  EXPECT_EQ(texts(load("http_port = 0\n[site.'a.test']\nrespond = 'x'\n")->redirects), "");
  EXPECT_EQ(texts(load("[site.'a.test']\nrespond = 'x'\nredirect_http = false\n")->redirects), "");
  EXPECT_EQ(texts(load("[site.'a.test']\nrespond = 'x'\n[port.80]\nprotocol = 'http'\n")->redirects), "")
      << "port 80 is served in another way";
}

TEST_F(SettingsTest, LogsAndPathsStartAtTheFile) {
  const auto s = load(
      "state = 'state'\n[log]\naccess = 'logs/access'\nerror = '-'\nlevel = 'debug'\nformat = 'common'\n"
      "[site.localhost]\nrespond = 'x'\n");
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(s->state, folder_ / "state");
  EXPECT_EQ(s->log.access, (folder_ / "logs/access").string());
  EXPECT_EQ(s->log.error, "-");
  EXPECT_EQ(s->log.level, LogLevel::debug);
  EXPECT_EQ(load("log.access = 'off'\n[site.localhost]\nrespond = 'x'\n")->log.access, "");
}

TEST_F(SettingsTest, ErrorPagesThatAreNotThereAreAWarning) {
  const auto s = load("[site.localhost.files]\nroot = 'www'\nerrors = { 404 = '/404.html' }\n");
  ASSERT_TRUE(s) << s.error().text();
  ASSERT_EQ(s->warnings.size(), 1U);
  EXPECT_TRUE(s->warnings[0].contains("sallyport.toml:3: site.localhost.files.errors: no such page"))
      << s->warnings[0];
}

TEST_F(SettingsTest, FlagsLieOverTheFile) {
  ServeFlags flags;
  flags.workers = 2;
  flags.listen = {"127.0.0.1:0"};
  flags.http_port = 0;
  flags.keys_by_name = {
      {"limits.header_bytes", "32KiB"}, {"tls.min_version", "1.3"}, {"site.\"a.test\".hsts", "off"}};
  const auto s = load("workers = 7\n[tls]\nmin_version = '1.2'\n[site.'a.test']\nrespond = 'x'\n", flags);
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(s->workers, 2U);
  EXPECT_EQ(ports(*s), "https:127.0.0.1:0");
  EXPECT_EQ(s->limits.header_bytes, 32U * 1024);
  EXPECT_EQ(s->sites[0].limits.header_bytes, 32U * 1024);
  EXPECT_EQ(s->sites[0].tls.min_version, tls::TlsVersion::v1_3);
  EXPECT_EQ(s->sites[0].hsts.mode, HstsConfig::Mode::off);
}

TEST_F(SettingsTest, FlagsHaveMessagesOfTheirOwn) {
  ServeFlags flags;
  flags.workers = 5000;
  flags.names = {"x"};
  flags.keys_by_name = {{"limits.header_byte", "1"}, {"tls.tickets", "9"}, {"a b", "1"}};
  EXPECT_EQ(faults("[site.'a.test']\nrespond = 'x'\n", flags),
            "--a b: is no key of the configuration\n"
            "--name: needs a folder to serve; in a file the name stands in [site.\"...\"]\n"
            "--workers: 5000 is outside 0..1024; 0: one per core\n"
            "--tls.tickets: \"9\" is outside 0..8\n"
            "--limits.header_byte: no such key; did you mean \"header_bytes\"?");
}

TEST_F(SettingsTest, AFolderIsServedOnLoopback) {
  const auto s = Settings::for_folder(folder_ / "www");
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(s->sites[0].names, std::vector<std::string>{"localhost"});
  EXPECT_EQ(ports(*s), "https:127.0.0.1:8443 https:[::1]:8443");
  EXPECT_EQ(texts(s->redirects), "");
  EXPECT_EQ(s->sites[0].files->root, folder_ / "www");
}

TEST_F(SettingsTest, AFolderWithNamesAndFlags) {
  ServeFlags flags;
  flags.names = {"example.com", "www.example.com"};
  flags.certificates = {folder_ / "a.pem", folder_ / "b.pem"};
  flags.keys = {folder_ / "a.key", folder_ / "b.key"};
  const auto s = Settings::for_folder(folder_ / "www", flags);
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(ports(*s), "https:443");
  EXPECT_EQ(texts(s->redirects), "80");
  EXPECT_EQ(s->sites[0].certificates.size(), 2U);
  flags.listen = {"8443"};
  EXPECT_EQ(ports(*Settings::for_folder(folder_ / "www", flags)), "https:8443");
  ServeFlags local;
  local.names = {"app.test"};
  EXPECT_EQ(ports(*Settings::for_folder(folder_ / "www", local)), "https:127.0.0.1:8443 https:[::1]:8443");
  local.names = {"localhost:9000"};
  EXPECT_EQ(ports(*Settings::for_folder(folder_ / "www", local)), "https:127.0.0.1:9000 https:[::1]:9000");
}

TEST_F(SettingsTest, AFolderWithFaults) {
  EXPECT_EQ(faults(Settings::for_folder(folder_ / "wwww")),
            "the folder: no such folder \"wwww\"; did you mean \"www\"?");
  EXPECT_EQ(faults(Settings::for_folder(folder_ / "a.pem")), "the folder: \"a.pem\" is a file, not a folder");
  EXPECT_EQ(faults(Settings::for_folder("")), "the folder: is an empty path");
  ServeFlags flags;
  flags.names = {"example.com"};
  EXPECT_EQ(faults(Settings::for_folder(folder_ / "www", flags)),
            "--name: \"example.com\" is a public name, for which the local CA does not vouch; set "
            "certificate and key "
            "to the PEM files of its certificate");
  flags.names = {"exa mple.com"};
  flags.certificates = {folder_ / "no.pem"};
  flags.keys = {folder_ / "a.key"};
  EXPECT_EQ(faults(Settings::for_folder(folder_ / "www", flags)),
            "--name: \"exa mple.com\": has characters that host names cannot have\n"
            "--certificate: no such file \"no.pem\"; did you mean \"a.pem\"?");
  ServeFlags listen;
  listen.listen = {"nowhere"};
  EXPECT_EQ(faults(Settings::for_folder(folder_ / "www", listen)), "--listen: \"nowhere\": it has no port");
}

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
        BadFile{"[site.localhost]\n",
                "sallyport.toml:1: site.localhost: does nothing; add files = \"/a/folder\", or redirect, or "
                "respond"},
        BadFile{"[site.localhost]\nfiles = 'www'\nrespond = 'x'\n",
                "sallyport.toml:3: site.localhost.respond: the site has files already; keep one of them"},
        BadFile{"[site.localhost]\nfiles = 'wwv'\n",
                "sallyport.toml:2: site.localhost.files: no such folder \"wwv\"; did you mean \"www\"?"},
        BadFile{"[site.localhost.files]\nroot = 'a.pem'\n",
                "sallyport.toml:1: site.localhost.files: \"a.pem\" is a file, not a folder"},
        BadFile{"[site.localhost]\nproxy = '127.0.0.1:3000'\n",
                "sallyport.toml:2: site.localhost.proxy: no such key"},
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

TEST(SiteNames, AreHostNamesOrAddresses) {
  const auto fault = [](const std::string& name) {
    const auto s = Settings::for_folder("/", [&] {
      ServeFlags flags;
      flags.names = {name};
      flags.listen = {"8443"};
      flags.certificates = flags.keys = {"/proc/self/cmdline"};
      return flags;
    }());
    return s ? std::string() : std::string(s.error().detail());
  };
  for (const char* good : {"example.com", "*.example.com", "a-b.example", "xn--bcher-kva.example",
                           "127.0.0.1", "[2001:db8::1]", "localhost", "_dmarc.example.com"})
    EXPECT_EQ(fault(good), "") << good;
  const std::pair<std::string, const char*> kBad[] = {
      {"b\xc3\xbc"
       "cher.example",
       "must be written in its ASCII form, xn--... (RFC 5890)"},
      {"https://example.com", "is no port"},
      {"example.com/x", "is no host name; a further name takes no port and no path"},
      {"example.com.", "must be written without the dot at its end"},
      {"a.*.example.com", "may have a star only as its whole first label"},
      {"a..example", "has an empty label between its dots"},
      {"-a.example", "has a label that begins or ends with a hyphen"},
      {"256.1.1.1", "looks like an IP address but is none"},
      {std::string(64, 'a') + ".example", "has a label of more than 63 letters"},
      {std::string(300, 'a'), "is no host name: 1 to 253 letters"},
  };
  for (const auto& [name, why] : kBad) EXPECT_TRUE(fault(name).contains(why)) << name << ": " << fault(name);
}

TEST(LocalNames, AreThoseNoPublicCaVouchesFor) {
  for (const char* name :
       {"localhost", "app.localhost", "*.localhost", "a.test", "db.internal", "nas", "nas.local",
        "nas.home.arpa", "127.0.0.1", "192.168.1.5", "::1", "2001:db8::1", "LOCALHOST"})
    EXPECT_TRUE(is_local_name(name)) << name;
  for (const char* name :
       {"example.com", "localhost.example.com", "test.com", "notlocalhost.org", "*.example.com"})
    EXPECT_FALSE(is_local_name(name)) << name;
}

/// Every default that the help shows is itself a value that the file may hold.
void check_defaults(const config::Table& table, const std::string& path) {
  for (const config::Row& row : table.rows()) {
    const std::string key = path.empty() ? row.name : path + "." + row.name;
    EXPECT_FALSE(row.help.empty()) << key;
    if (row.table != nullptr) {
      check_defaults(*row.table, row.named ? key + (row.name == "port" ? ".8443" : ".localhost") : key);
      continue;
    }
    EXPECT_FALSE(row.type.empty()) << key;
    if (row.fallback.empty() || row.fallback.starts_with("as in ")) continue;
    const auto node = config::parse_toml(key + " = " + row.fallback, "default");
    ASSERT_TRUE(node) << node.error().text();
    const auto read = config::parse(*node, SettingsText::block());
    // An empty text stands for "not given" where a value is required.
    if (row.fallback != "\"\"") {
      EXPECT_TRUE(read) << read.error().text();
    }
  }
}

TEST(Defaults, LieInTheirRanges) { check_defaults(settings_table(), ""); }

/// The value that the example has for a key, with any name where the table has one for each name.
const config::Node* find(const config::Node& node, const config::Table& table, const config::Row& wanted) {
  for (const config::Row& row : table.rows()) {
    const config::Node* value = node.find(row.name);
    if (&row == &wanted || value == nullptr) {
      if (&row == &wanted) return value;
      continue;
    }
    if (row.table == nullptr) continue;
    if (!row.named) {
      if (const config::Node* found = find(*value, *row.table, wanted)) return found;
      continue;
    }
    for (const auto& [name, child] : value->members)
      if (const config::Node* found = find(child, *row.table, wanted)) return found;
  }
  return nullptr;
}

TEST(Documentation, TheExampleHasEveryKey) {
  const auto node = config::read_toml("docs/sallyport.example.toml");
  ASSERT_TRUE(node) << node.error().text();
  const auto entries = config::entries(settings_table());
  EXPECT_GT(entries.size(), 90U);
  for (const config::Entry& entry : entries) {
    const config::Node* value = find(*node, settings_table(), *entry.row);
    ASSERT_NE(value, nullptr) << entry.key() << " is missing";
    // What is set for one site is an example; what is set for all is the default.
    const bool of_all = entry.block == "tls" || entry.block == "log" || entry.block.starts_with("limits");
    if (!of_all || value->kind == config::Node::Kind::list) continue;
    EXPECT_EQ(value->shown(), entry.row->fallback) << entry.key();
  }
}

TEST_F(SettingsTest, TheExampleIsGood) {
  std::ifstream file("docs/sallyport.example.toml");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string_view root = "root = \"/srv/www\"";
  text.replace(text.find(root), root.size(), "root = 'www'");
  for (const char* pem :
       {"example.ecdsa.pem", "example.ecdsa.key", "example.rsa.pem", "example.rsa.key", "old.pem", "old.key"})
    std::ofstream(folder_ / pem) << "x";
  const auto s = load(text);
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(s->sites.size(), 3U);
  EXPECT_EQ(ports(*s), "https:443 http:8080");
  EXPECT_EQ(texts(s->redirects), "80");
}

TEST(Documentation, TheManualsExamplesLoad) {
  const fs::path docs = "docs";
  std::ifstream manual(docs / "configuration.md");
  std::string line, block;
  int count = 0;
  for (bool inside = false; std::getline(manual, line);) {
    if (inside && line == "```") {
      const auto example = config::parse_toml(block, "configuration.md, example " + std::to_string(++count));
      ASSERT_TRUE(example) << example.error().text() << "\n" << block;
      const auto value = config::parse(*example, SettingsText::block());
      EXPECT_TRUE(value) << value.error().text() << "\n" << block;
      inside = false;
    } else if (inside) {
      block += line + "\n";
    } else if (line == "```toml") {
      inside = true;
      block.clear();
    }
  }
  EXPECT_GE(count, 15);
}

}  // namespace
}  // namespace sally::gateway
