#include "check/mend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "check/mend_texts.h"

namespace sally::check {
namespace {

TEST(SnippetFor, SpeaksTheLanguageOfTheSoftware) {
  EXPECT_EQ(snippet_for("proto.tls10", "nginx")->text, "ssl_protocols TLSv1.2 TLSv1.3;");
  EXPECT_EQ(snippet_for("proto.tls10", "dovecot")->text, "ssl_min_protocol = TLSv1.2");
  EXPECT_FALSE(snippet_for("hsts.present", "dovecot"));  // it speaks no HTTP
  EXPECT_FALSE(snippet_for("no.such_finding", "nginx"));
  EXPECT_FALSE(snippet_for("proto.tls10", ""));
}

TEST(SnippetFor, EverySoftwareThatCanBeNamedHasSome) {
  for (const std::string_view name : mendable_software()) {
    const bool known = std::ranges::any_of(std::array{"proto.tls10", "ssh.kex_weak", "ipsec.group_weak"},
                                           [&](const char* id) { return snippet_for(id, name).has_value(); });
    EXPECT_TRUE(known) << name;
  }
}

TEST(SnippetFor, AnSshServerIsKnownByItsBanner) {
  constexpr FindingKind kWeak{"ssh.cipher_weak", Severity::medium, Grade::b, "", "", ""};
  Examined one;
  one.seen.ssh.emplace().banner = "SSH-2.0-OpenSSH_9.9 Debian-1";
  EXPECT_EQ(one.seen.ssh->software(), "OpenSSH_9.9");
  EXPECT_EQ(snippet_for(one, {&kWeak, "x"})->software, "openssh");
  one.seen.ssh->banner = "SSH-2.0-dropbear_2022.83";
  EXPECT_FALSE(snippet_for(one, {&kWeak, "x"}));
}

TEST(SnippetFor, EverySnippetBelongsToSoftwareThatCanBeNamed) {
  const auto names = mendable_software();
  for (const MendText& row : all_mend_texts()) {
    EXPECT_NE(std::ranges::find(names, row.software), names.end()) << row.software;
    EXPECT_FALSE(row.text.ends_with('\n')) << row.text;
    const auto same = [&](const MendText& other) {
      return other.software == row.software && other.remedy == row.remedy;
    };
    EXPECT_EQ(std::ranges::count_if(all_mend_texts(), same), 1) << row.software << ": " << row.text;
  }
}

TEST(SnippetFor, LoginsBeforeTlsAreRefusedByEveryServerThatHasThem) {
  for (const char* name : {"postfix", "exim", "dovecot"})
    EXPECT_TRUE(snippet_for("mail.starttls_enforced", name)) << name;
  for (const char* name : {"vsftpd", "proftpd"})
    EXPECT_TRUE(snippet_for("ftp.cleartext_login", name)) << name;
  EXPECT_EQ(snippet_for("ldap.plain_bind_allowed", "slapd")->text, "security simple_bind=128");
  EXPECT_FALSE(snippet_for("ldap.plain_bind_allowed", "nginx"));
}

TEST(SoftwareOf, ReadsTheServerField) {
  EXPECT_EQ(software_of("nginx/1.22.1"), "nginx");
  EXPECT_EQ(software_of("Apache/2.4.57 (Debian)"), "apache");
  EXPECT_EQ(software_of("Caddy"), "caddy");
  EXPECT_EQ(software_of("Microsoft-IIS/10.0"), "iis");
  EXPECT_EQ(software_of("something else nginx"), "");
  EXPECT_EQ(software_of(""), "");
}

TEST(SnippetFor, WhatIsNamedCountsBeforeWhatWasSeen) {
  constexpr FindingKind kOld{"proto.tls10", Severity::medium, Grade::b, "", "", ""};
  const Finding finding{&kOld, "x"};
  Examined one;
  EXPECT_FALSE(snippet_for(one, finding));
  one.seen.http = HttpAnswer{.status = 200, .fields = {{"server", "nginx"}}};
  EXPECT_EQ(snippet_for(one, finding)->software, "nginx");
  one.mend_for = "haproxy";
  EXPECT_EQ(snippet_for(one, finding)->software, "haproxy");
}

}  // namespace
}  // namespace sally::check
