#include "proto/greeting.h"

#include <gtest/gtest.h>

namespace sally::proto {
namespace {

using namespace std::string_view_literals;

const struct {
  std::string_view protocol, heard;
  Greeting verdict;
} kCases[] = {
    {"smtps", "220 mx.example ESMTP\r\n", Greeting::good},
    {"smtp", "220-wait\r\n220 now\r\n", Greeting::good},
    {"smtp", "421 too many\r\n", Greeting::busy},
    {"smtp", "554 no\r\n", Greeting::busy},
    {"smtp", "* OK ready\r\n", Greeting::other},
    {"imaps", "* OK ready\r\n", Greeting::good},
    {"imap", "* PREAUTH hello\r\n", Greeting::good},
    {"imap", "* BYE later\r\n", Greeting::busy},
    {"imap", "HTTP/1.1 400", Greeting::other},
    {"pop3s", "+OK ready\r\n", Greeting::good},
    {"pop3", "-ERR busy\r\n", Greeting::busy},
    {"ftp", "220 files\r\n", Greeting::good},
    {"ftp", "530 no\r\n", Greeting::other},
    {"ssh", "SSH-2.0-OpenSSH_9.2\r\n", Greeting::good},
    {"ssh", "Welcome\r\nSSH-1.99-old\r\n", Greeting::good},
    {"ssh", "SSH-1.5-older\r\n", Greeting::other},
    {"postgres", "N", Greeting::good},
    {"postgres", "E\0\0"sv, Greeting::other},
    {"ldaps", "\x30\x0c\x02\x01\x01\x64\x07\x04\x00\x30\x03\x04\x01x"sv, Greeting::good},
    {"ldap", "\x30\x84\x00\x00\x00\x10\x02\x01\x01\x65\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00"sv,
     Greeting::good},
    {"ldap", "\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x32\x04\x00\x04\x00"sv,
     Greeting::good},  // no right to search
    {"ldap", "\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x34\x04\x00\x04\x00"sv, Greeting::busy},
    {"ldap", "\x30\x24\x02\x01\x00\x78\x1f\x0a\x01\x34"sv, Greeting::busy},  // notice of disconnection
    {"ldap", "220 mx.example\r\n", Greeting::other},
    {"tls", "anything", Greeting::other},
};

TEST(JudgeGreeting, ByTheFirstWords) {
  for (const auto& [protocol, heard, verdict] : kCases)
    EXPECT_EQ(judge_greeting(protocol, as_bytes(heard)), verdict) << protocol << ": " << heard;
}

TEST(JudgeGreeting, WaitsForThemHoweverTheyAreCut) {
  for (const auto& [protocol, heard, verdict] : kCases) {
    if (verdict == Greeting::other) continue;
    EXPECT_EQ(judge_greeting(protocol, {}), Greeting::more) << protocol;
    for (std::size_t n = 1; n < heard.size(); ++n) {
      const Greeting now = judge_greeting(protocol, as_bytes(heard.substr(0, n)));
      EXPECT_TRUE(now == Greeting::more || now == verdict) << protocol << ": " << heard.substr(0, n);
    }
  }
  EXPECT_EQ(judge_greeting("ssh", as_bytes(std::string(kMostGreeting, 'x'))), Greeting::other);
}

TEST(GreetingQuestion, IsAskedWhereTheServerWaits) {
  EXPECT_EQ(greeting_question("imaps"), "");
  EXPECT_EQ(greeting_question("ldaps").size(), 44U);
  EXPECT_EQ(greeting_question("postgres").size(), 8U);
  EXPECT_TRUE(has_greeting("ldaps") && has_greeting("ssh") && has_greeting("pop3"));
  EXPECT_EQ(greeting_farewell("imaps"), "a LOGOUT\r\n");
  EXPECT_EQ(greeting_farewell("ssh"), "");
  EXPECT_FALSE(has_greeting("tls") || has_greeting("dot") || has_greeting("sstp"));
}

}  // namespace
}  // namespace sally::proto
