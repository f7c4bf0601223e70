#include "proto/pop3/starttls.h"

#include <gtest/gtest.h>

#include "proto/dialogue_script.h"

namespace sally::pop3 {
namespace {

using namespace std::string_literals;
using proto::PlainLogin;
using proto::Played;
using Next = proto::DialogueStep::Next;
using Lines = std::vector<std::string>;

Played play(proto::Dialogue& client, const Lines& server) { return proto::play(client, server); }

TEST(Pop3Starttls, AsksForTls) {
  const auto client = make_starttls({});
  const Played p = play(*client, {"+OK ready\r\n", "+OK\r\nTOP\r\nSTLS\r\n.\r\n", "+OK\r\n"});
  EXPECT_EQ(p.sent, (Lines{"CAPA\r\n", "STLS\r\n"}));
  EXPECT_EQ(p.last.next, Next::tls);
  EXPECT_EQ(client->plain_login(), PlainLogin::refused);
}

TEST(Pop3Starttls, LoginInPlainText) {
  for (const char* line : {"USER\r\n", "SASL CRAM-MD5 PLAIN\r\n"}) {
    const auto client = make_starttls({});
    play(*client, {"+OK\r\n", "+OK\r\n"s + line + "STLS\r\n.\r\n"});
    EXPECT_EQ(client->plain_login(), PlainLogin::allowed) << line;
  }
}

TEST(Pop3Starttls, OldServersWithoutCapa) {
  const auto client = make_starttls({});
  EXPECT_EQ(play(*client, {"+OK\r\n", "-ERR what\r\n", "+OK\r\n"}).last.next, Next::tls);
  EXPECT_EQ(client->plain_login(), PlainLogin::unknown);
}

TEST(Pop3Starttls, WhatIsNoTls) {
  EXPECT_EQ(play(*make_starttls({}), {"+OK\r\n", "+OK\r\nUSER\r\n.\r\n"}).last.why,
            "CAPA does not list STLS");
  EXPECT_EQ(play(*make_starttls({}), {"-ERR [SYS/TEMP]\r\n"}).last.next, Next::busy);
  EXPECT_EQ(play(*make_starttls({}), {"* OK imap\r\n"}).error, "proto.other_speech");
}

}  // namespace
}  // namespace sally::pop3
