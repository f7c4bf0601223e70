#include "proto/smtp/starttls.h"

#include <gtest/gtest.h>

#include "proto/dialogue_script.h"

namespace sally::smtp {
namespace {

using namespace std::string_literals;
using proto::PlainLogin;
using proto::Played;
using Next = proto::DialogueStep::Next;
using Lines = std::vector<std::string>;

Played play(proto::Dialogue& client, const Lines& server) { return proto::play(client, server); }

TEST(SmtpStarttls, AsksForTls) {
  for (const bool bytewise : {false, true}) {
    const auto client = make_starttls({.ours = "me.example", .server = ""});
    const Lines server{"220-hello\r\n220 mx.example ESMTP\r\n",
                       "250-mx.example\r\n250-SIZE 10\r\n250 STARTTLS\r\n", "220 2.0.0 Ready\r\n"};
    const Played p = proto::play(*client, server, bytewise);
    EXPECT_EQ(p.sent, (Lines{"EHLO me.example\r\n", "STARTTLS\r\n"}));
    EXPECT_EQ(p.last.next, Next::tls);
    EXPECT_TRUE(p.asked_for_tls);
    EXPECT_EQ(p.left, "");
    EXPECT_EQ(client->plain_login(), PlainLogin::refused);
  }
}

TEST(SmtpStarttls, AuthBeforeTlsIsALogin) {
  for (const char* line : {"250-AUTH PLAIN LOGIN\r\n", "250-AUTH=LOGIN\r\n", "250-auth CRAM-MD5\r\n"}) {
    const auto client = make_starttls({});
    play(*client, {"220 x\r\n", "250-x\r\n"s + line + "250 STARTTLS\r\n"});
    EXPECT_EQ(client->plain_login(), PlainLogin::allowed) << line;
  }
}

TEST(SmtpStarttls, WhatIsNoTls) {
  const auto last = [](const Lines& server) { return play(*make_starttls({}), server).last; };
  EXPECT_EQ(last({"220 x\r\n", "250-x\r\n250 SIZE\r\n"}).next, Next::done);
  EXPECT_EQ(last({"554 go away\r\n"}).why, "554 go away");
  EXPECT_EQ(last({"421 too many connections\r\n"}).next, Next::busy);
  EXPECT_EQ(last({"220 x\r\n", "250 STARTTLS\r\n"}).next, Next::done);  // the first line is a greeting
  EXPECT_EQ(last({"220 x\r\n", "250-x\r\n250 STARTTLS\r\n", "454 not now\r\n"}).next, Next::busy);
}

TEST(SmtpStarttls, Strangers) {
  EXPECT_EQ(play(*make_starttls({}), {"HTTP/1.1 400 Bad Request\r\n"}).error, "proto.other_speech");
  EXPECT_EQ(play(*make_starttls({}), {std::string(5000, 'x')}).error, "proto.talks_too_much");
  std::string endless;
  for (int i = 0; i < 300; ++i) endless += "220-more\r\n";
  EXPECT_EQ(play(*make_starttls({}), {endless}).error, "proto.talks_too_much");
}

}  // namespace
}  // namespace sally::smtp
