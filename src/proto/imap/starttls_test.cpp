#include "proto/imap/starttls.h"

#include <gtest/gtest.h>

#include "proto/dialogue_script.h"

namespace sally::imap {
namespace {

using namespace std::string_literals;
using proto::PlainLogin;
using proto::Played;
using Next = proto::DialogueStep::Next;
using Lines = std::vector<std::string>;

Played play(proto::Dialogue& client, const Lines& server) { return proto::play(client, server); }

TEST(ImapStarttls, AsksForTls) {
  for (const bool bytewise : {false, true}) {
    const auto client = make_starttls({});
    const Lines server{"* OK ready\r\n", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\ns1 OK done\r\n",
                       "s2 OK go\r\n* injected\r\n"};
    const Played p = proto::play(*client, server, bytewise);
    EXPECT_EQ(p.sent, (Lines{"s1 CAPABILITY\r\n", "s2 STARTTLS\r\n"}));
    EXPECT_EQ(p.last.next, Next::tls);
    EXPECT_EQ(p.left, "* injected\r\n");
    EXPECT_EQ(client->plain_login(), PlainLogin::refused);
  }
}

TEST(ImapStarttls, LoginInPlainText) {
  const auto client = make_starttls({});
  play(*client, {"* OK x\r\n", "* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\ns1 OK\r\n"});
  EXPECT_EQ(client->plain_login(), PlainLogin::allowed);
}

TEST(ImapStarttls, WhatIsNoTls) {
  EXPECT_EQ(
      play(*make_starttls({}), {"* OK x\r\n", "* CAPABILITY IMAP4rev1 XSTARTTLS\r\ns1 OK\r\n"}).last.next,
      Next::done);
  EXPECT_EQ(play(*make_starttls({}), {"* BYE full\r\n"}).last.next, Next::busy);
  EXPECT_EQ(play(*make_starttls({}), {"+OK pop\r\n"}).error, "proto.other_speech");
}

}  // namespace
}  // namespace sally::imap
