#include "proto/ldap/starttls.h"

#include <gtest/gtest.h>

#include "proto/dialogue_script.h"

namespace sally::ldap {
namespace {

using namespace std::string_literals;
using proto::PlainLogin;
using proto::Played;
using Next = proto::DialogueStep::Next;
using Lines = std::vector<std::string>;

Played play(proto::Dialogue& client, const Lines& server) { return proto::play(client, server); }

std::string result(char tag, char code, const std::string& text) {
  const std::string op = "\x0a\x01"s + code + "\x04\x00\x04"s + static_cast<char>(text.size()) + text;
  const std::string message = "\x02\x01\x01"s + tag + static_cast<char>(op.size()) + op;
  return "\x30"s + static_cast<char>(message.size()) + message;
}

TEST(LdapStarttls, AsksForTls) {
  for (const bool bytewise : {false, true}) {
    const Lines server{result(0x78, 0, "")};
    const auto client = make_starttls({});
    const Played p = proto::play(*client, server, bytewise);
    ASSERT_EQ(p.sent.size(), 1u);
    EXPECT_EQ(p.sent[0].substr(0, 9), "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"s);
    EXPECT_EQ(p.last.next, Next::tls);
  }
  EXPECT_EQ(play(*make_starttls({}), {result(0x78, 2, "no TLS here")}).last.why, "result 2 \"no TLS here\"");
  EXPECT_EQ(play(*make_starttls({}), {result(0x78, 51, "")}).last.next, Next::busy);
}

std::string element(char tag, const std::string& content) {
  return ""s + tag + static_cast<char>(content.size()) + content;
}
std::string root_entry(const std::string& context) {
  const std::string attribute =
      element(0x30, element(0x04, "namingContexts") + element(0x31, element(0x04, context)));
  const std::string entry = element(0x64, element(0x04, "") + element(0x30, attribute));
  return element(0x30, "\x02\x01\x01"s + entry);
}

TEST(LdapStarttls, LoginInPlainText) {
  const auto asked = [](char code) {
    const auto client = make_plain_login({});
    const Played p = play(*client, {root_entry("dc=example") + result(0x65, 0, ""), result(0x61, code, "")});
    EXPECT_EQ(p.sent.size(), 2u);
    EXPECT_NE(p.sent.back().find("cn=sallyport-check,dc=example"), std::string::npos);
    return client->plain_login();
  };
  EXPECT_EQ(asked(13), PlainLogin::refused);
  EXPECT_EQ(asked(8), PlainLogin::refused);
  EXPECT_EQ(asked(49), PlainLogin::allowed);
  EXPECT_EQ(asked(53), PlainLogin::unknown);
}

TEST(LdapStarttls, LoginWithoutAPlaceForIt) {
  const auto asked = [](const std::string& answer) {
    const auto client = make_plain_login({});
    EXPECT_EQ(play(*client, {answer}).last.next, Next::done);
    return client->plain_login();
  };
  EXPECT_EQ(asked(result(0x65, 13, "")), PlainLogin::refused);
  EXPECT_EQ(asked(result(0x65, 0, "")), PlainLogin::unknown);
  EXPECT_EQ(asked(root_entry(std::string(70, 'x')) + result(0x65, 0, "")), PlainLogin::unknown);
}

TEST(LdapStarttls, Strangers) {
  EXPECT_EQ(play(*make_starttls({}), {"220 smtp\r\n"}).error, "proto.other_speech");
  EXPECT_EQ(play(*make_starttls({}), {"\x30\x84\x7f\xff\xff\xff"s}).error, "proto.talks_too_much");
  EXPECT_EQ(play(*make_starttls({}), {"\x30\x80\x00\x00"s}).error, "proto.other_speech");
  EXPECT_EQ(play(*make_starttls({}), {"\x30\x03\x02\x05\x01"s}).error, "proto.other_speech");
}

}  // namespace
}  // namespace sally::ldap
