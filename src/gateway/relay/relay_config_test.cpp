#include "gateway/relay/relay_config.h"

#include <gtest/gtest.h>

#include "gateway/relay/ftp_transfer.h"
#include "gateway/relay/relay_door.h"
#include "gateway/relay/relay_record.h"
#include "gateway/settings_fixture.h"

namespace sally::gateway {
namespace {

constexpr std::string_view kSite =
    "[site.'mail.example']\nlisten = '443'\ncertificate = 'a.pem'\nkey = 'a.key'\nfiles = 'www'\n";

TEST(PassRule, FitsNamesAndProtocols) {
  PassRule rule;
  rule.names = {"a.example", "*.b.example"};
  const struct {
    std::string_view name;
    bool fits;
  } cases[] = {{"a.example", true},  {"x.a.example", false},   {"x.b.example", true},
               {"b.example", false}, {"y.x.b.example", false}, {"xb.example", false},
               {"", false}};
  for (const auto& [name, fits] : cases) EXPECT_EQ(rule.fits(name, {}), fits) << name;
  rule.names = {"*"};
  EXPECT_TRUE(rule.fits("", {}));
  rule.alpn = {"imap", "pop3"};
  EXPECT_FALSE(rule.fits("", {}));
  EXPECT_FALSE(rule.fits("", {"h2"}));
  EXPECT_TRUE(rule.fits("", {"h2", "pop3"}));
}

TEST(RelayedProtocol, IsWhatThePortSays) {
  EXPECT_EQ(relayed_protocol("imap", 993)->id, "imaps");
  EXPECT_EQ(relayed_protocol("ldap", 636)->id, "ldaps");
  EXPECT_EQ(relayed_protocol("imaps", 1993)->id, "imaps");
  EXPECT_EQ(relayed_protocol("imap", 143)->id, "imap");
  EXPECT_EQ(relayed_protocol("ftp", 990)->id, "ftps");
  EXPECT_EQ(relayed_protocol("mysql", 3306), nullptr);
  for (const std::string_view word : relayed_words()) EXPECT_NE(relayed_protocol(word, 1), nullptr) << word;
  EXPECT_EQ(relayed_protocol("https", 443), nullptr);
  EXPECT_EQ(backend_dialogue("imaps")->id, "imap");
  EXPECT_EQ(backend_dialogue("tls"), nullptr);
}

TEST(PortRange, IsTwoPortsOrNone) {
  EXPECT_EQ(PortRange::parse("50000-50100")->last, 50100);
  EXPECT_EQ(PortRange::parse("")->first, 0);
  for (const std::string_view bad :
       {"50000", "50100-50000", "1-2", "5000-", "5000-x", "5000-6000 ", "50000-70000"})
    EXPECT_FALSE(PortRange::parse(bad)) << bad;
}

TEST_F(SettingsTest, PortsThatBeginInPlainText) {
  const auto s = load(
      std::string(kSite) +
      "[port.143]\nprotocol = 'imap'\nto = '127.0.0.1:1143'\nstarttls = { timeout = '5s', commands = 9 }\n"
      "[port.21]\nprotocol = 'ftp'\nto = '127.0.0.1:2121'\nftp = { passive_ports = '50000-50100' }\n");
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(s->ports[1].relay->speaks, "imap");
  EXPECT_EQ(s->ports[1].relay->starttls.commands, 9U);
  EXPECT_EQ(s->ports[2].relay->ftp.passive_ports, "50000-50100");
  EXPECT_TRUE(faults(std::string(kSite) + "[port.143]\nprotocol = 'imap'\nto = '127.0.0.1:1'\n"
                                          "share = { ssh = '127.0.0.1:22' }\n")
                  .contains("begins in plain text"));
  EXPECT_TRUE(faults(std::string(kSite) + "[port.21]\nprotocol = 'ftp'\nto = 'tls://127.0.0.1:1'\n")
                  .contains("in plain text by TCP only"));
}

TEST(RelayRecord, IsOneLineWhateverTheClientSays) {
  RelayRecord record;
  record.facts.server_name = "a\"\n{}";
  record.facts.client_address = "192.0.2.1";
  std::string json, common;
  append_relay_line(json, LogFormat::json, record, 0, TimePoint{});
  append_relay_line(common, LogFormat::common, record, 0, TimePoint{});
  EXPECT_EQ(std::ranges::count(json, '\n'), 1);
  EXPECT_TRUE(json.contains("\"sni\":\"a\\\"\\u000a{}\"")) << json;
  EXPECT_EQ(common, "192.0.2.1 - - [01/Jan/1970:00:00:00 +0000] \"CONNECT - -\" 0 0\n");
}

TEST_F(SettingsTest, PortsThatCarryMoreThanTheWeb) {
  const auto s = load(std::string(kSite) +
                      "[port.993]\nprotocol = 'imap'\nto = ['127.0.0.1:143', 'tls://10.0.0.1:993']\n"
                      "[port.443.share]\nssh = '127.0.0.1:22'\n[[port.443.pass]]\nnames = 'b.example'\nto = "
                      "'10.0.0.2:443'\n");
  ASSERT_TRUE(s) << s.error().text();
  ASSERT_EQ(s->ports.size(), 2U);
  EXPECT_EQ(s->ports[0].protocol, PortProtocol::https);
  EXPECT_EQ(s->ports[0].relay->pass.at(0).to.at(0).address, "10.0.0.2:443");
  EXPECT_EQ(s->ports[0].relay->share->ssh->to.at(0).address, "127.0.0.1:22");
  EXPECT_EQ(s->ports[1].protocol, PortProtocol::relayed);
  EXPECT_EQ(s->ports[1].relay->speaks, "imaps");
  EXPECT_EQ(s->ports[1].relay->to.at(1).address, "tls://10.0.0.1:993");
  EXPECT_EQ(texts(s->sites[0].listen), "443 993") << "it shows its certificate there";
  EXPECT_EQ(texts(s->redirects), "80");
}

TEST_F(SettingsTest, ASiteMayLendItsCertificateAndDoNothingElse) {
  const auto s = load(
      "[site.'mail.example']\nlisten = '993'\ncertificate = 'a.pem'\nkey = 'a.key'\n"
      "[port.993]\nprotocol = 'imaps'\nto = '127.0.0.1:143'\n");
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(texts(s->redirects), "");
  EXPECT_TRUE(
      faults("[site.'mail.example']\ncertificate = 'a.pem'\nkey = 'a.key'\n").contains("does nothing"));
}

TEST_F(SettingsTest, APortThatPassesOnNeedsNoSite) {
  const auto s = load("[port.443]\nprotocol = 'tls'\n[[port.443.pass]]\nnames = '*'\nto = '10.0.0.2:443'\n");
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_TRUE(s->sites.empty());
  EXPECT_EQ(s->ports.size(), 1U);
  EXPECT_TRUE(faults("[port.993]\nprotocol = 'imaps'\nto = '127.0.0.1:143'\n").contains("no site"));
}

}  // namespace
}  // namespace sally::gateway
