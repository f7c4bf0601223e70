#include "gateway/settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "gateway/settings_fixture.h"

namespace sally::gateway {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

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

TEST_F(SettingsTest, AreEqualWhereTheySayTheSame) {
  const auto first = load("[site.\"a.test\"]\nfiles = 'www'\n[site.\"b.test\"]\nrespond = 'ok'\n");
  const auto again =
      load("[site.'a.test'] # another form\nfiles.root = 'www'\n[site.'b.test']\nrespond.body = 'ok'\n");
  const auto other =
      load("[site.'a.test']\nfiles = { root = 'www', listing = true }\n[site.'b.test']\nrespond = 'ok'\n");
  ASSERT_TRUE(first && again && other);
  EXPECT_TRUE(*first == *again);
  EXPECT_FALSE(*first == *other);
  EXPECT_FALSE(first->sites[0] == other->sites[0]);
  EXPECT_TRUE(first->sites[1] == other->sites[1]);
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

TEST_F(SettingsTest, TheExampleIsGood) {
  std::ifstream file("docs/sallyport.example.toml");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const std::string_view folder : {"\nroot = \"/srv/www\"", "\nfolder = \"/var/log/sallyport/qlog\""}) {
    const std::size_t value = folder.find('"');
    text.replace(text.find(folder) + value, folder.size() - value, "'www'");
  }
  for (const char* pem : {"example.ecdsa.pem", "example.ecdsa.key", "example.rsa.pem", "example.rsa.key",
                          "old.pem", "old.key", "internal-ca.pem", "gateway.pem", "gateway.key"})
    std::ofstream(folder_ / pem) << "x";
  const auto s = load(text);
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(s->sites.size(), 5U);
  EXPECT_EQ(ports(*s), "https:443 http:8080 relayed:993 relayed:21");
  EXPECT_EQ(texts(s->redirects), "80");
}

}  // namespace
}  // namespace sally::gateway
